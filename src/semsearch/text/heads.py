"""Long texts in parts: cut where no word is torn, so that a part is read as it would be within the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

_NEAR = 1_000  # characters before the bound in which a blank is looked for: longer words are no words
_BLANKS = re.compile(r"\s+")
_ROOM = 32  # characters a token, at first: news has four to five
_MARGIN = 16  # tokens beyond those wanted: the last ones before a cut may be others than within the whole


def cut_before(text: str, start: int, most: int) -> int:
    """Where a part of ``text`` from ``start`` with ``most`` characters ends: at a blank if one is near."""
    end = start + most
    if end >= len(text):
        return len(text)
    first = max(start + 1, end - _NEAR)
    blanks = [found.start() for found in _BLANKS.finditer(text, first, end)]
    return blanks[-1] if blanks else end


def head_of(text: str, most: int) -> str:
    """The text, or its beginning of at most ``most`` characters."""
    return text[: cut_before(text, 0, most)]


def parts_of(text: str, most: int) -> Iterator[tuple[int, str]]:
    """The parts of a text with their offsets, each at most ``most`` characters; joined they are the text."""
    start = 0
    while start < len(text):
        end = cut_before(text, start, most)
        yield start, text[start:end]
        start = end


def heads_of(texts: Sequence[str], tokens: int, count: Callable[[list[str]], list[int]]) -> list[str]:
    """Each text, or of a long one a beginning that has more than ``tokens`` tokens, as ``count`` counts.

    What an encoder with a window of so many reads is the same of both.
    """
    found = list(texts)
    most = tokens * _ROOM
    rows = [row for row, text in enumerate(texts) if len(text) > most]
    while rows:
        heads = [head_of(texts[row], most) for row in rows]
        short = []
        for row, head, size in zip(rows, heads, count(heads), strict=True):
            found[row] = head
            if size < tokens + _MARGIN and len(head) < len(texts[row]):
                short.append(row)
        rows, most = short, most * 4
    return found
