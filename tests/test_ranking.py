"""Ranking: pure functions against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.ranking import decay, diversify, first_of_each, fuse, interleave, order, stretch, with_recency


def test_stretch_maps_floor_to_nothing_and_ceiling_to_one():
    """A value at the floor scores 0, at the ceiling 1, and outside it is cut."""
    expected = [0.0, 0.0, 0.5, 1.0, 1.0]
    assert expected == pytest.approx(stretch([-1.0, 0.2, 0.5, 0.8, 2.0], 0.2, 0.8).tolist())


def test_fusion_at_its_ends_is_one_part_alone():
    """A ratio of 1 is meaning alone, of 0 words alone."""
    semantic, lexical = np.array([0.1, 0.9]), np.array([0.8, 0.2])
    assert semantic.tolist() == fuse(semantic, lexical, 1.0).tolist()
    assert lexical.tolist() == fuse(semantic, lexical, 0.0).tolist()


def test_ties_are_ordered_by_row():
    """Equal scores come in the order of their rows."""
    assert [2, 1, 0] == order(np.array([0.5, 0.5, 0.9]), np.array([9, 3, 5])).tolist()


def test_age_halves_with_each_half_life_and_unknown_age_counts_as_old():
    """A half-life halves, the future is now, no date is nothing."""
    assert [1.0, 0.5, 0.25, 1.0, 0.0] == decay(np.array([0.0, 7.0, 14.0, -3.0, np.nan]), 7.0).tolist()


def test_recency_weight_of_zero_changes_nothing():
    """Without weight the scores stay as they were."""
    scores = np.array([0.3, 0.9])
    assert scores.tolist() == with_recency(scores, np.array([1.0, 99.0]), half_life=7, weight=0.0).tolist()


def test_diversity_passes_over_a_copy_of_what_was_chosen():
    """With weight, the third takes the place of a second that says the same as the first."""
    scores = np.array([1.0, 0.95, 0.8])
    similarity = np.array([[1.0, 0.99, 0.1], [0.99, 1.0, 0.1], [0.1, 0.1, 1.0]])
    assert [0, 1, 2] == diversify(scores, similarity, 0.0, 3).tolist()
    assert [0, 2, 1] == diversify(scores, similarity, 0.5, 3).tolist()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0, 1))
def test_diversity_only_reorders_and_a_longer_list_extends_a_shorter_one(values, weight):
    """Every place comes once, and the first k do not depend on how many are asked for."""
    scores = np.array(sorted(values, reverse=True))
    similarity = np.abs(np.subtract.outer(scores, scores) - 1) % 1
    whole = diversify(scores, similarity, weight, len(scores)).tolist()
    assert sorted(whole) == list(range(len(scores)))
    assert whole[:3] == diversify(scores, similarity, weight, 3).tolist()


@given(
    st.lists(st.integers(0, 30), unique=True),
    st.lists(st.integers(0, 30), unique=True),
    st.sets(st.integers(0, 30)),
    st.integers(0, 10),
)
def test_interleaving_keeps_its_beginning_when_the_lists_grow(first, second, seen, cut):
    """Each row once, none seen before, and the lists' beginnings give a beginning of the whole."""
    taken = np.array(sorted(seen), np.int64)
    whole = interleave(np.array(first, np.int64), np.array(second, np.int64), taken).tolist()
    assert sorted(whole) == sorted((set(first) | set(second)) - seen)
    part = interleave(np.array(first[:cut], np.int64), np.array(second[:cut], np.int64), taken).tolist()
    assert part == whole[: len(part)]


@pytest.mark.parametrize(("groups", "expected"), [([3, 3, 1, 3, 1], [0, 2]), ([], []), ([5], [0])])
def test_the_first_of_each_group_stays(groups, expected):
    """One place a group, the first, in order."""
    assert expected == first_of_each(np.array(groups, np.int64)).tolist()
