"""Links to add, by proxy: how often a suggested article shares the draft's story or topic, and the time.

    python -m benchmarks.links [--indexes FOLDER] [--collections allsides,reuters21578] [--drafts 300]

Drafts are articles of the collection, without themselves and their copies; only what ran before them is
suggested. Those count that have an older article of their story (allsides) or topic (reuters). The rival
lists the nearest older articles, as many as were suggested, without a phrase to carry the link.

The proxy is no measure of links: a good one often leads out of the story, to the background of a phrase. It
tells whether suggestions are about the draft at all. What a reader thought of them: README.md.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import DATA, Corpus, engine_for, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Article, Filter
from semsearch.editorial.draft import DraftSource
from semsearch.editorial.links import FLOOR, LIMIT
from semsearch.engine import Engine
from semsearch.search.types import SearchRequest

LEAST_CHARACTERS = 600  # shorter texts are no drafts
Labels = dict[str, frozenset[str]]


@dataclass
class Tally:
    """What was counted over the drafts of one collection."""

    drafts: int = 0
    linked: int = 0
    links: int = 0
    shared: int = 0
    rival: int = 0
    older: int = 0
    older_shared: int = 0
    confidences: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    search_seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Measure the collections named and keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default="allsides,reuters21578")
    parser.add_argument("--drafts", type=int, default=300)
    parser.add_argument(
        "--indexes", type=Path, help="folder with an index of each collection; else they are built"
    )
    options = parser.parse_args()
    rows = []
    for name in options.collections.split(","):
        corpus = load(name)
        engine = engine_for(corpus) if options.indexes is None else opened(name, options.indexes)
        try:
            rows.append(measure(engine, labels_of(corpus), name, options.drafts))
        finally:
            engine.close()
        print(json.dumps(rows[-1]), flush=True)
    (RESULTS / "links.json").write_text(json.dumps(rows, indent=1) + "\n")


def labels_of(corpus: Corpus) -> Labels:
    """The stories of each article, else its topics."""
    if corpus.groups:
        return {article: frozenset({story}) for article, story in corpus.groups.items()}
    found: dict[str, set[str]] = {}
    for line in (DATA / corpus.name / "topics.tsv").read_text("utf-8").splitlines():
        article, _, topic = line.partition("\t")
        found.setdefault(article, set()).update(one for one in topic.replace("\t", ",").split(",") if one)
    return {article: frozenset(topics) for article, topics in found.items()}


def measure(engine: Engine, labels: Labels, name: str, drafts: int) -> dict[str, Any]:
    """The figures of one collection."""
    tally = Tally()
    engine.warm()
    for draft in chosen(engine, labels, drafts):
        before(engine, draft, labels, tally)
    return {
        "collection": name,
        "drafts": tally.drafts,
        "drafts with a link": tally.linked,
        "links": tally.links,
        "shared": round(tally.shared / max(tally.links, 1), 3),
        "shared, nearest": round(tally.rival / max(tally.links, 1), 3),
        "older": tally.older,
        "older shared": round(tally.older_shared / max(tally.older, 1), 3),
        "confidence": round(statistics.median(tally.confidences or [0.0]), 3),
        "ms": round(1000 * statistics.median(tally.seconds)),
        "search ms": round(1000 * statistics.median(tally.search_seconds)),
    }


def chosen(engine: Engine, labels: Labels, drafts: int) -> list[Article]:
    """Dated articles, drawn by chance, of whose labels an older article has one."""
    with engine.index.snapshot() as view:
        rows = view.matching(Filter())
        dated = [
            one for start in range(0, len(rows), 500) for one in view.articles(rows[start : start + 500])
        ]
    first: dict[str, datetime] = {}
    for one in dated:
        for label in labels.get(one.id, ()):
            if one.published_at is not None:
                first[label] = min(first.get(label, one.published_at), one.published_at)
    able = [
        one
        for one in dated
        if one.published_at is not None
        and len(one.body) >= LEAST_CHARACTERS
        and any(first[label] < one.published_at for label in labels.get(one.id, ()))
    ]
    return random.Random(1).sample(able, min(drafts, len(able)))


def before(engine: Engine, draft: Article, labels: Labels, tally: Tally) -> None:
    """Count what is suggested for one draft."""
    found, seconds = timed(
        lambda: engine.links(DraftSource(article_id=draft.id), limit=LIMIT, older=LIMIT, least=FLOOR)
    )
    _, search_seconds = timed(lambda: engine.searcher.search(SearchRequest(query=draft.title[:200])))
    tally.drafts += 1
    tally.seconds.append(seconds)
    tally.search_seconds.append(search_seconds)
    tally.linked += bool(found.links)
    tally.links += len(found.links)
    tally.older += len(found.older)
    tally.confidences += [one.confidence for one in found.links]
    own = labels[draft.id]
    tally.shared += sum(bool(labels.get(one.article.id, frozenset()) & own) for one in found.links)
    tally.older_shared += sum(bool(labels.get(one.article.id, frozenset()) & own) for one in found.older)
    nearest = nearest_older(engine, draft, len(found.links))
    tally.rival += sum(bool(labels.get(one, frozenset()) & own) for one in nearest)


def nearest_older(engine: Engine, draft: Article, count: int) -> Sequence[str]:
    """The rival: the older articles nearest to any passage of the draft, without copies of it."""
    with engine.index.snapshot() as view:
        row = view.row_of(draft.id)
        group = int(view.duplicate_groups(np.array([row]))[0])
        others = view.without(view.group_members(group, where=Filter()))
        where = Filter(published_before=draft.published_at)
        best: dict[int, float] = {}
        for vector in view.passage_vectors(row):
            near = others.vector_candidates(vector, limit=LIMIT, where=where)
            for one, score in zip(near.rows.tolist(), near.scores.tolist(), strict=True):
                best[one] = max(best.get(one, 0.0), score)
        ordered = sorted(best, key=lambda one: -best[one])[:count]
        return view.ids(np.array(ordered, np.int64))


def timed(job: Callable[[], Any]) -> tuple[Any, float]:
    """The result of a job, and its seconds."""
    begun = time.perf_counter()
    result = job()
    return result, time.perf_counter() - begun


if __name__ == "__main__":
    main()
