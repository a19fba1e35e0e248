"""The thorough check of a store: SQLite's own, every digest, and that its tables agree."""

from __future__ import annotations

import numpy as np

from semsearch.errors import IndexCorrupt
from semsearch.index.store import Store
from semsearch.index.store_schema import ARTICLE_COLUMNS, article_from

_TOLERANCE = 1e-3  # of a vector's length: encoders give float32
MOST = 20  # problems named; more are counted


def store_problems(store: Store) -> list[str]:
    """Everything that is wrong with a store, in words; an empty list means it is sound."""
    problems: list[str] = []
    with store.connection() as connection:
        for (line,) in connection.execute("PRAGMA integrity_check(20)"):
            if line != "ok":
                problems.append(f"{store.path}: {line}")
        query = f"SELECT {ARTICLE_COLUMNS}, body FROM articles LEFT JOIN bodies USING(row) ORDER BY row"
        expected_row = expected_passage = 0
        for record in connection.execute(query):
            try:
                article_from(record, record["body"], str(store.path))
            except IndexCorrupt as exc:
                problems.append(str(exc))
            if record["row"] != expected_row or record["first_passage"] != expected_passage:
                problems.append(f"{store.path}: row {record['row']} is out of sequence")
            expected_row = record["row"] + 1
            expected_passage = record["first_passage"] + record["passages"]
        (passages,) = connection.execute("SELECT COUNT(*) FROM passages").fetchone()
        if passages != expected_passage:
            problems.append(f"{store.path}: {passages} passages, articles name {expected_passage}")
        query = "SELECT passage, vector FROM passages WHERE vector IS NOT NULL ORDER BY passage"
        for number, vector in connection.execute(query):
            if not _is_unit(vector):
                problems.append(f"{store.path}: the vector of passage {number} is not of length 1")
    if len(problems) > MOST:
        problems = [*problems[:MOST], f"{store.path}: {len(problems) - MOST} more problems"]
    return problems


def _is_unit(vector: bytes) -> bool:
    """Whether a stored vector has length 1; no digest covers it, and most damage shows here."""
    if len(vector) % 4:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, "<f4").astype(np.float64)))
    return abs(length - 1) < _TOLERANCE
