"""One article and its neighbours: the "You May Also Like" list."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Path, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from semsearch.errors import ArticleNotFound
from semsearch.service.answers import NOT_MODIFIED, REVALIDATE, json_response, not_modified, problems
from semsearch.service.answers import related as related_answer
from semsearch.service.article_ids import as_named
from semsearch.service.auth import has_scope
from semsearch.service.bodies import TextRoute
from semsearch.service.convert import Json, article_answer, related_request, visibility_answer
from semsearch.service.parameters import RelatedBody, RelatedQuery
from semsearch.service.reading import described, read_query
from semsearch.service.schemas import ArticleAnswer, SearchAnswer
from semsearch.service.state import etag_matches, service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

router = APIRouter(route_class=TextRoute)

RELATED_EXAMPLES: dict[str, Example] = {
    "text": {"summary": "Of a draft", "value": {"text": "The court ruled on Friday that…", "limit": 5}},
    "article": {"summary": "Of an article", "value": {"id": "a-17", "window": "past"}},
    "articles": {
        "summary": "Of several articles, away from another",
        "value": {"positive": ["a-17", "a-18"], "negative": ["a-19"]},
    },
}

ArticleIdInPath = Annotated[
    str,
    Path(
        description="The article's id; percent-encode it: a slash in an id is %2F.",
        examples=["a-17"],
        min_length=1,
        max_length=1000,
    ),
]


@router.get(
    "/v1/articles/{article_id:path}/related",
    operation_id="related",
    tags=["related"],
    summary="You May Also Like",
    response_model=SearchAnswer,
    responses={**NOT_MODIFIED, **problems(422)},
    openapi_extra=described(RelatedQuery),
)
async def related(request: Request, article_id: ArticleIdInPath) -> Response:
    """List the articles nearest to one article: never itself, never two copies of one text.

    It never fails a page: where the article or the index is missing it answers 200 with what it
    could fill, and says so in `fallback`.
    """
    if is_part_of_id(request, "/related"):
        return await article(request, f"{article_id}/related")
    asked = related_request(read_query(RelatedQuery, request.query_params), article_id)
    return await related_answer(request, asked, partial(related_cache, request))


@router.get(
    "/v1/articles/{article_id:path}",
    operation_id="article",
    tags=["articles"],
    summary="One article",
    response_model=ArticleAnswer,
    responses={**NOT_MODIFIED, **problems(404, 422, 500, 503)},
)
async def article(request: Request, article_id: ArticleIdInPath) -> Response:
    """Show a whole article as it is stored.

    An article that readers cannot see (yet, or any more) is 404, as if it did not exist. With a key of
    scope write it is shown, with `visible` false.
    """
    service = service_of(request)
    wanted = request.headers.get("if-none-match")
    may_write = has_scope(request, "write")

    def job(engine: Engine) -> tuple[str, Json | None]:
        tag = service.etag(engine, "article", article_id, may_write)
        found = as_named(lambda one: article_as_seen(engine, one, hidden=may_write), article_id)
        return tag, None if etag_matches(wanted, tag) else found

    tag, found = await service.call(job, request)
    cache = f"private, {REVALIDATE}" if may_write else REVALIDATE
    answer = not_modified(tag, cache) if found is None else json_response(found, etag=tag, cache=cache)
    answer.headers.append("Vary", "Authorization, X-API-Key")
    return answer


def article_as_seen(engine: Engine, article_id: str, *, hidden: bool) -> Json:
    """A whole article that readers see now, with ``hidden`` any one; raises ArticleNotFound."""
    try:
        found, visible = engine.show(article_id), True
    except ArticleNotFound:
        if not hidden:
            raise
        found, visible = engine.show(article_id, hidden=True), False
    seen = visibility_answer(found, engine.settings.visibility, visible=visible, now=time.time())
    return article_answer(found) | seen


@router.post(
    "/v1/related",
    operation_id="related_by_body",
    tags=["related"],
    summary="Related to a text or to several articles",
    response_model=SearchAnswer,
    responses=problems(413, 422),
)
async def related_by_body(
    request: Request,
    asked: Annotated[
        RelatedBody, Body(description="Whose neighbours are wanted.", openapi_examples=RELATED_EXAMPLES)
    ],
) -> Response:
    """List the articles nearest to a text (a draft, say), to an article, or to several at once."""
    return await related_answer(request, related_request(asked), lambda _until: "no-store")


def related_cache(request: Request, until: float = math.inf) -> str:
    """How long pages may keep a related list: the setting, then as long again while it is renewed.

    Never past ``until``, when an article of the index appears or goes by the clock.
    """
    wanted = service_of(request).settings.service.related_cache_seconds
    left = max(0, int(min(until - time.time(), 2 * wanted)))
    fresh = min(wanted, left)
    if fresh <= 0:
        return REVALIDATE
    stale = min(wanted, left - fresh)
    return f"public, max-age={fresh}" + (f", stale-while-revalidate={stale}" if stale else "")


def is_part_of_id(request: Request, end: str) -> bool:
    """Whether the last part of an address belongs to the id, since its slash came as %2F."""
    raw: bytes = request.scope.get("raw_path") or b""
    return raw.lower().endswith(end.replace("/", "%2f").encode())
