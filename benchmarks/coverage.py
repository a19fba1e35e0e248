"""How often the coverage check is right, on drafts of which it is known what has run.

    python -m benchmarks.coverage [--indexes FOLDER] [--collections allsides,ecbplus] [--limit 400]

Drafts are made of articles whose story has others, so that nobody has to judge:

- *new*: the article, with an archive that cannot hold its news. allsides: only what ran 30 days before it or
  earlier, so that its topic, its people and their past are there and its news is not. ecbplus: all but its
  event; the other event of the same kind stays.
- *story*: the article, with the others of its story (allsides: up to three days after it) but no copy of it.
  What is right lies between partly covered and covered: told apart is only that it is not new.
- *half*: the first half of an article that is in the archive, and the first half of another, whose is not.
- *shorter*: every third sentence and the title left out of an article that is in the archive.
- *reworded*: an article of the archive, with small words left out and put in, so that hardly six words in a
  row stay. A stand-in for a rewrite: no person wrote it.

The thresholds in ``editorial/verdict.py`` were chosen on the odd stories of allsides; the even ones and
ecbplus tell how well they hold elsewhere.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Corpus, engine_for, load, opened
from benchmarks.quality import RESULTS
from semsearch.articles import Article, Filter
from semsearch.editorial.coverage import Coverage, check_coverage
from semsearch.editorial.draft import Draft, DraftSource, read_draft
from semsearch.editorial.verdict import SHARED_NEWS
from semsearch.encoder.protocol import Encoder
from semsearch.index.protocol import Rows, Snapshot
from semsearch.text import split_sentences

DAY = 86_400.0
BEFORE_DAYS, AFTER_DAYS = 30, 3
FEWEST_SENTENCES = 6
DATED = {"allsides"}  # collections whose articles are dated well enough to cut the archive by
SUMS = (0.85, 0.9, 0.93, 0.96, 1.0)
VERDICTS = ("new", "partly", "covered")
RIGHT = {
    "new": {"new"},
    "story": {"partly", "covered"},
    "half": {"partly"},
    "shorter": {"covered"},
    "reworded": {"covered"},
}
SMALL = frozenset(
    """
    the a an of to in on at for and but that this which who with by from as it its was were is are be
    """.split()  # noqa: SIM905 - words read better as text
)


@dataclass(frozen=True, slots=True)
class Case:
    """A draft of one kind and the rows that its archive lacks."""

    kind: str
    article: str
    draft: DraftSource
    without: Rows


class Archive:
    """One collection's index as drafts are made from it: who belongs to whom, and when each ran."""

    def __init__(self, corpus: Corpus, view: Snapshot) -> None:
        self.corpus = corpus
        self.view = view
        self.rows = view.matching(Filter())
        self.published = np.full(int(self.rows.max()) + 1, np.nan)
        self.published[self.rows] = view.published(self.rows)
        self.stories: dict[str, list[int]] = defaultdict(list)
        for article, story in corpus.groups.items():
            if (row := view.row_of(article)) >= 0:
                self.stories[story].append(row)

    def copies(self, row: int) -> Rows:
        """The article and all copies of it."""
        group = int(self.view.duplicate_groups(np.array([row]))[0])
        return self.view.group_members(group, where=Filter())

    def mates(self, row: int, story: str) -> Rows:
        """The others of its story that are no copies of it and ran in time."""
        others = np.setdiff1d(np.array(self.stories[story], np.int64), self.copies(row))
        if self.corpus.name not in DATED:
            return others
        early: Rows = others[self.published[others] < self.published[row] + AFTER_DAYS * DAY]
        return early

    def after(self, row: int, days: float) -> Rows:
        """All rows that ran later than so many days after one, and those without a date."""
        late: Rows = self.rows[~(self.published[self.rows] < self.published[row] + days * DAY)]
        return late

    def lacking_story(self, row: int, story: str) -> Rows:
        """The rows to leave out so that the archive does not hold an article's news."""
        if self.corpus.name in DATED:
            return np.union1d(self.after(row, -BEFORE_DAYS), self.copies(row))
        return np.union1d(self.stories[story], self.copies(row))

    def holding_story(self, row: int) -> Rows:
        """The rows to leave out so that it holds the others of the story and not the article."""
        late = self.after(row, AFTER_DAYS) if self.corpus.name in DATED else np.empty(0, np.int64)
        return np.union1d(late, self.copies(row))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the collections named and keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--collections", default="allsides,ecbplus", help="names, with commas between")
    parser.add_argument(
        "--limit", type=int, default=400, help="articles of each part that drafts are made of"
    )
    parser.add_argument("--indexes", type=Path, help="folder with an index of each; else they are built")
    options = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = []
    for name in options.collections.split(","):
        corpus = load(name)
        engine = engine_for(corpus) if options.indexes is None else opened(name, options.indexes)
        try:
            with engine.index.snapshot() as view:
                for part in ("odd", "even") if name in DATED else ("all",):
                    cases = list(made(Archive(corpus, view), part, options.limit))
                    rows += [row(name, part, *one) for one in checked(view, engine.encoder, cases)]
        finally:
            engine.close()
    found = {"verdicts": verdicts(rows), "same_news": thresholds(rows)}
    (RESULTS / "coverage.json").write_text(json.dumps(found, indent=1) + "\n")
    print(table(found["verdicts"]))
    print("\n".join(json.dumps(one) for one in found["same_news"]))


