"""What vectors say of articles: one vector for each, and of which they say nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semsearch.encoder.languages import languages_read
from semsearch.index.protocol import Rows, Snapshot
from semsearch.ranking import Floats


def article_vectors(snapshot: Snapshot, rows: Rows) -> Floats:
    """One unit vector an article: the mean of its passages' vectors."""
    means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows]).astype(np.float64)
    unit: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return unit


def unread_rows(snapshot: Snapshot, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which rows are in a language that the encoder does not read: their nearness means nothing."""
    read = languages_read(snapshot.encoder)
    if read is None:
        return np.zeros(len(rows), np.bool_)
    return snapshot.in_other_languages(rows, read)
