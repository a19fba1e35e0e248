"""Articles as single vectors."""

from __future__ import annotations

import numpy as np

from semsearch.index.protocol import Rows, Snapshot
from semsearch.ranking import Floats


def article_vectors(snapshot: Snapshot, rows: Rows) -> Floats:
    """One unit vector an article: the mean of its passages' vectors."""
    means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows]).astype(np.float64)
    unit: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return unit
