"""The verdict of the coverage check in small archives and on short drafts.

    python benchmarks/coverage_small.py [--collections ecbplus,allsides]

Samples of 10, 30, 300 and 3,000 articles. A draft is an article whose story or event has others: *story*,
where one of these is in the sample; *new*, where none is, nor what is near to it (of allsides: within ten
days). Each draft is checked whole and cut to its first 60 words. Printed are the shares of each verdict.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, as a module, or from tests

from benchmarks.corpora import load
from benchmarks.honesty import POOL, RELATED, built, read_records
from semsearch.articles import Filter
from semsearch.editorial.coverage import check_coverage
from semsearch.editorial.draft import DraftSource, read_draft

SAMPLES = {10: (30, 3), 30: (20, 6), 300: (4, 40), 3000: (1, 120)}  # archives, and drafts of each kind
SHORT = 60  # words
DAYS = 10
DATED = {"allsides"}
VERDICTS = ("new", "unsure", "partly", "covered")
Cell = tuple[int, str, str]


class Stories:
    """A collection's articles by story, and what is near to each."""

    def __init__(self, name: str) -> None:
        corpus = load(name, POOL.get(name) if name in DATED else None)
        self.name = name
        self.records = {one["id"]: one for one in read_records(corpus.articles)}
        members: dict[str, list[str]] = defaultdict(list)
        for article, story in corpus.groups.items():
            if article in self.records:
                members[story].append(article)
        self.members = {story: ids for story, ids in members.items() if len(ids) > 1}
        with built(name, list(self.records.values())) as engine, engine.index.snapshot() as snapshot:
            rows = snapshot.matching(Filter())
            self.ids = snapshot.ids(rows)
            self.copies = dict(zip(self.ids, snapshot.duplicate_groups(rows).tolist(), strict=True))
            self.published = snapshot.published(rows)
            means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows])
        self.means = means / np.linalg.norm(means, axis=1, keepdims=True)

    def near(self, article: str) -> set[str]:
        """What may be about the same news, whatever story it was put under."""
        at = self.ids.index(article)
        near = self.means @ self.means[at] >= RELATED
        if self.name in DATED:
            near &= ~(np.abs(self.published - self.published[at]) > DAYS * 86_400)
        return {self.ids[place] for place in np.flatnonzero(near)}


def drafts_of(
    stories: Stories, size: int, each: int, chance: random.Random
) -> tuple[list[tuple[str, str]], list[str]]:
    """Drafts with their kinds, and the sample that they are checked against."""
    drawn = chance.sample(sorted(stories.members), 2 * each)
    drafts, inside, gone = [], [], set()
    for story in drawn[:each]:
        draft, mate = chance.sample(stories.members[story], 2)
        if stories.copies[draft] != stories.copies[mate]:
            drafts.append(("story", draft))
            inside.append(mate)
            gone |= {one for one in stories.records if stories.copies[one] == stories.copies[draft]}
    for story in drawn[each:]:
        draft = chance.choice(stories.members[story])
        drafts.append(("new", draft))
        gone |= {*stories.members[story], *stories.near(draft)}
    inside = [one for one in inside if one not in gone]
    held = {story for story in drawn[:each] if not set(stories.members[story]).isdisjoint(inside)}
    drafts = [
        (kind, one)
        for kind, one in drafts
        if kind == "new" or any(one in stories.members[story] for story in held)
    ]
    others = [one for one in stories.records if one not in gone and one not in inside]
    return drafts, inside + chance.sample(others, min(size - len(inside), len(others)))


def verdicts(stories: Stories) -> Iterator[tuple[Cell, str]]:
    """(articles, length of draft, kind) and the verdict of each check."""
    chance = random.Random(5)
    for size, (archives, each) in SAMPLES.items():
        if size > 0.9 * len(stories.records):
            continue
        for _ in range(archives):
            drafts, sample = drafts_of(stories, size, each, chance)
            articles = [stories.records[one] for one in sample]
            with built(stories.name, articles) as engine, engine.index.snapshot() as view:
                for kind, one in drafts:
                    record: dict[str, Any] = stories.records[one]
                    whole = record.get("body", "")
                    for length, text in (("whole", whole), ("short", " ".join(whole.split()[:SHORT]))):
                        source = DraftSource(text=text, title=record.get("title") or "")
                        found = check_coverage(view, read_draft(view, engine.encoder, source))
                        yield (size, length, kind), found.verdict


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="coverage_small", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default="ecbplus,allsides")
    print(f"| collection | articles | draft | kind | number | {' | '.join(VERDICTS)} |")
    print("| --- | --: | --- | --- | --: |" + " --: |" * len(VERDICTS))
    for name in parser.parse_args(arguments).collections.split(","):
        counted: dict[Cell, Counter[str]] = defaultdict(Counter)
        for cell, verdict in verdicts(Stories(name)):
            counted[cell][verdict] += 1
        for (size, length, kind), counts in counted.items():
            shares = " | ".join(f"{counts[one] / counts.total():.0%}" for one in VERDICTS)
            print(f"| {name} | {size:,} | {length} | {kind} | {counts.total()} | {shares} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
