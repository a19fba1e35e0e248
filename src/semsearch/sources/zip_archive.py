"""A zip archive as a folder of files that are read where they lie; nothing is written to the disk."""

from __future__ import annotations

import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from semsearch.errors import SourceUnreadable
from semsearch.sources.files import InputFile
from semsearch.sources.protocol import Note
from semsearch.sources.unpacking import GZIP_MAGIC, MOST_RATIO, UNBOUNDED_BYTES, Bounded, unpack

MOST_MEMBERS = 2_000_000
_ENCRYPTED = 0x1
_LEADS_OUT = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f]")
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar")
_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})


class MemberFile(InputFile):
    """One file in a zip archive, read as any other file."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
        super().__init__(None, name)
        self._archive = archive
        self._member = member
        self._unpacked: Bounded | None = None

    @property
    def file_name(self) -> str:
        """The name of the member without its folders."""
        return PurePosixPath(self._member.filename).name

    def head(self) -> bytes:
        """The first 64 KiB; raises SourceUnreadable for damaged, encrypted and nested archives."""
        with self._translated(), self.open() as file:
            head = file.read(2**16)
        self._unpacked = None
        if head.startswith((GZIP_MAGIC, b"PK\x03\x04")):
            raise SourceUnreadable(
                f"{self.name}: an archive inside an archive is not opened; unpack it first"
            )
        return head

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The content without compression; a member that unpacks to far too much ends with an OSError."""
        try:
            packed = self._archive.open(self._member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error) as fault:
            raise OSError(f"damaged or unknown zip data: {fault}") from fault
        with packed:
            self._unpacked = Bounded(packed, lambda: self._member.compress_size)
            try:
                yield unpack(self._unpacked, gzipped=False)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as fault:
                raise OSError(f"damaged or unknown zip data: {fault}") from fault

    def fraction(self) -> float | None:
        """How much of the member was read."""
        if self._unpacked is None:
            return 0.0
        return min(1.0, self._unpacked.count / self._member.file_size) if self._member.file_size else 1.0


def open_zip(file: InputFile) -> zipfile.ZipFile:
    """The archive, checked against bombs by what it says of itself; raises SourceUnreadable."""
    try:
        archive = zipfile.ZipFile(_where(file))
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise SourceUnreadable(
            f"{file.name}: a damaged zip archive ({fault}); copy the file again", damaged=True
        ) from fault
    if not _OFFICE.isdisjoint(member.filename for member in members[:3]):
        raise SourceUnreadable(f"{file.name}: this is an Office file or a program; save the table as CSV")
    packed = sum(member.compress_size for member in members)
    size = min(packed, archive.start_dir)  # what stands for several members at once is counted once
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or (total > UNBOUNDED_BYTES and total > MOST_RATIO * size):
        raise SourceUnreadable(
            f"{file.name}: {size:,} bytes unpack to {total:,} in {len(members):,} files, as a bomb does; "
            f"at most {MOST_RATIO} times the size and {MOST_MEMBERS:,} files are read; unpack it yourself, "
            "if you trust it"
        )
    return archive


def _where(file: InputFile) -> str | IO[bytes]:
    """The archive's path, or a copy of what cannot be read from its end."""
    if file.path is not None:
        with file.path.open("rb") as raw:
            if raw.read(4) == b"PK\x03\x04":
                return str(file.path)
    copy = tempfile.SpooledTemporaryFile(2**25)  # noqa: SIM115 - lives as long as the archive
    with file.open() as stream:
        shutil.copyfileobj(stream, copy)
    return copy


def members_of(
    archive: zipfile.ZipFile, name: str, notes: list[Note]
) -> Iterator[tuple[MemberFile, PurePosixPath]]:
    """The files to read with their paths in the archive, sorted by name; what is refused is noted."""
    for member in sorted(archive.infolist(), key=lambda one: one.filename.split("/")):
        path = PurePosixPath(member.filename)
        hidden = any(part.startswith(".") and part != ".." for part in path.parts) or "__MACOSX" in path.parts
        if member.is_dir() or (hidden and not _LEADS_OUT.search(member.filename)):
            continue
        place = f"{name}/{member.filename}"
        if problem := _refused(member):
            notes.append(Note(place, "", f"{problem}; passed over"))
        else:
            yield MemberFile(archive, member, place), path


def _refused(member: zipfile.ZipInfo) -> str | None:
    if _LEADS_OUT.search(member.filename):
        return "a file in an archive whose path leads out of it"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link in an archive"
    if member.flag_bits & _ENCRYPTED:
        return "an encrypted file in an archive"
    if member.filename.lower().endswith(_ARCHIVES):
        return "an archive inside an archive is not opened (unpack it first)"
    return None
