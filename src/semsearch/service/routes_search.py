"""GET and POST /v1/search: what a reader looks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from semsearch.index.events import Event
from semsearch.search.types import SearchRequest, SearchResponse
from semsearch.service.answers import NOT_MODIFIED, found, problems
from semsearch.service.bodies import JsonRoute
from semsearch.service.convert import search_request
from semsearch.service.parameters import SearchBody, SearchQuery
from semsearch.service.reading import described, read_query
from semsearch.service.schemas import SearchAnswer
from semsearch.service.state import service_of

router = APIRouter(route_class=JsonRoute, tags=["search"])


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
    return await _searched(request, wanted)


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
    return await _searched(request, search_request(asked))


async def _searched(request: Request, wanted: SearchRequest) -> Response:
    """The answer; where events are kept, what was asked for is noted once the answer is on its way.

    Only a first page counts, and nothing of a reader whose browser asks for privacy (Sec-GPC).
    """
    events: list[Event] = []

    def note(found: SearchResponse) -> None:
        answers = 0 if found.nothing_relevant else found.total
        events.append(Event("search", query=wanted.query, results=answers))

    response = await found(request, lambda engine: engine.searcher.search(wanted), wanted, heard=note)
    intake = service_of(request).events
    private = request.headers.get("sec-gpc") == "1"
    if intake.on and events and wanted.query.strip() and not wanted.offset and not private:
        response.background = BackgroundTask(intake.note, events[0])
    return response
