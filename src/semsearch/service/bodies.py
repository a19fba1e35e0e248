"""JSON bodies: the key is checked before the first byte, the size while they come, the shape before fields.

A route of class ``JsonRoute`` reads its body here, so that no request is worth more work than its route:
what is too long, too deep or has too many values is refused before pydantic would name each fault of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from semsearch.service.auth import KeyCheck
from semsearch.service.errors import BodyTooLarge
from semsearch.service.middleware import announced_length
from semsearch.service.state import service_of

Size = Literal["max_query_bytes", "max_text_bytes", "max_body_bytes"]

MAX_NODES = 20_000  # values of a body: several lists of a thousand ids fit
MAX_NAMES = 2_000  # names of a body, in all its objects: the longest rule has some hundred
MAX_DEPTH = 32  # the deepest body of ours has five levels
SMALL = 32 * 1024  # bytes that are read as JSON within a millisecond: no thread is worth it


class ShapeRefused(ValueError):  # noqa: N818  as the tree of errors is named
    """A body that no caller means; ``name`` is the field where it goes too far."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name
        self.problem = problem


class JsonRoute(APIRoute):
    """A route of the API: key, then body up to ``size`` (a setting of the service), then the handler."""

    size: Size = "max_query_bytes"

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler after the checks."""
        handler = super().get_route_handler()
        found = [one.dependency for one in self.dependencies]
        checks = [one for one in found if isinstance(one, KeyCheck)]
        model = self.body_field.field_info.annotation if self.body_field is not None else None

        async def handled(request: Request) -> Response:
            if model is None:
                return await handler(request)
            options = service_of(request).settings.service
            for check in checks or ([KeyCheck("search")] if options.require_key else []):
                await check(request)
            try:
                await _take(request, getattr(options, self.size))
                return await handler(request)
            except RequestValidationError as error:
                error.model = model  # type: ignore[attr-defined]  # whose names a hint may give
                raise

        return handled


class TextRoute(JsonRoute):
    """A route whose body may be the text of an article."""

    size: Size = "max_text_bytes"


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request; raises BodyTooLarge as soon as that is known, HTTPException 400 if cut off."""
    if announced_length(request.headers) > most:
        raise BodyTooLarge(most)
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise BodyTooLarge(most)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(body)


async def _take(request: Request, most: int) -> None:
    """Read the body and, where it is JSON, check its shape; FastAPI then finds both in the request."""
    body = await read_body(request, most)
    request._body = body
    kind = request.headers.get("content-type", "")
    if body and (_is_json(kind) or _looks_like_json(kind, body)):
        work = partial(parsed, body)
        request._json = work() if len(body) <= SMALL else await run_sync(work)


def _is_json(kind: str) -> bool:
    main, _, sub = kind.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))


def _looks_like_json(kind: str, body: bytes) -> bool:
    """Whether a body of no kind, or of curl's own, is meant as JSON: if it is broken, that is told first."""
    unsaid = not kind or kind.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
    return unsaid and body.lstrip()[:1] in {b"{", b"["}


def parsed(body: bytes) -> Any:  # noqa: ANN401  whatever JSON holds
    """The value of a JSON body; raises RequestValidationError for what is no JSON or goes too far."""
    try:
        value = json.loads(body)
        check_shape(value)
    except ShapeRefused as error:
        raise _refused("shape", error.name, error.problem) from None
    except json.JSONDecodeError as error:
        place = ("body", error.pos)
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": place, "msg": "", "input": {}, "ctx": {"error": error.msg}}]
        ) from None
    except UnicodeDecodeError:
        raise _refused("encoding", "body", "it is not UTF-8") from None
    except (RecursionError, ValueError):
        raise _refused("shape", "body", "it is nested too deeply, or has a number too long") from None
    return value


def _refused(kind: str, name: str, problem: str) -> RequestValidationError:
    return RequestValidationError([{"type": kind, "loc": ("body", name), "msg": problem, "input": None}])


def check_shape(value: object) -> None:
    """Raise ShapeRefused beyond MAX_NODES values, MAX_NAMES names or MAX_DEPTH levels."""
    nodes = names = 0
    stack: list[tuple[str, int, object]] = [("body", 0, value)]
    while stack:
        name, depth, one = stack.pop()
        if not isinstance(one, dict | list):
            continue
        nodes += len(one)
        names += len(one) if isinstance(one, dict) else 0
        if names > MAX_NAMES:
            raise ShapeRefused(name, f"it has more than {MAX_NAMES:,} fields; send fewer")
        if nodes > MAX_NODES:
            raise ShapeRefused(name, f"it has more than {MAX_NODES:,} values; send fewer")
        if depth == MAX_DEPTH:
            raise ShapeRefused(name, f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(one, dict):
            stack += [(key if depth == 0 else name, depth + 1, inner) for key, inner in one.items()]
        else:
            stack += [(name, depth + 1, inner) for inner in one]
