"""Vectors added since the base was built: in memory, float32, searched exactly."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from semsearch.errors import DimensionMismatch
from semsearch.index.protocol import Rows, Vectors


@dataclass(frozen=True, slots=True)
class DeltaView:
    """The first passages of a delta: ``vectors`` (n, dimension) and the article row of each, ascending."""

    vectors: Vectors
    rows: Rows


class VectorDelta:
    """Append-only buffers that grow by doubling.

    One writer at a time (a lock sees to it), any number of readers without a lock: a reader takes the
    pair of buffers in one step and looks only at the passages its snapshot counts. Those are never
    written again; when the buffers grow, the old ones stay as they are for whoever still holds them.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._write = threading.Lock()
        self._view = DeltaView(np.empty((0, dimension), np.float32), np.empty(0, np.int64))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, vectors: Vectors, rows: Rows) -> int:
        """Add passages of new articles; returns how many there are now.

        ``vectors`` are unit vectors (n, dimension); ``rows`` names the article of each, ascending and
        above all before. Raises DimensionMismatch.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise DimensionMismatch(
                f"vectors of shape {vectors.shape} were added to an index of dimension {self.dimension}; "
                "use the encoder that the index was built with"
            )
        with self._write:
            self._check(vectors, rows)
            start, stop = self._count, self._count + len(rows)
            view = self._grown(stop)
            view.vectors[start:stop] = vectors
            view.rows[start:stop] = rows
            self._view = view
            self._count = stop  # last: whoever sees the count finds the rows behind it
            return stop

    def view(self, upto: int) -> DeltaView:
        """The first ``upto`` passages as they are and will stay; no copy."""
        view = self._view
        return DeltaView(view.vectors[:upto], view.rows[:upto])

    def _check(self, vectors: Vectors, rows: Rows) -> None:
        if len(vectors) != len(rows):
            raise ValueError(f"{len(vectors)} vectors with {len(rows)} rows; give one row a vector")
        last = self._view.rows[self._count - 1] if self._count else -1
        if len(rows) and (rows[0] <= last or bool((np.diff(rows) < 0).any())):
            raise ValueError(f"rows must ascend and lie above {last}; rows are numbered once, in order")

    def _grown(self, needed: int) -> DeltaView:
        view = self._view
        if needed <= len(view.rows):
            return view
        capacity = max(needed, 2 * len(view.rows), 64)
        vectors = np.empty((capacity, self.dimension), np.float32)
        rows = np.empty(capacity, np.int64)
        vectors[: self._count] = view.vectors[: self._count]
        rows[: self._count] = view.rows[: self._count]
        return DeltaView(vectors, rows)
