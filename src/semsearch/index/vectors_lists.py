"""Inverted lists for large indexes: which rows are worth scoring exactly, found by short codes.

Passages lie in lists by their nearest centroid, as product codes of half a byte a four components. A
search goes through the lists in order of nearness until it has met enough passages that its filter
allows, and keeps the best of them by code. The scores of an answer come from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.errors import IndexCorrupt
from semsearch.index.protocol import Rows, Vectors
from semsearch.index.row_sets import distinct
from semsearch.index.vectors_codes import WAY_OUT, Mask, faiss_threads, inner_products, read_faiss
from semsearch.index.vectors_select import RowSpans

LISTS = "vectors.lists.faiss"
ASSIGNED = "vectors.lists.npy"

# In passages scored (0.3 microseconds each): a code read costs 9 nanoseconds, a search 3 ms beside.
_CODE_COST = 0.03
_FIXED_COST = 10_000
_CODES_READ = 500_000  # past this, about 5 ms, a search makes do with half of the passages it would meet
_ROWS_COUNTED = 20_000  # up to so many allowed articles all their passages are counted, of more one passage
_ROWS_SAMPLED = 160_000  # of so many articles at most; half as many lose .006 of recall under some filters
_NEARNESS = 40  # how fast answers thin out with a list's nearness: to a 1/e over a fortieth


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look: ``rows`` it must be good for, passages kept by code, and how much to scan."""

    rows: int
    pool: int
    reach: float

    def wider(self) -> Effort:
        """The same with four times the pool and the scan."""
        return Effort(self.rows, 4 * self.pool, 4 * self.reach)


# Fixed steps, not a formula of the limit: a page and its next one then come from the same candidates.
EFFORTS = (Effort(256, 1_024, 1.0), Effort(2_048, 8_192, 2.0), Effort(16_384, 65_536, 4.0))


