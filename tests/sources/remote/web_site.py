"""A small news site over a dictionary of pages: articles, a feed with ETags, sitemaps and robots.txt."""

from __future__ import annotations

import gzip
import hashlib
import html
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.sources.remote.servers import Reply, Request


@dataclass(frozen=True)
class Page:
    """An article as its editor sees it."""

    path: str
    title: str
    body: str
    published: datetime
    modified: datetime
    author: str = "Ann Ode"


class WebSite:
    """Pages by path; ``answer`` is for a Server."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.origin = ""
        self.pages: dict[str, Page] = {}
        self.robots = ""
        self.has_lastmod = True
        self.news: set[str] = set()  # pages that stand in the news sitemap alone

    def write(self, path: str, title: str, body: str = "", *, is_news: bool = False) -> None:
        """Publish a page now."""
        text = body or f"The council spoke about {title} at length on Monday. " * 8
        self.pages[path] = Page(path, title, text.strip(), self.now, self.now)
        if is_news:
            self.news.add(path)

    def edit(self, path: str, title: str) -> None:
        """Change a page now."""
        self.pages[path] = replace(self.pages[path], title=title, modified=self.now)

    def answer(self, request: Request) -> Reply:
        """What the site says."""
        path = request.path
        if path == "/robots.txt":
            return Reply(200, self.robots.encode()) if self.robots else Reply(404)
        made = {
            "/feed": self.feed, "/sitemap.xml": self.index, "/sitemap-pages.xml.gz": self.sitemap,
            "/sitemap-news.xml": self.news_sitemap,
        }.get(path)  # fmt: skip
        if made is not None:
            return tagged(request, made(), "application/xml")
        if path in self.pages:
            return tagged(request, self.html(self.pages[path]), "text/html; charset=utf-8")
        return Reply(404, b"nothing here", {"Content-Type": "text/html"})

    def html(self, page: Page) -> bytes:
        """The page as a theme would print it."""
        return (
            f"<!doctype html><html lang=en><head><title>{html.escape(page.title)} - The Site</title>"
            f'<link rel=canonical href="{self.origin}{page.path}">'
            f'<meta property="og:title" content="{html.escape(page.title)}">'
            f'<meta property="og:type" content="article"><meta name=author content="{page.author}">'
            f'<meta property="article:published_time" content="{page.published.isoformat()}">'
            f'<meta property="article:modified_time" content="{page.modified.isoformat()}"></head>'
            f"<body><nav><a href=/>Home</a></nav><article><h1>{html.escape(page.title)}</h1>"
            f"<p>{html.escape(page.body)}</p></article><footer>About us</footer></body></html>"
        ).encode()

    def index(self) -> bytes:
        """An index of two sitemaps."""
        places = ("/sitemap-pages.xml.gz", "/sitemap-news.xml")
        rows = "".join(f"<sitemap><loc>{self.origin}{place}</loc></sitemap>" for place in places)
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'.encode()

    def sitemap(self) -> bytes:
        """All pages but the newest, packed."""
        rows = "".join(
            f"<url><loc>{self.origin}{page.path}</loc>"
            + (f"<lastmod>{page.modified.isoformat()}</lastmod>" if self.has_lastmod else "")
            + "</url>"
            for page in self.pages.values()
            if page.path not in self.news
        )
        return gzip.compress(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()
        )

    def news_sitemap(self) -> bytes:
        """The newest."""
        rows = "".join(
            f"<url><loc>{self.origin}{path}</loc><news:news><news:publication><news:name>The Site</news:name>"
            "<news:language>en</news:language></news:publication>"
            f"<news:publication_date>{self.pages[path].published.isoformat()}</news:publication_date>"
            f"<news:title>{html.escape(self.pages[path].title)}</news:title></news:news></url>"
            for path in sorted(self.news)
        )
        spaces = (
            'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        )
        return f"<urlset {spaces}>{rows}</urlset>".encode()

    def feed(self) -> bytes:
        """The ten newest as RSS."""
        newest = sorted(self.pages.values(), key=lambda page: page.modified, reverse=True)[:10]
        rows = "".join(
            f'<item><guid isPermaLink="false">tag:{page.path}</guid><link>{page.path}</link>'
            f"<title>{html.escape(page.title)}</title><dc:creator>{page.author}</dc:creator>"
            f"<pubDate>{format_datetime(page.published)}</pubDate><category>Town</category>"
            f"<description>{html.escape(page.body[:60])}</description>"
            f"<content:encoded><![CDATA[<p>{html.escape(page.body)}</p>]]></content:encoded>"
            f'<enclosure url="/pictures{page.path}.jpg" type="image/jpeg" length="1"/></item>'
            for page in newest
        )
        spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {spaces}><channel>'
            f"<title>The Site</title><link>{self.origin}/</link><language>en-gb</language>"
            f"{rows}</channel></rss>"
        ).encode()


def tagged(request: Request, body: bytes, kind: str) -> Reply:
    """The body, or 304 where the asker has it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == etag:
        return Reply(304, headers={"ETag": etag})
    return Reply(200, body, {"ETag": etag, "Content-Type": kind})
