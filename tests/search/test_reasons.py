"""Reasons say only what both texts hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from semsearch.articles import Article
from semsearch.search.reasons import Reasons


def an_article(body, *, when=None, section=None):
    """An article of January 2026 unless told otherwise."""
    return Article(id="x", body=body, section=section, published_at=when or datetime(2026, 1, 15, tzinfo=UTC))


SEED = an_article("He met the leader of North Korea in Moscow.", section="World")


@pytest.mark.parametrize(
    ("hit", "window", "same_story", "expected"),
    [
        (an_article("It fired at North Korea again."), "any", True, "Same story"),
        (an_article("It fired at North Korea again."), "any", False, "Also about North Korea"),
        (
            an_article("It rained.", when=datetime(2024, 3, 1, tzinfo=UTC)),
            "any",
            False,
            "From March 2024",
        ),
        (
            an_article("It fired at North Korea.", when=datetime(2024, 3, 1, tzinfo=UTC)),
            "past",
            False,
            "From March 2024",
        ),
        (an_article("It rained.", section="World"), "any", False, "More from World"),
        (an_article("It rained."), "any", False, None),
    ],
)
def test_a_reason_says_what_is_shared(hit, window, same_story, expected):
    """The strongest true reason is given, and none where nothing is shared."""
    reasons = Reasons(SEED, SEED.body, window, lambda names: [2 for _ in names], 1000)
    assert expected == reasons.reason(hit, hit.body, same_story=same_story)


def test_a_name_that_stands_everywhere_is_no_reason():
    """A name in a tenth of all articles says nothing about two of them."""
    reasons = Reasons(SEED, SEED.body, "any", lambda names: [100 for _ in names], 1000)
    hit = an_article("It fired at North Korea again.")
    assert reasons.reason(hit, hit.body, same_story=False) is None


@pytest.mark.parametrize("word", ["Chinese", "Iranians", "St", "Turkish"])
def test_peoples_and_stumps_are_no_reason(word):
    """What a reader would not click for is not said."""
    seed = an_article(f"They met the {word} minister there.")
    reasons = Reasons(seed, seed.body, "any", lambda names: [2 for _ in names], 1000)
    assert reasons.reason(seed, seed.body, same_story=False) is None
