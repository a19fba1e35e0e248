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


@pytest.mark.parametrize(
    ("total", "archive", "length", "expected"),
    [
        (0.85, 40, 300, "unsure"),  # few articles
        (0.85, 50_000, 40, "unsure"),  # few words
        (0.85, 50_000, 300, "new"),
        (0.70, 40, 40, "new"),  # thin, but far from everything
        (0.78, 999, 300, "unsure"),
        (0.78, 1_000, 80, "new"),
    ],
)
def test_thin_evidence_gives_no_hard_verdict(total, archive, length, expected):
    """Between possible and same news, a small archive or a short draft decides nothing."""
    nothing = replace(
        WHOLE, same=0, new=1.0, nearness=total - 0.1, words=0.1, archive=archive, length=length, run=0
    )
    assert expected == verdict_of(nothing)
    assert "partly" == verdict_of(replace(nothing, same=1, new=0.5))
