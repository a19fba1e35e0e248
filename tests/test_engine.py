"""The composition root: one index with its encoder, in the words of an operator."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest

from semsearch.articles import Article
from semsearch.errors import ArticleNotFound, IndexNotFound
from tests.fakes import HashingEncoder
from tests.index.making import article, engine_at, filled, live_ids


def test_an_index_that_is_not_there_is_an_error_with_the_command_that_builds_it(tmp_path):
    """For reading, listing and writing a snapshot; nothing is created."""
    engine = engine_at(tmp_path)
    for read in (engine.status, engine.generations, engine.rollback, lambda: engine.show("a")):
        with pytest.raises(IndexNotFound, match="semsearch index build SOURCE"):
            read()
    assert not engine.ready().ready
    assert [] == list(tmp_path.iterdir())


def test_outcomes_are_told_one_by_one(tmp_path):
    """Added, updated, unchanged, stale, deleted, missing."""
    engine = engine_at(tmp_path)
    newer = Article(id="a", title="newer", updated_at=datetime(2026, 2, 2, tzinfo=UTC))
    older = Article(id="a", title="older", updated_at=datetime(2026, 2, 1, tzinfo=UTC))
    outcomes = [engine.add_articles([one])[0].outcome for one in (newer, newer, older)]
    outcomes += [engine.add_articles([Article(id="a", title="plain")])[0].outcome]
    outcomes += [one.outcome for one in engine.delete(["a", "a", "b"])]
    assert ["added", "unchanged", "stale", "updated", "deleted", "missing"] == outcomes
    with pytest.raises(ArticleNotFound, match="no article 'a'"):
        engine.show("a")
    engine.close()


def test_status_counts_the_delta_and_advises_a_rebuild_when_it_is_large(tmp_path):
    """A rebuild folds it in."""
    engine = filled(tmp_path, 1)
    assert (0, 0, None) == (engine.status().delta_articles, engine.status().deleted, engine.status().advice)
    engine.add_articles([article(number, 1) for number in range(100, 210)])
    engine.delete(["a1"])
    status = engine.status()
    assert (115, 110, 1) == (status.articles, status.delta_articles, status.deleted)
    assert "semsearch index build" in (status.advice or "")
    engine.build([])
    assert (115, 0, 0, None) == (
        engine.status().articles,
        engine.status().delta_articles,
        engine.status().deleted,
        engine.status().advice,
    )
    engine.close()


def test_a_first_build_that_was_killed_before_it_was_published_is_taken_up(tmp_path):
    """Not hidden behind a new empty index."""
    engine = filled(tmp_path, 1)
    engine.close()
    engine.folder.current_file.unlink()
    with contextlib.closing(engine_at(tmp_path, encoder=HashingEncoder())) as again:
        again.ensure()
        again.ensure()
        assert 6 == len(live_ids(again))
        assert 1 == len(again.generations())


def test_an_engine_is_closed_twice_without_harm_and_opens_again(tmp_path):
    """Everything is loaded at first use, again if need be."""
    engine = filled(tmp_path, 1)
    engine.close()
    engine.close()
    assert 6 == len(live_ids(engine))
    engine.close()
