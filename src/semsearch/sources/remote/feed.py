"""RSS and Atom: the entries that a feed shows now; what falls off its end is not gone."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from semsearch.errors import ArticleInvalid, SourceUnreadable
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import article_from_record
from semsearch.sources.remote.client import Answer, Fetcher
from semsearch.sources.remote.feed_entry import plain_record, record_from_entry
from semsearch.sources.remote.feed_identity import FeedEntry, told_apart
from semsearch.sources.remote.page import Pages
from semsearch.sources.remote.protocol import Got, Known, Reached, Same, Step
from semsearch.sources.remote.xml_text import without_preamble
from semsearch.sources.wordpress.feed_entry import cleaned_record, is_wordpress_feed
from semsearch.text.dates import DateHabits, parse_date

# What feedparser calls malformed though nothing is lost by it.
_HARMLESS = ("CharacterEncodingOverride", "NonXMLContentType")


class Feed:
    """The entries of one feed; with ``full_text`` the text comes from the page of each."""

    def __init__(
        self,
        fetcher: Fetcher,
        url: str,
        *,
        defaults: Mapping[str, object],
        id_prefix: str = "",
        full_text: bool = False,
        dates: DateHabits | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._url = url
        self._defaults = defaults
        self._prefix = id_prefix
        self._pages = Pages(fetcher) if full_text else None
        self._habits = dates or DateHabits()

    @property
    def identity(self) -> str:
        """The address of the feed."""
        return f"feed {self._url}"

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """The entries that are new or changed, the newest first as the feed has them."""
        tags = {"If-None-Match": known.cursor.get("etag"), "If-Modified-Since": known.cursor.get("modified")}
        answer = self._fetcher.get(self._url, {name: str(tag) for name, tag in tags.items() if tag})
        if answer.status == 304:
            return
        parsed, whole = self._parse(answer, report)
        clean = cleaned_record if is_wordpress_feed(parsed.feed) else plain_record
        records = [clean(record_from_entry(entry, parsed.feed, answer.url)) for entry in parsed.entries]
        dates = self._dates_of(records)
        entries = told_apart(records, str(parsed.feed.get("link") or ""), lambda one: _moment(one, dates))
        for entry in entries:
            step = self._step(entry, dates, known, report)
            whole = whole and not (isinstance(step, Got) and not step.stamp)
            yield step
        if len(entries) < len(records):
            problem = "entries of articles that the feed has in a later version, too; left out"
            report.warn(Note(self._url, "", problem, f"{len(records) - len(entries):,}"))
        # Asked for with these again, the site answers 304; not where something is still to be fetched.
        cursor = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
        yield Reached(cursor if whole else {}, len(entries), len(entries))

    def _parse(self, answer: Answer, report: Reporter) -> tuple[Any, bool]:
        """What feedparser made of it, and whether it could read all of it."""
        import feedparser

        body, dropped = without_preamble(answer.body)
        if dropped:
            report.warn(Note(self._url, "", "text in front of the feed; left out", dropped))
        headers = {"content-type": answer.headers.get("content-type", ""), "content-location": answer.url}
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
        fault = parsed.get("bozo_exception") if parsed.bozo else None
        if not parsed.entries and (fault is not None or not parsed.version):
            raise SourceUnreadable(
                f"{self._url}: not an RSS or Atom feed ({fault or 'nothing of one in it'})"
            )
        if fault is None or type(fault).__name__ in _HARMLESS:
            return parsed, True
        report.warn(Note(self._url, "", "a malformed feed; taken as far as it goes", str(fault)[:80]))
        return parsed, False

    def _dates_of(self, records: Sequence[Mapping[str, object]]) -> DateColumns:
        """How the dates of the feed are to be read, by all of them together."""
        dates = DateColumns(self._habits)
        if sum(dates.observe(record) for record in records):
            dates.read_language(records)
        return dates

    def _step(self, entry: FeedEntry, dates: DateColumns, known: Known, report: Reporter) -> Got | Same:
        key, record = entry.key, dict(entry.record)
        told = [record, self._habits.order, str(self._habits.zone)]
        stamp = hashlib.blake2b(
            json.dumps(told, sort_keys=True, default=str).encode("utf-8", "replace"), digest_size=16
        ).hexdigest()
        if key and known.stamp(key) == stamp:
            return Same(key)
        place = str(record.get("url") or f"{self._url}: entry {key}")
        if entry.problem:
            report.warn(Note(place, "id", entry.problem, str(record.get("id") or "")[:80]))
        if self._pages is not None and record.get("url"):
            record, stamp = self._with_page(self._pages, record, stamp, report)
        try:
            record = {**self._defaults, **record, **({"id": f"{self._prefix}{key}"} if key else {})}
            article, notes = article_from_record(record, place=place, dates=dates)
        except ArticleInvalid as error:
            report.reject(Rejected(place, error, json.dumps(record, ensure_ascii=False, default=str)))
            return Got(key, None, stamp)
        for note in notes:
            report.warn(note)
        return Got(key, article, stamp, own_address=entry.own_address)

    def _with_page(
        self, pages: Pages, record: dict[str, object], stamp: str, report: Reporter
    ) -> tuple[dict[str, object], str]:
        """The record with the text of its page; without a stamp where it has to be tried again."""
        url = str(record["url"])
        try:
            if not pages.robots.may_fetch(url):
                report.warn(Note(url, "", "robots.txt forbids the page; the feed's own text was taken"))
                return record, stamp
            page = pages.read(pages.fetch(url), url, report).record
        except (SourceUnreadable, ArticleInvalid) as fault:
            report.warn(
                Note(url, "", "the page could not be read; the feed's own text was taken", str(fault)[:80])
            )
            return record, "" if isinstance(fault, SourceUnreadable) else stamp
        if len(str(page.get("body", ""))) > len(str(record.get("body", ""))):
            record = {**record, "body": page["body"], "lead": page.get("lead", "")}
        return {**page, **record}, stamp


def _moment(record: Mapping[str, object], dates: DateColumns) -> datetime | None:
    """When an entry was changed, or else published; None where it does not say."""
    for field in ("updated_at", "published_at"):
        with contextlib.suppress(ArticleInvalid):
            if record.get(field):
                return parse_date(record[field], dates.habits(field, record.get("language")))
    return None
