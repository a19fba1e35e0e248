"""Reads live changes back from the store: rows added and rows removed after a change number."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from semsearch.articles import Passage
from semsearch.errors import IndexCorrupt
from semsearch.index.protocol import PreparedArticle
from semsearch.index.store import last_change
from semsearch.index.store_schema import ARTICLE_COLUMNS, article_from, kept_from_text

# A left join: a body that is lost is damage, not absence.
_SELECT = f"SELECT {ARTICLE_COLUMNS}, body FROM articles LEFT JOIN bodies USING(row)"


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A row as the store holds it, with the numbers that columns need."""

    row: int
    prepared: PreparedArticle
    duplicate_group: int
    story: int
    first_passage: int


def live_rows_after(connection: sqlite3.Connection, change: int, first_row: int) -> list[LiveRow]:
    """Rows from number ``first_row`` on that were added after ``change``, in their order.

    Raises IndexCorrupt where a row cannot be read or is missing between others.
    """
    query = f"{_SELECT} WHERE row>=? AND added>? ORDER BY row"
    found = [_live_row(connection, record) for record in connection.execute(query, (first_row, change))]
    for expected, live in enumerate(found, first_row):
        if live.row != expected:
            raise _damaged(f"row {expected} is missing before row {live.row}")
    puts = "SELECT COUNT(*) FROM changes WHERE change>? AND kind='put'"
    written = int(connection.execute(puts, (change,)).fetchone()[0])
    if written > len(found):  # the journal of a restored snapshot holds fewer, never more
        raise _damaged(f"{written} articles were written after change {change}, {len(found)} can be read")
    return found


def removed_after(connection: sqlite3.Connection, change: int) -> tuple[list[int], int]:
    """Rows removed after ``change``, and the newest change number."""
    rows = connection.execute("SELECT row FROM articles WHERE removed>?", (change,)).fetchall()
    return [int(row[0]) for row in rows], last_change(connection)


def row_added_by(connection: sqlite3.Connection, article_id: str, change: int) -> LiveRow:
    """The row that a change wrote, live or not; raises IndexCorrupt where it is missing."""
    query = f"{_SELECT} WHERE added=? AND id=?"
    record = connection.execute(query, (change, article_id)).fetchone()
    if record is None:
        raise IndexCorrupt(f"store.db: change {change} names article {article_id!r}, whose row is missing")
    return _live_row(connection, record)


def _live_row(connection: sqlite3.Connection, record: sqlite3.Row) -> LiveRow:
    """The whole row; raises IndexCorrupt where a column cannot be read, whatever is in it."""
    try:
        return _read_row(connection, record)
    except (ValueError, TypeError) as exc:
        raise _damaged(f"the stored article {record['id']!r} is damaged ({exc})") from exc


def _damaged(what: str) -> IndexCorrupt:
    return IndexCorrupt(
        f"store.db: {what}; roll back to an earlier generation (semsearch index rollback) or build the "
        "index again"
    )


def _read_row(connection: sqlite3.Connection, record: sqlite3.Row) -> LiveRow:
    article = article_from(record, record["body"], "store.db")
    first, count = record["first_passage"], record["passages"]
    query = "SELECT ordinal, start, end, vector FROM passages WHERE passage>=? AND passage<? ORDER BY passage"
    passages, vectors = [], []
    for ordinal, start, end, vector in connection.execute(query, (first, first + count)):
        passages.append(Passage(article.id, ordinal, start, end, article.body[start:end]))
        if vector is not None:
            vectors.append(np.frombuffer(vector, "<f4"))
    if len(passages) != count or len(vectors) != count:
        raise ValueError(f"{len(passages)} passages and {len(vectors)} vectors instead of {count}")
    stacked = np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)
    bands = [
        int(one[0]) for one in connection.execute("SELECT band FROM bands WHERE row=?", (record["row"],))
    ]
    prepared = PreparedArticle(
        article,
        kept_from_text(record["kept"]),
        tuple(passages),
        stacked.astype(np.float32),
        record["signature"],
        tuple(bands),
    )
    return LiveRow(record["row"], prepared, record["duplicate_group"], record["story"], first)
