"""Speed against other systems: the same articles, model and machine, taking turns within one run.

    python -m benchmarks.speed --peers-python PYTHON [--chroma-python PYTHON] [--parts build,search,http]

Others: txtai by meaning and hybrid, a script of sentence-transformers and FAISS, Chroma, LanceDB. They live
in interpreters of their own; a system whose interpreter lacks it is left out, with a word. Parts:

- build: each embeds and indexes the same articles, a slice of time each in turn while the others are stopped;
- search: the same queries in each process, a few each in turn, at ``--searched`` articles of cheap vectors
  (see ``speed_data.py``), queries really encoded. The indexes are built at first use and kept in .work/speed;
- http: the same through semsearch serve, txtai's API on uvicorn and chroma run; requests a second;
- quality: nDCG@10 on fnc1 and cranfield, vectors of plain sentence-transformers for all others;
- rebuild: semsearch alone: a build, and one of the same articles again.

Figures go to benchmarks/results/speed.json, each part when it is done; ``speed_table.py`` makes the tables.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import DATA, WORK, load
from benchmarks.encoder import processor
from benchmarks.quality import revision
from benchmarks.speed_articles import plain_text
from benchmarks.speed_data import (
    CheapEncoder,
    collection,
    headlines,
    model_folder,
    shuffled,
    tokens,
    write_articles,
)
from benchmarks.speed_turns import Place, Worker, in_turns, megabytes
from semsearch.encoder.factory import load_encoder
from semsearch.evaluation import Run, evaluate

RESULTS = Path(__file__).resolve().parent / "results" / "speed.json"
HOME = WORK / "speed"
SLICE = 4.0  # seconds that each system builds for before the next has its turn
TURN = 5  # queries that each system answers before the next has its turn
QUERIES_FROM = 110_000  # articles behind these are in no index: their titles are the queries
NEEDS = {
    "semsearch": "semsearch",
    "txtai": "txtai",
    "txtai hybrid": "txtai",
    "sentence-transformers + FAISS": "sentence_transformers",
    "Chroma": "chromadb",
    "LanceDB": "lancedb",
}
Figures = dict[str, Any]


class Speed:
    """One run: its options, the articles and where the systems live."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.model = model_folder()
        self.articles = shuffled()
        self.queries = headlines(self.articles[QUERIES_FROM:], 12_000)
        self._pythons = {
            "semsearch": Path(sys.executable),
            **dict.fromkeys(("txtai", "txtai hybrid", "sentence-transformers + FAISS"), options.peers_python),
            **dict.fromkeys(("Chroma", "LanceDB"), options.chroma_python or options.peers_python),
        }
        self.systems = [one for one in NEEDS if one in options.systems.split(",") and self._has(one)]

    def _has(self, system: str) -> bool:
        python = self._pythons[system]
        check = f"import importlib.util as u, sys; sys.exit(u.find_spec({NEEDS[system]!r}) is None)"
        if python is not None and subprocess.run([str(python), "-c", check], check=False).returncode == 0:
            return True
        print(f"{system}: left out, {python or 'no interpreter'} has no {NEEDS[system]}", file=sys.stderr)
        return False

    def place(self, system: str, folder: Path) -> Place:
        """Where a system lives, with a folder of its own within another."""
        name = system.replace(" ", "-").replace("+", "and").lower()
        return Place(system, self._pythons[system] or Path(sys.executable), folder / name)

    @contextmanager
    def workers(self, folder: Path, systems: Sequence[str], what: str) -> Iterator[dict[str, Worker]]:
        """A process for each system that has done one thing already: load or open."""
        found = {name: Worker(self.place(name, folder), self.model) for name in systems}
        try:
            for worker in found.values():
                worker.ask(what)
            yield found
        finally:
            for worker in found.values():
                worker.close()

    def build(self) -> Figures:
        """Embed and index the same articles, in turns."""
        folder, count = HOME / "build", self.options.articles
        shutil.rmtree(folder, ignore_errors=True)
        chosen = self.articles[:count]
        write_articles(folder / "articles.jsonl", chosen)
        encoder = load_encoder()
        heads = tokens(encoder, [plain_text(one) for one in chosen])
        with self.workers(folder, self.systems, "load") as workers:
            turns = in_turns(
                list(workers.values()), SLICE, "build", articles=str(folder / "articles.jsonl"), vectors=None
            )
            read = dict.fromkeys(workers, heads)
            if "semsearch" in workers:
                read["semsearch"] = tokens(encoder, workers["semsearch"].ask("embedded")["texts"])
            ours = {}
            if "semsearch" in workers:
                again = workers["semsearch"].ask("build", articles=str(folder / "articles.jsonl"))
                ours["rebuild_seconds"] = round(again["seconds"], 2)
        rows = {
            name: {
                "seconds": round(turn.seconds, 1),
                "processor_seconds": round(turn.answer["processor"], 1),
                "articles_per_second": round(count / turn.seconds, 2),
                "tokens": read[name],
                "tokens_per_second": round(read[name] / turn.seconds, 1),
                "tokens_per_processor_second": round(read[name] / turn.answer["processor"], 1),
                "articles_per_processor_second": round(count / turn.answer["processor"], 2),
                "peak_mb": turn.answer["peak_mb"],
                "disk_mb": megabytes(self.place(name, folder).folder),
            }
            for name, turn in turns.items()
        }
        shutil.rmtree(folder, ignore_errors=True)
        return {"articles": count, "systems": rows, **ours}

    def prepared(self) -> Path:
        """The folder of every system's index of many articles, built once with the same cheap vectors."""
        count = self.options.searched
        folder = HOME / f"search-{count}"
        texts, vectors = folder / "articles.jsonl", folder / "vectors.npy"
        if not vectors.exists():
            chosen = self.articles[:count]
            write_articles(texts, chosen)
            cheap = CheapEncoder(load_encoder())
            np.save(vectors, cheap.encode_passages([plain_text(one) for one in chosen]))
        self._index(folder, texts, vectors, self.systems)
        return folder

    def _index(self, folder: Path, texts: Path, vectors: Path | None, systems: Sequence[str]) -> None:
        """Build what is not there; a system's build time without embedding is kept beside its index."""
        for name in systems:
            place = self.place(name, folder)
            done = place.folder.with_suffix(".json")
            if done.exists():
                continue
            shutil.rmtree(place.folder, ignore_errors=True)
            with self.workers(folder, [name], "load") as workers:
                print(f"{name}: building {folder.name}", file=sys.stderr)
                answer = workers[name].ask(
                    "build", articles=str(texts), vectors=str(vectors) if vectors else None
                )
            kept = {"build_seconds": round(answer["seconds"], 1), "build_peak_mb": answer["peak_mb"]}
            done.write_text(json.dumps({**kept, "disk_mb": megabytes(place.folder)}))

    def search(self) -> Figures:
        """The same queries in each process, a few each in turn."""
        folder = self.prepared()
        queries = self.queries[: self.options.queries]
        took: dict[str, list[float]] = {name: [] for name in self.systems}
        resident = {}
        with self.workers(folder, self.systems, "open") as workers:
            for start in range(0, len(queries), TURN):
                for name, worker in workers.items():
                    answer = worker.ask("ask", queries=queries[start : start + TURN], limit=10)
                    took[name] += answer["ms"]
                    resident[name] = answer["resident_mb"]
        rows = {}
        for name, times in took.items():
            built = json.loads(self.place(name, folder).folder.with_suffix(".json").read_text())
            rows[name] = {**percentiles(times), "resident_mb": resident[name], **built}
        return {"articles": self.options.searched, "queries": len(queries), "systems": rows}

    def http(self) -> Figures:
        """Searches through each system's server."""
        from benchmarks.speed_http import measure

        folder = self.prepared()
        return {"articles": self.options.searched, **measure(self, folder, self.queries)}

    def quality(self) -> Figures:
        """nDCG@10 of each system on the judged collections."""
        found: Figures = {}
        for name in ("fnc1", "cranfield"):
            folder, corpus = HOME / f"quality-{name}", load(name)
            texts, vectors = folder / "articles.jsonl", folder / "vectors.npy"
            if not vectors.exists():
                chosen = collection(name)
                write_articles(texts, chosen)
                np.save(vectors, self._embedded([plain_text(one) for one in chosen]))
            self._index(folder, texts, vectors, [one for one in self.systems if one != "semsearch"])
            self._index(folder, texts, None, [one for one in self.systems if one == "semsearch"])
            with self.workers(folder, self.systems, "open") as workers:
                asked = [query.text for query in corpus.queries]
                for system, worker in workers.items():
                    hits = worker.ask("ask", queries=asked, limit=10)["found"]
                    run = Run.from_scores(
                        {
                            query.id: dict(reversed(row))
                            for query, row in zip(corpus.queries, hits, strict=True)
                        }
                    )
                    mean = evaluate(run, corpus.qrels, ["nDCG@10"]).means["nDCG@10"]
                    found.setdefault(name, {})[system] = round(mean, 4)
        return found

    def _embedded(self, texts: Sequence[str]) -> Any:  # noqa: ANN401 - of an untyped library
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(self.model), device="cpu", local_files_only=True)
        return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    def rebuild(self) -> Figures:
        """A first build, and one with nothing new."""
        folder, count = HOME / "rebuild", self.options.rebuilt
        shutil.rmtree(folder, ignore_errors=True)
        texts = folder / "articles.jsonl"
        write_articles(texts, self.articles[:count])
        with self.workers(folder, ["semsearch"], "load") as workers:
            first, *again = [
                workers["semsearch"].ask("build", articles=str(texts), vectors=None) for _ in range(4)
            ]
        shutil.rmtree(folder, ignore_errors=True)
        return {
            "articles": count,
            "first_seconds": round(first["seconds"], 1),
            "first_processor_seconds": round(first["processor"], 1),
            "again_seconds": round(statistics.median(one["seconds"] for one in again), 2),
            "again_processor_seconds": round(statistics.median(one["processor"] for one in again), 2),
        }


