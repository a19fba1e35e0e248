"""Which texts go through the model together: near in length, and a bounded number of tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def plan_batches(
    lengths: Sequence[int] | npt.NDArray[np.integer], *, token_budget: int, step: int = 1
) -> list[npt.NDArray[np.intp]]:
    """Rows grouped into batches, longest first, each at most ``token_budget`` tokens with its padding.

    ``lengths`` are tokens a text; a batch is padded to its longest text rounded up to a multiple of
    ``step``. A text longer than the budget is a batch of its own. The same lengths give the same batches.
    """
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    batches = []
    start = 0
    while start < len(order):
        width = max(1, -(-int(lengths[order[start]]) // step) * step)
        rows = max(1, token_budget // width)
        batches.append(order[start : start + rows])
        start += rows
    return batches
