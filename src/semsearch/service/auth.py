"""Who may do what: keys from headers, checked before anything else of a request is read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import Headers

from semsearch.keys import Scope
from semsearch.service.state import service_of

Check = Callable[[Request], Awaitable[None]]

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "Authorization: Bearer KEY; keys are made with semsearch keys create.",
    },
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}


def needs(scope: Scope) -> Check:
    """A dependency that lets only keys with this scope pass; raises KeyMissing, KeyInvalid, ScopeMissing."""

    async def check(request: Request) -> None:
        service_of(request).keys.check(shown_key(request.headers), scope)

    return check


def who(request: Request) -> str:
    """What the key of a request is called: for a history of who changed what."""
    return service_of(request).keys.check(shown_key(request.headers), "search").called


def shown_key(headers: Headers) -> str | None:
    """The key of a request: of ``Authorization: Bearer``, else of ``X-API-Key``."""
    scheme, _, key = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    return headers.get("x-api-key", "").strip() or None


def secured(extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that needs a key, with what else is to be in it."""
    return {"security": SECURITY, **(extra or {})}


def describe_keys(app: FastAPI, *, readers: bool) -> None:
    """Put the ways to send a key into the OpenAPI document; with ``readers``, reading needs one too."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        document["components"]["securitySchemes"] = SCHEMES
        if readers:
            for path, operations in document["paths"].items():
                if path.startswith("/v1/"):
                    for operation in operations.values():
                        operation.setdefault("security", SECURITY)
        return document

    app.openapi = described  # type: ignore[method-assign]
