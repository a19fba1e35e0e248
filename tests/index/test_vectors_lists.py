"""Inverted lists from within: what a filter leaves of each, and which are read first."""

from __future__ import annotations

import numpy as np
import pytest

from semsearch.index import vectors_lists
from semsearch.index.vectors import VectorBase, build_vectors
from semsearch.index.vectors_lists import EFFORTS, InvertedLists, passages_to_meet
from tests.index.vectors_data import best_rows, clustered, row_bests, rows_of

DIMENSION = 64
COUNT = 12_000


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """An index with lists over clustered vectors."""
    folder = tmp_path_factory.mktemp("lists")
    build_vectors(folder, clustered(COUNT), passage_rows=rows_of(COUNT), kind="lists")
    opened = VectorBase.open(folder, dimension=DIMENSION, passage_rows=rows_of(COUNT))
    opened.worth_lists = lambda matches: matches > 300  # at this size they never are
    return opened


@pytest.fixture(scope="module")
def lists(base) -> InvertedLists:
    """Its lists."""
    return base._lists


@pytest.fixture(scope="module")
def kept(lists):
    """The list of each passage."""
    return np.array(lists._assigned)


@pytest.fixture(scope="module")
def near_elsewhere():
    """A filter that allows a tenth of all articles, those about one subject."""
    nearness = row_bests(clustered(COUNT), rows_of(COUNT), clustered(1, seed=5)[0])
    return nearness >= np.quantile(nearness, 0.9)


def sampled(monkeypatch, most: int) -> None:
    """Let all filters be judged by a sample of so many articles."""
    monkeypatch.setattr(vectors_lists, "_ROWS_COUNTED", 0)
    monkeypatch.setattr(vectors_lists, "_ROWS_SAMPLED", most)


class TestSpread:
    def test_few_allowed_are_counted(self, lists, kept, near_elsewhere):
        """Where few articles are allowed all their passages are counted, list by list."""
        expected = np.bincount(kept[near_elsewhere[rows_of(COUNT)]], minlength=lists.count)
        assert expected.tolist() == lists.spread(near_elsewhere).tolist()
        assert np.bincount(kept, minlength=lists.count).tolist() == lists.spread(None).tolist()

    def test_many_allowed_are_estimated(self, lists, kept, monkeypatch):
        """Where many are, a sample tells how they lie: as many in all, in no list more than there are."""
        allowed = np.random.default_rng(0).random(int(rows_of(COUNT).max()) + 1) < 0.6
        expected = np.bincount(kept[allowed[rows_of(COUNT)]], minlength=lists.count)
        sampled(monkeypatch, 2_000)
        found = lists.spread(allowed)
        assert expected.sum() == pytest.approx(found.sum(), rel=0.1)
        assert (found <= np.bincount(kept, minlength=lists.count)).all()
        assert np.corrcoef(expected, found)[0, 1] > 0.8

    def test_a_sample_keeps_recall(self, base, near_elsewhere, monkeypatch):
        """Recall under a filter about another subject is at least .95 when it is judged by a sample, too."""
        sampled(monkeypatch, 2_000)
        recalls = []
        for query in clustered(40, seed=1234):
            expected = best_rows(clustered(COUNT), rows_of(COUNT), query, 10, near_elsewhere)
            found = base.best(query, 10, near_elsewhere).rows
            assert near_elsewhere[found].all()
            recalls.append(np.isin(expected, found).mean())
        assert np.mean(recalls) >= 0.95


class TestOrder:
    def test_the_nearest_come_first(self, lists):
        """Without a filter lists come in order of nearness, until a part of all passages would be met."""
        query = clustered(1, seed=9)[0]
        centroids = lists._centroids
        order = np.argsort(-(centroids @ query - (centroids**2).sum(axis=1) / 4))
        found = lists._nearest_lists(query, EFFORTS[0], lists.spread(None))
        assert order[: len(found)].tolist() == found.tolist()
        met = lists.spread(None)[found]
        wanted = passages_to_meet(COUNT, EFFORTS[0])
        assert met[:-1].sum() < wanted <= met.sum()

    def test_what_is_hardly_allowed_comes_later(self, lists):
        """A list of which a small part is allowed gives way to one a little farther that is allowed whole."""
        query = clustered(1, seed=9)[0]
        spread = lists.spread(None).copy()
        first, second = lists._nearest_lists(query, EFFORTS[0], spread)[:2]
        spread[first] /= 1_000
        assert second == lists._nearest_lists(query, EFFORTS[0], spread)[0]

    def test_what_is_not_allowed_is_passed_over(self, lists):
        """A list in which nothing is allowed is not read; where nothing is anywhere, none is."""
        query = clustered(1, seed=9)[0]
        spread = lists.spread(None).copy()
        first = lists._nearest_lists(query, EFFORTS[0], spread)[0]
        spread[first] = 0
        assert first not in lists._nearest_lists(query, EFFORTS[0], spread)
        assert [] == lists._nearest_lists(query, EFFORTS[0], 0 * spread).tolist()

    def test_a_filter_reads_no_less(self, lists, near_elsewhere):
        """Under a filter at least as many codes are read as without, while lists with any are left."""
        query = clustered(1, seed=9)[0]
        whole, spread = lists.spread(None), lists.spread(near_elsewhere)
        found = lists._nearest_lists(query, EFFORTS[0], spread)
        everything = whole[spread > 0].sum()
        assert whole[found].sum() >= min(everything, passages_to_meet(COUNT, EFFORTS[0]))
