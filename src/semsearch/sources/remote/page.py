"""One web page, fetched politely and read as an article."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import replace
from urllib.parse import urljoin

from semsearch.errors import ArticleInvalid, SourceUnreadable
from semsearch.sources.html_charset import declared_encoding
from semsearch.sources.html_page import MOST_PAGE_BYTES, PageRead, image_for_sharing, read_html
from semsearch.sources.protocol import Note, Reporter
from semsearch.sources.remote.client import Answer, Fetcher
from semsearch.sources.remote.page_kind import kind_of_page
from semsearch.sources.remote.robots import Robots

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I)
_MARKUP = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "")


class Pages:
    """Fetches pages of any site, as far as its robots.txt allows."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self.robots = Robots(fetcher)
        self._covers: dict[str, str] = {}  # by site

    def fetch(self, url: str, *, etag: str = "", modified: str = "") -> Answer:
        """The page, or an answer of status 304 where it is still the one of ``etag`` or ``modified``."""
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in known.items() if value}
        return self._fetcher.get(url, {"Accept": "text/html", **headers}, most=MOST_PAGE_BYTES)

    def read(self, answer: Answer, place: str, report: Reporter) -> PageRead:
        """What a fetched page says, with the text of its later pages, and its date where it shows none.

        Raises ArticleInvalid for what is no page; ``report`` is told of later pages that cannot be had.
        """
        first = read_page(answer, place)
        record = {**self._dates(first), **first.record}
        if first.shared_image and first.shared_image == self._cover(answer.url):
            del record["image"]
        texts = [str(record["body"])] if "body" in record else []
        for url in first.more:
            try:
                later = read_page(self._allowed(url, "text/html"), url).record
            except (SourceUnreadable, ArticleInvalid) as fault:
                problem = "a later page of the article could not be read; its text ends before it"
                report.warn(Note(place, "body", problem, f"{url}: {fault}"))
                break
            if (text := str(later.get("body", ""))) and text not in texts:
                texts.append(text)
        return replace(first, record=record | {"body": "\n\n".join(texts)} if texts else record)

    def _allowed(self, url: str, accept: str) -> Answer:
        if not self.robots.may_fetch(url):
            raise SourceUnreadable("robots.txt forbids it")
        return self._fetcher.get(url, {"Accept": accept}, most=MOST_PAGE_BYTES)

    def _cover(self, url: str) -> str:
        """The picture of a site: the one that its front page offers for sharing; asked for once."""
        front = urljoin(url, "/")
        if front not in self._covers:
            try:
                answer = self._allowed(front, "text/html")
                self._covers[front] = image_for_sharing(_text(answer), url=answer.url)
            except SourceUnreadable:
                self._covers[front] = ""
        return self._covers[front]

    def _dates(self, page: PageRead) -> dict[str, object]:
        """The dates of a page that shows none, as WordPress gives them for its post; empty otherwise."""
        if "published_at" in page.record or not page.as_data or not page.is_told:
            return {}
        try:
            post = json.loads(self._allowed(page.as_data, "application/json").body)
        except (SourceUnreadable, ValueError, RecursionError):
            return {}  # a site may close this interface
        if not isinstance(post, dict) or not str(post.get("date_gmt") or "").startswith(("19", "20")):
            return {}
        dates = {"published_at": f"{post['date_gmt']}Z", "updated_at": f"{post.get('modified_gmt')}Z"}
        return {name: value for name, value in dates.items() if "None" not in value}


def kind_of_answer(answer: Answer) -> str:
    """What a fetched page is where it is no article, as "home" or "tag"; "" for an article."""
    kind = _content_type(answer)
    if kind in {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}:
        return "feed"
    return kind_of_page(_text(answer), answer.url) if kind in _MARKUP else ""


def read_page(answer: Answer, place: str) -> PageRead:
    """What one fetched page says; raises ArticleInvalid for what is no page."""
    kind = _content_type(answer)
    if kind not in _MARKUP:
        raise ArticleInvalid("not an HTML page", place=place, value=kind, hint="leave it out with exclude")
    read = read_html(_text(answer), url=answer.url, place=place)
    robots = answer.headers.get("x-robots-tag", "")
    return replace(read, record={**read.record, "x_robots_tag": robots}) if robots else read


def _content_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _text(answer: Answer) -> str | bytes:
    """The page as text by its header's charset, where it declares none itself; else as it came."""
    match = _CHARSET.search(answer.headers.get("content-type", ""))
    if match is None or declared_encoding(answer.body) is not None:
        return answer.body
    try:
        name = codecs.lookup(match[1]).name
        return answer.body.decode("cp1252" if name == "iso8859-1" else name)
    except (LookupError, UnicodeDecodeError):
        return answer.body  # it is not in the encoding that the header says: by its own bytes then
