"""The part of ``speed.py`` that goes through servers: one client in turn, then as many as they answer."""

from __future__ import annotations

import asyncio
import itertools
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from benchmarks.load import Connection, Target, closed_loop, rising
from benchmarks.speed_turns import Place, Worker, environment, processor_seconds, resident_megabytes

if TYPE_CHECKING:
    from benchmarks.speed import Speed

WORKERS = 2  # processes of each server that is measured once more, for two cores
TURN = (
    10  # queries to one server before the next has its turn: on a machine of its own its caches are its own
)
CLIENTS = 8  # that ask without a pause, for requests a second
ROUNDS = 3
SHARES = (25, 50, 75, 90, 150, 300)  # percent of our highest load
START_SECONDS = 120.0
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where to ask, and its process."""

    where: Target
    pid: int


def measure(speed: Speed, folder: Path, queries: Sequence[str]) -> Figures:
    """Latency of one client, in turn; requests a second; ours under rising load."""
    with ExitStack() as stack:
        named = [name for name in speed.systems if name in ("semsearch", "txtai", "txtai hybrid")]
        servers = {name: stack.enter_context(serving(speed, name, folder)) for name in named}
        for name in named[:2]:
            several = stack.enter_context(serving(speed, name, folder, WORKERS))
            servers[f"{name}, {WORKERS} workers"] = several
        chroma = stack.enter_context(_chroma(speed, folder)) if "Chroma" in speed.systems else None
        rows = asyncio.run(_one_client(servers, chroma, queries[: speed.options.queries]))
        asked = itertools.count(speed.options.queries)
        for name, row in _many_clients(servers, queries, asked, speed.options.seconds).items():
            rows[name] |= row
        for name, server in servers.items():
            rows[name]["resident_mb"] = resident_megabytes(server.pid)
        found: Figures = {"queries": speed.options.queries, "systems": rows}
        if "semsearch" in servers:
            found["load"] = rising(
                servers["semsearch"].where,
                queries,
                connections=CLIENTS,
                seconds=speed.options.seconds,
                shares=SHARES,
            )
    return found


async def _one_client(
    servers: dict[str, Server], chroma: Worker | None, queries: Sequence[str]
) -> dict[str, Figures]:
    took: dict[str, list[float]] = {name: [] for name in servers}
    if chroma is not None:
        took["Chroma"] = []
    lines = {name: Connection(server.where.host, server.where.port) for name, server in servers.items()}
    for start in range(0, len(queries), TURN):
        turn = queries[start : start + TURN]
        for name, server in servers.items():
            for query in turn:
                begun = time.perf_counter()
                status, _, _ = await lines[name].get(server.where.prefix + quote(query, safe=""))
                took[name].append(1000 * (time.perf_counter() - begun))
                if status != 200:
                    raise SystemExit(f"{name} answered {status} to {query!r}")
        if chroma is not None:
            took["Chroma"] += chroma.ask("ask", queries=list(turn), limit=10)["ms"]
    return {
        name: {f"p{share}_ms": round(float(np.percentile(times, share)), 2) for share in (50, 95, 99)}
        for name, times in took.items()
    }


def _many_clients(
    servers: dict[str, Server], queries: Sequence[str], asked: Iterator[int], seconds: float
) -> dict[str, Figures]:
    """Requests a second and processor time of each, medians of rounds in turn."""
    rates: dict[str, list[float]] = {name: [] for name in servers}
    used: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            paths = (server.where.prefix + quote(queries[at % len(queries)], safe="") for at in asked)
            before = processor_seconds(server.pid)
            met = asyncio.run(closed_loop(server.where, paths, CLIENTS, seconds))
            rates[name].append(len(met.ms) / met.seconds)
            used[name].append(1000 * (processor_seconds(server.pid) - before) / max(len(met.ms), 1))
    return {
        name: {
            "requests_per_second": round(statistics.median(rates[name]), 1),
            "processor_ms_per_request": round(statistics.median(used[name]), 2),
        }
        for name in servers
    }


@contextmanager
def serving(speed: Speed, name: str, folder: Path, workers: int = 1) -> Iterator[Server]:
    """A system's own server over its index, with its defaults but for its workers, until the block ends."""
    port = free_port()
    command, prefix, environ = server_command(speed.place(name, folder), port)
    command += ["--workers", str(workers)]
    with running(command, environ, port, prefix + "news") as pid:
        yield Server(Target("127.0.0.1", port, prefix), pid)


def server_command(place: Place, port: int) -> tuple[list[str], str, dict[str, str]]:
    """How a system's server is started, the address of its search up to the query, and its environment."""
    if place.system == "semsearch":
        command = [str(Path(sys.executable).with_name("semsearch")), "serve", "--port", str(port)]
        command += ["--indexes", str(place.folder), "--index", "speed"]
        # Streams of requests may come round to a query again: nothing is remembered, as in the others.
        return command, "/v1/search?limit=10&q=", {"SEMSEARCH_SERVICE_REMEMBERED_ANSWERS": "0"}
    config = place.folder / "service.yml"
    config.write_text(f"path: {place.folder / 'index'}\nwritable: false\nembeddings:\n")
    command = [str(place.python), "-m", "uvicorn", "txtai.api:app", "--port", str(port)]
    command += ["--log-level", "warning"]
    return command, "/search?limit=10&query=", {"CONFIG": str(config)}


@contextmanager
def _chroma(speed: Speed, folder: Path) -> Iterator[Worker]:
    """Chroma's server, and its own client, which encodes the queries."""
    place, port = speed.place("Chroma", folder), free_port()
    command = [str(place.python.with_name("chroma")), "run", "--path", str(place.folder), "--port", str(port)]
    with running(command, {}, port, "/api/v2/heartbeat"):
        worker = Worker(type(place)("Chroma over HTTP", place.python, Path(f"localhost:{port}")), speed.model)
        try:
            worker.ask("open")
            yield worker
        finally:
            worker.close()


@contextmanager
def running(command: list[str], environ: dict[str, str], port: int, path: str) -> Iterator[int]:
    """A server that answers one address with 200; stopped at the end."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment(environ), stdout=quiet, stderr=quiet) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port, path):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{' '.join(command)} does not answer")
                time.sleep(0.2)
            yield process.pid
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def answers(port: int, path: str) -> bool:
    """Whether a port of this machine answers an address with 200."""

    async def status() -> int:
        connection = Connection("127.0.0.1", port)
        found, _, _ = await connection.get(path)
        await connection.close()
        return found

    return asyncio.run(status()) == 200


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
