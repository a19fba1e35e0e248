"""The article store of one generation: SQLite in WAL mode, the truth that both indexes follow."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from semsearch.articles import Article
from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.columns import Mask
from semsearch.index.protocol import Rows
from semsearch.index.store_schema import ARTICLE_COLUMNS, SCHEMA, article_from, kept_from_text
from semsearch.text.urls import same_page_key

_BATCH = 500  # host parameters a statement; far under SQLite's limit of 32,766
_BUSY_MILLISECONDS = 30_000
_ALIKE = 64  # articles whose signature is compared with that of a text
_MOST_ALIKE = 2_000  # rows read of one band: a template fills some bands with thousands
_URL_WORD = re.compile(r"[A-Za-z0-9_-]+")


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Translate SQLite's errors inside the block to ours, naming the file and the way out."""
    try:
        yield
    except sqlite3.OperationalError as exc:
        text = str(exc)
        if "full" in text:
            raise StorageFailed(f"{path}: the disk is full; free some space and run it again") from exc
        if "readonly" in text or "unable to open" in text or "I/O" in text or "locked" in text:
            raise StorageFailed(f"{path}: {text}; check permissions, the disk and other processes") from exc
        raise IndexCorrupt(_damaged(path, text)) from exc
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        raise IndexCorrupt(_damaged(path, str(exc))) from exc


