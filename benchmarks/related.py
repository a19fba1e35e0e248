"""How good are the related lists: how much of an article's story is in its ten hits.

    python benchmarks/related.py [--collections allsides,ecbplus,fnc1] [--limit 300]

Asks for the related list of every article whose story has others, and sets it against the plainest rival:
one vector an article (the mean of its passages), nearest first. ``--limit`` asks only so many articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, as a module, or from tests

from benchmarks.corpora import ROOT, Corpus, engine_for, load
from benchmarks.quality import RESULTS, Said, figures, revision
from semsearch.articles import Filter
from semsearch.engine import Engine
from semsearch.errors import SemsearchError
from semsearch.evaluation import Comparison, RelatedEvaluation, compare, evaluate_related
from semsearch.search.types import RelatedRequest

COLLECTIONS = ("allsides", "ecbplus", "fnc1")
MEASURES = ("recall@10", "nDCG@10", "MRR")
HITS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the collections named; returns the exit code."""
    options = _options(arguments)
    rows: list[dict[str, Any]] = []
    try:
        for name in options.collections.split(","):
            rows += measure(load(name), options.limit)
    except (FileNotFoundError, SemsearchError) as exc:
        print(f"related: {exc}", file=sys.stderr)
        return 1
    print(table(rows))
    for row in rows:
        if "compared" in row:
            print(f"\n{row['collection']}, {row['compared']}")
    path = RESULTS / f"related-{revision()}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"limit": options.limit, "rows": rows}, indent=1) + "\n")
    print(f"saved {path.relative_to(ROOT)}", file=sys.stderr)
    return 0


def measure(corpus: Corpus, limit: int | None) -> list[dict[str, Any]]:
    """The rows of one collection: the rival's and ours."""
    if not corpus.groups:
        raise FileNotFoundError(f"collection '{corpus.name}' has no stories; give one of {COLLECTIONS}")
    engine = engine_for(corpus, on_progress=Said(f"{corpus.name}: building"))
    try:
        engine.warm()
        rival = MeanVectors(engine)
        lists = {"one vector": rival.related, "related": lambda article: related(engine, article)}
        found = {
            name: evaluate_related(
                ask,
                corpus.groups,
                k=HITS,
                copies=rival.copies,
                limit=limit,
                on_progress=Said(f"{corpus.name}: {name}").tell,
            )
            for name, ask in lists.items()
        }
    finally:
        engine.close()
    compared = compare(found["one vector"].evaluation, found["related"].evaluation, "recall@10")
    rows = [row(corpus.name, name, evaluation) for name, evaluation in found.items()]
    return [rows[0], rows[1] | _told(compared)]


def related(engine: Engine, article: str) -> list[str]:
    """The related list of an article as a reader gets it; what a fallback filled is left out."""
    response = engine.searcher.related(RelatedRequest(article_id=article, limit=HITS))
    return [hit.article.id for hit in response.hits if not hit.filled]


class MeanVectors:
    """The rival: each article is the mean of its passages' vectors; also knows which are copies."""

    def __init__(self, engine: Engine) -> None:
        with engine.index.snapshot() as view:
            rows = view.matching(Filter())
            self._ids = view.ids(rows)
            self._vectors = np.stack([view.passage_vectors(int(row)).mean(axis=0) for row in rows])
            groups = view.duplicate_groups(rows)
        self._vectors /= np.linalg.norm(self._vectors, axis=1, keepdims=True)
        self._place = {article: place for place, article in enumerate(self._ids)}
        self.copies = dict(zip(self._ids, groups.tolist(), strict=True))

    def related(self, article: str) -> list[str]:
        """The nearest articles to one, without itself."""
        place = self._place[article]
        scores = self._vectors @ self._vectors[place]
        scores[place] = -np.inf
        return [self._ids[one] for one in np.argsort(-scores, kind="stable")[:HITS]]


def row(collection: str, name: str, found: RelatedEvaluation) -> dict[str, Any]:
    """The figures of one way to relate."""
    return {
        "collection": collection,
        "system": name,
        "articles": found.articles,
        **{measure: figures(found.evaluation, measure) for measure in MEASURES},
        "lists_with_copies": len(found.with_copies),
        "lists_with_itself": len(found.with_itself),
        "short_lists": len(found.short),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| collection | articles | system | " + " | ".join(MEASURES) + " | lists with copies | short lists |",
        "| --- | --: | --- |" + " --: |" * (len(MEASURES) + 2),
    ]
    for one in rows:
        cells = [
            f"{mean:.3f} ({low:.3f} to {high:.3f})" for mean, low, high in (one[name] for name in MEASURES)
        ]
        lines.append(
            f"| {one['collection']} | {one['articles']:,} | {one['system']} | {' | '.join(cells)} | "
            f"{one['lists_with_copies']:,} | {one['short_lists']:,} |"
        )
    return "\n".join(lines)


def _told(compared: Comparison) -> dict[str, Any]:
    return {"compared": str(compared), "p_value": compared.p_value}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="related", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default=",".join(COLLECTIONS), help="names, with commas between")
    parser.add_argument("--limit", type=int, help="ask only so many articles of each collection")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
