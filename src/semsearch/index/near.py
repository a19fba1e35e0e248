"""Finds the words of a list that are a few typing errors away from another."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby

Bucket = dict[str, list[str]]  # words of one length by their first letter


class NearWords:
    """The words of a list by length and first letter; made ready at first use.

    Distance is that of optimal string alignment: a letter added, missing or replaced, and two neighbours
    swapped, count 1 each.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._whole: dict[int, Bucket] | None = None
        self._beginnings: dict[int, Bucket] = {}
        self._guard = threading.Lock()

    def find(self, word: str, distance: int, *, beginning: bool = False) -> list[tuple[str, int]]:
        """Words (with ``beginning``: first letters of words) at most so far away, with their distance.

        Words with the same first letter are preferred: others are looked for only where there is none,
        since a first letter is seldom wrong.
        """
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        if distance < 1 or not self._words:
            return []
        lengths = range(max(1, len(word) - distance), len(word) + distance + 1)
        buckets = [self._of_length(length, beginning) for length in lengths]
        for initial in (word[0], None):
            found: list[tuple[str, int]] = []
            for bucket in buckets:
                groups = bucket.values() if initial is None else [bucket.get(initial, [])]
                for group in groups:
                    near = extract(word, group, scorer=OSA.distance, score_cutoff=distance, limit=None)
                    found += [(one, int(errors)) for one, errors, _ in near]
            if found:
                return found
        return []

    def _of_length(self, length: int, beginning: bool) -> Bucket:
        with self._guard:
            if beginning:
                known = self._beginnings.get(length)
                if known is None:
                    known = self._beginnings[length] = _by_initial(
                        sorted({word[:length] for word in self._words if len(word) >= length})
                    )
                return known
            if self._whole is None:
                by_length = sorted(self._words, key=len)
                self._whole = {
                    size: _by_initial(sorted(group)) for size, group in groupby(by_length, key=len)
                }
            return self._whole.get(length, {})


class LateWords:
    """Words that are added one by one, and found as those of ``NearWords``; each may be added once."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._near = NearWords(())
        self._known = 0

    def add(self, word: str) -> None:
        """Add a word."""
        self._words.append(word)

    def beginning_with(self, text: str) -> list[str]:
        """The words that begin so."""
        return [word for word in self._words[:] if word.startswith(text)]

    def find(self, word: str, distance: int, *, beginning: bool = False) -> list[tuple[str, int]]:
        """The words near to another, as ``NearWords.find`` says."""
        words = self._words[:]
        near = self._near
        if self._known != len(words):
            near = NearWords(words)
            self._near, self._known = near, len(words)
        return near.find(word, distance, beginning=beginning)


def _by_initial(words: Sequence[str]) -> Bucket:
    return {initial: list(group) for initial, group in groupby(words, key=lambda word: word[0])}
