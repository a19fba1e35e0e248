"""What happens to a ranked list before it is shown: cut, age, collapse, spread, sort by date.

Every step keeps pages whole: a deeper list extends a shorter one, so paging never repeats or skips.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semsearch.index.protocol import Rows, Snapshot
from semsearch.options import RankingOptions
from semsearch.ranking import Floats, Ranked, diversify, first_of_each, order, with_recency
from semsearch.search.retrieval import Found
from semsearch.search.ruled import Ruling
from semsearch.search.types import SearchRequest
from semsearch.search.vectors import article_vectors

SECONDS_A_DAY = 86_400.0
DIVERSITY_DEPTH = 100  # places at the head that diversity may reorder
LATEST_WEIGHT = 0.5  # of recency, where the query or the request asks for it without saying how much
LATEST_SHARE = 0.85  # of the best score: what the latest is looked for among
DATED_SHARE = 0.5  # sorted by date: articles that score at least this share of the best


class Arranger:
    """Applies what a request asks for to the list that retrieval found, on one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        request: SearchRequest,
        options: RankingOptions,
        now: float,
        *,
        latest: bool = False,
        ruling: Ruling | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._ruling = ruling or Ruling(snapshot)
        self._latest = latest
        self._request = request
        self._options = options
        self._now = now

    @property
    def least(self) -> int:
        """How deep a list must be for its pages to be whole: what is reordered is found for each of them."""
        reorders = self._ages or self._request.diversity or self._ruling.boosts
        return self._options.depth if reorders else 0

    def arrange(self, found: Found) -> Found:
        """The list in the order in which it is shown, save that pins stand in front of it."""
        if len(found.ranked):
            found = self._dated(self._boosted(self._aged(self._headed(self._cut(found)))))
        return self._spread(self.collapse(self.pinned(found)))

    def pinned(self, found: Found) -> Found:
        """Pins in front of the list, whether it has them or not; the total is still of what was found."""
        ruling = self._ruling
        if not ruling.pins:
            return found
        held = ruling.among(found.ranked.rows)
        others = found.ranked.take(np.flatnonzero(~held))
        fused = found.fused - int(np.count_nonzero(held[: found.fused])) + len(ruling.pinned)
        return replace(found, ranked=ruling.first(found.ranked).followed_by(others), fused=fused)

    def _cut(self, found: Found) -> Found:
        if self._request.min_score is None:
            return found
        kept = int(np.count_nonzero(found.ranked.scores[: found.fused] >= self._request.min_score))
        whole = found.exact and found.fused >= found.total  # there is nothing behind what was looked at
        return Found(found.ranked.take(slice(0, kept)), kept, kept, kept < found.fused or whole)

    @property
    def _ages(self) -> float:
        """The weight of age."""
        request, options = self._request, self._options
        if request.recency_weight is not None:
            return request.recency_weight
        asked = self._latest or request.recency_half_life is not None
        return max(options.recency_weight, LATEST_WEIGHT) if asked else options.recency_weight

    def _headed(self, found: Found) -> Found:
        """What may be reordered is as much on each page: of one retriever alone, as much as is fused."""
        if self._request.mode == "hybrid":
            return found
        return replace(found, fused=min(found.fused, self._options.depth))

    def _aged(self, found: Found) -> Found:
        request, options, weight = self._request, self._options, self._ages
        if not weight:
            return found
        head = found.ranked.take(slice(0, found.fused))
        published = self._snapshot.published(head.rows)
        now = newest_moment(self._snapshot, self._now)
        if self._latest:  # of what is about it: the news of an old affair is old
            about = published[head.scores >= LATEST_SHARE * head.scores.max()]
            now = min(now, float(np.nanmax(about))) if not np.isnan(about).all() else now
        age = (now - published) / SECONDS_A_DAY
        half_life = request.recency_half_life or options.recency_half_life
        scores = with_recency(head.scores, age, half_life=half_life, weight=weight)
        return rescored(found, "recency", scores)

    def _boosted(self, found: Found) -> Found:
        """Scores times the factors of the rules; an order by date is left as it is."""
        if not self._ruling.boosts or self._request.sort != "relevance":
            return found
        head = found.ranked.take(slice(0, found.fused))
        return rescored(found, "rules", head.scores * self._ruling.factors(head.rows))

    def _dated(self, found: Found) -> Found:
        """Sorted by date: what the words match all over, or what is near enough to the best."""
        if self._request.sort == "relevance":
            return found
        ranked = found.ranked
        if self._request.mode != "lexical" and len(ranked):
            head = ranked.take(slice(0, found.fused))
            ranked = head.take(np.flatnonzero(head.scores >= DATED_SHARE * head.scores[0]))
        published = self._snapshot.published(ranked.rows)
        places = date_order(published, ranked.rows, oldest_first=self._request.sort == "oldest")
        return Found(ranked.take(places), len(ranked), len(ranked), found.exact)

    def collapse(self, found: Found) -> Found:
        """Keep the first of each group of copies, or of each story, where the request asks for it."""
        if self._request.collapse == "none":
            return found
        groups = group_numbers(self._snapshot, found.ranked.rows, self._request.collapse)
        places = first_of_each(groups)
        fused = int(np.count_nonzero(places < found.fused))
        total = found.total - (len(found.ranked) - len(places))
        return Found(found.ranked.take(places), fused, total, found.exact)

    def _spread(self, found: Found) -> Found:
        """Diversity reorders the head of the list; pins before it and what is behind it stay."""
        pins = int(np.count_nonzero(self._ruling.among(found.ranked.rows)))
        head = min(found.fused - pins, DIVERSITY_DEPTH)
        if not self._request.diversity or head < 2:
            return found
        before, first = found.ranked.take(slice(0, pins)), found.ranked.take(slice(pins, pins + head))
        similarity = np.clip(likeness(self._snapshot, first.rows), 0.0, 1.0)
        spread = first.take(diversify(first.scores, similarity, self._request.diversity, head))
        behind = found.ranked.take(slice(pins + head, None))
        return replace(found, ranked=before.followed_by(spread).followed_by(behind))


