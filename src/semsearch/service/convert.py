"""Between the service's words and the engine's: parameters to requests, answers to JSON.

Answers are built as plain dictionaries and written once: the pydantic models of ``schemas`` describe
them for OpenAPI, and a test holds the two together.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from semsearch.articles import Article, Filter, Hit, visible_span
from semsearch.options import VisibilityOptions
from semsearch.search.types import FallbackNote, RelatedRequest, SearchRequest, SearchResponse
from semsearch.service.parameters import Filters, RelatedBody, RelatedQuery, SearchQuery

if TYPE_CHECKING:
    from semsearch.encoder.protocol import EncoderInfo
    from semsearch.search.timeline import Story

Json = dict[str, Any]

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME  # so that all times are written alike


def to_json(value: object) -> bytes:
    """Compact UTF-8 JSON, never an error: half characters become ``?``, NaN null, unknown kinds text."""
    try:
        return orjson.dumps(value, default=_plain, option=OPTIONS)
    except TypeError:  # half a surrogate pair, a number of more than 64 bits, a name that is no text
        plain = json.loads(json.dumps(value, default=_plain))
        text = json.dumps(_finite(plain), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8", "replace")


def filter_of(asked: Filters) -> Filter:
    """The engine's filter: None where a field was left out, an empty tuple where it was empty."""
    return Filter(
        sections=_tuple(asked.section),
        authors=_tuple(asked.author),
        tags=_tuple(asked.tag),
        languages=_tuple(asked.language),
        sources=_tuple(asked.source),
        published_after=asked.published_after,
        published_before=asked.published_before,
        exclude_ids=tuple(asked.exclude_ids or ()),
    )


def search_request(asked: SearchQuery) -> SearchRequest:
    """The engine's request; raises QueryInvalid where values do not fit together."""
    return SearchRequest(
        query=asked.q,
        mode=asked.mode,
        semantic_ratio=asked.semantic_ratio,
        limit=asked.limit,
        offset=asked.offset,
        where=filter_of(asked),
        facets=tuple(asked.facets or ()),
        sort=asked.sort,
        recency_half_life=asked.recency_half_life,
        recency_weight=asked.recency_weight,
        diversity=asked.diversity,
        collapse=asked.collapse,
        min_score=asked.min_score,
        explain=asked.explain,
    )


def related_request(asked: RelatedQuery, article_id: str | None = None) -> RelatedRequest:
    """The engine's request for an article of the path or what a body asks; raises QueryInvalid."""
    body = asked if isinstance(asked, RelatedBody) else RelatedBody.model_validate({})
    return RelatedRequest(
        article_id=article_id if article_id is not None else body.id,
        text=body.text,
        positive=tuple(body.positive or ()),
        negative=tuple(body.negative or ()),
        limit=asked.limit,
        window=asked.window,
        where=filter_of(asked),
        fallback=asked.fallback,
        diversity=asked.diversity,
        explain=asked.explain,
    )


def empty_related(asked: RelatedRequest, reason: str) -> SearchResponse:
    """The list that is shown when nothing could be listed, and why."""
    note = FallbackNote("none", "index_not_ready" if reason == "index_not_ready" else "failed", 0)
    return SearchResponse((), 0, True, None, None, limit=asked.limit, fallback=note)


def search_answer(response: SearchResponse, *, request_id: str, took_ms: float) -> Json:
    """The body of a search or related answer, as ``schemas.SearchAnswer`` describes it."""
    note = response.fallback
    return {
        "request_id": request_id,
        "index": index_note(response.generation, response.encoder),
        "hits": [hit_answer(hit) for hit in response.hits],
        "total": response.total,
        "total_is_exact": response.total_is_exact,
        "facets": {name: dict(counts) for name, counts in response.facets.items()},
        "limit": response.limit,
        "offset": response.offset,
        "took_ms": round(took_ms, 1),
        "fallback": {"kind": note.kind, "reason": note.reason, "filled": note.filled} if note else None,
        "did_you_mean": response.did_you_mean,
        "nothing_relevant": response.nothing_relevant,
        "nothing_asked": response.nothing_asked,
    }


def index_note(generation: str | None, encoder: EncoderInfo | None) -> Json:
    """Which index answered, as ``schemas.IndexNote`` describes it."""
    return {
        "generation": generation,
        "encoder": encoder.label if encoder else None,
    }


def hit_answer(hit: Hit) -> Json:
    """One hit, as ``schemas.HitAnswer`` describes it."""
    snippet, copies = hit.snippet, hit.duplicates
    head = article_head(hit.article)
    return head | {
        "rank": hit.rank,
        "score": round(float(hit.score), 6),
        "snippet": {
            "text": snippet.text,
            "highlights": [list(span) for span in snippet.highlights],
            "offset": snippet.offset,
        }
        if snippet
        else None,
        "duplicates": {"count": copies.count, "ids": list(copies.ids)} if copies else None,
        "reason": hit.reason,
        "filled": hit.filled,
        "pinned": hit.pinned,
        "explain": hit.explain,
    }


def article_head(article: Article) -> Json:
    """What every list shows of an article."""
    return {
        "id": article.id,
        "title": article.title,
        "url": safe_url(article.url),
        "published_at": utc_text(article.published_at),
        "section": article.section,
        "author": ", ".join(article.authors) or None,
        "authors": list(article.authors),
        "source": article.source,
        "language": article.language,
        "image": safe_url(article.image),
    }


def story_answer(found: Story) -> Json:
    """The body of the answer, as ``schemas.StoryAnswer`` describes it."""
    return {
        "id": found.id,
        "first": utc_text(found.first),
        "latest": utc_text(found.latest),
        "copies": found.copies,
        "articles": [article_head(article) for article in found.articles],
    }


def article_answer(article: Article) -> Json:
    """A whole article, as ``schemas.ArticleAnswer`` describes it."""
    return {
        **article_head(article),
        "body": article.body,
        "updated_at": utc_text(article.updated_at),
        "tags": list(article.tags),
        "status": article.status,
        "expires_at": utc_text(article.expires_at),
        "extra": article.extra,
    }


def visibility_answer(article: Article, options: VisibilityOptions, *, visible: bool, now: float) -> Json:
    """Whether readers see an article, and from when they will; part of ``schemas.ArticleAnswer``."""
    starts, _ = visible_span(article, options)
    awaited = not visible and now < starts < math.inf
    return {
        "visible": visible,
        "visible_from": utc_text(datetime.fromtimestamp(starts, UTC)) if awaited else None,
    }


def safe_url(url: str | None) -> str | None:
    """The address if a link may carry it (http, https): never ``javascript:`` or the like."""
    try:
        return url if url and urlsplit(url.strip()).scheme.lower() in {"http", "https"} else None
    except ValueError:
        return None


def utc_text(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _finite(value: object) -> object:
    """The value without the numbers that JSON has no words for."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _plain(value: object) -> object:
    """What JSON cannot write, as something it can: times, mappings, numpy numbers, sets, text."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, set | frozenset) else str(value)
