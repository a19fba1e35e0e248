"""Measuring clusters against the plain definition of B-cubed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation import evaluate_clusters

ARTICLES = [f"a{number}" for number in range(12)]


def plain_b_cubed(predicted: dict[str, int], truth: dict[str, int]) -> tuple[float, float]:
    """Precision and recall by the definition: article by article, pair by pair."""
    precision = recall = 0.0
    for article, its_story in truth.items():
        cluster = {other for other in truth if predicted[other] == predicted[article]}
        story = {other for other, other_story in truth.items() if other_story == its_story}
        precision += len(cluster & story) / len(cluster)
        recall += len(cluster & story) / len(story)
    return precision / len(truth), recall / len(truth)


@settings(deadline=None)  # the first call imports scikit-learn
@given(
    st.lists(st.integers(0, 5), min_size=12, max_size=12),
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
)
def test_b_cubed_is_its_definition(ours: list[int], theirs: list[int]) -> None:
    """The counts of overlaps give what comparing every pair gives."""
    predicted, truth = dict(zip(ARTICLES, ours, strict=True)), dict(zip(ARTICLES, theirs, strict=False))
    precision, recall = plain_b_cubed(predicted, truth)
    got = evaluate_clusters(predicted, truth)
    assert precision == pytest.approx(got.precision)
    assert recall == pytest.approx(got.recall)
    assert 2 * precision * recall / (precision + recall) == pytest.approx(got.f1)


def test_the_two_extremes() -> None:
    """All apart has perfect precision, all together perfect recall; the truth itself is perfect."""
    truth = dict(zip(ARTICLES, [0] * 6 + [1] * 6, strict=True))
    apart = evaluate_clusters({article: article for article in ARTICLES}, truth)
    assert (1.0, pytest.approx(1 / 6)) == (apart.precision, apart.recall)
    together = evaluate_clusters(dict.fromkeys(ARTICLES, 0), truth)
    assert (0.5, 1.0) == (together.precision, together.recall)
    itself = evaluate_clusters(truth, truth)
    assert (1.0, 1.0, 1.0, pytest.approx(1.0), 1.0) == (
        itself.precision,
        itself.recall,
        itself.f1,
        itself.nmi,
        itself.ari,
    )


def test_articles_without_a_cluster_stand_alone() -> None:
    """A judged article that no cluster holds is one by itself; unjudged articles change nothing."""
    truth = {"a": "s", "b": "s", "c": "s"}
    got = evaluate_clusters({"a": 1, "zzz": 1, "yyy": "b"}, truth)
    assert ("b", "c") == got.unplaced
    assert (1.0, pytest.approx(1 / 3), 3) == (got.precision, got.recall, got.clusters)
    assert got == evaluate_clusters({"a": 1}, truth)


def test_nothing_judged_is_refused() -> None:
    """Without judged articles there is nothing to measure."""
    with pytest.raises(JudgementsInvalid, match="no judged clusters"):
        evaluate_clusters({"a": 1}, {})
