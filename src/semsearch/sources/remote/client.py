"""The one way out: HTTP with bounds on time, size, redirects, addresses and pace, and patient retries."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpcore
import httpx
import tenacity

from semsearch.errors import SourceUnreadable
from semsearch.sources.remote.addresses import CheckedBackend, Resolve, resolve
from semsearch.sources.remote.inflate import DamagedError, TooLargeError, inflated
from semsearch.sources.remote.pace import Pace

Given = TypeVar("Given")

MAX_REDIRECTS = 5
MAX_BYTES = 64 * 2**20  # of one answer, unpacked
MAX_SECONDS = 180.0  # for one answer from the first byte to the last
MAX_WAIT = 300.0  # a site that asks to come back later than this is left until the next run
ATTEMPTS = 5
_TIMEOUT = httpx.Timeout(30.0, connect=15.0)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Answered(SourceUnreadable):
    """The site answered, but not with what was asked for; ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)


class NotJson(SourceUnreadable):
    """The answer came whole and is not JSON, at every try."""


class _PassingError(Exception):
    """A fault that may be gone at the next try, after ``wait`` seconds if the site said so."""

    def __init__(self, message: str, status: int = 0, wait: float = 0.0, *, broken: bool = False) -> None:
        self.status = status
        self.broken = broken
        self.wait = wait
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``url`` is the last one after redirects, ``body`` is unpacked; 304 has no body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Policy:
    """What a source may do; ``login`` is sent to the scheme, host and port of ``home`` alone."""

    home: str
    rate: float = 1.0
    private_hosts: frozenset[str] = frozenset()
    login: tuple[str, str] | None = field(default=None, repr=False)
    max_bytes: int = MAX_BYTES
    attempts: int = ATTEMPTS


