"""The corpus's own words as they are written, with the number of articles that each stands in.

Words are counted without case and accents and shown in their most frequent writing: ``Putin``,
``NATO``, ``police``. They are for completing and for mending what is typed, not for finding articles.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.index.names import packed, unpacked
from semsearch.index.near import LateWords, NearWords
from semsearch.index.protocol import Rows, WordCount
from semsearch.text.words import SPELLED, bare, fold

MOST_WORDS = 200_000  # words kept of a corpus, the most frequent
_MOST_COUNTED = 1_000_000  # words counted at a time while building: a few hundred megabytes at most
_LONGEST = 30


class _Folded(dict[str, str]):
    """Folded words by the way they are written, filled on demand; "" for what is too long for a word."""

    def __missing__(self, written: str) -> str:
        word = self[written] = fold(bare(written)) if len(written) <= _LONGEST else ""
        return word


class WordCounter:
    """Counts in how many articles each word stands; bounded in memory.

    When too many words are held, the rarest are forgotten, and what is rarer than that later is too few
    to matter (lossy counting, Manku and Motwani 2002).
    """

    def __init__(self, most: int = _MOST_COUNTED) -> None:
        self.articles: Counter[str] = Counter()  # by folded word
        self.writings: Counter[str] = Counter()  # by word as written
        self._most = most
        self._folded = _Folded()

    def add(self, title: str, text: str) -> dict[str, str]:
        """Count the words of one article; returns each folded word as it is written there.

        How a word is written is taken from the text: titles have capitals of their own.
        """
        folded = self._folded
        written = set(SPELLED.findall(text))
        found = dict(zip(map(folded.__getitem__, written), written, strict=True))
        titled = {one for one in SPELLED.findall(title) if folded[one] not in found}
        found |= {folded[one]: one for one in titled}
        found.pop("", None)
        self.writings.update(written)
        self.writings.update(titled)
        self.articles.update(found.keys())
        if len(folded) > self._most:
            self._forget()
        return found

    def _forget(self) -> None:
        self._folded.clear()
        for counted in (self.articles, self.writings):
            least = 1
            while len(counted) > self._most // 2:
                for word in [word for word, count in counted.items() if count <= least]:
                    del counted[word]
                least *= 2

    def vocabulary(self, titles: Sequence[str] = (), *, most: int = MOST_WORDS) -> Vocabulary:
        """The ``most`` frequent words that stand in two articles or more, or in ``titles`` (folded)."""
        titled = set(titles)
        kept = [(count, word) for word, count in self.articles.items() if count > 1 or word in titled]
        kept.sort(key=lambda pair: (-pair[0], pair[1]))
        counts = {word: count for count, word in kept[:most]}
        best: dict[str, tuple[int, str]] = {}
        for writing, count in self.writings.items():
            shown = bare(writing)
            word = fold(shown)
            if word in counts and (word not in best or (count, shown) > best[word]):
                best[word] = (count, shown)
        words = sorted(counts)
        numbers = np.array([counts[word] for word in words], np.int64)
        return Vocabulary(words, numbers, [best[word][1] if word in best else word for word in words])


class Vocabulary:
    """Words ascending, the number of articles of each, and how each is written; later words beside them.

    One thread may add while others read.
    """

    def __init__(
        self, words: Sequence[str] = (), counts: Rows | None = None, writings: Sequence[str] = ()
    ) -> None:
        self.words = list(words)
        self.counts: Rows = np.empty(0, np.int64) if counts is None else counts
        self.writings = list(writings)
        self._near = NearWords(self.words)
        self._late = WordCounter()
        self._late_words = LateWords()
        self._late_writings: dict[str, str] = {}

    @classmethod
    def load(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Vocabulary:
        """What ``save`` gave."""
        return cls(unpacked(arrays["words"]), arrays["counts"], unpacked(arrays["writings"]))

    def save(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of all but the later words."""
        return {"words": packed(self.words), "counts": self.counts, "writings": packed(self.writings)}

    def add(self, title: str, text: str) -> None:
        """Count the words of one more article."""
        for word, written in self._late.add(title, text).items():
            if word not in self._late_writings and self._place(word) is None:
                self._late_writings[word] = bare(written)
                self._late_words.add(word)

    def completions(self, beginning: str, limit: int) -> list[WordCount]:
        """The words that begin so (folded), the most frequent first."""
        first = bisect_left(self.words, beginning)
        after = bisect_left(self.words, beginning + "\U0010ffff", first)
        order = np.argsort(-self.counts[first:after], kind="stable")[:limit]
        best = [self.words[first + int(at)] for at in order]
        found = map(self._word, (*best, *self._late_words.beginning_with(beginning)))
        return sorted(found, key=lambda one: (-one.count, one.text))[:limit]

    def near(self, word: str, distance: int) -> list[tuple[WordCount, int]]:
        """Words at most so many typing errors away from a folded word, with their distance."""
        found = (*self._near.find(word, distance), *self._late_words.find(word, distance))
        return [(self._word(one), errors) for one, errors in found if one != word]

    def _word(self, word: str) -> WordCount:
        at = self._place(word)
        if at is None:
            return WordCount(self._late_writings.get(word, word), self._late.articles[word])
        return WordCount(self.writings[at], int(self.counts[at]) + self._late.articles[word])

    def _place(self, word: str) -> int | None:
        at = bisect_left(self.words, word)
        return at if at < len(self.words) and self.words[at] == word else None
