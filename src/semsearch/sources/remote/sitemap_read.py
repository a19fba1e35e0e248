"""From one address to all pages of a site: sitemap indexes are followed, faults are told and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from semsearch.errors import SourceUnreadable
from semsearch.sources.protocol import Note, Reporter
from semsearch.sources.remote.client import MAX_BYTES, Fetcher
from semsearch.sources.remote.inflate import DamagedError, TooLargeError, unzipped
from semsearch.sources.remote.page_kind import is_list_sitemap
from semsearch.sources.remote.sitemap_xml import Entry, SitemapRead, Unread, read_sitemap

MAX_SITEMAPS = 10_000
MAX_DEPTH = 3  # an index of indexes is against the protocol, and is seen all the same


@dataclass(slots=True)
class SiteList:
    """All pages that were listed, by address; ``is_whole`` where every sitemap was read to its end."""

    pages: dict[str, Entry] = field(default_factory=dict)
    is_whole: bool = True


def read_sitemaps(fetcher: Fetcher, starts: Sequence[str], report: Reporter) -> SiteList:
    """The pages of sitemaps and of those that they name.

    Raises SourceUnreadable where not one sitemap could be read.
    """
    found = SiteList()
    seen = set(starts)
    waiting = [(url, 1) for url in starts]
    read = 0
    fault: SourceUnreadable | None = None
    while waiting:
        url, depth = waiting.pop(0)
        try:
            answer = fetcher.get(url)
            sitemap = read_sitemap(unzipped(answer.body, MAX_BYTES), answer.url)
            _tell(url, sitemap, report)
            beside = frozenset(entry.url for entry in sitemap.entries if entry.is_sitemap)
            for entry in sitemap.entries:
                if not entry.is_sitemap:
                    _add(found, entry)
                elif entry.url not in seen and is_list_sitemap(entry.url, beside):
                    seen.add(entry.url)
                    problem = "a sitemap of tags, sections, authors or plain pages; passed over"
                    report.warn(Note(entry.url, "", problem))
                elif entry.url not in seen and depth < MAX_DEPTH and len(seen) < MAX_SITEMAPS:
                    seen.add(entry.url)
                    waiting.append((entry.url, depth + 1))
                elif entry.url not in seen:
                    found.is_whole = False
                    report.warn(Note(entry.url, "", "one sitemap too many or too deep; passed over"))
            if sitemap.fault:
                raise Unread(sitemap.fault)
            read += 1
        except (SourceUnreadable, Unread, DamagedError, TooLargeError) as exc:
            found.is_whole = False
            fault = fault or SourceUnreadable(
                str(exc) if isinstance(exc, SourceUnreadable) else f"{url}: {exc}"
            )
            report.warn(
                Note(url, "", "a sitemap that cannot be read to its end; nothing is deleted", str(exc)[:80])
            )
    if fault is not None and not read and not found.pages:
        raise fault
    return found


def _tell(url: str, sitemap: SitemapRead, report: Reporter) -> None:
    """Say what was wrong with a sitemap that was read all the same."""
    if sitemap.dropped:
        report.warn(Note(url, "", "text in front of the sitemap; left out", sitemap.dropped))
    if sitemap.repaired:
        report.warn(Note(url, "", "a sitemap that is not well-formed; mended"))


def _add(found: SiteList, entry: Entry) -> None:
    """Keep an entry; what a news sitemap says of a page that the others list too is added to it."""
    held = found.pages.get(entry.url)
    if held is None:
        found.pages[entry.url] = entry
    elif held.is_news != entry.is_news:
        news, plain = (held, entry) if held.is_news else (entry, held)
        found.pages[entry.url] = Entry(
            entry.url,
            plain.lastmod or news.lastmod,
            title=news.title,
            published=news.published,
            publisher=news.publisher,
            language=news.language,
        )
