"""Saved searches: which threshold finds what, and the cost of matching one article with 10,000 of them.

    python benchmarks/saved_searches.py --indexes FOLDER --data allsides [--queries 400]

``FOLDER/allsides`` is an index of ../shared/data/allsides. The meaning of a search is the text of a query;
what is judged relevant to it is what it should find. Judgements are incomplete, so precision is a lower
bound. Figures go to benchmarks/results/saved-searches-DATA.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file or as a module

from benchmarks.corpora import DATA
from semsearch.articles import Filter
from semsearch.editorial.matching import Matcher, to_scores
from semsearch.engine import Engine
from semsearch.index.protocol import Vectors
from semsearch.index.saved_types import SavedSearch
from semsearch.index.view import View
from semsearch.settings import Settings

RESULTS = Path(__file__).resolve().parent / "results"
THRESHOLDS = [round(0.30 + 0.05 * step, 2) for step in range(10)]
SEARCHES = 10_000
Figures = dict[str, Any]


def judged(data: str, most: int) -> list[tuple[str, set[str]]]:
    """The text of each query and the articles judged relevant, evenly over the file."""
    relevant: dict[str, set[str]] = defaultdict(set)
    for line in (DATA / data / "qrels.tsv").read_text("utf-8").splitlines():
        query, article, grade = line.split("\t")
        if int(grade) > 0:
            relevant[query].add(article)
    lines = (DATA / data / "queries.jsonl").read_text("utf-8").splitlines()
    queries = [(one["text"], relevant[one["id"]]) for one in map(json.loads, lines) if relevant[one["id"]]]
    return queries[:: max(1, len(queries) // most)][:most]


def thresholds(view: View, vectors: Vectors, wanted: list[set[str]]) -> list[Figures]:
    """Precision, recall and articles found a search at each threshold, over all searches together."""
    rows = view.matching(Filter())
    ids = view.ids(rows)
    found, right = np.zeros(len(THRESHOLDS)), np.zeros(len(THRESHOLDS))
    for vector, relevant in zip(vectors, wanted, strict=True):
        scores = to_scores(view.vector_scores(vector, rows).scores)
        good = np.array([one in relevant for one in ids])
        for place, threshold in enumerate(THRESHOLDS):
            over = scores >= threshold
            found[place] += np.count_nonzero(over)
            right[place] += np.count_nonzero(over & good)
    total = sum(len(one & set(ids)) for one in wanted)
    return [
        {
            "threshold": threshold,
            "precision": round(float(right[place] / max(found[place], 1)), 3),
            "recall": round(float(right[place] / total), 3),
            "found": round(float(found[place] / len(wanted)), 1),
            "share": round(float(found[place] / len(wanted) / len(rows)), 6),
        }
        for place, threshold in enumerate(THRESHOLDS)
    ]


def speed(view: View, vector: Vectors) -> Figures:
    """Milliseconds to match one article with 10,000 searches: at once, and one by one in Python."""
    random = np.random.default_rng(7)
    made = random.standard_normal((SEARCHES, view.encoder.dimension)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    matcher = Matcher([SavedSearch(str(n), "n", "m", 0.45) for n in range(SEARCHES)], made)
    rows = view.matching(Filter())[:200]
    articles, texts = view.articles(rows), view.kept_texts(rows)
    passages = [view.passage_vectors(int(row)) for row in rows]
    at_once = [
        timed(lambda one=one: matcher.match(*one)) for one in zip(articles, texts, passages, strict=True)
    ]
    listed, few = made.tolist(), [one.tolist() for one in passages[:3]]
    loop = [timed(lambda one=one: by_hand(listed, one)) for one in few]
    search = [timed(lambda: view.vector_candidates(vector, limit=10, where=Filter())) for _ in range(50)]
    return {
        "searches": SEARCHES,
        "match_ms": round(median(at_once), 2),
        "python_loop_ms": round(median(loop), 1),
        "one_vector_search_ms": round(median(search), 2),
        "passages_an_article": round(sum(map(len, passages)) / len(passages), 2),
    }


def by_hand(searches: list[list[float]], passages: list[list[float]]) -> list[int]:
    """The same without numpy."""
    return [
        place
        for place, search in enumerate(searches)
        if max(sum(a * b for a, b in zip(search, one, strict=True)) for one in passages) >= 0.45
    ]


def timed(job: Any) -> float:  # noqa: ANN401
    """Milliseconds of one call."""
    begun = time.perf_counter()
    job()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indexes", type=Path, required=True)
    parser.add_argument("--data", default="allsides")
    parser.add_argument("--queries", type=int, default=400)
    asked = parser.parse_args()
    engine = Engine(Settings(indexes=asked.indexes, index=asked.data))
    queries = judged(asked.data, asked.queries)
    vectors = engine.encoder.encode_queries([text for text, _ in queries])
    with engine.index.snapshot() as view:
        figures: Figures = {
            "searches": len(queries),
            "thresholds": thresholds(view, vectors, [relevant for _, relevant in queries]),
            "speed": speed(view, vectors[0]),
        }
    engine.close()
    path = RESULTS / f"saved-searches-{asked.data}.json"
    path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
