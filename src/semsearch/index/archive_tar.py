"""A snapshot as a tar: its contents named first, and every member read against what was named.

``snapshot.json`` comes first and names the files beside the generation, ``manifest.json`` second and names
those of the generation, each with size and checksum. So before anything is unpacked it is known how many
files there will be and how large. The first snapshots begin with ``manifest.json``: they hold one
generation alone.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from semsearch.errors import FormatTooNew, IndexCorrupt, StorageFailed
from semsearch.index.builder import STORE
from semsearch.index.files import storage_errors
from semsearch.index.manifest import NAME, FileSum, Manifest, manifest_from_text, manifest_text, seal

HEADER = "snapshot.json"
BESIDE = "beside/"  # before the names of files beside the generation
FORMAT = 1

_HEADER_MOST = 4 * 1024 * 1024  # bytes of a header; a manifest names some dozen files
_FILES_MOST = 20_000
_PIECE = 1024 * 1024
_TAR_FAULTS = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, UnicodeError)
_COMPRESSED = (".gz", ".tgz")
_BESIDE_NAME = re.compile(
    r"rules\.db|saved\.db|events\.db|keys\.json|sources/[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.db"
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a snapshot names: a generation, and the files beside it, None in one that never had any."""

    manifest: Manifest
    beside: Mapping[str, FileSum] | None

    @property
    def files(self) -> dict[str, FileSum]:
        """All members after the headers."""
        return {**self.manifest.files, **{BESIDE + name: one for name, one in (self.beside or {}).items()}}

    @property
    def beside_bytes(self) -> int:
        """Bytes of the files beside the generation."""
        return sum(one.bytes for one in (self.beside or {}).values())


def check_name(file: Path) -> None:
    """Raise StorageFailed for a name that is none of a tar."""
    if file.suffix not in (".tar", *_COMPRESSED):
        raise StorageFailed(
            f"{file}: a snapshot is a .tar, .tar.gz or .tgz, not '{file.suffix or file.name}'; name it so"
        )


def write_tar(temporary: Path, name: str, contents: Contents, paths: Mapping[str, Path]) -> None:
    """Write the headers and all members, each from its path, and sync them."""
    compressed = name.endswith(_COMPRESSED)
    manifest = contents.manifest
    with open(temporary, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz" if compressed else "w", format=tarfile.PAX_FORMAT) as tar:
            for title, text in ((HEADER, _header_text(contents)), (NAME, manifest_text(manifest))):
                encoded = text.encode()
                tar.addfile(_member(title, len(encoded), manifest), io.BytesIO(encoded))
            for one, expected in contents.files.items():
                with open(paths[one], "rb") as content:
                    tar.addfile(_member(one, expected.bytes, manifest), content)
        raw.flush()
        os.fsync(raw.fileno())


def _header_text(contents: Contents) -> str:
    told: dict[str, object] = {
        "format": FORMAT,
        "files": {name: asdict(one) for name, one in (contents.beside or {}).items()},
    }
    return json.dumps(told | {"checksum": seal(told)}, indent=1) + "\n"


def _member(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    member.mtime = int(manifest.created_at.timestamp())
    return member


class _Bounded:
    """A stream that refuses to read more at once than any part of a snapshot needs.

    tarfile takes an extended header into memory whole, however long it says it is.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes; raises ReadError for too many."""
        if size < 0 or size > _HEADER_MOST:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self._stream.read(size)


@contextlib.contextmanager
def opened(file: Path, name: str) -> Iterator[tarfile.TarFile]:
    """A snapshot for reading from start to end; all that can be wrong with a tar comes out as ours."""
    with storage_errors(file), open(file, "rb") as raw, contextlib.ExitStack() as stack:
        stream: IO[bytes] = raw
        if name.endswith(_COMPRESSED):
            stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb")))
        try:
            with _senseless(file):  # the first header is read at once
                tar = tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream)), mode="r:")  # noqa: SIM115
            with tar:
                yield tar
        except _TAR_FAULTS as exc:
            raise unusable(file, f"it is no whole tar: {exc}") from exc


def _next(tar: tarfile.TarFile, file: Path) -> tarfile.TarInfo | None:
    with _senseless(file):
        return tar.next()


@contextlib.contextmanager
def _senseless(file: Path) -> Iterator[None]:
    """Whatever a header can do to tarfile as a fault of the file; tarfile calls itself for each header."""
    try:
        yield
    except gzip.BadGzipFile as exc:  # an OSError, but none of a disk
        raise unusable(file, f"it is no whole tar: {exc}") from exc
    except (ValueError, OverflowError, RecursionError, MemoryError) as exc:
        raise unusable(file, f"it has a header that makes no sense ({type(exc).__name__})") from exc


