"""Damage and refusals: each a clear error with file and way out, nothing lost, the index usable after."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from semsearch.engine import Engine
from semsearch.errors import FormatTooNew, IndexCorrupt, IndexFault, IndexNotFound, StorageFailed
from semsearch.index import folder
from semsearch.index.beside import EVENTS, RULES, SAVED
from semsearch.index.event_counts import readership
from semsearch.index.events import EventStore
from semsearch.index.folder import IndexFolder
from semsearch.index.manifest import manifest_from_text, read_manifest
from semsearch.index.rules_store import RuleStore
from semsearch.index.saved_store import SavedStore
from semsearch.index.source_state import SourceState
from semsearch.rules import Rule
from semsearch.search.types import SearchRequest
from tests.crash.harness import REPOSITORY, check_search, state_of
from tests.index.making import article, engine_at, filled, flip, live_ids, rewrite


def files_of(generation: Path) -> list[Path]:
    """Every file of a generation that its manifest names, and the manifest."""
    names = [*read_manifest(generation).files, "manifest.json"]
    return [generation / name for name in names]


def live_path(engine: Engine) -> Path:
    """The folder of the live generation."""
    return engine.folder.generation_path(engine.folder.current())


# --- damaged files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0.0, 0.5, 0.999], ids=["beginning", "middle", "end"])
def test_a_flipped_bit_in_any_file_is_refused_at_open_and_named(tmp_path, place):
    """Opening and verifying say which file it is and how to go on; mended, the index opens again."""
    engine = filled(tmp_path, 1)
    expected = state_of(engine)
    generation = live_path(engine)
    engine.close()
    for file in files_of(generation):
        sound = file.read_bytes()
        flip(file, int(place * (len(sound) - 1)))
        with pytest.raises(IndexFault) as caught:
            _ = engine_at(tmp_path).index
        assert file.name in str(caught.value)
        assert re.search("rollback|build", str(caught.value))
        assert engine_at(tmp_path).verify().problems
        rewrite(file, sound)
    with contextlib.closing(engine_at(tmp_path)) as again:
        assert expected == state_of(again)


@pytest.mark.parametrize("damage", ["truncated", "emptied", "missing", "longer"])
def test_a_file_of_another_length_or_none_is_refused_at_open_and_named(tmp_path, damage):
    """Every file of the generation, the manifest among them."""
    engine = filled(tmp_path, 1)
    generation = live_path(engine)
    engine.close()
    for file in files_of(generation):
        sound = file.read_bytes()
        if damage == "missing":
            file.unlink()
        else:
            changed = {"truncated": sound[: len(sound) // 2], "emptied": b"", "longer": sound + b"\x00"}
            rewrite(file, changed[damage])
        with pytest.raises(IndexFault, match=re.escape(file.name)):
            _ = engine_at(tmp_path).index
        rewrite(file, sound)
    assert 6 == len(live_ids(engine_at(tmp_path)))


def test_a_bit_flipped_anywhere_in_the_manifest_is_never_believed(tmp_path):
    """Not even where the result is good JSON: an article count, a change number, a key."""
    engine = filled(tmp_path, 1, changed=[1])
    path = live_path(engine) / "manifest.json"
    engine.close()
    sound = path.read_bytes()
    expected = manifest_from_text(sound.decode(), path)
    refused = 0
    for offset in range(len(sound)):
        changed = bytearray(sound)
        changed[offset] ^= 1 << offset % 7
        try:
            found = manifest_from_text(changed.decode(), path)
        except (IndexCorrupt, FormatTooNew):
            refused += 1
        else:
            assert expected == found, f"a flip at {offset} was believed"
    assert refused > len(sound) // 2


@pytest.mark.slow
def test_a_bit_flipped_in_a_store_with_live_changes_never_gives_wrong_articles(tmp_path):
    """Header, tree pages and texts: it answers as before or says that it is damaged."""
    engine = filled(tmp_path, 1, 2, changed=[1, 7])
    engine.delete(["a2"])
    expected = state_of(engine)
    store = live_path(engine) / "store.db"
    engine.close()
    sound = store.read_bytes()
    used = [at for at in range(len(sound)) if sound[at]]
    places = [*range(0, 100, 9), *used[100 :: len(used) // 40]]
    refused = 0
    for offset in places:
        flip(store, offset, 1 << offset % 8)
        with contextlib.closing(engine_at(tmp_path)) as damaged:
            try:
                assert expected == state_of(damaged), f"a flip at {offset} changed an answer"
            except IndexFault as exc:
                refused += "store.db" in str(exc)
        for ending in ("-wal", "-shm"):
            store.with_name(store.name + ending).unlink(missing_ok=True)
        rewrite(store, sound)
    assert refused > len(places) // 5


def test_damaged_text_of_a_store_with_live_changes_is_found_by_verify_and_by_reading(tmp_path):
    """The digest of the row tells, where the checksum of the file no longer can; the rest is still read."""
    engine = filled(tmp_path, 1, changed=[1])
    body = engine.show("a3").body.encode()
    store = live_path(engine) / "store.db"
    engine.close()
    flip(store, store.read_bytes().index(body))
    with contextlib.closing(engine_at(tmp_path)) as damaged:
        assert "store.db" in " ".join(damaged.verify().problems)
        with pytest.raises(IndexCorrupt, match=r"store\.db.*'a3'.*(rollback|build)"):
            damaged.show("a3")
        assert "a2" == damaged.show("a2").id


def test_damaged_text_of_a_live_change_is_refused_at_open(tmp_path):
    """It is read then; the error names the article."""
    engine = filled(tmp_path, 1, changed=[1])
    body = engine.show("a1").body.encode()
    store = live_path(engine) / "store.db"
    engine.close()
    flip(store, store.read_bytes().index(body))
    with pytest.raises(IndexCorrupt, match=r"store\.db.*'a1'.*(rollback|build)"):
        _ = engine_at(tmp_path).index


def test_a_damaged_live_vector_is_found_by_verify(tmp_path):
    """It no longer has length 1."""
    engine = filled(tmp_path, 1, changed=[1])
    with engine.index.snapshot() as view:
        vector = view.passage_vectors(view.row_of("a1"))[0].astype("<f4").tobytes()
    store = live_path(engine) / "store.db"
    engine.close()
    offset = next(at for at in range(3, len(vector), 4) if vector[at])
    flip(store, store.read_bytes().index(vector) + offset, 2)
    with contextlib.closing(engine_at(tmp_path)) as damaged:
        assert any("is not of length 1" in one for one in damaged.verify().problems)


@pytest.mark.parametrize(
    "content", [b"", b"nonsense\n", b"\xff\xfe\n", b"../../x\n", b"000009-20260101T000000Z\n"]
)
def test_a_damaged_current_is_refused_and_activate_mends_it(tmp_path, content):
    """Whatever stands in it; no folder outside is ever opened."""
    engine = filled(tmp_path, 1, 2)
    live = engine.folder.current()
    engine.close()
    engine.folder.current_file.write_bytes(content)
    with pytest.raises(IndexCorrupt, match=r"activate|rollback"):
        _ = engine_at(tmp_path).index
    with contextlib.closing(engine_at(tmp_path)) as mended:
        mended.activate(live)
        assert 6 == len(live_ids(mended))


def test_a_damaged_current_is_mended_by_a_build(tmp_path):
    """A build is the way out that always works, and loses nothing that was added."""
    engine = filled(tmp_path, 1)
    before = live_ids(engine)
    source = tmp_path / "articles.jsonl"
    source.write_text(json.dumps({"id": "new", "title": "New"}) + "\n", "utf-8")
    engine.close()
    engine.folder.current_file.write_bytes(b"\x00\x01")
    with contextlib.closing(engine_at(tmp_path)) as mended:
        mended.build([str(source)])
        assert [*before, "new"] == live_ids(mended)


def test_a_lost_current_names_the_generations_and_an_add_does_not_begin_an_empty_index(tmp_path):
    """The newest whole generation becomes live again; no article is hidden by an empty index."""
    engine = filled(tmp_path, 1)
    newest = engine.folder.current()
    engine.close()
    engine.folder.current_file.unlink()
    with pytest.raises(IndexNotFound, match=f"activate {newest}"):
        _ = engine_at(tmp_path).index
    with contextlib.closing(engine_at(tmp_path)) as again:
        again.add_articles([article(20, 1)])
        assert newest == again.folder.current()
        assert ["a0", "a1", "a2", "a20", "a3", "a4", "a5"] == live_ids(again)


def test_a_newer_format_is_refused_by_name_and_an_older_generation_can_be_activated(tmp_path):
    """Both versions and the way out stand in the error."""
    engine = filled(tmp_path, 1, 2)
    manifest = live_path(engine) / "manifest.json"
    engine.close()
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"format": 7}), "utf-8")
    with pytest.raises(FormatTooNew, match="format 7, this semsearch reads up to 2; update"):
        _ = engine_at(tmp_path).index
    with contextlib.closing(engine_at(tmp_path)) as older:
        older.rollback()
        assert 6 == len(live_ids(older))


# --- a damaged live generation ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["store.db", "manifest.json", "columns.npz"])
def test_a_roll_back_from_a_damaged_live_generation_works_and_keeps_what_can_be_read(tmp_path, name):
    """What could not be carried over is said."""
    engine = filled(tmp_path, 1, 2, changed=[7])
    damaged = engine.folder.current()
    path = live_path(engine) / name
    engine.close()
    rewrite(path, b"\x00" * 100)
    with contextlib.closing(engine_at(tmp_path)) as back:
        found = back.rollback()
        assert () == back.verify().problems
        check_search(back)
        if name == "store.db":
            assert damaged in found.note
            assert ["a0", "a1", "a2", "a3", "a4", "a5"] == live_ids(back)
        else:
            assert "" == found.note
            assert "a7" in live_ids(back)


def test_a_change_whose_row_is_damaged_is_named_and_the_others_are_carried(tmp_path):
    """One unreadable article does not keep the rest from a roll back."""
    engine = filled(tmp_path, 1, 2, changed=[7, 8])
    store = live_path(engine) / "store.db"
    body = engine.show("a7").body.encode()
    engine.close()
    flip(store, store.read_bytes().index(body))
    with contextlib.closing(engine_at(tmp_path)) as back:
        found = back.rollback()
        assert "'a7'" in found.note
        assert "could not be carried" in found.note
        assert "a8" in live_ids(back)
        assert "a7" not in live_ids(back)


@pytest.mark.parametrize("name", ["store.db", "manifest.json", "vectors.faiss"])
def test_a_build_works_over_a_damaged_live_generation(tmp_path, name):
    """The error of a damaged index says 'build again': that must not fail on the damage itself.

    What came over the API is kept where the store can still be read.
    """
    engine = filled(tmp_path, 1)
    readable = [] if name == "store.db" else live_ids(engine)
    path = live_path(engine) / name
    source = tmp_path / "articles.jsonl"
    source.write_text(json.dumps({"id": "new", "title": "New"}) + "\n", "utf-8")
    engine.close()
    rewrite(path, b"\xff" * 64)
    with contextlib.closing(engine_at(tmp_path)) as mended:
        mended.build([str(source)])
        assert [*readable, "new"] == live_ids(mended)
        assert () == mended.verify().problems


def test_a_service_keeps_serving_when_a_damaged_generation_goes_live_beside_it(tmp_path):
    """``fault`` and readiness say so, writing is refused in words, and a roll back ends it."""
    service = filled(tmp_path, 1, 2)
    older, newer = service.folder.generations()
    service.activate(older)
    service.warm()
    rewrite(service.folder.generation_path(newer) / "columns.npz", b"\x00")
    service.folder.set_current(newer)
    assert 6 == service.searcher.search(SearchRequest(query="v2", mode="lexical")).total
    ready = service.ready()
    assert (True, True, older) == (ready.ready, ready.serving_last_good, ready.generation)
    assert "columns.npz" in (ready.reason or "")
    with pytest.raises(IndexFault, match=r"columns\.npz"):
        service.add_articles([article(9, 1)])
    engine_at(tmp_path).activate(older)
    assert service.ready().reason is None
    service.add_articles([article(9, 1)])
    assert "a9" in live_ids(service)
    service.close()


@pytest.mark.parametrize("broken", ["columns.npz", "current"])
def test_a_service_that_starts_beside_damage_serves_the_last_good_generation(tmp_path, broken):
    """Where it is told to fall back; commands are not, they fail."""
    engine = filled(tmp_path, 1, 2)
    older, newer = engine.folder.generations()
    engine.close()
    path = (
        engine.folder.current_file if broken == "current" else engine.folder.generation_path(newer) / broken
    )
    rewrite(path, b"\x00\x00")
    with contextlib.closing(engine_at(tmp_path, fall_back=True)) as service:
        service.warm()
        ready = service.ready()
        assert (True, True) == (ready.ready, ready.serving_last_good)
        assert (older if broken == "columns.npz" else newer) == ready.generation
        assert broken in (ready.reason or "")
    with pytest.raises(IndexCorrupt, match=broken):
        _ = engine_at(tmp_path).index


def test_a_running_service_is_not_hurt_when_the_files_under_it_are_removed(tmp_path):
    """It has them open; a new process says which file is missing."""
    service = filled(tmp_path, 1, 2)
    service.warm()
    expected = live_ids(service)
    request = SearchRequest(query="ferry storm", limit=50, mode="semantic")
    found = [hit.article.id for hit in service.searcher.search(request).hits]
    assert found
    (live_path(service) / "vectors.faiss").unlink()
    (live_path(service) / "columns.npz").unlink()
    assert found == [hit.article.id for hit in service.searcher.search(request).hits]
    assert expected == live_ids(service)
    with pytest.raises(IndexCorrupt, match="is missing"):
        _ = engine_at(tmp_path).index
    service.close()


# --- read-only and full disks -------------------------------------------------------------------------------


@contextlib.contextmanager
def mounted(where: Path, *options: str) -> Iterator[Path]:
    """A mount for the length of the block; skips where this user may not mount."""
    where.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(where)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user cannot mount: {done.stderr.strip()}")
    try:
        yield where
    finally:
        subprocess.run(["umount", "--lazy", str(where)], check=True)  # maps go with their last reader


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """The same folder, mounted a second time without the right to write."""
    where = folder.with_name(f"{folder.name}-read-only")
    with mounted(where, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(where)], check=True)
        yield where


def test_a_file_that_a_full_disk_refused_to_make_reads_as_one_without_entries(tmp_path):
    """A rule, a saved search, a sync or an event that could not be kept stops no reading."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=8m", "tmpfs") as disk:
        engine = filled(disk, 1, changed=[7])
        expected = live_ids(engine)
        engine.close()
        beside = IndexFolder(disk, engine.folder.path.name)
        with open(disk / "ballast", "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        for keep in (
            lambda: RuleStore(beside.path / RULES).put(Rule("r", "hide", "search", ("a1",)), "Ada"),
            lambda: SavedStore(beside),
            lambda: SourceState(beside, "site"),
            lambda: EventStore(beside.path / EVENTS),
        ):
            with contextlib.suppress(StorageFailed):
                keep()
        files = [beside.path / RULES, beside.path / SAVED, beside.path / "sources/site.db"]
        assert {0} == {path.stat().st_size for path in (*files, beside.path / EVENTS)}
        rules, saved = RuleStore(beside.path / RULES), SavedStore(beside)
        with contextlib.closing(engine_at(disk)) as reader:
            assert expected == live_ids(reader)
            check_search(reader)
        assert ((), [], []) == (rules.current().rules, rules.history(), saved.searches())
        assert "" == SourceState(beside, "site").fact("cursor")
        assert [] == EventStore(beside.path / EVENTS).read()
        assert 0 == readership(beside.path / EVENTS, days=1).searches
        (disk / "ballast").unlink()
        rules.put(Rule("r", "hide", "search", ("a1",)), "Ada")
        assert {"r"} == {one.id for one in rules.current().rules}
        with saved.writing() as connection:
            connection.execute("INSERT INTO facts VALUES ('a', 'b')")


