"""Columns: filters and facets against a plain reading of the articles."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.articles import FACET_FIELDS, Article, Filter
from semsearch.errors import IndexCorrupt
from semsearch.index.columns import Columns, RowNumbers, field_values

DAY = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = st.sampled_from(["Politics", "politics", "Sport", "World"])
ARTICLES = st.builds(
    Article,
    id=st.just("x"),
    section=st.none() | WORDS,
    authors=st.lists(WORDS, max_size=2).map(tuple),
    tags=st.lists(WORDS, max_size=3).map(tuple),
    published_at=st.none() | st.integers(0, 5).map(lambda days: DAY + timedelta(days=days)),
)
CHOICES = st.none() | st.lists(WORDS, max_size=2).map(tuple)
FILTERS = st.builds(
    Filter,
    sections=CHOICES,
    authors=CHOICES,
    tags=CHOICES,
    published_after=st.none() | st.integers(0, 5).map(lambda days: DAY + timedelta(days=days)),
    published_before=st.none() | st.integers(0, 5).map(lambda days: DAY + timedelta(days=days)),
)


def columns_of(articles: list[Article]) -> Columns:
    """Columns with one passage an article."""
    columns = Columns()
    for row, article in enumerate(articles):
        columns.append(article, RowNumbers(row, -1, row, 1))
    return columns


def passes(article: Article, where: Filter) -> bool:
    """The oracle: what a filter means, said plainly."""
    wanted: dict[Any, Any] = {"section": where.sections, "author": where.authors, "tag": where.tags}
    for name, values in wanted.items():
        own = {value.casefold() for value in field_values(article)[name]}
        if values is not None and not own & {value.casefold() for value in values}:
            return False
    at, after, before = article.published_at, where.published_after, where.published_before
    if after is not None and (at is None or at < after):
        return False
    return not (before is not None and (at is None or at >= before))


@settings(max_examples=200)
@given(st.lists(ARTICLES, max_size=12), FILTERS, st.sets(st.integers(0, 11)))
def test_a_filter_passes_exactly_what_it_says(articles, where, removed):
    """The mask holds the live rows that pass, no others."""
    alive = np.array([row not in removed for row in range(len(articles))], np.bool_)
    found = columns_of(articles).mask(where, alive, np.empty(0, np.int64))
    expected = [passes(one, where) and row not in removed for row, one in enumerate(articles)]
    assert expected == found.tolist()


@given(st.lists(ARTICLES, max_size=12), st.sets(st.integers(0, 11)))
def test_facets_count_each_article_once_a_value(articles, chosen):
    """Counts are over the selected rows, values folded by case."""
    columns = columns_of(articles)
    selected = np.array([row in chosen for row in range(len(articles))], np.bool_)
    for name in FACET_FIELDS:
        expected: Counter[str] = Counter()
        for row in sorted(chosen & set(range(len(articles)))):
            expected.update({value.casefold() for value in field_values(articles[row])[name]})
        found = columns.values[name].counts(selected)
        assert dict(expected) == {label.casefold(): count for label, count in found.items()}
        assert sorted(found.items(), key=lambda one: (-one[1], one[0])) == list(found.items())


def test_facets_stay_in_order_when_values_come():
    """A value that comes after facets were counted takes its place among equals."""
    columns = columns_of([Article(id="a", section="Sport"), Article(id="b", section="Arts")])
    assert ["Arts", "Sport"] == list(columns.values["section"].counts(np.ones(2, np.bool_)))
    columns.append(Article(id="c", section="Politics"), RowNumbers(2, -1, 2, 1))
    assert ["Arts", "Politics", "Sport"] == list(columns.values["section"].counts(np.ones(3, np.bool_)))


def test_columns_come_back_from_their_file_as_they_were(tmp_path):
    """Saved and loaded columns answer alike."""
    articles = [Article(id="a", section="Sport", tags=("x", "y"), published_at=DAY), Article(id="b")]
    columns = columns_of(articles)
    columns.save(tmp_path / "columns.npz")
    loaded = Columns.load(tmp_path / "columns.npz")
    alive = np.ones(2, np.bool_)
    where = Filter(tags=("Y",))
    nothing = np.empty(0, np.int64)
    assert [True, False] == loaded.mask(where, alive, nothing).tolist()
    assert len(columns) == len(loaded)


@pytest.mark.parametrize("cut", [0, 10, 200])
def test_a_cut_file_is_named_with_the_way_out(tmp_path, cut):
    """A truncated file raises IndexCorrupt that names it."""
    path = tmp_path / "columns.npz"
    columns_of([Article(id="a", section="Sport")]).save(path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(IndexCorrupt, match=r"columns\.npz.*roll back"):
        Columns.load(path)


def test_rows_appended_later_are_not_seen_by_an_older_mask():
    """A mask over n rows never grows by what came after."""
    columns = columns_of([Article(id="a", section="Sport")])
    columns.append(Article(id="b", section="Sport"), RowNumbers(1, -1, 1, 1))
    found = columns.mask(Filter(sections=("sport",)), np.ones(1, np.bool_), np.empty(0, np.int64))
    assert [True] == found.tolist()


def test_one_value_in_several_spellings_is_shown_as_most_write_it(tmp_path):
    """Case and blanks do not tell values apart; the spelling that most rows have is shown, also later on."""
    columns = columns_of([Article(id="x", section=name) for name in ("SPORT", "Sport", "Sport", "World")])
    assert {"Sport": 3, "World": 1} == columns.values["section"].counts(np.ones(4, np.bool_))
    columns.save(tmp_path / "columns.npz")
    loaded = Columns.load(tmp_path / "columns.npz")
    for row, name in enumerate(["sport"] * 5, 4):
        loaded.append(Article(id="x", section=name), RowNumbers(row, -1, row, 1))
        counted = loaded.values["section"].counts(np.ones(row + 1, np.bool_))
        assert {"Sport" if row < 7 else "sport": row, "World": 1} == counted
    assert 8 == np.count_nonzero(loaded.values["section"].mask(["  SPORT "], 9))
