"""The vectors of a generation as FAISS stores them: float32 where few, one byte a component where many.

Whatever finds candidates, the score of a passage always comes from ``Codes.scores``: one kernel that
treats each row alone, so a passage has the same score, to the last bit, in every search that meets it.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.protocol import Rows, Scores, Vectors

Mask = npt.NDArray[np.bool_]

BLOCK = 256  # rows decoded at once: 0.4 MB of float32 at 384 dimensions, so that they stay in the cache
ADD_BLOCK = 65_536  # rows added at once while building: 100 MB of float32 at 384 dimensions
_LEVELS = 127  # codes are -127 to 127
_ROUNDING = 1e-5  # by how much two ways of summing float32 products of unit vectors may differ
_STORED_ZERO = 128  # FAISS stores them plus this


@contextmanager
def faiss_threads(count: int) -> Iterator[None]:
    """Let FAISS use ``count`` threads for calls of this thread, then what it was before.

    OpenMP keeps this number per calling thread, so a build that takes all cores and searches that
    take one do not disturb each other. A search takes one: requests are what runs side by side.
    """
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(count)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def blocks(vectors: Vectors) -> Iterator[tuple[int, Vectors]]:
    """All vectors in blocks of contiguous float32, each with the number of its first.

    A file's pages are let go behind each block: read through once, the vectors would else stand in memory
    as a whole.
    """
    for start in range(0, len(vectors), ADD_BLOCK):
        yield start, np.ascontiguousarray(vectors[start : start + ADD_BLOCK], np.float32)
        release(vectors)


def release(vectors: Vectors) -> None:
    """Let go of the pages of vectors that are mapped from a file read-only; they come back when read."""
    if isinstance(vectors, np.memmap) and vectors.mode == "r" and hasattr(mmap, "MADV_DONTNEED"):
        mapped: object = vectors.base
        if isinstance(mapped, mmap.mmap):  # a slice has another array for its base
            mapped.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a component becomes a byte: ``value = offset + step * code`` with a code of -127 to 127.

    ``radius`` is the length of the longest row of codes.
    """

    offset: Vectors
    step: Vectors
    radius: float = 0.0

    @classmethod
    def spanning(cls, low: Vectors, high: Vectors) -> Scale:
        """The scale for components from ``low`` to ``high``: all of them, clipping would cost more."""
        step = np.maximum((high - low) / np.float32(2 * _LEVELS), np.float32(1e-9))
        return cls((low + high) / np.float32(2), step)

    def encode(self, vectors: Vectors) -> Vectors:
        """Codes as whole float32 numbers, as FAISS takes them; values outside the range are clipped."""
        codes = np.rint((vectors - self.offset) / self.step)
        clipped: Vectors = np.clip(codes, -_LEVELS, _LEVELS).astype(np.float32)
        return clipped


def inner_products(vector: Vectors, matrix: Vectors) -> Scores:
    """Inner product of one vector with each row of a contiguous float32 matrix.

    Not ``matrix @ vector``: BLAS may sum a row in another order when more rows stand beside it, and
    equal passages would then score differently.
    """
    import faiss

    out = np.empty(len(matrix), np.float32)
    if len(matrix):
        dimension = matrix.shape[1]
        faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
            faiss.swig_ptr(out), faiss.swig_ptr(vector), faiss.swig_ptr(matrix), dimension, len(matrix)
        )
    return out


