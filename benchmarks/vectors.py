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
import resource
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
from benchmarks.vectors_data import QUERIES, Rows, Synthesis, Vectors, real_sample
from semsearch.index.vectors import VectorIndex, build_vectors

RESULTS = Path(__file__).resolve().parent / "results" / "vectors.json"
LIMIT = 10
RANDOM_SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0.0001)
SUBJECT_SHARES = (0.5, 0.1, 0.02, 0.002)  # all articles of the stories nearest to some other subject
EXACT_MOST = 1_000_000  # passages: beyond, a full scan a query shows nothing new

Masks = dict[str, npt.NDArray[np.bool_] | None]
Search = Callable[[Vectors, npt.NDArray[np.bool_] | None], Rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and kind; returns the exit code."""
    options = _options(arguments)
    if options.build:
        return _build(Path(options.build), options.kinds[0])
    sample = real_sample(options.sample)
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
    truth, masks = _draw(folder, size, sample[:-QUERIES], queries)
    for kind in options.kinds:
        if kind == "exact" and size > EXACT_MOST:
            continue
        print(f"{size:,} passages: building {kind}", file=sys.stderr)
        built = folder / kind
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir()
        figures = _built_apart(built)
        rows = np.load(folder / "rows.npy")
        started = time.perf_counter()
        index = VectorIndex.open(built, dimension=sample.shape[1], passage_rows=rows)
        figures |= {"open_seconds": time.perf_counter() - started}

        figures |= {"filters": _ask(_searching(index), queries, truth, masks)}
        yield {"kind": kind, "passages": size, "articles": int(rows[-1]) + 1} | figures
    if options.graph:
        yield _graph(folder, size, queries, truth)


def _searching(index: VectorIndex) -> Search:
    def search(query: Vectors, allowed: npt.NDArray[np.bool_] | None) -> Rows:
        return index.best_rows(query, LIMIT, allowed_rows=allowed).rows

    return search


def _draw(folder: Path, size: int, sample: Vectors, queries: Vectors) -> tuple[dict[str, Rows], Masks]:
    """Write the vectors and rows; returns the true best articles by filter, and the filters."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors = np.lib.format.open_memmap(folder / "raw.npy", "w+", "<f4", (size, sample.shape[1]))
    rows, stories, bests = [], [], []
    start = articles = 0
    synthesis = Synthesis(sample)
    for block, local, told in synthesis.blocks(size):
        vectors[start : start + len(block)] = block
        firsts = np.flatnonzero(np.diff(local, prepend=-1))
        bests.append(np.maximum.reduceat(queries @ block.T, firsts, axis=1))
        rows.append(local + articles)
        stories.append(told)
        start, articles = start + len(block), articles + len(told)
    vectors.flush()
    np.save(folder / "rows.npy", np.concatenate(rows))
    masks = _masks(np.concatenate(stories), synthesis.stories)
    best = np.concatenate(bests, axis=1)
    truth: dict[str, Rows] = {}
    for name, mask in masks.items():
        kept = best if mask is None else np.where(mask, best, np.float32(-2))
        count = min(LIMIT, articles if mask is None else int(mask.sum()))
        if count:
            truth[name] = np.argpartition(-kept, count - 1, axis=1)[:, :count]
        else:
            truth[name] = np.empty((len(queries), 0), np.int64)
    return truth, masks


def _masks(stories: Rows, centres: Vectors) -> Masks:
    draw = np.random.default_rng(3)
    masks: Masks = {"none": None, "1% deleted": draw.random(len(stories)) >= 0.01}
    for share in RANDOM_SHARES:
        masks[f"random {share:.2%}"] = draw.random(len(stories)) < share
    for share in SUBJECT_SHARES:
        nearness = (centres @ centres[draw.integers(len(centres))])[stories]
        masks[f"subject {share:.1%}"] = nearness >= np.quantile(nearness, 1 - share)
    return masks


def _ask(search: Search, queries: Vectors, truth: dict[str, Rows], masks: Masks) -> list[dict[str, Any]]:
    """Recall and times of all queries under each filter, after one round that warms the caches."""
    figures = []
    for name, mask in masks.items():
        recalls, wall, processor = [], [], []
        for warm in (True, False):
            for query, expected in zip(queries, truth[name], strict=True):
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


def _built_apart(folder: Path) -> dict[str, Any]:
    """Build in another process, so that its memory can be told from ours."""
    command = [sys.executable, __file__, "--build", str(folder), "--kinds", folder.name]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
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
        on_progress=lambda _done, _total: own.append(_own_mb()),
    )
    print(
        json.dumps(
            {
                "build_seconds": time.perf_counter() - began[0],
                "build_processor_seconds": time.process_time() - began[1],
                "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "build_own_mb": max(own),  # without pages of files, which the system takes back at need
                "bytes_a_passage": stats.bytes / max(1, stats.passages),
            }
        )
    )
    return 0


def _own_mb() -> int:
    """Memory of this process that no file backs; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return int(told["RssAnon"].split()[0]) // 1024


def _graph(folder: Path, size: int, queries: Vectors, truth: dict[str, Rows]) -> dict[str, Any]:
    """The rival: a graph over bytes (M 16, 100 to build, 256 to search), passages aggregated after."""
    import faiss

    vectors = np.load(folder / "raw.npy", mmap_mode="r")
    rows = np.load(folder / "rows.npy")
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
        found = rows[graph.search(query[None], 128)[1][0]]
        firsts = np.sort(np.unique(found, return_index=True)[1])
        best: Rows = found[firsts][:LIMIT]
        return best

    faiss.omp_set_num_threads(1)
    asked = _ask(search, queries, truth, {"none": None})
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
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--sample", type=Path, help="real embeddings made before (.npy)")
    parser.add_argument("--graph", action="store_true", help="measure a graph too (slow to build)")
    parser.add_argument("--keep", action="store_true", help="leave the vectors and indexes on disk")
    parser.add_argument("--build", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _numbers(value: str) -> list[int]:
    return [int(number) for number in value.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
