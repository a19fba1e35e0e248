"""Snapshots: consistent while written to, verified both ways, and refused where anything is altered."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import tarfile
import threading
from pathlib import Path

import pytest

from semsearch.errors import EncoderMismatch, FormatTooNew, IndexBusy, IndexCorrupt, StorageFailed
from semsearch.index.manifest import FileSum, manifest_from_text, manifest_text
from tests.crash.harness import check_search, state_of
from tests.fakes import HashingEncoder
from tests.index.making import article, engine_at, filled, flip, live_ids


@pytest.fixture
def snapshot(tmp_path) -> Path:
    """A snapshot with live changes: a2 deleted, a7 added, a1 updated."""
    engine = filled(tmp_path / "origin", 1, changed=[1, 7])
    engine.delete(["a2"])
    engine.snapshot(tmp_path / "backup.tar")
    engine.close()
    return tmp_path / "backup.tar"


def rewritten(file: Path, change) -> None:
    """Pass every member through ``change(name, content) -> (name, content) or None``."""
    with tarfile.open(file) as tar:
        members = [(one.name, tar.extractfile(one).read()) for one in tar]
    with tarfile.open(file, "w") as tar:
        for name, content in filter(None, (change(*one) for one in members)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz", "backup.tgz"])
def test_a_snapshot_restored_elsewhere_holds_every_change_until_it_was_taken(tmp_path, name):
    """In an empty folder; it verifies, searches and takes changes as the original does."""
    engine = filled(tmp_path / "origin", 1, 2, changed=[1, 7])
    engine.delete(["a2"])
    made = engine.snapshot(tmp_path / name)
    expected = state_of(engine)
    engine.close()
    assert (len(expected), (tmp_path / name).stat().st_size) == (made.articles, made.bytes)
    assert [name, "origin"] == sorted(path.name for path in tmp_path.iterdir())
    with contextlib.closing(engine_at(tmp_path / "elsewhere")) as other:
        restored = other.restore(tmp_path / name)
        assert (made.generation, made.articles, ()) == (
            restored.snapshot_of,
            restored.articles,
            restored.notes,
        )
        assert expected == state_of(other)
        check_search(other)
        assert () == other.verify().problems
        other.add_articles([article(30, 1)])
        other.build([])
        assert {*expected, "a30"} == set(live_ids(other))


def test_a_snapshot_taken_while_articles_are_added_is_one_instant_of_them(tmp_path):
    """Acknowledged before it began: in it. Batches are whole or not there."""
    engine = filled(tmp_path / "origin", 1)
    engine.add_articles([article(100, 1), article(101, 1)])
    stop = threading.Event()

    def write() -> None:
        number = 102
        while not stop.is_set():
            engine.add_articles([article(number, 1), article(number + 1, 1)])
            number += 2

    writer = threading.Thread(target=write)
    writer.start()
    try:
        engine.snapshot(tmp_path / "backup.tar")
    finally:
        stop.set()
        writer.join()
    with contextlib.closing(engine_at(tmp_path / "elsewhere")) as other:
        other.restore(tmp_path / "backup.tar")
        numbers = sorted(int(one[1:]) for one in live_ids(other))
        assert [*range(6), *range(100, 100 + len(numbers) - 6)] == numbers
        assert 0 == len(numbers) % 2
        assert set(live_ids(other)) <= set(live_ids(engine))
    engine.close()


def test_restoring_into_the_same_index_brings_the_instant_back_and_rollback_the_rest(tmp_path, snapshot):
    """Changes made since are not carried into it and not lost; new ones are carried as ever."""
    with contextlib.closing(engine_at(tmp_path / "origin")) as engine:
        before = set(live_ids(engine))
        engine.delete(["a3"])
        engine.add_articles([article(9, 1)])
        restored = engine.restore(snapshot)
        assert "rollback" in restored.notes[0]
        assert before == set(live_ids(engine))
        engine.add_articles([article(40, 1)])
        engine.rollback()
        assert (before - {"a3"}) | {"a9", "a40"} == set(live_ids(engine))
        engine.activate(restored.generation)
        assert {"a3", "a40"} <= set(live_ids(engine))
        assert "a9" not in live_ids(engine)
        assert () == engine.verify().problems


def test_changes_of_another_machine_are_not_carried_into_generations_that_never_saw_them(tmp_path, snapshot):
    """Only the snapshot's generation has its articles."""
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        other.add_articles([article(20, 1)])
        other.restore(snapshot)
        assert "a7" in live_ids(other)
        other.rollback()
        assert ["a20"] == live_ids(other)


