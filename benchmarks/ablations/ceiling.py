"""How far could any mixing of these parts go: the default against choices that know the answers.

    python -m benchmarks.ablations.ceiling --indexes FOLDER [--collections fnc1,cranfield]

The parts are words (BM25 as a share of the ideal score), the best passage, the first passage and the mean
of the passages. "Tuned on the answers" is the best of all mixtures with one weight each for the whole
collection, chosen on the very queries that it is measured by: no honest setting of these weights can beat
it by more than the steps of the grid. "Chosen for each query" takes the best mixture of every single
query, which is what a perfect choice of weights by query could reach.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablations.search import Remembered
from benchmarks.corpora import Corpus, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Filter
from semsearch.encoder.protocol import Vectors
from semsearch.engine import Engine
from semsearch.evaluation import Evaluation, Qrels, Run, evaluate
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest

MEASURE = "nDCG@10"
DEPTH = 100
STEPS = np.linspace(0.0, 1.0, 11)  # of each weight

Ids = list[str]  # best first
Mixture = tuple[float, float, float]  # of words; of the first passage and of the mean within meaning


def main() -> None:
    """Measure the collections named and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default="fnc1,cranfield,allsides")
    parser.add_argument("--indexes", type=Path, required=True, help="folder with an index of each collection")
    options = parser.parse_args()
    rows = []
    for name in options.collections.split(","):
        row = measure(load(name), options.indexes)
        rows.append(row)
        print(json.dumps(row), flush=True)
    path = RESULTS / "ceiling.json"
    path.write_text(json.dumps(rows, indent=1) + "\n")


def measure(corpus: Corpus, indexes: Path) -> dict[str, Any]:
    """The figures of one collection."""
    engine = opened(corpus.name, indexes)
    try:
        parts = Parts(engine)
        searcher = Searcher(engine.index, parts.encoder, engine.settings.search)
        default: dict[str, Ids] = {}
        mixed: dict[Mixture, dict[str, Ids]] = {mixture: {} for mixture in mixtures()}
        for query in corpus.queries:
            asked = SearchRequest(query=query.text, limit=DEPTH)
            default[query.id] = [hit.article.id for hit in searcher.search(asked).hits]
            for mixture, found in parts.mix(searcher, query.text):
                mixed[mixture][query.id] = found
    finally:
        engine.close()
    qrels = {query.id: corpus.qrels[query.id] for query in corpus.queries}
    scored = {mixture: measured(run, qrels) for mixture, run in mixed.items()}
    tuned = max(scored, key=lambda mixture: scored[mixture].means[MEASURE])
    each = np.array([list(found.per_query[MEASURE].values()) for found in scored.values()])
    return {
        "collection": corpus.name,
        "default": measured(default, qrels).means[MEASURE],
        "tuned on the answers": scored[tuned].means[MEASURE],
        "its weights of words, first, mean": tuned,
        "chosen for each query": float(each.max(axis=0).mean()),
    }


def measured(run: Mapping[str, Ids], qrels: Qrels) -> Evaluation:
    """The evaluation of a run."""
    ranked = {query: [(article, 0.0) for article in found] for query, found in run.items()}
    return evaluate(Run.from_rankings(ranked), qrels, [MEASURE])


def mixtures() -> Iterator[Mixture]:
    """All weights that are tried."""
    for words, first, mean in itertools.product(STEPS, STEPS[::2], STEPS[::2]):
        if first + mean <= 1.0:
            yield float(words), float(first), float(mean)


class Parts:
    """The scores of every article by each part."""

    def __init__(self, engine: Engine) -> None:
        self.encoder = Remembered(engine.encoder)
        with engine.index.snapshot() as snapshot:
            rows = snapshot.matching(Filter())
            self._ids = snapshot.ids(rows)
            passages = [snapshot.passage_vectors(row) for row in rows.tolist()]
        self._place = {article: place for place, article in enumerate(self._ids)}
        self._starts = np.cumsum([0, *map(len, passages)])[:-1]
        self._all: Vectors = np.concatenate(passages)
        self._first: Vectors = np.stack([one[0] for one in passages])
        mean = np.stack([one.mean(axis=0) for one in passages])
        self._mean: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def mix(self, searcher: Searcher, text: str) -> Iterator[tuple[Mixture, Ids]]:
        """The first hits of every mixture; the candidates are the best of each part."""
        vector = self.encoder.encode_queries([text])[0]
        best = np.maximum.reduceat(self._all @ vector, self._starts)
        first, mean = self._first @ vector, self._mean @ vector
        words = np.zeros(len(self._ids))
        asked = SearchRequest(query=text, mode="lexical", limit=DEPTH)
        for hit in searcher.search(asked).hits:
            words[self._place[hit.article.id]] = hit.score
        near = [np.argsort(-part, kind="stable")[:DEPTH] for part in (best, first, mean)]
        rows = np.unique(np.concatenate([np.flatnonzero(words), *near]))
        for weight, of_first, of_mean in mixtures():
            meaning = (1 - of_first - of_mean) * best[rows] + of_first * first[rows] + of_mean * mean[rows]
            scores = weight * words[rows] + (1 - weight) * meaning
            top = np.argsort(-scores, kind="stable")[:10]
            yield (weight, of_first, of_mean), [self._ids[row] for row in rows[top].tolist()]


if __name__ == "__main__":
    main()
