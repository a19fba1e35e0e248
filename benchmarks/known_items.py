"""Known items: whether an article comes up when a rare word, number or phrase of its title is asked for.

    python -m benchmarks.known_items --indexes FOLDER --collections allsides

Queries are made from titles of articles drawn at random: the rarest word with two others of the title;
the rarest word among four words of another title; three words in quotes; a number with one other word.
Prints the share of queries whose article stands in the first place, the first three and the first ten.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.ablations.search import WORK, Remembered
from benchmarks.corpora import opened
from semsearch.articles import Filter
from semsearch.index.protocol import Snapshot
from semsearch.options import RankingOptions
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest

WORD = re.compile(r"[\w’'-]*\w")
RARE = 5  # articles that hold the rarest word of a title that is asked for
DEFAULT = RankingOptions()
LIFTS = (0.0, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """A query and the article that it was made from."""

    kind: str
    query: str
    article_id: str


def known_items(snapshot: Snapshot, count: int, seed: int = 3) -> list[KnownItem]:
    """Queries of all kinds from ``count`` articles with a rare word in their titles, and from others."""
    chance = random.Random(seed)
    rows = snapshot.matching(Filter())
    drawn = chance.sample(rows.tolist(), min(len(rows), 6 * count))
    articles = snapshot.articles(np.array(drawn))
    found: list[KnownItem] = []
    for article, other in zip(articles[::2], articles[1::2], strict=False):
        words = list(dict.fromkeys(WORD.findall(article.title)))
        if len(words) < 4:
            continue
        held = snapshot.document_frequency(words)
        found += _of_title(article.id, words, held, WORD.findall(other.title), chance)
    return [item for kind in dict.fromkeys(i.kind for i in found) for item in _of(found, kind)[:count]]


def _of(items: list[KnownItem], kind: str) -> list[KnownItem]:
    return [item for item in items if item.kind == kind]


def _of_title(
    article_id: str, words: list[str], held: list[int], others: list[str], chance: random.Random
) -> Iterator[KnownItem]:
    rarest = min(range(len(words)), key=lambda place: held[place] or 10**9)
    rest = [word for word in words if word != words[rarest]]
    if 0 < held[rarest] <= RARE:
        yield KnownItem("rare and two", " ".join([words[rarest], *chance.sample(rest, 2)]), article_id)
        if len(others) >= 4:
            asked = [*chance.sample(others, 4), words[rarest]]
            yield KnownItem("rare among others", " ".join(asked), article_id)
    start = chance.randrange(len(words) - 2)
    yield KnownItem("quoted phrase", f'"{" ".join(words[start : start + 3])}"', article_id)
    numbers = [word for word in words if word.isdigit() and len(word) > 1]
    if numbers:
        yield KnownItem("number and one", f"{chance.choice(rest)} {numbers[0]}", article_id)


def main() -> None:
    """Measure every lift on every collection asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", default="allsides,cranfield")
    parser.add_argument("--indexes", type=Path, default=WORK)
    parser.add_argument("--count", type=int, default=200, help="queries of each kind")
    asked = parser.parse_args()
    for name in asked.collections.split(","):
        engine = opened(name, asked.indexes)
        encoder = Remembered(engine.encoder)
        with engine.index.snapshot() as snapshot:
            items = known_items(snapshot, asked.count)
        for lift in LIFTS:
            searcher = Searcher(engine.index, encoder, replace(DEFAULT, title_lift=lift))
            ranks = [_rank(searcher, item) for item in items]
            for kind in dict.fromkeys(item.kind for item in items):
                own = [rank for rank, item in zip(ranks, items, strict=True) if item.kind == kind]
                shares = {f"top{k}": round(sum(rank <= k for rank in own) / len(own), 3) for k in (1, 3, 10)}
                print(json.dumps({"collection": name, "lift": lift, "kind": kind, "n": len(own), **shares}))


def _rank(searcher: Searcher, item: KnownItem) -> int:
    hits = searcher.search(SearchRequest(query=item.query, limit=10)).hits
    return next((hit.rank for hit in hits if hit.article.id == item.article_id), 11)


if __name__ == "__main__":
    main()
