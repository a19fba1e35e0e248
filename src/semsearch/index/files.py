"""Durable steps on files: write, sync, rename, checksum; the only way the index touches its folders."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from semsearch.errors import StorageFailed
from semsearch.index.failpoints import reach

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EFBIG: "the file would grow over the allowed size; raise the limit and run the command again",
    errno.EROFS: "the file system is read-only; mount it writable or choose another --indexes folder",
    errno.EACCES: "permission denied; give this user write permission or choose another --indexes folder",
    errno.EPERM: "permission denied; give this user write permission or choose another --indexes folder",
    errno.EIO: "the disk reports a read or write fault; check it",
}


_GENERATED = re.compile(r"\d{6,}-[0-9TZ]+")
_SEGMENT = re.compile(r"[0-9a-f]{32}")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Translate an OSError inside the block to StorageFailed that names ``path`` and the way out."""
    try:
        yield
    except OSError as exc:
        reason = _REASONS.get(exc.errno or 0, f"{exc.strerror or exc}")
        raise StorageFailed(f"{exc.filename or path}: {reason}") from exc


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    reach(f"fsync:{_step(path)}:before")
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    reach(f"fsync:{_step(path)}:after")


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    reach(f"fsync-folder:{_step(path)}:before")
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    reach(f"fsync-folder:{_step(path)}:after")


def sync_tree(folder: Path) -> None:
    """Make every file and folder below ``folder`` durable, itself last."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            sync_file(path)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            sync_folder(path)
    sync_folder(folder)


def write_durably(path: Path, content: str) -> None:
    """Replace a small text file by one atomic rename; durable when it returns."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    reach(f"write:{_step(path)}:before")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    reach(f"write:{_step(path)}:after")
    rename_durably(temporary, path)


def rename_durably(source: Path, target: Path) -> None:
    """Rename and make the new name durable."""
    reach(f"rename:{_step(target)}:before")
    os.replace(source, target)
    reach(f"rename:{_step(target)}:after")
    sync_folder(target.parent)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _step(path: Path) -> str:
    """A name for a failpoint that is the same in every run: no generation ids, no segment ids."""
    name = _GENERATED.sub("generation", path.name)
    return _SEGMENT.sub("segment", name)


def tree_bytes(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 where there is nothing."""
    if path.is_file():
        return path.stat().st_size
    return sum(found.stat().st_size for found in path.rglob("*") if found.is_file())
