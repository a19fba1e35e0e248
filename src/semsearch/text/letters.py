"""One spelling for letters and digits that are written in several ways: character by character.

Digits of every script become ASCII digits, Persian and Urdu forms of Arabic letters the Arabic ones,
traditional Chinese characters the simplified ones (OpenCC, Apache-2.0). A character becomes one character
or none, so what is left keeps its order.
"""

from __future__ import annotations

import unicodedata
from functools import cache

# Lucene's ArabicNormalizer and PersianNormalizer, and Urdu's forms of the same letters.
_ARABIC = dict(zip("أإآٱىیےکةھہۀ", "ااااييي\u0643هههه", strict=True))
_TATWEEL = "\u0640"
_VOWEL_MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0655\u0670"
_JOINERS = "\u200c\u200d"  # they shape letters and part no words: می‌شود
_LAST_DIGIT = 0x20000  # Unicode keeps digits below the supplementary ideographs
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


def one_spelling(word: str) -> str:
    """The word in the one spelling of its letters and digits."""
    if word.isascii():
        return word
    plain = word.translate(_table())
    return plain.translate(_simplified()) if any(mark >= "\u3400" for mark in plain) else plain


@cache
def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {
        point: str(unicodedata.decimal(chr(point)))
        for point in range(0x80, _LAST_DIGIT)
        if chr(point).isdecimal()
    }
    table |= {ord(mark): plain for mark, plain in _ARABIC.items()}
    return table | dict.fromkeys(map(ord, _TATWEEL + _VOWEL_MARKS + _JOINERS))


@cache
def _simplified() -> dict[int, str]:
    """The simplified form of each traditional character that has one."""
    from opencc import OpenCC

    marks = [chr(point) for first, last in _HAN for point in range(first, last + 1)]
    plain = OpenCC("t2s").convert("\n".join(marks)).split("\n")
    found = {mark: one for mark, one in zip(marks, plain, strict=True) if one != mark and len(one) == 1}
    # A few simplified forms are traditional characters, too (薴, 苧, 苎): all three are one.
    return {ord(mark): found.get(one, one) for mark, one in found.items()}
