"""How a whole index grows with its articles: build, memory, disk, opening, searches and live changes.

    python -m benchmarks.growth [--sizes 1000,10000,100000] [--queries 200]
    python -m benchmarks.growth --model --sizes 1000       # the packaged model instead of hashed words

Articles are spread over ../shared/data/scale, half of which are headlines only; queries are titles of others.
Vectors come from hashed words: what a model costs an article does not change with the number of articles,
and is measured elsewhere. Building and asking run in processes of their own, so that memory is told apart.
Times are wall and processor time of everything in the process, which has one thread to compute with; other
work on the machine disturbs the second less. Figures go to benchmarks/results/growth.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import DATA, WORK
from benchmarks.memory import memory_mb
from semsearch.articles import Article, Mode
from semsearch.encoder.protocol import Encoder, EncoderInfo, Vectors
from semsearch.engine import Engine
from semsearch.indexing.progress import Progress
from semsearch.search.types import SearchRequest
from semsearch.settings import load_settings

RESULTS = Path(__file__).resolve().parent / "results" / "growth.json"
SOURCE = DATA / "scale" / "articles.jsonl.gz"
ARTICLES = 122_000  # that the collection has
MODES: tuple[Mode, ...] = ("hybrid", "semantic", "lexical")
CHANGES = 20
PARTS = {"vectors": "vectors.*", "lexical": "lexical/*", "store": "store.db*", "others": "*.npz"}

Figures = dict[str, Any]


class Timed:
    """An encoder that counts what it encodes and the processor time that this takes."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.passages = 0
        self.seconds = 0.0

    @property
    def info(self) -> EncoderInfo:
        """That of the encoder."""
        return self._encoder.info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Those of the encoder."""
        return self._timed(lambda: self._encoder.encode_queries(texts))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Those of the encoder."""
        self.passages += len(texts)
        return self._timed(lambda: self._encoder.encode_passages(texts))

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Those of the encoder; not counted, as cutting is not encoding."""
        return self._encoder.token_spans(texts)

    def _timed(self, encode: Callable[[], Vectors]) -> Vectors:
        begun = time.thread_time()
        try:
            return encode()
        finally:
            self.seconds += time.thread_time() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size; returns the exit code."""
    options = _options(arguments)
    if options.step:
        measure = _build if options.step == "build" else _ask
        print(json.dumps(measure(options.folder, options.sizes[0], options)))
        return 0
    results: list[Figures] = []
    for size in options.sizes:
        folder = WORK / f"growth-{size}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            figures: Figures = {"articles": size, "encoder": "model" if options.model else "hashed words"}
            for step in ("build", "ask"):
                figures |= _apart(step, folder, size, options)
            results.append(figures)
            _save(figures)  # at once: the next may take long
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(_table(results))
    return 0


def _apart(step: str, folder: Path, size: int, options: argparse.Namespace) -> Figures:
    command = [sys.executable, "-m", "benchmarks.growth", "--step", step, "--folder", str(folder)]
    command += ["--sizes", str(size), "--queries", str(options.queries), *(["--model"] * options.model)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | threads)
    print(f"{size:,} articles, {step}: {run.stdout.strip()}", file=sys.stderr)
    told: Figures = json.loads(run.stdout)
    return told


def _engine(folder: Path, options: argparse.Namespace) -> tuple[Engine, Timed]:
    """The engine of a size with its encoder."""
    settings = load_settings(environ={}, indexes=folder, index="growth")
    if options.model:
        encoder = Timed(Engine(settings).encoder)
    else:
        from tests.fakes import HashingEncoder

        encoder = Timed(HashingEncoder(384, max_tokens=256))
    return Engine(settings, encoder=encoder), encoder


