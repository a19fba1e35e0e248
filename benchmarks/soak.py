"""The service under steady load while its index is rebuilt, published and changed: nothing may fail or mix.

    python -m benchmarks.soak                                 # small: some 20 seconds
    python -m benchmarks.soak --rounds 20 --changes 1000      # what the figures in README are of

Two workers serve on loopback. Readers search without an end, each checking its answer: a choir of articles is
always changed as a whole, in one transaction, so an answer that shows two versions of it is mixed, and one
that shows an older version than was acknowledged before it was asked is late. Writers put, import and delete
articles and look for each at once, over another connection and so, as chance has it, in the other worker.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.quality import revision

if TYPE_CHECKING:
    from fastapi import FastAPI

    from semsearch.engine import Engine

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).resolve().parent / "results"
CHOIR = 8  # articles that are always changed together
READERS = 4
PAUSE = 0.02  # seconds between an answer and the reader's next request
WORDS = (
    *("council", "school", "harbour", "budget", "senate", "court", "striker", "keeper", "telescope"),
    *("planet", "glacier", "volcano", "hospital", "bridge", "railway", "strike", "election", "mayor"),
    *("museum", "festival", "drought", "harvest", "airline", "merger", "patent", "vaccine"),
)
HASHING = "SOAK_HASHING"


def make_engine(*, fall_back: bool = False) -> Engine:
    """The engine of the settings in the environment, with the encoder that was chosen."""
    from tests.fakes import HashingEncoder

    from semsearch.engine import Engine
    from semsearch.settings import load_settings

    encoder = HashingEncoder(256) if os.environ.get(HASHING) else None
    return Engine(load_settings(), encoder=encoder, fall_back=fall_back)


def make_app() -> FastAPI:
    """The app of a worker."""
    from semsearch.service.app import create_app

    if not os.environ.get(HASHING):
        return create_app()  # as in production, rebuilding in a process of its own
    engine = make_engine(fall_back=True)
    return create_app(engine.settings, engine=engine)


def serve(workers: int) -> None:
    """Serve in this process and its workers until SIGTERM; the address goes to standard output."""
    from semsearch.service import serve as service
    from semsearch.settings import load_settings

    service.FACTORY = "benchmarks.soak:make_app"
    service.serve(
        load_settings(), port=0, workers=workers, ready_callback=lambda address: print(address, flush=True)
    )


def an_article(chance: random.Random, name: str) -> dict[str, object]:
    """An article of random words, with a number of its own that a search can find."""
    body = ". ".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(6))
    return {"id": name, "title": f"Report {name}", "body": body, "section": chance.choice(["North", "South"])}


def choir(version: int) -> list[dict[str, object]]:
    """The articles that are changed together, in one of their versions."""
    return [
        {"id": f"choir-{n}", "title": f"version{version} of orchestra {n}", "body": "orchestra " * (n + 1)}
        for n in range(CHOIR)
    ]


@dataclass
class Seen:
    """What readers and writers met."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    search_ms: list[float] = field(default_factory=list)
    change_ms: list[float] = field(default_factory=list)
    rebuild_seconds: list[float] = field(default_factory=list)
    acknowledged: int = 0  # version of the choir
    generations: set[str] = field(default_factory=set)

    def fault(self, kind: str, what: object) -> None:
        """Count something that must not be."""
        self.counts[kind] += 1
        if len(self.faults) < 20:
            self.faults.append(f"{kind}: {str(what)[:300]}")


