"""Reads sitemaps: indexes, lists of pages, news sitemaps, plain lists of addresses; safely and in part."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semsearch.text import clean_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


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
    """The rest of a sitemap cannot be read."""


def entries(body: bytes) -> Iterator[Entry]:
    """The entries in their order; raises Unread where the file breaks off or is none.

    Entities are never expanded (defusedxml), so no small file grows large and none reads another file.
    """
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield from _plain_list(body)
        return
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    root = ""
    try:
        for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=False):
            if event == "start":
                root = root or _local(element.tag)
                if root not in {"urlset", "sitemapindex"}:
                    raise Unread(f"the file is <{root}>, no sitemap")
            elif _local(element.tag) in {"url", "sitemap"}:
                if found := _entry(element):
                    yield found
                element.clear()
    except (ParseError, DefusedXmlException) as fault:
        raise Unread(str(fault) or type(fault).__name__) from fault


def _entry(element: Element) -> Entry | None:
    url = lastmod = ""
    news: Element | None = None
    for child in element:
        name = _local(child.tag)
        if name == "loc" and not url:
            url = (child.text or "").strip()
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


def _plain_list(body: bytes) -> Iterator[Entry]:
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    addresses = [line for line in lines if line]
    if not addresses or not all(line.startswith(("http://", "https://")) for line in addresses):
        raise Unread("neither XML nor a list of addresses")
    yield from map(Entry, addresses)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
