"""A lexical query as terms of the index: what base and delta both match by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semsearch.index.lexical_analysis import analyzer
from semsearch.index.protocol import LexicalQuery

Phrase = tuple[str, ...]
# Ways to write one word or phrase in the index, one a stemmer; any of them will do.
Alternatives = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Any term of ``words`` may match, each of ``phrases`` must, none of ``excluded`` may.

    Each entry of ``words`` holds the terms that one word of the query may stand as.
    """

    words: tuple[tuple[str, ...], ...]
    phrases: tuple[Alternatives, ...]
    excluded: tuple[Alternatives, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to match."""
        return not self.words and not self.phrases

    def terms(self) -> tuple[str, ...]:
        """The terms of all words, each once."""
        return tuple(dict.fromkeys(term for group in self.words for term in group))

    def scored(self) -> Iterator[Phrase]:
        """Everything that adds to a score, a term as a phrase of one."""
        for term in self.terms():
            yield (term,)
        for alternatives in self.phrases:
            yield from alternatives


def plan(query: LexicalQuery, stemmers: Sequence[str]) -> Plan:
    """Analyse a query by every stemmer that the index holds articles of; the first is the index's own.

    What analysis leaves nothing of (a phrase of punctuation) is left out of the plan. A word of the
    query that gives several terms counts as several words; excluded, as a phrase.
    """
    return Plan(
        words=tuple(dict.fromkeys(group for word in query.words for group in _groups(word, stemmers))),
        phrases=_all(query.phrases, stemmers),
        excluded=_all(query.excluded, stemmers),
    )


def _groups(word: str, stemmers: Sequence[str]) -> Iterator[tuple[str, ...]]:
    analysed = [analyzer(stemmer).terms(word) for stemmer in stemmers]
    if len({len(terms) for terms in analysed}) == 1:
        for ways in zip(*analysed, strict=True):
            yield tuple(dict.fromkeys(ways))
    else:  # languages cut the word differently (l'Europe)
        for terms in analysed:
            for term in terms:
                yield (term,)


def _all(texts: Iterable[str], stemmers: Sequence[str]) -> tuple[Alternatives, ...]:
    found = []
    for text in texts:
        ways = dict.fromkeys(tuple(analyzer(stemmer).terms(text)) for stemmer in stemmers)
        if alternatives := tuple(way for way in ways if way):
            found.append(alternatives)
    return tuple(dict.fromkeys(found))
