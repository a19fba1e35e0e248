"""Typing help and "did you mean": time a query, and how often a correction is right.

    python benchmarks/suggest.py [--articles 100000] [--keep]

Builds an index of ../shared/data/scale without embeddings (one arbitrary vector an article) under
benchmarks/.work, and measures:

- the share of the build that typing help takes;
- milliseconds a suggestion, for every beginning of titles and names as they are typed, right and with a
  typing error, beside a plain scan of all titles;
- "did you mean" for words of the corpus with one random typing error: mended rightly, wrongly, or not;
- words that are right and must be left alone: rare words of the corpus, and names that it does not hold
  (from articles left out of the index).

Figures go to benchmarks/results/suggest.json.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file or as a module

from benchmarks.corpora import DATA, WORK
from semsearch.articles import Article, Passage
from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import ArticleInvalid
from semsearch.index.builder import GenerationBuilder
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.folder import IndexFolder
from semsearch.index.protocol import PreparedArticle, Snapshot
from semsearch.index.publishing import publish
from semsearch.index.typing_help import TypingBuilder
from semsearch.options import LexicalOptions, VectorOptions
from semsearch.search.spelling import better_word
from semsearch.search.suggest import SuggestRequest, suggest
from semsearch.text.dates import parse_date
from semsearch.text.words import SPELLED, bare, name_words

RESULTS = Path(__file__).resolve().parent / "results" / "suggest.json"
SOURCE = DATA / "scale" / "articles.jsonl.gz"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HELD_OUT = 2_000  # articles left out of the index: where words are from that it does not hold

Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="keep the index for the next run")
    options = parser.parse_args(arguments)
    folder = IndexFolder(WORK, f"suggest-{options.articles}")
    path = WORK / f"suggest-{options.articles}"
    try:
        figures: Figures = {"articles": options.articles}
        if not (path / "current").exists():
            figures |= _build(folder, options.articles)
        index = EmbeddedIndex(folder)
        with index.snapshot() as snapshot:
            begun = time.perf_counter()
            list(snapshot.complete_words("a", limit=1))
            figures["load_seconds"] = round(time.perf_counter() - begun, 3)
            figures |= _latency(snapshot, options.articles)
            figures |= _corrections(snapshot)
            figures |= _left_alone(snapshot, options.articles)
        index.close()
    finally:
        if not options.keep:
            shutil.rmtree(path, ignore_errors=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, indent=1))
    return 0


def articles() -> Iterator[Article]:
    """The articles of the collection, in an order that mixes its parts."""
    with gzip.open(SOURCE, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    random.Random(7).shuffle(read)
    for one in read:
        published = None
        with contextlib.suppress(ArticleInvalid):  # a few come from the year 1
            published = parse_date(one["published_at"]) if one.get("published_at") else None
        yield Article(
            id=one["id"],
            title=one.get("title") or "",
            body=one.get("body") or "",
            url=one.get("url"),
            published_at=published,
            section=one.get("section"),
            authors=(one["author"],) if one.get("author") else (),
            source=one.get("source"),
        )


def _build(folder: IndexFolder, count: int) -> Figures:
    folder.create()
    encoder = EncoderInfo("none", "0" * 32, 8, 128)
    builder = GenerationBuilder(
        folder, encoder, change=0, lexical=LexicalOptions(), vectors=VectorOptions("exact"), settings={}
    )
    vector = np.eye(1, 8, dtype=np.float32)
    typing, typing_seconds, begun = TypingBuilder(), 0.0, time.process_time()
    for row, article in enumerate(islice(articles(), count)):
        end = len(article.body)
        passage = Passage(article.id, 0, 0, end, article.body)
        prepared = PreparedArticle(article, ((0, end),) if end else (), (passage,), vector)
        builder.add(prepared)
        started = time.process_time()
        typing.add(row, prepared)
        typing_seconds += time.process_time() - started
    generation = builder.finish()
    build_seconds = time.process_time() - begun - typing_seconds
    started = time.process_time()
    scratch = WORK / "typing.npz"
    typing.save(scratch)
    typing_seconds += time.process_time() - started
    scratch.unlink()
    publish(folder, generation)
    size = (folder.generation_path(generation) / "typing.npz").stat().st_size
    return {
        "build_seconds_without_embedding": round(build_seconds, 1),
        "of_that_typing_help": round(typing_seconds, 1),
        "microseconds_an_article": round(1e6 * typing_seconds / count),
        "file_megabytes": round(size / 1e6, 1),
    }


def _latency(snapshot: Snapshot, count: int) -> Figures:
    rng = random.Random(1)
    held = list(islice(articles(), count))
    titles = [f" {' '.join(name_words(one.title))}" for one in held]
    sample = rng.sample([one for one in held if one.title], 150)
    typed = [one.title[:end] for one in sample for end in (1, 2, 3, 5, 8, 13, 21)]
    typed += [one.authors[0][:end] for one in sample if one.authors for end in (1, 2, 4, 7)]
    wrong = [misspelled(text, rng) for text in typed if len(text) >= 5]
    begun = time.perf_counter()
    for length in range(4, 30):  # lists of words by length are made at first use
        suggest(snapshot, SuggestRequest("warmpuzzle".ljust(length, "x")[:length]))
    warming = round(time.perf_counter() - begun, 2)

    def scan(text: str) -> None:
        beginning = " " + " ".join(name_words(text))
        sorted(row for row, title in enumerate(titles) if beginning in title)[:10]

    ours, brute = (
        _times(lambda text: suggest(snapshot, SuggestRequest(text)), typed),
        _times(scan, typed[:200]),
    )
    return {
        "first_use_seconds": warming,
        "suggest_ms": ours,
        "suggest_ms_with_a_typing_error": _times(lambda text: suggest(snapshot, SuggestRequest(text)), wrong),
        "scan_of_all_titles_ms": brute,
        "wrong_prefix_answers": sum(not _agrees(snapshot, text, titles) for text in typed[:300]),
    }


def _agrees(snapshot: Snapshot, text: str, titles: Sequence[str]) -> bool:
    """Whether the phrase lot is what a scan of all titles finds (oracle)."""
    beginning = " " + " ".join(name_words(text))
    if beginning == " ":
        return True
    open_end = not text[-1].isspace()
    expected = [
        row for row, title in enumerate(titles) if beginning + ("" if open_end else " ") in f"{title} "
    ]
    lots = list(snapshot.complete_titles(text))
    return expected == (lots[1].tolist() if lots else [])


def _times(call: Callable[[str], object], texts: Sequence[str]) -> Figures:
    spent = []
    for text in texts:
        begun = time.thread_time()
        call(text)
        spent.append(1000 * (time.thread_time() - begun))
    p50, p95, p99 = np.percentile(spent, (50, 95, 99))
    return {"queries": len(texts), "p50": round(p50, 2), "p95": round(p95, 2), "p99": round(p99, 2)}


def misspelled(text: str, rng: random.Random) -> str:
    """The text with one random typing error in a letter after the first."""
    places = [at for at in range(1, len(text)) if text[at].isalpha()]
    if not places:
        return text
    at, kind = rng.choice(places), rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + rng.choice(LETTERS) + text[at:]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + rng.choice(LETTERS) + text[at + 1 :]


def _corrections(snapshot: Snapshot) -> Figures:
    """Words as readers type them: drawn by how often they stand in titles."""
    rng = random.Random(2)
    words = [bare(word) for one in islice(articles(), 20_000) for word in SPELLED.findall(one.title)]
    words = [word for word in words if len(word) >= 5]
    figures: Figures = {}
    for name, pool in (("frequent", words), ("any", sorted(set(words)))):
        tally = {"right": 0, "wrong": 0, "none": 0, "is_a_word_itself": 0}
        for word in rng.choices(pool, k=1_500):
            typed = misspelled(word, rng)
            if typed == word or snapshot.document_frequency([typed])[0]:
                tally["is_a_word_itself"] += 1
                continue
            better = better_word(snapshot, typed)
            right = better is not None and _stems(snapshot, better) == _stems(snapshot, word)
            tally["none" if better is None else "right" if right else "wrong"] += 1
        figures[f"mended_{name}_words"] = tally
    return figures


def _stems(snapshot: Snapshot, text: str) -> list[str]:
    return [term for term, _, _ in snapshot.analyse(text)]


def _left_alone(snapshot: Snapshot, count: int) -> Figures:
    """Rare words of the corpus, and capitalised words of articles that are not in it."""
    rng = random.Random(3)
    seen: list[str] = []
    unseen: set[str] = set()
    for number, one in enumerate(islice(articles(), count + HELD_OUT)):
        names = {bare(word) for word in SPELLED.findall(one.body) if word[0].isupper() and not word.isupper()}
        if number >= count:
            unseen |= {word for word in names if len(word) >= 4}
        elif number % 10 == 0:
            seen += [word for word in names if len(word) >= 4]
    counts = snapshot.document_frequency(seen_set := sorted(set(seen)))
    rare = [word for word, held in zip(seen_set, counts, strict=True) if 1 <= held <= 2]
    new = [
        w
        for w, held in zip(sorted(unseen), snapshot.document_frequency(sorted(unseen)), strict=True)
        if not held
    ]
    figures: Figures = {}
    for name, words in (("rare_names_of_the_corpus", rare), ("names_it_does_not_hold", new)):
        sample = rng.sample(words, min(len(words), 1_500))
        changed = [(word, better) for word in sample if (better := better_word(snapshot, word))]
        figures[name] = {"asked": len(sample), "changed": len(changed), "examples": changed[:40]}
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
