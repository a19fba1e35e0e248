"""Publishing, rolling back and pruning: no change is lost whichever generation becomes live."""

from __future__ import annotations

import contextlib

import pytest

from semsearch.errors import EncoderMismatch, GenerationNotFound, IndexCorrupt
from semsearch.index.publishing import describe, newest_change
from tests.crash.harness import check_search, state_of
from tests.fakes import HashingEncoder
from tests.index.making import article, engine_at, filled, flip, live_ids, rewrite


def test_a_roll_back_by_two_steps_after_a_rebuild_keeps_every_change(tmp_path):
    """Also those that stand in no journal of the generation that was live; deletes too."""
    engine = filled(tmp_path, 1, changed=[1, 7])
    engine.delete(["a2"])
    engine.build([])
    engine.add_articles([article(8, 1)])
    engine.delete(["a3", "a7"])
    engine.build([])
    engine.add_articles([article(9, 1)])
    expected = state_of(engine)
    engine.rollback()
    assert expected == state_of(engine)
    engine.rollback()
    assert expected == state_of(engine)
    with pytest.raises(GenerationNotFound, match="nothing before"):
        engine.rollback()
    engine.add_articles([article(9, 2)])
    engine.activate(engine.generations()[-1].id)
    assert expected | {"a9": 2} == state_of(engine)
    check_search(engine)
    assert () == engine.verify().problems
    engine.close()


def test_a_damaged_generation_is_not_published(tmp_path):
    """The live one stays live."""
    engine = filled(tmp_path, 1, 2)
    older, newer = engine.folder.generations()
    flip(engine.folder.generation_path(older) / "columns.npz", 50)
    with pytest.raises(IndexCorrupt, match=r"columns\.npz"):
        engine.activate(older)
    assert newer == engine.folder.current()
    with pytest.raises(GenerationNotFound, match=f"it has: {older}, {newer}"):
        engine.activate("000777-20260101T000000Z")
    assert [False, True] == [one.live for one in describe(engine.folder)]
    engine.close()


def test_changes_are_encoded_anew_for_a_generation_of_another_encoder(tmp_path):
    """Only with that encoder in use; with any other the roll back is refused and nothing is mixed."""
    old, new = HashingEncoder(32, name="old"), HashingEncoder(64, name="new")
    with contextlib.closing(engine_at(tmp_path, encoder=old)) as engine:
        engine.add_articles([article(number, 1) for number in range(4)])
        engine.build([])
        first = engine.folder.current()
    with contextlib.closing(engine_at(tmp_path, encoder=new)) as engine:
        engine.build([])
        second = engine.folder.current()
        engine.add_articles([article(7, 1)])
        with pytest.raises(EncoderMismatch, match=r"'old'.*'new'.*set \[encoder\]"):
            engine.activate(first)
        assert second == engine.folder.current()
    with contextlib.closing(engine_at(tmp_path, encoder=old)) as engine:
        engine.activate(first)
        assert "a7" in live_ids(engine)
        assert () == engine.verify().problems
        with engine.index.snapshot() as view:
            held = view.passage_vectors(view.row_of("a7"))
        text = f"{article(7, 1).title}\n{article(7, 1).body}"
        assert float(held[0] @ old.encode_passages([text])[0]) > 0.99


def test_prune_stops_at_the_live_generation_and_at_one_that_is_read(tmp_path):
    """What is older than it may still be needed for its changes."""
    engine = filled(tmp_path, 1, 2, 3, 4)
    first, second, third, fourth = engine.folder.generations()
    reader = engine_at(tmp_path)
    engine.activate(second)
    assert [first] == engine.prune(1)
    _ = reader.index
    engine.activate(fourth)
    live_ids(engine)
    assert [] == engine.prune(1)
    reader.close()
    assert [second, third] == engine.prune(1)
    assert [fourth] == engine.folder.generations()
    assert 6 == len(live_ids(engine))
    engine.close()


def test_prune_loses_no_change_that_only_a_removed_generation_remembers(tmp_path):
    """Changes made after going back, and folded into a new base, reach the one that stays between them."""
    engine = filled(tmp_path, 1, 2)
    older, newer = engine.folder.generations()
    engine.activate(older)
    engine.delete(["a1"])
    engine.add_articles([article(7, 1)])
    newest = engine.build([]).generation  # its base holds both changes, its journal neither
    live_ids(engine)  # so that nobody reads the one before any more
    assert [older] == engine.prune(2)
    engine.activate(newer)
    ids = live_ids(engine)
    assert "a1" not in ids
    assert "a7" in ids
    assert () == engine.verify().problems
    engine.activate(newest)
    assert ids == live_ids(engine)
    engine.close()


def test_a_publish_without_changes_leaves_the_store_as_its_checksum_says(tmp_path):
    """Activating back and forth writes nothing into it."""
    engine = filled(tmp_path, 1, 2)
    older, newer = engine.folder.generations()
    stores = [engine.folder.generation_path(one) / "store.db" for one in (older, newer)]
    engine.activate(older)
    before = [store.read_bytes() for store in stores]
    for generation in (newer, older, newer):
        engine.activate(generation)
    assert before[1] == stores[1].read_bytes()
    assert [(), ()] == [engine.verify(one).problems for one in (older, newer)]
    engine.close()


def test_the_newest_change_is_that_of_all_generations_that_can_be_read(tmp_path):
    """A damaged one does not stop it."""
    engine = filled(tmp_path, 1, 2, changed=[1])
    newest = newest_change(engine.folder)
    assert 13 == newest
    older, _ = engine.folder.generations()
    engine.close()
    rewrite(engine.folder.generation_path(older) / "store.db", b"?" * 4096)
    assert newest == newest_change(engine.folder)


def test_a_damaged_generation_is_listed_with_a_note(tmp_path):
    """The list never fails."""
    engine = filled(tmp_path, 1, 2)
    older, _ = engine.folder.generations()
    (engine.folder.generation_path(older) / "manifest.json").write_text("{", "utf-8")
    first, second = describe(engine.folder)
    assert "manifest.json is missing or damaged" in first.note
    assert ("", True, 6) == (second.note, second.live, second.articles)
    engine.close()
