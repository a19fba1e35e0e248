"""GET /v1/suggest: what a reader may be about to type."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from semsearch.search.suggest import (
    KINDS,
    MAX_SUGGESTIONS,
    MAX_TYPED_CHARACTERS,
    Kind,
    SuggestRequest,
    SuggestResponse,
)
from semsearch.service.answers import NOT_MODIFIED, REVALIDATE, json_response, not_modified, problems
from semsearch.service.bodies import JsonRoute
from semsearch.service.convert import Json, safe_url
from semsearch.service.parameters import clean_text, split_commas
from semsearch.service.reading import described, read_query
from semsearch.service.schemas import Answer
from semsearch.service.state import etag_matches, service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

router = APIRouter(route_class=JsonRoute, tags=["search"])


class SuggestQuery(BaseModel):
    """The parameters of typing help."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(max_length=MAX_TYPED_CHARACTERS), AfterValidator(clean_text)] = Field(
        "",
        description="What was typed so far; case and accents do not matter. The last word may be a "
        "beginning, unless a blank follows it. Empty gives the sections with most articles.",
        examples=["north kor"],
    )
    limit: int = Field(10, ge=1, le=MAX_SUGGESTIONS, description="Suggestions at most.", examples=[8])
    kind: Annotated[list[Kind], BeforeValidator(split_commas)] | None = Field(
        None,
        description="Only these kinds; repeatable or joined by commas. Left out: all.",
        examples=[["title", "author"]],
    )


class SuggestionAnswer(Answer):
    """One suggestion."""

    text: str = Field(description="What to show, plain text.", examples=["North Korea fires missile"])
    kind: Literal["section", "author", "tag", "word", "title"] = Field(
        description="A title is an article to go to; a word is one to search for; the others are values to "
        "filter by.",
        examples=["title"],
    )
    count: int = Field(description="Articles that it stands for; 1 for a title.", examples=[1])
    id: str | None = Field(description="The article's id, for a title.", examples=["a-17"])
    url: str | None = Field(
        description="The article's address, for a title, only ever http or https.",
        examples=["https://news.example/a-17"],
    )
    mended: bool = Field(
        description="True where it fits only past typing errors of what was typed.", examples=[False]
    )


class SuggestAnswer(Answer):
    """What a reader may be about to type."""

    request_id: str = Field(description="The X-Request-ID of this request.", examples=["6f1c2a"])
    generation: str = Field(description="Id of the generation that answered.", examples=["20260131T120000-1"])
    suggestions: list[SuggestionAnswer] = Field(description="Best first; empty where nothing fits.")
    took_ms: float = Field(description="Milliseconds from request to answer.", examples=[2.1])


@router.get(
    "/v1/suggest",
    operation_id="suggest",
    summary="Typing help",
    response_model=SuggestAnswer,
    responses={**NOT_MODIFIED, **problems(422, 500, 503)},
    openapi_extra=described(SuggestQuery),
)
async def suggest(request: Request) -> Response:
    """Complete what is being typed: sections, authors, tags, words and titles of live articles.

    What fits as typed comes first; what fits past a typing error or two fills the rest.
    """
    asked = read_query(SuggestQuery, request.query_params)
    kinds = KINDS if asked.kind is None else tuple(asked.kind)
    wanted = SuggestRequest(asked.q, asked.limit, kinds)

    service = service_of(request)
    held = request.headers.get("if-none-match")

    def job(engine: Engine) -> tuple[str, SuggestResponse | None]:
        tag = service.etag(engine, "suggest", wanted)
        return tag, None if etag_matches(held, tag) else engine.searcher.suggest(wanted)

    tag, response = await service.call(job, request)
    if response is None:
        return not_modified(tag, REVALIDATE)
    took_ms = (time.perf_counter() - request.state.started) * 1000
    body = suggest_answer(response, request_id=request.state.request_id, took_ms=took_ms)
    return json_response(body, etag=tag, cache=REVALIDATE)


def suggest_answer(response: SuggestResponse, *, request_id: str, took_ms: float) -> Json:
    """The body of an answer, as ``SuggestAnswer`` describes it."""
    return {
        "request_id": request_id,
        "generation": response.generation,
        "suggestions": [
            {
                "text": one.text,
                "kind": one.kind,
                "count": one.count,
                "id": one.article_id,
                "url": safe_url(one.url),
                "mended": one.mended,
            }
            for one in response.suggestions
        ],
        "took_ms": round(took_ms, 1),
    }
