"""Finds names and titles by the beginnings of their words, as they are typed.

Names are compared without case and accents: ``fold``. A name is kept as the places of its words:
one number holds the name's own number and the place of the word in it, so that a phrase, and a phrase
that begins a name, are found by arithmetic on arrays, exactly and whatever the number of names.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.index.near import LateWords, NearWords
from semsearch.index.protocol import Rows
from semsearch.text.words import name_words

PLACES = 1 << 8  # places a name has; its last ones stay free, so that a phrase never runs into the next name
MAX_WORDS = 200  # words of a name that are indexed
MAX_TYPED = 32  # words of what is typed that are looked at

Slot = Sequence[tuple[str, bool]]  # ways to read one typed word: (text, whether it is only a beginning)


class NameIndex:
    """Names by their words: a frozen part in sorted arrays, and what was added since.

    ``words`` ascend; the places of word ``i`` are ``places[starts[i]:starts[i + 1]]``. One thread may add
    while others read: ``upto`` hides the names that came later.
    """

    def __init__(
        self, words: Sequence[str] = (), starts: Rows | None = None, places: Rows | None = None
    ) -> None:
        self.words = list(words)
        self.starts: Rows = np.zeros(1, np.int64) if starts is None else starts
        self.places: Rows = np.empty(0, np.int64) if places is None else places
        self._near = NearWords(self.words)
        self._late: dict[str, array[int]] = {}
        self._late_words = LateWords()

    @classmethod
    def of(cls, names: Iterable[str]) -> NameIndex:
        """An index of names that are numbered from 0 in their order."""
        late = cls()
        for number, name in enumerate(names):
            late.add(number, name)
        return late.frozen()

    @classmethod
    def load(cls, arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> NameIndex:
        """What ``save`` gave."""
        words = unpacked(arrays[f"{prefix}.words"])
        return cls(words, arrays[f"{prefix}.starts"], arrays[f"{prefix}.places"])

    def save(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the frozen part, by names that begin with ``prefix``."""
        return {
            f"{prefix}.words": packed(self.words),
            f"{prefix}.starts": self.starts,
            f"{prefix}.places": self.places,
        }

    def add(self, number: int, name: str) -> None:
        """Add one name; numbers must ascend."""
        for place, word in enumerate(name_words(name)[:MAX_WORDS]):
            held = self._late.get(word)
            if held is None:
                self._late[word] = held = array("q")
                self._late_words.add(word)
            held.append(number * PLACES + place)

    def frozen(self) -> NameIndex:
        """The names that were added, as the frozen part of a new index."""
        words = sorted(self._late)
        sizes = [len(self._late[word]) for word in words]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])
        places = np.empty(int(starts[-1]), np.int64)
        for at, word in enumerate(words):
            places[starts[at] : starts[at + 1]] = self._late[word]
        return NameIndex(words, starts, places)

    def find(self, slots: Sequence[Slot], *, upto: int) -> Iterator[Rows]:
        """Numbers of the names that match, in three lots, each ascending and within the next.

        First names that begin with what was typed, then those that hold it as a phrase, then those that
        hold all of its words. ``slots`` are the ways to read each typed word.
        """
        found = [self._places(slot, upto) for slot in slots]
        if not found or not all(map(len, found)):
            return
        rarest = min(range(len(found)), key=lambda at: len(found[at]))
        begin = found[rarest] - rarest  # where a phrase would begin
        for step, places in enumerate(found):
            if step != rarest:
                begin = begin[_among(begin + step, places)]
        yield _numbers(begin[begin % PLACES == 0], upto)
        yield _numbers(begin, upto)
        if len(found) > 1:
            numbers = _numbers(found[rarest], upto)
            for step, places in enumerate(found):
                if step != rarest:
                    numbers = numbers[_in_names(numbers, places)]
            yield numbers

    def holds(self, slot: Slot) -> bool:
        """Whether any name has a word that fits."""
        for text, beginning in slot:
            first, after = self._range(text, beginning)
            if first < after or (self._late_words.beginning_with(text) if beginning else text in self._late):
                return True
        return False

    def near(self, word: str, distance: int, *, beginning: bool) -> list[str]:
        """Words (or beginnings of words) that are a few typing errors away: nearest first, then frequent."""
        found = self._near.find(word, distance, beginning=beginning)
        late = self._late_words.find(word, distance, beginning=beginning)
        return [
            one
            for one, _ in sorted(
                {*found, *late}, key=lambda pair: (pair[1], -self._frequency(pair[0], beginning), pair[0])
            )
        ]

    def _frequency(self, word: str, beginning: bool) -> int:
        """In how many places of the frozen part a word stands, for an order alone."""
        first, after = self._range(word, beginning)
        return int(self.starts[after] - self.starts[first])

    def _range(self, text: str, beginning: bool) -> tuple[int, int]:
        first = bisect_left(self.words, text)
        if beginning:
            return first, bisect_left(self.words, text + "\U0010ffff", first)
        return first, first + (first < len(self.words) and self.words[first] == text)

    def _places(self, slot: Slot, upto: int) -> Rows:
        parts: list[Rows] = []
        for text, beginning in slot:
            first, after = self._range(text, beginning)
            late = self._late_words.beginning_with(text) if beginning else [text]
            parts.append(self.places[self.starts[first] : self.starts[after]])
            # A list is copied at once; a buffer would stop the array from growing meanwhile.
            held = [self._late[word] for word in late if word in self._late]
            parts += [np.array(one.tolist(), np.int64) for one in held]
        places = np.concatenate(parts)
        if len(parts) > 1 or any(beginning for _, beginning in slot):  # each word has its places in order
            places.sort()
        return places[: np.searchsorted(places, upto * PLACES)]


def _among(wanted: Rows, places: Rows) -> npt.NDArray[np.bool_]:
    """Which of the wanted places are there; ``places`` ascend."""
    at = np.minimum(np.searchsorted(places, wanted), len(places) - 1)
    found: npt.NDArray[np.bool_] = places[at] == wanted
    return found


def _in_names(numbers: Rows, places: Rows) -> npt.NDArray[np.bool_]:
    """Which of the names have any of the places; ``places`` ascend."""
    at = np.minimum(np.searchsorted(places, numbers * PLACES), len(places) - 1)
    found: npt.NDArray[np.bool_] = places[at] // PLACES == numbers
    return found


def _numbers(places: Rows, upto: int) -> Rows:
    if len(places) < 64:
        return np.unique(places // PLACES)
    marked = np.zeros(upto, np.bool_)
    marked[places // PLACES] = True
    return np.flatnonzero(marked)


def packed(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Texts without line breaks as bytes."""
    return np.frombuffer("\n".join(texts).encode("utf-8", "replace"), np.uint8)


def unpacked(content: npt.NDArray[np.uint8]) -> list[str]:
    """The texts of ``packed``."""
    text = content.tobytes().decode("utf-8")
    return text.split("\n") if text else []
