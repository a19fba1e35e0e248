"""What vectors say of articles: one vector for each, and of which articles and queries they say nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from semsearch.encoder.languages import languages_read
from semsearch.encoder.protocol import Vectors
from semsearch.index.protocol import Rows, Snapshot
from semsearch.ranking import Floats
from semsearch.text import base_code
from semsearch.text.languages import certain_among, is_latin


def article_vectors(snapshot: Snapshot, rows: Rows) -> Floats:
    """One unit vector an article: the mean of its passages' vectors."""
    means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows]).astype(np.float64)
    unit: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return unit


def reads_query(snapshot: Snapshot, text: str) -> bool:
    """Whether the encoder can read a query: not in another alphabet, nor surely in another language.

    Only languages that articles are in come into question; where the encoder reads all of these or none,
    the rows alone decide, and short queries in any language count as read.
    """
    read = languages_read(snapshot.encoder)
    if read is None:
        return True
    if not is_latin(text):  # the encoders of which this is known read English
        return False
    counted = snapshot.counts().languages
    held = {base_code(code) for code in counted if code}
    if held <= read or not held & read:
        return True
    return certain_among(text, held | read) in {None, *read}


def means_something(snapshot: Snapshot, text: str, vector: Vectors) -> bool:
    """Whether nearness to a query says anything: the encoder knows some of it, and reads its language."""
    return bool(vector.any()) and reads_query(snapshot, text)


def by_words_alone(snapshot: Snapshot, rows: Rows, *, meant: bool) -> npt.NDArray[np.bool_]:
    """Which rows words alone decide over; all, unless the query's own vector means something (``meant``)."""
    return unread_rows(snapshot, rows) if meant else np.ones(len(rows), np.bool_)


def unread_rows(snapshot: Snapshot, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which rows are in a language that the encoder does not read: their nearness means nothing."""
    read = languages_read(snapshot.encoder)
    if read is None:
        return np.zeros(len(rows), np.bool_)
    return snapshot.in_other_languages(rows, read)
