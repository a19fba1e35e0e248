"""From nothing to an answer: help, the first search of a fresh process, a service that answers.

    python -m benchmarks.startup --peers-python PYTHON [--rounds 5] [--searched 100000]

Needs the indexes that ``python -m benchmarks.speed --parts search`` makes. All take turns; every figure is a
median over the rounds of wall time and of processor time (children included). Figures go to
benchmarks/results/startup.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.encoder import processor
from benchmarks.quality import revision
from benchmarks.speed import HOME
from benchmarks.speed_data import model_folder
from benchmarks.speed_http import START_SECONDS, answers, free_port, server_command
from benchmarks.speed_turns import Place, environment, processor_seconds

RESULTS = Path(__file__).resolve().parent / "results" / "startup.json"
QUERY = "court rules on voting rights"
TXTAI = """
import sys
from txtai import Embeddings
embeddings = Embeddings()
embeddings.load(sys.argv[1])
print(embeddings.search(sys.argv[2], 10))
"""
PLAIN = """
import sys, faiss, json
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[2], device="cpu", local_files_only=True)
index = faiss.read_index(sys.argv[1] + "/vectors.faiss")
ids = [json.loads(line)["id"] for line in open(sys.argv[1] + "/articles.jsonl", encoding="utf-8")]
scores, rows = index.search(model.encode([sys.argv[3]], normalize_embeddings=True), 10)
print([ids[row] for row in rows[0]])
"""
Taken = tuple[float, float]  # wall and processor seconds


def main() -> None:
    """Measure in turns, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-python", type=Path, help="an interpreter with txtai[api]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--searched", type=int, default=100_000, help="articles in the indexes")
    asked = parser.parse_args()
    ways = _ways(HOME / f"search-{asked.searched}", asked.peers_python)
    taken: dict[str, list[Taken]] = {name: [] for name in ways}
    for _ in range(asked.rounds + 1):  # the first round warms the disk's cache
        for name, way in ways.items():
            taken[name].append(way())
    found: dict[str, Any] = {
        name: {
            "seconds": round(statistics.median(wall for wall, _ in rounds[1:]), 2),
            "processor_seconds": round(statistics.median(used for _, used in rounds[1:]), 2),
        }
        for name, rounds in taken.items()
    }
    figures = {"articles": asked.searched, "revision": revision(), "processor": processor(), "ways": found}
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def _ways(folder: Path, peers: Path | None) -> dict[str, Callable[[], Taken]]:
    ours = Place("semsearch", Path(sys.executable), folder / "semsearch")
    script = str(Path(sys.executable).with_name("semsearch"))
    search = [script, "search", QUERY, "--indexes", str(ours.folder), "--index", "speed"]
    plain = folder / "sentence-transformers-and-faiss"
    ways: dict[str, Callable[[], Taken]] = {
        "an empty Python": lambda: _run([sys.executable, "-c", "pass"]),
        "import torch": lambda: _run([sys.executable, "-c", "import torch"]),
        "semsearch --help": lambda: _run([script, "--help"]),
        "first search, semsearch": lambda: _run(search),
        "service answers, semsearch": lambda: _serve(ours),
    }
    if plain.exists():
        ways["first search, script of sentence-transformers and FAISS"] = lambda: _run(
            [sys.executable, "-c", PLAIN, str(plain), str(model_folder()), QUERY]
        )
    if peers is not None:
        txtai = Place("txtai", peers, folder / "txtai")
        index = str(txtai.folder / "index")
        ways["first search, txtai"] = lambda: _run([str(peers), "-c", TXTAI, index, QUERY])
        ways["service answers, txtai"] = lambda: _serve(txtai)
    return ways


def _run(command: list[str]) -> Taken:
    before, begun = _children_seconds(), time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(command, env=environment({}), stdout=quiet, stderr=quiet, check=True)
    return time.perf_counter() - begun, _children_seconds() - before


def _serve(place: Place) -> Taken:
    """Until the first search is answered."""
    port, quiet = free_port(), subprocess.DEVNULL
    command, prefix, environ = server_command(place, port)
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environment(environ), stdout=quiet, stderr=quiet) as process:
        try:
            while not answers(port, prefix + "news"):
                if process.poll() is not None or time.perf_counter() - begun > START_SECONDS:
                    raise SystemExit(f"{' '.join(command)} does not answer")
                time.sleep(0.02)
            return time.perf_counter() - begun, processor_seconds(process.pid)
        finally:
            process.terminate()


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
