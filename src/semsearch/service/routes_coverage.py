"""POST /v1/editor/coverage-check: what of a draft has run. Scope write."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.openapi.models import Example
from fastapi.responses import Response

from semsearch.service.answers import json_response, problems
from semsearch.service.auth import needs, secured
from semsearch.service.bodies import TextRoute
from semsearch.service.coverage_convert import coverage_answer, coverage_job
from semsearch.service.reading import read_query
from semsearch.service.routes_write import NoQuery
from semsearch.service.schemas_coverage import CoverageAnswer, CoverageBody
from semsearch.service.state import service_of

router = APIRouter(route_class=TextRoute, tags=["editor"], dependencies=[Depends(needs("write"))])

EXAMPLES: dict[str, Example] = {
    "text": {
        "summary": "Of a draft",
        "value": {
            "title": "Council closes village school",
            "text": "The school has too few pupils, the council said on Monday.",
        },
    },
    "address": {
        "summary": "Of an article by its address, against what ran before it",
        "value": {"url": "https://news.example/a-17", "published_before": "2026-01-30"},
    },
}


@router.post(
    "/v1/editor/coverage-check",
    operation_id="coverage_check",
    summary="Coverage check",
    response_model=CoverageAnswer,
    responses=problems(401, 403, 404, 413, 422, 500, 503),
    openapi_extra=secured(),
)
async def coverage_check(
    request: Request, body: Annotated[CoverageBody, Body(openapi_examples=EXAMPLES)]
) -> Response:
    """Tell what of a draft has run: a verdict with its reasons, the closest passages side by side, copies.

    The draft is pasted text, or an article of the archive by its id or address; nothing is fetched and
    nothing is kept. Scope write.
    """
    read_query(NoQuery, request.query_params)
    found = await service_of(request).for_editors(coverage_job(body), request)
    took_ms = (time.perf_counter() - request.state.started) * 1000
    return json_response(coverage_answer(found, request_id=request.state.request_id, took_ms=took_ms))
