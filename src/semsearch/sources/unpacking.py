"""Takes compression and UTF-16 off a stream of bytes, within bounds that only a bomb breaks."""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

GZIP_MAGIC = b"\x1f\x8b"
# News compresses to a third or a tenth of its size; deflate can pack a thousandfold at most.
MOST_RATIO = 200
UNBOUNDED_BYTES = 64 * 2**20  # so much may come out of anything, however small
_BUFFER = 65_536
_TRIED = 16  # bytes by which UTF-16 without a mark is known
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class BombError(OSError):
    """Compressed data grows as no text does; reading stops here."""


class Readable(Protocol):
    """Anything with a read of at most so many bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes, none at the end."""


class Counted:
    """A stream that counts the bytes that were read of it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes."""
        part = self._stream.read(size)
        self.count += len(part)
        return part


class _Reader(io.RawIOBase):
    """A raw stream over something that reads."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._next(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _next(self, size: int) -> bytes:
        return self._stream.read(size)


class Bounded(_Reader):
    """Unpacked bytes of which no more may come than the packed ones can honestly hold."""

    def __init__(self, stream: Readable, packed: Callable[[], int]) -> None:
        super().__init__(stream)
        self._packed = packed
        self.count = 0

    def _next(self, size: int) -> bytes:
        part = self._stream.read(min(size, _BUFFER))
        self.count += len(part)
        if self.count > UNBOUNDED_BYTES and self.count > MOST_RATIO * self._packed():
            raise BombError(f"it unpacks to more than {MOST_RATIO} times its size, as a bomb does")
        return part


class _Transcoded(_Reader):
    """UTF-16 as UTF-8."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        super().__init__(stream)
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._left = b""
        self._finished = False

    def _next(self, size: int) -> bytes:
        while not self._left and not self._finished:
            part = self._stream.read(_BUFFER)
            self._finished = not part
            self._left = self._decoder.decode(part, self._finished).encode("utf-8", errors="replace")
        part, self._left = self._left[:size], self._left[size:]
        return part


def unpack(stream: Readable, *, gzipped: bool = True) -> io.BufferedReader:
    """The stream without gzip (if it may be) and as UTF-8 where it is UTF-16; else byte for byte.

    Raises BombError while reading when more than 64 MiB and 200 times the packed size came out.
    """
    plain = _buffered(stream)
    if gzipped and plain.peek(2)[:2] == GZIP_MAGIC:
        packed = Counted(plain)
        unpacked = gzip.GzipFile(fileobj=cast(BinaryIO, packed))
        plain = io.BufferedReader(Bounded(unpacked, lambda: packed.count), _BUFFER)
    if encoding := _UTF16.get(plain.peek(2)[:2]) or _without_mark(plain.peek(_TRIED)[:_TRIED]):
        if plain.peek(4)[:4] == codecs.BOM_UTF32_LE:
            return plain
        return io.BufferedReader(_Transcoded(plain, encoding), _BUFFER)
    return plain


def _without_mark(head: bytes) -> str | None:
    """UTF-16 by the zeros beside the first characters, which in exports are ASCII: a tag, a brace, a name."""
    if len(head) < _TRIED:
        return None
    for encoding, zeros, others in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if not any(zeros) and others.isascii() and all(others):
            return encoding
    return None


def _buffered(stream: Readable) -> io.BufferedReader:
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(_Reader(stream), _BUFFER)
