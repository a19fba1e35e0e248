"""The parts of a body that can be boilerplate: its paragraphs, and the sentences at its two ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from semsearch.text import split_paragraphs, split_sentences

_FIRST_PARAGRAPHS, _LAST_PARAGRAPHS = 2, 6  # these stand at the edge of a body
_FIRST_SENTENCES, _LAST_SENTENCES = 3, 8
_HEAD_CHARACTERS, _TAIL_CHARACTERS = 1_200, 2_400  # looked at for sentences: a body may be one paragraph
_LONG = 3_000  # characters
_MOST_PARAGRAPHS = 30_000  # at each end of a body: what has more is no article
_BETWEEN_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a body: ``body[start:end]``; ``at_edge`` near its start or end, ``at_tail`` near its end."""

    start: int
    end: int
    key: int
    is_paragraph: bool
    at_edge: bool
    at_tail: bool


def units(body: str) -> list[Unit]:
    """All paragraphs in order; then the first sentences of the first one and the last of the last two.

    Of a body with tens of thousands of paragraphs those in its middle are no units.
    """
    paragraphs = split_paragraphs(body)
    if len(paragraphs) > 2 * _MOST_PARAGRAPHS:
        paragraphs = [*paragraphs[:_MOST_PARAGRAPHS], *paragraphs[-_MOST_PARAGRAPHS:]]
    count = len(paragraphs)
    found: list[Unit] = []
    for number, (start, end) in enumerate(paragraphs):
        at_tail = number >= count - _LAST_PARAGRAPHS
        at_edge = at_tail or number < _FIRST_PARAGRAPHS
        found.append(Unit(start, end, key_of(body[start:end]), True, at_edge, at_tail))
    if paragraphs:
        found.extend(_head_sentences(body, *paragraphs[0]))
        taken = max((unit.end for unit in found[count:]), default=0)
        for start, end in paragraphs[-2:]:
            found.extend(unit for unit in _tail_sentences(body, start, end) if unit.start >= taken)
    return found


def key_of(text: str) -> int:
    """Hash of the words: case, punctuation and blanks do not count (64 bits, signed)."""
    is_short = len(text) <= _LONG  # what is longer is a body of one paragraph, which never recurs
    words = (_BETWEEN_WORDS.sub(" ", text.casefold()).strip() if is_short else "") or text
    return int.from_bytes(blake2b(words.encode(errors="replace"), digest_size=8).digest(), signed=True)


def _head_sentences(body: str, start: int, end: int) -> Iterator[Unit]:
    stop = min(end, start + _HEAD_CHARACTERS)
    spans = split_sentences(body[start:stop])
    whole = spans if stop == end else spans[:-1]
    if len(spans) > 1:
        for first, last in whole[:_FIRST_SENTENCES]:
            yield _sentence(body, start + first, start + last, at_tail=False)


def _tail_sentences(body: str, start: int, end: int) -> Iterator[Unit]:
    begin = max(start, end - _TAIL_CHARACTERS)
    spans = split_sentences(body[begin:end])
    whole = spans if begin == start else spans[1:]
    if len(spans) > 1:
        for first, last in whole[-_LAST_SENTENCES:]:
            yield _sentence(body, begin + first, begin + last, at_tail=True)


def _sentence(body: str, start: int, end: int, *, at_tail: bool) -> Unit:
    return Unit(start, end, key_of(body[start:end]), False, True, at_tail)
