"""Snapshots: an index as one file, taken while it is read and written, and brought back from it.

It holds one generation with all live changes up to the instant of the copy, and what lies beside the
generations: rules, saved searches, the state of sources, on request events and keys. Names that end in
.gz or .tgz are compressed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from semsearch.errors import EncoderMismatch, IndexBusy, IndexCorrupt, StorageFailed
from semsearch.index.archive_tar import (
    BESIDE,
    Contents,
    check_name,
    extract,
    opened,
    read_back,
    read_first,
    unusable,
    write_tar,
)
from semsearch.index.beside import (
    KEYS,
    RULES,
    SAVED,
    SOURCES,
    BesideCounts,
    check_copy,
    copy_beside,
    count_beside,
    held_for_restore,
    lost_rules,
    place_of,
    present,
    put_back,
)
from semsearch.index.builder import STORE, parts_of
from semsearch.index.files import rename_durably, sha256, storage_errors, sync_tree, tree_bytes
from semsearch.index.folder import BUILDING, IndexFolder
from semsearch.index.generation import check_files
from semsearch.index.locks import SharedHold
from semsearch.index.manifest import NAME, FileSum, read_manifest, write_manifest
from semsearch.index.publishing import newest_change, verify
from semsearch.index.store import Store, store_errors
from semsearch.index.store_schema import migrate
from semsearch.index.store_writer import StoreWriter
from semsearch.index.verifying import store_problems

_SPARE = 16 * 1024 * 1024  # bytes that a restore leaves free, for logs of SQLite and folders


@dataclass(frozen=True, slots=True)
class Archived:
    """A snapshot that was written and read back: what is in it, and its size."""

    file: Path
    generation: str
    articles: int
    passages: int
    bytes: int
    beside: BesideCounts


@dataclass(frozen=True, slots=True)
class Restored:
    """A snapshot that is live again as ``generation``.

    ``beside`` is what came with it, None where only articles came. ``kept`` names files of the index that
    stayed, since the snapshot has none of the kind; ``set_aside`` are those it replaced, under a new name.
    """

    generation: str
    snapshot_of: str
    articles: int
    passages: int
    notes: tuple[str, ...] = ()
    beside: BesideCounts | None = None
    kept: tuple[str, ...] = ()
    set_aside: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How to restore: the generation alone, and whether keys of the snapshot replace those there are.

    With ``fingerprint``, a snapshot of vectors of another encoder than that, called ``encoder``, is refused.
    """

    only_articles: bool = False
    replace_keys: bool = False
    fingerprint: str | None = None
    encoder: str = ""


def write_archive(
    folder: IndexFolder, generation: str, file: Path, *, with_events: bool = False, with_keys: bool = False
) -> Archived:
    """Write one generation with its live changes, and what is beside, to ``file``, and read it back.

    Raises IndexCorrupt where anything of it is damaged, StorageFailed where the disk refuses; a file
    of that name stays as it was then.
    """
    check_name(file)
    path = folder.generation_path(folder.require(generation))
    temporary = file.with_name(f"{file.name}.tmp")
    copies = file.with_name(f"{file.name}.parts.tmp")
    with _alone(temporary), contextlib.ExitStack() as cleaning:
        cleaning.callback(temporary.unlink, missing_ok=True)
        manifest = read_manifest(path)
        check_files(path, manifest, thorough=True)
        hold = SharedHold(path / NAME)
        cleaning.callback(hold.release)
        with storage_errors(copies):
            shutil.rmtree(copies, ignore_errors=True)  # of a killed snapshot
            copies.mkdir(mode=0o700)
        cleaning.callback(shutil.rmtree, copies, ignore_errors=True)
        names = present(folder, events=with_events, keys=with_keys)
        beside: dict[str, Path] = {}
        # The state of a source may lag behind the articles, never be ahead of them; rules and saved searches
        # the other way round: an article must not be in the snapshot without the rule that hides it.
        _copy_all(folder, [name for name in names if name.startswith(SOURCES)], copies, beside)
        articles, passages = _copy_store(path / STORE, copies / STORE)
        _copy_all(folder, [name for name in names if not name.startswith(SOURCES)], copies, beside)
        with storage_errors(copies):
            manifest = replace(manifest, files={**manifest.files, STORE: _sum_of(copies / STORE)})
            contents = Contents(manifest, {name: _sum_of(copy) for name, copy in beside.items()})
        paths = {name: path / name for name in manifest.files} | {STORE: copies / STORE}
        paths |= {BESIDE + name: copy for name, copy in beside.items()}
        with storage_errors(temporary):
            write_tar(temporary, file.name, contents, paths)
            size = temporary.stat().st_size
        read_back(temporary, file.name)
        with storage_errors(file):
            rename_durably(temporary, file)
        return Archived(file, generation, articles, passages, size, count_beside(beside))


def _copy_all(folder: IndexFolder, names: list[str], into: Path, copies: dict[str, Path]) -> None:
    for name in names:
        copy = copy_beside(folder, name, into)
        if copy is not None:
            copies[name] = copy


