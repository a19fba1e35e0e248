"""For those who run it: health, version and metrics."""

from __future__ import annotations

import platform

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from semsearch import __version__
from semsearch.service.answers import json_response
from semsearch.service.convert import to_json
from semsearch.service.metrics import CONTENT_TYPE
from semsearch.service.schemas import LiveAnswer, ReadyAnswer, VersionAnswer
from semsearch.service.state import service_of

router = APIRouter(tags=["operate"])


@router.get(
    "/health/live", operation_id="live", summary="Does the process answer?", response_model=LiveAnswer
)
async def live() -> Response:
    """Say ok as long as the process answers; restart it when this fails."""
    return json_response({"status": "ok"})


@router.get(
    "/health/ready",
    operation_id="ready",
    summary="Can searches be answered?",
    response_model=ReadyAnswer,
    responses={
        503: {"model": ReadyAnswer, "description": "Searches cannot be answered yet; reason says why."}
    },
)
async def ready(request: Request) -> Response:
    """Say whether the index and the encoder are loaded; send no traffic here while it is 503."""
    answer = await service_of(request).readiness()
    status = 200 if answer["ready"] else 503
    headers = {"Cache-Control": "no-store", **({"Retry-After": "5"} if status == 503 else {})}
    return Response(to_json(answer), status, headers=headers, media_type="application/json")


@router.get("/version", operation_id="version", summary="What runs here?", response_model=VersionAnswer)
async def version() -> Response:
    """Name the versions of semsearch and of Python."""
    return json_response({"name": "semsearch", "version": __version__, "python": platform.python_version()})


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Counts and times for Prometheus",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "Prometheus text format.",
            "content": {"text/plain": {"example": "semsearch_index_articles 12000.0\n"}},
        }
    },
)
async def metrics(request: Request) -> Response:
    """List requests by route and status, times, the index's generation and sizes, and the queue."""
    service = service_of(request)
    facts = await service.facts()
    text = service.metrics.text(facts, running=service.running, waiting=service.waiting)
    return Response(text, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE})
