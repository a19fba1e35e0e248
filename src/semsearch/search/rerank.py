"""Puts the head of a ranked list in the order of a reranker, on the list's own scale of scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semsearch.encoder.cross_encoder import Reranker
from semsearch.index.protocol import Snapshot
from semsearch.ranking import order
from semsearch.search.arrange import joined
from semsearch.search.retrieval import Found


def rerank(snapshot: Snapshot, reranker: Reranker, query: str, found: Found, depth: int) -> Found:
    """Reorder the first ``depth`` fused hits by what the reranker says of title and best passage.

    The new scores lie between the least and the greatest of those that they replace, so what is behind
    stays behind and ``min_score`` keeps its meaning.
    """
    count = min(depth, found.fused)
    if count < 2:
        return found
    head = found.ranked.take(slice(0, count))
    articles = snapshot.articles(head.rows)
    spans = snapshot.passage_spans(
        np.where(head.passages < 0, snapshot.first_passages(head.rows), head.passages)
    )
    texts = [
        f"{article.title}\n{article.body[start:end]}"
        for article, (start, end) in zip(articles, spans, strict=True)
    ]
    low, high = float(head.scores.min()), float(head.scores.max())
    scores = low + (high - low) * reranker.scores(query, texts)
    places = order(scores, head.rows)
    again = replace(head, scores=scores).take(places)
    return replace(found, ranked=joined(again, found.ranked.take(slice(count, None))))
