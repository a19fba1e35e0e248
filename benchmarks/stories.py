"""How well articles are parted into stories: B-cubed F1 of the default and of plain rivals.

    python -m benchmarks.stories [--indexes FOLDER] [--collections ecbplus,allsides]

The rivals see the same articles and the same dates: every article alone; and TF-IDF vectors of title and
body (scikit-learn, 15,000 terms) under the same rule of time, at each of a row of thresholds. A threshold
that is the best on the collection which it is measured on flatters them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Corpus, engine_for, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Filter
from semsearch.evaluation import evaluate_clusters
from semsearch.search.vectors import article_vectors
from semsearch.stories import Floats, StoryRule, find_stories

NEARNESS = (0.6, 0.65, 0.7, 0.75, 0.8)
TFIDF_NEARNESS = (0.2, 0.24, 0.28, 0.3, 0.32, 0.36)
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
            texts = [
                f"{article.title} {article.body}"
                for start in range(0, len(rows), READ_AT_ONCE)
                for article in snapshot.articles(rows[start : start + READ_AT_ONCE])
            ]
    finally:
        engine.close()

    def figures(system: str, stories: Iterable[Hashable]) -> dict[str, Any]:
        found = evaluate_clusters(dict(zip(ids, stories, strict=True)), corpus.groups)
        measured = {"f1": found.f1, "precision": found.precision, "recall": found.recall}
        return {"collection": corpus.name, "system": system, **measured}

    def by(vectors: Floats, nearness: float) -> list[int]:
        found: list[int] = find_stories(vectors, published, StoryRule(nearness)).tolist()
        return found

    yield figures("every article alone", ids)
    yield figures("default", by(vectors, StoryRule().nearness))
    yield from (figures(f"vectors, {nearness}", by(vectors, nearness)) for nearness in NEARNESS)
    words = tfidf(texts)
    yield from (figures(f"TF-IDF, {nearness}", by(words, nearness)) for nearness in TFIDF_NEARNESS)


def tfidf(texts: Sequence[str]) -> Floats:
    """Unit vectors of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2, max_features=TERMS)
    dense: Floats = weights.fit_transform(texts).toarray().astype(np.float32)
    return dense


if __name__ == "__main__":
    main()
