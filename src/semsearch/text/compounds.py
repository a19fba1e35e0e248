"""Where a German compound can be cut: ``Krankenhausreform`` holds Krankenhaus and Reform.

The words are the nouns of simplemma's German dictionary (MIT licence). They are kept as sorted numbers of
64 bits, five megabytes, once the dictionary has been read, which takes about two seconds.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache

import numpy as np
import numpy.typing as npt

_LEAST = 4  # letters of a part that readers look for: shorter ones stand in too many words by chance
_SHORT = 3  # letters of a last part (Gemeinde-rat, Wohnungs-bau) after
_LONG = 5  # at least so many
_LEAST_WORD = 8  # letters of a word that is cut
_AGAIN = 12  # letters of a part that is cut once more
_LINKS = ("", "s", "es", "n", "en", "er", "e")  # between two parts: Bundestag-s-wahl
_guard = threading.Lock()

Part = tuple[int, int]


def split_compound(word: str) -> list[Part]:
    """The (start, end) of each part of a German noun that is a word of its own; none where it is no compound.

    Of several ways to cut it the one whose first part is longest is taken.
    """
    small = word.lower()
    return _parts(small, 0, len(small)) if len(small) == len(word) else []


def _parts(word: str, start: int, end: int) -> list[Part]:
    if end - start < _LEAST_WORD:
        return []
    for cut in range(end - _SHORT, start + _SHORT - 1, -1):
        short = end - cut < _LEAST
        if (short and cut - start < _LONG) or not _is_noun(word[cut:end]):
            continue
        modifier = _modifier(word, start, cut)
        if modifier is None:
            continue
        found = [part for part in (modifier, (cut, end)) if part[1] - part[0] >= _LEAST or short]
        for first, last in tuple(found):
            if last - first >= _AGAIN:
                found += _parts(word, first, last)
        return found
    return []


def _modifier(word: str, start: int, cut: int) -> Part | None:
    """The first part, without what links it to the next, where it is a word."""
    for link in _LINKS:
        end = cut - len(link)
        if end - start < _SHORT:
            break
        if word.endswith(link, start, cut) and _is_noun(word[start:end]):
            return start, end
    return None


def _is_noun(word: str) -> bool:
    nouns = _nouns()
    number = _number(word)
    at = int(np.searchsorted(nouns, number))
    return at < len(nouns) and bool(nouns[at] == number)


def _number(word: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little"))


def _nouns() -> npt.NDArray[np.uint64]:
    with _guard:  # one thread reads the dictionary, others wait for it
        return _read_nouns()


@cache
def _read_nouns() -> npt.NDArray[np.uint64]:
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    words = DefaultDictionaryFactory().get_dictionary("de")
    nouns = (word for word in words if len(word) >= _SHORT and word.isalpha() and word.istitle())
    return np.unique(np.fromiter((_number(word.lower()) for word in nouns), np.uint64))
