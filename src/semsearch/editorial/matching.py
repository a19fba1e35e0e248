"""Which saved searches an article matches: one matrix product, then filters, then words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, Filter
from semsearch.index.protocol import LexicalQuery, Rows, Scores, Snapshot, Vectors
from semsearch.index.saved_types import SavedSearch
from semsearch.text.words import fold

WORDS_NEAR, MEANING_NEAR = 0.15, 0.35  # what search answers with either is hardly relevant below these
DIGITS = 4  # scores are told and compared with so many: what is shown decides
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Nearness:
    """A search that an article matches: its place, the score, and the number of the best passage."""

    search: SavedSearch
    score: float
    passage: int


class Matcher:
    """The enabled searches of an index with their vectors (one row each), ready for articles.

    Exact: every search is compared with every passage. 10,000 searches of 384 dimensions take 15 MB.
    """

    def __init__(self, searches: Sequence[SavedSearch], vectors: Vectors) -> None:
        self._searches = tuple(searches)
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._thresholds = np.array([one.threshold for one in searches], np.float64)

    def __len__(self) -> int:
        return len(self._searches)

    @property
    def searches(self) -> tuple[SavedSearch, ...]:
        """The searches in their order."""
        return self._searches

    def match(
        self, article: Article, text: str, passages: Vectors, instead: Sequence[float] | None = None
    ) -> list[Nearness]:
        """The searches that an article matches, in their order.

        ``text`` is what its words are looked for in; ``passages`` holds a unit vector a passage. ``instead``
        holds a score for each search where vectors say nothing of the article.
        """
        if not self._searches or not len(passages):
            return []
        products = self._vectors @ np.asarray(passages, np.float32).T
        best = products.argmax(axis=1)
        scores = to_scores(products[np.arange(len(best)), best])
        if instead is not None:
            scores = np.asarray(instead, np.float64)
        found = []
        words: str | None = None
        for place in np.flatnonzero(scores >= self._thresholds).tolist():
            search = self._searches[place]
            if not passes(article, search.where):
                continue
            if search.words:
                words = words if words is not None else in_a_row(text)
                if not has_words(words, search.words):
                    continue
            found.append(Nearness(search, float(scores[place]), int(best[place])))
        return found


def by_words(view: Snapshot, search: SavedSearch, rows: Rows) -> npt.NDArray[np.float64]:
    """The scores of articles that the encoder cannot read: the share of an ideal match of the words.

    On the scale of the inner products: ``WORDS_NEAR`` of an ideal match is as near as ``MEANING_NEAR``.
    """
    query = LexicalQuery(words=tuple(dict.fromkeys(search.meaning.split())))
    shares = view.lexical_scores(query, rows) / max(view.lexical_ideal(query), 1e-9)
    return to_scores(shares * (MEANING_NEAR / WORDS_NEAR))


def to_scores(products: Scores) -> npt.NDArray[np.float64]:
    """Inner products of unit vectors as scores from 0 to 1, rounded as they are shown."""
    wide: npt.NDArray[np.float64] = products.astype(np.float64)
    rounded: npt.NDArray[np.float64] = np.clip(wide, 0.0, 1.0).round(DIGITS)
    return rounded


def passes(article: Article, where: Filter) -> bool:
    """Whether one article passes a filter, as the index reads it; dates and ids are not looked at."""
    for wanted, held in (
        (where.sections, (article.section,)),
        (where.authors, article.authors),
        (where.tags, article.tags),
        (where.languages, (article.language,)),
        (where.sources, (article.source,)),
    ):
        if wanted is None:
            continue
        names = {one.casefold() for one in held if one is not None}
        if names.isdisjoint(one.casefold() for one in wanted):
            return False
    return True


def in_a_row(text: str) -> str:
    """The words of a text without case and accents, one blank between two and at both ends."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def has_words(row: str, wanted: Sequence[str]) -> bool:
    """Whether all wanted words and phrases stand in what ``in_a_row`` made, each as whole words."""
    return all(in_a_row(one) in row for one in wanted)
