"""Builds the inverted lists: centroids and product codes from a sample, then all passages in blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from semsearch.index.protocol import Rows, Vectors
from semsearch.index.vectors_assign import NearestCentroids
from semsearch.index.vectors_codes import blocks, faiss_threads, release, write_faiss
from semsearch.index.vectors_lists import ASSIGNED, LISTS

MOST_LISTS = 4_096  # past this, ranking the lists costs a query what shorter lists save, and a build twice
_PER_LIST = 40  # passages a list to train on
_ROUNDS = 8  # of k-means; more moved recall by less than a thousandth
_CODE_SAMPLE = 65_536  # passages to train the codes on: 16 codewords a group of components need no more

_GATHER = 16_384  # sampled vectors between two releases of the file's pages

_SUB_DIMENSIONS = (4, 5, 6, 3, 7, 8, 2, 1)  # components a group: half a byte each


def list_count(passages: int) -> int:
    """How many lists: four times the square root, as FAISS's guidelines say, within bounds."""
    return max(1, min(MOST_LISTS, int(4 * passages**0.5), passages // _PER_LIST))


def build_lists(
    folder: Path, vectors: Vectors, passage_rows: Rows, on_block: Callable[[int], None], *, threads: int
) -> None:
    """Write the lists over all vectors; ``on_block`` takes how many passages are in. Raises StorageFailed."""
    import faiss

    with faiss_threads(threads):
        index = _trained(vectors)
    assigned = np.empty(len(vectors), np.uint16)
    nearest = NearestCentroids(index.quantizer.reconstruct_n(0, index.nlist), threads=threads)
    with faiss_threads(1):
        for start, block in blocks(vectors):
            stop = start + len(block)
            lists = nearest.of(block)
            rows = np.ascontiguousarray(passage_rows[start:stop], np.int64)
            index.add_core(len(block), *(faiss.swig_ptr(array) for array in (block, rows, lists)))
            assigned[start:stop] = lists
            on_block(stop)
        packed = faiss.IndexIVFPQFastScan(index)
    write_faiss(packed, folder / LISTS)
    np.save(folder / ASSIGNED, assigned)


def _trained(vectors: Vectors) -> Any:  # noqa: ANN401 - FAISS has no types
    """Empty lists with their centroids and codewords; the same for the same vectors."""
    import faiss

    count, dimension = vectors.shape
    lists = list_count(count)
    draw = np.random.default_rng(0)
    sample = _gathered(vectors, np.sort(draw.choice(count, min(count, _PER_LIST * lists), replace=False)))
    quantizer = faiss.IndexFlatL2(dimension)
    means = faiss.Clustering(dimension, lists)
    means.niter, means.seed = _ROUNDS, 1
    means.min_points_per_centroid, means.max_points_per_centroid = 1, _PER_LIST
    means.train(sample, quantizer)
    groups = next(dimension // size for size in _SUB_DIMENSIONS if dimension % size == 0)
    # Takes lists that are known already; the kind that is searched, made of it, would find them again.
    index = faiss.IndexIVFPQ(quantizer, dimension, lists, groups, 4, faiss.METRIC_INNER_PRODUCT)
    index.by_residual = False
    index.train(sample[draw.permutation(len(sample))[:_CODE_SAMPLE]])
    return index


def _gathered(vectors: Vectors, numbers: Rows) -> Vectors:
    """Some vectors as contiguous float32, a part at a time: each touches a page of the file, or two."""
    sample = np.empty((len(numbers), vectors.shape[1]), np.float32)
    for start in range(0, len(numbers), _GATHER):
        sample[start : start + _GATHER] = vectors[numbers[start : start + _GATHER]]
        release(vectors)
    return sample
