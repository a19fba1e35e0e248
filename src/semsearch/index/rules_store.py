"""Editors' rules and the history of their changes: one SQLite file beside the generations of an index.

``indexes/<name>/rules.db`` is no part of a generation: rebuilds and roll backs leave it alone.
Each change is one durable transaction, and every process sees it at its next request.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from semsearch.errors import IndexCorrupt, RuleInvalid, RuleNotFound, SemsearchError, StorageFailed
from semsearch.index.files import storage_errors
from semsearch.index.folder import CURRENT_FILE
from semsearch.index.sql_files import FileConnection, file_errors, open_file, tables, transaction
from semsearch.rules import KeptRule, Rule, RuleChange, rule_from, rule_record, wrong
from semsearch.ruleset import NO_RULES, RuleSet

log = logging.getLogger("semsearch.index")

FILE_NAME = "rules.db"
MAX_RULES = 5_000
MAX_HISTORY = 10_000  # changes that are kept; the oldest go first
MAX_WHO = 200  # characters of a name

_BUSY_SECONDS = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rules(
    id TEXT PRIMARY KEY, body TEXT NOT NULL, made_by TEXT NOT NULL, made_at TEXT NOT NULL,
    changed_by TEXT NOT NULL, changed_at TEXT NOT NULL, change INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history(
    change INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
    before TEXT, after TEXT);
CREATE INDEX IF NOT EXISTS history_id ON history(id, change);
"""
_VERSION = "SELECT seq FROM sqlite_sequence WHERE name='history'"


