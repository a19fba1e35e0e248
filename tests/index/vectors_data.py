"""Clustered unit vectors, and the exact answers that every kind of vector index is held against."""

from __future__ import annotations

import numpy as np


def clustered(count: int, *, dimension: int = 64, clusters: int = 200, seed: int = 0) -> np.ndarray:
    """Unit vectors in clusters of uneven sizes, as passages about stories are."""
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((clusters, dimension)).astype(np.float32)
    weights = np.random.default_rng(98).lognormal(0, 1, clusters)
    member = draw.choice(clusters, count, p=weights / weights.sum())
    vectors = centres[member] + 0.7 * draw.standard_normal((count, dimension)).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def rows_of(count: int, *, seed: int = 0, most: int = 6) -> np.ndarray:
    """Article rows of so many passages: 1 to ``most`` passages an article, ascending, none left out."""
    sizes = np.random.default_rng(seed).integers(1, most + 1, count)
    return np.repeat(np.arange(count), sizes)[:count]


def row_bests(vectors: np.ndarray, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
    """The oracle: per row, the inner product of its best passage, in float64; -inf without passages."""
    best = np.full(int(rows.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, rows, vectors.astype(np.float64) @ query.astype(np.float64))
    return best


def best_rows(
    vectors: np.ndarray, rows: np.ndarray, query: np.ndarray, limit: int, allowed: np.ndarray | None = None
) -> np.ndarray:
    """The oracle's answer: the best allowed rows, ties by row."""
    best = row_bests(vectors, rows, query)
    if allowed is not None:
        best = np.where(allowed[: len(best)], best, -np.inf)
    order = np.lexsort((np.arange(len(best)), -best))[:limit]
    return order[np.isfinite(best[order])]
