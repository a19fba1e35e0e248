"""How well articles are parted into stories: B-cubed F1 of the default and of plain rivals.

    python -m benchmarks.stories [--indexes FOLDER] [--collections ecbplus,allsides]

The rivals see the same articles and the same dates: every article alone; and TF-IDF vectors of title and
body (scikit-learn, 15,000 terms) under the same rule of time, joining the nearest article or the nearest
story's mean, at each of a row of thresholds. A threshold
that is the best on the collection which it is measured on flatters them.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Corpus, engine_for, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Article, Filter
from semsearch.evaluation import evaluate_clusters
from semsearch.index.protocol import Snapshot
from semsearch.search.vectors import article_vectors
from semsearch.stories import (
    HEAD,
    SECONDS_A_DAY,
    Floats,
    Rows,
    StoryRule,
    Times,
    Words,
    find_stories,
    weigh,
)

NEARNESS = {  # by the share of words
    0.0: (0.7, 0.75, 0.8),
    0.3: (0.54, 0.58, 0.62),
    0.5: (0.44, 0.48, 0.52),
}
DAYS = (4, 14)
TFIDF_NEARNESS = (0.2, 0.24, 0.28, 0.32)
TERMS = 15_000
READ_AT_ONCE = 500


def main() -> None:
    """Measure the collections named and keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default="ecbplus,allsides")
    parser.add_argument(
        "--indexes", type=Path, help="folder with an index of each collection; else they are built"
    )
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for name in options.collections.split(","):
        for row in measure(load(name), options.indexes):
            print(json.dumps(row), flush=True)
            rows.append(row)
    (RESULTS / "stories.json").write_text(json.dumps(rows, indent=1) + "\n")


def measure(corpus: Corpus, indexes: Path | None) -> Iterable[dict[str, Any]]:
    """The rows of one collection."""
    engine = engine_for(corpus) if indexes is None else opened(corpus.name, indexes)
    try:
        with engine.index.snapshot() as snapshot:
            rows = snapshot.matching(Filter())
            ids = snapshot.ids(rows)
            published = snapshot.published(rows)
            vectors = article_vectors(snapshot, rows).astype(np.float32)
            articles, heads = _read(snapshot, rows)
            words = _weighed(snapshot, articles, heads)
    finally:
        engine.close()
    texts = [f"{article.title} {article.body}" for article in articles]

    def figures(system: str, stories: Iterable[Hashable]) -> dict[str, Any]:
        found = evaluate_clusters(dict(zip(ids, stories, strict=True)), corpus.groups)
        measured = {"f1": found.f1, "precision": found.precision, "recall": found.recall}
        return {"collection": corpus.name, "system": system, **measured}

    def by(vectors: Floats, rule: StoryRule) -> list[int]:
        found: list[int] = find_stories(vectors, words.__getitem__, published, rule).tolist()
        return found

    yield figures("every article alone", ids)
    default = StoryRule()
    yield figures("default", by(vectors, default))
    for share, rows_of in NEARNESS.items():
        for nearness in rows_of:
            rule = StoryRule(nearness, words=share)
            yield figures(f"words {share}, {nearness}", by(vectors, rule))
    for days in DAYS:
        yield figures(f"default, {days} days", by(vectors, replace(default, days=days)))
    counted = tfidf(texts)
    for nearness in TFIDF_NEARNESS:
        yield figures(f"TF-IDF, {nearness}", by(counted, StoryRule(nearness, words=0.0)))
        yield figures(f"TF-IDF, mean of the story, {nearness}", _by_mean(counted, published, nearness))


def _read(snapshot: Snapshot, rows: Rows) -> tuple[list[Article], list[str]]:
    articles: list[Article] = []
    heads: list[str] = []
    for start in range(0, len(rows), READ_AT_ONCE):
        some = rows[start : start + READ_AT_ONCE]
        articles += snapshot.articles(some)
        heads += [text[:HEAD] for text in snapshot.kept_texts(some)]
    return articles, heads


def _weighed(snapshot: Snapshot, articles: Sequence[Article], heads: Sequence[str]) -> list[Words]:
    counted = [Counter(snapshot.terms(head, one.language)) for one, head in zip(articles, heads, strict=True)]
    terms = list({term for counts in counted for term in counts})
    held = dict(zip(terms, snapshot.body_frequency(terms), strict=True))
    return [weigh(counts, held, len(articles)) for counts in counted]


def _by_mean(vectors: Floats, published: Times, nearness: float) -> list[int]:
    """The rule of the textbooks: an article joins the story whose mean is nearest, if it ran of late."""
    rule = StoryRule()
    stories = np.full(len(vectors), -1)
    means = np.zeros_like(vectors)
    totals: list[Floats] = []
    latest = np.full(len(vectors), np.nan)
    for row in np.lexsort((np.arange(len(vectors)), np.nan_to_num(published, nan=np.inf))).tolist():
        running = ~(np.abs(published[row] - latest[: len(totals)]) > rule.days * SECONDS_A_DAY)
        products = np.where(running, means[: len(totals)] @ vectors[row], -1)
        place = int(products.argmax()) if totals and products.max() >= nearness else len(totals)
        if place == len(totals):
            totals.append(np.zeros_like(vectors[row]))
        totals[place] = totals[place] + vectors[row]
        means[place] = totals[place] / np.linalg.norm(totals[place])
        latest[place] = np.fmax(latest[place], published[row])
        stories[row] = place
    found: list[int] = stories.tolist()
    return found


def tfidf(texts: Sequence[str]) -> Floats:
    """Unit vectors of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2, max_features=TERMS)
    dense: Floats = weights.fit_transform(texts).toarray().astype(np.float32)
    return dense


if __name__ == "__main__":
    main()
