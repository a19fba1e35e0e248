"""Load on one service on this machine: as fast as it answers, or a steady stream whatever it answers.

    python -m benchmarks.load URL [--queries FILE] [--seconds 5] [--connections 16] [--rates 25,50,100,150]

First ``--connections`` clients ask one after another without a pause: the highest load. Then, for each share
of it, requests come at random instants of that mean rate whether or not the ones before were answered, each
timed from the instant at which it was due: what a crowd of readers meets. Loopback only; every run is bounded
in time and number.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

LOCAL = {"127.0.0.1", "localhost", "::1"}
MOST_CONNECTIONS = 600
MOST_REQUESTS = 100_000
GIVE_UP = 20.0  # seconds that a request may take


@dataclass
class Met:
    """What a run met: milliseconds of each request that was answered with 200, counts by status."""

    ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)  # 0: no answer
    retry_after: int = 0  # refusals that say when to come again
    refused_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, status: int, headers: bytes, seconds: float) -> None:
        """Count one request."""
        self.statuses[status] += 1
        if status == 200:
            self.ms.append(1000 * seconds)
        elif status == 503:
            self.refused_ms.append(1000 * seconds)
            self.retry_after += b"retry-after:" in headers

    def figures(self) -> dict[str, Any]:
        """Rates and percentiles."""
        answered = len(self.ms)
        found: dict[str, Any] = {
            "sent_per_second": round(self.statuses.total() / self.seconds, 1),
            "answered_per_second": round(answered / self.seconds, 1),
            **{f"p{share}_ms": _percentile(self.ms, share) for share in (50, 95, 99)},
            "statuses": {str(name): count for name, count in sorted(self.statuses.items())},
        }
        if self.refused_ms:
            found |= {"refused_p50_ms": _percentile(self.refused_ms, 50), "retry_after": self.retry_after}
        return found


def _percentile(values: Sequence[float], share: int) -> float | None:
    return round(float(np.percentile(values, share)), 2) if values else None


class Connection:
    """One keep-alive HTTP/1.1 connection: small, so that the client costs the server little."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> tuple[int, bytes, bytes]:
        """Status, raw headers in small letters and body; status 0 where the connection failed."""
        try:
            async with asyncio.timeout(GIVE_UP):
                return await self._get(path)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            await self.close()
            return 0, b"", b""

    async def _get(self, path: str) -> tuple[int, bytes, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        body = b""
        if b"content-length:" in head:
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await self._reader.readexactly(length)
        if b"connection: close" in head:
            await self.close()
        return int(head.split(b" ", 2)[1]), head, body

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None


@dataclass(frozen=True, slots=True)
class Target:
    """A search route of a service on this machine, and the queries to ask, none twice if it can be."""

    host: str
    port: int
    prefix: str  # up to the query: /v1/search?q=

    def paths(self, queries: Sequence[str], skip: int = 0) -> Iterator[str]:
        """The addresses, from the query at ``skip`` on, round and round."""
        start = itertools.islice(itertools.cycle(queries), skip, None)
        return (self.prefix + quote(one, safe="") for one in start)


def target(url: str) -> Target:
    """From an address like http://127.0.0.1:8000/v1/search?q=; raises ValueError if not on this machine."""
    parts = urlsplit(url)
    if parts.hostname not in LOCAL or parts.port is None:
        raise ValueError(f"{url} is not an address on this machine with a port; give http://127.0.0.1:…")
    return Target(parts.hostname, parts.port, f"{parts.path}?{parts.query}")


async def closed_loop(where: Target, paths: Iterator[str], connections: int, seconds: float) -> Met:
    """Every connection asks again as soon as it is answered."""
    met = Met()
    begun = time.perf_counter()

    async def ask() -> None:
        connection = Connection(where.host, where.port)
        while time.perf_counter() - begun < seconds and met.statuses.total() < MOST_REQUESTS:
            started = time.perf_counter()
            status, head, _ = await connection.get(next(paths))
            met.note(status, head, time.perf_counter() - started)
        await connection.close()

    await asyncio.gather(*(ask() for _ in range(min(connections, MOST_CONNECTIONS))))
    met.seconds = time.perf_counter() - begun
    return met


async def open_loop(where: Target, paths: Iterator[str], rate: float, seconds: float) -> Met:
    """Requests at random instants (Poisson) of a mean rate, timed from the instant each was due."""
    met, chance = Met(), random.Random(11)
    idle: list[Connection] = []
    asking: set[asyncio.Task[None]] = set()
    begun = time.perf_counter()

    async def ask(path: str, due: float) -> None:
        connection = idle.pop() if idle else Connection(where.host, where.port)
        status, head, _ = await connection.get(path)
        met.note(status, head, time.perf_counter() - due)
        idle.append(connection)

    due = begun
    for path in itertools.islice(paths, MOST_REQUESTS):
        due += chance.expovariate(rate)
        if due - begun > seconds:
            break
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if len(asking) >= MOST_CONNECTIONS:
            met.note(0, b"", 0.0)
            continue
        task = asyncio.create_task(ask(path, due))
        asking.add(task)
        task.add_done_callback(asking.discard)
    met.seconds = max(time.perf_counter() - begun, seconds)
    await asyncio.gather(*asking)
    for connection in idle:
        await connection.close()
    return met


def rising(
    where: Target, queries: Sequence[str], *, connections: int, seconds: float, shares: Sequence[int]
) -> dict[str, Any]:
    """The highest load, then what streams of some percent of it meet."""
    paths = where.paths(queries)
    asyncio.run(closed_loop(where, paths, connections, min(seconds, 2.0)))  # warm
    highest = asyncio.run(closed_loop(where, paths, connections, seconds)).figures()
    rate = highest["answered_per_second"]
    streams = []
    for share in shares:
        met = asyncio.run(open_loop(where, paths, max(rate * share / 100, 0.5), seconds))
        streams.append({"percent": share, **met.figures()})
    return {"connections": connections, "highest": highest, "streams": streams}


def main() -> None:
    """Measure one address and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="up to the query, as http://127.0.0.1:8000/v1/search?q=")
    parser.add_argument("--queries", type=Path, help="one a line; else headlines of ../shared/data/scale")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--shares", default="25,50,75,90,150,300", help="percent of the highest load")
    asked = parser.parse_args()
    if asked.queries is None:
        from benchmarks.speed_data import headlines, shuffled

        queries = headlines(shuffled()[100_000:], 20_000)
    else:
        queries = asked.queries.read_text("utf-8").splitlines()
    shares = [int(one) for one in asked.shares.split(",")]
    found = rising(
        target(asked.url), queries, connections=asked.connections, seconds=asked.seconds, shares=shares
    )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
