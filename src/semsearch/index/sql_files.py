"""What every SQLite file has in common: how it is opened, whole transactions, and errors that are ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.failpoints import reach

# The disk refuses to write: full, over the quota, read-only, no permission. Reading may still work.
_REFUSALS = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
_FROZEN = "?mode=ro&immutable=1"
_LEAST_FREE = 65_536  # bytes; a disk with less is full for SQLite, whose -shm file alone has half of that
_LOOK = "SELECT COUNT(*) FROM sqlite_master"  # makes SQLite open the file with its -wal and -shm


class FileConnection(sqlite3.Connection):
    """A connection that knows how it was opened: ``frozen`` where it sees nothing that others write."""

    writable = True
    frozen = False
    _path = Path()
    _seen: tuple[int, ...] = ()

    def opened_as(self, path: Path, how: str) -> None:
        """Keep how it was opened, and what the file was then."""
        self.writable, self.frozen = not how, how == _FROZEN
        self._path, self._seen = path, _stamp(path)

    def overtaken(self) -> bool:
        """Whether it is frozen and somebody has written since: the disk takes changes again."""
        return self.frozen and (writers_came(self._path) or _stamp(self._path) != self._seen)


def open_file(
    path: Path,
    *,
    seconds: float,
    prepare: Callable[[sqlite3.Connection], object] = lambda _: None,
    writing: bool = False,
) -> FileConnection:
    """Open a file for any thread; a lock is waited for so many ``seconds``.

    ``prepare`` sets it up for writing and makes its tables. Where the disk refuses that (full, read-only,
    no permission) and the file is there, it is opened for reading alone, unless it is for ``writing``. A file
    that the disk refused when it was made has no tables yet: it reads as one in which nothing was ever kept.
    """
    there = path.is_file()
    if not there or os.access(path.parent, os.W_OK):
        try:
            return _opened(path, "", seconds, prepare)
        except sqlite3.OperationalError as exc:
            if not there or writing or not refused(exc):
                raise
    opened = _opened_to_read(path, seconds)
    if opened.execute(_LOOK).fetchone()[0]:
        return opened
    opened.close()
    empty = _opened(path, "", seconds, prepare, instead=":memory:")
    empty.opened_as(path, _FROZEN)
    return empty


def _opened_to_read(path: Path, seconds: float) -> FileConnection:
    how = reading_only(path)
    try:
        return _opened(path, how, seconds)
    except sqlite3.OperationalError as exc:
        if how == _FROZEN or not refused(exc) or writers_came(path):
            raise
    return _opened(path, _FROZEN, seconds)


def tables(schema: str, *, synchronous: str = "FULL") -> Callable[[sqlite3.Connection], None]:
    """Sets a file up for writing, with a log and these tables; FULL keeps what is committed at any cut."""

    def prepare(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        # A new file gets all of them or none; one that has them takes no lock.
        is_new = not connection.execute(_LOOK).fetchone()[0]
        connection.executescript(f"BEGIN IMMEDIATE;{schema};COMMIT;" if is_new else schema)

    return prepare


def _opened(
    path: Path,
    how: str,
    seconds: float,
    prepare: Callable[[sqlite3.Connection], object] = lambda _: None,
    instead: str = "",
) -> FileConnection:
    connection = sqlite3.connect(
        instead or path.absolute().as_uri() + how,
        uri=True,
        timeout=seconds,
        check_same_thread=False,
        isolation_level=None,
        factory=FileConnection,
    )
    try:
        prepare(connection)
        connection.execute(_LOOK).fetchone()
    except BaseException:
        connection.close()
        raise
    connection.opened_as(path, how)
    return connection


def _stamp(path: Path) -> tuple[int, ...]:
    with suppress(OSError):
        found = path.stat()
        return (found.st_ino, found.st_size, found.st_mtime_ns)
    return ()


def refused(exc: sqlite3.Error) -> bool:
    """Whether an error says that the disk does not take what SQLite writes."""
    return (getattr(exc, "sqlite_errorcode", 0) & 0xFF) in _REFUSALS


def refusal(path: Path, exc: sqlite3.Error) -> str:
    """What kept SQLite from writing or opening a file, with what to do; it calls a full disk an I/O error."""
    with suppress(OSError):
        disk = os.statvfs(path.parent)
        nameless = disk.f_files > 0 and not disk.f_favail  # some file systems count no files
        full = nameless or disk.f_bavail * disk.f_frsize < _LEAST_FREE
        if "full" in str(exc) or (full and refused(exc)):
            return f"{path}: the disk is full; free some space and run it again"
    return f"{path}: {exc}; check free space, permissions and other processes"


def reading_only(path: Path) -> str:
    """How to open a file where SQLite cannot make its -wal and -shm files.

    With both there, a writer has the folder writable elsewhere, or was killed: SQLite reads them. With
    neither, nothing is outside the main file and nobody changes it. Raises StorageFailed in between.
    """
    log, shared = (path.with_name(path.name + ending) for ending in ("-wal", "-shm"))
    if log.exists() and shared.exists():
        return "?mode=ro"
    if writers_came(path):
        raise StorageFailed(
            f"{path}: the folder is read-only, or its disk full, and {log.name} holds changes that only a "
            "writer can take in; open the index once where it can be written (semsearch index status)"
        )
    return _FROZEN


def writers_came(path: Path) -> bool:
    """Whether somebody writes to a file that was opened as one that nobody changes."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


@contextmanager
def transaction(connection: sqlite3.Connection, failpoint: str = "") -> Iterator[None]:
    """Commit at the end of the block, or leave nothing behind; tests stop before and after the commit."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        if failpoint:
            reach(f"{failpoint}:before")
        connection.execute("COMMIT")
        if failpoint:
            reach(f"{failpoint}:after")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def file_errors(path: Path, way_out: str, *others: type[Exception]) -> Iterator[None]:
    """SQLite's errors of a file as StorageFailed or IndexCorrupt; ``others`` tell of damage, too."""
    damage: tuple[type[Exception], ...] = (sqlite3.DatabaseError, *others)
    try:
        yield
    except sqlite3.OperationalError as exc:
        raise StorageFailed(refusal(path, exc)) from exc
    except damage as exc:
        raise IndexCorrupt(f"{path} is damaged ({exc}); {way_out}") from exc
