"""Words as they are compared and spelled: without case and accents; standard library only."""

from __future__ import annotations

import re
import unicodedata

# Alphabets whose words stand between blanks, without combining marks of their own: Latin, Greek,
# Cyrillic, Hebrew, Arabic. Elsewhere a typing error is not a letter more or less.
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏͰ-ϿЀ-ԯḀ-ỿ\u05d0-\u05ea\u0620-\u064a"
SPELLED = re.compile(f"[{_LETTER}]{{3,}}(?:['’][{_LETTER}]+)*|[{_LETTER}]{{1,2}}(?:['’][{_LETTER}]+)+")
_POSSESSIVE = re.compile("['’]s?$", re.IGNORECASE)
# Letters that Unicode does not take apart, after Lucene's ASCIIFoldingFilter.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


def fold(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark)).translate(_LETTERS)


def bare(word: str) -> str:
    """A word without its possessive ending."""
    return _POSSESSIVE.sub("", word) if word[-1:] in {"s", "S", "'", "’"} else word


def errors_allowed(letters: int) -> int:
    """How many typing errors a word of this length may hold: short ones would become others."""
    return 0 if letters < 4 else 1 if letters < 8 else 2