def newest_moment(snapshot: Snapshot, now: float) -> float:
    """From when ages count: now, or the newest article's date where an archive ends before now."""
    newest = snapshot.counts().published_to
    return now if newest is None else min(now, newest.timestamp())


def date_order(published: Floats, rows: Rows, *, oldest_first: bool) -> Rows:
    """Places by date; undated last either way, ties by row."""
    undated = np.isnan(published)
    key = np.where(undated, 0.0, published if oldest_first else -published)
    return np.lexsort((rows, key, undated)).astype(np.int64)


def group_numbers(snapshot: Snapshot, rows: Rows, collapse: str) -> Rows:
    """A number a row, equal where rows fold into one; rows without a story stay alone."""
    if collapse == "none":
        return rows
    if collapse == "duplicate":
        return snapshot.duplicate_groups(rows)
    stories = snapshot.stories(rows)
    return np.where(stories >= 0, stories, -1 - rows)


def likeness(snapshot: Snapshot, rows: Rows) -> Floats:
    """Inner products of articles with each other, each as the mean of its passages' vectors."""
    means = article_vectors(snapshot, rows)
    product: Floats = means @ means.T
    return product


def first_passages(snapshot: Snapshot, ranked: Ranked) -> Rows:
    """The passages of a list; an article's first where none was nearest."""
    firsts = snapshot.first_passages(ranked.rows)
    return np.where(ranked.passages < 0, firsts, ranked.passages)


def rescored(found: Found, step: str, scores: Floats) -> Found:
    """A list whose head has these scores and their order; what is behind it stays."""
    count = len(scores)
    head = found.ranked.take(slice(0, count)).rescored(step, scores)
    again = head.take(order(scores, head.rows))
    return replace(found, ranked=again.followed_by(found.ranked.take(slice(count, None))))
