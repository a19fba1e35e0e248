"""8-bit products: near the exact ones, and safe where sums of two are kept in 16 bits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semsearch.encoder.bert_graph import BertShape, product_inputs, quantise_weights
from semsearch.encoder.quantize import Range, plan_quantisation, tap_names, watch_ranges


@given(seed=st.integers(0, 1000), size=st.floats(1e-4, 1e3))
def test_weights_are_within_half_a_step_and_seven_bits(seed, size):
    """Each weight is off by at most half its row's step; two products fit 16 bits."""
    matrix = (np.random.default_rng(seed).normal(size=(5, 7)) * size).astype(np.float32)
    small, scales = quantise_weights(matrix)
    assert (np.abs(small * scales[:, None] - matrix) <= scales[:, None] * 0.5001).all()
    assert 2 * 255 * int(np.abs(small.astype(int)).max()) < 2**15


def test_row_of_zeros_stays_zero():
    """A row without weights gives zeros, not NaN."""
    small, scales = quantise_weights(np.zeros((2, 3), np.float32))
    assert not small.any()
    assert np.isfinite(scales).all()


def test_ranges_are_over_all_texts_and_tokens():
    """A channel's range is its least and greatest value anywhere."""
    runs = [{"x": np.array([[[1, 5], [2, -4]]], np.float32)}, {"x": np.array([[[0, 7]]], np.float32)}]
    seen = watch_ranges(runs)["x"]
    assert ([0, -4], [2, 7]) == (seen.low.tolist(), seen.high.tolist())


def test_products_of_a_plan_are_near_the_exact_ones():
    """With one channel a hundred times the others, 8-bit products are still within 2 percent."""
    rng = np.random.default_rng(3)
    shape = BertShape(1, 1, 1e-12, 0, "mean")
    names = [name for group in product_inputs(0).values() for name in group]
    weights = {f"{name}.weight": rng.normal(size=(16, 16)).astype(np.float32) for name in names}
    values = rng.normal(size=(200, 16)).astype(np.float32)
    values[:, 3] *= 100
    ranges = {name: Range(values.min(axis=0), values.max(axis=0)) for name in tap_names(shape)}
    plan = plan_quantisation(weights, shape, ranges)
    assert set(plan) == set(tap_names(shape)) == set(product_inputs(0))
    for value, group in product_inputs(0).items():
        how = plan[value]
        bytes_ = np.clip(np.round(values / how.factor / how.scale) + how.zero, 0, 255)
        for name in group:
            matrix = weights[f"{name}.weight"]
            small, scales = quantise_weights(matrix * how.factor)
            product = (bytes_ - how.zero) @ small.T * how.scale * scales
            exact = values @ matrix.T
            assert np.linalg.norm(product - exact) < 0.02 * np.linalg.norm(exact)


def test_channel_that_was_never_seen_is_no_fault():
    """A channel that was always zero, met by weights that are zero, gives finite factors."""
    shape = BertShape(1, 1, 1e-12, 0, "mean")
    names = [name for group in product_inputs(0).values() for name in group]
    weights = {f"{name}.weight": np.zeros((4, 4), np.float32) for name in names}
    zero = np.zeros(4, np.float32)
    for how in plan_quantisation(weights, shape, dict.fromkeys(tap_names(shape), Range(zero, zero))).values():
        assert np.isfinite(how.factor).all()
        assert np.isfinite(how.scale)
        assert how.scale > 0