class RuleStore:
    """All rules of one index; safe for many threads and processes. Nothing is created before a change.

    Raises StorageFailed where the disk refuses, IndexCorrupt where the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.RLock()  # of the connection that reads
        self._writing = threading.Lock()  # a change that waits for another process holds up no search
        self._connection: FileConnection | None = None
        self._inode = 0
        self._beside_index = False  # when the file was looked at last
        self._read: tuple[int, int] | None = None  # inode and version of what is known
        self._known = NO_RULES

    def current(self) -> RuleSet:
        """The rules as they are now; read again only after a change, else in microseconds.

        Once they were read, a fault of the file is logged and the last known ones hold on: a search goes
        on with them rather than show what is hidden.
        """
        with self._guard:
            try:
                found = self._open()
                version = 0 if found is None else self._version(found)
                if (self._inode, version) != self._read:
                    self._known = RuleSet((one.rule for one in self.all()), version)
                    self._read = (self._inode, version)
            except SemsearchError as fault:
                if self._read is None:
                    raise
                log.warning("rules cannot be read, the last known ones hold on: %s", fault)
            return self._known

    def all(self) -> list[KeptRule]:
        """All rules, those changed last first."""
        return [_kept(row) for row in self._rows("SELECT * FROM rules ORDER BY change DESC")]

    def get(self, rule_id: str) -> KeptRule:
        """One rule; raises RuleNotFound."""
        rows = self._rows("SELECT * FROM rules WHERE id=?", rule_id)
        if not rows:
            raise _unknown(rule_id)
        return _kept(rows[0])

    def put(self, rule: Rule, by: str) -> tuple[KeptRule, bool]:
        """Keep a rule in the place of the one with its id, and say whether it is new.

        One that is as it was changes nothing. Raises RuleInvalid where there are too many.
        """
        with self._transaction() as connection:
            return self._put(connection, rule, by)

    def delete(self, rule_id: str, by: str) -> RuleChange:
        """Delete a rule; its history stays. Raises RuleNotFound."""
        self.get(rule_id)
        with self._transaction() as connection:
            before = self._held(connection, rule_id)
            if before is None:
                raise _unknown(rule_id)
            connection.execute("DELETE FROM rules WHERE id=?", (rule_id,))
            number, at = self._note(connection, rule_id, by, before.rule, None)
        return RuleChange(number, rule_id, at, by, before.rule, None)

    def history(
        self, rule_id: str | None = None, *, limit: int = 100, before: int | None = None
    ) -> list[RuleChange]:
        """The last changes of one rule or of all, newest first; ``before`` goes on behind a change.

        Raises RuleNotFound for an id that never was.
        """
        below = 2**62 if before is None else before
        if rule_id is None:
            rows = self._rows(
                "SELECT * FROM history WHERE change < ? ORDER BY change DESC LIMIT ?", below, limit
            )
        else:
            query = "SELECT * FROM history WHERE id=? AND change < ? ORDER BY change DESC LIMIT ?"
            rows = self._rows(query, rule_id, below, limit)
            if not rows and not self._rows("SELECT 1 FROM history WHERE id=? LIMIT 1", rule_id):
                self.get(rule_id)
        return [_changed(row) for row in rows]

    def restore(self, rule_id: str, change: int, by: str) -> KeptRule:
        """Put back the version of a rule that a change made, or that it deleted; raises RuleNotFound."""
        rows = self._rows("SELECT * FROM history WHERE id=? AND change=?", rule_id, change)
        if not rows:
            raise RuleNotFound(
                f"the history of rule '{rule_id}' has no change {change}; GET /v1/rules/{rule_id}/history or "
                f"semsearch rules history {rule_id} lists those that are kept"
            )
        return self.put(_changed(rows[0]).version, by)[0]

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _put(self, connection: sqlite3.Connection, rule: Rule, by: str) -> tuple[KeptRule, bool]:
        old = self._held(connection, rule.id)
        if old is not None and old.rule == rule:
            return old, False
        count = connection.execute("SELECT count(*) FROM rules").fetchone()[0]
        if old is None and count >= MAX_RULES:
            raise wrong("id", f"there are {MAX_RULES:,} rules, as many as are kept; delete some", rule.id)
        number, at = self._note(connection, rule.id, by, old.rule if old else None, rule)
        made_by, made_at = (old.made_by, old.made_at) if old else (_name(by), at)
        kept = KeptRule(rule, made_by, made_at, _name(by), at, number)
        row = (rule.id, _text(rule), made_by, made_at.isoformat(), kept.changed_by, at.isoformat(), number)
        connection.execute("INSERT OR REPLACE INTO rules VALUES (?,?,?,?,?,?,?)", row)
        return kept, old is None

    def _held(self, connection: sqlite3.Connection, rule_id: str) -> KeptRule | None:
        row = connection.execute("SELECT * FROM rules WHERE id=?", (rule_id,)).fetchone()
        return None if row is None else _kept(row)

    def _note(
        self, connection: sqlite3.Connection, rule_id: str, by: str, before: Rule | None, after: Rule | None
    ) -> tuple[int, datetime]:
        at = datetime.now(UTC)
        texts = (_text(before) if before else None, _text(after) if after else None)
        row = (rule_id, at.isoformat(), _name(by), *texts)
        added = connection.execute("INSERT INTO history(id, at, by, before, after) VALUES (?,?,?,?,?)", row)
        number = int(added.lastrowid or 0)
        connection.execute("DELETE FROM history WHERE change <= ?", (number - MAX_HISTORY,))
        return number, at

    def _version(self, connection: sqlite3.Connection) -> int:
        with self._faults():
            row = connection.execute(_VERSION).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._guard:
            connection = self._open()
            if connection is None:
                return []
            with self._faults():
                return connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with storage_errors(self.path):
            if not self.path.is_file():
                self._check_folder()
                self.path.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._writing,
            self._faults(),
            contextlib.closing(connect(self.path, writing=True)) as connection,
            transaction(connection, "rules"),
        ):
            yield connection

    def _open(self) -> sqlite3.Connection | None:
        """The file as it is now, opened anew where another took its place; None where there is none."""
        try:
            inode = os.stat(self.path).st_ino
        except FileNotFoundError:
            self._check_folder()
            inode = 0
        except OSError as exc:
            raise StorageFailed(f"{self.path}: {exc.strerror}; check its folder and permissions") from exc
        overtaken = self._connection is not None and self._connection.overtaken()
        if inode != self._inode or overtaken:
            self.close()
        if self._connection is None and inode:
            with self._faults():
                self._connection = connect(self.path)
        self._inode = inode
        self._beside_index = (self.path.parent / CURRENT_FILE).exists()
        return self._connection

    def _check_folder(self) -> None:
        """Raise StorageFailed where the rules are gone with the index that they were beside.

        A file that was removed alone means that there are no rules.
        """
        if self._beside_index and not (self.path.parent / CURRENT_FILE).exists():
            raise StorageFailed(
                f"{self.path} is gone with its index; mount its folder again, or bring it back with: "
                "semsearch index restore FILE"
            )

    def _faults(self) -> AbstractContextManager[None]:
        return file_errors(self.path, "put back a copy, or remove it: then there are no rules")


def connect(path: Path, *, writing: bool = False) -> FileConnection:
    """Open the file, made where it is missing; where the disk refuses, to read it, unless for ``writing``."""
    return open_file(path, seconds=_BUSY_SECONDS, prepare=tables(_SCHEMA), writing=writing)


def _unknown(rule_id: str) -> RuleNotFound:
    return RuleNotFound(f"there is no rule '{rule_id}'; GET /v1/rules or semsearch rules list has all")


def _name(by: str) -> str:
    return by.encode("utf-8", "replace").decode("utf-8")[:MAX_WHO]


def _text(rule: Rule) -> str:
    return json.dumps(rule_record(rule))


def _rule(text: str) -> Rule:
    try:
        return rule_from(json.loads(text))
    except (ValueError, TypeError, RuleInvalid) as exc:
        raise IndexCorrupt(
            f"a rule in {FILE_NAME} cannot be read ({exc}); it is damaged, or a newer semsearch wrote it"
        ) from exc


def _kept(row: tuple[Any, ...]) -> KeptRule:
    _, body, made_by, made_at, changed_by, changed_at, change = row
    made, changed = datetime.fromisoformat(made_at), datetime.fromisoformat(changed_at)
    return KeptRule(_rule(body), made_by, made, changed_by, changed, change)


def _changed(row: tuple[Any, ...]) -> RuleChange:
    change, rule_id, at, by, before, after = row
    old, new = (None if text is None else _rule(text) for text in (before, after))
    return RuleChange(change, rule_id, datetime.fromisoformat(at), by, old, new)
