"""Requests and responses of searching and relating; frozen, validated where they are made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from semsearch.articles import Collapse, FacetField, Fallback, Filter, Hit, Mode, Sort, Window
from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import QueryInvalid

MAX_LIMIT = 1000
MAX_DEPTH = 10_000
MAX_QUERY_CHARACTERS = 2_000
MAX_TEXT_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search; ``None`` for a knob means the default of the settings.

    ``semantic_ratio`` 0 (words only) to 1 (meaning only) weighs hybrid mode; ``recency_half_life`` is
    in days; ``recency_weight`` and ``diversity`` and ``min_score`` are 0 to 1.

    Raises QueryInvalid for a value out of its range.
    """

    query: str = ""
    mode: Mode = "hybrid"
    semantic_ratio: float | None = None
    limit: int = 10
    offset: int = 0
    where: Filter = field(default_factory=Filter)
    facets: tuple[FacetField, ...] = ()
    sort: Sort = "relevance"
    recency_half_life: float | None = None
    recency_weight: float | None = None
    diversity: float = 0.0
    collapse: Collapse = "none"
    min_score: float | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        check_length("query", self.query, MAX_QUERY_CHARACTERS)
        check_page(self.limit, self.offset)
        for name in ("semantic_ratio", "recency_weight", "diversity", "min_score"):
            check_fraction(name, getattr(self, name))
        if self.recency_half_life is not None and not self.recency_half_life > 0:
            raise QueryInvalid(f"recency_half_life is {self.recency_half_life}; give days above 0")


@dataclass(frozen=True, slots=True)
class RelatedRequest:
    """A request for related articles: of an article, of a free text, or of several articles.

    Exactly one of ``article_id``, ``text`` and ``positive`` must be given. ``limit`` counts hits.

    Raises QueryInvalid otherwise.
    """

    article_id: str | None = None
    text: str | None = None
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    limit: int = 5
    window: Window = "any"
    where: Filter = field(default_factory=Filter)
    fallback: Fallback = "recent"
    diversity: float | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        given = (self.article_id is not None) + (self.text is not None) + bool(self.positive)
        if given != 1:
            raise QueryInvalid("related needs exactly one of: an article id, a text, positive ids")
        check_page(self.limit, 0)
        if self.text is not None:
            check_length("text", self.text, MAX_TEXT_CHARACTERS)
        check_fraction("diversity", self.diversity)


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """What a search or a related list found.

    ``total`` counts articles over all pages, exactly where ``total_is_exact``; ``facets`` count the
    same articles. ``nothing_relevant`` says that even the best hits are unlikely to answer the query, and
    ``nothing_asked`` that the query holds no word: the hits are the newest that pass the filters, or, where
    it holds only signs and there are no filters, none.
    ``fallback`` says why and how a related list was filled, or is None.
    ``seconds`` holds the time of each stage; ``shown_until`` is when the next article appears or goes by the
    clock (seconds since 1970), so nobody may keep the answer for longer.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    generation: str | None
    encoder: EncoderInfo | None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    limit: int = 10
    offset: int = 0
    fallback: FallbackNote | None = None
    did_you_mean: str | None = None
    nothing_relevant: bool = False
    nothing_asked: bool = False
    shown_until: float = math.inf
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FallbackNote:
    """Why a related list was filled with other articles, and from where."""

    kind: Literal["section", "recent", "none"]
    reason: Literal["article_missing", "index_not_ready", "too_few", "failed"]
    filled: int


def check_page(limit: int, offset: int) -> None:
    """Raise QueryInvalid unless 1 <= limit <= 1000, offset >= 0 and their sum is at most 10,000."""
    if not 1 <= limit <= MAX_LIMIT:
        raise QueryInvalid(f"limit is {limit}; give 1 to {MAX_LIMIT}")
    if offset < 0:
        raise QueryInvalid(f"offset is {offset}; give 0 or more")
    if offset + limit > MAX_DEPTH:
        raise QueryInvalid(
            f"offset {offset} + limit {limit} goes past {MAX_DEPTH}; narrow the search with filters or dates"
        )


def check_fraction(name: str, value: float | None) -> None:
    """Raise QueryInvalid unless value is None or 0 to 1."""
    if value is not None and not 0 <= value <= 1:
        raise QueryInvalid(f"{name} is {value}; give 0 to 1")


def check_length(name: str, value: str, most: int) -> None:
    """Raise QueryInvalid if a text is longer than ``most`` characters."""
    if len(value) > most:
        raise QueryInvalid(f"{name} has {len(value):,} characters; give at most {most:,}")
