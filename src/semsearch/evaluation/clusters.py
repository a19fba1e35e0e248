"""Measuring stories (clusters of articles) against judged ones: B-cubed, NMI and ARI."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from semsearch.errors import JudgementsInvalid


@dataclass(frozen=True, slots=True)
class ClusterEvaluation:
    """How well clusters fit judged ones over the judged articles; all but ``ari`` (-0.5 to 1) are 0 to 1.

    ``precision``, ``recall`` and ``f1`` are B-cubed (Bagga and Baldwin 1998): for a mean article, how
    much of its cluster is of its story, how much of its story is in its cluster, and their harmonic
    mean. ``nmi`` (arithmetic mean) and ``ari`` are scikit-learn's. ``unplaced`` are judged articles
    without a cluster: each counts as a cluster of its own.
    """

    precision: float
    recall: float
    f1: float
    nmi: float
    ari: float
    articles: int
    clusters: int
    true_clusters: int
    unplaced: tuple[str, ...]


def evaluate_clusters(predicted: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> ClusterEvaluation:
    """Measure clusters (article -> cluster) against judged ones; unjudged articles are left out.

    Raises JudgementsInvalid where there are no judged articles.
    """
    if not truth:
        raise JudgementsInvalid("there are no judged clusters; give article<TAB>story, one a line")
    unplaced = tuple(article for article in truth if article not in predicted)
    # A pair cannot equal a cluster's own name given as another type of key, so singles never merge.
    placed: dict[str, Hashable] = {
        article: ("placed", predicted[article]) if article in predicted else ("single", article)
        for article in truth
    }
    both = Counter((placed[article], truth[article]) for article in truth)
    clusters, stories = Counter(placed.values()), Counter(truth.values())
    total = len(truth)
    # An article of cluster c and story s adds n(c,s)/n(c); there are n(c,s) such articles.
    precision = math.fsum(n * n / clusters[cluster] for (cluster, _), n in both.items()) / total
    recall = math.fsum(n * n / stories[story] for (_, story), n in both.items()) / total
    nmi, ari = _information(placed, truth)
    return ClusterEvaluation(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall),
        nmi=nmi,
        ari=ari,
        articles=total,
        clusters=len(clusters),
        true_clusters=len(stories),
        unplaced=unplaced,
    )


def _information(placed: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> tuple[float, float]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    numbers: dict[Hashable, int] = {}
    ours = [numbers.setdefault(placed[article], len(numbers)) for article in truth]
    numbers = {}
    theirs = [numbers.setdefault(truth[article], len(numbers)) for article in truth]
    return float(normalized_mutual_info_score(theirs, ours)), float(adjusted_rand_score(theirs, ours))
