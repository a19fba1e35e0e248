"""Is one way of ranking better than another: paired test, interval, and the queries behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation.measures import Evaluation

_SEED = 1  # any fixed number: the same two runs always give the same figures
_RESAMPLES = 9_999  # p is then exact to about ±0.005 near 0.05
_BATCH = 500  # resamples held in memory at once
_SAME = 1e-12  # differences below this are rounding, not a win


@dataclass(frozen=True, slots=True)
class QueryDifference:
    """One query's values in both evaluations; ``difference`` is ``b - a``."""

    query: str
    a: float
    b: float

    @property
    def difference(self) -> float:
        """How much better (above 0) or worse the second is."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations over the same queries: b against a.

    ``difference`` is ``mean_b - mean_a`` with its 95% confidence interval ``low`` to ``high``
    (bootstrap over queries); ``p_value`` is that of a two-sided paired permutation test: how often
    chance alone, swapping a and b query by query, gives a difference as large. ``wins`` and
    ``losses`` hold the queries where b is better and worse, largest difference first.
    """

    measure: str
    queries: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    p_value: float
    wins: tuple[QueryDifference, ...]
    losses: tuple[QueryDifference, ...]
    ties: int

    @property
    def significant(self) -> bool:
        """Whether the difference is unlikely to be chance (p below 0.05)."""
        return self.p_value < 0.05

    def __str__(self) -> str:
        verdict = "unlikely to be chance" if self.significant else "may well be chance"
        return (
            f"{self.measure}: {self.mean_a:.4f} -> {self.mean_b:.4f}, {self.difference:+.4f} "
            f"(95% interval {self.low:+.4f} to {self.high:+.4f}, p {self.p_value:.4f}: {verdict}); "
            f"{len(self.wins)} queries better, {len(self.losses)} worse, {self.ties} the same"
        )


def compare(
    a: Evaluation,
    b: Evaluation,
    measure: str = "nDCG@10",
    *,
    resamples: int = _RESAMPLES,
    seed: int = _SEED,
) -> Comparison:
    """Compare two evaluations of the same judged queries on one measure; same input, same figures.

    Test and interval are scipy.stats' ``permutation_test`` and ``bootstrap``. Raises
    JudgementsInvalid where a measure is missing in one, the judged queries differ, or there is only one.
    """
    pairs = _pairs(a, b, measure)
    differences = np.array([pair.difference for pair in pairs])
    low, high = mean_interval(differences, resamples=resamples, seed=seed)
    wins = [pair for pair in pairs if pair.difference > _SAME]
    losses = [pair for pair in pairs if pair.difference < -_SAME]
    return Comparison(
        measure=measure,
        queries=len(pairs),
        mean_a=a.means[measure],
        mean_b=b.means[measure],
        difference=b.means[measure] - a.means[measure],
        low=low,
        high=high,
        p_value=_p_value(differences, resamples, seed),
        wins=tuple(sorted(wins, key=lambda pair: (-pair.difference, pair.query))),
        losses=tuple(sorted(losses, key=lambda pair: (pair.difference, pair.query))),
        ties=len(pairs) - len(wins) - len(losses),
    )


def mean_interval(
    values: Sequence[float] | npt.NDArray[np.float64],
    *,
    confidence: float = 0.95,
    resamples: int = _RESAMPLES,
    seed: int = _SEED,
) -> tuple[float, float]:
    """Confidence interval (low, high) of a mean over queries, by the percentile bootstrap of scipy.

    A single value gives itself twice: one query tells nothing of others. Raises JudgementsInvalid
    for no values.
    """
    data = np.asarray(values, np.float64)
    if not data.size:
        raise JudgementsInvalid("there are no values to take a mean of; give at least one judged query")
    if data.size == 1:
        return float(data[0]), float(data[0])
    from scipy.stats import bootstrap

    # Not the default BCa: it is undefined where all values are equal, and no better for means of this kind.
    interval = bootstrap(
        (data,),
        np.mean,
        confidence_level=confidence,
        n_resamples=resamples,
        batch=_BATCH,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def _pairs(a: Evaluation, b: Evaluation, measure: str) -> list[QueryDifference]:
    for name, evaluation in (("first", a), ("second", b)):
        if measure not in evaluation.per_query:
            known = ", ".join(evaluation.per_query)
            raise JudgementsInvalid(
                f"the {name} evaluation has no {measure}, only {known}; evaluate both alike"
            )
    values_a, values_b = a.per_query[measure], b.per_query[measure]
    if values_a.keys() != values_b.keys():
        only_a, only_b = len(values_a.keys() - values_b.keys()), len(values_b.keys() - values_a.keys())
        raise JudgementsInvalid(
            f"the two evaluations have other judged queries ({only_a} only in the first, {only_b} only in "
            "the second); evaluate both with the same qrels"
        )
    if len(values_a) < 2:
        raise JudgementsInvalid(
            f"{len(values_a)} judged query cannot be compared; judge at least 2, better 50"
        )
    return [QueryDifference(query, values_a[query], values_b[query]) for query in values_a]


def _p_value(differences: npt.NDArray[np.float64], resamples: int, seed: int) -> float:
    # Queries that tie keep their difference of 0 under any swap: leaving them out changes nothing but time.
    moved = differences[np.abs(differences) > _SAME]
    if moved.size < 2:
        return 1.0  # with one, either sign is as large as the other
    from scipy.stats import permutation_test

    result = permutation_test(
        (moved,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=resamples,
        batch=_BATCH,
        alternative="two-sided",
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)
