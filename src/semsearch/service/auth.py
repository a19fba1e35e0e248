"""Who may do what: keys from headers, checked before anything else of a request is read."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import Headers

from semsearch.errors import AccessDenied
from semsearch.keys import Scope
from semsearch.service.state import service_of

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"header": []}]


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """A dependency that lets only keys with this scope pass; raises KeyMissing, KeyInvalid, ScopeMissing."""

    scope: Scope

    async def __call__(self, request: Request) -> None:
        """Check the key that a request shows."""
        service_of(request).keys.check(shown_key(request.headers), self.scope)


def needs(scope: Scope) -> KeyCheck:
    """The check of a scope; a route reads no body before it."""
    return KeyCheck(scope)


def who(request: Request) -> str:
    """What the key of a request is called: for a history of who changed what."""
    return service_of(request).keys.check(shown_key(request.headers), "search").called


def has_scope(request: Request, scope: Scope) -> bool:
    """Whether a request shows a key with this scope; any other is one without a key."""
    with contextlib.suppress(AccessDenied):
        service_of(request).keys.check(shown_key(request.headers), scope)
        return True
    return False


def shown_key(headers: Headers) -> str | None:
    """The key of a request: of ``Authorization: Bearer``, else of ``X-API-Key``."""
    scheme, _, key = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and key.strip():
        return key.strip()
    return headers.get("x-api-key", "").strip() or None


def secured(extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that needs a key, with what else is to be in it."""
    return {"security": SECURITY, **(extra or {})}