def _sum_of(file: Path) -> FileSum:
    return FileSum(file.stat().st_size, sha256(file))


def read_archive(folder: IndexFolder, file: Path, options: RestoreOptions | None = None) -> Restored:
    """Bring a snapshot back as a new generation, verify it and make it live, with all that is beside it.

    The index then holds what the snapshot held: changes made since stay with the generation that was
    live before, and the files that it replaces are kept aside. Raises IndexCorrupt where anything is
    missing, cut off, added or altered, FormatTooNew, EncoderMismatch, IndexBusy while a build or a sync
    runs, StorageFailed where there is too little space.
    """
    options = options or RestoreOptions()
    check_name(file)
    folder.create()
    with folder.build_lock(), opened(file, file.name) as tar:
        contents = read_first(tar, file)
        _check_encoder(file, contents, options)
        _check_space(folder, file, contents)
        building = folder.begin()
        aside = building.with_name(f"{building.name.removesuffix(BUILDING)}-beside{BUILDING}")
        try:
            with storage_errors(aside):
                aside.mkdir(mode=0o700)
            extract(tar, file, contents, building, aside)
            generation = _complete(folder, building, contents)
            restored = _verified(folder, generation, contents.manifest.id, file)
            return _publish(folder, file, restored, _Beside(contents, aside, options))
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _check_encoder(file: Path, contents: Contents, options: RestoreOptions) -> None:
    held = contents.manifest.encoder
    if options.fingerprint is not None and options.fingerprint != held.fingerprint:
        raise EncoderMismatch(
            f"{file} holds vectors of '{held.name}' ({held.fingerprint[:12]}), "
            f"the encoder in use is '{options.encoder}' ({options.fingerprint[:12]}); set [encoder] to the "
            "snapshot's, or restore it with --any-encoder and set it before searching"
        )


def _check_space(folder: IndexFolder, file: Path, contents: Contents) -> None:
    """Raise StorageFailed before anything is unpacked that would not fit.

    Files beside the generation are unpacked, written through SQLite's log, and kept aside as they were.
    """
    there = sum(tree_bytes(place_of(folder, name)) for name in contents.beside or ())
    needed = sum(one.bytes for one in contents.files.values()) + 2 * contents.beside_bytes + there + _SPARE
    with storage_errors(folder.path):
        free = shutil.disk_usage(folder.path).free
    if needed > free:
        raise StorageFailed(
            f"{file} needs {needed:,} bytes to be restored, {folder.path} has {free:,} bytes free; "
            "free some space or choose another --indexes folder; nothing was changed"
        )


def _complete(folder: IndexFolder, building: Path, contents: Contents) -> str:
    """Give what was unpacked a manifest of its own and its final name; nobody reads it yet."""
    _forget_journal(building / STORE)
    manifest = contents.manifest
    with storage_errors(building):
        sync_tree(building)
        files = {**manifest.files, STORE: _sum_of(building / STORE)}
        generation = building.name.removesuffix(BUILDING)
        write_manifest(building, replace(manifest, id=generation, files=files, parent=None))
    return folder.complete(building)


def _verified(folder: IndexFolder, generation: str, origin: str, file: Path) -> Restored:
    report = verify(folder, generation)
    if report.problems:
        shutil.rmtree(folder.generation_path(generation), ignore_errors=True)
        raise IndexCorrupt(
            f"{file} was restored but is not sound: {report.problems[0]}; use another snapshot"
        )
    return Restored(generation, origin, report.articles, report.passages)


@dataclass(frozen=True, slots=True)
class _Beside:
    """The files of a snapshot that go beside the generation, unpacked in ``path``."""

    contents: Contents
    path: Path
    options: RestoreOptions


@dataclass(frozen=True, slots=True)
class _Put:
    """What became of these files: as the fields of ``Restored`` that tell it."""

    notes: tuple[str, ...] = ()
    beside: BesideCounts | None = None
    kept: tuple[str, ...] = ()
    set_aside: tuple[Path, ...] = ()


def _publish(folder: IndexFolder, file: Path, restored: Restored, beside: _Beside) -> Restored:
    """Put the other files in place, then make the generation live with a change number of its own.

    In this order a reader never sees an article without the rule that hides it, and a kill in between
    leaves source states that lag behind the articles, which a sync mends.
    """
    others = [one for one in folder.generations() if one != restored.generation]
    try:
        put = _Put() if beside.options.only_articles else _put_all(folder, file, beside)
        with folder.write_lock():
            store = parts_of(folder.generation_path(restored.generation))[0]
            with (
                contextlib.closing(StoreWriter(store)) as writer,
                writer.transaction("restore") as transaction,
            ):
                transaction.reach(newest_change(folder))
            folder.set_current(restored.generation)
    except BaseException:
        if _current(folder) != restored.generation:
            shutil.rmtree(folder.generation_path(restored.generation), ignore_errors=True)
        raise
    notes = (*_notes(beside), *put.notes)
    if others:
        notes = (
            "changes made since the snapshot are not in it; semsearch index rollback brings them back",
            *notes,
        )
    return replace(restored, notes=notes, beside=put.beside, kept=put.kept, set_aside=put.set_aside)


