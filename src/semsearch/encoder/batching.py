"""Which texts go through the model together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


def plan_batches(lengths: Sequence[int], *, token_budget: int) -> list[Rows]:
    """Rows near in length, longest first, each batch at most ``token_budget`` tokens with its padding.

    ``lengths`` are tokens a text; a batch is as wide as its longest text. A text longer than the
    budget is a batch of its own. The same lengths give the same batches.
    """
    order = _longest_first(lengths)
    batches = []
    start = 0
    while start < len(order):
        rows = max(1, token_budget // max(1, lengths[order[start]]))
        batches.append(order[start : start + rows])
        start += rows
    return batches


def plan_equal_batches(lengths: Sequence[int], *, token_budget: int) -> list[Rows]:
    """Rows of exactly one length, longest first, so that a batch has neither padding nor mask.

    Otherwise as ``plan_batches``.
    """
    order = _longest_first(lengths)
    ordered = np.asarray(lengths, dtype=np.int64)[order]
    borders = [0, *(np.flatnonzero(np.diff(ordered)) + 1).tolist(), len(order)]
    batches = []
    for start, end in pairwise(borders):
        if start == end:
            continue
        rows = max(1, token_budget // max(1, int(ordered[start])))
        batches += [order[first : min(first + rows, end)] for first in range(start, end, rows)]
    return batches


def _longest_first(lengths: Sequence[int]) -> Rows:
    return np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
