"""The generator of load: what it counts, and that it never leaves this machine."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from benchmarks.load import Met, Target, closed_loop, open_loop, target

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REFUSAL = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"


def against(answers: list[bytes], work) -> tuple[Met, list[bytes]]:
    """What a run meets at a server that gives these answers in turn, and the first lines it was asked."""
    asked: list[bytes] = []
    given = itertools.cycle(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            asked.append(head.split(b"\r\n", 1)[0])
            writer.write(next(given))

    async def run() -> Met:
        server = await asyncio.start_server(_quietly(serve), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await work(Target("127.0.0.1", port, "/v1/search?q="))
        finally:
            server.close()

    return asyncio.run(run()), asked


def _quietly(serve):
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    return served


def test_clients_without_a_pause_count_answers_and_refusals():
    """Every third request is refused and says when to come again; only answers have a time."""
    met, asked = against(
        [ANSWER, ANSWER, REFUSAL], lambda where: closed_loop(where, where.paths(["a b", "c&d"]), 1, 0.2)
    )
    assert len(asked) == met.statuses.total()
    assert {200, 503} == set(met.statuses)
    assert (met.statuses[200], met.statuses[503]) == (len(met.ms), met.retry_after)
    assert [b"GET /v1/search?q=a%20b HTTP/1.1", b"GET /v1/search?q=c%26d HTTP/1.1"] == asked[:2]


def test_a_steady_stream_comes_at_its_rate_whatever_is_answered():
    """Some 200 requests a second for half a second; each is sent once."""
    met, asked = against([ANSWER], lambda where: open_loop(where, where.paths(["x"]), 200.0, 0.5))
    assert len(asked) == met.statuses.total()
    assert 60 < len(asked) < 150


def test_a_connection_that_fails_is_counted_as_no_answer():
    """A server that is not there gives status 0 and no time."""
    met = asyncio.run(open_loop(Target("127.0.0.1", 9, "/"), iter(["/"] * 3), 100.0, 1.0))
    assert ({0: 3}, []) == (dict(met.statuses), met.ms)


@pytest.mark.parametrize("url", ["http://example.org:80/?q=", "http://127.0.0.1/?q=", "https://[::2]:1/?q="])
def test_only_this_machine_is_put_under_load(url):
    """Any other host, and an address without a port, is refused."""
    with pytest.raises(ValueError, match="not an address on this machine"):
        target(url)