def _current(folder: IndexFolder) -> str:
    with contextlib.suppress(Exception):
        return folder.current()
    return ""


def _put_all(folder: IndexFolder, file: Path, beside: _Beside) -> _Put:
    """Put every file back that the snapshot has; those of kinds that it has not stay."""
    copies, notes = {name: beside.path / name for name in beside.contents.beside or ()}, list[str]()
    for name, copy in copies.items():
        try:
            check_copy(copy, file / name)
        except IndexCorrupt as exc:
            raise unusable(file, str(exc)) from exc
    keys = place_of(folder, KEYS)
    if KEYS in copies and keys.is_file() and not beside.options.replace_keys:
        del copies[KEYS]
        notes.append(
            f"{keys} stays: keys of the snapshot replace those of this installation only with --with-keys"
        )
    counts = count_beside(copies)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"  # no two restores give the same names
    set_aside = []
    with held_for_restore(folder, copies):
        if RULES in copies and place_of(folder, RULES).is_file():
            notes += _rules_note(place_of(folder, RULES), copies[RULES], stamp)
        for name, copy in sorted(copies.items()):
            replaced = put_back(folder, name, copy, stamp)
            if replaced is not None:
                set_aside.append(replaced)
    kept = tuple(one for one in present(folder, events=True, keys=True) if one not in copies)
    if RULES in kept and (rules := len(lost_rules(place_of(folder, RULES), None))):
        notes.append(f"the snapshot holds no rules: the {rules} of this index stay")
    if SAVED in copies and counts.waiting_messages:
        notes.append(
            f"{counts.waiting_messages} messages of saved searches waited when the snapshot was taken; "
            "a service sends them, perhaps for the second time"
        )
    return _Put(tuple(notes), counts, kept, tuple(set_aside))


def _rules_note(before: Path, copy: Path, stamp: str) -> list[str]:
    """Which rules of the index the snapshot takes away, those that hide articles first."""
    try:
        lost = lost_rules(before, copy)
    except (IndexCorrupt, ValueError):
        return [f"{before.name} was damaged; it is set aside. Restart services that run"]
    if not lost:
        return []
    hiding = [one for one, hides in lost if hides]
    named = [*hiding, *(one for one, hides in lost if not hides)][:5]
    what = f", {len(hiding)} of which hid articles that may now be found again" if hiding else ""
    rules = "1 rule of this index is" if len(lost) == 1 else f"{len(lost)} rules of this index are"
    return [
        f"{rules} not in the snapshot, or in another version{what}: "
        f"{', '.join(named)}{', …' if len(lost) > len(named) else ''}; the rules before are in "
        f"{before.name}.before-restore-{stamp}"
    ]


def _notes(beside: _Beside) -> tuple[str, ...]:
    if beside.options.only_articles:
        return ("only articles were restored: rules, saved searches and sources are as they were",)
    if beside.contents.beside is None:
        return (
            "the snapshot is of an earlier release and holds articles alone: no rules, saved searches or "
            "sources. What rules hid is found again unless this index has those rules",
        )
    return ()


@contextlib.contextmanager
def _alone(temporary: Path) -> Iterator[None]:
    """Hold the temporary file, so that two snapshots to one name do not write into each other."""
    with storage_errors(temporary):
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(handle)
        raise IndexBusy(f"{temporary} is being written by another process; wait for it to end") from exc
    try:
        yield
    finally:
        os.close(handle)


def _copy_store(source: Path, copy: Path) -> tuple[int, int]:
    """One consistent copy of a store that is being written; returns its live articles and passages."""
    store = Store(source)
    try:
        with store.connection() as connection, store_errors(copy):
            target = sqlite3.connect(copy)
            with contextlib.closing(target):
                connection.backup(target)
                target.execute("PRAGMA journal_mode=WAL")
        copied = Store(copy)
        with contextlib.closing(copied):
            problems = store_problems(copied)
            with copied.connection() as connection:
                query = "SELECT COUNT(*), COALESCE(SUM(passages), 0) FROM articles WHERE removed IS NULL"
                articles, passages = connection.execute(query).fetchone()
    finally:
        store.close()
    if problems:
        raise IndexCorrupt(
            f"{source} is damaged ({problems[0]}); nothing was written; see semsearch index verify"
        )
    return int(articles), int(passages)


def _forget_journal(path: Path) -> None:
    """Its rows stay; its journal must not be carried into generations that never saw those changes.

    Which articles were deleted is kept: an earlier release kept that in the journal alone.
    """
    with contextlib.closing(Store(path)) as store:
        deleted = store.deleted()
    with store_errors(path), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if connection.execute("SELECT COUNT(*) FROM changes").fetchone()[0]:
            connection.execute("BEGIN IMMEDIATE")
            migrate(connection)
            connection.executemany("INSERT OR REPLACE INTO deleted VALUES (?,?)", list(deleted.items()))
            connection.execute("DELETE FROM changes")
            connection.execute("COMMIT")
