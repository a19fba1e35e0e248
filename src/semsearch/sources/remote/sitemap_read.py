"""From one address to all pages of a site: sitemap indexes are followed, faults are told and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from semsearch.errors import SourceUnreadable
from semsearch.sources.protocol import Note, Reporter
from semsearch.sources.remote.client import MAX_BYTES, Fetcher
from semsearch.sources.remote.inflate import DamagedError, TooLargeError, unzipped
from semsearch.sources.remote.sitemap_xml import Entry, Unread, entries

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
            for entry in entries(unzipped(fetcher.get(url).body, MAX_BYTES)):
                if not entry.is_sitemap:
                    _add(found, entry)
                elif entry.url not in seen and depth < MAX_DEPTH and len(seen) < MAX_SITEMAPS:
                    seen.add(entry.url)
                    waiting.append((entry.url, depth + 1))
                elif entry.url not in seen:
                    found.is_whole = False
                    report.warn(Note(entry.url, "", "one sitemap too many or too deep; passed over"))
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
