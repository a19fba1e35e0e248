"""POST /v1/editor/link-suggestions: links to add to a draft. Scope write."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from semsearch.service.answers import json_response, problems
from semsearch.service.auth import needs, secured
from semsearch.service.bodies import TextRoute
from semsearch.service.links_convert import links_answer, links_job
from semsearch.service.reading import read_query
from semsearch.service.routes_write import NoQuery
from semsearch.service.schemas_links import LinksAnswer, LinksBody
from semsearch.service.state import service_of

router = APIRouter(route_class=TextRoute, tags=["editor"], dependencies=[Depends(needs("write"))])

EXAMPLES: dict[str, Example] = {
    "text": {
        "summary": "Of a draft",
        "value": {"title": "Climate talks end", "text": "The Kyoto Protocol ended in 2012.", "limit": 5},
    },
    "article": {"summary": "Of an article of the archive", "value": {"id": "a-17"}},
    "address": {
        "summary": "Of an article by its address",
        "value": {"url": "https://news.example/a-17", "older": 10},
    },
}


@router.post(
    "/v1/editor/link-suggestions",
    operation_id="link_suggestions",
    summary="Links to add",
    response_model=LinksAnswer,
    responses=problems(401, 403, 404, 413, 422, 500, 503),
    openapi_extra=secured(),
)
async def link_suggestions(
    request: Request, body: Annotated[LinksBody, Body(openapi_examples=EXAMPLES)]
) -> Response:
    """Suggest phrases of a draft to link, and older articles that should link to it.

    Each phrase comes with the archive article that it should lead to, and the reason. The draft is
    pasted text, or an article of the archive by its id or address; nothing is fetched. Scope write.
    """
    read_query(NoQuery, request.query_params)
    found = await service_of(request).for_editors(links_job(body), request)
    took_ms = (time.perf_counter() - request.state.started) * 1000
    return json_response(links_answer(found, request_id=request.state.request_id, took_ms=took_ms))