class Fetcher:
    """Fetches addresses one after the other; a context manager.

    Raises SourceUnreadable with the address and what to do: for an address that may not be connected
    to, for what is too large or too slow, and for a site that does not answer after all retries;
    Answered (with the status) where it refuses. ``sleep``, ``clock`` and ``resolver`` are for tests.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        resolver: Resolve = resolve,
    ) -> None:
        self._policy = policy
        self._sleep = sleep
        self._clock = clock
        self.pace = Pace(policy.rate, sleep=sleep, clock=clock)
        # No proxy and no login of the environment: a proxy would resolve names where nobody checks them.
        self._client = httpx.Client(
            transport=transport_over(CheckedBackend(policy.private_hosts, resolver)),
            timeout=_TIMEOUT,
            trust_env=False,
            headers={"User-Agent": user_agent(), "Accept-Encoding": "gzip, deflate"},
        )

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, most: int | None = None) -> Answer:
        """What is at an http or https address; ``most`` bounds its bytes."""
        bound = min(most or self._policy.max_bytes, self._policy.max_bytes)
        return self._patiently(url, lambda: self._follow(url, headers or {}, bound))

    def get_json(self, url: str) -> tuple[Any, Answer]:
        """The JSON value at an address, and its answer; raises NotJson where it never is one."""

        def ask() -> tuple[Any, Answer]:
            answer = self._follow(url, {"Accept": "application/json"}, self._policy.max_bytes)
            try:
                return _json(answer.body), answer
            except (ValueError, RecursionError) as exc:
                start = answer.body[:60].decode("utf-8", "replace")
                raise _PassingError(
                    f"the answer is not JSON ({exc}); it begins {start!r}", broken=True
                ) from exc

        return self._patiently(url, ask)

    def _patiently(self, url: str, ask: Callable[[], Given]) -> Given:
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda fault: isinstance(fault, _PassingError) and fault.wait <= MAX_WAIT
            ),
            wait=_wait,
            stop=tenacity.stop_after_attempt(self._policy.attempts),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return tries(ask)
        except _PassingError as fault:
            count = tries.statistics.get("attempt_number", 1)
            later = f"; it asks to wait {fault.wait:,.0f} seconds" if fault.wait > MAX_WAIT else ""
            words = f"{url}: {fault} ({count} tries){later}; what was read before is kept, run it again later"
            if fault.broken:
                raise NotJson(words) from fault
            raise (Answered(words, fault.status) if fault.status else SourceUnreadable(words)) from fault

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        """One try: the answer after all redirects, each checked as the first address was."""
        at = _usable(url, url)
        for _ in range(MAX_REDIRECTS + 1):
            self.pace.wait(at.host)
            answer, target = self._ask(at, headers, most)
            if answer is not None:
                return answer
            at = _usable(str(at.join(target)), url)
        raise SourceUnreadable(
            f"{url}: more than {MAX_REDIRECTS} redirects, the last to {at}; check the address"
        )

    def _ask(self, at: httpx.URL, headers: Mapping[str, str], most: int) -> tuple[Answer | None, str]:
        """The answer of one address, or where it redirects to."""
        login = self._policy.login if _origin(at) == _origin(httpx.URL(self._policy.home)) else None
        try:
            with self._client.stream("GET", at, headers=dict(headers), auth=login) as response:
                self._client.cookies.clear()
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return None, response.headers["location"]
                if response.status_code in _PASSING:
                    words = f"the site answered {response.status_code} {response.reason_phrase}".strip()
                    raise _PassingError(
                        words, response.status_code, retry_after(response.headers.get("retry-after", ""))
                    )
                body = b"" if response.status_code == 304 else self._body(response, str(at), most)
                if response.status_code != 304 and not response.is_success:
                    raise Answered(_refusal(str(at), response, body), response.status_code)
                return Answer(str(at), response.status_code, response.headers, body), ""
        except httpx.InvalidURL as exc:
            raise SourceUnreadable(f"{at}: not a web address ({exc})") from exc
        except httpx.TransportError as exc:
            raise _PassingError(f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__) from exc

    def _body(self, response: httpx.Response, url: str, most: int) -> bytes:
        try:
            encoding = response.headers.get("content-encoding", "")
            return b"".join(inflated(self._in_time(response, url), encoding, most))
        except TooLargeError as exc:
            raise SourceUnreadable(
                f"{url}: the answer has {exc}; refused, no article or list is so large"
            ) from exc
        except DamagedError as exc:
            raise _PassingError(str(exc)) from exc

    def _in_time(self, response: httpx.Response, url: str) -> Iterator[bytes]:
        ends = self._clock() + MAX_SECONDS
        for chunk in response.iter_raw():
            yield chunk
            if self._clock() > ends:
                raise SourceUnreadable(
                    f"{url}: the answer is not over after {MAX_SECONDS:.0f} seconds; given up"
                )


def _json(body: bytes) -> Any:  # noqa: ANN401  whatever is in it
    """The JSON value of bytes; single broken ones in a text become U+FFFD rather than lose the whole."""
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        return json.loads(body.decode("utf-8", "replace"))


def user_agent() -> str:
    """Who asks, so that a site's operator can tell."""
    from importlib.metadata import version

    return f"semsearch/{version('semsearch')} (article index of a self-hosted search engine)"


def retry_after(value: str, now: datetime | None = None) -> float:
    """Seconds to wait by a Retry-After header, in seconds or as a date; 0 where it says nothing usable."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


_backoff = tenacity.wait_exponential_jitter(initial=1.0, max=60.0, jitter=1.0)


def _wait(state: tenacity.RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    return max(_backoff(state), fault.wait if isinstance(fault, _PassingError) else 0.0)


def transport_over(backend: httpcore.NetworkBackend) -> httpx.HTTPTransport:
    """A transport whose connections are those of a network backend."""
    transport = httpx.HTTPTransport()
    # httpx has no door for a network backend of httpcore, whose pool it holds here.
    transport._pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(), max_connections=4, network_backend=backend
    )
    return transport


def _usable(url: str, first: str) -> httpx.URL:
    try:
        at = httpx.URL(url)
    except httpx.InvalidURL as exc:
        raise SourceUnreadable(f"{url[:200]}: not a web address ({exc})") from exc
    if at.scheme not in {"http", "https"} or not at.host:
        led = "" if url == first else f"{first} leads to "
        raise SourceUnreadable(f"{led}{url[:200]}: only http and https addresses are fetched")
    return at


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


def _refusal(url: str, response: httpx.Response, body: bytes) -> str:
    reasons = {
        401: "the site wants a login: set username and password_env in this source's settings",
        403: "the site refuses: check the login, or ask its operator to let this program in",
        404: "there is nothing at this address: check the url",
        410: "it was removed for good",
    }
    words = reasons.get(response.status_code, body[:120].decode("utf-8", "replace").strip())
    return f"{url}: the site answered {response.status_code} {response.reason_phrase}; {words}"
