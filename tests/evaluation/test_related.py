"""Measuring related lists."""

from __future__ import annotations

import pytest

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation import evaluate_related

GROUPS = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "alone": "c"}


def test_the_rest_of_the_group_is_relevant() -> None:
    """Each article with company is asked for once; lone ones are not; figures are worked out by hand."""
    lists = {
        "a1": ["a2", "x"],
        "a2": ["x", "y", "a1", "a3"],
        "a3": [],
        "b1": ["b2"],
        "b2": ["a1", "a2", "a3"],
    }
    asked: list[str] = []
    told: list[tuple[int, int]] = []

    def related(article: str) -> list[str]:
        asked.append(article)
        return lists[article]

    got = evaluate_related(related, GROUPS, k=3, on_progress=lambda done, total: told.append((done, total)))
    assert ["a1", "a2", "a3", "b1", "b2"] == asked
    assert (5, 5) == told[-1]
    assert {"a1": 0.5, "a2": 0.5, "a3": 0.0, "b1": 1.0, "b2": 0.0} == dict(
        got.evaluation.per_query["recall@3"]
    )
    assert 0.4 == pytest.approx(got.evaluation.means["recall@3"])
    assert 1 / 3 == pytest.approx(got.evaluation.per_query["MRR"]["a2"])
    assert ("a1", "a3", "b1") == got.short
    assert ("a3",) == got.evaluation.unanswered
    assert 5 == got.articles


def test_copies_and_itself_are_counted() -> None:
    """A hit that repeats a text shown above, or the article's own, is a copy; the article itself is told."""
    copies = {"a1": 1, "x1": 1, "y1": 2, "y2": 2, "y3": 2}
    lists = {"a1": ["x1", "y1", "y2", "y3", "z"], "a2": ["y1", "z"], "a3": ["a3"], "b1": [], "b2": []}
    got = evaluate_related(lists.__getitem__, GROUPS, copies=copies)
    assert 3 == got.copies
    assert ("a1",) == got.with_copies
    assert ("a3",) == got.with_itself


def test_a_limit_spreads_the_questions() -> None:
    """With a limit, articles are taken from all over the file and only they count."""
    got = evaluate_related(lambda article: [], {f"a{n}": f"g{n // 2}" for n in range(100)}, limit=4)
    assert ("a0", "a25", "a50", "a75") == got.short
    assert 4 == got.evaluation.queries


def test_groups_of_one_are_refused() -> None:
    """Groups without two articles can judge nothing."""
    with pytest.raises(JudgementsInvalid, match="none of the 2 groups has two articles"):
        evaluate_related(lambda article: [], {"a": "1", "b": "2"})
