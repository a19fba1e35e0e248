"""A small engine for tests of the service: real requests, real responses, articles in a list."""

# ruff: noqa: D103

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

from semsearch.articles import Article, Filter, Hit, Snippet
from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import ArticleNotFound
from semsearch.index.protocol import IndexCounts
from semsearch.search.suggest import Suggestion, SuggestRequest, SuggestResponse
from semsearch.search.types import FallbackNote, RelatedRequest, SearchRequest, SearchResponse
from semsearch.settings import Settings

ENCODER = EncoderInfo("fake", "0123456789abcdef", 8, 32)
GENERATION = "20260131T120000-1"


@dataclass(frozen=True)
class FakeReadiness:
    ready: bool = True
    reason: str | None = None
    generation: str | None = GENERATION
    serving_last_good: bool = False
    encoder: str | None = "fake"
    articles: int = 0


def an_article(number: int, **values: object) -> Article:
    """An article about courts (even numbers) or about football (odd ones)."""
    made: dict[str, object] = {
        "id": f"a-{number}",
        "title": f"Court ruling {number}" if number % 2 == 0 else f"Football match {number}",
        "body": "The judge spoke.\n\nA second paragraph." if number % 2 == 0 else "The keeper saved.",
        "url": f"https://news.example/a-{number}",
        "published_at": datetime(2026, 1, 1 + number % 28, 12, tzinfo=UTC),
        "section": "Politics" if number % 2 == 0 else "Sport",
        "authors": ("Ada Marsh",),
    }
    return Article(**{**made, **values})  # type: ignore[arg-type]


@dataclass
class FakeEngine:
    """Finds articles that contain every word of the query, in the order given.

    ``before`` runs at the start of each search and related call: to block or to raise in it.
    """

    articles: Sequence[Article] = ()
    settings: Settings = field(default_factory=Settings)
    before: Callable[[], None] = lambda: None
    on_warm: Callable[[], None] = lambda: None
    change: int = 1
    asked: list[SearchRequest | RelatedRequest] = field(default_factory=list)
    searches: int = 0
    closed: bool = False
    readiness: FakeReadiness | None = None

    @property
    def searcher(self) -> FakeEngine:
        return self

    @property
    def index(self) -> SimpleNamespace:
        return SimpleNamespace(snapshot=self._snapshot)

    @contextmanager
    def _snapshot(self) -> Iterator[SimpleNamespace]:
        counts = IndexCounts(len(self.articles), 2 * len(self.articles), 0, 0, self.change)
        moments = {"shown_since": -math.inf, "shown_until": math.inf}
        yield SimpleNamespace(generation=GENERATION, counts=lambda: counts, **moments)

    def rules_stamp(self) -> tuple[int, int]:
        return (0, 0)

    def warm(self) -> None:
        self.on_warm()

    def follow(self) -> None:
        pass

    def ready(self) -> FakeReadiness:
        return self.readiness or FakeReadiness(articles=len(self.articles))

    def close(self) -> None:
        self.closed = True

    def show(self, article_id: str, *, hidden: bool = False) -> Article:
        self.before()
        for article in self.articles:
            if article.id == article_id:
                return article
        raise ArticleNotFound(f"no article with id '{article_id}' is in index 'default'")

    def search(self, request: SearchRequest) -> SearchResponse:
        self._note(request)
        words = request.query.lower().split()
        found = [
            a
            for a in self.articles
            if passes(a, request.where) and all(w in text_of(a).lower() for w in words)
        ]
        facets = {name: counted(found, name) for name in request.facets}
        page = found[request.offset : request.offset + request.limit]
        hits = tuple(hit(a, request.offset + n, words) for n, a in enumerate(page, 1))
        return SearchResponse(
            hits,
            len(found),
            True,
            GENERATION,
            ENCODER,
            facets=facets,
            limit=request.limit,
            offset=request.offset,
            seconds={"encode": 0.001, "search vectors": 0.002},
        )

    def related(self, request: RelatedRequest) -> SearchResponse:
        self._note(request)
        known = {a.id for a in self.articles}
        missing = request.article_id is not None and request.article_id not in known
        others = [a for a in self.articles if a.id != request.article_id and passes(a, request.where)]
        hits = tuple(hit(a, n, []) for n, a in enumerate(others[: request.limit], 1))
        note = FallbackNote("recent", "article_missing", len(hits)) if missing else None
        return SearchResponse(
            hits, len(others), True, GENERATION, ENCODER, limit=request.limit, fallback=note
        )

    def suggest(self, request: SuggestRequest) -> SuggestResponse:
        names = counted(self.articles, "section")
        found = [
            Suggestion(name, "section", count)
            for name, count in names.items()
            if name.lower().startswith(request.typed.lower())
        ]
        return SuggestResponse(tuple(found[: request.limit]), GENERATION)

    def _note(self, request: SearchRequest | RelatedRequest) -> None:
        self.searches += 1
        self.asked.append(request)
        self.before()


class Gate:
    """Holds calls until it is opened; ``entered`` counts those that came."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self) -> None:
        self.entered.release()
        assert self._open.wait(30)

    def open(self) -> None:
        self._open.set()

    def wait_for(self, calls: int) -> None:
        for _ in range(calls):
            assert self.entered.acquire(timeout=30)


def passes(article: Article, where: Filter) -> bool:
    if article.id in where.exclude_ids:
        return False
    if where.sections is not None and article.section not in where.sections:
        return False
    return where.authors is None or bool(set(article.authors) & set(where.authors))


def text_of(article: Article) -> str:
    return f"{article.title} {article.body}"


def counted(found: Sequence[Article], name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for article in found:
        for value in article.authors if name == "author" else [getattr(article, name, None)]:
            if value:
                counts[value] = counts.get(value, 0) + 1
    return counts


def hit(article: Article, rank: int, words: Sequence[str]) -> Hit:
    text = text_of(article)
    spans = tuple((at, at + len(w)) for w in words if (at := text.lower().find(w)) >= 0)
    return Hit(article, 1 / rank, rank, Snippet(text, spans, 0))
