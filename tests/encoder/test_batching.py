"""Batches: every row once, near in length, within the budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.encoder.batching import plan_batches, plan_equal_batches

PLANS = pytest.mark.parametrize("plan", [plan_batches, plan_equal_batches])
LENGTHS = st.lists(st.integers(1, 300), max_size=80)


@PLANS
def test_nothing_needs_no_batch(plan):
    """No texts, no batches."""
    assert [] == plan([], token_budget=100)


@PLANS
@given(lengths=LENGTHS, budget=st.integers(1, 2000))
def test_every_row_once_and_within_the_budget(plan, lengths, budget):
    """Each row is in one batch; a batch with its padding is within the budget, or one text."""
    batches = plan(lengths, token_budget=budget)
    assert list(range(len(lengths))) == sorted(row for rows in batches for row in rows)
    for rows in batches:
        assert len(rows) == 1 or len(rows) * max(lengths[row] for row in rows) <= budget


@given(lengths=LENGTHS, budget=st.integers(1, 2000))
def test_equal_batches_hold_one_length(lengths, budget):
    """Texts of one batch have the same number of tokens."""
    for rows in plan_equal_batches(lengths, token_budget=budget):
        assert 1 == len({lengths[row] for row in rows})


@PLANS
def test_longest_come_first(plan):
    """The longest batch is first, so that threads end together."""
    assert [[1], [2], [0]] == [rows.tolist() for rows in plan([5, 90, 40], token_budget=50)]
