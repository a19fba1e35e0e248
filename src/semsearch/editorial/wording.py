"""A text made ready for links: its words, sentences and names, and what of it carries none; pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from semsearch.text import split_sentences
from semsearch.text.names import find_names

MOST_READ = 60_000  # characters of a text: some 10,000 words
MOST_WORDS = 8  # of a name, with what stands before it
QUOTED_WORDS = 4  # at the beginning of a quotation that carry no link

Span = tuple[int, int]
Analyse = Callable[[str], list[tuple[str, int, int]]]

_QUOTE = re.compile(r"[“„«]([^“”„«»]{1,400})[”»]|(?<![\w\"])\"([^\"\n]{1,400})\"")
_WORD = re.compile(r"\S+")
# What stands before the name of a person and is no part of it: a link begins behind it.
STANDING = frozenset(
    """
    president sen senator rep representative gov governor general secretary minister chancellor king queen
    prince princess pope judge justice chief chairman chairwoman speaker director mayor ambassador officer
    detective sergeant captain colonel commander mr mrs ms dr sir lord lady professor rev reverend pastor
    executive counsel congressman congresswoman commissioner founder actor actress singer author coach
    candidate leader deputy
    """.split()  # noqa: SIM905 - words read better as text
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text made ready: its terms with their spans, its sentences, its names and what carries no link.

    ``places`` says where each term stands, ``names`` are ranges of terms, ``named`` is the one that a term
    is in; ``barred`` are spans in characters, in order.
    """

    text: str
    terms: tuple[tuple[str, int, int], ...]
    places: Mapping[str, Sequence[int]]
    sentences: tuple[Span, ...]
    names: tuple[Span, ...]
    named: Mapping[int, Span]
    barred: tuple[Span, ...]

    def written(self, first: int, last: int) -> str:
        """The characters of a range of terms."""
        return self.text[self.terms[first][1] : self.terms[last - 1][2]]

    def word(self, place: int) -> str:
        """A term as it is written, in small letters."""
        _, start, end = self.terms[place]
        return self.text[start:end].lower()

    def is_standing(self, place: int) -> bool:
        """Whether a term is what stands before the name of a person: President, Sen."""
        return self.word(place) in STANDING

    def is_name(self, first: int, last: int) -> bool:
        """Whether a range of terms is a name, or the end of one behind what stands before it."""
        begin, end = self.named.get(last - 1, (-1, -1))
        return end == last and (begin == first or (begin < first and self.is_standing(first - 1)))

    def names_in(self, first: int, last: int) -> list[Span]:
        """The names that have a term in a range of terms, in order."""
        return list(dict.fromkeys(self.named[place] for place in range(first, last) if place in self.named))

    def is_barred(self, phrase: Phrase) -> bool:
        """Whether a phrase touches what carries no link."""
        return any(phrase.start < stop and begin < phrase.end for begin, stop in self.barred)

    def sentence(self, place: int) -> int:
        """The number of the sentence that holds a character."""
        return max(0, bisect_right(self.sentences, (place, len(self.text))) - 1)

    def sentence_text(self, number: int) -> str:
        """The characters of a sentence."""
        start, end = self.sentences[number]
        return self.text[start:end]

    def terms_of(self, sentence: int) -> frozenset[str]:
        """The terms of a sentence."""
        start, end = self.sentences[sentence]
        first = bisect_left(self.terms, start, key=itemgetter(1))
        last = bisect_left(self.terms, end, key=itemgetter(1))
        return frozenset(term for term, _, _ in self.terms[first:last])

    def key(self, phrase: Phrase) -> tuple[str, ...]:
        """The terms of a phrase: equal for what counts as the same words."""
        return tuple(term for term, _, _ in self.terms[phrase.first : phrase.last])


@dataclass(frozen=True, slots=True)
class Phrase:
    """A place in a text that could carry a link: ``text[start:end]``, the terms ``first`` up to ``last``.

    ``named`` says that a whole name is in it.
    """

    start: int
    end: int
    first: int
    last: int
    named: bool


def read_wording(analyse: Analyse, text: str, barred: Sequence[Span] = ()) -> Wording:
    """The beginning of a text made ready; ``barred`` are spans that carry no link: those that are there."""
    text = text[:MOST_READ]
    terms = tuple(analyse(text))
    starts = [start for _, start, _ in terms]
    names: list[Span] = []
    for name in find_names(text, words=MOST_WORDS):
        first, last = bisect_left(starts, name.start), bisect_left(starts, name.end)
        owners = [at for at in range(first + 1, last) if text[terms[at - 1][2]] in "'’"]  # Mueller's Russia
        bounds = [first, *owners, last]
        names += [(begin, end) for begin, end in pairwise(bounds) if begin < end]
    spans = sorted([*barred, *_quotations(text)])
    named = {place: one for one in names for place in range(*one)}
    places: dict[str, list[int]] = {}
    for place, (term, _, _) in enumerate(terms):
        places.setdefault(term, []).append(place)
    return Wording(text, terms, places, tuple(split_sentences(text)), tuple(names), named, tuple(spans))


def _quotations(text: str) -> Iterator[Span]:
    """The first words of each quotation that is longer than a title."""
    for match in _QUOTE.finditer(text):
        start, end = match.span(1 if match[1] is not None else 2)
        words = [word.end() for word in _WORD.finditer(text, start, end)]
        if len(words) > QUOTED_WORDS + 2:
            yield (start, words[QUOTED_WORDS - 1])
