"""Makes a generation out of the files of another: what was built once need not be built again."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from semsearch.errors import IndexCorrupt
from semsearch.index.builder import parts_of
from semsearch.index.failpoints import reach
from semsearch.index.files import storage_errors, sync_tree
from semsearch.index.folder import BUILDING, IndexFolder
from semsearch.index.manifest import FileSum, read_manifest, write_manifest
from semsearch.index.store import Store

_BLOCK = 2**20


def copy_generation(folder: IndexFolder, origin: str, *, settings: Mapping[str, object]) -> str:
    """A new generation with the files of ``origin`` as they were built, without later live changes.

    Files are copied, never linked: damage to one generation must not reach the one to go back to. Each is
    compared with its checksum on the way, so damage is not handed on either. Returns the new id; raises
    IndexCorrupt where ``origin`` is not as it was built, StorageFailed where the disk refuses, and leaves
    nothing behind then. The caller holds the build lock.
    """
    path = folder.generation_path(origin)
    manifest = read_manifest(path)
    building = folder.begin()
    try:
        for name, expected in manifest.files.items():
            _copy_file(path / name, building / name, expected)
        with storage_errors(building):
            sync_tree(building)
            copied = replace(
                manifest,
                id=building.name.removesuffix(BUILDING),
                created_at=datetime.now(UTC),
                settings=settings,
                parent=origin,
            )
            write_manifest(building, copied)
            return folder.complete(building)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def boilerplate_of(folder: IndexFolder, generation: str) -> list[tuple[bytes, str]]:
    """The site's boilerplate as a generation keeps it."""
    with contextlib.closing(Store(parts_of(folder.generation_path(generation))[0])) as store:
        return store.boilerplate()


def _copy_file(source: Path, target: Path, expected: FileSum) -> None:
    """Copy one file; raises IndexCorrupt unless what was read, and so written, has its checksum."""
    reach("copy:file:before")
    found = hashlib.sha256()
    with storage_errors(target):
        target.parent.mkdir(exist_ok=True)
        with target.open("wb") as copy:
            for block in _blocks(source):
                found.update(block)
                copy.write(block)
    if found.hexdigest() != expected.sha256:
        raise IndexCorrupt(
            f"{source} has checksum {found.hexdigest()[:12]}…, was built with {expected.sha256[:12]}…"
        )
    reach("copy:file:after")


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as exc:
        raise IndexCorrupt(f"{path} cannot be read: {exc.strerror}") from exc
