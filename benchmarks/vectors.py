"""How the vector index grows: build, memory, disk, recall and time a query, by size, kind and filter.

    python benchmarks/vectors.py [--sizes 100000,1000000,5000000] [--kinds exact,lists] [--queries 60]

Draws vectors around real embeddings (see vectors_data.py), keeps them on disk under benchmarks/.work (1.5 KB
a passage, removed afterwards), builds each kind in a process of its own, and asks real queries that the
vectors were not drawn from. Recall@10 is held against float32 brute force over all passages. Times are of
one thread: wall, and processor time, which other work on the machine disturbs less. ``--graph`` adds FAISS's
HNSW graph over bytes as a rival. Figures go to benchmarks/results/vectors.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file or as a module

from benchmarks.corpora import WORK
from benchmarks.memory import memory_mb
from benchmarks.vectors_data import QUERIES, Drawn, Rows, Vectors, drawn, real_sample
from semsearch.index.vectors import VectorIndex, build_vectors

RESULTS = Path(__file__).resolve().parent / "results" / "vectors.json"
FIGURES = "figures.json"  # of the build, beside what was built
LIMIT = 10
EXACT_MOST = 1_000_000  # passages: beyond, a full scan a query shows nothing new

Search = Callable[[Vectors, npt.NDArray[np.bool_] | None], Rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and kind; returns the exit code."""
    options = _options(arguments)
    if options.build:
        return _build(Path(options.build), options.kinds[0])
    sample = real_sample(options.sample)
    if options.ask:
        return _ask_all(Path(options.ask), options.sizes[0], sample, options.queries)
    results: list[dict[str, Any]] = []
    for size in options.sizes:
        folder = WORK / f"vectors-{size}"
        try:
            for one in _measure_size(folder, size, sample, options):
                results.append(one)
                _save(results)  # at once: the next may take an hour
        finally:
            if not options.keep:
                shutil.rmtree(folder, ignore_errors=True)
    print(_table(results))
    return 0


