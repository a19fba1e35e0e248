"""Stories: articles about one event, grouped as they come, by meaning, words and time; pure.

The single-pass clustering of topic detection and tracking (Allan et al. 1998, "On-line New Event
Detection and Tracking"): an article joins the story of the article that is nearest to it, if that is
near enough and not too long ago; else it begins one. Nearness is that of vectors and of the words of the
heads. The order is that of publication, so a rebuild finds the stories that live changes found, up to
late arrivals and to what later articles tell of how rare a word is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Words = Mapping[str, float]  # the weight of each term; the squares add up to 1

HEAD = 800  # characters of title and body whose words count: what happened stands there
NEIGHBOURS = 20  # articles, nearest by vectors, whose words are compared
LOOK_BACK = 50_000  # earlier articles that one is compared with at most: bounds a corpus without dates
SECONDS_A_DAY = 86_400.0
_FEW = 20  # articles may always share a word: half of a young archive is soon reached
_BLOCK = 256  # articles that one product of matrices compares with those before them


@dataclass(frozen=True, slots=True)
class StoryRule:
    """When an article joins the story of another; measured in benchmarks/README.md.

    ``nearness`` is the least sum of (1 - ``words``) x inner product of the vectors and ``words`` x cosine
    of the words of both heads; ``days`` is how far apart the two may have run. An article without a date
    is compared with all before it.
    """

    nearness: float = 0.48
    days: float = 7.0
    words: float = 0.5

    def nearest(self, products: Floats, words: Callable[[int], float]) -> tuple[int, float]:
        """The place of the nearest of some articles, and its nearness; -1 and 0 where none is near enough.

        ``products`` are inner products of vectors, NaN where these say nothing; ``words`` gives the cosine of
        the words of one place, and is asked only where it can matter. Ties go to the first.
        """
        best, nearness = -1, 0.0
        for place, product in enumerate(products.tolist()):
            if math.isnan(product):  # nothing is known of the meaning: the words decide
                total = words(place)
                if total >= self.nearness and (best < 0 or total > nearness):
                    best, nearness = place, total
                continue
            by_vector = (1 - self.words) * product
            if by_vector + self.words < max(self.nearness, nearness):
                continue  # not with the very same words
            total = by_vector + self.words * words(place)
            if total >= self.nearness and (best < 0 or total > nearness):
                best, nearness = place, total
        return best, nearness


def weigh(counts: Mapping[str, int], held: Mapping[str, int], articles: int) -> dict[str, float]:
    """The words of a head by what they tell: (1 + log tf) x idf, scaled so that the squares add up to 1.

    ``counts`` are the head's, ``held`` says how many of the ``articles`` have a term. What no other
    article has, or more than half of many have, is left out; nothing may be left.
    """
    most = max(articles / 2, _FEW)
    weights = {
        term: (1 + math.log(count)) * math.log((articles + 1) / min(held[term], articles))
        for term, count in counts.items()
        if 1 < held[term] <= most
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()}


def cosine(one: Words, other: Words) -> float:
    """The cosine of two heads' words, 0 to 1."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def find_stories(
    vectors: Floats,
    words: Callable[[int], Words],
    published: Times,
    rule: StoryRule,
    unread: npt.NDArray[np.bool_] | None = None,
) -> Rows:
    """The story of each article: the row of its first article in order of publication.

    ``vectors`` are unit vectors, one an article, of which those of ``unread`` ones say nothing; ``words``
    gives those of a row's head; ``published`` are seconds since 1970, NaN for none. Undated articles come
    last. Deterministic: ties go to the older.
    """
    order = np.lexsort((np.arange(len(vectors)), np.where(np.isnan(published), np.inf, published)))
    stories = np.arange(len(vectors))
    for row, rows, found in _neighbours(vectors, order, _starts(published[order], rule)):
        nearness = partial(_alike, words, words(row), rows)
        products = found if unread is None else np.where(unread[row] | unread[rows], np.nan, found)
        mate, _ = rule.nearest(products, nearness)
        if mate >= 0:
            stories[row] = stories[rows[mate]]
    return stories


def _starts(times: Times, rule: StoryRule) -> Rows:
    """The place of the first article that each, in order of time, is compared with."""
    dated = times[: len(times) - int(np.isnan(times).sum())]
    starts = np.zeros(len(times), np.int64)
    starts[: len(dated)] = np.searchsorted(dated, dated - rule.days * SECONDS_A_DAY)
    return np.maximum(starts, np.arange(len(times)) - LOOK_BACK)


def _neighbours(vectors: Floats, order: Rows, starts: Rows) -> Iterator[tuple[int, Rows, Floats]]:
    """Each row in order, the rows before it that are nearest by vectors, oldest first, and how near."""
    ordered = vectors[order]
    for begin in range(0, len(order), _BLOCK):
        end = min(begin + _BLOCK, len(order))
        low = int(starts[begin:end].min())
        products = ordered[begin:end] @ ordered[low:end].T
        for place in range(begin, end):
            earlier = products[place - begin, starts[place] - low : place - low]
            nearest = np.arange(len(earlier))
            if len(earlier) > NEIGHBOURS:
                nearest = np.sort(np.argpartition(-earlier, NEIGHBOURS)[:NEIGHBOURS])
            yield int(order[place]), order[starts[place] + nearest], earlier[nearest]


def _alike(words: Callable[[int], Words], own: Words, rows: Rows, place: int) -> float:
    return cosine(own, words(int(rows[place])))