class Soak:
    """One run against a service."""

    def __init__(self, address: str, key: str, articles: int) -> None:
        self.seen = Seen()
        self._address = address
        self._headers = {"X-API-Key": key}
        self._ids = [f"n{number}" for number in range(articles)]
        self._chance = random.Random(7)
        self._over = False

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._address, headers=self._headers, timeout=60)

    async def warm(self) -> None:
        """Ask until every worker has surely answered a search."""
        for _ in range(20):
            async with self._client() as client:
                await client.get("/v1/search?q=orchestra")

    async def run(self, rounds: int, changes: int, after_round: Callable[[], None]) -> None:
        """All rounds, with their share of the changes, under load from start to end."""
        readers = [asyncio.create_task(self._read(number)) for number in range(READERS)]
        try:
            for number in range(rounds):
                share = changes * (number + 1) // rounds - changes * number // rounds
                await asyncio.gather(self._rebuild(), self._change(number, share))
                after_round()
        finally:
            self._over = True
            await asyncio.gather(*readers)

    async def _read(self, number: int) -> None:
        """Search until the end; each reader keeps its connection, and so its worker."""
        chance = random.Random(number)
        async with self._client() as client:
            while not self._over:
                known = self.seen.acknowledged
                choir_asked = chance.random() < 0.5
                asked: dict[str, str | int] = (
                    {"q": "orchestra", "mode": "lexical", "limit": 50}
                    if choir_asked
                    else {"q": " ".join(chance.choices(WORDS, k=3)), "facets": "section", "limit": 20}
                )
                begun = time.perf_counter()
                try:
                    answer = await client.get("/v1/search", params=asked)
                    self.seen.search_ms.append((time.perf_counter() - begun) * 1000)
                    self._judge(answer, known if choir_asked else None)
                except httpx.HTTPError as error:
                    self.seen.fault("failed", repr(error))
                await asyncio.sleep(PAUSE)

    def _judge(self, answer: httpx.Response, known: int | None) -> None:
        seen = self.seen
        seen.counts["searches"] += 1
        if answer.status_code != 200:
            seen.fault("failed", f"{answer.status_code} {answer.text}")
            return
        body = answer.json()
        seen.generations.add(body["index"]["generation"])
        ids = [hit["id"] for hit in body["hits"]]
        if len(ids) != len(set(ids)) or not ids:
            seen.fault("mixed", f"doubled or nothing: {ids}")
        if known is None:
            return
        versions = sorted({int(hit["title"].split()[0].removeprefix("version")) for hit in body["hits"]})
        if len(versions) != 1 or len(ids) != CHOIR or body["total"] != CHOIR:
            seen.fault("mixed", f"choir of {len(ids)} of {body['total']} in versions {versions}")
        elif versions[0] < known:
            seen.fault("late", f"version {versions[0]} after {known} was acknowledged")

    async def _rebuild(self) -> None:
        async with self._client() as client:
            begun = time.perf_counter()
            answer = await client.post("/v1/indexes/rebuild?keep=3")
            if answer.status_code != 202:
                self.seen.fault("failed", f"rebuild: {answer.status_code} {answer.text}")
                return
            while (task := (await client.get(answer.headers["Location"])).json())["state"] in {
                "queued",
                "running",
            }:
                await asyncio.sleep(0.1)
            if task["state"] != "done":
                self.seen.fault("failed", f"rebuild: {task['error']}")
            self.seen.rebuild_seconds.append(time.perf_counter() - begun)

    async def _change(self, number: int, count: int) -> None:
        for step in range(count):
            async with self._client() as writer, self._client() as reader:
                begun = time.perf_counter()
                name = f"live-{number}-{step}"
                if step % 10 == 9:
                    await self._import_choir(writer)
                elif step % 10 == 4:
                    await self._delete(writer, reader)
                else:
                    await self._put(writer, reader, name)
                self.seen.change_ms.append((time.perf_counter() - begun) * 1000)
                self.seen.counts["changes"] += 1

    async def _import_choir(self, writer: httpx.AsyncClient) -> None:
        version = self.seen.acknowledged + 1
        lines = "\n".join(json.dumps(article) for article in choir(version))
        answer = await writer.post("/v1/articles/import?wait=true", content=lines)
        result = answer.json().get("result") or {}
        if result.get("updated") != CHOIR:
            self.seen.fault("failed", f"import: {answer.status_code} {answer.text}")
        self.seen.acknowledged = version

    async def _put(self, writer: httpx.AsyncClient, reader: httpx.AsyncClient, name: str) -> None:
        article = an_article(self._chance, name)
        answer = await writer.put(f"/v1/articles/{name}", json=article)
        if answer.status_code != 201:
            self.seen.fault("failed", f"put: {answer.status_code} {answer.text}")
            return
        found = await reader.get("/v1/search", params={"q": f'"Report {name}"', "mode": "lexical"})
        if name not in [hit["id"] for hit in found.json()["hits"]]:
            self.seen.fault("late", f"{name} is not found after it was acknowledged")

    async def _delete(self, writer: httpx.AsyncClient, reader: httpx.AsyncClient) -> None:
        name = self._ids.pop()
        answer = await writer.delete(f"/v1/articles/{name}")
        if answer.status_code != 200:
            self.seen.fault("failed", f"delete: {answer.status_code} {answer.text}")
        elif (await reader.get(f"/v1/articles/{name}")).status_code != 404:
            self.seen.fault("late", f"{name} is there after its deletion was acknowledged")


