"""A lexical query as terms of the index: what base and delta both match by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from semsearch.index.lexical_analysis import analyzer
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

    Each entry of ``words`` and ``optional`` holds the terms that one word of the query may stand as;
    optional ones only add to the score of what matches.
    """

    words: tuple[tuple[str, ...], ...]
    phrases: tuple[Alternatives, ...]
    excluded: tuple[Alternatives, ...]
    optional: tuple[tuple[str, ...], ...] = ()

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
def plan(query: LexicalQuery, stemmers: tuple[str, ...]) -> Plan:
    """Analyse a query by every stemmer that the index holds articles of; the first is the index's own.

    What analysis leaves nothing of (a phrase of punctuation) is left out of the plan. A word of the
    query that gives several terms counts as several words; excluded, as a phrase. Phrases are bounded
    as ``ways_of_each`` says.
    """
    asked = ways_of_each((*query.phrases, *query.excluded), stemmers)
    phrases, excluded = _distinct(asked[: len(query.phrases)]), _distinct(asked[len(query.phrases) :])
    if query.any_phrase and phrases:
        phrases = (tuple(dict.fromkeys(way for ways in phrases for way in ways)),)
    return Plan(
        words=tuple(dict.fromkeys(group for word in query.words for group in _groups(word, stemmers))),
        phrases=phrases,
        excluded=excluded,
        optional=tuple(dict.fromkeys(group for word in query.optional for group in _groups(word, stemmers))),
    )


def _groups(word: str, stemmers: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    analysed = _analysed(word, stemmers)
    if len({len(terms) for terms in analysed}) == 1:
        for ways in zip(*analysed, strict=True):
            yield tuple(dict.fromkeys(ways))
    else:  # languages cut the word differently (l'Europe)
        for terms in analysed:
            for term in terms:
                yield (term,)


def ways_of_each(texts: Sequence[str], stemmers: tuple[str, ...]) -> list[Alternatives]:
    """For each word or phrase the ways that it may stand in the index; none if analysis leaves nothing of it.

    The texts are those of one query. A phrase ends before a term that has stood in its phrases
    ``MOST_USES`` times, and has one term if ``MOST_PHRASES`` came before it: it then matches somewhat
    more than was asked, but a query costs no more for being made of repetitions.
    """
    uses: Counter[str] = Counter()
    left = MOST_PHRASES
    found = []
    for text in texts:
        analysed = [way for way in dict.fromkeys(_analysed(text, stemmers)) if way]
        ways = [_within(way, uses) if left else way[:1] for way in analysed]
        if any(len(way) > 1 for way in ways):
            left -= 1
            uses += _most_of_each(ways)
        found.append(tuple(dict.fromkeys(ways)))
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


def _distinct(asked: Iterable[Alternatives]) -> tuple[Alternatives, ...]:
    return tuple(dict.fromkeys(ways for ways in asked if ways))


@lru_cache(maxsize=65_536)  # a word is asked for as a word, as a phrase and as a part of a title
def _analysed(text: str, stemmers: tuple[str, ...]) -> tuple[Phrase, ...]:
    """The terms of a text by each stemmer."""
    return tuple(tuple(analyzer(stemmer).terms(text)) for stemmer in stemmers)
