"""Lost files: another sound generation answers, readiness says so, and no new archive takes their place."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch.engine import Engine
from semsearch.errors import (
    GenerationNotFound,
    IndexCorrupt,
    IndexFault,
    IndexLost,
    IndexNotFound,
    RuleNotFound,
    StorageFailed,
)
from semsearch.index.rules_store import RuleStore
from semsearch.index.saved_store import SavedStore
from semsearch.rules import Rule
from tests.index.making import article, engine_at, filled, live_ids, rewrite

SIX = [f"a{number}" for number in range(6)]
NEW = article(50, 1)


def path_of(engine: Engine, place: int = -1) -> Path:
    """The folder of a generation, the newest by default."""
    return engine.folder.generation_path(engine.folder.generations()[place])


def lose_generation(engine: Engine) -> None:
    """The folder of the live one."""
    shutil.rmtree(path_of(engine))


def lose_store(engine: Engine) -> None:
    """The articles of the live one."""
    (path_of(engine) / "store.db").unlink()


def lose_manifest(engine: Engine) -> None:
    """What says what it is."""
    (path_of(engine) / "manifest.json").unlink()


def lose_all_generations(engine: Engine) -> None:
    """The folder of all."""
    shutil.rmtree(engine.folder.generations_path)


def lose_folder(engine: Engine) -> None:
    """The whole index."""
    shutil.rmtree(engine.folder.path)


def lose_current_and_generations(engine: Engine) -> None:
    """All but the locks and caches."""
    lose_all_generations(engine)
    engine.folder.current_file.unlink()


LOSSES: dict[str, Callable[[Engine], None]] = {
    "one generation": lose_generation,
    "its store": lose_store,
    "its manifest": lose_manifest,
    "all generations": lose_all_generations,
    "the folder": lose_folder,
    "current and generations": lose_current_and_generations,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_is_open_answers_on_after_a_loss_and_takes_no_change(tmp_path, loss):
    """Readiness says that it is the last good one; no write is acknowledged; nothing new is made."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        generations = maker.folder.generations()
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        assert not engine.ready().serving_last_good
        LOSSES[loss](engine)
        ready = engine.ready()
        assert (True, True, generations[-1]) == (ready.ready, ready.serving_last_good, ready.generation)
        assert ready.reason
        for write in (lambda: engine.add_articles([NEW]), lambda: engine.delete(["a1"])):
            with pytest.raises((IndexFault, IndexNotFound)):
                write()
        assert SIX == live_ids(engine)
        assert set(engine.folder.generations()) <= set(generations)
        assert engine.ready().serving_last_good


@pytest.mark.parametrize("loss", ["one generation", "its store", "its manifest"])
def test_after_a_restart_another_generation_answers(tmp_path, loss):
    """The one before; and it takes no change before it is made live, for it would be lost with the next."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        older, newer = maker.folder.generations()
        LOSSES[loss](maker)
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        ready = engine.ready()
        assert (True, True, older) == (ready.ready, ready.serving_last_good, ready.generation)
        assert newer in (ready.reason or "")
        with pytest.raises(IndexFault):
            engine.add_articles([NEW])
        engine.activate(older)
        engine.add_articles([NEW])
        assert not engine.ready().serving_last_good
        assert [*SIX[:6], "a50"] == sorted(live_ids(engine), key=lambda one: int(one[1:]))


@pytest.mark.parametrize("loss", ["all generations", "current and generations"])
def test_after_a_restart_without_any_generation_no_new_archive_begins(tmp_path, loss):
    """Nor from the command line; a build is the way out, and a folder that never was one takes an article."""
    with contextlib.closing(filled(tmp_path, 1)) as maker:
        LOSSES[loss](maker)
    for fall_back in (True, False):
        with contextlib.closing(engine_at(tmp_path, fall_back=fall_back)) as engine:
            with pytest.raises((IndexCorrupt, IndexNotFound)):
                engine.warm()
            assert not engine.ready().ready
            with pytest.raises(IndexFault, match=r"build|restore"):
                engine.add_articles([NEW])
            assert [] == engine.folder.generations()
    with contextlib.closing(engine_at(tmp_path / "elsewhere")) as fresh:
        fresh.add_articles([NEW])
        assert ["a50"] == live_ids(fresh)


@pytest.mark.parametrize("loss", ["gone", "damaged"])
def test_rolling_back_without_an_earlier_generation_takes_the_newest(tmp_path, loss):
    """The way out that the errors name leads out; a sound generation is not left for a newer one."""
    engine = filled(tmp_path, 1)
    engine.build([], fresh=True)
    engine.build([], fresh=True)
    first, second, third = engine.folder.generations()
    engine.activate(first)
    with pytest.raises(GenerationNotFound, match=f"activate makes another live: {second}, {third}"):
        engine.rollback()
    engine.close()
    path = engine.folder.generation_path(first)
    if loss == "gone":
        shutil.rmtree(path)
    else:
        rewrite(path / "manifest.json", b"{")
    again = engine_at(tmp_path)
    with pytest.raises(IndexFault, match="index rollback"):
        _ = again.index
    assert third == again.rollback().id
    assert live_ids(again)
    again.close()


def test_newer_generations_are_served_where_no_older_one_is_sound(tmp_path):
    """After a roll back whose generation is lost."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        older, newer = maker.folder.generations()
        maker.rollback()
        shutil.rmtree(path_of(maker, 0))
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        assert newer == engine.ready().generation
        assert older in (engine.ready().reason or "")


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\x00", b"nonsense\n", b"../../etc\n", b"000099-20260101T000000Z\n"]
)
def test_a_current_that_is_lost_or_damaged_is_no_reason_to_stop(tmp_path, content):
    """The newest sound generation answers, and says so; where ``current`` is lost, a write mends it."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        newer = maker.folder.generations()[-1]
    if content is None:
        maker.folder.current_file.unlink()
    else:
        maker.folder.current_file.write_bytes(content)
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        assert (True, newer) == (engine.ready().serving_last_good, engine.ready().generation)
        if content is None:
            engine.add_articles([NEW])
        else:
            with pytest.raises(IndexFault):
                engine.add_articles([NEW])
            engine.activate(newer)
        assert newer == engine.folder.current()
        assert (content is None) == ("a50" in live_ids(engine))
        assert not engine.ready().serving_last_good


def test_where_current_is_lost_the_newest_sound_generation_is_made_live(tmp_path):
    """A damaged newer one is passed over; with none that is sound, its fault is told."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        older, newer = maker.folder.generations()
        damaged = path_of(maker) / "columns.npz"
        damaged.write_bytes(damaged.read_bytes()[:100])
        maker.folder.current_file.unlink()
    with contextlib.closing(engine_at(tmp_path)) as engine:
        engine.add_articles([NEW])
        assert older == engine.folder.current()
        engine.folder.current_file.unlink()
        (path_of(engine, 0) / "manifest.json").unlink()
    with contextlib.closing(engine_at(tmp_path)) as engine, pytest.raises(IndexCorrupt, match=newer):
        engine.add_articles([NEW])


