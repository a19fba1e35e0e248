"""A lexical query as terms of the index: what base and delta both match by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from semsearch.index.lexical_analysis import analyzer
from semsearch.index.lexical_extras import MARK, ONE_CHARACTER
from semsearch.index.protocol import LexicalQuery

# What the phrases of one query may cost: looking for a phrase takes as long as the articles that hold its
# terms hold them, once for each place of the term in the phrase.
MOST_USES = 4  # places of one term in all phrases of a query
MOST_PHRASES = 32  # phrases of several terms

Phrase = tuple[str, ...]
# Ways to write one word or phrase in the index, one a stemmer; any of them will do.
Alternatives = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Any term of ``words`` may match, each of ``phrases`` must, none of ``excluded`` may.

    Each entry of ``words`` and ``optional`` holds the terms that one word of the query may stand as, extra
    ones with their mark; optional ones only add to the score of what matches. ``written`` and
    ``excluded_written`` are looked for among the words as they are written.
    """

    words: tuple[tuple[str, ...], ...]
    phrases: tuple[Alternatives, ...]
    excluded: tuple[Alternatives, ...]
    optional: tuple[tuple[str, ...], ...] = ()
    written: tuple[Alternatives, ...] = ()
    excluded_written: tuple[Alternatives, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to match."""
        return not self.words and not self.phrases

    def parts(self) -> tuple[Alternatives, ...]:
        """Every word that may match and every phrase, each with the ways that it may be written."""
        return (*(tuple((term,) for term in group) for group in self.words), *self.phrases)

    def terms(self) -> tuple[str, ...]:
        """The terms of all words that may match, each once."""
        return tuple(dict.fromkeys(term for group in self.words for term in group))

    def extra_terms(self) -> tuple[str, ...]:
        """The terms of optional words that no other word gives, each once."""
        known = set(self.terms())
        terms = dict.fromkeys(term for group in self.optional for term in group)
        return tuple(term for term in terms if term not in known)

    def scored(self) -> Iterator[Phrase]:
        """Everything that adds to a score, a term as a phrase of one."""
        for term in (*self.terms(), *self.extra_terms()):
            yield (term,)
        for alternatives in self.phrases:
            yield from alternatives


@lru_cache(maxsize=8192)  # one search asks for the plan of its words and of each word several times
def plan(query: LexicalQuery, stemmers: tuple[str, ...], analysis: int) -> Plan:
    """Analyse a query by every stemmer that the index holds articles of; the first is the index's own.

    What analysis leaves nothing of (a phrase of punctuation) is left out of the plan. A word of the
    query that gives several terms counts as several words; excluded, as a phrase. Phrases are
    ``bounded``.
    """
    quoted = query.quoted if analysis > 1 else frozenset()
    phrases = [
        ways_to_write(text, stemmers, analysis) if text in quoted else ways_to_find(text, stemmers, analysis)
        for text in query.phrases
    ]
    plain = [ways_to_find(text, stemmers, analysis) for text in query.excluded if text not in quoted]
    asked = bounded([*phrases, *plain])
    written = [_as_written(text, stemmers) for text in query.phrases if text in quoted]
    not_written = [_as_written(text, stemmers) for text in query.excluded if text in quoted]
    as_written = bounded([*written, *not_written])
    found = _every(asked[: len(phrases)])
    if query.any_phrase and found:
        found = (tuple(dict.fromkeys(way for ways in found for way in ways)),)
    return Plan(
        words=_words(query.words, stemmers, analysis),
        phrases=found,
        excluded=_every(asked[len(phrases) :]),
        optional=_words(query.optional, stemmers, analysis),
        written=_every(as_written[: len(written)]),
        excluded_written=_every(as_written[len(written) :]),
    )


def _words(words: Iterable[str], stemmers: tuple[str, ...], analysis: int) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(group for word in words for group in _groups(word, stemmers, analysis)))


def _groups(word: str, stemmers: tuple[str, ...], analysis: int) -> Iterator[tuple[str, ...]]:
    analysed = _analysed(word, stemmers, analysis)
    if len({len(terms) for terms in analysed}) == 1:
        for ways in zip(*analysed, strict=True):
            yield _with_extras(ways, analysis)
    else:  # languages cut the word differently (l'Europe)
        for terms in analysed:
            for term in terms:
                yield _with_extras((term,), analysis)
    for ways in _asked(word, stemmers, analysis):
        yield _with_extras(ways, analysis)


def _with_extras(terms: Iterable[str], analysis: int) -> tuple[str, ...]:
    """The terms that a word stands as, and the same as extra terms."""
    own = tuple(dict.fromkeys(terms))
    return (*own, *(MARK + term for term in own)) if analysis > 1 else own


def _every(found: Iterable[Alternatives]) -> tuple[Alternatives, ...]:
    return tuple(dict.fromkeys(ways for ways in found if ways))


@lru_cache(maxsize=65_536)
def ways_to_find(text: str, stemmers: tuple[str, ...], analysis: int) -> Alternatives:
    """The ways that a word or phrase may be found: as it is written by any stemmer, or as an extra term."""
    own = _plain_ways(text, stemmers, analysis)
    joined = tuple((term,) for ways in _joined(text, stemmers, analysis) for term in ways)
    singles = (*(way for way in own if len(way) == 1), *joined)
    extras = tuple((MARK + way[0],) for way in singles) if analysis > 1 else ()
    return tuple(dict.fromkeys((*own, *joined, *extras)))


@lru_cache(maxsize=65_536)
def ways_to_write(text: str, stemmers: tuple[str, ...], analysis: int) -> Alternatives:
    """The ways that a quoted phrase may stand in the index; none where analysis leaves nothing of it.

    One Chinese or Korean character stands there as an extra term, for the index keeps pairs of them.
    """
    ways = _plain_ways(text, stemmers, analysis)
    if analysis > 1 and ONE_CHARACTER.fullmatch(text.strip()):
        return (*ways, *((MARK + way[0],) for way in ways if len(way) == 1))
    return ways


def _plain_ways(text: str, stemmers: tuple[str, ...], analysis: int) -> Alternatives:
    return tuple(way for way in dict.fromkeys(_analysed(text, stemmers, analysis)) if way)


@lru_cache(maxsize=65_536)
def _as_written(text: str, stemmers: tuple[str, ...]) -> Alternatives:
    """The ways that a quoted text is written; none for one character, which stands in no written pair."""
    if ONE_CHARACTER.fullmatch(text.strip()):
        return ()
    ways = dict.fromkeys(tuple(analyzer(stemmer).written(text)) for stemmer in stemmers)
    return tuple(way for way in ways if way)


@lru_cache(maxsize=65_536)
def _asked(word: str, stemmers: tuple[str, ...], analysis: int) -> tuple[tuple[str, ...], ...]:
    """For each other word that a word of a query may stand as, its terms by each stemmer."""
    by_stemmer = [analyzer(stemmer, analysis).asked(word) for stemmer in stemmers]
    return tuple(zip(*by_stemmer, strict=True))


def _joined(text: str, stemmers: tuple[str, ...], analysis: int) -> tuple[tuple[str, ...], ...]:
    """The one other word that a word may stand as; the words of a tag are not the tag."""
    found = _asked(text, stemmers, analysis)
    return found if len(found) == 1 else ()


def bounded(asked: Sequence[Alternatives]) -> list[Alternatives]:
    """The ways to find each phrase of one query, so that a query costs no more for being made of repetitions.

    A phrase ends before a term that has stood in its phrases ``MOST_USES`` times, and has one term if
    ``MOST_PHRASES`` came before it: it then matches somewhat more than was asked.
    """
    uses: Counter[str] = Counter()
    left = MOST_PHRASES
    found = []
    for ways in asked:
        kept = [_within(way, uses) if left else way[:1] for way in ways]
        if any(len(way) > 1 for way in kept):
            left -= 1
            uses += _most_of_each(kept)
        found.append(tuple(dict.fromkeys(kept)))
    return found


def _within(way: Phrase, uses: Counter[str]) -> Phrase:
    """The beginning of a phrase, at least one term, in which no term passes its number of places."""
    places: Counter[str] = Counter()
    for at, term in enumerate(way):
        places[term] += 1
        if uses[term] + places[term] > MOST_USES:
            return way[: max(at, 1)]
    return way


def _most_of_each(ways: Iterable[Phrase]) -> Counter[str]:
    found: Counter[str] = Counter()
    for way in ways:
        found |= Counter(way)
    return found


@lru_cache(maxsize=65_536)  # a word is asked for as a word, as a phrase and as a part of a title
def _analysed(text: str, stemmers: tuple[str, ...], analysis: int) -> tuple[Phrase, ...]:
    """The terms of a text by each stemmer."""
    return tuple(tuple(analyzer(stemmer, analysis).terms(text)) for stemmer in stemmers)
