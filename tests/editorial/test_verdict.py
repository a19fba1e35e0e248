"""The rule of the coverage check, at its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semsearch.editorial.verdict import Signals, Verdict, has_run, is_same_news, verdict_of

WHOLE = Signals(nearness=0.9, words=0.3, same=2, telling=0.8, shared=0.1, passages=4, run=4)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "covered"),
        ({"telling": 0.79}, "partly"),
        ({"telling": 0.1, "shared": 0.8}, "covered"),
        ({"run": 3}, "partly"),
        ({"same": 0}, "new"),
        ({"same": 0, "run": 0, "telling": 0.0, "shared": 0.1}, "new"),
    ],
)
def test_the_verdict(changed: dict[str, float], verdict: Verdict) -> None:
    """Covered needs articles about the same news, every passage and four fifths of what tells it."""
    assert verdict == verdict_of(replace(WHOLE, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("nearness", "words", "shared", "same"),
    [(0.75, 0.2, 0.0, True), (0.74, 0.2, 0.0, False), (0.2, 0.0, 0.15, True), (0.95, 0.0, 0.0, True)],
)
def test_articles_about_the_same_news(nearness: float, words: float, shared: float, same: bool) -> None:
    """Nearness and the rarest words add up; a run of words that is long enough does alone."""
    assert same == is_same_news(nearness, words, shared)


@pytest.mark.parametrize(
    ("nearness", "shared", "run"), [(0.65, 0, True), (0.64, 0.5, True), (0.64, 0.49, False)]
)
def test_passages_that_have_run(nearness: float, shared: float, run: bool) -> None:
    """By meaning or word for word."""
    assert run == has_run(nearness, shared)
