"""One shape for every error, and the status of each: the only file where errors meet HTTP."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import anyio
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from semsearch import errors
from semsearch.service.convert import Json, to_json
from semsearch.service.hints import names_at, near

log = logging.getLogger("semsearch.service")


class NotReady(errors.SemsearchError):
    """The index or the encoder is not loaded (yet); ``reason`` says why."""


class Overloaded(errors.SemsearchError):
    """More requests wait for a free thread than are allowed to."""


class Stopped(errors.SemsearchError):
    """The service ends: long work goes no further."""


class BodyTooLarge(errors.SemsearchError):
    """The body of a request is larger than its address takes."""

    def __init__(self, most: int | str) -> None:
        bound = f"{most:,} bytes" if isinstance(most, int) else most
        super().__init__(f"the body is larger than this address takes ({bound}); send less")


class TooManyParameters(errors.InputError):
    """An address with more parameters than anybody means."""


class AddressInvalid(errors.InputError):
    """An address whose ids cannot be read."""


STATUS: dict[type[errors.SemsearchError], int] = {
    errors.SemsearchError: 500,
    errors.InputError: 422,
    errors.ArticleInvalid: 422,
    errors.SourceUnreadable: 422,
    errors.BuildRefused: 409,
    errors.QueryInvalid: 422,
    errors.RuleInvalid: 422,
    errors.SettingsInvalid: 500,
    errors.JudgementsInvalid: 422,
    errors.NotFound: 404,
    errors.ArticleNotFound: 404,
    errors.IndexNotFound: 503,  # the service has one index: nothing that a caller did wrong
    errors.GenerationNotFound: 404,
    errors.TaskNotFound: 404,
    errors.KeyNotFound: 404,
    errors.RuleNotFound: 404,
    errors.EncoderError: 503,
    errors.EncoderUnavailable: 503,
    errors.EncoderMismatch: 503,
    errors.DimensionMismatch: 503,
    errors.IndexFault: 503,
    errors.IndexCorrupt: 503,
    errors.IndexLost: 503,
    errors.FormatTooNew: 503,
    errors.IndexBusy: 409,
    errors.StorageFailed: 507,
    errors.AccessDenied: 403,
    errors.KeyMissing: 401,
    errors.KeyInvalid: 401,
    errors.ScopeMissing: 403,
    NotReady: 503,
    Overloaded: 503,
    Stopped: 503,
    BodyTooLarge: 413,
    TooManyParameters: 422,
    AddressInvalid: 422,
}

HTTP_CODES = {
    400: ("bad_request", "The request cannot be read."),
    404: ("path_unknown", "There is nothing at this address; /openapi.json lists what there is."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("body_too_large", "The body is larger than this address takes."),
    415: ("media_type_unsupported", "Send the body as application/json."),
    500: ("internal", "Something went wrong here. It was logged under the request id in X-Request-ID."),
}

# What a program is told of its key (RFC 6750 section 3.1).
CHALLENGE: dict[type, str] = {
    errors.AccessDenied: 'Bearer realm="semsearch"',
    errors.KeyInvalid: 'Bearer realm="semsearch", error="invalid_token"',
    errors.ScopeMissing: 'Bearer realm="semsearch", error="insufficient_scope"',
}

REFUSED_SECONDS = 0.25  # before a refusal: callers that come again at once would leave no time for others

UNAVAILABLE = "The index has a fault that stops this request; /health/ready describes it. Try again later."


def status_of(error: errors.SemsearchError) -> int:
    """The HTTP status of an error: that of the nearest class in STATUS."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def code_of(kind: type[BaseException]) -> str:
    """``ArticleNotFound`` as ``article_not_found``; what a module makes of one for itself, as that one."""
    named = next((one for one in kind.__mro__ if one in STATUS), kind)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", named.__name__).lower()


