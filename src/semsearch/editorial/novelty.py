"""What of a draft is new: sentences whose telling words stand in no article about the same news."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence

from semsearch.editorial.shared_text import Spelled, share_within, words_in
from semsearch.editorial.verdict import is_new_sentence
from semsearch.index.salient import MOST_CHARACTERS, Term
from semsearch.text import split_sentences

Span = tuple[int, int]
Analyse = Callable[[str], list[tuple[str, int, int]]]

FEWEST_WORDS = 8  # a shorter sentence says too little to be told new
FEWEST_TERMS = 3


class Novelty:
    """Tells the new sentences of the beginning of one text, whose telling terms are ``terms``."""

    def __init__(self, analyse: Analyse, text: str, spelled: Spelled, terms: Iterable[Term]) -> None:
        self._text = text[:MOST_CHARACTERS]
        self._spelled = spelled
        self._weights = {one.term: one.weight for one in terms}
        self._places = [(start, term) for term, start, _ in analyse(self._text) if term in self._weights]

    def new_sentences(self, held: Collection[str], shared: Sequence[Span]) -> list[Span]:
        """The sentences that say what no article says, in order; a text of a few words is one.

        ``held`` are the terms that articles have, ``shared`` the spans that stand in them word for word.
        """
        whole = (0, len(self._text))
        judged = [one for one in split_sentences(self._text) if self._says_something(one)] or [whole]
        return [one for one in judged if self._is_new(one, held, shared)]

    def part_of(self, spans: Sequence[Span]) -> float:
        """The part (0 to 1) of the words of the beginning that lie in spans of it."""
        whole = words_in(self._spelled, (0, len(self._text)))
        return sum(words_in(self._spelled, span) for span in spans) / whole if whole else 0.0

    def _terms_of(self, span: Span) -> set[str]:
        first, last = (bisect_left(self._places, (edge, "")) for edge in span)
        return {term for _, term in self._places[first:last]}

    def _says_something(self, span: Span) -> bool:
        return len(self._terms_of(span)) >= FEWEST_TERMS and words_in(self._spelled, span) >= FEWEST_WORDS

    def _is_new(self, span: Span, held: Collection[str], shared: Sequence[Span]) -> bool:
        own = self._terms_of(span)
        whole = sum(self._weights[term] for term in own)
        known = sum(self._weights[term] for term in own if term in held)
        return is_new_sentence(known / whole if whole else 1.0, share_within(self._spelled, shared, span))
