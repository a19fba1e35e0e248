"""Puts articles into stories: all of them in a build, a new one among those of a live index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from semsearch.articles import Filter
from semsearch.duplicates import find_group
from semsearch.encoder.protocol import Vectors
from semsearch.index.columns import timestamp
from semsearch.index.embedded import Joining
from semsearch.index.protocol import PreparedArticle, Rows, Snapshot
from semsearch.stories import StoryRule, find_stories, nearest_running

NEIGHBOURS = 20  # nearest articles whose stories a new one may join
_RULE = StoryRule()


class StoryThreads:
    """Collects the articles of a build and finds their stories at its end."""

    def __init__(self, rule: StoryRule = _RULE) -> None:
        self._rule = rule
        self._vectors: list[Vectors] = []
        self._published: list[float] = []

    def add(self, prepared: PreparedArticle) -> None:
        """Take the next article, in the order of rows."""
        self._vectors.append(mean_vector(prepared.vectors))
        self._published.append(timestamp(prepared.article.published_at))

    def stories(self) -> Rows:
        """The story of each row."""
        if not self._vectors:
            return np.empty(0, np.int64)
        return find_stories(np.stack(self._vectors), np.array(self._published), self._rule)


def mates_of(
    snapshot: Snapshot, batch: Sequence[PreparedArticle], rule: StoryRule = _RULE
) -> list[list[str]]:
    """The id of the article whose story each new one joins, the nearest that is near enough in time.

    It is one of the index or an earlier one of the batch; an empty list stands for a story of its own.
    """
    vectors = np.stack([mean_vector(prepared.vectors) for prepared in batch])
    times = np.array([timestamp(prepared.article.published_at) for prepared in batch])
    found: list[list[str]] = []
    for place, prepared in enumerate(batch):
        mate, nearest = _in_index(snapshot, prepared, vectors[place], rule)
        nearness = vectors[:place] @ vectors[place]
        earlier = nearest_running(nearness, times[:place], times[place], rule)
        if earlier >= 0 and nearness[earlier] > nearest:
            mate = [batch[earlier].article.id]
        found.append(mate)
    return found


def _in_index(
    snapshot: Snapshot, prepared: PreparedArticle, vector: Vectors, rule: StoryRule
) -> tuple[list[str], float]:
    """The id of the nearest live article that is near enough, and its nearness; none and -1 without one."""
    near = snapshot.vector_candidates(vector, limit=NEIGHBOURS, where=_window(prepared, rule)).rows
    near = near[snapshot.stories(near) >= 0]
    if not len(near):
        return [], -1.0
    nearness = np.stack([mean_vector(snapshot.passage_vectors(int(row))) for row in near]) @ vector
    time = timestamp(prepared.article.published_at)
    place = nearest_running(nearness, snapshot.published(near), time, rule)
    return (snapshot.ids(near[[place]]), float(nearness[place])) if place >= 0 else ([], -1.0)


def mean_vector(vectors: Vectors) -> Vectors:
    """The mean of an article's passage vectors, at length 1."""
    mean = vectors.mean(axis=0)
    unit: Vectors = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
    return unit


def _window(prepared: PreparedArticle, rule: StoryRule) -> Filter:
    published = prepared.article.published_at
    if published is None:
        return Filter()
    span = timedelta(days=rule.days)
    return Filter(published_after=published - span, published_before=published + span)


def joining() -> Joining:
    """How new articles of a live index join copies and stories."""
    return Joining(find_group, mates_of)