def test_a_read_only_folder_is_searched_and_writing_says_what_to_do(tmp_path):
    """Without SQLite's -wal and -shm files, which nobody can make there."""
    engine = filled(tmp_path / "indexes", 1, changed=[7])
    expected = live_ids(engine)
    engine.close()
    with read_only(tmp_path / "indexes") as folder, contextlib.closing(engine_at(folder)) as reader:
        assert not list(folder.rglob("*-shm"))
        assert expected == live_ids(reader)
        check_search(reader)
        assert () == reader.verify().problems
        assert 7 == reader.status().articles
        for write in (
            lambda: reader.add_articles([article(1, 9)]),
            lambda: reader.delete(["a1"]),
            lambda: reader.build([]),
            lambda: reader.prune(1),
        ):
            with pytest.raises(StorageFailed, match=r"read-only|readonly|unable to open"):
                write()
    assert expected == live_ids(engine_at(tmp_path / "indexes"))


def test_a_read_only_mount_follows_a_writer_elsewhere(tmp_path):
    """A container that mounts the folder read-only beside a service that writes."""
    writer = filled(tmp_path / "indexes", 1)
    writer.add_articles([article(7, 1)])
    with read_only(tmp_path / "indexes") as folder, contextlib.closing(engine_at(folder)) as reader:
        assert "a7" in live_ids(reader)
        writer.add_articles([article(8, 1)])
        writer.delete(["a1"])
        assert live_ids(writer) == live_ids(reader)
    writer.close()


