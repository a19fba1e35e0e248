"""Writes to the article store: the bulk of a build, and the transactions of live changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from semsearch.articles import stronger_origin
from semsearch.index.protocol import Changed, Outcome, PreparedArticle
from semsearch.index.sql_files import transaction
from semsearch.index.store import connect, last_change, store_errors, vector_bytes
from semsearch.index.store_schema import (
    CONTENT_COLUMNS,
    CURRENT,
    article_columns,
    article_digest,
    kept_to_text,
    migrate,
    to_micros,
    version_of,
)

_INSERTED = (
    "row", *CONTENT_COLUMNS, "kept", "duplicate_group", "story", "signature", "first_passage", "passages",
    "added", "removed", "digest", "origin",
)  # fmt: skip
_INSERT_ARTICLE = f"INSERT INTO articles({','.join(_INSERTED)}) VALUES ({','.join('?' * len(_INSERTED))})"
_INSERT_PASSAGE = "INSERT INTO passages(passage, row, ordinal, start, end, vector) VALUES (?,?,?,?,?,?)"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the next article goes, and which groups it joins (numbers are rows of a first member)."""

    row: int
    first_passage: int
    change: int
    duplicate_group: int
    story: int = -1


class StoreBuilder:
    """Writes the store of a generation that nobody can see yet; not durable before ``finish``."""

    def __init__(self, path: Path, change: int) -> None:
        self._path = path
        self._change = change
        self._connection = connect(path, create=True)
        with store_errors(path):
            self._connection.execute("PRAGMA journal_mode=OFF")
            self._connection.execute("PRAGMA synchronous=OFF")
            self._connection.execute("BEGIN")
        self.rows = 0
        self.passages = 0

    def add(self, prepared: PreparedArticle) -> int:
        """Add an article; returns its row. Vectors are kept elsewhere (the base vector index)."""
        place = Placement(self.rows, self.passages, self._change, self.rows)
        with store_errors(self._path):
            origin = prepared.article.origin
            _insert(self._connection, prepared, place, origin=origin, with_vectors=False)
        self.rows += 1
        self.passages += len(prepared.passages)
        return place.row

    def set_groups(self, groups: Iterable[tuple[int, int]]) -> None:
        """Set the duplicate group of rows, as (row, group)."""
        query = "UPDATE articles SET duplicate_group=? WHERE row=?"
        with store_errors(self._path):
            self._connection.executemany(query, ((group, row) for row, group in groups))

    def set_stories(self, stories: Iterable[tuple[int, int]]) -> None:
        """Set the story of rows, as (row, story)."""
        with store_errors(self._path):
            self._connection.executemany(
                "UPDATE articles SET story=? WHERE row=?", ((story, row) for row, story in stories)
            )

    def set_deleted(self, deleted: Mapping[str, int]) -> None:
        """Keep the ids of articles that were deleted, each with its moment in microseconds."""
        with store_errors(self._path):
            self._connection.executemany("INSERT INTO deleted VALUES (?,?)", deleted.items())

    def set_boilerplate(self, rows: Iterable[tuple[bytes, str]]) -> None:
        """Keep the site's boilerplate, for the articles that come later."""
        with store_errors(self._path):
            self._connection.executemany("INSERT INTO boilerplate VALUES (?,?)", rows)

    def finish(self) -> None:
        """Commit, go to WAL mode and close; the caller syncs the file."""
        with store_errors(self._path):
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('change', ?)", (str(self._change),))
            self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.close()

    def abandon(self) -> None:
        """Close without a commit."""
        self._connection.close()


