"""A generation as a tar: written with its manifest first, and read with every member checked against it."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from semsearch.errors import IndexCorrupt, StorageFailed
from semsearch.index.builder import STORE
from semsearch.index.files import storage_errors
from semsearch.index.manifest import NAME, Manifest, manifest_from_text, manifest_text

_MANIFEST_MOST = 64 * 1024 * 1024  # bytes; a manifest names some dozen files
_PIECE = 1024 * 1024
_TAR_FAULTS = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, UnicodeError)
_COMPRESSED = (".gz", ".tgz")


def check_name(file: Path) -> None:
    """Raise StorageFailed for a name that is none of a tar."""
    if file.suffix not in (".tar", *_COMPRESSED):
        raise StorageFailed(
            f"{file}: a snapshot is a .tar, .tar.gz or .tgz, not '{file.suffix or file.name}'; name it so"
        )


def write_tar(temporary: Path, name: str, manifest: Manifest, path: Path, store: Path) -> None:
    """Write manifest and files of the generation at ``path``, its store from ``store``, and sync them."""
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
def opened(file: Path, name: str) -> Iterator[tarfile.TarFile]:
    """A snapshot for reading from start to end; all that can be wrong with a tar comes out as ours."""
    with storage_errors(file), open(file, "rb") as raw:
        try:
            compressed = name.endswith(_COMPRESSED)
            with tarfile.open(fileobj=raw, mode="r:gz" if compressed else "r:") as tar:
                yield tar
        except _TAR_FAULTS as exc:
            raise unusable(file, f"it is no whole tar: {exc}") from exc


def read_back(temporary: Path, name: str) -> None:
    """Check what was written against the manifest in it."""
    with opened(temporary, name) as tar:
        manifest = read_first(tar, temporary)
        for _ in _checked(tar, temporary, manifest, None):
            pass


def read_first(tar: tarfile.TarFile, file: Path) -> Manifest:
    """The manifest, which must come first and name only files below the generation; raises IndexCorrupt."""
    member = tar.next()
    if member is None or member.name != NAME or not member.isreg() or member.size > _MANIFEST_MOST:
        raise unusable(file, f"it does not begin with {NAME}")
    content = tar.extractfile(member)
    text = content.read() if content else b""
    try:
        manifest = manifest_from_text(text.decode(), file / NAME)
    except IndexCorrupt as exc:
        raise unusable(file, f"its {NAME} is damaged") from exc
    for name in manifest.files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or any(part.startswith(".") or "\\" in part for part in parts):
            raise unusable(file, f"it names a file outside the generation: {name[:80]!r}")
    if STORE not in manifest.files:
        raise unusable(file, f"it has no {STORE}")
    return manifest


def extract(tar: tarfile.TarFile, file: Path, manifest: Manifest, into: Path) -> None:
    """Write all other members below ``into``; raises IndexCorrupt where one is not what the manifest says."""
    for _ in _checked(tar, file, manifest, into):
        pass


def _checked(tar: tarfile.TarFile, file: Path, manifest: Manifest, into: Path | None) -> Iterator[str]:
    """Every member after the manifest, compared with it and written below ``into`` where given."""
    missing = dict(manifest.files)
    while (member := tar.next()) is not None:
        expected = missing.pop(member.name, None)
        if expected is None or not member.isreg():
            raise unusable(file, f"it holds {member.name[:80]!r}, which its manifest does not name as a file")
        content = tar.extractfile(member)
        if content is None or member.size != expected.bytes:
            raise unusable(file, f"{member.name} has {member.size} bytes, should have {expected.bytes}")
        with storage_errors(into or file), contextlib.ExitStack() as files:
            target: IO[bytes] | None = None
            if into is not None:
                (into / member.name).parent.mkdir(parents=True, exist_ok=True)
                target = files.enter_context(open(into / member.name, "xb"))
            actual = _pour(content, target, file)
        if actual != expected.sha256:
            raise unusable(
                file, f"{member.name} has checksum {actual[:12]}…, should have {expected.sha256[:12]}…"
            )
        yield member.name
    if missing:
        raise unusable(file, f"it lacks {', '.join(sorted(missing)[:5])}")


def _pour(content: IO[bytes], target: IO[bytes] | None, file: Path) -> str:
    digest = hashlib.sha256()
    while piece := _piece(content, file):
        digest.update(piece)
        if target is not None:
            target.write(piece)
    return digest.hexdigest()


def _piece(content: IO[bytes], file: Path) -> bytes:
    try:
        return content.read(_PIECE)
    except gzip.BadGzipFile as exc:  # an OSError, but none of the disk that is written to
        raise unusable(file, f"it is no whole tar: {exc}") from exc


def unusable(file: Path, what: str) -> IndexCorrupt:
    """The error of a snapshot that cannot be restored."""
    return IndexCorrupt(f"{file} cannot be restored: {what}; nothing was changed, use another snapshot")
