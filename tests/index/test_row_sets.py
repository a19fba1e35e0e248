"""Sets of rows by sorting are NumPy's own sets (oracle)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semsearch.index.row_sets import distinct, union, without

rows = st.lists(st.integers(-5, 40), max_size=40).map(lambda found: np.array(found, np.int64))


@given(rows)
def test_distinct(one):
    """Each once, ascending."""
    assert np.array_equal(np.unique(one), distinct(one))


@given(rows, rows, rows)
def test_union(one, two, three):
    """Of two and of three."""
    assert np.array_equal(np.union1d(one, two), union(one, two))
    assert np.array_equal(np.union1d(np.union1d(one, two), three), union(one, two, three))


@given(rows, rows)
def test_without(one, two):
    """What is gone may be empty, or more than there is."""
    assert np.array_equal(np.setdiff1d(one, two), without(one, two))


def test_what_is_given_stays_as_it_is():
    """Arrays are shared between threads."""
    one = np.array([3, 1, 3])
    one.flags.writeable = False
    assert [1, 3] == distinct(one).tolist() == union(one, one).tolist()
    assert [1] == without(one, np.array([3])).tolist()
