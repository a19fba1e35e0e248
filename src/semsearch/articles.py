"""What flows between the rooms: articles, passages, filters and hits; frozen, standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from semsearch.options import VisibilityOptions

Mode = Literal["hybrid", "semantic", "lexical"]
Sort = Literal["relevance", "newest", "oldest"]
Collapse = Literal["none", "duplicate", "story"]
Window = Literal["any", "past", "latest"]
Fallback = Literal["section", "recent", "none"]
FacetField = Literal["section", "author", "tag", "language", "source"]

FROM_FILES = "files"  # a build from files; the next one replaces all that came so
FROM_API = "api"  # pushed over HTTP, from Python, or with `semsearch articles add`

FACET_FIELDS: tuple[FacetField, ...] = ("section", "author", "tag", "language", "source")


def from_sync(source: str) -> str:
    """The origin of the articles that a configured source gives."""
    return f"sync:{source}"


def stronger_origin(one: str, other: str) -> str:
    """The origin of an article that came both ways: a configured source holds it first, then the API.

    What came from files alone may go when the files no longer hold it; what came otherwise may not.
    """
    return max(one, other, key=lambda origin: (origin.startswith("sync:"), origin == FROM_API, bool(origin)))


@dataclass(frozen=True, slots=True)
class Article:
    """One article as the publisher wrote it, after text hygiene: no HTML, Unicode NFC, dates in UTC.

    ``body`` is plain text; paragraphs are separated by a blank line. A lead is its first paragraph.
    ``id`` and one of ``title`` and ``body`` are never empty. ``status`` is None for a published article,
    otherwise the publisher's word for its state ("draft"); with a ``published_at`` to come or an
    ``expires_at`` that has passed, an article is in the index but in no answer (``visible_span``).
    ``origin`` is the way it came in: FROM_FILES, FROM_API or ``from_sync(name)``. It is not part of the
    content, so it is not compared.
    """

    id: str
    title: str = ""
    body: str = ""
    url: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    section: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    source: str | None = None
    image: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    status: str | None = None
    expires_at: datetime | None = None
    origin: str = field(default="", compare=False)


def visible_span(article: Article, options: VisibilityOptions) -> tuple[float, float]:
    """From when until when readers may see an article, in seconds since 1970: the end is exclusive.

    An article that is never to be seen starts at infinity.
    """
    if article.status is not None and not options.is_published(article.status):
        return math.inf, math.inf
    published, expires = article.published_at, article.expires_at
    starts = -math.inf if published is None or options.scheduled == "show" else published.timestamp()
    ends = math.inf if expires is None or options.expired == "show" else expires.timestamp()
    return starts, ends


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable span of an article: ``body[start:end]``, in characters; ``ordinal`` counts from 0.

    ``text`` is what the encoder gets (the title first, then the span). The passage of an article
    with a title and no body is the empty span 0..0.
    """

    article_id: str
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may be found: fields are joined with AND, the values of one field with OR.

    ``None`` means no filter on that field; an empty tuple matches nothing. Values are compared
    without regard to case. ``published_after`` is inclusive, ``published_before`` exclusive (UTC);
    an article without a date never passes a date filter. ``exclude_ids`` always takes away.
    """

    sections: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    published_after: datetime | None = None
    published_before: datetime | None = None
    exclude_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """The best passage's most telling part; ``highlights`` are (start, end) in characters of ``text``.

    ``offset`` is where ``text`` starts in the body, or None when it is taken from the title.
    """

    text: str
    highlights: tuple[tuple[int, int], ...] = ()
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Copies of a hit that were folded into it."""

    count: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found: ``score`` is 0 to 1, higher is better; ``rank`` counts from 1 over all pages.

    ``filled`` only fills a related list; ``pinned`` was put in its place by an editor.
    """

    article: Article
    score: float
    rank: int
    snippet: Snippet | None = None
    duplicates: Duplicates | None = None
    reason: str | None = None
    filled: bool = False
    explain: Mapping[str, object] | None = None
    pinned: bool = False
