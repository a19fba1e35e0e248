"""Where the time of a search goes, part by part, beside what the machine could do at best.

    python -m benchmarks.floor [--searched 100000] [--queries 300]

Over the index that ``python -m benchmarks.speed --parts search`` makes. Parts are told apart by processor
time of the one thread that searches, each without the parts within it: other work on the machine is
left out as far as it can be. The limits: for the model, its multiplications at the rate that this processor
does float32 products (8 bits may do up to four times as many); for vectors, reading every code once at the
rate of memory; for HTTP and JSON there is no such limit. Figures go to benchmarks/results/floor.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoder import floor as peak
from benchmarks.encoder import processor
from benchmarks.quality import revision
from benchmarks.speed import HOME, QUERIES_FROM
from benchmarks.speed_data import headlines, shuffled
from semsearch.encoder.onnx_backend import OnnxEncoder
from semsearch.engine import Engine
from semsearch.index.view import View
from semsearch.search import searcher
from semsearch.search.snippets import SnippetMaker
from semsearch.search.types import SearchRequest
from semsearch.service.convert import search_answer, to_json
from semsearch.settings import load_settings

RESULTS = Path(__file__).resolve().parent / "results" / "floor.json"
WARM = 300  # queries before the measured ones: words and pages that are asked for often are known then
PARTS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("encoding the query", OnnxEncoder, ("encode_queries",)),
    ("nearest vectors", View, ("vector_candidates",)),
    ("vectors of what words found, feedback", View, ("vector_scores", "passage_vectors")),
    ("best by words", View, ("lexical_candidates",)),
    ("words of what vectors found", View, ("lexical_scores", "lexical_ideal", "title_rows")),
    ("how rare the words are", View, ("document_frequency",)),
    ("articles from the store", View, ("articles", "passage_spans", "ids")),
    ("snippets", SnippetMaker, ("make",)),
    ("did you mean", searcher, ("did_you_mean",)),
)
REST = "fusion, order and the rest"
JSON = "JSON"


class Watch:
    """Milliseconds of each part of one search, each without the parts within it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def wrap(self, part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, watched."""

        def watched(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - stands for any function
            with self.part(part):
                return call(*given, **named)

        return watched

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A part, which may lie within another."""
        begun = time.thread_time()
        self._inner.append(0.0)
        try:
            yield
        finally:
            whole = 1000 * (time.thread_time() - begun)
            self.spent[name] += whole - self._inner.pop()
            self._inner[-1] += whole


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--searched", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    asked = parser.parse_args()
    folder = HOME / f"search-{asked.searched}" / "semsearch"
    engine = Engine(load_settings(environ={}, indexes=folder, index="speed"))
    engine.warm()
    engine.searcher._alone.acquire()  # a search beside another encodes its query in its own thread
    queries = headlines(shuffled()[QUERIES_FROM:], WARM + asked.queries)
    rows = _rows(engine, queries)
    figures = {
        "articles": asked.searched,
        "queries": asked.queries,
        "revision": revision(),
        "processor": processor(),
        "milliseconds": {part: round(statistics.median(times), 3) for part, times in rows.items()},
        "limits": _limits(engine, queries[WARM:]),
    }
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def _rows(engine: Engine, queries: list[str]) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = defaultdict(list)
    watch = Watch()
    for part, owner, names in PARTS:
        for name in names:
            setattr(owner, name, watch.wrap(part, getattr(owner, name)))
    for number, query in enumerate(queries):
        watch.spent.clear()
        with watch.part(REST):
            response = engine.searcher.search(SearchRequest(query=query))
        with watch.part(JSON):
            to_json(search_answer(response, request_id="0" * 32, took_ms=1.0))
        if number >= WARM:
            for part in (*(one for one, _, _ in PARTS), REST, JSON):
                rows[part].append(watch.spent[part])
            rows["all"].append(sum(watch.spent.values()))
    return rows


def _limits(engine: Engine, queries: list[str]) -> dict[str, float]:
    """Milliseconds that arithmetic or memory alone would take."""
    tokens = statistics.mean(len(spans) + 2 for spans in engine.encoder.token_spans(queries))
    work = tokens * 6 * (24 * 384**2 + 4 * 384 * tokens)
    with engine.index.snapshot() as snapshot:
        codes = snapshot.counts().passages * 384
    return {
        "tokens": round(tokens, 1),
        "encoding the query": round(1000 * work / (peak()["float32_gflops_per_core"] * 1e9), 3),
        "nearest vectors": round(1000 * codes / _bandwidth(), 3),
    }


def _bandwidth() -> float:
    """Bytes a second that one core reads."""
    block = np.ones(64 * 1024 * 1024, np.int32)
    best = float("inf")
    for _ in range(10):
        begun = time.perf_counter()
        block.sum(dtype=np.int32)
        best = min(best, time.perf_counter() - begun)
    return block.nbytes / best


if __name__ == "__main__":
    main()
