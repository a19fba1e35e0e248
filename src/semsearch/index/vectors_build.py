"""Builds the vectors of a generation from a float32 array that may be larger than memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from semsearch.index.protocol import Rows, Vectors
from semsearch.index.vectors_base import CODES, FACTS, Kind, VectorFacts, rows_checksum
from semsearch.index.vectors_codes import ADD_BLOCK, Scale, faiss_threads, new_codes, write_faiss

FLOATS_UP_TO = 10_000  # passages: 15 MB at 384 dimensions; below, bytes would save nothing worth a rounding

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class VectorStats:
    """What was built: its kind, passages, dimension and bytes on disk."""

    kind: Kind
    passages: int
    dimension: int
    bytes: int


def build_vectors(
    folder: Path,
    vectors: Vectors,
    *,
    passage_rows: Rows,
    kind: Literal["auto", "exact", "graph", "lists"] = "auto",  # noqa: ARG001
    on_progress: OnProgress | None = None,
) -> VectorStats:
    """Write the vector index of a generation into ``folder`` (see ``vector_files``).

    ``vectors`` are unit vectors, float32 (n, dimension), an array or a memmap: it is read in blocks.
    ``passage_rows`` (n,) is the article row of each, ascending. ``on_progress`` takes passages done and
    all. Raises StorageFailed, OSError.
    """
    if len(vectors) != len(passage_rows) or bool((np.diff(passage_rows) < 0).any()):
        raise ValueError(
            f"{len(vectors)} vectors with {len(passage_rows)} rows; rows must ascend, one a vector"
        )
    chosen: Kind = "exact"  # whatever was asked: the faster kinds come with their measurements
    with faiss_threads(os.cpu_count() or 1):
        scale = _write_codes(folder, vectors, on_progress)
    names = vector_files(folder)
    facts = VectorFacts(
        kind=chosen,
        dimension=vectors.shape[1],
        passages=len(vectors),
        rows_checksum=rows_checksum(passage_rows),
        scale=VectorFacts.scale_facts(scale),
        files={name: (folder / name).stat().st_size for name in names},
    )
    facts.write(folder)
    total = sum((folder / name).stat().st_size for name in vector_files(folder))
    return VectorStats(chosen, len(vectors), vectors.shape[1], total)


def vector_files(folder: Path) -> list[str]:
    """The names of the files that make up the vector index in a folder, sorted."""
    return [name for name in sorted((FACTS, CODES)) if (folder / name).is_file()]


def _write_codes(folder: Path, vectors: Vectors, on_progress: OnProgress | None) -> Scale | None:
    """Write all vectors, as floats where they are few and as bytes where many."""
    scale = _fit_scale(vectors) if len(vectors) > FLOATS_UP_TO else None
    index = new_codes(vectors.shape[1], as_bytes=scale is not None)
    radius = 0.0
    for start in range(0, len(vectors), ADD_BLOCK):
        block = np.ascontiguousarray(vectors[start : start + ADD_BLOCK], np.float32)
        if scale is not None:
            block = scale.encode(block)
            radius = max(radius, float(np.linalg.norm(block, axis=1).max()))
        index.add(block)
        if on_progress is not None:
            on_progress(min(start + ADD_BLOCK, len(vectors)), len(vectors))
    write_faiss(index, folder / CODES)
    return replace(scale, radius=radius) if scale is not None else None


def _fit_scale(vectors: Vectors) -> Scale:
    """The range of each component over all vectors."""
    low = np.full(vectors.shape[1], np.inf, np.float32)
    high = -low
    for start in range(0, len(vectors), ADD_BLOCK):
        block = vectors[start : start + ADD_BLOCK]
        np.minimum(low, block.min(axis=0), out=low)
        np.maximum(high, block.max(axis=0), out=high)
    return Scale.spanning(low, high)