class StoreWriter:
    """Live changes to a published store: one transaction a batch, durable when it returns.

    The caller holds the index's write lock; readers are never blocked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = connect(path, writing=True)

    @contextmanager
    def transaction(self, name: str) -> Iterator[StoreTransaction]:
        """A transaction that commits at the end of the block, or leaves nothing behind."""
        with store_errors(self._path), transaction(self._connection, f"commit:{name}"):
            yield StoreTransaction(self._connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class StoreTransaction:
    """One batch of changes; change numbers grow by one for each."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._change = last_change(connection)
        one = connection.execute
        self._next_row = int(one("SELECT COALESCE(MAX(row), -1) + 1 FROM articles").fetchone()[0])
        self._next_passage = int(one("SELECT COALESCE(MAX(passage), -1) + 1 FROM passages").fetchone()[0])

    def put(self, prepared: PreparedArticle, *, change: int | None = None) -> Changed:
        """Add an article or replace it, unless what is stored is newer or the same.

        ``change`` gives the number, for carrying changes between generations; else the next one.
        """
        article = prepared.article
        old = self._live(article.id)
        outcome: Outcome = "added"
        if old is not None:
            updated = to_micros(article.updated_at)
            if (
                change is None
                and old["updated"] is not None
                and updated is not None
                and updated < old["updated"]
            ):
                return Changed(article.id, "stale")
            if article_digest(article_columns(article), article.body) == old["digest"]:
                self._came_also_by(old, article.origin)
                return Changed(article.id, "unchanged")
            outcome = "updated"
        number = self._number("put", article.id, change)
        origin = article.origin if old is None else stronger_origin(article.origin, self._origin(old["row"]))
        if old is not None:
            self._connection.execute("UPDATE articles SET removed=? WHERE row=?", (number, old["row"]))
        self._connection.execute("DELETE FROM deleted WHERE article_id=?", (article.id,))
        place = Placement(self._next_row, self._next_passage, number, self._next_row)
        _insert(self._connection, prepared, place, origin=origin, with_vectors=True)
        self._next_row += 1
        self._next_passage += len(prepared.passages)
        return Changed(article.id, outcome, number)

    def delete(self, article_id: str, *, change: int | None = None) -> Changed:
        """Mark an article removed."""
        old = self._live(article_id)
        if old is None:
            return Changed(article_id, "missing")
        number = self._number("delete", article_id, change)
        moment = to_micros(datetime.now(UTC))
        self._connection.execute("INSERT OR REPLACE INTO deleted VALUES (?,?)", (article_id, moment))
        self._connection.execute("UPDATE articles SET removed=? WHERE row=?", (number, old["row"]))
        return Changed(article_id, "deleted", number)

    def set_groups(self, row: int, *, duplicate_group: int, story: int) -> None:
        """Put a row that was added in this transaction into its groups."""
        self._connection.execute(
            "UPDATE articles SET duplicate_group=?, story=? WHERE row=?", (duplicate_group, story, row)
        )

    @property
    def change(self) -> int:
        """The newest change number, this transaction's included."""
        return self._change

    def reach(self, change: int) -> None:
        """Let the change number grow to at least ``change``."""
        if change <= self._change:  # an untouched file stays one that its checksum fits
            return
        migrate(self._connection)
        self._change = change
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('change', ?)", (str(self._change),))

    @property
    def last_row(self) -> int:
        """The row that the last put wrote."""
        return self._next_row - 1

    def similar(self, bands: Sequence[int]) -> list[tuple[int, bytes]]:
        """(duplicate group, signature of its first living article) of groups that share bands with a text.

        Those that share most come first, 64 at most.
        """
        marks = ",".join("?" * len(bands))
        query = (
            "SELECT duplicate_group FROM bands JOIN articles USING(row) "
            f"WHERE band IN ({marks}) AND removed IS NULL "
            "GROUP BY duplicate_group ORDER BY COUNT(*) DESC, duplicate_group LIMIT 64"
        )
        groups = [int(row[0]) for row in self._connection.execute(query, list(bands))]
        first = (
            "SELECT signature FROM articles WHERE duplicate_group=? AND removed IS NULL ORDER BY row LIMIT 1"
        )
        return [(group, self._connection.execute(first, (group,)).fetchone()[0]) for group in groups]

    def story_among(self, ids: Iterable[str]) -> int:
        """The story of the first of these articles that is live; -1 where none is."""
        query = "SELECT story FROM articles WHERE id=? AND removed IS NULL"
        for one in ids:
            found = self._connection.execute(query, (one,)).fetchone()
            if found is not None:
                return int(found[0])
        return -1

    def _live(self, article_id: str) -> sqlite3.Row | None:
        query = "SELECT row, updated, digest FROM articles WHERE id=? AND removed IS NULL"
        found: sqlite3.Row | None = self._connection.execute(query, (article_id,)).fetchone()
        return found

    def _origin(self, row: int) -> str:
        """How a row came in; "" where the store was written before this was kept."""
        if version_of(self._connection) < CURRENT:
            return ""
        found = self._connection.execute("SELECT origin FROM articles WHERE row=?", (row,)).fetchone()
        return str(found[0])

    def _came_also_by(self, old: sqlite3.Row, origin: str) -> None:
        """Keep that an article which is there already came another way too, if that way is the stronger.

        The change number grows, for the file is no longer as it was built; nobody has to read it again.
        """
        known = self._origin(old["row"])
        if stronger_origin(known, origin) == known:
            return
        self.reach(self._change + 1)
        self._connection.execute("UPDATE articles SET origin=? WHERE row=?", (origin, old["row"]))

    def _number(self, kind: str, article_id: str, change: int | None) -> int:
        migrate(self._connection)
        self._change = self._change + 1 if change is None else max(self._change, change)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._connection.execute("INSERT INTO changes VALUES (?,?,?,?)", (self._change, kind, article_id, at))
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('change', ?)", (str(self._change),))
        return self._change


def _insert(
    connection: sqlite3.Connection,
    prepared: PreparedArticle,
    place: Placement,
    *,
    origin: str,
    with_vectors: bool,
) -> None:
    columns = article_columns(prepared.article)
    digest = article_digest(columns, prepared.article.body)
    connection.execute(
        _INSERT_ARTICLE,
        (
            place.row,
            *columns,
            kept_to_text(prepared.kept),
            place.duplicate_group,
            place.story,
            prepared.signature,
            place.first_passage,
            len(prepared.passages),
            place.change,
            None,
            digest,
            origin,
        ),
    )
    connection.execute("INSERT INTO bodies VALUES (?,?)", (place.row, prepared.article.body))
    vectors = np.asarray(prepared.vectors, np.float32)
    connection.executemany(
        _INSERT_PASSAGE,
        (
            (
                place.first_passage + number,
                place.row,
                passage.ordinal,
                passage.start,
                passage.end,
                vector_bytes(vectors[number]) if with_vectors else None,
            )
            for number, passage in enumerate(prepared.passages)
        ),
    )
    connection.executemany("INSERT INTO bands VALUES (?,?)", ((band, place.row) for band in prepared.bands))
