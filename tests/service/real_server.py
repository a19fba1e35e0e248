"""The real server in a thread of the test: sockets, parser, limits and all."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from semsearch.service.app import create_app
from semsearch.service.listening import listen
from semsearch.service.serve import config_of
from semsearch.settings import Settings


@contextmanager
def serving(settings: Settings, engine: object) -> Iterator[int]:
    """The port of a server over an engine, ready to answer; it is stopped at the end."""
    server = uvicorn.Server(config_of(create_app(settings, engine=engine), settings.service))  # type: ignore[arg-type]
    listener = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    port = int(listener.getsockname()[1])
    try:
        deadline = time.monotonic() + 30
        while not (server.started and ask(port, "GET", "/health/ready")[0] == 200):
            assert time.monotonic() < deadline, "the server does not get ready"
            time.sleep(0.02)
        yield port
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
        assert not thread.is_alive()


def ask(
    port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (names in lower case) and body of one request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return over(connection, method, path, body, headers)
    finally:
        connection.close()


def over(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """The same over an open connection; what is neither bytes nor None is sent as JSON."""
    sent = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
