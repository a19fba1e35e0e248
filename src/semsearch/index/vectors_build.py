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
from semsearch.index.vectors_codes import Scale, blocks, new_codes, write_faiss
from semsearch.index.vectors_lists import ASSIGNED, LISTS
from semsearch.index.vectors_train import build_lists

FLOATS_UP_TO = 10_000  # passages: 15 MB at 384 dimensions; below, bytes would save nothing worth a rounding
EXACT_UP_TO = 50_000  # passages: a full scan of the bytes takes 2 ms
LISTS_FROM = 2_000  # passages: fewer do not fill lists, whatever was asked
_THREADS_FROM = 200_000

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
    kind: Literal["auto", "exact", "lists"] = "auto",
    on_progress: OnProgress | None = None,
) -> VectorStats:
    """Write the vector index of a generation into ``folder`` (see ``vector_files``).

    ``vectors`` are unit vectors, float32 (n, dimension), an array or a memmap: it is read in blocks.
    ``passage_rows`` (n,) is the article row of each, ascending. ``on_progress`` takes passages done and
    all, where lists go through them twice. Raises StorageFailed, OSError.
    """
    if len(vectors) != len(passage_rows) or bool((np.diff(passage_rows) < 0).any()):
        raise ValueError(
            f"{len(vectors)} vectors with {len(passage_rows)} rows; rows must ascend, one a vector"
        )
    chosen = choose_kind(kind, len(vectors))
    tell = on_progress or _silent
    total = len(vectors) * (2 if chosen == "lists" else 1)
    scale = _write_codes(folder, vectors, lambda done: tell(done, total))
    if chosen == "lists":
        build_lists(
            folder,
            vectors,
            passage_rows,
            lambda done: tell(len(vectors) + done, total),
            threads=_threads(len(vectors)),
        )
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
    size = sum((folder / name).stat().st_size for name in vector_files(folder))
    return VectorStats(chosen, len(vectors), vectors.shape[1], size)


def choose_kind(asked: Literal["auto", "exact", "lists"], passages: int) -> Kind:
    """Which kind serves so many passages: exact while a full scan is quick, then lists.

    There is no graph: at 100,000 passages FAISS's graph
    over bytes took 1.5 ms a query at recall .973, as against 1.9 at .980 here, four times as long to
    build, and it loses recall under narrow filters.
    """
    if asked == "exact" or passages < LISTS_FROM:
        return "exact"
    return "lists" if asked == "lists" or passages > EXACT_UP_TO else "exact"


def vector_files(folder: Path) -> list[str]:
    """The names of the files that make up the vector index in a folder, sorted."""
    return [name for name in sorted((FACTS, CODES, LISTS, ASSIGNED)) if (folder / name).is_file()]


def _write_codes(folder: Path, vectors: Vectors, on_block: Callable[[int], None]) -> Scale | None:
    """Write all vectors, as floats where they are few and as bytes where many."""
    scale = _fit_scale(vectors) if len(vectors) > FLOATS_UP_TO else None
    index = new_codes(vectors.shape[1], as_bytes=scale is not None)
    radius = 0.0
    for start, block in blocks(vectors):
        codes = block if scale is None else scale.encode(block)
        radius = max(radius, float(np.linalg.norm(codes, axis=1).max()))
        index.add(codes)
        on_block(start + len(block))
    write_faiss(index, folder / CODES)
    return replace(scale, radius=radius) if scale is not None else None


def _fit_scale(vectors: Vectors) -> Scale:
    """The range of each component over all vectors."""
    low = np.full(vectors.shape[1], np.inf, np.float32)
    high = -low
    for _start, block in blocks(vectors):
        np.minimum(low, block.min(axis=0), out=low)
        np.maximum(high, block.max(axis=0), out=high)
    return Scale.spanning(low, high)


def _threads(passages: int) -> int:
    """All cores for a build that is long; one for a short one, whose threads would only wait for each other.

    Beside other work, two threads took twenty times as long as one over 12,000 passages.
    """
    return (os.cpu_count() or 1) if passages >= _THREADS_FROM else 1


def _silent(_done: int, _total: int) -> None:
    """Tell nobody."""
