"""The text of an HTML or XML file by what it declares of its encoding."""

from __future__ import annotations

import codecs
import re

from semsearch.sources.files import decode

_DECLARED = re.compile(
    rb"""<meta\b[^<>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})"""
    rb"""|<\?xml[^<>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""",
    re.I,
)
_HEAD = 4_096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# What pages call Latin-1 and ASCII is Windows-1252 in truth (WHATWG Encoding Standard, section 4.2), and a
# page that calls itself UTF-16 in a declaration that can be read byte by byte is none.
_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8",
    "utf-32": "utf-8", "utf-7": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "iso8859-9": "cp1254", "euc_kr": "cp949",
}  # fmt: skip


def declared_encoding(raw: bytes) -> str | None:
    """The encoding by byte order mark or declaration, as Python names it; None where none is known."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return name
    match = _DECLARED.search(raw, 0, _HEAD)
    if match is None:
        return None
    try:
        known = codecs.lookup((match[1] or match[2]).decode("ascii"))
    except LookupError:
        return None
    if not getattr(known, "_is_text_encoding", True):
        return None
    return _MEANT.get(known.name, known.name)


def decode_markup(raw: bytes) -> tuple[str, str]:
    """The text of a page, and what was mended ("" if nothing): the declared encoding, or else UTF-8."""
    encoding = declared_encoding(raw)
    if encoding is None or encoding == "utf-8":
        return decode(raw)
    try:
        return raw.decode(encoding).removeprefix("\ufeff"), ""
    except (UnicodeDecodeError, LookupError):
        text, mended = decode(raw)
        return text, mended or "not in the encoding that it declares; read as UTF-8"
