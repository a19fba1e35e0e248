"""Real servers on loopback: what a site holds is a plain dictionary, and faults happen on demand."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is answered; ``raw`` writes to the connection itself, for servers that misbehave."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[socket.socket], None] | None = None


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many tests are about."""


class Server:
    """One site; ``answer`` makes the replies and ``fault``, where set, may give another one before."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.answer = answer
        self.fault: Callable[[Request], Reply | None] = lambda request: None
        self.requests: list[Request] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                request = Request(parts.path, query, {k.lower(): v for k, v in self.headers.items()})
                server.requests.append(request)
                reply = server.fault(request) or server.answer(request)
                if reply.raw is not None:
                    self.close_connection = True
                    with contextlib.suppress(OSError):  # the other side has had enough
                        reply.raw(self.connection)
                    return
                self.send_response_only(reply.status)  # no Date of its own
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status != 304:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if reply.status != 304:
                    self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        """Its address by name: the source's own host, so that 127.0.0.1 is another one."""
        return f"http://localhost:{self.port}"

    def close(self) -> None:
        """Stop it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def serving(answer: Callable[[Request], Reply]) -> Iterator[Server]:
    """A server for the length of the block."""
    server = Server(answer)
    try:
        yield server
    finally:
        server.close()


class Waits:
    """A clock that only sleeping moves: nothing is waited for, and every wait is known."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Take so long."""
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        """The time."""
        return self.now


def once(reply: Reply, when: Callable[[Request], bool] = lambda request: True, times: int = 1):
    """A fault that happens so many times to requests that fit."""
    left = [times]

    def fault(request: Request) -> Reply | None:
        if left[0] and when(request):
            left[0] -= 1
            return reply
        return None

    return fault


def cut_off(body: bytes, length: int) -> Reply:
    """A reply whose connection is cut in the middle of its body."""

    def raw(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:length])
        connection.shutdown(socket.SHUT_RDWR)

    return Reply(raw=raw)


def endless() -> Reply:
    """A reply whose body never ends."""

    def raw(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"<p>and on it goes</p>" * 1000)

    return Reply(raw=raw)


def bomb(size: int, **headers: str) -> Reply:
    """A few bytes that unpack to many."""
    return Reply(
        body=gzip.compress(b"\0" * size),
        headers={"Content-Encoding": "gzip", "Content-Type": "text/html"} | headers,
    )
