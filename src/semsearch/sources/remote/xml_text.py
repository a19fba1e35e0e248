"""The text of feeds and sitemaps as sites send it: what stands in front, and what breaks XML most often."""

from __future__ import annotations

import codecs
import re

from semsearch.sources.xml_items import mended

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_LOOKED_AT = 200_000  # bytes in which the file has to begin
_BLANKS = b"\xef\xbb\xbf \t\r\n\x0b\x0c\0"
_BEGINS = re.compile(rb"<\?xml\s|<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|RDF|urlset|sitemapindex)(?=[\s>/])", re.I)
_MARKED = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARATION = re.compile(r"^<\?xml[^>]{0,200}\?>")
_ENCODING = re.compile(rb"""^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROOT = re.compile(r"<((?:[A-Za-z][\w.-]*:)?(?:urlset|sitemapindex))(?=[\s>/])")
_DECLARED = re.compile(r"\sxmlns:([\w.-]+)\s*=")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']")


def without_preamble(body: bytes) -> tuple[bytes, str]:
    """The file from its XML on, and the words in front of it that were left out ("" for blanks alone).

    Programs write blanks, marks and warnings there; comments, doctypes and processing instructions stay.
    """
    for mark, encoding in _MARKED:
        if body.startswith(mark):
            text = body[len(mark) :].decode(encoding, "replace").lstrip()
            return _DECLARATION.sub("", text).lstrip().encode("utf-8", "replace"), ""
    body = body.lstrip(_BLANKS)
    begins = _BEGINS.search(body, 0, _LOOKED_AT)
    if begins is None or begins.start() == 0:
        return body, ""
    before = body[: begins.start()]
    if not begins[0].startswith(b"<?") and before.startswith((b"<?", b"<!")):
        return body, ""
    if b"<!ENTITY" in before:
        return body, ""
    return body[begins.start() :], " ".join(before.decode("utf-8", "replace").split())[:80]


def mended_xml(body: bytes) -> bytes:
    """A sitemap with what sites break most put right: ``&``, HTML entities, prefixes, control characters."""
    declared = _ENCODING.match(body)
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    try:
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    text = mended(_FORBIDDEN.sub("", _DECLARATION.sub("", text)))
    known = {*_DECLARED.findall(text), "xml", "xmlns"}
    prefixes = {match[1] or match[2] for match in _PREFIX.finditer(text)} - known
    spaces = "".join(
        f' xmlns:{prefix}="{NEWS if prefix == "news" else f"urn:undeclared:{prefix}"}"'
        for prefix in sorted(prefixes)
    )
    return _ROOT.sub(rf"<\1{spaces}", text, count=1).encode("utf-8", "replace")
