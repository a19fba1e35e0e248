"""From ranges seen on sample texts to the 8-bit form of a graph's products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from semsearch.encoder.bert_graph import BertShape, Floats, Quantised, Weights, product_inputs

# Part of every 8-bit fingerprint: raised when sample texts or arithmetic change, as vectors then do.
RECIPE = 1
# How far the spread between channels moves from values to weights: 0 nothing, 1 all. From the
# search in benchmarks/encoder.py: mean cosine to float32 .993 at 0, .983 at .5, .996 at .8, .990 at 1.
# The method is SmoothQuant (Xiao et al. 2023, arXiv 2211.10438, equation 4).
SMOOTHING = 0.8


@dataclass(frozen=True, slots=True)
class Range:
    """Least and greatest value seen in each channel."""

    low: Floats
    high: Floats


def watch_ranges(runs: Iterable[Mapping[str, Floats]]) -> dict[str, Range]:
    """Ranges over the channels (last axis) of every named value, over all runs."""
    seen: dict[str, Range] = {}
    for values in runs:
        for name, value in values.items():
            flat = value.reshape(-1, value.shape[-1])
            low, high = flat.min(axis=0), flat.max(axis=0)
            if name in seen:
                low, high = np.minimum(low, seen[name].low), np.maximum(high, seen[name].high)
            seen[name] = Range(low, high)
    return seen


def plan_quantisation(
    weights: Weights, shape: BertShape, ranges: Mapping[str, Range]
) -> dict[str, Quantised]:
    """For each input of products how it becomes bytes; the keys are those of ``product_inputs``."""
    return {
        value: _plan(ranges[value], [weights[f"{name}.weight"] for name in names])
        for layer in range(shape.layers)
        for value, names in product_inputs(layer).items()
    }


def tap_names(shape: BertShape) -> list[str]:
    """The names of all values whose ranges are needed."""
    return [value for layer in range(shape.layers) for value in product_inputs(layer)]


def _plan(seen: Range, matrices: list[Floats]) -> Quantised:
    spread = np.maximum(np.maximum(np.abs(seen.low), np.abs(seen.high)), 1e-3)
    strength = np.maximum(np.max([np.abs(matrix).max(axis=0) for matrix in matrices], axis=0), 1e-6)
    factor = spread**SMOOTHING / strength ** (1 - SMOOTHING)
    factor = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
    low = min(float((seen.low / factor).min()), 0.0)
    high = max(float((seen.high / factor).max()), 0.0)
    scale = max(high - low, 1e-6) / 255
    return Quantised(factor, np.float32(scale), np.uint8(np.clip(round(-low / scale), 0, 255)))


def run_taps(
    run: Callable[[list[int]], Mapping[str, Floats]], texts: Iterable[list[int]]
) -> dict[str, Range]:
    """Ranges of the tapped values over texts given as token ids, one at a time."""
    return watch_ranges(run(ids) for ids in texts)
