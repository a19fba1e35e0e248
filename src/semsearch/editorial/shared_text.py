"""The runs of words that two texts share, with their places in both; pure and linear in the texts' length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from semsearch.text.words import fold

SHORTEST_RUN = 6  # words: fewer are a name with a title, a date, a turn of phrase
MOST_PLACES = 8  # of one start of a run that are tried: a text of one repeated line stays linear

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W぀-ヿ㐀-鿿가-힯]+")


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run of ``words`` words: character spans in the one text and in the other."""

    start: int
    end: int
    other_start: int
    other_end: int
    words: int


def shared_runs(text: str, other: str, *, shortest: int = SHORTEST_RUN) -> list[SharedRun]:
    """The runs of at least ``shortest`` words of ``text`` that stand in ``other``, case and accents aside.

    In the order of ``text``, where they never overlap; at each word the longest run of the first
    ``MOST_PLACES`` places of the other text is taken. Punctuation between words is not compared.
    """
    mine, spans = _words(text)
    theirs, other_spans = _words(other)
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(theirs) - shortest + 1):
        known = places.setdefault(tuple(theirs[at : at + shortest]), [])
        if len(known) < MOST_PLACES:
            known.append(at)
    found: list[SharedRun] = []
    at = 0
    while at <= len(mine) - shortest:
        starts = places.get(tuple(mine[at : at + shortest]), [])
        length, start = max(((_length(mine, at, theirs, one), -one) for one in starts), default=(1, 1))
        if starts:
            first, last = other_spans[-start], other_spans[length - start - 1]
            found.append(SharedRun(spans[at][0], spans[at + length - 1][1], first[0], last[1], length))
        at += length
    return found


def word_count(text: str) -> int:
    """How many words a text has, as ``shared_runs`` counts them."""
    return sum(1 for _ in _WORD.finditer(text))


def _words(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    found = list(_WORD.finditer(text))
    return [fold(word[0]) for word in found], [word.span() for word in found]


def _length(mine: Sequence[str], at: int, theirs: Sequence[str], start: int) -> int:
    """How many words are the same from two places on."""
    length, most = 0, min(len(mine) - at, len(theirs) - start)
    while length < most and mine[at + length] == theirs[start + length]:
        length += 1
    return length
