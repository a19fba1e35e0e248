"""How many requests an address or a key may make in a time; what is too much is refused.

Counts live in the memory of each worker, which allows its share of a limit. Addresses fall into a fixed
number of slots by a salted hash, so that no flood of addresses takes memory; IPv6 addresses count by their
/64, which is what one customer has.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import time
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from semsearch.errors import SemsearchError, SettingsInvalid
from semsearch.options import ServiceOptions
from semsearch.service.addressing import KEY, Address, as_ip
from semsearch.service.auth import shown_key
from semsearch.service.desk import COOKIE
from semsearch.service.errors import problem

if TYPE_CHECKING:
    from semsearch.keys import KeyFile

SLOTS = 2**16  # counters in memory at most; two busy addresses share one in 65,536
# Asked by machines that watch us, or files: never limited. The first three are also answered for any Host.
WATCHED = ("/health/live", "/health/ready", "/metrics")
FREE = (*WATCHED, "/static/", "/widget.js")


class Rate:
    """One limit, such as ``600/minute``; "" limits nothing. Raises SettingsInvalid, naming ``setting``."""

    def __init__(self, written: str, setting: str, *, workers: int = 1) -> None:
        from limits import RateLimitItem, parse
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._item: RateLimitItem | None = None
        if not written.strip():
            return
        try:
            item = parse(written)
        except ValueError as exc:
            raise SettingsInvalid(
                f"{setting} is {written!r}; give a number and a time, such as 600/minute or 10/second"
            ) from exc
        if item.amount < 1:
            raise SettingsInvalid(f"{setting} is {written!r}; give 1 or more requests, or nothing")
        share = math.ceil(item.amount / max(workers, 1))
        self._item = type(item)(share, item.multiples)
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._salt = secrets.token_bytes(16)

    def __bool__(self) -> bool:
        """Whether it limits anything."""
        return self._item is not None

    def wait(self, who: str) -> int:
        """Count one request of ``who``; the seconds until the next may come, 0 if this one may."""
        if self._item is None:
            return 0
        digest = hashlib.blake2b(who.encode("utf-8", "replace"), key=self._salt, digest_size=4).digest()
        slot = str(int.from_bytes(digest, "big") % SLOTS)
        if self._counts.hit(self._item, slot):
            return 0
        window = self._counts.get_window_stats(self._item, slot)
        return max(1, math.ceil(window.reset_time - time.time()))


class Rates:
    """The limits of one app; raises SettingsInvalid."""

    def __init__(self, options: ServiceOptions) -> None:
        workers = options.workers
        self.address = Rate(options.rate_limit, "service.rate_limit", workers=workers)
        self.key = Rate(options.key_rate_limit, "service.key_rate_limit", workers=workers)
        self.login = Rate(options.login_limit, "service.login_limit", workers=workers)


class Gate:
    """Refuses requests for a Host that is not ours (421, 400) and those above a limit (429)."""

    def __init__(self, app: ASGIApp, rates: Rates, keys: KeyFile) -> None:
        self._app = app
        self._rates = rates
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        response = self._refusal(scope) if scope["type"] == "http" else None
        await (response or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path = scope["path"]
        address: Address = scope["state"][KEY]
        if address.refused is not None and path not in WATCHED:
            status, words = address.refused
            return problem(status, "bad_request" if status == 400 else "host_unknown", words)
        if path.startswith(FREE) or not (self._rates.address or self._rates.key):
            return None
        request = Request(scope)
        called = self._called(request)
        seconds = self._rates.key.wait(called) if called else self._rates.address.wait(client_of(request))
        return too_many(seconds) if seconds else None

    def _called(self, request: Request) -> str:
        """The id of a key that opens something; "" without one, so that guesses count for their address."""
        shown = shown_key(request.headers) or request.cookies.get(COOKIE)
        if not shown:
            return ""
        try:
            return self._keys.check(shown, "search").id
        except SemsearchError:
            return ""


def client_of(request: Request) -> str:
    """Who asks, as limits count: an IPv4 address, or the /64 of an IPv6 one."""
    host = request.client.host if request.client else ""
    ip = as_ip(host)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip or host)


def too_many(seconds: int) -> Response:
    """The answer to one request too many."""
    words = f"Too many requests; try again in {seconds} {'second' if seconds == 1 else 'seconds'}."
    return problem(429, "too_many_requests", words, headers={"Retry-After": str(seconds)})
