"""Responses that several routes make: JSON with its cache headers, 304, and the related list."""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import Response

from semsearch.errors import (
    ArticleNotFound,
    EncoderError,
    IndexFault,
    IndexNotFound,
    InputError,
    SemsearchError,
)
from semsearch.search.types import RelatedRequest, SearchRequest, SearchResponse
from semsearch.service.article_ids import as_named
from semsearch.service.convert import empty_related, search_answer, to_json
from semsearch.service.errors import NotReady
from semsearch.service.schemas import Problem
from semsearch.service.state import etag_matches, service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

log = logging.getLogger("semsearch.service")

REVALIDATE = "no-cache"  # keep it, but ask each time: the ETag makes asking cheap
NOT_READY = (NotReady, IndexNotFound, IndexFault, EncoderError)

Asked = SearchRequest | RelatedRequest
Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The error responses of a route, for OpenAPI."""
    words = {
        401: "No key, or an unknown, revoked or expired one.",
        403: "The key's scope does not cover this.",
        404: "Nothing by this id.",
        409: "Another process holds the lock.",
        413: "The body is larger than this service takes.",
        422: "A parameter is unknown or cannot be used; detail names it.",
        500: "An unexpected fault, logged under the request id.",
        503: "Not ready or overloaded; Retry-After says when to try again.",
        507: "The disk refused; nothing acknowledged is lost.",
    }
    return {status: {"model": Problem, "description": words[status]} for status in statuses}


NOT_MODIFIED: Responses = {304: {"description": "If-None-Match still names this answer."}}


def json_response(
    body: object,
    *,
    etag: str | None = None,
    cache: str = "no-store",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer with its cache headers."""
    kept = {"Cache-Control": cache, **({"ETag": etag} if etag else {}), **(headers or {})}
    return Response(to_json(body), headers=kept, media_type="application/json")


def not_modified(etag: str, cache: str) -> Response:
    """The answer that the caller has is still right."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": cache})


async def found(
    request: Request,
    work: Callable[[Engine], SearchResponse],
    asked: Asked,
    *,
    cache: Callable[[float], str] = lambda _until: REVALIDATE,
    heard: Callable[[SearchResponse], None] = lambda _: None,
) -> Response:
    """The answer of a search: 304 without searching where the caller's ETag still holds (GET only).

    ``cache`` gives the Cache-Control of an answer that holds until a moment. ``heard`` is told of each list
    that is answered, made now or remembered.
    """
    if request.method != "GET":
        response = await service_of(request).call(work, request)
        heard(response)
        return list_response(request, response, etag=None, cache="no-store")
    tag, fresh, until = await tagged(request, work, asked, request.url.path)
    if fresh is None:
        return not_modified(tag, cache(until))
    heard(fresh)
    return list_response(request, fresh, etag=tag, cache=cache(until))


async def tagged(
    request: Request, work: Callable[[Engine], SearchResponse], asked: Asked, *shown: object
) -> tuple[str, SearchResponse | None, float]:
    """The ETag of a list as it is shown, the list (None where the caller has it), and until when it holds."""
    service = service_of(request)
    wanted = request.headers.get("if-none-match")

    def job(engine: Engine) -> tuple[str, SearchResponse | None, float]:
        tag, until = service.etag_until(engine, asked, *shown)
        if etag_matches(wanted, tag):
            return tag, None, until
        if (known := service.answers.known(tag)) is not None:
            return tag, known, known.shown_until
        made = work(engine)
        if service.etag(engine, asked, *shown) == tag:  # nothing changed under way
            service.answers.keep(tag, made)
        return tag, made, made.shown_until

    return await service.call(job, request)


def list_response(request: Request, response: SearchResponse, *, etag: str | None, cache: str) -> Response:
    """The JSON of a list of hits, with Server-Timing."""
    took_ms = (time.perf_counter() - request.state.started) * 1000
    body = search_answer(response, request_id=request.state.request_id, took_ms=took_ms)
    return json_response(body, etag=etag, cache=cache, headers={"Server-Timing": timing(response, took_ms)})


def timing(response: SearchResponse, took_ms: float) -> str:
    """The Server-Timing header: milliseconds of each stage and of all."""
    stages = [(re.sub(r"\W+", "-", name), seconds * 1000) for name, seconds in response.seconds.items()]
    return ", ".join(f"{name};dur={value:.1f}" for name, value in [*stages, ("total", took_ms)])


def related_list(engine: Engine, asked: RelatedRequest) -> SearchResponse:
    """The related list of an article, by another spelling of its id where it is known by that alone."""
    response = engine.searcher.related(asked)
    missing = response.fallback is not None and response.fallback.reason == "article_missing"
    if not missing or asked.article_id is None:
        return response
    try:
        known = as_named(engine.show, asked.article_id).id
    except ArticleNotFound:
        return response
    return engine.searcher.related(dataclasses.replace(asked, article_id=known))


async def related(request: Request, asked: RelatedRequest, cache: Callable[[float], str]) -> Response:
    """A related list that never fails the page it stands on: at worst it is empty and says why."""
    try:
        return await found(request, lambda engine: related_list(engine, asked), asked, cache=cache)
    except InputError:
        raise  # what was asked makes no sense: whoever builds the page must hear it
    except NOT_READY as error:
        log.warning("related list without an index: %s (request %s)", error, request.state.request_id)
        response = empty_related(asked, "index_not_ready")
    except SemsearchError as error:
        log.warning("related list failed: %s (request %s)", error, request.state.request_id)
        response = empty_related(asked, "failed")
    except Exception:
        log.exception("related list failed (request %s)", request.state.request_id)
        response = empty_related(asked, "failed")
    return list_response(request, response, etag=None, cache="no-store")
