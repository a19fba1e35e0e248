"""Tells whether two articles are one story, by a small sketch of each: copies and updates share text."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

SLOTS = 32
_WEIGHT = 60  # characters: a piece counts once for each, so that long pieces weigh more
_SAME = 0.5  # shared part of the text of both from which two articles are one story
_MASK = 0xFFFF_FFFF
EMPTY = bytes(SLOTS)


def sketch(text: str) -> bytes:
    """32 bytes that are equal in as many places as two texts share sentences, weighed by length.

    Min-hashing with one permutation, of which a byte a slot is kept (Li and König, b-bit minwise hashing,
    2010); a slot without a value is 0. A text without any sentence gives only zeros.
    """
    least = [_MASK + 1] * SLOTS
    for line in text.split("\n"):
        for piece in line.split(". "):
            words = piece.strip(" .")
            if not words:
                continue
            value = crc32(words.encode(errors="replace"))
            for _ in range(len(words) // _WEIGHT + 1):
                value = (value * 0x9E37_79B1 + 0x7F4A_7C15) & _MASK
                slot, rest = value >> 27, (value ^ (value >> 13)) & 0x07FF_FFFF
                least[slot] = min(least[slot], rest)
    return bytes(0 if rest > _MASK else rest % 255 + 1 for rest in least)


def is_new(story: bytes, others: Sequence[bytes]) -> bool:
    """Whether an article is none of these stories; one with nothing of its own is never new."""
    return story != EMPTY and not any(_are_same(story, other) for other in others)


def _are_same(one: bytes, other: bytes) -> bool:
    equal = filled = 0
    for left, right in zip(one, other, strict=True):
        if left or right:
            filled += 1
            equal += left == right
    return equal >= _SAME * filled
