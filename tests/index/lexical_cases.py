"""A made-up corpus for the lexical tests and the plainest BM25 that could be right."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC
from math import log
from pathlib import Path

from semsearch.articles import Filter
from semsearch.index.lexical import LexicalBase, LexicalBuilder, LexicalDocument, LexicalIndex, LexicalWeights
from semsearch.index.lexical_analysis import analyzer
from semsearch.index.protocol import LexicalQuery
from semsearch.options import LexicalOptions

NO_FILTER = Filter()
WEIGHTS = LexicalWeights()
NAMES = ("Jane Doe", "John Roe", "Ann Bell")
COMMON = "the a of and to in on said new people government".split()
RARE = (
    "senate court ruling korea missile virus vaccine climate wage strike goal transfer film bank rate "
    "rulings banking wi-fi wifi #CourtRuling virus19"
).split()


def made_up(count: int, *, seed: int = 7) -> list[LexicalDocument]:
    """Articles of common and rare words with titles, authors, dates, sections and tags, some without."""
    chance = random.Random(seed)
    return [_one(number, chance) for number in range(count)]


def _one(number: int, chance: random.Random) -> LexicalDocument:
    words = chance.choices(COMMON * 3 + RARE, k=chance.randint(0, 120))
    if chance.random() < 0.2:
        words[chance.randint(0, len(words)) : 0] = ["north", "korea"] * chance.randint(1, 3)
    return LexicalDocument(
        article_id=f"id{number}",
        title=" ".join(chance.choices(COMMON + RARE * 2, k=chance.randint(0, 9))),
        body=" ".join(words),
        authors=tuple(chance.sample(NAMES, chance.randint(0, 2))),
        section=chance.choice([None, "World", "world", "Sport", "Money"]),
        tags=tuple(chance.sample(["EU", "US", "Asia"], chance.randint(0, 2))),
        language=chance.choice([None, "en", "en-GB"]),
        source=chance.choice([None, "Wire", "Desk"]),
        published=chance.choice([None, chance.randint(0, 1000)]),
    )


def base_of(folder: Path, docs: Iterable[LexicalDocument], **options: str) -> LexicalBase:
    """A base that holds the documents as rows 0, 1, ..."""
    builder = LexicalBuilder(folder, LexicalOptions(**options))
    for row, doc in enumerate(docs):
        builder.add(row, doc)
    builder.finish()
    return LexicalBase(folder)


def index_of(folder: Path, docs: Sequence[LexicalDocument], *, late: int = 0) -> LexicalIndex:
    """An index whose last ``late`` documents are in the delta."""
    early = len(docs) - late
    index = LexicalIndex(base_of(folder, docs[:early]))
    for row in range(early, len(docs)):
        index.append(row, docs[row])
    return index


class Oracle:
    """Matches and scores article by article, in plain Python, with exact field lengths."""

    def __init__(self, docs: Sequence[LexicalDocument]) -> None:
        self.docs = docs
        texts = [{"title": [doc.title], "body": [doc.body], "author": doc.authors} for doc in docs]
        self.fields = [
            {name: [part for text in given for part in parts_of(text)] for name, given in one.items()}
            for one in texts
        ]
        written = analyzer("english").written
        self.written = [[written(text) for given in one.values() for text in given] for one in texts]
        self._averages = {
            name: sum(self._length(row, name) for row in range(len(docs))) / len(docs)
            for name in ("title", "body", "author")
        }
        self._known: dict[tuple[str, str], float] = {}

    def search(
        self,
        query: LexicalQuery,
        where: Filter = NO_FILTER,
        dead: Iterable[int] = (),
        weights: LexicalWeights = WEIGHTS,
    ) -> dict[int, float]:
        """Score by row of all that match."""
        found: dict[int, float] = {}
        gone = set(dead)
        words = list(dict.fromkeys(term for word in query.words for term in found_as(word)))
        phrases = [ways for text in query.phrases if (ways := ways_of(text, quoted=text in query.quoted))]
        for row, doc in enumerate(self.docs):
            any_word = any(self._held(row, [word]) for word in words)
            if not (any_word or phrases) or row in gone or not passes(doc, where):
                continue
            if self._allowed(row, query, phrases):
                scored = [[word] for word in words] + [way for ways in phrases for way in ways]
                found[row] = sum(self._score(row, phrase, weights) for phrase in scored)
        return found

    def _allowed(self, row: int, query: LexicalQuery, phrases: list[list[list[str]]]) -> bool:
        """Whether an article holds every phrase, quoted ones as they are written, and nothing excluded."""
        excluded = [text for text in query.excluded if text not in query.quoted]
        return (
            all(any(self._held(row, way) for way in ways) for ways in phrases)
            and all(self._is_written(row, text) for text in query.phrases if text in query.quoted)
            and not any(self._held(row, way) for text in excluded for way in ways_of(text, quoted=False))
            and not any(self._is_written(row, text) for text in query.excluded if text in query.quoted)
        )

    def _is_written(self, row: int, text: str) -> bool:
        phrase = analyzer("english").written(text)
        return any(
            part[at : at + len(phrase)] == phrase
            for part in self.written[row]
            for at in range(len(part) - len(phrase) + 1)
        )

    def titled(self, query: LexicalQuery, where: Filter = NO_FILTER, dead: Iterable[int] = ()) -> list[int]:
        """The rows whose title holds every word and phrase."""
        phrases = [ways for text in query.phrases if (ways := ways_of(text, quoted=text in query.quoted))]
        wanted = [[[term], [f"~{term}"]] for word in query.words for term in words_of(word)] + phrases
        if not wanted:
            return []
        gone = set(dead)
        return [
            row
            for row, doc in enumerate(self.docs)
            if row not in gone
            and passes(doc, where)
            and all(any(self._count(row, "title", way) for way in ways) for ways in wanted)
            and self._allowed(row, query, phrases)
        ]

    def _held(self, row: int, phrase: list[str]) -> bool:
        return any(self._count(row, name, phrase) for name in self.fields[row])

    def _count(self, row: int, name: str, phrase: list[str]) -> int:
        size = len(phrase)
        return sum(
            part[at : at + size] == phrase
            for part in self.fields[row][name]
            for at in range(len(part) - size + 1)
        )

    def _length(self, row: int, name: str) -> int:
        return sum(map(len, self.fields[row][name]))

    def _score(self, row: int, phrase: list[str], weights: LexicalWeights) -> float:
        total = 0.0
        for name in ("title", "body", "author"):
            count = self._count(row, name, phrase)
            if count:
                norm = 1.2 * (0.25 + 0.75 * self._length(row, name) / self._averages[name])
                rarity = sum(self._idf(name, term) for term in phrase)
                part = 0.5 if phrase[0].startswith("~") else 1.0
                total += part * weights.of(name) * rarity * 2.2 * count / (count + norm)
        return total

    def _idf(self, name: str, term: str) -> float:
        if (name, term) not in self._known:
            held = sum(bool(self._count(row, name, [term])) for row in range(len(self.docs)))
            self._known[name, term] = log(1 + (len(self.docs) - held + 0.5) / (held + 0.5))
        return self._known[name, term]


def parts_of(text: str) -> list[list[str]]:
    """The terms of a text and, marked, the other words that it answers to; no phrase runs over both."""
    english = analyzer("english")
    return [english.terms(text), [f"~{term}" for term in english.extras(text)]]


def words_of(word: str) -> list[str]:
    """The terms of a word of a query and those of the other words that it may stand as."""
    return [*analyzer("english").terms(word), *analyzer("english").asked(word)]


def found_as(word: str) -> list[str]:
    """The terms that a word of a query is found by."""
    return [way for term in words_of(word) for way in (term, f"~{term}")]


def ways_of(text: str, *, quoted: bool) -> list[list[str]]:
    """The ways that a phrase may stand in an article: in quotes as its terms alone."""
    terms, asked = analyzer("english").terms(text), analyzer("english").asked(text)
    if quoted or not terms:
        return [terms] if terms else []
    joined = [[term] for term in asked] if len(asked) == 1 else []
    singles = [way for way in ([terms], joined) for way in way if len(way) == 1]
    return [terms, *joined, *([f"~{way[0]}"] for way in singles)]


def passes(doc: LexicalDocument, where: Filter) -> bool:
    """Whether an article passes a filter, by its definition."""

    def one_of(wanted: tuple[str, ...] | None, held: Iterable[str | None]) -> bool:
        folded = {value.casefold() for value in held if value}
        return wanted is None or any(value.casefold() in folded for value in wanted)

    dated = where.published_after is None and where.published_before is None
    if not dated and doc.published is not None:
        after, before = (
            None if moment is None else moment.replace(tzinfo=UTC).timestamp()
            for moment in (where.published_after, where.published_before)
        )
        dated = (after is None or doc.published >= after) and (before is None or doc.published < before)
    return (
        dated
        and one_of(where.sections, [doc.section])
        and one_of(where.authors, doc.authors)
        and one_of(where.tags, doc.tags)
        and one_of(where.languages, [doc.language])
        and one_of(where.sources, [doc.source])
        and doc.article_id not in where.exclude_ids
    )
