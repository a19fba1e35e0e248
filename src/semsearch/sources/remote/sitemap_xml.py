"""Reads sitemaps: indexes, lists of pages, news sitemaps, plain lists of addresses; safely and in part."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from semsearch.sources.remote.xml_text import NEWS, mended_xml, without_preamble
from semsearch.text import clean_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NEWS = f"{{{NEWS}}}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a sitemap: a page, or another sitemap (``is_sitemap``); "" where it says nothing."""

    url: str
    lastmod: str = ""
    is_sitemap: bool = False
    is_news: bool = False
    title: str = ""
    published: str = ""
    publisher: str = ""
    language: str = ""


class Unread(ValueError):  # noqa: N818  named for what happened
    """A file that is no sitemap, or of which nothing can be read."""


@dataclass(frozen=True, slots=True)
class SitemapRead:
    """The entries of a sitemap in their order; ``fault`` says why it could not be read to its end.

    ``repaired`` says what was put right, ``dropped`` is what stood in front of it.
    """

    entries: tuple[Entry, ...]
    fault: str = ""
    repaired: bool = False
    dropped: str = ""


def read_sitemap(body: bytes, base: str) -> SitemapRead:
    """What a sitemap lists, also where it is not quite XML; ``base`` is its own address.

    Entities are never expanded (defusedxml), so no small file grows large and none reads another file.
    Raises Unread where it is no sitemap at all.
    """
    body, dropped = without_preamble(body)
    if not body.startswith(b"<"):
        return SitemapRead(_plain_list(body))
    found, fault, may_mend = _parsed(body, base)
    if not fault or not may_mend:
        return SitemapRead(tuple(found), fault, dropped=dropped)
    again, fault_again, _ = _parsed(mended_xml(body), base)
    if fault_again and len(again) <= len(found):
        return SitemapRead(tuple(found), fault, dropped=dropped)
    return SitemapRead(tuple(again), fault_again, repaired=True, dropped=dropped)


def _parsed(body: bytes, base: str) -> tuple[list[Entry], str, bool]:
    """The entries up to the end of the list or up to a fault, and whether mending may help against it."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    found: list[Entry] = []
    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=False):
            if event == "start":
                if root is None and _local(element.tag) not in {"urlset", "sitemapindex"}:
                    raise Unread(f"the file is <{_local(element.tag)}>, no sitemap")
                root = element if root is None else root
            elif _local(element.tag) in {"url", "sitemap"}:
                if entry := _entry(element, base):
                    found.append(entry)
                element.clear()
            elif element is root:
                return found, "", False  # what programs print behind it is none of it
    except ParseError as fault:
        return found, str(fault) or "not well-formed", True
    except DefusedXmlException as fault:
        return found, str(fault) or type(fault).__name__, False
    return found, "", False


def _entry(element: Element, base: str) -> Entry | None:
    url = lastmod = ""
    news: Element | None = None
    for child in element:
        name = _local(child.tag)
        if name == "loc" and not url:
            url = _address("".join(child.itertext()), base)
        elif name == "lastmod":
            lastmod = (child.text or "").strip()
        elif child.tag == f"{_NEWS}news":
            news = child
    if not url:
        return None
    if news is None:
        return Entry(url, lastmod, is_sitemap=_local(element.tag) == "sitemap")

    def of(path: str) -> str:
        return clean_line(news.findtext(path.replace("news:", _NEWS)) or "")

    return Entry(
        url,
        lastmod,
        is_news=True,
        title=of("news:title"),
        published=of("news:publication_date"),
        publisher=of("news:publication/news:name"),
        language=of("news:publication/news:language"),
    )


def _address(written: str, base: str) -> str:
    """The address of a page as a whole; "" for what is none. Some sites leave out the scheme or the host."""
    written = "".join(written.split("\n")).strip()
    if not written:
        return ""
    try:
        parts = urlsplit(base)
        if written.lower().startswith(f"{parts.netloc.lower()}/"):
            written = f"//{written}"
        whole = urljoin(base, written)
        return whole if urlsplit(whole).scheme in {"http", "https"} else ""
    except ValueError:  # brackets that hold no address
        return ""


def _plain_list(body: bytes) -> tuple[Entry, ...]:
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    addresses = [line for line in lines if line]
    if not addresses or not all(line.startswith(("http://", "https://")) for line in addresses):
        raise Unread("neither XML nor a list of addresses")
    return tuple(map(Entry, addresses))


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
