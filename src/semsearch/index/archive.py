"""Snapshots: one generation as a tar, taken while it is read and written, and brought back from it.

The first member is the manifest, whose checksums cover all others; the store in it holds all live
changes up to the instant of the copy. Names that end in .gz or .tgz are compressed.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from semsearch.errors import EncoderMismatch, IndexBusy, IndexCorrupt, StorageFailed
from semsearch.index.builder import STORE, parts_of
from semsearch.index.files import rename_durably, sha256, storage_errors, sync_tree
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import check_files
from semsearch.index.locks import SharedHold
from semsearch.index.manifest import (
    NAME,
    FileSum,
    Manifest,
    manifest_from_text,
    manifest_text,
    read_manifest,
    write_manifest,
)
from semsearch.index.publishing import newest_change, verify
from semsearch.index.store import Store, store_errors
from semsearch.index.store_writer import StoreWriter
from semsearch.index.verifying import store_problems

_MANIFEST_MOST = 64 * 1024 * 1024  # bytes; a manifest names some dozen files
_PIECE = 1024 * 1024
_TAR_FAULTS = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, UnicodeError)
_COMPRESSED = (".gz", ".tgz")


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
    _check_name(file)
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
            _write_tar(temporary, file.name, manifest, path, copy)
            size = temporary.stat().st_size
        _read_back(temporary, file.name)
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
    _check_name(file)
    folder.create()
    with folder.build_lock(), _opened(file, file.name) as tar:
        manifest = _read_first(tar, file)
        if fingerprint is not None and fingerprint != manifest.encoder.fingerprint:
            raise EncoderMismatch(
                f"{file} holds vectors of '{manifest.encoder.name}' ({manifest.encoder.fingerprint[:12]}), "
                f"the encoder in use is '{encoder}' ({fingerprint[:12]}); set [encoder] to the "
                "snapshot's, or restore it with --any-encoder and set it before searching"
            )
        building = folder.begin()
        try:
            _extract(tar, file, manifest, building)
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


def _check_name(file: Path) -> None:
    if file.suffix not in (".tar", *_COMPRESSED):
        raise StorageFailed(
            f"{file}: a snapshot is a .tar, .tar.gz or .tgz, not '{file.suffix or file.name}'; name it so"
        )


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


def _write_tar(temporary: Path, name: str, manifest: Manifest, path: Path, store: Path) -> None:
    compressed = name.endswith(_COMPRESSED)
    with open(temporary, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz" if compressed else "w", format=tarfile.PAX_FORMAT) as tar:
            text = manifest_text(manifest).encode()
            tar.addfile(_member(NAME, len(text), manifest), io.BytesIO(text))
            for one, expected in manifest.files.items():
                with open(store if one == STORE else path / one, "rb") as content:
                    tar.addfile(_member(one, expected.bytes, manifest), content)
        raw.flush()
        os.fsync(raw.fileno())


def _member(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    member.mtime = int(manifest.created_at.timestamp())
    return member


@contextlib.contextmanager
def _opened(file: Path, name: str) -> Iterator[tarfile.TarFile]:
    """A snapshot for reading from start to end; all that can be wrong with a tar comes out as ours."""
    with storage_errors(file), open(file, "rb") as raw:
        try:
            compressed = name.endswith(_COMPRESSED)
            with tarfile.open(fileobj=raw, mode="r:gz" if compressed else "r:") as tar:
                yield tar
        except _TAR_FAULTS as exc:
            raise _unusable(file, f"it is no whole tar: {exc}") from exc


def _read_back(temporary: Path, name: str) -> None:
    """Check what was written against the manifest in it."""
    with _opened(temporary, name) as tar:
        manifest = _read_first(tar, temporary)
        for _ in _checked(tar, temporary, manifest, None):
            pass


def _read_first(tar: tarfile.TarFile, file: Path) -> Manifest:
    member = tar.next()
    if member is None or member.name != NAME or not member.isreg() or member.size > _MANIFEST_MOST:
        raise _unusable(file, f"it does not begin with {NAME}")
    content = tar.extractfile(member)
    text = content.read() if content else b""
    try:
        manifest = manifest_from_text(text.decode(), file / NAME)
    except IndexCorrupt as exc:
        raise _unusable(file, f"its {NAME} is damaged") from exc
    for name in manifest.files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or any(part.startswith(".") or "\\" in part for part in parts):
            raise _unusable(file, f"it names a file outside the generation: {name[:80]!r}")
    if STORE not in manifest.files:
        raise _unusable(file, f"it has no {STORE}")
    return manifest


def _extract(tar: tarfile.TarFile, file: Path, manifest: Manifest, into: Path) -> None:
    for _ in _checked(tar, file, manifest, into):
        pass


def _checked(tar: tarfile.TarFile, file: Path, manifest: Manifest, into: Path | None) -> Iterator[str]:
    """Every member after the manifest, compared with it and written below ``into`` where given."""
    missing = dict(manifest.files)
    while (member := tar.next()) is not None:
        expected = missing.pop(member.name, None)
        if expected is None or not member.isreg():
            raise _unusable(
                file, f"it holds {member.name[:80]!r}, which its manifest does not name as a file"
            )
        content = tar.extractfile(member)
        if content is None or member.size != expected.bytes:
            raise _unusable(file, f"{member.name} has {member.size} bytes, should have {expected.bytes}")
        with storage_errors(into or file), contextlib.ExitStack() as files:
            target: IO[bytes] | None = None
            if into is not None:
                (into / member.name).parent.mkdir(parents=True, exist_ok=True)
                target = files.enter_context(open(into / member.name, "xb"))
            actual = _pour(content, target)
        if actual != expected.sha256:
            raise _unusable(
                file, f"{member.name} has checksum {actual[:12]}…, should have {expected.sha256[:12]}…"
            )
        yield member.name
    if missing:
        raise _unusable(file, f"it lacks {', '.join(sorted(missing)[:5])}")


def _pour(content: IO[bytes], target: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while piece := content.read(_PIECE):
        digest.update(piece)
        if target is not None:
            target.write(piece)
    return digest.hexdigest()


def _forget_journal(store: Path) -> None:
    """Its rows stay; its journal must not be carried into generations that never saw those changes."""
    with store_errors(store), contextlib.closing(sqlite3.connect(store)) as connection:
        if connection.execute("SELECT COUNT(*) FROM changes").fetchone()[0]:
            connection.execute("DELETE FROM changes")
            connection.commit()


def _unusable(file: Path, what: str) -> IndexCorrupt:
    return IndexCorrupt(f"{file} cannot be restored: {what}; nothing was changed, use another snapshot")
