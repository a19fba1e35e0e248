"""Puts the head of a ranked list in the order of a reranker, on the list's own scale of scores."""

from __future__ import annotations

import numpy as np

from semsearch.encoder.cross_encoder import Reranker
from semsearch.index.protocol import Snapshot
from semsearch.ranking import Floats, Ranked
from semsearch.search.arrange import first_passages, rescored
from semsearch.search.retrieval import Found


class Reranking:
    """Reorders the first ``depth`` hits of one query; each hit is read once, however deep a list gets."""

    def __init__(self, snapshot: Snapshot, reranker: Reranker, query: str, depth: int) -> None:
        self._snapshot = snapshot
        self._reranker = reranker
        self._query = query
        self._depth = depth
        self._known: dict[int, float] = {}

    def apply(self, found: Found) -> Found:
        """The list with its fused head ordered by what the reranker says of title and best passage.

        The new scores lie between the least and the greatest of those that they replace, so what is
        behind stays behind and ``min_score`` keeps its meaning.
        """
        count = min(self._depth, found.fused)
        if count < 2:
            return found
        head = found.ranked.take(slice(0, count))
        low, high = float(head.scores.min()), float(head.scores.max())
        return rescored(found, "reranker", low + (high - low) * self._scores(head))

    def _scores(self, head: Ranked) -> Floats:
        new = head.take(np.flatnonzero([row not in self._known for row in head.rows.tolist()]))
        if len(new):
            spans = self._snapshot.passage_spans(first_passages(self._snapshot, new))
            texts = [
                f"{article.title}\n{article.body[start:end]}"
                for article, (start, end) in zip(self._snapshot.articles(new.rows), spans, strict=True)
            ]
            scores = self._reranker.scores(self._query, texts)
            self._known.update(zip(new.rows.tolist(), scores.tolist(), strict=True))
        return np.array([self._known[row] for row in head.rows.tolist()])