def test_changes_that_only_a_writer_can_take_in_are_not_hidden_by_a_read_only_folder(tmp_path):
    """A write-ahead log without its index is an error in words, not an answer without those changes."""
    engine = filled(tmp_path / "indexes", 1)
    store = live_path(engine) / "store.db"
    _ = engine.index
    engine.add_articles([article(7, 1)])
    kept = {name: store.with_name(name).read_bytes() for name in ("store.db", "store.db-wal")}
    engine.close()
    for name, content in kept.items():
        rewrite(store.with_name(name), content)
    assert not store.with_name("store.db-shm").exists()
    with (
        read_only(tmp_path / "indexes") as folder,
        pytest.raises(StorageFailed, match=r"store\.db-wal holds"),
    ):
        live_ids(engine_at(folder))
    assert "a7" in live_ids(engine_at(tmp_path / "indexes"))


def fill_up(folder: Path, leave: int) -> Path:
    """A file that leaves so many bytes of the disk free."""
    ballast = folder / "ballast"
    disk = os.statvfs(folder)
    with ballast.open("wb") as file:
        file.write(b"\x00" * max(0, disk.f_bavail * disk.f_frsize - leave))
    return ballast


def test_a_full_disk_in_an_add_loses_nothing_and_can_be_emptied_by_prune(tmp_path):
    """The batch that did not fit is not there; what was acknowledged is; pruning needs no free byte."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=6m", "tmpfs") as disk:
        engine = filled(disk / "indexes", 1, 2)
        _ = engine.index
        ballast = fill_up(disk, 200_000)
        acknowledged = 6
        try:
            for number in range(100, 5000):
                engine.add_articles([article(number, 1)])
                acknowledged += 1
            pytest.fail("the disk never filled up")
        except StorageFailed as exc:
            said = str(exc)
        assert re.search("disk is full|free some space|I/O", said)
        assert acknowledged == len(live_ids(engine))
        check_search(engine)
        engine.close()
        ballast.unlink()
        fill_up(disk, 0)
        assert 1 == len(engine_at(disk / "indexes").prune(1))
        (disk / "ballast").unlink(missing_ok=True)
        with contextlib.closing(engine_at(disk / "indexes")) as again:
            assert acknowledged == len(live_ids(again))
            again.add_articles([article(5001, 1)])
            assert () == again.verify().problems


@pytest.mark.parametrize("leave", [0, 20_000, 60_000, 120_000, 180_000])
def test_a_full_disk_in_a_build_leaves_the_live_generation(tmp_path, leave):
    """At whichever part the disk gives out, it is one clear error; with space it goes through."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=6m", "tmpfs") as disk:
        engine = filled(disk / "indexes", 1, count=20)
        live, expected = engine.folder.current(), state_of(engine)
        ballast = fill_up(disk, leave)
        with contextlib.suppress(StorageFailed):
            engine.build([], fresh=True)
            pytest.fail(f"a build fitted into {leave} bytes")
        assert live == engine.folder.current()
        assert expected == state_of(engine)
        assert [] == list(engine.folder.generations_path.glob("*.building"))
        assert not (engine.folder.path / "spool.jsonl").exists()
        ballast.unlink()
        assert live < engine.build([], fresh=True).generation
        assert expected == state_of(engine)
        engine.close()


