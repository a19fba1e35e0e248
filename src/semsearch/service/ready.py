"""Answers that are ready as bytes: what a connection says without asking the app."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

from semsearch.service.middleware import PROTECTION, STRICT_POLICY

MAX_ADDRESS = 65_535  # bytes of an address, which is also the most that httptools takes apart
MAX_HEAD = 128 * 1024  # bytes of a request line with its headers, and of the trailers of a chunked body

_ARTICLES = b"/v1/articles/"
_FRAGMENT = re.compile(rb"/related\.html(?=[?&# \r\n]|$)")


def is_fragment(target: bytes) -> bool:
    """Whether a request target, or a head that cannot be read, asks for HTML that a page includes.

    The errors of such a request have no text: a web server would put it into the page.
    """
    at = target.find(_ARTICLES)
    return at >= 0 and _FRAGMENT.search(target, at + len(_ARTICLES)) is not None


@dataclass(frozen=True)
class Ready:
    """An error in the one shape (``code`` and ``message``), or a ``body`` of its own; the connection ends."""

    status: str
    code: str = ""
    message: str = ""
    headers: tuple[str, ...] = ()
    body: bytes = b""

    def bytes_for(self, *, head_only: bool, blank: bool) -> bytes:
        """The answer; ``blank`` is one without a body, ``head_only`` one to HEAD."""
        if blank:
            return self._blank
        return self._head if head_only else self._head + self._content

    @cached_property
    def _content(self) -> bytes:
        problem = {"code": self.code, "message": self.message, "detail": []}
        return self.body or json.dumps(problem, separators=(",", ":")).encode()

    @cached_property
    def _head(self) -> bytes:
        return self._lines("Content-Type: application/json", f"Content-Length: {len(self._content)}")

    @cached_property
    def _blank(self) -> bytes:
        return self._lines("Content-Type: text/html; charset=utf-8", "Content-Length: 0")

    def _lines(self, *content: str) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status}",
            *content,
            "Cache-Control: no-store",
            "Connection: close",
            *self.headers,
            *(f"{name}: {value}" for name, value in PROTECTION.items()),
            f"Content-Security-Policy: {STRICT_POLICY}",
        ]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


ALIVE = Ready("200 OK", body=b'{"status":"ok"}')
BUSY = Ready(
    "503 Service Unavailable",
    "overloaded",
    "This service answers as many requests as it can; try again in a moment.",
    ("Retry-After: 1",),
)
HEAD_TOO_LARGE = Ready(
    "431 Request Header Fields Too Large",
    "headers_too_large",
    f"The address has more than {MAX_ADDRESS:,} bytes, or it and the headers, or the trailers of the body, "
    f"more than {MAX_HEAD:,}; send a JSON body instead.",
)
TOO_SLOW = Ready("408 Request Timeout", "too_slow", "The request did not arrive in time; send it again.")
UNREADABLE = Ready(
    "400 Bad Request",
    "bad_request",
    "This is not a request in HTTP/1.1. Percent-encode spaces and special characters in the address, and "
    "check the request line, the headers and the length of the body.",
)
