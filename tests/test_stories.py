"""Stories: who joins whom, against a plain pair-by-pair reading of the rule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch import stories
from semsearch.stories import StoryRule, cosine, find_stories, weigh

DAY = 86_400.0
RULE = StoryRule(nearness=0.6, days=7, words=0.5)


def unit(rng, count, dimension=4):
    """Random unit vectors, near enough to one another that some join."""
    vectors = rng.normal(1, 0.8, (count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def plainly(vectors, words, published, rule):
    """The rule as it is written, one pair after the other."""
    order = sorted(range(len(vectors)), key=lambda row: (math.isnan(published[row]), published[row], row))
    order.sort(key=lambda row: (math.inf if math.isnan(published[row]) else published[row], row))
    story = {}
    for place, row in enumerate(order):
        best, mate = 0.0, None
        for other in order[:place]:
            if not math.isnan(published[row]) and published[row] - published[other] > rule.days * DAY:
                continue
            near = (1 - rule.words) * float(vectors[row] @ vectors[other])
            near += rule.words * cosine(words[row], words[other])
            if near >= rule.nearness and near > best + 1e-6:
                best, mate = near, other
        story[row] = row if mate is None else story[mate]
    return [story[row] for row in range(len(vectors))]


@given(seed=st.integers(0, 10_000), count=st.integers(0, 18), undated=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_stories_are_those_of_the_rule_read_pair_by_pair(seed, count, undated):
    """Whatever the dates; at most twenty articles before one, so that none is left out as too far."""
    rng = np.random.default_rng(seed)
    vectors = unit(rng, count)
    published = np.where(rng.random(count) < undated, np.nan, rng.integers(0, 20, count) * DAY)
    heads = [{f"w{n}": 1 for n in rng.integers(0, 12, 4)} for _ in range(count)]
    held = {f"w{n}": sum(f"w{n}" in head for head in heads) for n in range(12)}
    words = [weigh(head, held, count) for head in heads]
    expected = plainly(vectors, words, published, RULE)
    assert expected == find_stories(vectors, words.__getitem__, published, RULE).tolist()


def test_blocks_do_not_show(monkeypatch):
    """Articles are compared with those of earlier blocks as with those of their own."""
    rng = np.random.default_rng(3)
    vectors, published = unit(rng, 40), rng.integers(0, 60, 40) * DAY
    whole = find_stories(vectors, lambda _: {}, published, StoryRule(0.45)).tolist()
    monkeypatch.setattr(stories, "_BLOCK", 3)
    assert whole == find_stories(vectors, lambda _: {}, published, StoryRule(0.45)).tolist()
    assert 1 < len(set(whole)) < 40


def test_an_article_is_compared_with_so_many_before_it_at_most(monkeypatch):
    """Without dates, too; what lies farther back is another story."""
    monkeypatch.setattr(stories, "LOOK_BACK", 2)
    vectors = np.eye(4, dtype=np.float32)[[0, 1, 2, 0]]
    found = find_stories(vectors, lambda _: {}, np.full(4, np.nan), StoryRule(0.4))
    assert [0, 1, 2, 3] == found.tolist()


@pytest.mark.parametrize(("days", "expected"), [(7, [0, 0]), (7.1, [0, 1])])
def test_a_story_takes_no_article_after_its_days(days, expected):
    """To the very second."""
    vectors = np.ones((2, 1), np.float32)
    found = find_stories(vectors, lambda _: {}, np.array([0, days * DAY]), StoryRule(0.4))
    assert expected == found.tolist()


def test_a_story_goes_on_from_article_to_article():
    """Longer than its days, as long as something is written."""
    vectors = np.ones((4, 1), np.float32)
    found = find_stories(vectors, lambda _: {}, np.array([0, 5, 10, 15]) * DAY, StoryRule(0.4))
    assert [0, 0, 0, 0] == found.tolist()


def test_words_decide_where_vectors_do_not():
    """Two events of one kind are parted by their names."""
    vectors = np.full((3, 1), 1, np.float32)
    heads = [{"quake": 1, "lima": 1}, {"quake": 1, "oslo": 1}, {"quake": 1, "oslo": 1}]
    words = [weigh(head, {"quake": 3, "lima": 2, "oslo": 2}, 300) for head in heads]
    found = find_stories(vectors, words.__getitem__, np.zeros(3), StoryRule(0.9, words=0.5))
    assert [0, 1, 1] == found.tolist()


def test_weights_of_words():
    """(1 + log tf) x idf at length 1; what one article alone has, or more than half, is left out."""
    found = weigh(
        {"rare": 1, "twice": 2, "own": 5, "the": 9}, {"rare": 2, "twice": 10, "own": 1, "the": 51}, 100
    )
    rare, twice = math.log(101 / 2), (1 + math.log(2)) * math.log(101 / 10)
    length = math.hypot(rare, twice)
    assert {"rare": pytest.approx(rare / length), "twice": pytest.approx(twice / length)} == found
    assert {} == weigh({"own": 1}, {"own": 1}, 10)


def test_words_of_an_index_of_two_articles_count():
    """There, what both have is no stop word."""
    one = weigh({"ferry": 1}, {"ferry": 2}, 2)
    assert pytest.approx(1) == cosine(one, one)


def test_the_first_of_equals_is_joined():
    """So that results do not hang on chance."""
    rule = StoryRule(0.4, words=0.0)
    assert (1, pytest.approx(0.9)) == rule.nearest(np.array([0.1, 0.9, 0.9], np.float32), lambda _: 0.0)
    assert (-1, 0.0) == rule.nearest(np.array([0.1], np.float32), lambda _: 1.0)
