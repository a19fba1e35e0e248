"""Snapshots: one generation as a tar, taken while it is read and written, and brought back from it.

The first member is the manifest, whose checksums cover all others; the store in it holds all live
changes up to the instant of the copy. Names that end in .gz or .tgz are compressed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from semsearch.errors import EncoderMismatch, IndexBusy, IndexCorrupt
from semsearch.index.archive_tar import (
    check_name,
    extract,
    opened,
    read_back,
    read_first,
    write_tar,
)
from semsearch.index.builder import STORE, parts_of
from semsearch.index.files import rename_durably, sha256, storage_errors, sync_tree
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import check_files
from semsearch.index.locks import SharedHold
from semsearch.index.manifest import (
    NAME,
    FileSum,
    read_manifest,
    write_manifest,
)
from semsearch.index.publishing import newest_change, verify
from semsearch.index.store import Store, store_errors
from semsearch.index.store_writer import StoreWriter
from semsearch.index.verifying import store_problems


@dataclass(frozen=True, slots=True)
class Archived:
    """A snapshot that was written and read back: how many articles are live in it, and its size."""

    file: Path
    generation: str
    articles: int
    passages: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A snapshot that is live again as ``generation``; ``notes`` say what it does not hold."""

    generation: str
    snapshot_of: str
    articles: int
    passages: int
    notes: tuple[str, ...] = ()


def write_archive(folder: IndexFolder, generation: str, file: Path) -> Archived:
    """Write one generation with its live changes to ``file``, durably and at once, and read it back.

    Raises IndexCorrupt where the generation is damaged, StorageFailed where the disk refuses; a file
    of that name stays as it was then.
    """
    check_name(file)
    path = folder.generation_path(folder.require(generation))
    temporary = file.with_name(f"{file.name}.tmp")
    copy = file.with_name(f"{file.name}.store.tmp")
    with _alone(temporary), contextlib.ExitStack() as cleaning:
        cleaning.callback(temporary.unlink, missing_ok=True)
        cleaning.callback(_remove_store, copy)
        manifest = read_manifest(path)
        check_files(path, manifest, thorough=True)
        hold = SharedHold(path / NAME)
        cleaning.callback(hold.release)
        articles, passages = _copy_store(path / STORE, copy)
        with storage_errors(copy):
            held = FileSum(copy.stat().st_size, sha256(copy))
        manifest = replace(manifest, files={**manifest.files, STORE: held})
        with storage_errors(temporary):
            write_tar(temporary, file.name, manifest, path, copy)
            size = temporary.stat().st_size
        read_back(temporary, file.name)
        with storage_errors(file):
            rename_durably(temporary, file)
    return Archived(file, generation, articles, passages, size)


def read_archive(
    folder: IndexFolder, file: Path, *, fingerprint: str | None = None, encoder: str = ""
) -> Restored:
    """Bring a snapshot back as a new generation, verify it and make it live.

    The index then holds what the snapshot held: changes made since stay with the generation that was
    live before. With ``fingerprint``, a snapshot of vectors of another encoder than that is refused
    (EncoderMismatch); ``encoder`` is its name. Raises IndexCorrupt where anything is missing, cut off,
    added or altered, FormatTooNew, IndexBusy while a build runs, StorageFailed.
    """
    check_name(file)
    folder.create()
    with folder.build_lock(), opened(file, file.name) as tar:
        manifest = read_first(tar, file)
        if fingerprint is not None and fingerprint != manifest.encoder.fingerprint:
            raise EncoderMismatch(
                f"{file} holds vectors of '{manifest.encoder.name}' ({manifest.encoder.fingerprint[:12]}), "
                f"the encoder in use is '{encoder}' ({fingerprint[:12]}); set [encoder] to the "
                "snapshot's, or restore it with --any-encoder and set it before searching"
            )
        building = folder.begin()
        try:
            extract(tar, file, manifest, building)
            _forget_journal(building / STORE)
            with storage_errors(building):
                sync_tree(building)
                store = FileSum((building / STORE).stat().st_size, sha256(building / STORE))
            generation = building.name.removesuffix(".building")
            files = {**manifest.files, STORE: store}
            with storage_errors(building):
                write_manifest(building, replace(manifest, id=generation, files=files, parent=None))
            folder.complete(building)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        return _publish(folder, generation, manifest.id, file)


def _publish(folder: IndexFolder, generation: str, origin: str, file: Path) -> Restored:
    """Make a restored generation live with a change number that no other has reached."""
    path = folder.generation_path(generation)
    report = verify(folder, generation)
    if report.problems:
        shutil.rmtree(path, ignore_errors=True)
        raise IndexCorrupt(
            f"{file} was restored but is not sound: {report.problems[0]}; use another snapshot"
        )
    others = [one for one in folder.generations() if one != generation]
    with folder.write_lock():
        store = parts_of(path)[0]
        with (
            contextlib.closing(StoreWriter(store)) as writer,
            writer.transaction("restore") as transaction,
        ):
            transaction.reach(newest_change(folder))
        folder.set_current(generation)
    notes = (
        ("changes made since the snapshot are not in it; semsearch index rollback brings them back",)
        if others
        else ()
    )
    return Restored(generation, origin, report.articles, report.passages, notes)


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
    _remove_store(copy)  # of a killed snapshot
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


def _remove_store(copy: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)


def _forget_journal(store: Path) -> None:
    """Its rows stay; its journal must not be carried into generations that never saw those changes."""
    with store_errors(store), contextlib.closing(sqlite3.connect(store)) as connection:
        if connection.execute("SELECT COUNT(*) FROM changes").fetchone()[0]:
            connection.execute("DELETE FROM changes")
            connection.commit()
