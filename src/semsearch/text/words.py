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

# Scripts without blanks between words: there each character may begin a match.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
)
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")
_POSSESSIVES = re.compile(r"['’]s?(?!\w)")
_APOSTROPHE = re.compile("(?<=\\w)['’](?=\\w)")
_ACRONYM = re.compile(r"(?<!\w)[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?")


def fold(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark)).translate(_LETTERS)


def name_words(text: str) -> list[str]:
    """The folded words of a name: possessives go, acronyms and apostrophes close up."""
    plain = fold(text)
    plain = _ACRONYM.sub(lambda found: found[0].replace(".", ""), plain)
    if "'" in plain or "’" in plain:
        plain = _APOSTROPHE.sub("", _POSSESSIVES.sub("", plain))
    return _WORD.findall(plain)


def bare(word: str) -> str:
    """A word without its possessive ending."""
    return _POSSESSIVE.sub("", word) if word[-1:] in {"s", "S", "'", "’"} else word


def folded_words(text: str) -> set[str]:
    """The spelled words of a text, folded and bare."""
    return {fold(bare(word)) for word in set(SPELLED.findall(text))}


def errors_allowed(letters: int) -> int:
    """How many typing errors a word of this length may hold: short ones would become others."""
    return 0 if letters < 4 else 1 if letters < 8 else 2
