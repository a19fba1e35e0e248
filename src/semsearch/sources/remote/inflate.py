"""Decompression that never grows past a bound, however much a few bytes would unfold to."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_STEP = 65_536
GZIP_MAGIC = b"\x1f\x8b"


class TooLargeError(ValueError):
    """There is more than the bound."""


class DamagedError(ValueError):
    """The compressed data is cut off or broken."""


def inflated(chunks: Iterable[bytes], encoding: str, most: int) -> Iterator[bytes]:
    """The plain bytes of ``encoding`` (gzip, deflate, or "" for plain), at most ``most`` of them.

    Raises TooLargeError beyond it, DamagedError for broken or cut-off data, or another encoding.
    """
    encoding = encoding.strip().lower().removeprefix("x-")
    if encoding not in {"", "identity", "gzip", "deflate"}:
        raise DamagedError(f"content encoding {encoding!r} was not asked for")
    given = 0
    for part in chunks if encoding in {"", "identity"} else _unpacked(chunks, encoding):
        given += len(part)
        if given > most:
            raise TooLargeError(f"more than {most:,} bytes")
        yield part


def _unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    unpack = None
    for chunk in chunks:
        if unpack is None:
            unpack = zlib.decompressobj(_window(chunk, encoding))
        data = chunk
        while data:
            try:
                yield unpack.decompress(data, _STEP)
            except zlib.error as exc:
                raise DamagedError(f"broken {encoding} data ({exc})") from exc
            data = unpack.unconsumed_tail
            if unpack.eof:  # a gzip file may have several members, one after the other
                data = unpack.unused_data
                if not data.startswith(GZIP_MAGIC):
                    break
                unpack = zlib.decompressobj(_window(data, encoding))
    if unpack is not None and not unpack.eof:
        raise DamagedError(f"the {encoding} data is cut off")


def _window(start: bytes, encoding: str) -> int:
    if encoding == "gzip":
        return 16 + zlib.MAX_WBITS
    # "deflate" should be a zlib stream; some servers send the bare one.
    zlib_header = len(start) > 1 and start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS


def unzipped(body: bytes, most: int) -> bytes:
    """The content of a gzip file, or the bytes themselves where they are none; bounded as ``inflated``."""
    if not body.startswith(GZIP_MAGIC):
        return body
    return b"".join(inflated([body], "gzip", most))
