"""The rule of the coverage check, at its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semsearch.editorial.verdict import (
    Signals,
    Verdict,
    has_run,
    is_new_sentence,
    is_same_news,
    verdict_of,
)

WHOLE = Signals(nearness=0.9, words=0.3, same=2, new=0.05, telling=0.8, shared=0.1, passages=4, run=4)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "covered"),
        ({"new": 0.0501}, "partly"),
        ({"new": 1.0}, "partly"),
        ({"same": 0, "new": 1.0}, "new"),
        ({"telling": 0.0, "shared": 0.0, "run": 0}, "covered"),
    ],
)
def test_the_verdict(changed: dict[str, float], verdict: Verdict) -> None:
    """It needs an article about the same news, and then goes by the new sentences alone."""
    assert verdict == verdict_of(replace(WHOLE, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("nearness", "words", "shared", "same"),
    [(0.76, 0.18, 0.0, True), (0.74, 0.18, 0.0, False), (0.2, 0.0, 0.15, True), (0.93, 0.0, 0.0, True)],
)
def test_articles_about_the_same_news(nearness: float, words: float, shared: float, same: bool) -> None:
    """Nearness and the rarest words add up; what stands word for word does alone."""
    assert same == is_same_news(nearness, words, shared)


@pytest.mark.parametrize(
    ("telling", "shared", "new"),
    [(0.64, 0.49, True), (0.65, 0.0, False), (0.0, 0.5, False), (0.0, 0.0, True)],
)
def test_new_sentences(telling: float, shared: float, new: bool) -> None:
    """A sentence is new where neither its telling words nor half of its words have run."""
    assert new == is_new_sentence(telling, shared)


@pytest.mark.parametrize(
    ("nearness", "shared", "new", "run"),
    [(0.65, 0, 0, True), (0.64, 0.5, 0, True), (0.64, 0.49, 0, False), (1.0, 0.4, 0.5, False)],
)
def test_passages_that_have_run(nearness: float, shared: float, new: float, run: bool) -> None:
    """By meaning or word for word, unless half of it is new."""
    assert run == has_run(nearness, shared, new)