def _measure_size(
    folder: Path, size: int, sample: Vectors, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    queries = sample[-QUERIES:][: options.queries]
    print(f"{size:,} passages: drawing", file=sys.stderr)
    data = drawn(folder, size, sample[:-QUERIES], queries, LIMIT)
    for kind in options.kinds:
        if kind == "exact" and size > EXACT_MOST:
            continue
        built = folder / kind
        if not (options.keep and (built / FIGURES).exists()):
            print(f"{size:,} passages: building {kind}", file=sys.stderr)
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir()
            (built / FIGURES).write_text(_apart("--build", built, "--kinds", kind))
        figures = json.loads((built / FIGURES).read_text())
        given = [] if options.sample is None else ["--sample", options.sample]
        asked = ["--ask", built, "--sizes", size, "--queries", options.queries, *given]
        figures |= json.loads(_apart(*asked))
        yield {"kind": kind, "passages": size, "articles": data.articles} | figures
    if options.graph:
        yield _graph(folder, size, queries, data)


def _apart(*arguments: object) -> str:
    """What this program prints in a process of its own, so that its memory can be told from ours."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _ask_all(folder: Path, size: int, sample: Vectors, count: int) -> int:
    queries = sample[-QUERIES:][:count].copy()
    data = drawn(folder.parent, size, sample[:-QUERIES], queries, LIMIT)
    started = time.perf_counter()
    index = VectorIndex.open(folder, dimension=sample.shape[1], passage_rows=data.rows)
    figures: dict[str, Any] = {"open_seconds": time.perf_counter() - started}
    figures |= {"filters": _ask(_searching(index), queries, data)}
    figures |= {"search_peak_mb": memory_mb("VmHWM"), "search_own_mb": memory_mb("RssAnon")}
    print(json.dumps(figures))
    return 0


def _searching(index: VectorIndex) -> Search:
    def search(query: Vectors, allowed: npt.NDArray[np.bool_] | None) -> Rows:
        return index.best_rows(query, LIMIT, allowed_rows=allowed).rows

    return search


def _ask(
    search: Search, queries: Vectors, data: Drawn, filters: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Recall and times of all queries under each filter, after one round that warms the caches."""
    figures = []
    for name, mask in data.masks.items():
        if filters is not None and name not in filters:
            continue
        recalls, wall, processor = [], [], []
        for warm in (True, False):
            for query, expected in zip(queries, data.truth[name], strict=True):
                began = time.perf_counter(), time.thread_time()
                found = search(query, mask)
                if warm:
                    continue
                wall.append((time.perf_counter() - began[0]) * 1e3)
                processor.append((time.thread_time() - began[1]) * 1e3)
                recalls.append(float(np.isin(expected, found).mean()) if len(expected) else 1.0)
        figures.append(
            {
                "filter": name,
                "recall": float(np.mean(recalls)),
                "ms_p50": float(np.percentile(wall, 50)),
                "ms_p99": float(np.percentile(wall, 99)),
                "processor_ms_p50": float(np.percentile(processor, 50)),
            }
        )
        print(json.dumps(figures[-1]), file=sys.stderr)
    return figures


def _build(folder: Path, kind: str) -> int:
    vectors = np.load(folder.parent / "raw.npy", mmap_mode="r")
    rows = np.load(folder.parent / "rows.npy")
    began = time.perf_counter(), time.process_time()
    own: list[int] = [0]
    stats = build_vectors(
        folder,
        vectors,
        passage_rows=rows,
        kind=kind,  # type: ignore[arg-type]
        on_progress=lambda _done, _total: own.append(memory_mb("RssAnon")),
    )
    print(
        json.dumps(
            {
                "build_seconds": time.perf_counter() - began[0],
                "build_processor_seconds": time.process_time() - began[1],
                "build_peak_mb": memory_mb("VmHWM"),  # with pages of files that were mapped
                "build_own_mb": max(own),  # without pages of files, which the system takes back at need
                "bytes_a_passage": stats.bytes / max(1, stats.passages),
            }
        )
    )
    return 0


def _graph(folder: Path, size: int, queries: Vectors, data: Drawn) -> dict[str, Any]:
    """The rival: a graph over bytes (M 16, 100 to build, 256 to search), passages aggregated after."""
    import faiss

    vectors = np.load(folder / "raw.npy", mmap_mode="r")
    graph: Any = faiss.index_factory(vectors.shape[1], "HNSW16_SQ8", faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction, graph.hnsw.efSearch = 100, 256
    began = time.perf_counter(), time.process_time()
    graph.train(np.ascontiguousarray(vectors[:100_000]))
    for start in range(0, size, 50_000):
        graph.add(np.ascontiguousarray(vectors[start : start + 50_000]))
    figures = {
        "build_seconds": time.perf_counter() - began[0],
        "build_processor_seconds": time.process_time() - began[1],
    }

    def search(query: Vectors, _allowed: npt.NDArray[np.bool_] | None) -> Rows:
        found = data.rows[graph.search(query[None], 128)[1][0]]
        firsts = np.sort(np.unique(found, return_index=True)[1])
        best: Rows = found[firsts][:LIMIT]
        return best

    faiss.omp_set_num_threads(1)
    asked = _ask(search, queries, data, ["none"])
    return {"kind": "graph (FAISS)", "passages": size, "filters": asked} | figures


def _save(results: list[dict[str, Any]]) -> None:
    """Put these results in the place of older ones of the same size and kind."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(RESULTS.read_text(encoding="utf-8"))["results"] if RESULTS.exists() else []
    kept = {(one["passages"], one["kind"]): one for one in known + results}
    machine = {"machine": platform.machine(), "python": platform.python_version()}
    ordered = [kept[key] for key in sorted(kept)]
    RESULTS.write_text(json.dumps(machine | {"results": ordered}, indent=1) + "\n", encoding="utf-8")


def _table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| passages | kind | build s | bytes | filter | recall@10 | p50 ms | p99 ms | processor ms |",
        "| --: | --- | --: | --: | --- | --: | --: | --: | --: |",
    ]
    for one in results:
        for asked in one["filters"]:
            lines.append(
                f"| {one['passages']:,} | {one['kind']} | {one['build_seconds']:.0f} "
                f"| {one.get('bytes_a_passage', 0):.0f} | {asked['filter']} | {asked['recall']:.3f} "
                f"| {asked['ms_p50']:.1f} | {asked['ms_p99']:.1f} | {asked['processor_ms_p50']:.1f} |"
            )
    return "\n".join(lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vectors", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", type=_numbers, default=[100_000, 1_000_000], help="passages")
    parser.add_argument("--kinds", type=lambda value: value.split(","), default=["exact", "lists"])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--sample", type=Path, help="real embeddings made before (.npy)")
    parser.add_argument("--graph", action="store_true", help="measure a graph too (slow to build)")
    parser.add_argument(
        "--keep", action="store_true", help="leave vectors and indexes on disk, use those that are there"
    )
    parser.add_argument("--build", help=argparse.SUPPRESS)
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _numbers(value: str) -> list[int]:
    return [int(number) for number in value.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
