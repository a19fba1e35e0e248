"""The article store of one generation: SQLite in WAL mode, the truth that both indexes follow."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from semsearch.articles import Article
from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.columns import Mask
from semsearch.index.protocol import Rows
from semsearch.index.sql_files import FileConnection, open_file, refusal, refused
from semsearch.index.store_schema import (
    ARTICLE_COLUMNS,
    CURRENT,
    article_from,
    create_tables,
    kept_from_text,
    read_as_current,
    to_micros,
    version_of,
)
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
        if refused(exc) or "locked" in text:
            raise StorageFailed(refusal(path, exc)) from exc
        raise IndexCorrupt(_damaged(path, text)) from exc
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        raise IndexCorrupt(_damaged(path, str(exc))) from exc


def _damaged(path: Path, detail: str) -> str:
    return (
        f"{path} is damaged ({detail}); roll back to an earlier generation (semsearch index rollback) "
        "or build the index again"
    )


def connect(path: Path, *, create: bool = False, writing: bool = False) -> FileConnection:
    """Open a store for any thread; WAL mode and full synchronisation of every commit.

    Where the disk refuses to be written, it is opened for reading alone, unless it is for ``writing``.
    """
    if not create and not path.is_file():
        raise IndexCorrupt(f"{path} is missing; roll back to an earlier generation or build the index again")

    def prepare(connection: sqlite3.Connection) -> None:
        if create:
            create_tables(connection)
        connection.execute("PRAGMA synchronous=FULL")

    with store_errors(path):
        seconds = _BUSY_MILLISECONDS / 1000
        connection = open_file(path, seconds=seconds, prepare=prepare, writing=create or writing)
        connection.row_factory = sqlite3.Row
        return connection


@dataclass(frozen=True, slots=True)
class LiveRecord:
    """What a build asks of a live article; ``updated`` and ``came`` are in microseconds.

    ``came`` is when it came into this generation by a live change, None where it was built into it.
    """

    row: int
    article_id: str
    origin: str
    digest: bytes
    updated: int | None
    came: int | None


class Store:
    """Reads of one generation's store, from any thread; a connection is never used by two at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._free: list[_Reader] = [_Reader(path)]
        self._guard = threading.Lock()
        self._watch = connect(path)
        self._opened = 0  # how often the file was opened anew
        self._closed = False

    @contextmanager
    def connection(self, *, consistent: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for the length of the block; SQLite's errors come out as ours.

        With ``consistent``, all reads in the block see the same commit.
        """
        with self._guard:
            held = self._free.pop() if self._free else None
            if held is not None and held.connection.overtaken():
                held.connection.close()  # of when the disk was full
                held = None
        reader = held or _Reader(self.path)
        try:
            with store_errors(self.path):
                if consistent:
                    reader.connection.execute("BEGIN")
                try:
                    reader.follow()
                    yield reader.connection
                finally:
                    if consistent:
                        reader.connection.execute("COMMIT")
        finally:
            with self._guard:
                if self._closed:
                    reader.connection.close()
                else:
                    self._free.append(reader)

    def version(self) -> int:
        """A number that differs after any other connection's commit; costs microseconds."""
        with self._guard, store_errors(self.path):
            if self._watch.overtaken():  # the disk takes changes again
                self._watch.close()
                self._watch = connect(self.path)
                self._opened += 1
            seen = int(self._watch.execute("PRAGMA data_version").fetchone()[0])
            return seen + (self._opened << 32)

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

    def addresses(self, upto: int) -> list[tuple[int, str, str]]:
        """Row, id and address of the rows under ``upto`` that have one."""
        query = "SELECT row, id, url FROM articles WHERE url IS NOT NULL AND row < ?"
        with self.connection() as connection:
            found = connection.execute(query, (upto,)).fetchall()
        return [(int(row), str(article_id), str(url)) for row, article_id, url in found]

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

    def arrived(self, rows: Rows, *, upto: int) -> Iterator[tuple[int, str, bytes]]:
        """Row, id and digest of those of the rows, ascending, that a change up to ``upto`` brought."""
        query = "SELECT row, id, digest FROM articles WHERE row IN ({}) AND added<=? ORDER BY row"
        for batch in _batches(rows.tolist()):
            marks = ",".join("?" * len(batch))
            with self.connection() as connection:
                found = connection.execute(query.format(marks), (*batch, upto)).fetchall()
            yield from ((int(row), str(one), bytes(digest)) for row, one, digest in found)

    def live(self) -> Iterator[LiveRecord]:
        """All live articles, in the order of their rows, as of one commit."""
        query = (
            "SELECT row, articles.id, origin, digest, updated, at FROM articles "
            "LEFT JOIN changes ON change=added WHERE removed IS NULL ORDER BY row"
        )
        with self.connection(consistent=True) as connection:
            for row, article_id, origin, digest, updated, at in connection.execute(query):
                came = None if at is None else to_micros(datetime.fromisoformat(at))
                yield LiveRecord(row, article_id, origin, bytes(digest), updated, came)

    def deleted(self) -> dict[str, int]:
        """Ids of articles that were deleted and did not come back, with the moment in microseconds."""
        journal = "SELECT kind, article_id, at FROM changes ORDER BY change"
        with self.connection(consistent=True) as connection:
            found = {
                str(one): int(at) for one, at in connection.execute("SELECT article_id, at FROM deleted")
            }
            for kind, article_id, at in connection.execute(journal):
                found.pop(article_id, None)
                if kind == "delete":
                    found[article_id] = to_micros(datetime.fromisoformat(at)) or 0
        return found

    def boilerplate(self) -> list[tuple[bytes, str]]:
        """The site's boilerplate as it was found when the generation was built."""
        with self.connection() as connection:
            return [(bytes(h), str(d)) for h, d in connection.execute("SELECT hash, detail FROM boilerplate")]

    def close(self) -> None:
        """Close idle connections now and busy ones when they come back."""
        with self._guard:
            self._closed = True
            for connection in [*(reader.connection for reader in self._free), self._watch]:
                connection.close()
            self._free.clear()


class _Reader:
    """A connection that reads a store of any earlier release as one of today."""

    def __init__(self, path: Path) -> None:
        self.connection = connect(path)
        self.connection.execute("PRAGMA temp_store=MEMORY")  # no disk needed to read an earlier release
        self._version = CURRENT

    def follow(self) -> None:
        """See the steps that the file has taken since; microseconds where it took none."""
        if version_of(self.connection) != self._version:
            self._version = read_as_current(self.connection)


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
