"""Comparing two evaluations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation import Evaluation, Run, compare, evaluate, mean_interval


def ranked_at(places: dict[str, int]) -> Evaluation:
    """An evaluation where each query's only relevant article stands at a place from 1."""
    run = Run.from_rankings(
        {q: [(f"x{n}", -n) for n in range(1, p)] + [("hit", -p)] for q, p in places.items()}
    )
    return evaluate(run, {query: {"hit": 1} for query in places}, ("MRR", "nDCG@10"))


def test_wins_and_losses_are_sorted() -> None:
    """Queries that changed stand by the size of the change, the others are counted."""
    a = ranked_at({"w": 4, "x": 2, "y": 1, "z": 1})
    b = ranked_at({"w": 1, "x": 1, "y": 2, "z": 1})
    got = compare(a, b, "MRR")
    assert ["w", "x"] == [pair.query for pair in got.wins]
    assert [0.75, 0.5] == [pair.difference for pair in got.wins]
    assert [("y", 1.0, 0.5)] == [(pair.query, pair.a, pair.b) for pair in got.losses]
    assert 1 == got.ties
    assert pytest.approx(0.1875) == got.difference
    assert "MRR: 0.6875 -> 0.8750, +0.1875" in str(got)
    assert "2 queries better, 1 worse, 1 the same" in str(got)


def test_p_value_is_the_exact_one() -> None:
    """For few queries the p value is that of all sign flips counted out."""
    a = ranked_at({str(number): place for number, place in enumerate([4, 3, 2, 5, 2, 2, 6, 1])})
    b = ranked_at({str(number): place for number, place in enumerate([1, 1, 1, 2, 2, 1, 1, 1])})
    differences = np.array([b.per_query["MRR"][q] - a.per_query["MRR"][q] for q in a.per_query["MRR"]])
    flips = np.array(list(itertools.product([-1, 1], repeat=len(differences))))
    means = (flips * differences).mean(axis=1)
    exact = np.mean(np.abs(means) >= abs(differences.mean()) - 1e-12)
    assert exact == pytest.approx(compare(a, b, "MRR").p_value)
    assert exact < 0.05
    assert compare(a, b, "MRR").significant


def test_alike_runs_do_not_differ() -> None:
    """The same run twice: no difference, p 1, an interval of nothing."""
    a = ranked_at({"x": 2, "y": 3})
    got = compare(a, a)
    assert (0.0, 0.0, 0.0, 1.0) == (got.difference, got.low, got.high, got.p_value)
    assert not got.significant
    assert 2 == got.ties


def test_one_changed_query_proves_nothing() -> None:
    """A single win among ties cannot be told from chance."""
    queries = {str(number): 2 for number in range(50)}
    assert 1.0 == compare(ranked_at(queries), ranked_at(queries | {"0": 1})).p_value


def test_figures_repeat() -> None:
    """The same input gives the same figures."""
    generator = np.random.default_rng(3)
    a, b = (ranked_at({str(q): int(generator.integers(1, 9)) for q in range(60)}) for _ in range(2))
    assert compare(a, b) == compare(a, b)
    assert 0 < compare(a, b).p_value < 1


def test_interval_covers_the_mean() -> None:
    """Over many samples the 95% interval holds the true mean about 95 times in a hundred."""
    generator = np.random.default_rng(5)
    held = 0
    for seed in range(100):
        low, high = mean_interval(generator.normal(0.4, 0.2, 80), resamples=500, seed=seed)
        held += low <= 0.4 <= high
    assert 88 <= held <= 100
    assert (0.5, 0.5) == mean_interval([0.5])
    with pytest.raises(JudgementsInvalid, match="no values"):
        mean_interval([])


def test_only_alike_evaluations_are_compared() -> None:
    """Other queries, other measures and a single query are refused."""
    with pytest.raises(JudgementsInvalid, match="1 only in the first, 0 only in the second"):
        compare(ranked_at({"x": 1, "y": 1, "z": 1}), ranked_at({"x": 1, "y": 1}))
    with pytest.raises(JudgementsInvalid, match="the first evaluation has no P@5, only MRR, nDCG@10"):
        compare(ranked_at({"x": 1, "y": 1}), ranked_at({"x": 1, "y": 1}), "P@5")
    with pytest.raises(JudgementsInvalid, match="at least 2"):
        compare(ranked_at({"x": 1}), ranked_at({"x": 1}))
