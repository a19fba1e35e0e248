"""What readers looked for and clicked: one SQLite file beside the index, bounded in time and in size.

It holds no address, no cookie and nothing else that names a reader; it is no part of a generation, so a
rebuild or a roll back leaves it alone, and it may be removed at any time.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from semsearch.errors import InputError, StorageFailed
from semsearch.index.sql_files import FileConnection, open_file, tables
from semsearch.index.store_schema import from_micros, to_micros

EventKind = Literal["impression", "click", "search"]
KINDS: tuple[EventKind, ...] = get_args(EventKind)
MAX_QUERY = 200  # characters of a query that are kept
MAX_EVENTS = 2_000_000  # beyond these the oldest go first; about 300 MB
PRUNE_SECONDS = 3600.0

_BUSY_SECONDS = 5.0  # a chart or another worker may hold the file; a beacon is not worth a longer wait
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events(
    event INTEGER PRIMARY KEY, kind TEXT NOT NULL, article_id TEXT, related_id TEXT,
    position INTEGER, query TEXT, results INTEGER, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS events_at ON events(at);
"""
_COLUMNS = "kind, article_id, related_id, position, query, results, at"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on a page.

    ``search``: ``query`` was asked and found ``results`` articles. ``impression`` and ``click`` of a
    related list: ``related_id`` stood at ``position`` (from 1) under ``article_id``. A ``click`` on a
    search result: ``related_id`` at ``position`` for ``query``. Longer queries are cut to 200 characters.

    Raises InputError for a kind that is not known and a time without a zone.
    """

    kind: EventKind
    article_id: str | None = None
    related_id: str | None = None
    position: int | None = None
    query: str | None = None
    results: int | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"event kind is {self.kind!r}; give one of {', '.join(KINDS)}")
        if self.at is not None and self.at.tzinfo is None:
            raise InputError(f"event time {self.at.isoformat()} has no time zone; give one, such as UTC")
        if self.query is not None:
            object.__setattr__(self, "query", self.query[:MAX_QUERY])


class EventStore:
    """Adds and reads events; for several threads and processes.

    What is older than ``days`` is never read and is removed once an hour, and so is what goes beyond
    ``most`` events. Raises StorageFailed where the disk refuses.
    """

    def __init__(self, path: Path, *, days: int = 30, most: int = MAX_EVENTS) -> None:
        self._path = path
        self._days = days
        self._most = most
        self._guard = threading.Lock()
        self._pruned = float("-inf")
        with event_errors(path):
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = open_events(path)

    def add(self, events: Sequence[Event]) -> None:
        """Keep events; one without a time happened now."""
        now = datetime.now(UTC)
        rows = [(*astuple(one)[:-1], to_micros(one.at or now)) for one in events]
        with self._faults(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(f"INSERT INTO events({_COLUMNS}) VALUES (?,?,?,?,?,?,?)", rows)
        if time.monotonic() - self._pruned > PRUNE_SECONDS:
            self.prune()

    def read(
        self,
        kind: EventKind | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100_000,
    ) -> list[Event]:
        """Events of a time, the oldest first: from ``since`` to before ``until``, of one kind or all."""
        first = max(self._oldest(), since) if since else self._oldest()
        asked = [to_micros(first), to_micros(until) if until else 2**62]
        query = f"SELECT {_COLUMNS} FROM events WHERE at >= ? AND at < ?"
        if kind is not None:
            query += " AND kind = ?"
        with self._faults():
            rows = self._connection.execute(
                f"{query} ORDER BY at, event LIMIT ?", [*asked, *([kind] if kind else []), limit]
            ).fetchall()
        return [_event(row) for row in rows]

    def prune(self) -> int:
        """Remove what is too old or too much; returns how many."""
        self._pruned = time.monotonic()
        with self._faults(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            old = self._connection.execute("DELETE FROM events WHERE at < ?", (to_micros(self._oldest()),))
            surplus = self._connection.execute(
                "DELETE FROM events WHERE event IN "
                "(SELECT event FROM events ORDER BY at DESC, event DESC LIMIT -1 OFFSET ?)",
                (self._most,),
            )
        return old.rowcount + surplus.rowcount

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - timedelta(days=self._days)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        with self._guard, event_errors(self._path):
            if not self._connection.writable:  # the disk was full, and may have space now
                self._connection.close()
                self._connection = open_events(self._path)
            yield


@contextmanager
def event_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as StorageFailed: damage, too, for nothing depends on events."""
    try:
        yield
    except (sqlite3.Error, OSError) as exc:
        raise StorageFailed(
            f"{path}: {exc}; check disk and permissions, or remove the file: it is only events"
        ) from exc


def _event(row: tuple[Any, ...]) -> Event:
    kind, article, related, position, query, results, at = row
    return Event(kind, article, related, position, query, results, from_micros(at))


def open_events(path: Path) -> FileConnection:
    """Open the file of events, made where it is missing."""
    return open_file(path, seconds=_BUSY_SECONDS, prepare=tables(_SCHEMA, synchronous="NORMAL"))
