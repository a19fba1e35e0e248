"""What every SQLite file beside a generation has in common: whole transactions, and errors that are ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.failpoints import reach


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
        raise StorageFailed(f"{path}: {exc}; check free space, permissions and other processes") from exc
    except damage as exc:
        raise IndexCorrupt(f"{path} is damaged ({exc}); {way_out}") from exc