def made(archive: Archive, part: str, limit: int) -> Iterator[Case]:
    """The cases of the articles of one part: odd or even stories, or all of them; the same at each run."""
    before: tuple[int, str, list[str]] | None = None
    count = 0
    wanted = {"odd": {1}, "even": {0}, "all": {0, 1}}[part]
    groups = archive.corpus.groups
    for article, story in sorted(groups.items(), key=lambda pair: zlib.crc32(pair[0].encode())):
        row = archive.view.row_of(article)
        if row < 0 or zlib.crc32(story.encode()) % 2 not in wanted or not len(archive.mates(row, story)):
            continue
        text = archive.view.articles(np.array([row]))[0]
        sentences = [text.body[start:end] for start, end in split_sentences(text.body)]
        if len(sentences) < FEWEST_SENTENCES:
            continue
        yield from _of_one(archive, row, story, text, sentences)
        if before is not None and (half := _half(archive, (row, story, sentences), before, text)):
            yield half
        before = (row, story, sentences)
        count += 1
        if count == limit:
            return


def _of_one(archive: Archive, row: int, story: str, text: Article, sentences: list[str]) -> Iterator[Case]:
    whole = DraftSource(text=text.body, title=text.title)
    nothing = np.empty(0, np.int64)
    shorter = " ".join(one for place, one in enumerate(sentences) if place % 3 != 1)
    yield Case("new", text.id, whole, archive.lacking_story(row, story))
    yield Case("story", text.id, whole, archive.holding_story(row))
    yield Case("shorter", text.id, DraftSource(text=shorter), nothing)
    yield Case("reworded", text.id, DraftSource(text=reworded(text.body)), nothing)


def _half(
    archive: Archive,
    one: tuple[int, str, list[str]],
    other: tuple[int, str, list[str]],
    text: Article,
) -> Case | None:
    """Half of an article that has run and half of one whose news has not; None where both ran at one time."""
    row, story, sentences = one
    other_row, other_story, more = other
    if story == other_story:
        return None
    without = np.union1d(archive.stories[other_story], archive.copies(other_row))
    if archive.corpus.name in DATED:
        times = archive.published[archive.rows]
        near = archive.rows[np.abs(times - archive.published[other_row]) < BEFORE_DAYS * DAY]
        without = np.union1d(without, near)
    if row in without:
        return None
    halves = [" ".join(part[: len(part) // 2]) for part in (sentences, more)]
    return Case("half", text.id, DraftSource(text="\n\n".join(halves), title=text.title), without)


def reworded(text: str) -> str:
    """The text with a small word left out, or one put in, at least at each fifth word."""
    kept: list[str] = []
    same = 0
    for word in text.split(" "):
        same += 1
        if same >= 4 and word.lower() in SMALL:
            same = 0
            continue
        if same >= 5:
            kept.append("also")
            same = 0
        kept.append(word)
    return " ".join(kept)


def checked(
    view: Snapshot, encoder: Encoder, cases: Sequence[Case]
) -> Iterator[tuple[Case, Coverage, float]]:
    """Each case with what was found and the seconds of processor time that it took, without the encoding."""
    known: tuple[DraftSource, Draft] | None = None
    for case in cases:
        if known is None or known[0] != case.draft:
            known = (case.draft, read_draft(view, encoder, case.draft))
        begun = time.process_time()
        found = check_coverage(view.without(np.sort(case.without)), known[1])
        yield case, found, time.process_time() - begun


def row(name: str, part: str, case: Case, found: Coverage, seconds: float) -> dict[str, Any]:
    """The figures of one case, enough to try other thresholds on."""
    signals = found.signals
    return {
        "collection": name,
        "part": part,
        "kind": case.kind,
        "article": case.article,
        "verdict": found.verdict,
        "copy": found.articles[0].copy if found.articles else "none",
        "sum": round(signals.nearness + signals.words, 4),
        "nearness": signals.nearness,
        "words": signals.words,
        "same": signals.same,
        "new": signals.new,
        "telling": signals.telling,
        "shared": signals.shared,
        "most_shared": max((one.shared_words for one in found.articles), default=0.0),
        "ms": round(1000 * seconds),
    }


def verdicts(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many drafts of each kind were told what, and the part that was right."""
    counted: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for one in rows:
        counted[one["collection"], one["part"], one["kind"]][one["verdict"]] += 1
    return [
        {
            "collection": name,
            "part": part,
            "kind": kind,
            "drafts": counts.total(),
            **{verdict: counts[verdict] for verdict in VERDICTS},
            "right": sum(counts[verdict] for verdict in RIGHT[kind]) / counts.total(),
        }
        for (name, part, kind), counts in counted.items()
    ]


def thresholds(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What other sums of nearness and rarest words would give: stories found, and new drafts told new."""
    told = []
    for name, part in dict.fromkeys((one["collection"], one["part"]) for one in rows):
        own = [one for one in rows if (one["collection"], one["part"]) == (name, part)]
        for least in SUMS:
            same = {
                kind: [
                    one["sum"] >= least or one["most_shared"] >= SHARED_NEWS or one["copy"] != "none"
                    for one in own
                    if one["kind"] == kind
                ]
                for kind in ("story", "new")
            }
            found, false = float(np.mean(same["story"])), float(np.mean(same["new"]))
            figures = {"stories_found": round(found, 3), "new_told_new": round(1 - false, 3)}
            told.append({"collection": name, "part": part, "sum": least, **figures})
    return told


def table(counted: Sequence[dict[str, Any]]) -> str:
    """A confusion table in Markdown: what was said of drafts of each kind."""
    lines = ["| collection | drafts | number | new | partly covered | covered | right |"]
    lines.append("| --- | --- | --: | --: | --: | --: | --: |")
    for one in counted:
        cells = " | ".join(f"{one[verdict] / one['drafts']:.0%}" for verdict in VERDICTS)
        name = f"{one['collection']}, {one['part']}"
        lines.append(f"| {name} | {one['kind']} | {one['drafts']} | {cells} | {one['right']:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
