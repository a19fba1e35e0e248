"""What a connection sends, taken apart in small pieces, and no faster than it is answered.

uvicorn's own protocol parses all that one read brings: it queues as many requests as fit, keeps trailers of
any number among the headers, and loses the body of a request that offers an upgrade. Here a few requests
wait at most, and neither a client that sends on and on nor one that takes no answers makes memory grow.
"""

from __future__ import annotations

import asyncio
import re
from typing import Literal

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from semsearch.service.ready import HEAD_TOO_LARGE, MAX_ADDRESS, MAX_HEAD, UNREADABLE, Ready, is_fragment

PIECE = 512  # bytes that are parsed at once: as many requests as these can hold may be one too many
MAX_QUEUED = 8  # requests of a connection that wait for the answer before theirs
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")

# Of the request that is being parsed: nothing yet, its line and headers, its body; or an offer to upgrade.
Part = Literal["none", "head", "body", "upgrade"]


class Flow(FlowControl):
    """uvicorn's flow control, in which nobody resumes reading while the connection holds it."""

    held = False

    def hold(self) -> None:
        """Read nothing until ``release``."""
        self.held = True
        self.pause_reading()

    def release(self) -> None:
        """Read again."""
        self.held = False
        self.resume_reading()

    def resume_reading(self) -> None:
        """Read again, unless the connection is held."""
        if not self.held:
            super().resume_reading()


class PacedProtocol(HttpToolsProtocol):
    """A connection that parses what it may and holds the rest; ``refuse`` and ``take_request`` are given."""

    flow: Flow

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(transport)
        self.flow = Flow(transport)
        self.deaf = False  # of what comes nothing is parsed any more
        self.part: Part = "none"
        self.line = bytearray()  # the last bytes of a head that is not whole, for what its target was
        self._held = b""  # what came and is not parsed yet
        self._length = self._left = 0  # bytes of a body whose length is known, and how many are to come
        self._head_bytes = 0
        self._idle_bytes = 0  # that came since the last byte of a body or the last whole head
        self._progress = False
        self._postponed = False  # the next request waits until the answers before it are taken

    def refuse(self, answer: Ready) -> None:
        """End the connection with an answer."""
        raise NotImplementedError

    def take_request(self) -> None:
        """A head has come whole, and within the limits."""
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Parse bytes, or hold them where requests wait already."""
        if self._held:
            self._held += data  # it was under way when reading was paused
        else:
            self._parse(data)

    def _parse(self, data: bytes) -> None:
        at, plain = 0, data.isascii()
        while at < len(data) and not self.deaf and not self.transport.is_closing():
            if self._must_wait():
                self._held = data[at:]
                self.flow.hold()
                return
            line = data.find(b"\n", at) + 1 if self.part == "none" and not plain else 0
            end = line or at + (self._left or PIECE)
            # Browsers encode bytes beyond ASCII in a request line, other programs forget it.
            self._feed(_HIGH_BYTE.sub(_encoded, data[at:end]) if line else data[at:end])
            at = end

    def _must_wait(self) -> bool:
        untaken = self.flow.write_paused and self.part != "body"
        return len(self.pipeline) >= MAX_QUEUED or untaken

    def _feed(self, piece: bytes) -> None:
        self._unset_keepalive_if_required()
        self._progress = False
        self.line += piece if self.part != "body" else b""
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as offer:
            self._without_upgrade(piece[offer.args[0] :])
            return
        except httptools.HttpParserError as error:
            self.logger.debug("a request that is none: %s", error)
            self.refuse(UNREADABLE)
            return
        if self._progress:
            self._idle_bytes = 0
            self.line[:] = piece if self.part == "head" else b""
            return
        self._idle_bytes += len(piece)
        if self._idle_bytes > MAX_HEAD:
            self.refuse(HEAD_TOO_LARGE)

    def _without_upgrade(self, rest: bytes) -> None:
        """Parse a head again without its offer to upgrade, which a server may ignore (RFC 9110, 7.8)."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        if method == b"CONNECT":
            self.refuse(UNREADABLE)
            return
        kept = [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        lines = [method + b" " + self.url + b" HTTP/" + version, *kept, b"", b""]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.part = "none"
        self._feed(b"\r\n".join(lines))
        if rest and not self.deaf:
            self._feed(rest)

    def on_message_begin(self) -> None:
        """A request begins."""
        if self.deaf:
            return
        self._progress = True
        self.part, self._head_bytes, self._length = "head", 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        if not self.deaf:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; trailers of a body go nowhere: they could pass for headers that somebody has checked."""
        if self.deaf or self.part != "head":
            return
        self._head_bytes += len(name) + len(value) + 4
        super().on_header(name, value)
        if name.lower() == b"content-length" and value.isdigit():
            self._length = int(value)

    def on_headers_complete(self) -> None:
        """A head is whole."""
        if self.deaf:
            return
        self._progress = True
        if self.parser.should_upgrade():
            self.part = "upgrade"
            return
        if len(self.url) > MAX_ADDRESS or len(self.url) + self._head_bytes > MAX_HEAD:
            self.refuse(HEAD_TOO_LARGE)
            return
        if b"#" in self.url and is_fragment(self.url):
            self.url = self.url.replace(b"#", b"%23")  # of an id: what follows would be lost
        if not _readable(self.url):
            self.refuse(UNREADABLE)
            return
        self.part, self._left = "body", self._length
        self.take_request()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._progress = True
        self._left = max(0, self._left - len(body))
        if not self.deaf:
            self.take_body(body)

    def take_body(self, body: bytes) -> None:
        """A part of the body of a request that was taken."""
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has come whole."""
        if self.deaf or self.part != "body":
            return
        self.part, self._left = "none", 0
        self.request_complete()

    def request_complete(self) -> None:
        """A request that was taken has come whole."""
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, once the answers before it are taken."""
        if self.pipeline and self.flow.write_paused and not self.transport.is_closing():
            self._postponed = True
            return
        super().on_response_complete()
        self._wake()

    def resume_writing(self) -> None:
        """The answers were taken: go on with what waited for that."""
        super().resume_writing()
        if self._postponed:
            self._postponed = False
            self.on_response_complete()
        self._wake()

    def _wake(self) -> None:
        if self._held and not self._must_wait():
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._held and self.parser is not None and not self._must_wait():
            data, self._held = self._held, b""
            self.flow.release()
            self._parse(data)


def _encoded(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % byte[0][0]


def _readable(target: bytes) -> bool:
    """Whether a request target has a path."""
    try:
        return httptools.parse_url(target).path is not None
    except httptools.HttpParserError:
        return False
