"""What every request passes: its id, its time and count, headers that protect, HEAD, and the last catch."""

from __future__ import annotations

import logging
import re
import time
import uuid
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from semsearch.service.errors import (
    AddressInvalid,
    BodyTooLarge,
    TooManyParameters,
    internal_problem,
    semsearch_problem,
)
from semsearch.service.metrics import Metrics

log = logging.getLogger("semsearch.service")

ASKED_OFTEN = frozenset({"/health/live", "/health/ready", "/metrics"})  # by machines: not for the log
MAX_PARAMETERS = 2_000  # of an address: lists of a thousand ids and all filters fit
_USABLE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

# Nothing may load, frame or run an answer; pages loosen this to their own style sheet, script and pictures.
STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Envelope:
    """The outermost layer of the app; a body of more than ``max_body`` bytes is refused with 413.

    With ``private``, no cache that people share may keep an answer.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, max_body: int, *, private: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._max_body = max_body
        self._private = private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._metrics, private=self._private)
        await exchange.run(self._app, Bounded(receive, self._max_body, Headers(scope=scope)))


class Bounded:
    """A request's body up to a size.

    A length that is announced as too large is refused when the body is first asked for, so that a key is
    checked before; one that turns out too large, while it is read.
    """

    def __init__(self, receive: Receive, most: int, headers: Headers) -> None:
        self._receive = receive
        self._most = most
        self._taken = announced_length(headers)  # until it is read
        self._begun = False

    async def __call__(self) -> Message:
        """The next part; raises BodyTooLarge."""
        if self._taken > self._most:
            raise BodyTooLarge(self._most)
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken = len(message.get("body", b"")) + (self._taken if self._begun else 0)
            self._begun = True
            if self._taken > self._most:
                raise BodyTooLarge(self._most)
        return message


def announced_length(headers: Headers) -> int:
    """The length that a request gives for its body; 0 where it gives none that can be read."""
    given = headers.get("content-length", "")
    if not (given.isascii() and given.isdigit()):
        return 0
    return int(given[:18])  # beyond that it is too large anyway


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics, *, private: bool) -> None:
        self._send = send
        self._metrics = metrics
        self._private = private
        self._started = time.perf_counter()
        self._status = 0
        self._method = scope["method"]
        self._headless = self._method == "HEAD"
        given = Headers(scope=scope).get("x-request-id", "")
        self._id = given if _USABLE_ID.fullmatch(given) else uuid.uuid4().hex
        # A copy: the server reads its own scope again, to leave out the body where HEAD was asked.
        known = {"request_id": self._id, "started": self._started}
        self._scope: Scope = {**scope, "state": {**scope.get("state", {}), **known}}
        if self._headless:
            self._scope["method"] = "GET"

    async def run(self, app: ASGIApp, receive: Bounded) -> None:
        """Let the app answer, or answer for it."""
        scope = self._scope
        try:
            check_address(scope)
            await app(scope, receive, self._forward)
        except (TooManyParameters, AddressInvalid) as refused:
            await semsearch_problem(refused, self._id)(scope, receive, self._forward)
        except Exception:
            log.exception("unexpected error in %s %s (request %s)", self._method, scope["path"], self._id)
            if self._status:  # the answer is on its way: the server must cut the connection
                raise
            await internal_problem()(scope, receive, self._forward)
        finally:
            self._count()

    async def _forward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._id
            for name, value in PROTECTION.items():
                headers.setdefault(name, value)
            if self._private:
                headers["Cache-Control"] = for_one(headers.get("cache-control", "no-store"))
            is_page = headers.get("content-type", "").startswith("text/html")
            headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else STRICT_POLICY)
        elif self._headless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _count(self) -> None:
        seconds = time.perf_counter() - self._started
        route = getattr(self._scope.get("route"), "path", "other")
        self._metrics.observe(route, self._method, self._status, seconds)
        # The query string stays out of the log: what readers look for is theirs.
        log.log(
            logging.DEBUG if route in ASKED_OFTEN else logging.INFO,
            "%s %s %d %.1f ms (request %s)",
            self._method,
            self._scope["path"].encode("unicode_escape").decode("ascii")[:200],
            self._status,
            seconds * 1000,
            self._id,
        )


def check_address(scope: Scope) -> None:
    """Raise TooManyParameters for an address that nobody means, AddressInvalid for one that is not UTF-8."""
    raw: bytes = scope.get("raw_path") or b""
    if raw.startswith(b"/v1/") and not _is_utf8(raw):
        raise AddressInvalid(
            f"the address has {_odd_part(raw)}, which is not UTF-8; percent-encode ids as UTF-8 (é is %C3%A9)"
        )
    query: bytes = scope["query_string"]
    if (given := query.count(b"&") + 1) > MAX_PARAMETERS:
        raise TooManyParameters(
            f"the address has {given:,} parameters; give at most {MAX_PARAMETERS:,}, or send a JSON body"
        )


def _is_utf8(raw: bytes) -> bool:
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return True


def _odd_part(raw: bytes) -> str:
    """The part of a path that is not UTF-8, cut to what can be shown."""
    odd = next(part for part in raw.split(b"/") if not _is_utf8(part))
    return repr(odd.decode("ascii", "backslashreplace")[:80])


def for_one(cache: str) -> str:
    """A Cache-Control that lets only the caller's own cache keep the answer."""
    parts = [part.strip() for part in cache.split(",") if part.strip() not in {"public", "private"}]
    return ", ".join(parts if "no-store" in parts else ["private", *parts])
