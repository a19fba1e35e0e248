"""Saved searches with their matches: one SQLite file beside the generations, which outlives each of them.

``indexes/<name>/saved.db``. It also holds what was looked at: the digest of every article that was
matched, so that an article counts as new once, whatever is rebuilt, rolled back or killed meanwhile.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from semsearch.articles import Filter
from semsearch.errors import InputError, StorageFailed
from semsearch.index.failpoints import reach
from semsearch.index.files import storage_errors
from semsearch.index.folder import IndexFolder
from semsearch.index.locks import exclusive
from semsearch.index.protocol import Vectors
from semsearch.index.saved_types import (
    FILE,
    LISTS,
    Counts,
    Cursor,
    Found,
    Match,
    SavedSearch,
    Webhook,
    unknown_search,
)
from semsearch.index.sql_files import file_errors, open_file, tables, transaction
from semsearch.index.store_schema import from_micros, to_micros

MAX_SEARCHES = 10_000
KEPT_MATCHES = 1000  # of each search; the oldest go first

_BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS searches(
    id TEXT PRIMARY KEY, definition TEXT NOT NULL, url TEXT, secret TEXT NOT NULL, enabled INTEGER NOT NULL,
    made_by TEXT NOT NULL, token TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    vector BLOB, fingerprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS matches(
    match INTEGER PRIMARY KEY AUTOINCREMENT, search TEXT NOT NULL, article TEXT NOT NULL,
    shown TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE(search, article));
CREATE INDEX IF NOT EXISTS matches_search ON matches(search, match);
CREATE TABLE IF NOT EXISTS seen(article TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries(
    id TEXT PRIMARY KEY, search TEXT NOT NULL, article TEXT NOT NULL, body BLOB NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL, status INTEGER NOT NULL, problem TEXT NOT NULL,
    created INTEGER NOT NULL, next INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_next ON deliveries(next) WHERE state='pending';
CREATE INDEX IF NOT EXISTS deliveries_search ON deliveries(search, created);
"""
_COLUMNS = "id, definition, url, secret, enabled, made_by, token, created, updated"