def problem(
    status: int,
    code: str,
    message: str,
    detail: Sequence[Json] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as a response, in the one shape; never to be cached."""
    body = to_json({"code": code, "message": message, "detail": list(detail)})
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body, status, headers=kept, media_type="application/json")


def internal_problem() -> Response:
    """The answer to an unexpected error: says nothing of its cause, which is in the log."""
    return problem(500, *HTTP_CODES[500])


def public_message(error: errors.SemsearchError) -> str:
    """What a caller may read: of our own faults, which can name files, only that there is one."""
    if isinstance(error, NotReady | Overloaded | errors.IndexLost) or status_of(error) not in {500, 503}:
        return str(error)
    return UNAVAILABLE


def semsearch_problem(error: errors.SemsearchError, request_id: str = "") -> Response:
    """One of our errors as a response; what a caller may not read is logged."""
    status = status_of(error)
    headers: dict[str, str] = {}
    if status == 503:
        headers["Retry-After"] = "1" if isinstance(error, Overloaded) else "5"
    if isinstance(error, Overloaded):
        headers["Connection"] = "close"  # whoever comes again at once stands in line again
    if isinstance(error, errors.AccessDenied):
        headers["WWW-Authenticate"] = next(CHALLENGE[one] for one in type(error).__mro__ if one in CHALLENGE)
    if status >= 500:
        log.warning("%s: %s (request %s)", type(error).__name__, error, request_id)
    detail = []
    if isinstance(error, errors.ArticleInvalid | errors.RuleInvalid) and error.field:
        detail = [{"field": error.field, "problem": error.problem, "value": error.value}]
    return problem(status, code_of(type(error)), public_message(error), detail, headers)


# Pydantic's words for what goes wrong most, as a sentence that says what to give.
WORDS = {
    "greater_than_equal": "give {ge} or more",
    "greater_than": "give more than {gt}",
    "less_than_equal": "give {le} or less",
    "literal_error": "give one of {expected}",
    "int_parsing": "give a whole number",
    "int_type": "give a whole number",
    "int_from_float": "give a whole number",
    "int_parsing_size": "give a smaller number",
    "float_parsing": "give a number",
    "float_type": "give a number",
    "finite_number": "give a number that is finite",
    "bool_parsing": "give true or false",
    "bool_type": "give true or false",
    "string_type": "give a text",
    "string_unicode": "give whole Unicode characters, not half a surrogate pair",
    "list_type": "give a list",
    "string_too_long": "give at most {max_length} characters",
    "string_too_short": "it is empty; leave it out, or give at least {min_length} character",
    "too_long": "give at most {max_length} values",
    "missing": "it is missing",
    "model_attributes_type": "send a JSON object, with Content-Type: application/json",
    "model_type": "send a JSON object, with Content-Type: application/json",
    "dict_type": "send a JSON object, with Content-Type: application/json",
}


MAX_DETAIL = 10  # errors of one request that are told
MAX_SHOWN = 80  # characters of a value or a name that are shown


def validation_detail(found: Sequence[Mapping[str, Any]], model: object = None) -> list[Json]:
    """The first of pydantic's errors as fields at fault, in our words; ``model`` knows the right names."""
    detail = []
    for error in found[:MAX_DETAIL]:
        place = [str(part) for part in error["loc"]]
        name = cut(".".join(place[1:] if len(place) > 1 else place))
        text = str(error["msg"]).removeprefix("Value error, ")
        if error["type"] in WORDS:
            text = WORDS[error["type"]].format_map({k: _short(v) for k, v in error.get("ctx", {}).items()})
        if error["type"] == "extra_forbidden":
            meant = near(place[-1], names_at(model, error["loc"][1:-1]))
            text = "no such parameter" + (f"; did you mean '{meant}'?" if meant else "")
        elif error["type"] == "json_invalid":
            name = "body"
            text = f"not JSON: {error.get('ctx', {}).get('error', '')} at character {place[-1]}"
        detail.append({"field": name, "problem": cut(text, 500), "value": _shown(error)})
    return detail


def _short(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shown(error: Mapping[str, Any]) -> str | None:
    value = error.get("input")
    if error["type"] in {"missing", "json_invalid"} or value is None:
        return None
    if isinstance(value, bytes):
        value = value[: 4 * MAX_SHOWN].decode("utf-8", "replace")
    if isinstance(value, str):
        return cut(value)
    try:
        return cut(json.dumps(_head(value), ensure_ascii=False, default=lambda _: "…"))
    except ValueError:  # a number with more digits than Python writes
        return "…"


def cut(text: str, most: int = MAX_SHOWN) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _head(value: object, depth: int = 3) -> object:
    """As much of a value as can be shown: none of its lists is walked to its end."""
    if isinstance(value, str):
        return value[:MAX_SHOWN]
    if isinstance(value, Mapping | list | tuple) and depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {str(key)[:MAX_SHOWN]: _head(one, depth - 1) for key, one in islice(value.items(), MAX_SHOWN)}
    if isinstance(value, list | tuple):
        return [_head(one, depth - 1) for one in islice(value, MAX_SHOWN)]
    return value


def methods_at(app: FastAPI, path: str) -> list[str]:
    """All methods that an address takes: Starlette's own 405 names those of one route only."""
    found: set[str] = set()
    for template, operations in app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\{.*?\\}", ".+", re.escape(template)), path):
            found |= {method.upper() for method in operations}
    return sorted(found)


def install(app: FastAPI) -> None:
    """Make every error of ``app`` come out in the one shape."""

    async def on_semsearch(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.SemsearchError)
        if isinstance(error, Overloaded):
            await anyio.sleep(REFUSED_SECONDS)
        return semsearch_problem(error, getattr(request.state, "request_id", ""))

    async def on_validation(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = error.errors()
        detail = validation_detail(found, getattr(error, "model", None))
        message = "; ".join(f"{item['field']}: {item['problem']}" for item in detail[:3])
        if len(found) > 3:
            message += f"; and {len(found) - 3:,} more"
        return problem(422, "request_invalid", message, detail)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(methods_at(app, request.url.path)) or headers.get("Allow", "GET")
        code, message = HTTP_CODES.get(error.status_code, ("http_error", str(error.detail)))
        return problem(error.status_code, code, message, headers=headers)

    app.add_exception_handler(errors.SemsearchError, on_semsearch)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
