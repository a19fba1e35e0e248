"""Sitemaps: every page that a site lists, fetched politely once and again when it changed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid, SourceUnreadable
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import article_from_record
from semsearch.sources.remote.client import Answer, Answered, Fetcher
from semsearch.sources.remote.page import Pages, kind_of_answer
from semsearch.sources.remote.patterns import Pattern
from semsearch.sources.remote.protocol import Cursor, Gone, Got, Known, Listed, Reached, Same, Step
from semsearch.sources.remote.sitemap_read import read_sitemaps
from semsearch.sources.remote.sitemap_xml import Entry
from semsearch.text.dates import DateHabits

STORE_EVERY = 20  # pages
RECHECK_SECONDS = 86_400.0  # a page whose sitemap names no lastmod is asked for again after so long
_NO_ARTICLE = "a page that is no article, but the home page, a list of articles, a feed or the like; left out"
MOST_FAULTS = 10  # pages after one another that fail: then it is the site, not the page


class Sitemap:
    """The pages of a site by its sitemap, or by its address where robots.txt names the sitemap."""

    def __init__(
        self,
        fetcher: Fetcher,
        url: str,
        *,
        defaults: Mapping[str, object],
        id_prefix: str = "",
        include: str = "",
        exclude: str = "",
        dates: DateHabits | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._url = url
        self._defaults = defaults
        self._prefix = id_prefix
        self._include = Pattern(include)
        self._exclude = Pattern(exclude) if exclude else None
        self._pages = Pages(fetcher)
        self._dates = DateColumns(dates)
        self._given: dict[str, str] = {}  # article id -> the page that gave it in this run

    @property
    def identity(self) -> str:
        """The address as given."""
        return f"sitemap {self._url}"

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """Pages that are new or whose lastmod changed; those that a whole reading lists no more are gone."""
        listed = read_sitemaps(self._fetcher, self._starts(), report)
        wanted = {url: entry for url, entry in listed.pages.items() if self._is_wanted(url)}
        self._given = {}
        faults = done = 0
        for url, entry in sorted(wanted.items(), key=lambda pair: pair[1].lastmod, reverse=True):
            step, is_fault = self._page(entry, known.stamp(url), report)
            faults = faults + 1 if is_fault else 0
            if faults >= MOST_FAULTS:
                raise SourceUnreadable(
                    f"{self._url}: {faults} pages after one another could not be read, the last {url}; "
                    "what was read before is kept, run it again later"
                )
            if step is not None:
                yield step
            done += 1
            if done % STORE_EVERY == 0:
                yield Reached({}, done, len(wanted))
        if listed.is_whole:
            yield Listed(frozenset(wanted) | self._past_news(known, wanted))
        yield Reached({}, done, len(wanted))

    def _starts(self) -> list[str]:
        """The sitemap as given, or those of the site as given."""
        parts = urlsplit(self._url)
        if parts.path.strip("/") or parts.query:
            return [self._url]
        return self._pages.robots.sitemaps(self._url) or [f"{parts.scheme}://{parts.netloc}/sitemap.xml"]

    def _is_wanted(self, url: str) -> bool:
        return self._include.found_in(url) and not (self._exclude and self._exclude.found_in(url))

    def _past_news(self, known: Known, listed: Mapping[str, Entry]) -> set[str]:
        """Known pages of news sitemaps, which list two days alone: what they list no more is not gone."""
        return {key for key in known.keys() - listed.keys() if _read(known.stamp(key)).get("news")}

    def _page(self, entry: Entry, stamp: str | None, report: Reporter) -> tuple[Step | None, bool]:
        """What became of one page, and whether it was a fault that may pass."""
        held = _read(stamp)
        if held and held.get("lastmod") == entry.lastmod and held.get("news", False) == entry.is_news:
            age = time.time() - float(str(held.get("at", 0)))
            if entry.lastmod or age < RECHECK_SECONDS:
                return Same(entry.url), False
        try:
            if not self._pages.robots.may_fetch(entry.url):
                report.warn(Note(entry.url, "", "robots.txt forbids the page; left out"))
                return None, False
            answer = self._pages.fetch(
                entry.url, etag=str(held.get("etag", "")), modified=str(held.get("modified", ""))
            )
        except SourceUnreadable as fault:
            if isinstance(fault, Answered) and fault.status in {404, 410}:
                report.warn(Note(entry.url, "", "the sitemap lists a page that is not there; left out"))
                return Gone(entry.url), False
            error = ArticleInvalid(
                "the page cannot be fetched",
                place=entry.url,
                value=str(fault),
                hint="it is tried again at the next sync",
            )
            report.reject(Rejected(entry.url, error, ""))
            return None, True
        if answer.status == 304:
            return Same(entry.url, self._stamp(entry, held)), False
        return self._got(entry, answer, report), False

    def _got(self, entry: Entry, answer: Answer, report: Reporter) -> Got:
        tags = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
        stamp = self._stamp(entry, tags)
        try:
            article = self._article(entry, answer, report)
        except ArticleInvalid as error:
            report.reject(Rejected(entry.url, error, ""))
            return Got(entry.url, None, stamp)
        if article is not None and self._given.setdefault(article.id, entry.url) != entry.url:
            report.warn(Note(entry.url, "", "the same article as another page of the sitemap; left out"))
            article = None
        return Got(entry.url, article, stamp, is_none=article is None)

    def _article(self, entry: Entry, answer: Answer, report: Reporter) -> Article | None:
        if kind := kind_of_answer(answer):
            report.warn(Note(entry.url, "", _NO_ARTICLE, kind))
            return None
        read = self._pages.read(answer, entry.url, report)
        record = read.record
        if not record.get("body") and not read.is_told:
            report.warn(Note(entry.url, "", "a page without the text of an article; left out"))
            return None
        for note in read.notes:
            report.warn(note)
        stated = {
            "title": entry.title,
            "published_at": entry.published,
            "source": entry.publisher,
            "language": entry.language,
        }
        record = {**self._defaults, **{name: value for name, value in stated.items() if value}, **record}
        record["id"] = f"{self._prefix}{record.get('id') or entry.url}"
        article, notes = article_from_record(record, place=entry.url, dates=self._dates)
        for note in notes:
            report.warn(note)
        return article

    def _stamp(self, entry: Entry, tags: Mapping[str, object]) -> str:
        facts = {
            "lastmod": entry.lastmod,
            "at": int(time.time()),
            "news": entry.is_news,
            "etag": tags.get("etag", ""),
            "modified": tags.get("modified", ""),
        }
        return json.dumps({name: value for name, value in facts.items() if value or name == "lastmod"})


def _read(stamp: str | None) -> Cursor:
    """The facts of a stamp; nothing where there is none."""
    found: Cursor = json.loads(stamp) if stamp else {}
    return found
