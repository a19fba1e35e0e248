"""Files as sources see them: plain or gzip, or standard input; with a first look that costs little."""

from __future__ import annotations

import gzip
import io
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from semsearch.errors import SourceUnreadable
from semsearch.sources.unpacking import unpack

HEAD_BYTES = 65_536
READ_FAULTS = (OSError, EOFError, zlib.error)
_IN_MEMORY = 32 * 2**20  # bytes of a copy that must be read from its end; more go to a temporary file

# What a file that is no text usually is, by its first bytes.
_MAGICS = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
)
# Signs and capitals inside of words, and capitals with accents that stand alone, are odd in any language.
_ALLOWED = r"\x00-\x7fa-zß-öø-ÿœšž’‘“”–—…«» "
_ODD = re.compile(
    rf"(?<=[a-z])[^{_ALLOWED}]|[^{_ALLOWED}A-ZÀ-ÖØ-Þ](?=[a-z]{{2}})|(?<= )[À-ÖØ-ÞŠŽŸ](?= )|\ufffd"
)
_MOST_HIGH = 0.3  # share of bytes beyond ASCII in Windows-1252; French has a twentieth
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b")  # that no text has


class InputFile:
    """One file to read, or standard input (``path`` None); ``name`` is what places are called by."""

    def __init__(self, path: Path | None, name: str) -> None:
        self.path = path
        self.name = name
        self._size = 0
        self._raw: BinaryIO | None = None
        self._stdin: io.BufferedReader | None = None
        self._finished = False

    @property
    def file_name(self) -> str:
        """The name whose ending may tell the kind; "" for standard input."""
        return self.path.name if self.path else ""

    def head(self) -> bytes:
        """The first 64 KiB without compression; raises SourceUnreadable when nothing can be read."""
        with self._translated():
            if self.path is None:  # the head stays in the buffer, so that reading starts before it
                return self._standard_input().peek(HEAD_BYTES)
            with self.open() as file:
                head = file.read(HEAD_BYTES)
        self._finished = False
        return head

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The content as bytes without compression; faults while reading are raised (``READ_FAULTS``)."""
        if self.path is None:
            yield self._standard_input()
            return
        with self.path.open("rb") as raw:
            self._raw = raw
            self._size = os.fstat(raw.fileno()).st_size
            try:
                yield unpack(raw)
            finally:
                self._raw = None
                self._finished = True

    @contextmanager
    def open_seekable(self) -> Iterator[IO[bytes]]:
        """The content for formats that are read from their end: the file itself, or a temporary copy."""
        with self.open() as stream:
            if stream is self._raw:
                yield stream
                return
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
                while part := stream.read(2**20):
                    copy.write(part)
                copy.seek(0)
                yield copy

    def fraction(self) -> float | None:
        """How much of the file was read, 0 to 1; None for standard input."""
        if self.path is None:
            return None
        if self._raw is None:
            return 1.0 if self._finished else 0.0
        return min(1.0, self._raw.tell() / self._size) if self._size else 1.0

    def _standard_input(self) -> io.BufferedReader:
        if self._stdin is None:
            stream = _Unclosed(sys.stdin.buffer)
            self._stdin = unpack(io.BufferedReader(stream, HEAD_BYTES))
        return self._stdin

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as fault:
            raise SourceUnreadable(f"{self.name}: there is no such file or folder; check the path") from fault
        except PermissionError as fault:
            raise SourceUnreadable(
                f"{self.name}: no permission to read it; give read permission", damaged=True
            ) from fault
        except gzip.BadGzipFile as fault:
            raise SourceUnreadable(
                f"{self.name}: damaged gzip data ({fault}); copy the file again", damaged=True
            ) from fault
        except (EOFError, zlib.error) as fault:
            raise SourceUnreadable(
                f"{self.name}: the gzip data is cut off or damaged; copy the file again", damaged=True
            ) from fault
        except OSError as fault:  # a name too long, a disk that fails, a bomb
            raise SourceUnreadable(
                f"{self.name}: cannot be read: {fault.strerror or fault}", damaged=True
            ) from fault


class _Unclosed(io.RawIOBase):
    """Standard input under a buffer of our own, which does not close it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = (
            self._stream.read1(len(buffer))
            if hasattr(self._stream, "read1")
            else self._stream.read(len(buffer))
        )
        buffer[: len(part)] = part
        return len(part)


def binary_kind(head: bytes) -> str | None:
    """What a file that is no text probably is, in words; None for text."""
    for magic, words in _MAGICS:
        if head.startswith(magic):
            return words
    text = head.strip(b"\0")  # a system that fell leaves such runs at the ends of what it was writing
    controls = len(text) - len(text.translate(None, _CONTROLS))
    return "binary data, not text" if not text or controls > 0.05 * len(text) else None


def garbled_kind(head: bytes) -> str | None:
    """What bytes are that no encoding which is read makes a text of, in words; None for text.

    Packed and encrypted data has no control characters to tell it, but hardly anything of ASCII. So have
    texts of other alphabets in old encodings, which would be read as nonsense.
    """
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        high = sum(byte > 0x7F for byte in head)
        is_cut = fault.end == len(head) and fault.reason == "unexpected end of data"
        if not is_cut and high > _MOST_HIGH * len(head):
            return "neither UTF-8 nor a text in Western European letters"
    return None


def decode(raw: bytes) -> tuple[str, str]:
    """The text of bytes that should be UTF-8, and what was mended ("" if nothing).

    Bytes with valid UTF-8 beside the broken ones keep it, and the broken get U+FFFD; otherwise all is
    read as Windows-1252, which old systems export.
    """
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    text = raw.decode("utf-8-sig", errors="replace")
    if any(character > "\x7f" and character != "\ufffd" for character in text):
        return text, "broken UTF-8; the broken characters became U+FFFD"
    return raw.decode("cp1252", errors="replace"), "not UTF-8; read as Windows-1252"


# Encodings that ``encoding_of`` may give beside UTF-8, with what is to be noted of them.
READ_AS = {
    "cp1252": "not UTF-8; read as Windows-1252",
    "mac_roman": "not UTF-8; read as Mac OS Roman, as Excel on a Mac saves CSV",
}


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its beginning: UTF-8 with or without a mark, or else an old one-byte one.

    That is Windows-1252, unless most letters of it would stand wrong in their words and those of Mac OS
    Roman would not.
    """
    _, mended = decode(head[: head.rfind(b"\n") + 1] or head[:-4])
    if "Windows-1252" not in mended:
        return "utf-8-sig"
    odd = {name: len(_ODD.findall(head.decode(name, errors="replace"))) for name in READ_AS}
    return "mac_roman" if odd["mac_roman"] * 2 < odd["cp1252"] else "cp1252"