class Codes:
    """Stored vectors of passages 0 to ``count`` - 1, memory-mapped, read-only."""

    def __init__(self, index: Any, scale: Scale | None) -> None:  # noqa: ANN401 - FAISS has no types
        self._index = index
        self._scale = scale
        self.count: int = index.ntotal
        self.dimension: int = index.d
        self._rows = _view(index, np.uint8 if scale else np.float32)

    def scores(self, vector: Vectors, passages: Rows | None = None) -> Scores:
        """Inner products of a vector with some passages (None: all), in the order given."""
        query, shift = self._query(vector, zero=_STORED_ZERO)
        if self._scale is None and passages is None:
            return inner_products(query, self._rows)
        total = self.count if passages is None else len(passages)
        out = np.empty(total, np.float32)
        gathered = np.empty((min(BLOCK, total), self.dimension), self._rows.dtype)
        block = np.empty(gathered.shape, np.float32)
        for start in range(0, total, BLOCK):
            stop = min(start + BLOCK, total)
            rows, floats = gathered[: stop - start], block[: stop - start]
            if passages is None:
                rows = self._rows[start:stop]
            else:  # into the same memory each time: fresh pages would cost twice the gathering
                np.take(self._rows, passages[start:stop], axis=0, out=rows, mode="clip")
            np.copyto(floats, rows)
            out[start:stop] = inner_products(query, floats)
        return out + shift

    def nearest(self, vector: Vectors, count: int, allowed: Mask | None = None) -> tuple[Rows, Scores, float]:
        """The ``count`` best passages of one full scan, their scores, and by how much these may err.

        Three times as fast as ``scores`` over all: FAISS multiplies bytes with bytes, the query rounded
        to whole numbers too. ``allowed`` has one place a passage.
        """
        import faiss

        query, shift, unit, error = self._whole_query(vector)
        params = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            params = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        with faiss_threads(1):
            scores, passages = self._index.search(query[None], min(count, self.count), params=params)
        found = passages[0] >= 0
        return passages[0][found], scores[0][found] * unit + shift, error

    def reconstruct(self, passages: Rows) -> Vectors:
        """The stored vectors of some passages, shape (len(passages), dimension), length 1."""
        vectors = self._rows[passages].astype(np.float32)
        if self._scale is not None:
            vectors = self._scale.offset + self._scale.step * (vectors - _STORED_ZERO)
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def _query(self, vector: Vectors, *, zero: int) -> tuple[Vectors, np.float32]:
        """The query against codes as they are, and what to add to each product.

        q.(offset + step * (code - zero)) = (q * step).code + q.offset - zero * sum(q * step)
        """
        if self._scale is None:
            return np.ascontiguousarray(vector, np.float32), np.float32(0)
        query = vector * self._scale.step
        shift = np.dot(vector, self._scale.offset) - zero * query.sum(dtype=np.float64)
        return query, np.float32(shift)

    def _whole_query(self, vector: Vectors) -> tuple[Vectors, np.float32, np.float32, float]:
        """The query as whole numbers, what to add to each product, their unit, and the largest error.

        |(query - unit * whole).code| <= |query - unit * whole| * |code| (Cauchy-Schwarz).
        """
        query, shift = self._query(vector, zero=0)
        if self._scale is None:
            return query, shift, np.float32(1), _ROUNDING
        unit = np.float32(max(float(np.abs(query).max()) / _LEVELS, 1e-30))
        whole = np.rint(query / unit)
        error = float(np.linalg.norm(query - unit * whole)) * self._scale.radius
        return whole, shift, unit, error + _ROUNDING


def _view(index: Any, kind: type[np.generic]) -> npt.NDArray[Any]:  # noqa: ANN401
    """The codes inside a FAISS index as an array, without a copy."""
    import faiss

    if index.ntotal == 0:
        return np.empty((0, index.d), kind)
    raw = faiss.rev_swig_ptr(index.codes.data(), index.ntotal * index.code_size)
    raw.flags.writeable = False  # the pages are mapped read-only: a write would kill the process
    view: npt.NDArray[Any] = raw.view(kind).reshape(index.ntotal, index.d)
    return view


def new_codes(dimension: int, *, as_bytes: bool) -> Any:  # noqa: ANN401
    """An empty FAISS index for floats, or for codes that are already whole numbers -127 to 127."""
    import faiss

    if not as_bytes:
        return faiss.IndexFlatIP(dimension)
    signed = faiss.ScalarQuantizer.QT_8bit_direct_signed
    return faiss.IndexScalarQuantizer(dimension, signed, faiss.METRIC_INNER_PRODUCT)


def write_faiss(index: Any, path: Path) -> None:  # noqa: ANN401
    """Write a FAISS index. Raises StorageFailed."""
    import faiss

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as exc:
        raise StorageFailed(f"cannot write {path}: {_reason(exc)}; free some space and build again") from exc


def read_faiss(path: Path, *, dimension: int, count: int) -> Any:  # noqa: ANN401
    """Open a FAISS index memory-mapped. Raises IndexCorrupt where it is damaged or of another size."""
    import faiss

    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError as exc:
        raise IndexCorrupt(f"{path} cannot be read: {_reason(exc)}; {WAY_OUT}") from exc
    if index.d != dimension or index.ntotal != count:
        raise IndexCorrupt(
            f"{path} holds {index.ntotal} vectors of dimension {index.d}, "
            f"expected {count} of dimension {dimension}; {WAY_OUT}"
        )
    return index


WAY_OUT = "roll back to another generation or rebuild the index"


def _reason(error: RuntimeError) -> str:
    """The part of a FAISS message that an operator can use."""
    return str(error).rsplit("failed: ", 1)[-1].rsplit("Error: ", 1)[-1].strip()
