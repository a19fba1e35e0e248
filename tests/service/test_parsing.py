"""What a connection may send to the real server: trailers, requests in a row, upgrades, and what is none."""

from __future__ import annotations

import gc
import json
import socket
import time
from contextlib import ExitStack

import pytest

from semsearch.service import guarded
from semsearch.service.guarded import GuardedProtocol
from semsearch.service.parsing import MAX_QUEUED, PIECE
from semsearch.service.ready import MAX_HEAD, is_fragment
from semsearch.settings import Settings
from tests.service.fakes import FakeEngine, Gate, an_article
from tests.service.real_server import ask, serving
from tests.service.test_guarded import LIVE_SECONDS, an_engine, begun, closed_after

CHUNKED = (
    b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
COURT = b'D\r\n{"q": "court"\r\n1\r\n}\r\n0\r\n'
VERSION = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
SHORTEST = len(b"GET / HTTP/1.0\r\n\r\n")


def answers(data: bytes) -> list[int]:
    """The statuses of the answers in what came."""
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]


def said(port: int, data: bytes) -> bytes:
    """All that comes after some bytes until the server closes the connection."""
    with begun(port, data) as connection:
        found = closed_after(connection, 20)
    assert found is not None
    return found


def protocols() -> list[GuardedProtocol]:
    """The connections of servers in this process."""
    return [one for one in gc.get_objects() if isinstance(one, GuardedProtocol) and one.parser is not None]


def live_seconds(port: int) -> float:
    """How long /health/live takes."""
    started = time.monotonic()
    assert 200 == ask(port, "GET", "/health/live")[0]
    return time.monotonic() - started


