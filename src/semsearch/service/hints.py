"""What a caller may have meant by a name that is not known: only names that can be given there."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel

MAX_NAME = 40  # characters of a name that is compared; ours have at most twenty

# What others call our parameters; a name is offered only where it can be given.
USUAL = {
    "query": "q", "search": "q", "term": "q", "keywords": "q", "s": "q",
    "after": "published_after", "since": "published_after", "from": "published_after",
    "date_from": "published_after", "from_date": "published_after", "start_date": "published_after",
    "before": "published_before", "until": "published_before", "to": "published_before",
    "date_to": "published_before", "to_date": "published_before", "end_date": "published_before",
    "size": "limit", "count": "limit", "n": "limit", "k": "limit", "top_k": "limit", "per_page": "limit",
    "num": "limit", "rows": "limit", "page_size": "limit",
    "skip": "offset", "start": "offset", "page": "offset",
    "category": "section", "categories": "section", "topic": "section", "byline": "author",
    "keyword": "tag", "labels": "tag", "lang": "language", "locale": "language", "publisher": "source",
    "order": "sort", "order_by": "sort", "sort_by": "sort", "exclude": "exclude_ids", "not": "exclude_ids",
    "aggregations": "facets", "aggs": "facets", "score": "min_score", "threshold": "min_score",
    "content": "text", "body": "text", "article_id": "id", "like": "positive", "unlike": "negative",
}  # fmt: skip


def near(name: str, known: Collection[str]) -> str | None:
    """The name of ``known`` that was probably meant, or None."""
    if len(name) > MAX_NAME:
        return None
    lowered = name.lower().replace("-", "_")
    usual = USUAL.get(lowered)
    if usual in known:
        return usual
    close = difflib.get_close_matches(lowered, sorted(known), 1, 0.6)
    return close[0] if close and close[0] != name else None


def names_at(model: object, place: Sequence[object]) -> frozenset[str]:
    """The fields that an object may have at a place within a model; none where the place is not known."""
    for step in place:
        if isinstance(step, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(step)
            model = field.annotation if field is not None else None
        inside = next(_models(model), None)
        model = inside if inside is not None else model
    found = next(_models(model), None)
    return frozenset(found.model_fields) if found is not None else frozenset()


def _models(kind: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  an annotation is anything
    """The models within an annotation, such as those of a list or of a union."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from _models(inner)