@contextmanager
def serving(environ: dict[str, str], workers: int) -> Iterator[tuple[str, int]]:
    """A service in processes of its own: its address and process id; stopped at the end."""
    command = [sys.executable, "-m", "benchmarks.soak", "--serve", "--workers", str(workers)]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise SystemExit("the service did not start; its log is above")
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(60)


def sizes(parent: int) -> list[dict[str, int]]:
    """Resident megabytes and open files of each worker of a service."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    found = []
    for child in children:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())
        files = len(os.listdir(f"/proc/{child}/fd"))
        found.append({"megabytes": int(status["VmRSS"].split()[0]) // 1024, "files": files})
    return sorted((one for one in found if one["megabytes"] > 40), key=lambda one: one["megabytes"])


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Some of them, of milliseconds or seconds."""
    ranked = sorted(values) or [0.0]
    picked = {f"p{share}": ranked[min(len(ranked) * share // 100, len(ranked) - 1)] for share in (50, 95, 99)}
    return {name: round(value, 2) for name, value in {**picked, "max": ranked[-1]}.items()}


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Build, serve, load, and say what was met."""
    with tempfile.TemporaryDirectory(prefix="semsearch-soak-") as folder:
        os.environ.update({"SEMSEARCH_INDEXES": folder, **({} if options.model else {HASHING: "1"})})
        key = _prepare(Path(folder), options.articles)
        with serving(dict(os.environ), options.workers) as (address, pid):
            soak = Soak(address, key, options.articles)
            asyncio.run(soak.warm())
            before = sizes(pid)
            begun = time.perf_counter()
            by_round: list[list[int]] = []

            def weigh() -> None:
                by_round.append([one["megabytes"] for one in sizes(pid)])

            asyncio.run(soak.run(options.rounds, options.changes, weigh))
            seconds = time.perf_counter() - begun
            after = sizes(pid)
    seen = soak.seen
    return {
        "revision": revision(),
        "encoder": "all-MiniLM-L6-v2" if options.model else "hashed words",
        **{name: getattr(options, name) for name in ("articles", "workers", "rounds", "changes")},
        "seconds": round(seconds, 1),
        "searches": seen.counts["searches"],
        **{name: seen.counts[name] for name in ("failed", "mixed", "late")},
        "generations_seen": len(seen.generations),
        "search_ms": percentiles(seen.search_ms),
        "change_and_look_ms": percentiles(seen.change_ms),
        "rebuild_seconds": percentiles(seen.rebuild_seconds),
        "workers_before": before,
        "workers_after": after,
        "megabytes_by_round": by_round,
        "faults": seen.faults,
    }


def _prepare(folder: Path, count: int) -> str:
    """An index and a key of scope admin, whose text is returned."""
    from semsearch.keys import KeyFile

    chance = random.Random(1)
    source = folder / "articles.jsonl"
    records = [an_article(chance, f"n{number}") for number in range(count)] + choir(0)
    source.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    engine = make_engine()
    engine.build([str(source)])
    engine.close()
    return KeyFile(folder).create("admin")[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and keep the figures; 1 where anything failed, mixed or came late."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="rebuilds, one after another")
    parser.add_argument("--changes", type=int, default=60, help="live changes, spread over the rounds")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--model", action="store_true", help="the packaged model instead of hashed words")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.workers)
        return 0
    figures = measure(options)
    text = json.dumps(figures, indent=2)
    RESULTS.mkdir(exist_ok=True)
    name = f"soak-{figures['revision']}{'-model' if options.model else ''}.json"
    (RESULTS / name).write_text(text + "\n", "utf-8")
    print(text)
    return int(bool(figures["faults"]))


if __name__ == "__main__":
    raise SystemExit(main())
