"""The vector index of a generation: an immutable base on disk and an exact delta in memory, as one.

Scores are inner products of unit vectors. An article's score is that of its best passage. FAISS is
known to this module and its ``vectors_*`` parts alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semsearch.errors import DimensionMismatch
from semsearch.index.protocol import Rows, Vectors
from semsearch.index.vectors_base import VectorBase
from semsearch.index.vectors_build import VectorStats, build_vectors, vector_files
from semsearch.index.vectors_codes import Mask, inner_products
from semsearch.index.vectors_delta import VectorDelta
from semsearch.index.vectors_select import Nearest, RowSpans, best_of_each, best_order

__all__ = [
    "Nearest",
    "VectorBase",
    "VectorDelta",
    "VectorIndex",
    "VectorStats",
    "build_vectors",
    "vector_files",
]


class VectorIndex:
    """All vectors of one generation: passages 0 to n-1 in the base, those appended after it in the delta.

    A snapshot remembers ``len(index)`` and gives it as ``upto`` to every call: it then never sees a
    passage that was appended later. Dead articles are masked before the search, by ``allowed_rows``, so
    they never take the place of live ones.
    """

    def __init__(self, base: VectorBase) -> None:
        self.base = base
        self.delta = VectorDelta(base.codes.dimension)
        self._delta_spans = (-1, RowSpans(np.empty(0, np.int64)))  # of the last ``upto`` asked for

    @classmethod
    def open(cls, folder: Path, *, dimension: int, passage_rows: Rows) -> VectorIndex:
        """Open the base in ``folder`` with an empty delta. Raises IndexCorrupt, FormatTooNew."""
        return cls(VectorBase.open(folder, dimension=dimension, passage_rows=passage_rows))

    def __len__(self) -> int:
        """How many passages there are: the ``upto`` of a new snapshot."""
        return self.base.codes.count + len(self.delta)

    def append(self, vectors: Vectors, rows: Rows) -> int:
        """Add the passages of new articles; returns how many passages there are now.

        ``vectors`` are unit vectors (n, dimension), ``rows`` (n,) their article rows, ascending, above
        all before. Raises DimensionMismatch.
        """
        if len(rows) and rows[0] < self.base.spans.row_count:
            raise ValueError(f"row {rows[0]} is in the base already, which has {self.base.spans.row_count}")
        return self.base.codes.count + self.delta.append(vectors, rows)

    def best_rows(
        self, vector: Vectors, limit: int, *, allowed_rows: Mask | None = None, upto: int | None = None
    ) -> Nearest:
        """The ``limit`` articles whose best passage is nearest to a unit vector, each once, best first.

        ``allowed_rows`` is a mask over rows (None: all; rows past its end are not allowed). Never fewer
        than ``limit`` while allowed articles remain. Ties are ordered by row, and a longer limit extends
        a shorter one. Raises DimensionMismatch.
        """
        vector = self._checked(vector)
        if limit <= 0:
            return Nearest.none()
        base = self.base.best(vector, limit, self._base_mask(allowed_rows))
        delta = self._best_in_delta(vector, limit, allowed_rows, upto)
        both = base.joined(delta)
        # Stable, and by the lowest score so far: the order inside each part stays as it is.
        keys = np.concatenate([np.minimum.accumulate(base.scores), delta.scores])
        order = np.argsort(-keys, kind="stable")[:limit]
        return Nearest(both.rows[order], both.scores[order], both.passages[order])

    def row_scores(self, vector: Vectors, rows: Rows, *, upto: int | None = None) -> Nearest:
        """Best passage of each of the given rows and its score, in the order given.

        The same scores, to the last bit, as ``best_rows`` gives. Raises DimensionMismatch.
        """
        vector = self._checked(vector)
        rows = np.asarray(rows, np.int64)
        scores = np.zeros(len(rows), np.float32)
        passages = np.full(len(rows), -1, np.int64)
        view, spans = self._delta_at(upto)
        for part in (self.base.spans, spans):
            sizes = part.sizes(rows)
            here = np.flatnonzero(sizes > 0)
            if not len(here):
                continue
            numbers = part.passages(rows[here], sizes[here])
            if part is spans:
                found = inner_products(vector, view[numbers])
            else:
                found = self.base.codes.scores(vector, numbers)
            scores[here], best = best_of_each(found, numbers, sizes[here])
            passages[here] = best + part.first_passage
        return Nearest(rows, scores, passages)

    def reconstruct(self, passages: Rows) -> Vectors:
        """Unit vectors of passages by number, in the order given (from bytes: cosine about .9999)."""
        passages = np.asarray(passages, np.int64)
        count = self.base.codes.count
        vectors = np.empty((len(passages), self.base.codes.dimension), np.float32)
        inside = passages < count
        vectors[inside] = self.base.codes.reconstruct(passages[inside])
        vectors[~inside] = self.delta.view(len(self.delta)).vectors[passages[~inside] - count]
        return vectors

    def _best_in_delta(
        self, vector: Vectors, limit: int, allowed_rows: Mask | None, upto: int | None
    ) -> Nearest:
        view, spans = self._delta_at(upto)
        rows = spans.filled + spans.first_row
        if allowed_rows is not None:
            rows = rows[rows < len(allowed_rows)]
            rows = rows[allowed_rows[rows]]
        if not len(rows):
            return Nearest.none()
        sizes = spans.sizes(rows)
        passages = spans.passages(rows, sizes)
        if 4 * len(passages) < len(view):
            scores = inner_products(vector, view[passages])
        else:
            scores = inner_products(vector, view)[passages]
        best, places = best_of_each(scores, passages, sizes)
        order = best_order(rows, best, limit)
        return Nearest(rows[order], best[order], places[order] + spans.first_passage)

    def _delta_at(self, upto: int | None) -> tuple[Vectors, RowSpans]:
        """The delta's vectors and spans as a snapshot of ``upto`` passages sees them."""
        first = self.base.codes.count
        count = len(self.delta) if upto is None else max(0, upto - first)
        view = self.delta.view(count)
        known, spans = self._delta_spans
        if known != count:
            spans = RowSpans(view.rows, first_row=self.base.spans.row_count, first_passage=first)
            self._delta_spans = (count, spans)  # one step: a reader beside sees the old pair or the new
        return view.vectors, spans

    def _base_mask(self, allowed_rows: Mask | None) -> Mask | None:
        """The mask cut or filled to the rows of the base."""
        count = self.base.spans.row_count
        if allowed_rows is None or len(allowed_rows) == count:
            return allowed_rows
        mask = np.zeros(count, bool)
        mask[: len(allowed_rows)] = allowed_rows[:count]
        return mask

    def _checked(self, vector: Vectors) -> Vectors:
        vector = np.ascontiguousarray(vector, np.float32).reshape(-1)
        if len(vector) != self.base.codes.dimension:
            raise DimensionMismatch(
                f"the query has {len(vector)} dimensions, the index {self.base.codes.dimension}; "
                "use the encoder that the index was built with, or rebuild it"
            )
        return vector
