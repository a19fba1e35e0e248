"""What the OpenAPI document says of every route besides what the route says: limits, refusals and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from semsearch.service.auth import SECURITY
from semsearch.service.rates import WATCHED

SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "Authorization: Bearer KEY; keys are made with semsearch keys create.",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}
# What any address may answer, since it is refused before anybody looks at what was asked.
ANYWHERE = {
    408: "The request did not come in time.",
    422: "The address has too many parameters, or is not UTF-8.",
    431: "The address or the headers are too long.",
    503: "More requests than are answered at a time; Retry-After says when to try again.",
}
# What the gate may answer.
GUARDED = {
    400: "The request cannot be read.",
    421: "The Host is none of `service.allowed_hosts`.",
    429: "Too many requests of this address or with this key; see Retry-After.",
}
_HEADERS = {429: {"Retry-After": {"schema": {"type": "integer"}}}}
_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

Operation = dict[str, Any]


def describe_all(app: FastAPI, *, readers: bool) -> None:
    """Complete the OpenAPI document of an app; with ``readers``, reading needs a key, too."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        document["components"]["securitySchemes"] = SCHEMES
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _add_answers(operation, ANYWHERE)
                if path not in WATCHED:
                    _add_answers(operation, GUARDED)
                if path.endswith("/related.html"):
                    _without_text(operation)
                if readers and path.startswith("/v1/"):
                    operation.setdefault("security", SECURITY)
        return document

    app.openapi = described  # type: ignore[method-assign]


def _add_answers(operation: Operation, answers: Mapping[int, str]) -> None:
    """Add answers, each a Problem, that an operation does not describe itself."""
    for status, words in answers.items():
        headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
        operation["responses"].setdefault(str(status), {"description": words, **headers, "content": _PROBLEM})


def _without_text(operation: Operation) -> None:
    """Errors of what pages include have an empty body."""
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            answer["content"] = {"text/html": {}}
