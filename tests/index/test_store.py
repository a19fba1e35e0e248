"""The article store: versions that older views still read, and batches that are whole or not there."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import numpy as np
import pytest

from semsearch.articles import Article
from semsearch.errors import IndexCorrupt
from semsearch.index import embedded
from semsearch.index.protocol import PreparedArticle
from semsearch.index.store import Store
from semsearch.index.store_writer import StoreBuilder, StoreWriter
from tests.crash.harness import check_search
from tests.index.making import article, filled, live_ids


def prepared(one: Article) -> PreparedArticle:
    """An article without passages."""
    return PreparedArticle(one, ((0, len(one.body)),), (), np.zeros((0, 4), np.float32))


@pytest.fixture
def store(tmp_path):
    """A store whose base holds article `a` with change number 0."""
    path = tmp_path / "store.db"
    builder = StoreBuilder(path, 0)
    builder.add(prepared(Article(id="a", title="first", body="old text")))
    builder.finish()
    opened = Store(path)
    yield opened
    opened.close()


def written(store: Store, *articles: Article) -> list[str]:
    """Outcomes of one transaction of puts."""
    with contextlib.closing(StoreWriter(store.path)) as writer, writer.transaction("put") as transaction:
        return [transaction.put(prepared(one)).outcome for one in articles]


def test_an_older_view_reads_the_text_that_it_began_with(store):
    """Through an update, a delete and an addition."""
    written(store, Article(id="a", title="second", body="new text"), Article(id="b", title="other"))
    with contextlib.closing(StoreWriter(store.path)) as writer, writer.transaction("delete") as transaction:
        transaction.delete("a")
    assert [0, 1, -1] == [store.row_of("a", change) for change in (0, 1, 3)]
    assert [-1, -1, 2] == [store.row_of("b", change) for change in (0, 1, 2)]
    texts = [one.body for one in store.articles(np.array([0, 1]))]
    assert ["old text", "new text"] == texts


def at(day: int, title: str) -> Article:
    """Article `a` as it was updated on a day of January."""
    return Article(id="a", title=title, updated_at=datetime(2026, 1, day, tzinfo=UTC))


def test_an_update_older_than_what_is_stored_is_stale(store):
    """The same time is applied; without a time it cannot be older."""
    assert ["updated", "stale", "updated", "updated"] == written(
        store, at(5, "five"), at(4, "four"), at(5, "corrected"), Article(id="a", title="undated")
    )
    assert 3 == store.last_change()


def test_what_is_stored_already_is_unchanged_and_takes_no_number(store):
    """Sending everything again costs nothing."""
    assert ["unchanged"] == written(store, Article(id="a", title="first", body="old text"))
    assert 0 == store.last_change()


def test_the_same_id_twice_in_a_batch_is_an_update_of_itself(store):
    """One of them is live."""
    assert ["added", "updated"] == written(store, Article(id="b", title="1"), Article(id="b", title="2"))
    assert "2" == store.articles(np.array([store.row_of("b", 9)]))[0].title


def test_an_error_in_a_transaction_leaves_none_of_it(store):
    """Neither rows nor numbers; the next one goes on where it was."""

    def half(articles):
        with contextlib.closing(StoreWriter(store.path)) as writer, writer.transaction("put") as transaction:
            transaction.put(prepared(articles[0]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half([Article(id="b", title="b")])
    assert (-1, 0) == (store.row_of("b", 9), store.last_change())
    assert ["added"] == written(store, Article(id="b", title="b"))
    assert (1, 1) == (store.row_of("b", 9), store.last_change())


def test_carried_changes_keep_their_numbers_and_the_next_ones_follow(store):
    """Numbers grow over all generations of an index."""
    with contextlib.closing(StoreWriter(store.path)) as writer, writer.transaction("carry") as transaction:
        assert 40 == transaction.put(prepared(Article(id="b", title="b")), change=40).change
        transaction.reach(50)
        transaction.reach(45)
    assert 50 == store.last_change()
    written(store, Article(id="c", title="c"))
    assert 51 == store.last_change()


def test_rows_that_are_not_there_are_damage_in_words(store):
    """No traceback, no silent gap."""
    with pytest.raises(IndexCorrupt, match=r"store\.db is damaged \(rows \[7\] are missing\)"):
        store.articles(np.array([0, 7]))
    with pytest.raises(IndexCorrupt, match="is missing"):
        Store(store.path.with_name("other.db"))


def test_an_error_in_the_middle_of_a_batch_leaves_none_of_its_256_articles(tmp_path, monkeypatch):
    """A reader never sees half of it, and the index goes on."""
    engine = filled(tmp_path, 1)
    with engine.index.snapshot() as view:
        made = [
            PreparedArticle(article(n, 1), ((0, 5),), tuple(view.passages(0)), view.passage_vectors(0))
            for n in range(100, 356)
        ]
    put, calls = embedded.put_joined, []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 200:
            raise MemoryError
        return put(*args, **kwargs)

    monkeypatch.setattr(embedded, "put_joined", failing)
    with pytest.raises(MemoryError):
        engine.index.put(made)
    assert 200 == len(calls)
    assert 6 == len(live_ids(engine))
    monkeypatch.undo()
    engine.add_articles([article(100, 1)])
    assert 7 == len(live_ids(engine))
    check_search(engine)
    engine.close()


def test_a_view_keeps_its_answers_while_articles_change(tmp_path):
    """Counts, rows and texts are those of the instant it was taken; a new view has the new ones."""
    engine = filled(tmp_path, 1)
    with engine.index.snapshot() as view:
        row = view.row_of("a1")
        engine.add_articles([article(1, 9), article(20, 9)])
        engine.delete(["a2"])
        assert (6, row) == (view.counts().articles, view.row_of("a1"))
        assert "a2" in view.ids(np.array([view.row_of("a2")]))
        assert article(1, 1) == view.articles(np.array([row]))[0]
        with engine.index.snapshot() as newer:
            assert (6, -1) == (newer.counts().articles, newer.row_of("a2"))
            assert article(1, 9) == newer.articles(np.array([newer.row_of("a1")]))[0]
    engine.close()