def _build(folder: Path, size: int, options: argparse.Namespace) -> Figures:
    articles = folder / "articles.jsonl"
    with articles.open("w", encoding="utf-8") as file:
        file.writelines(islice(_lines(0, ARTICLES // size), size))
    stages: dict[str, float] = {}

    def told(progress: Progress) -> None:
        stages[progress.stage] = progress.seconds

    engine, encoder = _engine(folder, options)
    begun = time.perf_counter(), time.process_time()
    report = engine.build([str(articles)], on_progress=told)
    wall, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
    engine.close()
    generation = engine.folder.generation_path(report.generation)
    return {
        "indexed": report.articles,
        "passages": report.passages,
        "build_seconds": wall,
        "build_processor_seconds": processor,
        "encoding_processor_seconds": encoder.seconds,
        "stage_seconds": stages,
        "build_peak_mb": memory_mb("VmHWM"),
        "text_mb": articles.stat().st_size / 1e6,
        "disk_mb": {
            part: sum(one.stat().st_size for one in generation.glob(pattern)) / 1e6
            for part, pattern in PARTS.items()
        },
    }


def _lines(first: int, step: int) -> Iterator[str]:
    with gzip.open(SOURCE, "rt", encoding="utf-8") as lines:
        yield from islice(lines, first, None, step)


def _titles(count: int, step: int) -> list[str]:
    """Titles of articles that lie between those of the index, as far as there are any between."""
    titles = (json.loads(line).get("title") or "" for line in _lines(max(1, step // 2), ARTICLES // count))
    return [title for title in titles if title][:count]


def _ask(folder: Path, size: int, options: argparse.Namespace) -> Figures:
    engine, encoder = _engine(folder, options)
    begun = time.perf_counter(), time.process_time()
    engine.warm()
    figures: Figures = {
        "open_seconds": time.perf_counter() - begun[0],
        "open_processor_seconds": time.process_time() - begun[1],
    }
    titles = _titles(options.queries, ARTICLES // size)
    figures["search"] = {mode: _times(partial(_search, engine, mode), titles) for mode in MODES}
    figures["kind"] = _kind(engine)
    figures |= {"search_peak_mb": memory_mb("VmHWM"), "search_own_mb": memory_mb("RssAnon")}
    first, *added = _new_articles(CHANGES + 1)
    engine.add_articles([first])  # loads what changing takes
    encoder.seconds = 0.0
    figures["change"] = _times(lambda article: engine.add_articles([article]), added, warm=False)
    figures["change"]["encoding_ms"] = encoder.seconds * 1e3 / len(added)
    engine.close()
    return figures


def _new_articles(count: int) -> list[Article]:
    """Articles under ids that no index has."""
    told = [json.loads(line) for line in islice(_lines(3, 7), count)]
    return [Article(f"new-{one['id']}", one.get("title") or "", one.get("body") or "") for one in told]


def _search(engine: Engine, mode: Mode, title: str) -> None:
    engine.searcher.search(SearchRequest(query=title, mode=mode))


def _kind(engine: Engine) -> str:
    """Of the vector index that was built."""
    path = engine.folder.generation_path(engine.folder.current())
    kind: str = json.loads((path / "vectors.json").read_text(encoding="utf-8"))["kind"]
    return kind


def _times(call: Callable[[Any], object], given: Sequence[Any], *, warm: bool = True) -> Figures:
    """Percentiles of a call's time over all that is given, after a round that warms the caches."""
    wall, processor = [], []
    for one in given if warm else ():
        call(one)
    for one in given:
        begun = time.perf_counter(), time.process_time()
        call(one)
        wall.append((time.perf_counter() - begun[0]) * 1e3)
        processor.append((time.process_time() - begun[1]) * 1e3)
    return {
        f"{name}_p{share}": float(np.percentile(values, share))
        for name, values in (("ms", wall), ("processor_ms", processor))
        for share in (50, 99)
    }


def _save(figures: Figures) -> None:
    """Put these figures in the place of older ones of the same size and encoder."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    kept = {(one["encoder"], one["articles"]): one for one in [*known, figures]}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([kept[key] for key in sorted(kept)], indent=1) + "\n", encoding="utf-8")


def _table(results: Sequence[Figures]) -> str:
    head = ("articles", "passages", "build s", "MB memory", "MB disk", "open s", *MODES, "change")
    lines = [f"| {' | '.join(head)} |", "|" + " --: |" * len(head)]
    for one in results:
        asked = [*(one["search"][mode] for mode in MODES), one["change"]]
        times = " | ".join(
            f"{found['processor_ms_p50']:.1f}, {found['processor_ms_p99']:.1f}" for found in asked
        )
        lines.append(
            f"| {one['indexed']:,} | {one['passages']:,} | {one['build_processor_seconds']:.1f} "
            f"| {one['build_peak_mb']} / {one['search_peak_mb']} | {sum(one['disk_mb'].values()):.0f} "
            f"| {one['open_processor_seconds']:.2f} | {times} |"
        )
    return "\n".join(lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="growth", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", type=_numbers, default=[1_000, 10_000, 100_000], help="articles")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--model", action="store_true", help="the packaged model (slow)")
    parser.add_argument("--step", choices=["build", "ask"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _numbers(value: str) -> list[int]:
    return [int(number) for number in value.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
