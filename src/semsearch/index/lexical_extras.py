"""Other words that a text answers to: joined forms, parts of compounds, single characters.

``e-mail`` answers to ``email``, ``COVID19`` to ``covid``, ``1 200`` to ``1200``, ``#ClimateStrike`` to its
words, ``Krankenhausreform`` (in German) to ``Reform``, and a text in Chinese, Japanese or Korean to each
of its ideographs and syllables. They stand in the index with a mark, apart from the words of the text,
and count less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from semsearch.index.lexical_letters import BLANKS, GROUPED, joined_number
from semsearch.text.compounds import split_compound

MARK = "~"  # before an extra term; no word of a text gives a term that holds it
WEIGHT = 0.5  # of an extra term against a word as it stands

_LONGEST = 30  # letters of a joined form
_MOST_JOINED = 3  # words that are joined
_HYPHENED = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)+")
_PART = re.compile(r"[^-\u2010\u2011]+")
_PLAIN = re.compile(r"[^\w#]*[A-Za-z]+[^\w-]*(?:[’'][a-z]+\W*)?")
_TAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])|[^\W\d_A-Za-z]{2,}|\d{2,}")
_LETTERS_DIGITS = re.compile(r"(?<![^\W_])([^\W\d_]{3,})\d+(?![^\W_])")
# Ideographs and Hangul syllables: each may be a word.
_CHARACTERS = "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
ONE_CHARACTER = re.compile(f"[{_CHARACTERS}]")
_GERMAN_NOUN = re.compile(r"(?<![^\W_])[A-ZÄÖÜ][a-zäöüß]{7,}(?![^\W_])")

Piece = tuple[str, int, int]


def word_pieces(word: str, stemmer: str) -> Iterator[Piece]:
    """The other words of what stands between two blanks, not yet stemmed, with their places."""
    if stemmer != "german" and _PLAIN.fullmatch(word):  # nearly all words of most languages
        return
    for match in _HYPHENED.finditer(word):
        yield from _joined(match[0], match.start())
    for match in _TAG.finditer(word):
        yield from _humps(match[1], match.start(1))
    for match in _LETTERS_DIGITS.finditer(word):
        yield match[1], *match.span(1)
    if not word.isascii():
        yield from ((found[0], *found.span()) for found in ONE_CHARACTER.finditer(word))
    if stemmer == "german":
        yield from _compounds(word)


def _joined(word: str, start: int) -> Iterator[Piece]:
    """The joined form of words with hyphens, and of each two of three (E-Mail-Panne)."""
    parts = list(_PART.finditer(word))
    for size in dict.fromkeys((len(parts), 2)) if len(parts) <= _MOST_JOINED else ():
        for first, last in zip(parts, parts[size - 1 :], strict=False):
            joined = joined_form(word[first.start() : last.end()])
            if joined:
                yield joined, start + first.start(), start + last.end()


def _humps(tag: str, start: int) -> list[Piece]:
    """The words of a tag that are told apart by capitals; none where it is one word."""
    humps = [(hump[0], start + hump.start(), start + hump.end()) for hump in _HUMP.finditer(tag)]
    return humps if len(humps) > 1 else []


def _compounds(word: str) -> Iterator[Piece]:
    for match in _GERMAN_NOUN.finditer(word):
        for first, last in split_compound(match[0]):
            yield match[0][first:last], match.start() + first, match.start() + last


def joined_form(word: str) -> str | None:
    """A word with hyphens as one (``e-mail``, ``F-16``); None for ranges, dates and long chains."""
    match = _HYPHENED.fullmatch(word)
    if match is None:
        return None
    parts = _PART.findall(word)
    joined = "".join(parts)
    usual = len(parts) <= _MOST_JOINED and len(joined) <= _LONGEST
    return joined if usual and not joined.isdigit() and not ONE_CHARACTER.search(joined) else None


def number_pieces(text: str) -> Iterator[Piece]:
    """The numbers of a text that are written in groups with blanks (``1 200``)."""
    if any(mark in text for mark in BLANKS):
        for match in GROUPED.finditer(text):
            yield joined_number(match[0]), *match.span()


def asked_extras(word: str) -> list[str]:
    """The words that a word of a query may stand as beside its own: joined forms, the words of a tag."""
    if GROUPED.fullmatch(word):
        return [joined_number(word)]
    tag = _TAG.match(word)
    if tag:
        return [hump for hump, _, _ in _humps(tag[1], 0)]
    joined = joined_form(word.strip("@#.,;:!?()[]"))
    return [joined] if joined else []
