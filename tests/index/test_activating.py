"""Going back: what is said of the two generations, of later changes, and of what a build brought."""

from __future__ import annotations

import contextlib
import json

from tests.index.making import article, engine_at, filled, live_ids


def test_a_roll_back_says_what_came_along_and_what_did_not(tmp_path):
    """Live changes come along, counted by kind; articles that only the build brought are named as gone."""
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        first = engine.folder.current()
        source = tmp_path / "built.jsonl"
        lines = [{"id": f"a{n}", "title": f"Title {n} anew"} for n in range(6)] + [{"id": "b1", "title": "B"}]
        source.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        engine.build([str(source)])
        second = engine.folder.current()
        engine.add_articles([article(7, 1), article(8, 1), article(1, 9)])
        engine.delete(["a2"])
        told = engine.rollback()
        assert (first, second) == (told.id, told.previous.id)
        assert (6, True, False) == (told.articles, told.live, told.previous.live)
        assert (2, 1, 1) == (told.carried.added, told.carried.updated, told.carried.deleted)
        assert len(live_ids(engine)) == told.live_articles == 7
        assert (1, 0) == (told.compared.gone, told.compared.returned)
        assert ("b1",) == told.compared.gone_ids
        back = engine.activate(second)
        assert (first, 0, 1) == (back.previous.id, back.compared.gone, back.compared.returned)
        assert (2, 1, 1) == (back.carried.added, back.carried.updated, back.carried.deleted)


def test_generations_with_the_same_articles_differ_in_nothing(tmp_path):
    """The roll back of a rebuild that changed nothing."""
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        engine.build([])
        told = engine.rollback()
        assert (0, 0, 0, ()) == (
            told.compared.gone,
            told.compared.returned,
            told.compared.other,
            told.compared.gone_ids,
        )
        assert (0, 0, 0) == (told.carried.added, told.carried.updated, told.carried.deleted)


def test_a_roll_back_from_a_damaged_generation_says_that_they_cannot_be_compared(tmp_path):
    """It works all the same."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as engine:
        live = engine.folder.generation_path(engine.folder.current())
    (live / "store.db").write_bytes(b"nonsense" * 1000)
    with contextlib.closing(engine_at(tmp_path)) as engine:
        told = engine.rollback()
        assert told.compared is None
        assert live.name == told.previous.id
        assert 6 == len(live_ids(engine))


def test_where_nothing_was_live_there_is_no_previous(tmp_path):
    """After ``current`` was lost."""
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        newest = engine.folder.current()
        engine.folder.current_file.unlink()
        told = engine_at(tmp_path).activate(newest)
        assert (None, None, 6) == (told.previous, told.compared, told.live_articles)
