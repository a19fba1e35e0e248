"""Sends messages to webhooks: one try each, bounded in time and size, and never where a redirect leads."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import httpcore
import httpx

from semsearch.errors import SourceUnreadable
from semsearch.sources.remote.addresses import CheckedBackend, Resolve, host_and_port, is_public, resolve
from semsearch.sources.remote.client import transport_over, user_agent

SECONDS = 10.0  # for a message from the name of its host to the head of the answer


def may_reach(url: str, private_hosts: frozenset[str]) -> bool:
    """Whether a message may go to an address, as far as it says so itself.

    A name is looked up only when a message is sent: it may lead elsewhere by then.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if {host, host_and_port(host, port)} & private_hosts:
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".").rpartition(".")[2] != "localhost"
    return is_public(host)


class PostFailed(SourceUnreadable):
    """No answer came: the words say why."""


class Poster:
    """Posts bodies to addresses of the public internet and of ``private_hosts``; a context manager.

    Of an answer the status alone is read. ``resolver`` and ``seconds`` are for tests.
    """

    def __init__(
        self, private_hosts: frozenset[str], *, resolver: Resolve = resolve, seconds: float = SECONDS
    ) -> None:
        self._seconds = seconds
        backend = _HurriedBackend(CheckedBackend(private_hosts, resolver), seconds)
        self._client = httpx.Client(
            transport=transport_over(backend),
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": user_agent()},
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The HTTP status of the answer; raises PostFailed."""
        try:
            with self._client.stream(
                "POST", url, content=body, headers={**headers, "Connection": "close"}
            ) as response:
                self._client.cookies.clear()
                return response.status_code
        except SourceUnreadable as exc:
            raise PostFailed(
                "the host is at a private or special address; if it is your own, name it in "
                "service.webhook_hosts"
            ) from exc
        except (httpx.InvalidURL, UnicodeError, ValueError) as exc:
            raise PostFailed("webhook.url is no address that can be called; correct it") from exc
        except httpx.HTTPError as exc:
            raise PostFailed(f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__) from exc

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class _HurriedBackend(httpcore.NetworkBackend):
    """Connections that end ``seconds`` after they began: a drip of bytes cannot hold them longer."""

    def __init__(self, inner: httpcore.NetworkBackend, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream of the inner backend with an end."""
        ends = time.monotonic() + self._seconds
        return _HurriedStream(
            self._inner.connect_tcp(host, port, timeout, local_address, socket_options), ends
        )


class _HurriedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner = inner
        self._ends = ends

    def _left(self) -> float:
        return max(0.001, self._ends - time.monotonic())

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes that came in time."""
        if time.monotonic() > self._ends:
            raise httpcore.ReadTimeout("the answer did not come in time")
        return self._inner.read(max_bytes, min(timeout or self._left(), self._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes in time."""
        self._inner.write(buffer, min(timeout or self._left(), self._left()))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: object,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same connection within TLS, with the same end."""
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)  # type: ignore[arg-type]
        return _HurriedStream(inner, self._ends)

    def get_extra_info(self, info: str) -> object:
        """What the inner stream knows of itself."""
        return self._inner.get_extra_info(info)
