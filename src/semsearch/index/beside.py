"""What an index holds beside its generations, for a snapshot: copied while it is in use, and put back.

Rules, saved searches, source states and events are SQLite files that a service has open. They are copied and
put back through SQLite itself, in one transaction: a running service sees the change as any other, and a
kill at any instant leaves the file as it was. Keys are one file of the whole installation.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.files import rename_durably, storage_errors, sync_folder
from semsearch.index.folder import IndexFolder
from semsearch.index.locks import exclusive
from semsearch.index.source_state import source_names
from semsearch.index.sql_files import open_file, refusal, refused

RULES = "rules.db"
SAVED = "saved.db"
EVENTS = "events.db"
KEYS = "keys.json"  # in the folder of all indexes
SOURCES = "sources/"

_BUSY_SECONDS = 30.0
_LOCK_SECONDS = 60.0
_PRIVATE = {SAVED, KEYS}  # secrets of webhooks; hashes of keys


@dataclass(frozen=True, slots=True)
class BesideCounts:
    """What files beside a generation hold; ``events`` and ``keys`` are None where they are not among them."""

    rules: int = 0
    rule_changes: int = 0
    saved_searches: int = 0
    matches: int = 0
    waiting_messages: int = 0
    sources: tuple[str, ...] = ()
    events: int | None = None
    keys: int | None = None


def place_of(folder: IndexFolder, name: str) -> Path:
    """Where a file lies in an index or, the keys, in the folder of all."""
    return folder.path.parent / name if name == KEYS else folder.path / name


def present(folder: IndexFolder, *, events: bool, keys: bool) -> list[str]:
    """The names of all there is to copy; events and keys only on request."""
    names = [f"{SOURCES}{source}.db" for source in source_names(folder)]
    names += [RULES, SAVED] + ([EVENTS] if events else []) + ([KEYS] if keys else [])
    return [name for name in names if place_of(folder, name).is_file()]


def copy_beside(folder: IndexFolder, name: str, into: Path) -> Path | None:
    """A copy of one file as of one instant, checked; None where nothing was ever kept in it.

    Raises IndexCorrupt where it is damaged, StorageFailed where the disk refuses.
    """
    source, copy = place_of(folder, name), into / name
    with storage_errors(copy):
        copy.parent.mkdir(parents=True, exist_ok=True)
        if name == KEYS:
            _write_private(copy, source.read_bytes())
            _keys_in(copy, source)
            return copy
    with _sql_errors(source), contextlib.closing(open_file(source, seconds=_BUSY_SECONDS)) as held:
        if not held.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            return None
        with contextlib.closing(sqlite3.connect(copy)) as made:
            held.backup(made)
            made.execute("PRAGMA journal_mode=DELETE")
    check_copy(copy, source)
    return copy


def check_copy(copy: Path, told: Path) -> None:
    """Raise IndexCorrupt, naming ``told``, unless a copy is a sound file of tables alone."""
    if copy.name == KEYS:
        _keys_in(copy, told)
        return
    with _sql_errors(told), contextlib.closing(open_file(copy, seconds=_BUSY_SECONDS)) as made:
        found = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
        kinds = {str(kind) for (kind,) in made.execute("SELECT DISTINCT type FROM sqlite_master")}
    if found != "ok" or kinds - {"table", "index"}:
        raise IndexCorrupt(f"{told} is damaged ({found}); put a copy of it back, or remove it")


def count_beside(copies: Mapping[str, Path]) -> BesideCounts:
    """What these copies hold, by their names."""
    rules, saved = copies.get(RULES), copies.get(SAVED)
    return BesideCounts(
        rules=_count(rules, "rules"),
        rule_changes=_count(rules, "history"),
        saved_searches=_count(saved, "searches"),
        matches=_count(saved, "matches"),
        waiting_messages=_count(saved, "deliveries WHERE state='pending'"),
        sources=tuple(_source(name) for name in sorted(copies) if name.startswith(SOURCES)),
        events=_count(copies[EVENTS], "events") if EVENTS in copies else None,
        keys=len(_keys_in(copies[KEYS], copies[KEYS])) if KEYS in copies else None,
    )


@contextlib.contextmanager
def held_for_restore(folder: IndexFolder, names: Iterable[str]) -> Iterator[None]:
    """Keep syncs and the matching of saved searches out while files are put back; raises IndexBusy."""
    with contextlib.ExitStack() as locks:
        for name in names:
            if name.startswith(SOURCES):
                source, lock = _source(name), place_of(folder, name).with_suffix(".lock")
                with storage_errors(lock):
                    lock.parent.mkdir(parents=True, exist_ok=True)
                locks.enter_context(exclusive(lock, f"restoring source '{source}'"))
            elif name == SAVED:
                lock, what = folder.path / "saved-matching.lock", "restoring saved searches"
                locks.enter_context(exclusive(lock, what, wait_seconds=_LOCK_SECONDS))
            elif name == KEYS:
                lock = place_of(folder, name).with_name("keys.lock")
                locks.enter_context(exclusive(lock, "restoring keys", wait_seconds=_LOCK_SECONDS))
        yield


def put_back(folder: IndexFolder, name: str, copy: Path, stamp: str) -> Path | None:
    """Let a file hold what ``copy`` does; what it held before is kept aside, and that file returned.

    ``copy`` is changed: it gets numbers that whoever follows the file has not seen.
    """
    target = place_of(folder, name)
    aside = target.with_name(f"{target.name}.before-restore-{stamp}") if target.is_file() else None
    if name == KEYS:
        with storage_errors(target):
            if aside is not None:
                _write_private(aside, target.read_bytes())
            whole = target.with_name(f".{target.name}.restored")
            whole.unlink(missing_ok=True)
            _write_private(whole, copy.read_bytes())
            rename_durably(whole, target)
        return aside
    if aside is not None:
        _keep_aside(target, aside)
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file():
            os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600 if name in _PRIVATE else 0o644))
    with _sql_errors(target), contextlib.ExitStack() as files:
        made = files.enter_context(contextlib.closing(sqlite3.connect(copy, isolation_level=None)))
        into = open_file(target, seconds=_BUSY_SECONDS, writing=True)
        files.enter_context(contextlib.closing(into))
        into.execute("PRAGMA journal_mode=WAL")
        into.execute("PRAGMA synchronous=FULL")
        _renumber(name, made, into)
        made.backup(into)
    with storage_errors(target):
        sync_folder(target.parent)
    return aside


def lost_rules(before: Path, copy: Path | None) -> list[tuple[str, bool]]:
    """Ids of rules of one file that another lacks or holds in another version, and whether each hides."""
    with _sql_errors(before), contextlib.closing(open_file(before, seconds=_BUSY_SECONDS)) as held:
        old = _rules_in(held)
    new: dict[str, str] = {}
    if copy is not None:
        with _sql_errors(copy), contextlib.closing(open_file(copy, seconds=_BUSY_SECONDS)) as made:
            new = _rules_in(made)
    lost = sorted(one for one, body in old.items() if new.get(one) != body)
    return [(one, json.loads(old[one]).get("action") == "hide") for one in lost]


def _rules_in(connection: sqlite3.Connection) -> dict[str, str]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='rules'").fetchone():
        return {}
    return {str(one): str(body) for one, body in connection.execute("SELECT id, body FROM rules")}


def _keep_aside(target: Path, aside: Path) -> None:
    """A copy of a file under another name; where it is damaged, the file itself."""
    with storage_errors(aside):
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with (
            contextlib.closing(open_file(target, seconds=_BUSY_SECONDS)) as held,
            contextlib.closing(sqlite3.connect(aside)) as kept,
        ):
            held.backup(kept)
            kept.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as exc:
        if refused(exc):
            aside.unlink(missing_ok=True)
            raise StorageFailed(refusal(aside, exc)) from exc
        with storage_errors(target):
            os.replace(target, aside)
            for ending in ("-wal", "-shm"):
                target.with_name(target.name + ending).unlink(missing_ok=True)


def _renumber(name: str, made: sqlite3.Connection, held: sqlite3.Connection) -> None:
    """Give a copy a number beyond its own and the file's: whoever knows either reads the rules anew."""
    if name == RULES:
        query, table = "SELECT seq FROM sqlite_sequence WHERE name='history'", "sqlite_sequence"
    elif name == SAVED:
        query, table = "SELECT value FROM facts WHERE name='revision'", "facts"
    else:
        return
    numbers = [0]
    for one in (made, held):
        if one.execute("SELECT 1 FROM sqlite_master WHERE name=?", (table,)).fetchone():
            numbers += [int(row[0]) for row in one.execute(query)]
    if name == RULES:
        made.execute("DELETE FROM sqlite_sequence WHERE name='history'")
        made.execute("INSERT INTO sqlite_sequence VALUES ('history', ?)", (max(numbers) + 1,))
    else:
        made.execute("INSERT OR REPLACE INTO facts VALUES ('revision', ?)", (str(max(numbers) + 1),))


def _count(file: Path | None, what: str) -> int:
    if file is None:
        return 0
    with _sql_errors(file), contextlib.closing(open_file(file, seconds=_BUSY_SECONDS)) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name=?", (what.split(maxsplit=1)[0],)
        ).fetchone():
            return 0
        return int(connection.execute(f"SELECT COUNT(*) FROM {what}").fetchone()[0])


def _keys_in(file: Path, told: Path) -> list[object]:
    try:
        found = json.loads(file.read_text("utf-8"))["keys"]
        if isinstance(found, list):
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise IndexCorrupt(f"{told} holds no keys that can be read; put a copy of it back, or leave it out")


def _source(name: str) -> str:
    return name.removeprefix(SOURCES).removesuffix(".db")


def _write_private(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _sql_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as exc:
        if refused(exc) or "locked" in str(exc):
            raise StorageFailed(refusal(path, exc)) from exc
        raise IndexCorrupt(f"{path} is damaged ({exc}); put a copy of it back, or remove it") from exc