LIMITED = """
import resource, sys
from pathlib import Path
from semsearch.errors import StorageFailed
from tests.index.making import article, engine_at
engine = engine_at(Path(sys.argv[1]))
_ = engine.index, engine.searcher
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    if sys.argv[2] != "add":
        engine.build([], fresh=sys.argv[2] == "build")
    else:
        for number in range(100, 400):
            engine.add_articles([article(number, 1)])
except StorageFailed as exc:
    print(f"refused: {exc}")
"""


@pytest.mark.parametrize("work", ["build", "copy", "add"])
def test_a_limit_on_file_sizes_is_a_clear_error_and_nothing_is_lost(tmp_path, work):
    """The operator's ulimit instead of the disk."""
    engine = filled(tmp_path / "indexes", 1, count=30)
    expected = state_of(engine)
    engine.close()
    # nothing larger than this; the store of 30 articles is
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "indexes"), work, "40000"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False)
    assert (0, True) == (done.returncode, done.stdout.startswith("refused: ")), done.stdout + done.stderr
    with contextlib.closing(engine_at(tmp_path / "indexes")) as again:
        assert () == again.verify().problems
        held = state_of(again)
        assert expected == {one: version for one, version in held.items() if one in expected}
        again.build([])
        assert held == state_of(again)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


