"""Ranking against other systems in one harness: the same articles, model, queries and measures.

    python -m benchmarks.peers --txtai /path/to/python-with-txtai [--collections fnc1,cranfield,allsides]

Rows: our words alone, one vector an article (its first passage, as much as the model reads), plain
reciprocal ranks of words and best passage, txtai's own three kinds of search, and our default. txtai gets
our vectors of each article's first passage: the model is the same, so what differs is how it ranks.
Needs the indexes that ``benchmarks/quality.py`` builds; txtai is left out where no interpreter is given.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablations.search import WORK, Remembered
from benchmarks.corpora import Corpus, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Filter, Mode
from semsearch.encoder.protocol import Vectors
from semsearch.engine import Engine
from semsearch.evaluation import Run, compare, evaluate, mean_interval, read_run, run_queries
from semsearch.query import parse_query
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest

MEASURE = "nDCG@10"
DEPTH = 100
RECIPROCAL = 60.0  # Cormack et al. 2009
TXTAI = Path(__file__).with_name("peers_txtai.py")

Ask = Callable[[str], list[tuple[str, float]]]


def main() -> None:
    """Measure every system on every collection asked for; print a table and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", default="fnc1,cranfield,allsides")
    parser.add_argument("--indexes", type=Path, default=WORK)
    parser.add_argument("--txtai", type=Path, help="an interpreter that has txtai")
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in asked.collections.split(","):
        for row in measure(load(name), asked.indexes, asked.txtai):
            rows.append(row)
            low, high = row["interval"]
            print(
                f"| {name} | {row['system']} | {row[MEASURE]:.3f} ({low:.3f} to {high:.3f}) "
                f"| {row['difference']:+.3f} | {row['p']:.4f} |",
                flush=True,
            )
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / "peers.json").write_text(json.dumps(rows, indent=1) + "\n")


def measure(corpus: Corpus, indexes: Path, txtai: Path | None) -> Iterator[dict[str, Any]]:
    """One row a system: its mean with a 95% interval, and our default's lead over it with its p."""
    engine = opened(corpus.name, indexes)
    encoder = Remembered(engine.encoder)
    searcher = Searcher(engine.index, encoder, engine.settings.search)
    runs = {f"ours, {mode}": run_queries(_asking(searcher, mode), corpus.queries) for mode in _MODES}
    ids, vectors = first_passages(engine)
    runs["one vector an article"] = run_queries(_nearest(encoder, ids, vectors), corpus.queries)
    runs["plain reciprocal ranks"] = reciprocal(runs["ours, lexical"], runs["ours, semantic"])
    if txtai is not None:
        runs |= txtai_runs(engine, corpus, encoder, txtai)
    best = evaluate(runs["ours, hybrid"], corpus.qrels, [MEASURE])
    for system, run in runs.items():
        found = evaluate(run, corpus.qrels, [MEASURE])
        paired = compare(found, best, MEASURE)
        yield {
            "collection": corpus.name,
            "system": system,
            "queries": found.queries,
            MEASURE: round(found.means[MEASURE], 4),
            "interval": [round(end, 4) for end in mean_interval(list(found.per_query[MEASURE].values()))],
            "difference": round(paired.difference, 4),
            "p": round(paired.p_value, 5),
        }
    engine.close()


_MODES: tuple[Mode, ...] = ("lexical", "semantic", "hybrid")


def _asking(searcher: Searcher, mode: Mode) -> Ask:
    def ask(text: str) -> list[tuple[str, float]]:
        hits = searcher.search(SearchRequest(query=text, mode=mode, limit=DEPTH)).hits
        return [(hit.article.id, hit.score) for hit in hits]

    return ask


def _nearest(encoder: Remembered, ids: Sequence[str], vectors: Vectors) -> Ask:
    def ask(text: str) -> list[tuple[str, float]]:
        scores = vectors @ encoder.encode_queries([parse_query(text).text])[0]
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        return [(ids[place], float(scores[place])) for place in best]

    return ask


def first_passages(engine: Engine) -> tuple[list[str], Vectors]:
    """The id and the unit vector of every article's first passage, shape (articles, dimension)."""
    with engine.index.snapshot() as snapshot:
        rows = snapshot.matching(Filter())
        vectors = np.stack([snapshot.passage_vectors(int(row))[0] for row in rows]).astype(np.float32)
        return snapshot.ids(rows), vectors


def reciprocal(*runs: Run) -> Run:
    """Plain reciprocal rank fusion."""
    fused: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for run in runs:
        for query, ranked in run.results.items():
            for rank, (article, _) in enumerate(ranked, 1):
                fused[query][article] += 1.0 / (RECIPROCAL + rank)
    return Run.from_scores(fused)


def txtai_runs(engine: Engine, corpus: Corpus, encoder: Remembered, python: Path) -> dict[str, Run]:
    """Runs of txtai over the same articles, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="semsearch-txtai-") as name:
        folder = Path(name)
        ids, vectors = first_passages(engine)
        articles = {one.id: f"{one.title}\n{one.body}" for one in engine.live_articles()}
        _write(folder / "articles.jsonl", [(one, articles[one]) for one in ids])
        _write(folder / "queries.jsonl", [(query.id, query.text) for query in corpus.queries])
        asked = np.stack([encoder.encode_queries([query.text])[0] for query in corpus.queries])
        np.savez(folder / "vectors.npz", articles=vectors, queries=asked.astype(np.float32))
        subprocess.run([str(python), str(TXTAI), str(folder)], check=True)
        return {
            f"txtai, {kind}": read_run(folder / f"txtai-{kind}.trec") for kind in ("bm25", "dense", "hybrid")
        }


def _write(path: Path, texts: Sequence[tuple[str, str]]) -> None:
    lines = [json.dumps({"id": name, "text": text}) for name, text in texts]
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
