"""How often "nothing here is likely to answer this" is right, in archives of any size.

    python benchmarks/honesty.py [--collections fnc1,allsides,reuters21578,german] [--sizes 3,30,300,3000]

Draws samples of a collection, builds an index of each, and asks judged queries twice: of a sample that
holds an article that answers (right: no note, where such an article is on the first page) and of one
without it and without its near copies and follow-ups (right: the note, or no hit). An article that holds
all content words of a query answers it, too, so such cases are left out of the second kind. Queries are
judged headlines and first sentences; of reuters21578, titles, which are taken out of the articles.
Figures go to benchmarks/results/honesty.json.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, as a module, or from tests

from benchmarks.corpora import WORK, load, records
from semsearch.articles import Filter
from semsearch.engine import Engine
from semsearch.index.protocol import LexicalQuery
from semsearch.query import parse_query
from semsearch.search.relevance import content_words
from semsearch.search.types import SearchRequest
from semsearch.settings import load_settings

RESULTS = Path(__file__).resolve().parent / "results" / "honesty.json"
COLLECTIONS = ("fnc1", "allsides", "reuters21578", "german")
SIZES = (3, 30, 300, 3000)
SAMPLES = {3: 40, 30: 12, 300: 4, 3000: 1}  # archives of each size
ASKED = {3: 8, 30: 25, 300: 75, 3000: 300}  # queries of each archive, of either kind
POOL = {"fnc1": 904, "german": 500, "allsides": 3400, "reuters21578": 3400}  # articles drawn from
RELATED = 0.65  # nearness of two articles from which on they may answer the same query
TEXT = 400  # characters of a reuters item that tells something; no table of figures
_TABLE = re.compile(r"\bshr\b|\bvs\b|qtly div", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pool:
    """Articles as records, judged queries by their text, and which articles answer or may answer each."""

    records: dict[str, dict[str, Any]]
    answers: dict[str, list[str]]
    related: dict[str, set[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and save; returns the exit code."""
    parser = argparse.ArgumentParser(prog="honesty", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default=",".join(COLLECTIONS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    options = parser.parse_args(arguments)
    rows = []
    for name in options.collections.split(","):
        pool = pool_of(name)
        for size in map(int, options.sizes.split(",")):
            if size < 0.9 * len(pool.records):
                rows.append(measure(name, pool, size))
                print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))
    return 0


def measure(name: str, pool: Pool, size: int) -> dict[str, Any]:
    """The shares of right verdicts on samples of one size."""
    chance = random.Random(f"{name} {size}")
    right: dict[str, list[bool]] = defaultdict(list)
    for _ in range(SAMPLES[size]):
        asked = chance.sample(sorted(pool.answers), min(2 * ASKED[size], len(pool.answers)))
        for kind, verdict in judged(name, pool, size, asked, chance):
            right[kind].append(verdict)
    figures = {f"{kind}_right": round(float(np.mean(right[kind])), 3) for kind in ("there", "missing")}
    counts = {f"{kind}_asked": len(right[kind]) for kind in ("there", "missing")}
    return {"collection": name, "size": size, **figures, **counts}


def judged(
    name: str, pool: Pool, size: int, asked: Sequence[str], chance: random.Random
) -> Iterator[tuple[str, bool]]:
    """The kind of each case and whether the verdict is right, from one sample."""
    there, missing = asked[: len(asked) // 2], asked[len(asked) // 2 :]
    if size == min(SIZES):
        there = there[:2]
    gone = set().union(*(pool.related[query] for query in missing)) if size >= 300 else set()
    wanted = [chance.choice(pool.answers[query]) for query in there]
    wanted = [one for one in dict.fromkeys(wanted) if one not in gone]
    others = [one for one in pool.records if one not in gone and one not in wanted]
    sample = wanted + chance.sample(others, min(size - len(wanted), len(others)))
    with built(name, [pool.records[one] for one in sample]) as engine:
        for query in there:
            response = engine.searcher.search(SearchRequest(query=query))
            if any(hit.article.id in pool.related[query] for hit in response.hits):
                yield "there", not response.nothing_relevant
        for query in missing:
            if not pool.related[query].isdisjoint(sample) or holds_all(engine, query):
                continue
            response = engine.searcher.search(SearchRequest(query=query))
            yield "missing", response.nothing_relevant or not response.hits


def holds_all(engine: Engine, query: str) -> bool:
    """Whether an article holds all content words of a query."""
    with engine.index.snapshot() as snapshot:
        words = content_words(snapshot, parse_query(query))
        return bool(len(snapshot.lexical_rows(LexicalQuery(phrases=words), where=Filter())))


class built:  # noqa: N801 - used as a function
    """An engine over an index of some records; vectors are kept from one sample to the next."""

    def __init__(self, name: str, articles: Sequence[dict[str, Any]]) -> None:
        settings = load_settings(environ={}, indexes=WORK / "honesty", index=name)
        self._engine = Engine(replace(settings, encoder=replace(settings.encoder, threads=1)))
        path = WORK / "honesty" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(one) + "\n" for one in articles), encoding="utf-8")
        self._engine.build([str(path)], allow_loss=True)
        self._engine.prune(1)

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.close()


def pool_of(name: str) -> Pool:
    """The articles and queries of a collection that samples are drawn from."""
    if name == "reuters21578":
        found, answers = _titles(name)
    else:
        corpus = load(name, None if POOL[name] < 1000 else POOL[name])
        found = {one["id"]: one for one in read_records(corpus.articles)}
        answers = {query.text: sorted(corpus.qrels[query.id].keys() & found) for query in corpus.queries}
    answers = {query: ids for query, ids in answers.items() if ids}
    with built(name, list(found.values())) as engine, engine.index.snapshot() as snapshot:
        rows = snapshot.matching(Filter())
        ids = snapshot.ids(rows)
        means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    place = {one: at for at, one in enumerate(ids)}
    related = {}
    for query, own in answers.items():
        near = (means @ means[[place[one] for one in own]].T).max(axis=1) >= RELATED
        related[query] = {*own, *(ids[at] for at in np.flatnonzero(near))}
    return Pool(found, answers, related)


def _titles(name: str) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Items without their titles, and the titles as queries."""
    items = [one for one in records(load(name).articles) if one.get("title") and _tells(one.get("body", ""))]
    drawn = random.Random(1).sample(items, POOL[name])
    answers: dict[str, list[str]] = defaultdict(list)
    for one in drawn:
        answers[one.pop("title")].append(one["id"])
    return {one["id"]: one for one in drawn}, dict(answers)


def _tells(body: str) -> bool:
    return len(body) > TEXT and not _TABLE.search(body)


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The articles of a JSON Lines file, packed or not, as plain mappings."""
    if path.suffix == ".gz":
        yield from records(path)
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| collection | articles | an answer is there: right | none is there: right |"]
    lines.append("| --- | --: | --: | --: |")
    for row in rows:
        lines.append(
            f"| {row['collection']} | {row['size']:,} | {row['there_right']:.1%} of {row['there_asked']} "
            f"| {row['missing_right']:.1%} of {row['missing_asked']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