def test_a_running_service_follows_a_restored_snapshot(tmp_path, snapshot):
    """As it follows any generation."""
    with contextlib.closing(filled(tmp_path / "service", 3)) as service:
        service.warm()
        engine_at(tmp_path / "service").restore(snapshot)
        assert "a7" in live_ids(service)
        assert service.ready().reason is None


def test_every_cut_of_a_snapshot_is_refused(tmp_path, snapshot):
    """Wherever it ends, and nothing is left behind."""
    content = snapshot.read_bytes()
    with tarfile.open(snapshot) as tar:
        end = max(one.offset_data + one.size for one in tar)
    for length in [0, 1, 511, 512, 700, 5000, end // 2, end - 1]:
        snapshot.write_bytes(content[:length])
        with pytest.raises(IndexCorrupt, match=r"backup\.tar cannot be restored.*use another snapshot"):
            engine_at(tmp_path / "elsewhere").restore(snapshot)
    assert [] == list((tmp_path / "elsewhere" / "news" / "generations").iterdir())


def test_a_flipped_bit_anywhere_in_a_compressed_snapshot_is_refused_or_harmless(tmp_path):
    """Never believed: what is restored is what was written."""
    engine = filled(tmp_path / "origin", 1)
    expected = state_of(engine)
    file = tmp_path / "backup.tgz"
    engine.snapshot(file)
    engine.close()
    sound = file.read_bytes()
    refused = 0
    for offset in range(0, len(sound), len(sound) // 12):
        flip(file, offset, 1 << offset % 8)
        with contextlib.closing(engine_at(tmp_path / f"at-{offset}")) as other:
            try:
                other.restore(file)
            except IndexCorrupt:
                refused += 1
            else:
                assert expected == state_of(other)
        file.write_bytes(sound)
    assert refused > 6


def test_a_stream_that_ends_within_a_file_is_no_fault_of_the_disk(tmp_path):
    """A flipped bit may end it there, and then it is the checksum of gzip that tells."""
    engine = filled(tmp_path / "origin", 1)
    file = tmp_path / "backup.tgz"
    engine.snapshot(file)
    engine.close()
    whole = gzip.decompress(file.read_bytes())
    cut = gzip.compress(whole[: len(whole) // 2])
    file.write_bytes(cut)
    flip(file, len(cut) - 8)
    with contextlib.closing(engine_at(tmp_path / "elsewhere")) as other:
        with pytest.raises(IndexCorrupt, match="it is no whole tar"):
            other.restore(file)
        assert [] == list(other.folder.generations_path.iterdir())


TAMPERED = {
    "altered": lambda name, content: (name, content[:-1] + b"?" if name == "store.db" else content),
    "missing": lambda name, content: None if name == "columns.npz" else (name, content),
    "renamed": lambda name, content: ("lexical/other" if name == "columns.npz" else name, content),
    "outside": lambda name, content: ("../../evil" if name == "columns.npz" else name, content),
    "absolute": lambda name, content: ("/tmp/evil" if name == "columns.npz" else name, content),
    "no manifest": lambda name, content: None if name == "manifest.json" else (name, content),
    "empty manifest": lambda name, content: (name, b"{}" if name == "manifest.json" else content),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_an_altered_snapshot_is_refused_and_the_live_index_stays(tmp_path, snapshot, kind):
    """Whatever was added, taken away or changed; no file is written outside."""
    rewritten(snapshot, TAMPERED[kind])
    with contextlib.closing(filled(tmp_path / "live", 4)) as live:
        generations, expected = live.folder.generations(), state_of(live)
        with pytest.raises(IndexCorrupt, match="nothing was changed"):
            live.restore(snapshot)
        assert (generations, expected) == (live.folder.generations(), state_of(live))
        assert generations == [path.name for path in live.folder.generations_path.iterdir()]
    assert not (tmp_path / "live" / "evil").exists()
    assert not Path("/tmp/evil").exists()


def test_a_manifest_that_names_files_outside_is_refused(tmp_path, snapshot):
    """Even where its own checksum fits."""

    def redirected(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, content
        manifest = manifest_from_text(content.decode(), Path(name))
        manifest.files["../evil"] = FileSum(1, "0")
        return name, manifest_text(manifest).encode()

    rewritten(snapshot, redirected)
    with pytest.raises(IndexCorrupt, match="outside the generation"):
        engine_at(tmp_path / "other").restore(snapshot)


def test_a_snapshot_of_a_newer_format_says_update(tmp_path, snapshot):
    """With both versions."""

    def newer(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, content
        return name, json.dumps(json.loads(content) | {"format": 9}).encode()

    rewritten(snapshot, newer)
    with pytest.raises(FormatTooNew, match=r"format 9, this semsearch reads up to 2; update"):
        engine_at(tmp_path / "other").restore(snapshot)


def test_a_snapshot_of_another_encoder_needs_a_word(tmp_path, snapshot):
    """Both encoders are named; told to, it is restored."""
    with contextlib.closing(engine_at(tmp_path / "o", encoder=HashingEncoder(32, name="small"))) as other:
        with pytest.raises(EncoderMismatch, match=r"'hashing'.*'small'.*--any-encoder"):
            other.restore(snapshot)
        other.restore(snapshot, any_encoder=True)
        assert "a7" in live_ids(other)


def test_a_damaged_generation_gives_no_snapshot_and_the_last_one_stays(tmp_path, snapshot):
    """A backup is never replaced by a worse one."""
    sound = snapshot.read_bytes()
    with contextlib.closing(engine_at(tmp_path / "origin")) as engine:
        live = engine.folder.generation_path(engine.folder.current())
        flip(live / "columns.npz", 100)
        with pytest.raises(IndexCorrupt, match=r"columns\.npz has checksum.*rollback"):
            engine.snapshot(snapshot)
        flip(live / "columns.npz", 100)
        engine.snapshot(snapshot)
        body = engine.show("a3").body.encode()
        engine.close()
        store = live / "store.db"
        flip(store, store.read_bytes().index(body))
        with pytest.raises(IndexCorrupt, match=r"store\.db is damaged.*nothing was written"):
            engine.snapshot(snapshot)
    assert len(sound) == len(snapshot.read_bytes())
    assert ["backup.tar", "origin"] == sorted(path.name for path in tmp_path.iterdir())


def test_names_folders_and_rivals_are_refused_in_words(tmp_path, snapshot):
    """A kind that cannot be written, a folder that is not there, a build under way."""
    with contextlib.closing(engine_at(tmp_path / "origin")) as engine:
        with pytest.raises(StorageFailed, match=r"\.tar, \.tar\.gz or \.tgz, not '\.zst'"):
            engine.snapshot(tmp_path / "backup.tar.zst")
        with pytest.raises(StorageFailed, match="No such file"):
            engine.snapshot(tmp_path / "missing" / "backup.tar")
        with pytest.raises(StorageFailed, match="No such file"):
            engine.restore(tmp_path / "missing.tar")
        with engine.folder.build_lock(), pytest.raises(IndexBusy, match=r"process .* is building"):
            engine.restore(snapshot)
