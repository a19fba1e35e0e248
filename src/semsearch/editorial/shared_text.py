"""The runs of words that two texts share, with their places in both; pure and linear in the texts' length."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from semsearch.text.words import fold

SHORTEST_RUN = 6  # words: fewer are a name with a title, a date, a turn of phrase
MOST_PLACES = 8  # of one start of a run that are tried: a text of one repeated line stays linear

Span = tuple[int, int]

_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W぀-ヿ㐀-鿿가-힯]+")


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run of ``words`` words: character spans in the one text and in the other."""

    start: int
    end: int
    other_start: int
    other_end: int
    words: int


@dataclass(frozen=True, slots=True)
class Spelled:
    """The words of a text as they are compared, without case and accents, and the span of each."""

    words: tuple[str, ...]
    spans: tuple[Span, ...]


def spell(text: str) -> Spelled:
    """The words of a text."""
    spans = tuple(word.span() for word in _WORD.finditer(text))
    lower = text.lower()
    if len(lower) != len(text):  # "İ" becomes two characters: the spans would be others
        written = [text[start:end] for start, end in spans]
        folded = {word: fold(word) for word in set(written)}
        return Spelled(tuple(folded[word] for word in written), spans)
    words = [lower[start:end] for start, end in spans]
    folded = {word: fold(word) for word in set(words) if not word.isascii()}
    return Spelled(tuple(folded.get(word, word) for word in words), spans)


def shared_runs(mine: Spelled, other: Spelled, *, shortest: int = SHORTEST_RUN) -> list[SharedRun]:
    """The runs of at least ``shortest`` words of one text that stand in another, case and accents aside.

    In the order of the first text, where they never overlap; at each word the longest run of the first
    ``MOST_PLACES`` places of the other text is taken. Punctuation between words is not compared.
    """
    words, theirs = mine.words, other.words
    places = _places(theirs, frozenset(words), shortest)
    found: list[SharedRun] = []
    at = 0
    while at <= len(words) - shortest and places:
        starts = places.get(words[at : at + shortest])
        if starts is None:
            at += 1
            continue
        length, start = max((_length(words, at, theirs, one), -one) for one in starts)
        first, last = other.spans[-start], other.spans[length - start - 1]
        found.append(SharedRun(mine.spans[at][0], mine.spans[at + length - 1][1], first[0], last[1], length))
        at += length
    return found


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same characters in spans that never overlap, in order."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def share_within(mine: Spelled, runs: Sequence[Span], within: Span | None = None) -> float:
    """The part (0 to 1) of the words of a text, or of those of one span of it, that lie in runs.

    ``runs`` come in order and never overlap; without a word the part is 0.
    """
    starts = [start for start, _ in runs]
    first, last = (0, len(mine.spans)) if within is None else _words_of(mine, within)
    inside = 0
    for start, end in mine.spans[first:last]:
        at = bisect_right(starts, start) - 1
        inside += at >= 0 and end <= runs[at][1]
    return inside / (last - first) if last > first else 0.0


def words_in(mine: Spelled, span: Span) -> int:
    """How many words of a text lie in a span of it."""
    first, last = _words_of(mine, span)
    return max(0, last - first)


def _words_of(mine: Spelled, span: Span) -> tuple[int, int]:
    """The first word that lies in a span, and the one behind the last."""
    return bisect_left(mine.spans, span[0], key=itemgetter(0)), bisect_right(
        mine.spans, span[1], key=itemgetter(1)
    )


def _places(words: Sequence[str], known: frozenset[str], shortest: int) -> dict[tuple[str, ...], list[int]]:
    """Where each row of ``shortest`` words begins, of which all are known in the other text."""
    places: dict[tuple[str, ...], list[int]] = {}
    begun = 0  # behind the last word that is not known
    for at, word in enumerate(words, 1):
        if word not in known:
            begun = at
        elif at - begun >= shortest:
            met = places.setdefault(tuple(words[at - shortest : at]), [])
            if len(met) < MOST_PLACES:
                met.append(at - shortest)
    return places


def _length(mine: Sequence[str], at: int, theirs: Sequence[str], start: int) -> int:
    """How many words are the same from two places on."""
    length, most = 0, min(len(mine) - at, len(theirs) - start)
    while length < most and mine[at + length] == theirs[start + length]:
        length += 1
    return length
