"""A lexical query as terms of the index: what base and delta both match by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from semsearch.index.lexical_analysis import analyzer
from semsearch.index.protocol import LexicalQuery

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
    query that gives several terms counts as several words; excluded, as a phrase.
    """
    return Plan(
        words=tuple(dict.fromkeys(group for word in query.words for group in _groups(word, stemmers))),
        phrases=_all(query.phrases, stemmers),
        excluded=_all(query.excluded, stemmers),
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


def _all(texts: Iterable[str], stemmers: tuple[str, ...]) -> tuple[Alternatives, ...]:
    return tuple(dict.fromkeys(ways for text in texts if (ways := ways_to_write(text, stemmers))))


@lru_cache(maxsize=65_536)
def ways_to_write(text: str, stemmers: tuple[str, ...]) -> Alternatives:
    """The ways that a word or phrase may stand in the index; none where analysis leaves nothing of it."""
    return tuple(way for way in dict.fromkeys(_analysed(text, stemmers)) if way)


@lru_cache(maxsize=65_536)  # a word is asked for as a word, as a phrase and as a part of a title
def _analysed(text: str, stemmers: tuple[str, ...]) -> tuple[Phrase, ...]:
    """The terms of a text by each stemmer."""
    return tuple(tuple(analyzer(stemmer).terms(text)) for stemmer in stemmers)