# --- leftovers and clocks -----------------------------------------------------------------------------------


def test_leftovers_of_killed_processes_are_cleaned_by_the_next_build(tmp_path):
    """Folders half built, the spool, and files that were to be renamed."""
    engine = filled(tmp_path, 1)
    folder = engine.folder
    left = folder.generations_path / "000009-20260101T000000Z.building"
    shutil.copytree(live_path(engine), left)
    (folder.path / "spool.jsonl").write_text('{"id": "ha', "utf-8")
    (folder.path / ".current.99999").write_text("0000", "utf-8")
    engine.build([])
    names = {path.name for path in folder.path.iterdir()}
    assert {"build.lock", "current", "embeddings.db", "generations", "write.lock"} == names
    assert engine.folder.generations() == sorted(path.name for path in folder.generations_path.iterdir())
    assert 6 == len(live_ids(engine))
    engine.close()


def test_a_clock_set_back_changes_no_order(tmp_path, monkeypatch):
    """Generations and changes are counted; the time only describes them."""
    engine = filled(tmp_path, 1)
    first = engine.folder.current()

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=4000)

    monkeypatch.setattr(folder, "datetime", Earlier)
    second = engine.build([]).generation
    assert first < second
    assert second.split("-")[1] < first.split("-")[1]
    assert [first, second] == engine.folder.generations()
    engine.rollback()
    assert first == engine.folder.current()
    assert [first, second] == [one.id for one in engine.generations()]
    engine.add_articles([article(9, 1)])
    engine.activate(second)
    assert "a9" in live_ids(engine)
    engine.close()