class TestTrailers:
    @pytest.mark.parametrize(
        ("first", "more"),
        [(b"", b"X-a: b\r\n" * 1000), (b"X-a: ", b"b" * 8000), (b"", b"X-" + b"a" * 100 + b": \r\n")],
        ids=["many", "one without end", "empty"],
    )
    def test_without_end(self, first: bytes, more: bytes) -> None:
        """Trailers have the bound of the headers: 431, and the connection is closed."""
        with serving(Settings(), an_engine()) as port, begun(port, CHUNKED + b"\r\n" + COURT) as sending:
            sending.sendall(first)
            sent = 0
            with pytest.raises(OSError, match=r"reset|[Bb]roken"):  # noqa: PT012  it ends somewhere in there
                while sent < 64 * 2**20:
                    sending.sendall(more)
                    sent += len(more)
            assert 200 == ask(port, "GET", "/health/live")[0]

    def test_the_answer(self) -> None:
        """It is told in the one shape, once the caller stops."""
        with serving(Settings(), an_engine()) as port:
            answer = said(port, CHUNKED + b"\r\n" + COURT + b"X-a: b\r\n" * (MAX_HEAD // 7))
        assert [431] == answers(answer)
        assert b'"code":"headers_too_large"' in answer

    def test_a_few_are_dropped(self) -> None:
        """They are no headers of the request: it is answered as if they were not there."""
        close = CHUNKED + b"Connection: close\r\n\r\n" + COURT
        with serving(Settings(), an_engine()) as port:
            answer = said(port, close + b"X-Request-ID: of-a-trailer\r\nHost: other.example\r\n\r\n")
        assert [200] == answers(answer)
        assert b"of-a-trailer" not in answer

    def test_extensions_of_chunks_without_end(self) -> None:
        """Nor may the line of a chunk go on for ever."""
        with serving(Settings(), an_engine()) as port:
            assert [431] == answers(said(port, CHUNKED + b"\r\nD;" + b"a" * (MAX_HEAD + 2 * PIECE)))


class TestInARow:
    def test_all_are_answered_in_order(self) -> None:
        """Many requests in one piece, with bodies and without, each get their answer."""
        body = b'{"q": "court", "limit": %d}'
        sent, limits = b"", []
        for number in range(1, 61):
            text = body % number
            sent += b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            sent += b"Content-Length: %d\r\n\r\n" % len(text) + text
            sent += CHUNKED + b"\r\n%x\r\n" % len(text) + text + b"\r\n0\r\n\r\n"
            limits += [number, number]
        sent += VERSION[:-2] + b"Connection: close\r\n\r\n"
        with serving(Settings(), an_engine()) as port:
            found = said(port, sent)
        bodies = [part.partition(b"\r\n\r\n")[2] for part in found.split(b"HTTP/1.1 200 OK\r\n")[1:]]
        assert limits == [json.loads(one)["limit"] for one in bodies[:-1]]
        assert "semsearch" == json.loads(bodies[-1])["name"]

    def test_a_few_wait_and_the_others_are_not_read(self) -> None:
        """Behind a request that takes long a few are queued; then nothing is read until it is answered."""
        engine, gate = an_engine(), Gate()
        engine.before = gate
        with serving(Settings(), engine) as port, ExitStack() as stack:
            slow = b"GET /v1/search?q=court HTTP/1.1\r\nHost: x\r\n\r\n"
            held = [stack.enter_context(begun(port, slow + VERSION * 2000)) for _ in range(5)]
            gate.wait_for(2)
            time.sleep(0.3)
            queued = [len(one.pipeline) for one in protocols()]
            assert sum(1 for count in queued if count >= MAX_QUEUED) >= 5
            assert max(queued) <= MAX_QUEUED + PIECE // SHORTEST
            assert live_seconds(port) < LIVE_SECONDS
            gate.open()
            for one in held:
                found = b""
                while found.count(b"HTTP/1.1 200 OK") < 2001:
                    part = one.recv(2**20)
                    assert part
                    found += part

    def test_callers_who_read_nothing(self) -> None:
        """Requests without end whose answers nobody takes hold up nobody, and are not kept in memory."""

        def send(sending: socket.socket) -> None:
            sending.setblocking(False)
            try:
                while True:
                    sending.send(VERSION * 5000)
            except BlockingIOError:
                pass

        with serving(Settings(), an_engine()) as port, ExitStack() as stack:
            callers = [stack.enter_context(begun(port, b"")) for _ in range(10)]
            times = []
            for _ in range(15):
                for one in callers:
                    send(one)
                times.append(live_seconds(port))
            # On a small machine with other work one look may come late; most may not.
            assert sorted(times)[len(times) // 2] < LIVE_SECONDS, times
            assert max(times) < 4 * LIVE_SECONDS, times
            assert sum(len(one.pipeline) for one in protocols()) <= 10 * (MAX_QUEUED + PIECE // SHORTEST)
            assert sum(one.unsent for one in protocols()) < 10 * 200_000

    def test_long_answers_that_nobody_takes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of too many bytes that wait, those go first whose caller has longest taken nothing."""
        monkeypatch.setattr(guarded, "MAX_UNSENT", 30 * 2**20)
        long = an_article(0, body="The judge spoke at length. " * 400_000)
        with serving(Settings(), FakeEngine([long])) as port, ExitStack() as stack:
            request = b"GET /v1/articles/a-0 HTTP/1.1\r\nHost: x\r\n\r\n"
            callers = [stack.enter_context(begun(port, request))]
            while len(callers) < 8:
                time.sleep(0.2)
                callers.append(stack.enter_context(begun(port, request)))
            deadline = time.monotonic() + 20
            while len(protocols()) > 7 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert sum(one.unsent for one in protocols()) <= 40 * 2**20
            assert 200 == ask(port, "GET", "/v1/articles/a-0")[0]

    def test_what_is_refused_comes_after_the_answers_before_it(self) -> None:
        """A request that is none, behind two that are, ends the connection after their answers."""
        with serving(Settings(), an_engine()) as port:
            search = b"GET /v1/search?q=court HTTP/1.1\r\nHost: x\r\n\r\n"
            assert [200, 200, 400] == answers(said(port, search + VERSION + b"no request at all\r\n\r\n"))
            many = b"GET / HTTP/1.1\r\n" + b"X-a: b\r\n" * 20_000
            assert [200, 200, 431] == answers(said(port, search + VERSION + many))


class TestUpgrade:
    OFFERS = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n",
        b"Upgrade: TLS/1.0\r\nConnection: keep-alive, upgrade\r\n",
    )

    @pytest.mark.parametrize("offer", OFFERS, ids=["h2c", "websocket", "tls"])
    @pytest.mark.parametrize("apart", [False, True], ids=["at once", "in parts"])
    def test_is_ignored(self, offer: bytes, apart: bool) -> None:
        """The body is read, and the connection goes on in HTTP/1.1."""
        body = b'{"q": "court", "limit": 2}'
        head = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + offer
        whole = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        chunked = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        last = VERSION[:-2] + b"Connection: close\r\n\r\n"
        with serving(Settings(), an_engine()) as port, begun(port, b"") as sending:
            sent = whole + VERSION[:-2] + offer + b"\r\n" + chunked + last
            for start in range(0, len(sent), 100 if apart else len(sent)):
                sending.sendall(sent[start : start + (100 if apart else len(sent))])
                time.sleep(0.01)
            found = closed_after(sending, 20)
        assert found is not None
        assert [200] * 4 == answers(found)
        assert 2 == found.count(b'"limit":2')

    def test_connect(self) -> None:
        """A tunnel is none of ours."""
        with serving(Settings(), an_engine()) as port:
            assert [400] == answers(said(port, b"CONNECT other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"))


NO_REQUESTS = {
    "words": b"once upon a time\r\n\r\n",
    "a space in the address": b"GET /v1/search?q=two words HTTP/1.1\r\nHost: x\r\n\r\n",
    "a length below zero": b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "both lengths": CHUNKED + b"Content-Length: 3\r\n\r\n0\r\n\r\n",
    "a chunk of no length": CHUNKED + b"\r\nxyz\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a host for a path": b"GET http://other.example:99999/ HTTP/1.1\r\nHost: x\r\n\r\n",
}


class TestUnreadable:
    @pytest.mark.parametrize("sent", NO_REQUESTS.values(), ids=NO_REQUESTS)
    @pytest.mark.parametrize("before", [b"", VERSION], ids=["first", "second"])
    def test_the_one_shape(self, sent: bytes, before: bytes) -> None:
        """What is no request is told as any other error, with the headers that protect."""
        with serving(Settings(), an_engine()) as port:
            found = said(port, before + sent)
        assert ([200, 400] if before else [400]) == answers(found)
        head, _, body = found.rpartition(b"\r\n\r\n")
        assert ["code", "message", "detail"] == list(json.loads(body))
        assert b"X-Content-Type-Options: nosniff" in head
        assert b"Content-Security-Policy: default-src 'none'" in head

    def test_headers_are_counted_as_they_are_sent(self) -> None:
        """Many short ones are as many bytes as a few long ones."""
        with serving(Settings(), an_engine()) as port:
            close = b"Connection: close\r\n\r\n"
            head = b"GET /version HTTP/1.1\r\nHost: x\r\n"
            assert [200] == answers(said(port, head + b"X-a: b\r\n" * 16_000 + close))
            assert [431] == answers(said(port, head + b"X-a: b\r\n" * 17_000 + close))

    def test_bytes_beyond_ascii(self) -> None:
        """An address in UTF-8 as it stands is the same as one that is encoded."""
        engine = FakeEngine([an_article(0, id="straße")])
        with serving(Settings(), engine) as port:
            request = "GET /v1/articles/straße HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            found = said(port, request.encode())
        assert [200] == answers(found)
        assert "straße" == json.loads(found.partition(b"\r\n\r\n")[2])["id"]


class TestIncluded:
    @pytest.mark.parametrize(
        "target",
        [
            "/v1/articles/a b/related.html",
            "/v1/articles/a b/related.html?limit=5",
            "/x/v1/articles/a b/related.html",
        ],
    )
    def test_no_text_of_an_error(self, target: str) -> None:
        """A list that a page includes is empty where its request cannot be read."""
        with serving(Settings(), an_engine()) as port:
            found = said(port, f"GET {target} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        assert [400] == answers(found)
        assert found.endswith(b"\r\n\r\n")
        assert b"Content-Length: 0" in found

    def test_what_is_one(self) -> None:
        """The address ends there, or its query begins; a long one is looked at once."""
        assert is_fragment(b"/v1/articles/a/related.html")
        assert is_fragment(b"/s/v1/articles/a/b/related.html?limit=5")
        assert not is_fragment(b"/v1/articles/a/related.htm")
        assert not is_fragment(b"/v1/articles/a%2Frelated.html")
        assert not is_fragment(b"/related.html")
        started = time.monotonic()
        assert not is_fragment(b"/v1/articles/" * 10_000)
        assert time.monotonic() - started < 0.5