def percentiles(values: Sequence[float]) -> Figures:
    """Milliseconds."""
    return {f"p{share}_ms": round(float(np.percentile(values, share)), 2) for share in (50, 95, 99)}


def main() -> int:
    """Measure the parts asked for and keep each one's figures."""
    options = _options()
    if not DATA.is_dir():
        print(f"speed: no collections in {DATA}", file=sys.stderr)
        return 1
    speed = Speed(options)
    known: Figures = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for part in options.parts.split(","):
        begun = time.perf_counter()
        work: Callable[[], Figures] = getattr(speed, part)
        known[part] = {
            **work(),
            "revision": revision(),
            "processor": processor(),
            "cores": os.cpu_count(),
            "took_seconds": round(time.perf_counter() - begun),
        }
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
        print(json.dumps({part: known[part]}, indent=1), flush=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers-python", type=Path, help="an interpreter with txtai[api]")
    parser.add_argument("--chroma-python", type=Path, help="one with chromadb and lancedb")
    parser.add_argument("--parts", default="build,search,http,quality,rebuild")
    parser.add_argument("--systems", default=",".join(NEEDS))
    parser.add_argument("--articles", type=int, default=1_500, help="that are really embedded")
    parser.add_argument("--searched", type=int, default=100_000, help="articles that are searched")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rebuilt", type=int, default=3_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each stream of requests")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
