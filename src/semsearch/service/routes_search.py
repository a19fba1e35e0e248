"""GET and POST /v1/search: what a reader looks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from semsearch.service.answers import NOT_MODIFIED, found, problems
from semsearch.service.convert import search_request
from semsearch.service.parameters import SearchBody, SearchQuery
from semsearch.service.reading import described, read_query
from semsearch.service.schemas import SearchAnswer

router = APIRouter(tags=["search"])


@router.get(
    "/v1/search",
    operation_id="search",
    summary="Search by meaning and words",
    response_model=SearchAnswer,
    responses={**NOT_MODIFIED, **problems(422, 500, 503)},
    openapi_extra=described(SearchQuery),
)
async def search(request: Request) -> Response:
    """Find articles.

    Filters are applied before ranking, so a filtered list is never short; unknown parameters are refused.
    """
    wanted = search_request(read_query(SearchQuery, request.query_params))
    return await found(request, lambda engine: engine.searcher.search(wanted), wanted)


@router.post(
    "/v1/search",
    operation_id="search_by_body",
    summary="Search, asked in a JSON body",
    response_model=SearchAnswer,
    responses=problems(413, 422, 500, 503),
)
async def search_by_body(
    request: Request, asked: Annotated[SearchBody, Body(description="What to look for.")]
) -> Response:
    """Find articles; the same fields as in an address, for long queries and lists."""
    wanted = search_request(asked)
    return await found(request, lambda engine: engine.searcher.search(wanted))
