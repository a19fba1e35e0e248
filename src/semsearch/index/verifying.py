"""The thorough check of a store: SQLite's own, every digest, and that its tables agree."""

from __future__ import annotations

from semsearch.errors import IndexCorrupt
from semsearch.index.store import Store
from semsearch.index.store_schema import ARTICLE_COLUMNS, article_from

MOST = 20  # problems named; more are counted


def store_problems(store: Store) -> list[str]:
    """Everything that is wrong with a store, in words; an empty list means it is sound."""
    problems: list[str] = []
    with store.connection() as connection:
        for (line,) in connection.execute("PRAGMA integrity_check(20)"):
            if line != "ok":
                problems.append(f"{store.path}: {line}")
        query = f"SELECT {ARTICLE_COLUMNS}, body FROM articles JOIN bodies USING(row) ORDER BY row"
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
    if len(problems) > MOST:
        problems = [*problems[:MOST], f"{store.path}: {len(problems) - MOST} more problems"]
    return problems