def test_files_that_come_back_are_followed(tmp_path):
    """Moved away and back, or put back as a copy: then readiness is well again and a change is taken."""
    with contextlib.closing(filled(tmp_path, 1)) as maker:
        path = path_of(maker)
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        away = tmp_path / "away"
        path.rename(away)
        assert engine.ready().serving_last_good
        away.rename(path)
        assert not engine.ready().serving_last_good
        shutil.copytree(path, away)
        shutil.rmtree(path)
        assert engine.ready().serving_last_good
        away.rename(path)
        assert not engine.ready().serving_last_good
        engine.add_articles([NEW])
        assert "a50" in live_ids(engine)
    with contextlib.closing(engine_at(tmp_path)) as again:
        assert "a50" in live_ids(again)


def test_a_generation_that_is_mended_is_gone_over_to(tmp_path):
    """Though ``current`` names it as before."""
    with contextlib.closing(filled(tmp_path, 1, 2)) as maker:
        older, newer = maker.folder.generations()
        manifest = path_of(maker) / "manifest.json"
        sound = manifest.read_bytes()
        manifest.unlink()
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as engine:
        engine.warm()
        assert older == engine.ready().generation
        rewrite(manifest, sound)
        engine.follow()
        assert (newer, False) == (engine.ready().generation, engine.ready().serving_last_good)


def test_rules_hold_on_when_the_folder_of_the_index_is_lost(tmp_path):
    """What is hidden stays hidden, whoever makes the folder again; no rule is taken that would be lost."""
    hide = Rule("gone", "hide", articles=("a1",), holds_for="everywhere")
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        engine.rules.put(hide, "Ada")
        assert (hide,) == engine.rules.current().rules
        shutil.rmtree(engine.folder.path)
        assert (hide,) == engine.rules.current().rules
        engine.folder.path.mkdir()
        assert (hide,) == engine.rules.current().rules
        with pytest.raises(StorageFailed, match="gone with its index"):
            engine.rules.put(Rule("two", "hide", articles=("a2",), holds_for="everywhere"), "Ada")
        assert not (engine.folder.path / "rules.db").exists()


def test_no_rules_are_begun_anew_over_removed_ones_alone(tmp_path):
    """Beside an index that is whole, a file that was removed means no rules, as it says."""
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        store = RuleStore(engine.folder.path / "rules.db")
        store.put(Rule("one", "hide", articles=("a1",), holds_for="everywhere"), "Ada")
        assert 1 == len(store.current().rules)
        store.path.unlink()
        assert () == store.current().rules
        store.close()


def test_a_saved_search_is_not_taken_into_a_file_that_is_gone(tmp_path):
    """It would be acknowledged and lost; a copy that is put back is followed."""
    with contextlib.closing(filled(tmp_path, 1)) as engine:
        store = SavedStore(engine.folder)
        kept = store.path.read_bytes()
        store.path.unlink()
        with pytest.raises(StorageFailed, match=r"saved\.db is gone"), store.writing():
            pass
        for ending in ("-wal", "-shm"):
            store.path.with_name(store.path.name + ending).unlink(missing_ok=True)
        store.path.write_bytes(kept)
        with pytest.raises(RuleNotFound):
            store.delete("none")
        assert [] == store.searches()
        store.close()


def test_a_lost_index_names_the_ways_out_and_no_path(tmp_path):
    """It is told to whoever writes over HTTP, too."""
    with contextlib.closing(filled(tmp_path, 1)) as maker:
        lose_current_and_generations(maker)
    with pytest.raises(IndexLost, match=r"'news'.*index restore.*index build") as caught:
        engine_at(tmp_path).add_articles([NEW])
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become nobody")
def test_without_permission_to_read_it_is_refused_and_not_begun_anew(tmp_path):
    """As nobody: a folder that cannot be listed is no folder that is empty."""
    with contextlib.closing(filled(tmp_path, 1)) as maker:
        folder = maker.folder
    below = Path(tempfile.gettempdir())
    for parent in [tmp_path, *tmp_path.parents]:
        if parent != below and parent.is_relative_to(below):
            parent.chmod(0o755)
    folder.current_file.chmod(0o644)
    folder.generations_path.chmod(0o700)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setgid(65534)
            os.setuid(65534)
            try:
                engine_at(tmp_path, fall_back=True).add_articles([NEW])
            except IndexFault:
                code = 0
        os._exit(code)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert SIX == live_ids(engine_at(tmp_path))
