"""How good are the searches: nDCG@10, recall@100 and MRR by collection and mode, with intervals.

    python benchmarks/quality.py [--collections fnc1,cranfield,allsides] [--modes hybrid] [--limit 1000]

Builds an index of each collection (under benchmarks/.work; used again while the code that builds is the
same), asks every judged query as a reader would type it, prints a table, and saves the figures under
benchmarks/results and the runs, for ``semsearch eval compare``, under benchmarks/.work/runs.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, as a module, or from tests

from benchmarks.corpora import ROOT, WORK, Corpus, engine_for, load
from semsearch.articles import Mode
from semsearch.engine import Engine
from semsearch.errors import SemsearchError
from semsearch.evaluation import Evaluation, Run, evaluate, mean_interval, run_queries, write_run
from semsearch.indexing.progress import Progress
from semsearch.search.types import SearchRequest

MEASURES = ("nDCG@10", "recall@100", "MRR")
COLLECTIONS = ("fnc1", "cranfield", "allsides")
RESULTS = Path(__file__).resolve().parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the collections named; returns the exit code."""
    options = _options(arguments)
    named = "quality" if options.limit is None else f"quality-{options.limit}"
    path = RESULTS / f"{named}-{revision()}.json"
    path.parent.mkdir(exist_ok=True)
    rows: list[dict[str, Any]] = []
    try:
        for name in options.collections:
            for row in measure(load(name, options.limit), options.modes, options.threads):
                rows.append(row)
                # Saved at once: a long measurement that is stopped leaves what it found.
                path.write_text(
                    json.dumps({"python": platform.python_version(), "rows": rows}, indent=1) + "\n"
                )
                print(f"{row['collection']} {row['mode']}: nDCG@10 {row['nDCG@10'][0]}", file=sys.stderr)
    except (FileNotFoundError, SemsearchError) as exc:
        print(f"quality: {exc}", file=sys.stderr)
        return 1
    print(table(rows))
    print(f"saved {path.relative_to(ROOT)}", file=sys.stderr)
    return 0


def measure(corpus: Corpus, modes: Sequence[Mode], threads: int = 0) -> Iterator[dict[str, Any]]:
    """One row of figures for each mode over one collection.

    The times are those of the engine as it is installed, with the encoding of the query; on a machine
    that does other work they say little.
    """
    if not corpus.qrels:
        raise FileNotFoundError(
            f"collection '{corpus.name}' has no judged queries; give one of {COLLECTIONS}"
        )
    engine = engine_for(corpus, threads=threads, on_progress=Said(f"{corpus.name}: building"))
    try:
        status = engine.status()
        engine.warm()
        facts = {"collection": corpus.name, "articles": status.articles, "passages": status.passages}
        for mode in modes:
            yield facts | {"encoder": status.encoder.name} | measure_mode(engine, corpus, mode)
    finally:
        engine.close()


def measure_mode(engine: Engine, corpus: Corpus, mode: Mode) -> dict[str, Any]:
    """The figures of one mode: means, their 95% intervals, and the time of a search."""
    run, seconds = ask(engine, corpus, mode)
    runs = WORK / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    write_run(run, runs / f"{corpus.name}-{mode}.trec")
    found = evaluate(run, corpus.qrels, MEASURES)
    return {
        "mode": mode,
        "queries": found.queries,
        "judged_at_10": round(found.judged_at_10, 4),
        "milliseconds": round(1000 * statistics.median(seconds), 1),
        **{name: figures(found, name) for name in MEASURES},
    }


def ask(engine: Engine, corpus: Corpus, mode: Mode) -> tuple[Run, list[float]]:
    """The first hundred hits of each query, and how long each search took."""
    seconds: list[float] = []

    def search(text: str) -> list[tuple[str, float]]:
        begun = time.perf_counter()
        hits = engine.searcher.search(SearchRequest(query=text, mode=mode, limit=100)).hits
        seconds.append(time.perf_counter() - begun)
        return [(hit.article.id, hit.score) for hit in hits]

    said = Said(f"{corpus.name}: {mode}").tell
    return run_queries(search, corpus.queries, name=f"semsearch-{mode}", on_progress=said), seconds


def figures(found: Evaluation, name: str) -> list[float]:
    """Mean, low and high end of its 95% interval."""
    values = list(found.per_query[name].values())
    return [round(value, 4) for value in (found.means[name], *mean_interval(values))]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| collection | articles | queries | mode | " + " | ".join(MEASURES) + " | judged@10 | ms a query |",
        "| --- | --: | --: | --- |" + " --: |" * (len(MEASURES) + 2),
    ]
    for row in rows:
        cells = [
            f"{mean:.3f} ({low:.3f} to {high:.3f})" for mean, low, high in (row[name] for name in MEASURES)
        ]
        lines.append(
            f"| {row['collection']} | {row['articles']:,} | {row['queries']:,} | {row['mode']} | "
            f"{' | '.join(cells)} | {row['judged_at_10']:.2f} | {row['milliseconds']:.0f} |"
        )
    return "\n".join(lines)


def revision() -> str:
    """The short hash of the commit measured; ``-changed`` follows where the sources are not that commit's."""
    made = _git("describe", "--always", "--exclude=*", "--abbrev=7")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "src")
    return (made or "unknown") + ("-changed" if changed else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


class Said:
    """Tells of progress on standard error, a line every ten seconds at most."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._next = time.monotonic() + 10

    def __call__(self, progress: Progress) -> None:
        """Hear a stage of a build."""
        self.tell(progress.done, progress.total)

    def tell(self, done: int, total: int | None) -> None:
        """Hear how far it is."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 10
            print(f"{self._what}: {done:,} of {total if total is None else f'{total:,}'}", file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quality", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--collections", type=_names, default=list(COLLECTIONS), help="names, with commas between"
    )
    parser.add_argument(
        "--modes", type=_names, default=list(get_args(Mode)), help="names, with commas between"
    )
    parser.add_argument("--limit", type=int, help="measure a slice of so many articles of each collection")
    parser.add_argument("--threads", type=int, default=0, help="of the encoder; 1 where the machine is busy")
    options = parser.parse_args(arguments)
    for mode in options.modes:
        if mode not in get_args(Mode):
            parser.error(f"mode '{mode}' is not known; give {', '.join(get_args(Mode))}")
    return options


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


if __name__ == "__main__":
    raise SystemExit(main())