class InvertedLists:
    """The lists of one generation, read-only; safe for many threads."""

    def __init__(self, index: Any, assigned: npt.NDArray[np.integer[Any]], spans: RowSpans) -> None:  # noqa: ANN401
        self._index = index
        self._assigned = assigned
        self.count: int = index.nlist
        self._centroids: Vectors = index.quantizer.reconstruct_n(0, index.nlist)
        # A list is as near as its centroid, less a quarter of the centroid's squared length: the tighter
        # a list (the longer its centroid), the less its passages stand out. Measured at 100,000 and a
        # million: better than inner product, cosine and distance for the same number of passages met.
        self._handicap = (self._centroids**2).sum(axis=1) / 4
        self._sizes = self._tally(assigned)
        self._spans = spans
        # The list of one passage of each article, drawn by a multiplicative hash of its row.
        rows = np.arange(spans.row_count)
        offset = (rows * 2_654_435_761 >> 16) % np.maximum(spans.sizes(rows), 1)
        self._row_lists = assigned[np.minimum(spans.starts[:-1] + offset, max(0, len(assigned) - 1))]

    @classmethod
    def open(cls, folder: Path, *, dimension: int, spans: RowSpans) -> InvertedLists:
        """Open what was built. Raises IndexCorrupt."""
        index = read_faiss(folder / LISTS, dimension=dimension, count=spans.count)
        try:
            assigned = np.load(folder / ASSIGNED, mmap_mode="r")
        except (OSError, ValueError, TokenError) as exc:  # TokenError: NumPy's word for a broken header
            raise IndexCorrupt(f"{folder / ASSIGNED} cannot be read: {exc}; {WAY_OUT}") from exc
        if assigned.shape != (spans.count,) or int(assigned.max(initial=0)) >= index.nlist:
            raise IndexCorrupt(f"{folder / ASSIGNED} belongs to other lists than {LISTS}; {WAY_OUT}")
        return cls(index, assigned, spans)

    def spread(self, allowed: Mask | None) -> Vectors:
        """How many passages of allowed rows lie in each list: exactly where few are allowed, or about.

        A list in which no sampled article lies is passed over. To suppose a tenth or half of one there made
        recall worse: lists near the query, of which there are many, were then read for nothing.
        """
        if allowed is None:
            return self._sizes
        count = np.count_nonzero(allowed)
        if count <= _ROWS_COUNTED:
            rows = np.flatnonzero(allowed)
            return self._tally(self._assigned[self._spans.passages(rows, self._spans.sizes(rows))])
        step = 1 + count // _ROWS_SAMPLED
        lists = self._row_lists[::step]
        met = self._tally(lists[np.flatnonzero(allowed[::step])])
        spread: Vectors = np.minimum(met * np.float32(len(self._assigned) / len(lists)), self._sizes)
        return spread

    def near(self, vector: Vectors, effort: Effort, spread: Vectors, allowed: Mask | None) -> Rows:
        """The allowed rows, ascending, of the passages nearest by code: at most ``effort.pool`` of them."""
        import faiss

        lists = self._nearest_lists(vector, effort, spread)
        params = faiss.SearchParametersIVF(nprobe=len(lists))  # type: ignore[call-arg]
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            params.sel = selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))  # noqa: F841
        scores = np.empty(effort.pool, np.float32)
        rows = np.empty(effort.pool, np.int64)
        unused = np.zeros(len(lists), np.float32)  # nearness of the lists: for codes of residuals
        arrays = [faiss.swig_ptr(array) for array in (lists, unused, scores, rows)]
        with faiss_threads(1):
            self._index.search_preassigned_c(1, faiss.swig_ptr(vector), effort.pool, *arrays, False, params)
        return distinct(rows[rows >= 0])

    def _nearest_lists(self, vector: Vectors, effort: Effort, spread: Vectors) -> Rows:
        """The lists that promise most for what they cost, until enough allowed passages would be met.

        What a list promises, a code read, falls with its distance and with the part of it that is not
        allowed. Half as many passages are met where little of what lies there is allowed, so that the rest
        is dear to read; never fewer codes are read than without a filter, while there are any.
        """
        with np.errstate(divide="ignore"):
            part = np.log(spread / self._sizes, where=self._sizes > 0, out=np.full(self.count, -np.inf))
        promise = inner_products(vector, self._centroids) - self._handicap + part / _NEARNESS
        order = np.argsort(-promise, kind="stable")
        order = order[spread[order] > 0]
        if not len(order):
            return order
        met, read = np.cumsum(spread[order]), np.cumsum(self._sizes[order])
        wanted = passages_to_meet(float(met[-1]), effort)
        enough = np.searchsorted(met, [wanted / 2, wanted])
        dear, least = np.searchsorted(
            read, [_CODES_READ * effort.reach, passages_to_meet(len(self._assigned), effort)]
        )
        return order[: max(int(np.clip(dear, *enough)), int(least)) + 1]

    def _tally(self, lists: npt.NDArray[np.integer[Any]]) -> Vectors:
        return np.bincount(lists, minlength=self.count).astype(np.float32)


def passages_to_meet(matches: float, effort: Effort) -> float:
    """How many of ``matches`` allowed passages a search goes through, where that is not too much to read.

    Measured on vectors drawn around real ones (benchmarks/vectors.py): a fifth of 100,000, an eighth of a
    million, a tenth of five. Half of it keeps a recall of .95.
    """
    return min(matches, effort.reach * max(1.9 * float(matches**0.8), 0.1 * matches))


def reading_cost(matches: float, passages: int) -> float:
    """What a search of the first effort costs, in passages that could be scored in the same time."""
    codes = passages_to_meet(matches, EFFORTS[0]) * passages / matches
    dear = min(codes, max(_CODES_READ, codes / 2))
    return _FIXED_COST + _CODE_COST * max(dear, passages_to_meet(passages, EFFORTS[0]))
