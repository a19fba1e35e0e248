"""Servers on this machine for browser tests: the service over an index, and a site of another origin."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from fastapi import FastAPI

START_SECONDS = 30


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of an app that is served until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, name="browser-test-service", daemon=True)
    thread.start()
    try:
        waited = threading.Event()
        for _ in range(START_SECONDS * 100):
            if server.started:
                break
            assert thread.is_alive(), "the service ended before it began"
            waited.wait(0.01)
        assert server.started, f"the service did not start within {START_SECONDS} s"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the service did not stop"


@dataclass(frozen=True)
class HostPage:
    """A page of the site: its HTML, style sheet or script, and its headers."""

    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class HostSite:
    """A site of another origin, whose pages a test puts there."""

    address: str
    pages: dict[str, HostPage]

    def put(self, path: str, body: str, *, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Put a page there; gives its address. ``Content_Security_Policy`` names a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = HostPage(body, named, kind)
        return self.address + path


@contextmanager
def host_site() -> Iterator[HostSite]:
    """An empty site that is served until the block ends."""
    pages: dict[str, HostPage] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path.partition("?")[0])
            body = found.body.encode() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", found.kind if found else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            for name, value in (found.headers if found else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, name="browser-test-site", daemon=True)
    thread.start()
    try:
        yield HostSite(f"http://127.0.0.1:{server.server_address[1]}", pages)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