class SavedStore:
    """The file of one index; safe for many threads and processes, every write one durable transaction.

    Raises StorageFailed when the disk refuses, IndexCorrupt when the file is damaged.
    """

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder.path
        self.path = folder.path / FILE
        self._guard = threading.RLock()
        with storage_errors(self._folder):
            if not self.path.is_file():
                self._folder.mkdir(parents=True, exist_ok=True)
                # Secrets of webhooks lie in it as they are: signing needs them.
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with self._faults():
            self._connection = open_file(self.path, seconds=_BUSY_SECONDS, prepare=tables(_SCHEMA))
        self._inode = self._inode_now()

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold while matching or delivering; raises IndexBusy where another process does."""
        return exclusive(self._folder / f"saved-{name}.lock", f"{name} saved searches")

    def searches(self) -> list[SavedSearch]:
        """All searches, by name."""
        with self.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM searches").fetchall()
            return sorted((_search(row) for row in rows), key=lambda one: (one.name.casefold(), one.id))

    def search(self, search_id: str) -> SavedSearch:
        """One search; raises RuleNotFound."""
        with self.reading() as connection:
            query = f"SELECT {_COLUMNS} FROM searches WHERE id=?"
            row = connection.execute(query, (search_id,)).fetchone()
            if row is None:
                raise unknown_search(search_id)
            return _search(row)

    def put(self, search: SavedSearch) -> bool:
        """Add or replace a search; whoever made it, its token and its matches stay. Says if it is new."""
        now = to_micros(datetime.now(UTC))
        url, secret = (search.webhook.url, search.webhook.secret) if search.webhook else (None, "")
        with self.writing() as connection:
            known = connection.execute("SELECT definition FROM searches WHERE id=?", (search.id,)).fetchone()
            count = connection.execute("SELECT COUNT(*) FROM searches").fetchone()[0]
            if known is None and count >= MAX_SEARCHES:
                raise InputError(f"there are {count:,} saved searches, as many as may be; delete one first")
            meaning = json.loads(known[0])["meaning"] if known else None
            values = (search.id, _definition(search), url, secret, search.enabled, search.made_by)
            connection.execute(
                "INSERT INTO searches VALUES (?,?,?,?,?,?,?,?,?,NULL,'') ON CONFLICT(id) DO UPDATE SET "
                "definition=excluded.definition, url=excluded.url, secret=excluded.secret, "
                "enabled=excluded.enabled, updated=excluded.updated",
                (*values, secrets.token_urlsafe(24), now, now),
            )
            if meaning != search.meaning:
                connection.execute("UPDATE searches SET fingerprint='' WHERE id=?", (search.id,))
            _revise(connection)
        return known is None

    def delete(self, search_id: str) -> None:
        """Remove a search with its matches and messages; raises RuleNotFound."""
        with self.writing() as connection:
            if not connection.execute("DELETE FROM searches WHERE id=?", (search_id,)).rowcount:
                raise unknown_search(search_id)
            connection.execute("DELETE FROM matches WHERE search=?", (search_id,))
            connection.execute("DELETE FROM deliveries WHERE search=?", (search_id,))
            _revise(connection)

    def revision(self) -> int:
        """Grows with every change of a search, by any process."""
        return int(self.fact("revision") or 0)

    def fact(self, name: str) -> str:
        """One stored fact; "" where there is none."""
        with self.reading() as connection:
            row = connection.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def vectors(self, fingerprint: str) -> dict[str, Vectors]:
        """The unit vectors of the searches that were embedded by this encoder, by id."""
        with self.reading() as connection:
            query = "SELECT id, vector FROM searches WHERE fingerprint=? AND vector IS NOT NULL"
            rows = connection.execute(query, (fingerprint,)).fetchall()
        return {one: np.frombuffer(vector, "<f4").astype(np.float32) for one, vector in rows}

    def set_vectors(self, fingerprint: str, made: Mapping[str, tuple[str, Vectors]]) -> None:
        """Keep vectors, by id with the meaning that each is of: one that was replaced meanwhile is not."""
        with self.writing() as connection:
            for one, (meaning, vector) in made.items():
                row = connection.execute("SELECT definition FROM searches WHERE id=?", (one,)).fetchone()
                if row is not None and json.loads(row[0])["meaning"] == meaning:
                    values = (np.ascontiguousarray(vector, "<f4").tobytes(), fingerprint, one)
                    connection.execute("UPDATE searches SET vector=?, fingerprint=? WHERE id=?", values)

    def unseen(self, digests: Mapping[str, bytes]) -> set[str]:
        """Which of these articles were never looked at with this digest."""
        query = "SELECT digest FROM seen WHERE article=?"
        with self.reading() as connection:
            known = {one: connection.execute(query, (one,)).fetchone() for one in digests}
        return {one for one, row in known.items() if row is None or bytes(row[0]) != digests[one]}

    def cursor(self) -> Cursor | None:
        """Up to where all was looked at; None before the first search."""
        found = json.loads(self.fact("cursor") or "null")
        if not found:
            return None
        return Cursor(str(found[0]), int(found[1]), float(found[2]) if len(found) > 2 else -math.inf)

    def record(
        self,
        digests: Mapping[str, bytes],
        found: Sequence[tuple[Found, str, bytes]] = (),
        *,
        cursor: Cursor | None = None,
        revision: int | None = None,
    ) -> int | None:
        """Note articles as looked at, with what was found in them, each with a message's id and body.

        All or nothing. Returns how many are new; None, and writes nothing, where the searches have
        changed since ``revision``. A search tells an article once, in whichever version it came first.
        """
        now = to_micros(datetime.now(UTC))
        new = 0
        reach("saved:before")
        with self.writing() as connection:
            if revision is not None and revision != _revision(connection):
                return None
            for one, message, body in found:
                values = (one.search_id, one.article_id, _shown(one), now)
                added = connection.execute(
                    "INSERT OR IGNORE INTO matches(search, article, shown, at) VALUES (?,?,?,?)", values
                )
                if not added.rowcount:
                    continue
                new += 1
                connection.execute(
                    "INSERT INTO deliveries SELECT ?,id,?,?,'pending',0,0,'',?,? FROM searches "
                    "WHERE id=? AND url IS NOT NULL",
                    (message, one.article_id, body, now, now, one.search_id),
                )
            for search_id in {one.search_id for one, _, _ in found}:
                connection.execute(
                    "DELETE FROM matches WHERE search=? AND match <= "
                    "(SELECT match FROM matches WHERE search=? ORDER BY match DESC LIMIT 1 OFFSET ?)",
                    (search_id, search_id, KEPT_MATCHES),
                )
            connection.executemany("INSERT OR REPLACE INTO seen VALUES (?,?)", list(digests.items()))
            if cursor is not None:
                _set(connection, "cursor", json.dumps([cursor.generation, cursor.change, cursor.shown_since]))
        reach("saved:after")
        return new

    def matches(self, search_id: str, *, limit: int, offset: int = 0) -> list[Match]:
        """What a search found, the newest first."""
        query = "SELECT * FROM matches WHERE search=? ORDER BY match DESC LIMIT ? OFFSET ?"
        with self.reading() as connection:
            return [_match(row) for row in connection.execute(query, (search_id, limit, offset))]

    def counts(self) -> dict[str, Counts]:
        """How many matches there are of each search that has any."""
        since = to_micros(datetime.now(UTC) - timedelta(days=1))
        query = "SELECT search, COUNT(*), SUM(at >= ?) FROM matches GROUP BY search"
        with self.reading() as connection:
            return {one: Counts(total, last) for one, total, last in connection.execute(query, (since,))}

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; SQLite's errors come out as ours."""
        with self._guard, self._faults():
            replaced = self._inode_now() not in {0, self._inode}
            if replaced or self._connection.overtaken():
                self._reopen()
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that commits at the end of the block, or leaves nothing behind."""
        with self._guard, self._faults():
            if not self._inode_now():
                raise StorageFailed(
                    f"{self.path} is gone, what is written would be lost; put a copy of it back or mount its "
                    "folder again, or restart the service to begin without saved searches"
                )
            if not self._connection.writable:  # the disk was full, and may have space now
                self._reopen()
        with self.reading() as connection, transaction(connection):
            yield connection

    def _reopen(self) -> None:
        opened = open_file(self.path, seconds=_BUSY_SECONDS, prepare=tables(_SCHEMA))
        self._connection.close()
        self._connection = opened
        self._inode = self._inode_now()

    def _inode_now(self) -> int:
        try:
            return os.stat(self.path).st_ino
        except OSError:
            return 0

    def _faults(self) -> AbstractContextManager[None]:
        way_out = "put a copy of it back, or remove it and save the searches again"
        return file_errors(self.path, way_out, ValueError, KeyError, TypeError)


def _set(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?,?)", (name, value))


def _revision(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM facts WHERE name='revision'").fetchone()
    return int(row[0]) if row else 0


def _revise(connection: sqlite3.Connection) -> None:
    _set(connection, "revision", str(_revision(connection) + 1))


def _definition(search: SavedSearch) -> str:
    where = {name: getattr(search.where, name) for name in LISTS}
    kept = {"name": search.name, "meaning": search.meaning, "words": search.words}
    return json.dumps({**kept, "threshold": search.threshold, "where": where}, ensure_ascii=False)


def _search(row: Sequence[Any]) -> SavedSearch:
    search_id, definition, url, secret, enabled, made_by, token, created, updated = row
    kept = json.loads(definition)
    where: dict[str, Any] = {
        name: None if values is None else tuple(values) for name, values in kept["where"].items()
    }
    return SavedSearch(
        search_id,
        kept["name"],
        kept["meaning"],
        float(kept["threshold"]),
        tuple(kept["words"]),
        Filter(**where),
        Webhook(url, secret) if url is not None else None,
        bool(enabled),
        made_by,
        token,
        from_micros(created),
        from_micros(updated),
    )


def _shown(found: Found) -> str:
    kept = {name: getattr(found, name) for name in ("score", "title", "passage", "url", "section", "author")}
    return json.dumps({**kept, "published_at": to_micros(found.published_at)}, ensure_ascii=False)


def _match(row: Sequence[Any]) -> Match:
    number, search_id, article_id, shown, at = row
    kept = json.loads(shown)
    published = from_micros(kept.pop("published_at"))
    moment = from_micros(at)
    assert moment is not None
    return Match(number, Found(search_id, article_id, published_at=published, **kept), moment)
