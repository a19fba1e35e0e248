"""Puts articles into stories: all of them in a build, a new one among those of a live index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from semsearch.articles import Filter
from semsearch.duplicates import find_group
from semsearch.encoder.languages import languages_read, reads
from semsearch.encoder.protocol import EncoderInfo, Vectors
from semsearch.index.columns import timestamp
from semsearch.index.embedded import Joining
from semsearch.index.protocol import PreparedArticle, Rows, Snapshot
from semsearch.ranking import mean_vector
from semsearch.stories import (
    HEAD,
    NEIGHBOURS,
    SECONDS_A_DAY,
    StoryRule,
    Words,
    cosine,
    find_stories,
    weigh,
)

_RULE = StoryRule()
_INSTANT = timedelta(microseconds=1)  # the end of a filter's time is not in it, that of a rule is
_MOST_CHARACTERS = 200_000  # of a new article whose words are counted: more of a huge body adds time alone
_REMEMBERED = 20_000  # heads whose words are kept weighed: more than run within a story's days, mostly

Terms = Callable[[str, str | None], list[str]]  # of a text in a language


class StoryThreads:
    """Collects the articles of a build and finds their stories at its end.

    ``terms`` gives the index terms of a text; vectors of articles that ``encoder`` cannot read count for
    nothing. Memory: some 2.5 KB an article.
    """

    def __init__(self, terms: Terms, encoder: EncoderInfo, rule: StoryRule = _RULE) -> None:
        self._terms = terms
        self._encoder = encoder
        self._rule = rule
        self._unread: list[bool] = []
        self._vectors: list[Vectors] = []
        self._published: list[float] = []
        self._numbers: dict[str, int] = {}  # of terms
        self._heads: list[npt.NDArray[np.int32]] = []  # numbers of terms, how often each

    def add(self, prepared: PreparedArticle) -> None:
        """Take the next article, in the order of rows."""
        self._vectors.append(mean_vector(prepared.vectors))
        self._unread.append(_is_unread(self._encoder, prepared))
        self._published.append(timestamp(prepared.article.published_at))
        counts = Counter(
            self._terms(head_of(prepared.article.title, prepared.kept_text), prepared.article.language)
        )
        numbers = [self._numbers.setdefault(term, len(self._numbers)) for term in counts]
        self._heads.append(np.array([numbers, list(counts.values())], np.int32))

    def stories(self, body_frequency: Callable[[Sequence[str]], list[int]]) -> Rows:
        """The story of each row; ``body_frequency`` tells in how many articles' bodies terms stand."""
        if not self._vectors:
            return np.empty(0, np.int64)
        terms = list(self._numbers)
        held = dict(zip(terms, body_frequency(terms), strict=True))

        @lru_cache(_REMEMBERED)
        def words(row: int) -> Words:
            numbers, counts = self._heads[row].tolist()
            named = {terms[number]: count for number, count in zip(numbers, counts, strict=True)}
            return weigh(named, held, len(self._heads))

        published, unread = np.array(self._published), np.array(self._unread)
        return find_stories(np.stack(self._vectors), words, published, self._rule, unread)


class _Arrivals:
    """A batch of new articles beside a view: vectors, times, and words weighed by what both hold."""

    def __init__(self, snapshot: Snapshot, batch: Sequence[PreparedArticle]) -> None:
        self._snapshot = snapshot
        self._articles = snapshot.counts().articles + len(batch)
        self.vectors = np.stack([mean_vector(prepared.vectors) for prepared in batch])
        self.times = np.array([timestamp(prepared.article.published_at) for prepared in batch])
        self.unread = np.array([_is_unread(snapshot.encoder, prepared) for prepared in batch])
        self._at: dict[int, Words] = {}
        self._held: dict[str, int] = {}  # articles of the view and of the batch with each term
        self._new: Counter[str] = Counter()
        for prepared in batch:
            text = prepared.kept_text[:_MOST_CHARACTERS]
            self._new.update(set(snapshot.terms(text, prepared.article.language)))
        self.words = [
            self._weighed(head_of(prepared.article.title, prepared.kept_text), prepared.article.language)
            for prepared in batch
        ]

    def words_at(self, row: int) -> Words:
        """Those of an article of the view."""
        if row not in self._at:
            rows = np.array([row])
            article, text = self._snapshot.articles(rows)[0], self._snapshot.kept_texts(rows)[0]
            self._at[row] = self._weighed(text, article.language)
        return self._at[row]

    def _weighed(self, text: str, language: str | None) -> Words:
        counts = Counter(self._snapshot.terms(text[:HEAD], language))
        unknown = [term for term in counts if term not in self._held]
        for term, there in zip(unknown, self._snapshot.body_frequency(unknown), strict=True):
            self._held[term] = there + self._new[term]
        return weigh(counts, self._held, self._articles)