def read_back(temporary: Path, name: str) -> None:
    """Check what was written against the headers in it."""
    with opened(temporary, name) as tar:
        contents = read_first(tar, temporary)
        for _ in _checked(tar, temporary, contents, None):
            pass


def read_first(tar: tarfile.TarFile, file: Path) -> Contents:
    """The headers, which must come first and name only files of a snapshot; raises IndexCorrupt."""
    title, text = _header(tar, file, (HEADER, NAME))
    beside = None
    if title == HEADER:
        beside = _beside_files(file, text)
        _, text = _header(tar, file, (NAME,))
    try:
        manifest = manifest_from_text(text.decode(), file / NAME)
    except (IndexCorrupt, UnicodeDecodeError) as exc:
        raise unusable(file, f"its {NAME} is damaged") from exc
    contents = Contents(manifest, beside)
    _check_names(file, contents)
    return contents


def _header(tar: tarfile.TarFile, file: Path, titles: tuple[str, ...]) -> tuple[str, bytes]:
    member = _next(tar, file)
    wrong = member is None or member.name not in titles or not member.isreg() or member.issparse()
    if wrong or member is None or member.size > _HEADER_MOST:
        raise unusable(file, f"it does not begin with {titles[0]}")
    content = tar.extractfile(member)
    return member.name, content.read(member.size) if content else b""


def _beside_files(file: Path, text: bytes) -> dict[str, FileSum]:
    try:
        told: dict[str, Any] = json.loads(text)
        version = int(told["format"])
        if version > FORMAT:
            raise FormatTooNew(
                f"{file} is a snapshot of format {version}, this semsearch reads up to {FORMAT}; "
                "update semsearch"
            )
        held = told.pop("checksum")
        found = {
            str(name): FileSum(int(one["bytes"]), str(one["sha256"])) for name, one in told["files"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise unusable(file, f"its {HEADER} is damaged") from exc
    if held != seal(told):
        raise unusable(file, f"its {HEADER} is damaged")
    return found


def _check_names(file: Path, contents: Contents) -> None:
    """Raise IndexCorrupt unless number, sizes and places of all files are those of a snapshot."""
    names = contents.manifest.files
    if len(contents.files) > _FILES_MOST:
        raise unusable(
            file, f"it names {len(contents.files):,} files; a snapshot has {_FILES_MOST:,} at most"
        )
    for name in names:
        parts = PurePosixPath(name).parts
        outside = not parts or name.startswith("/") or "\0" in name
        if outside or any(part.startswith(".") or "\\" in part for part in parts):
            raise unusable(file, f"it names a file outside the generation: {name[:80]!r}")
        if name == NAME or any(str(parent) in names for parent in PurePosixPath(name).parents):
            raise unusable(file, f"it names {name[:80]!r} twice, as a file and as something else")
    for name in contents.beside or ():
        if not _BESIDE_NAME.fullmatch(name):
            raise unusable(file, f"it names a file that no snapshot has: {name[:80]!r}")
    if min((one.bytes for one in contents.files.values()), default=0) < 0:
        raise unusable(file, "it names a file of less than no bytes")
    if STORE not in names:
        raise unusable(file, f"it has no {STORE}")


def extract(tar: tarfile.TarFile, file: Path, contents: Contents, into: Path, beside: Path) -> None:
    """Write the generation below ``into`` and the other files below ``beside``.

    Raises IndexCorrupt at the first member that is not what was named.
    """

    def place(name: str) -> Path:
        return beside / name.removeprefix(BESIDE) if name.startswith(BESIDE) else into / name

    for _ in _checked(tar, file, contents, place):
        pass


def _checked(
    tar: tarfile.TarFile, file: Path, contents: Contents, place: Callable[[str], Path] | None
) -> Iterator[str]:
    """Every member after the headers, compared with them and written to its ``place`` where given."""
    missing = contents.files
    while (member := _next(tar, file)) is not None:
        expected = missing.pop(member.name, None)
        if expected is None or not member.isreg() or member.issparse():
            raise unusable(file, f"it holds {member.name[:80]!r}, which its manifest does not name as a file")
        content = tar.extractfile(member)
        if content is None or member.size != expected.bytes:
            raise unusable(file, f"{member.name} has {member.size} bytes, should have {expected.bytes}")
        with contextlib.ExitStack() as files:
            target: IO[bytes] | None = None
            if place is not None:
                path = place(member.name)
                files.enter_context(storage_errors(path))
                path.parent.mkdir(parents=True, exist_ok=True)
                target = files.enter_context(open(path, "xb"))
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
