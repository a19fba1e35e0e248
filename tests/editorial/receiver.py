"""A webhook's receiver on this machine that can misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["", "500", "cut", "redirect", "slow", "drip"]


@dataclass
class Receiver:
    """What came, and how the next ones are answered: each fault once, then 204."""

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def wait(self, count: int, seconds: float = 15.0) -> None:
        """Until so many messages came; fails after ``seconds``."""
        ends = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < ends, self.got
            time.sleep(0.02)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver at a port of its own, gone at the end."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fault = receiver.faults.pop(0) if receiver.faults else ""
            receiver.paths.append(self.path)
            receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.answer(fault)

        def answer(self, fault: Fault) -> None:
            if fault == "cut":
                self.connection.close()
                return
            if fault == "slow":
                receiver.done.wait(20)
            if fault == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not receiver.done.wait(0.1):
                    try:
                        self.wfile.write(b"x: y\r\n")
                    except OSError:
                        return
                return
            status = {"500": 500, "redirect": 302}.get(fault, 204)
            self.send_response(status)
            if fault == "redirect":
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[assignment]  # a connection that was cut
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        receiver.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