def _damaged(path: Path, detail: str) -> str:
    return (
        f"{path} is damaged ({detail}); roll back to an earlier generation (semsearch index rollback) "
        "or build the index again"
    )


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Open a store for any thread; WAL mode and full synchronisation of every commit.

    In a folder that cannot be written it is opened for reading alone.
    """
    if not create and not path.is_file():
        raise IndexCorrupt(f"{path} is missing; roll back to an earlier generation or build the index again")
    with store_errors(path):
        connection = sqlite3.connect(
            path.absolute().as_uri() + ("" if os.access(path.parent, os.W_OK) else reading_only(path)),
            uri=True,
            timeout=_BUSY_MILLISECONDS / 1000,
            check_same_thread=False,
            isolation_level=None,
        )
        connection.row_factory = sqlite3.Row
        if create:
            connection.executescript(SCHEMA)
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def reading_only(path: Path) -> str:
    """How to open a store where SQLite cannot make its -wal and -shm files.

    With both there, a writer has the folder writable elsewhere, or was killed: SQLite reads them. With
    neither, nothing is outside the main file and nobody changes it. Raises StorageFailed in between.
    """
    log, shared = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    if log.exists() and shared.exists():
        return "?mode=ro"
    if log.exists() and log.stat().st_size:
        raise StorageFailed(
            f"{path}: the folder is read-only, and {log.name} holds changes that only a writer can take in; "
            "open the index once where it is writable (semsearch index status), or mount it writable"
        )
    return "?mode=ro&immutable=1"


class Store:
    """Reads of one generation's store, from any thread; a connection is never used by two at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._free: list[sqlite3.Connection] = [connect(path)]
        self._guard = threading.Lock()
        self._watch = connect(path)
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for the length of the block; SQLite's errors come out as ours."""
        with self._guard:
            held = self._free.pop() if self._free else None
        connection = held or connect(self.path)
        try:
            with store_errors(self.path):
                yield connection
        finally:
            with self._guard:
                if self._closed:
                    connection.close()
                else:
                    self._free.append(connection)

    def version(self) -> int:
        """A number that differs after any other connection's commit; costs microseconds."""
        with self._guard, store_errors(self.path):
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def last_change(self) -> int:
        """Number of the newest committed change."""
        with self.connection() as connection:
            return last_change(connection)

    def row_of(self, article_id: str, change: int) -> int:
        """The row of an article that was live at ``change``; -1 where there was none."""
        with self.connection() as connection:
            found = connection.execute(
                "SELECT row FROM articles WHERE id=? AND removed IS NULL AND added<=?", (article_id, change)
            ).fetchone()
            if found is None:  # an update or a delete after ``change`` may have replaced it
                found = connection.execute(
                    "SELECT row FROM articles WHERE removed>? AND id=? AND added<=? ORDER BY row DESC",
                    (change, article_id, change),
                ).fetchone()
        return -1 if found is None else int(found[0])

    def rows_at(self, url: str, upto: int) -> list[int]:
        """The rows under ``upto`` whose address is that of the same page, the newest first.

        One pass over all addresses: those that hold the longest word of this one are compared.
        """
        key = same_page_key(url)
        word = max(_URL_WORD.findall(key.partition("/")[2]) or _URL_WORD.findall(key) or [""], key=len)
        query = "SELECT row, url FROM articles WHERE url IS NOT NULL AND instr(lower(url), ?)"
        with self.connection() as connection:
            found = connection.execute(query, (word.lower(),)).fetchall()
        same = (int(row) for row, held in found if row < upto and same_page_key(held) == key)
        return sorted(same, reverse=True)

    def signed_alike(self, bands: Sequence[int], alive: Mask) -> list[tuple[int, bytes]]:
        """Row and signature of the rows that share most bands and are ``alive``, 64 at most."""
        with self.connection() as connection:
            shared: Counter[int] = Counter()
            for band in bands:
                found = connection.execute("SELECT row FROM bands WHERE band=? LIMIT ?", (band, _MOST_ALIKE))
                shared.update(row for (row,) in found if row < len(alive) and alive[row])
            best = sorted(shared, key=lambda row: (-shared[row], row))[:_ALIKE]
            query = "SELECT row, signature FROM articles WHERE row IN ({})"
            records = self._all_of(connection, query, np.array(best, np.int64))
        return [(row, bytes(records[row]["signature"])) for row in best]

    def ids(self, rows: Rows) -> list[str]:
        """Article ids of rows, in the order given."""
        with self.connection() as connection:
            records = self._all_of(connection, "SELECT row, id FROM articles WHERE row IN ({})", rows)
        return [str(records[int(row)]["id"]) for row in rows]

    def articles(self, rows: Rows) -> list[Article]:
        """Whole articles of rows, in the order given; each checked against its digest."""
        query = f"SELECT {ARTICLE_COLUMNS}, body FROM articles JOIN bodies USING(row) WHERE row IN ({{}})"
        with self.connection() as connection:
            records = self._all_of(connection, query, rows)
        place = str(self.path)
        return [article_from(records[int(row)], records[int(row)]["body"], place) for row in rows]

    def kept_texts(self, rows: Rows) -> list[str]:
        """The title and the body without site boilerplate of rows, in the order given."""
        query = "SELECT row, title, kept, body FROM articles JOIN bodies USING(row) WHERE row IN ({})"
        with self.connection() as connection:
            records = self._all_of(connection, query, rows)
        return [_kept_text(records[int(row)]) for row in rows]

    def _all_of(self, connection: sqlite3.Connection, query: str, rows: Rows) -> dict[int, sqlite3.Row]:
        """The record of each row; raises IndexCorrupt where one is missing."""
        found: dict[int, sqlite3.Row] = {}
        for batch in _batches([int(row) for row in rows]):
            marks = ",".join("?" * len(batch))
            for record in connection.execute(query.format(marks), batch):
                found[record["row"]] = record
        missing = [int(row) for row in rows if int(row) not in found]
        if missing:
            raise IndexCorrupt(_damaged(self.path, f"rows {missing[:5]} are missing"))
        return found

    def spans(self, passages: Sequence[int]) -> dict[int, tuple[int, int]]:
        """The (start, end) in the body of each passage number."""
        found: dict[int, tuple[int, int]] = {}
        with self.connection() as connection:
            for batch in _batches(passages):
                marks = ",".join("?" * len(batch))
                query = f"SELECT passage, start, end FROM passages WHERE passage IN ({marks})"
                found.update({p: (start, end) for p, start, end in connection.execute(query, batch)})
        return found

    def passages_of(self, first: int, count: int) -> list[tuple[int, int, int]]:
        """(ordinal, start, end) of ``count`` passages from number ``first`` on."""
        with self.connection() as connection:
            query = "SELECT ordinal, start, end FROM passages WHERE passage>=? AND passage<? ORDER BY passage"
            return [(o, s, e) for o, s, e in connection.execute(query, (first, first + count))]

    def arrivals(self, after: int, upto: int) -> Iterator[tuple[int, str, bytes]]:
        """Row, id and digest of the articles live at change ``upto`` that came later than ``after``."""
        query = (
            "SELECT row, id, digest FROM articles WHERE row>? AND added>? AND added<=? "
            "AND (removed IS NULL OR removed>?) ORDER BY row LIMIT ?"
        )
        last = -1
        while True:
            with self.connection() as connection:
                found = connection.execute(query, (last, after, upto, upto, _BATCH)).fetchall()
            if not found:
                return
            yield from ((int(row), str(one), bytes(digest)) for row, one, digest in found)
            last = int(found[-1]["row"])

    def boilerplate(self) -> list[tuple[bytes, str]]:
        """The site's boilerplate as it was found when the generation was built."""
        with self.connection() as connection:
            return [(bytes(h), str(d)) for h, d in connection.execute("SELECT hash, detail FROM boilerplate")]

    def close(self) -> None:
        """Close idle connections now and busy ones when they come back."""
        with self._guard:
            self._closed = True
            for connection in [*self._free, self._watch]:
                connection.close()
            self._free.clear()


def last_change(connection: sqlite3.Connection) -> int:
    """Number of the newest change in a store."""
    value = connection.execute("SELECT value FROM meta WHERE key='change'").fetchone()
    return int(value[0]) if value else 0


def vector_bytes(vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    """A vector as little-endian float32."""
    return np.ascontiguousarray(vector, "<f4").tobytes()


def _kept_text(record: sqlite3.Row) -> str:
    body = record["body"]
    kept = (body[start:end] for start, end in kept_from_text(record["kept"]))
    return "\n\n".join([record["title"], *kept])


def _batches(values: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), _BATCH):
        yield [int(value) for value in values[start : start + _BATCH]]