def mates_of(
    snapshot: Snapshot, batch: Sequence[PreparedArticle], rule: StoryRule = _RULE
) -> list[list[str]]:
    """The id of the article whose story each new one joins, the nearest that is near enough in time.

    It is one of the index or an earlier one of the batch; an empty list stands for a story of its own.
    """
    arrivals = _Arrivals(snapshot, batch)
    found: list[list[str]] = []
    for place, prepared in enumerate(batch):
        mate, nearest = _in_index(snapshot, prepared, place, arrivals, rule)
        earlier, nearness = _in_batch(place, arrivals, rule)
        if earlier >= 0 and nearness > nearest:
            mate = [batch[earlier].article.id]
        found.append(mate)
    return found


def _in_index(
    snapshot: Snapshot, prepared: PreparedArticle, place: int, arrivals: _Arrivals, rule: StoryRule
) -> tuple[list[str], float]:
    """The id of the nearest live article that is near enough, and how near; none and 0 without one."""
    vector, own = arrivals.vectors[place], arrivals.words[place]
    where = _window(prepared, rule)
    near = np.sort(snapshot.vector_candidates(vector, limit=NEIGHBOURS, where=where).rows)
    near = near[snapshot.stories(near) >= 0]
    if not len(near):
        return [], 0.0
    vectors = np.stack([mean_vector(snapshot.passage_vectors(int(row))) for row in near])
    read = languages_read(snapshot.encoder)
    unread = arrivals.unread[place] | ~vectors.any(axis=1)
    if read is not None:
        unread |= snapshot.in_other_languages(near, read)
    products = np.where(unread, np.nan, vectors @ vector)
    at, nearness = rule.nearest(products, lambda one: cosine(own, arrivals.words_at(int(near[one]))))
    return (snapshot.ids(near[[at]]), nearness) if at >= 0 else ([], 0.0)


def _in_batch(place: int, arrivals: _Arrivals, rule: StoryRule) -> tuple[int, float]:
    """The nearest earlier article of the batch that is near enough, and how near; -1 and 0 without one."""
    apart = np.abs(arrivals.times[:place] - arrivals.times[place])
    dated = np.isnan(arrivals.times[place]) | (apart <= rule.days * SECONDS_A_DAY)
    eligible = np.flatnonzero(dated)
    products = arrivals.vectors[eligible] @ arrivals.vectors[place]
    products = np.where(arrivals.unread[place] | arrivals.unread[eligible], np.nan, products)
    own = arrivals.words[place]
    at, nearness = rule.nearest(products, lambda one: cosine(own, arrivals.words[int(eligible[one])]))
    return (int(eligible[at]), nearness) if at >= 0 else (-1, 0.0)


def _is_unread(encoder: EncoderInfo, prepared: PreparedArticle) -> bool:
    """Whether the vectors of an article say nothing of its meaning."""
    return not reads(encoder, prepared.article.language) or not prepared.vectors.any()


def head_of(title: str, kept_text: str) -> str:
    """The beginning of what is searched of an article, in the form in which the index gives it back."""
    return f"{title}\n\n{kept_text}"[:HEAD]


def _window(prepared: PreparedArticle, rule: StoryRule) -> Filter:
    published = prepared.article.published_at
    if published is None:
        return Filter()
    span = timedelta(days=rule.days)
    return Filter(published_after=published - span, published_before=published + span + _INSTANT)


def joining() -> Joining:
    """How new articles of a live index join copies and stories."""
    return Joining(find_group, mates_of)
