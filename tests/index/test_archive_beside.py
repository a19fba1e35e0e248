"""What a snapshot holds beside articles, what a restore replaces, keeps and says, and what it refuses."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch.engine import Engine
from semsearch.errors import FormatTooNew, IndexBusy, IndexCorrupt, StorageFailed
from semsearch.index import archive
from semsearch.index.archive_tar import HEADER
from semsearch.index.beside import held_for_restore
from semsearch.index.manifest import FileSum, manifest_from_text, manifest_text
from semsearch.index.saved_store import SavedStore
from semsearch.index.saved_types import SavedSearch, Webhook
from semsearch.index.source_state import Item, SourceState, source_names
from semsearch.keys import Key, KeyFile
from semsearch.rules import Rule
from tests.crash.harness import REPOSITORY
from tests.index.making import article, engine_at, filled, flip, live_ids


def hide(rule_id: str, article_id: str) -> Rule:
    """A rule that hides one article everywhere."""
    return Rule(rule_id, "hide", articles=(article_id,), holds_for="everywhere")


def rules_of(engine: Engine) -> list[str]:
    """Ids of all rules."""
    return sorted(one.rule.id for one in engine.rules.all())


@pytest.fixture
def site(tmp_path) -> Engine:
    """An index with a rule, a saved search, a source and a key."""
    engine = filled(tmp_path / "origin", 1, changed=[7])
    engine.rules.put(hide("one", "a1"), "Ada")
    store = SavedStore(engine.folder)
    store.put(SavedSearch("s1", "Ferries", "ferry", 0.5, webhook=Webhook("https://hook.example/", "secret")))
    store.close()
    with SourceState(engine.folder, "site") as state:
        state.store([Item("k", "a1", "s", b"12345678")], cursor={"page": 2})
    KeyFile(tmp_path / "origin").create("admin")
    return engine


def kept_keys(folder: Path) -> tuple[Key, ...]:
    """The keys in a file that is read anew."""
    return KeyFile(folder / "i").keys()


def members(file: Path) -> dict[str, bytes]:
    """Name and content of every member."""
    with tarfile.open(file) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}


def written(file: Path, contents: dict[str, bytes]) -> None:
    """A tar of these members, in this order."""
    with tarfile.open(file, "w") as tar:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def as_first_release(file: Path) -> None:
    """Let a snapshot be one of the release that knew articles alone."""
    written(file, {n: c for n, c in members(file).items() if n != HEADER and not n.startswith("beside/")})


def test_a_snapshot_brings_everything_into_an_empty_folder(tmp_path, site):
    """Counted on both sides; keys and events only where they were asked for."""
    made = site.snapshot(tmp_path / "backup.tar", with_keys=True)
    assert (1, 1, 1, ("site",), None, 1) == (
        made.beside.rules,
        made.beside.rule_changes,
        made.beside.saved_searches,
        made.beside.sources,
        made.beside.events,
        made.beside.keys,
    )
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        restored = other.restore(tmp_path / "backup.tar")
        assert (made.beside, (), (), ()) == (
            restored.beside,
            restored.kept,
            restored.set_aside,
            restored.notes,
        )
        assert ["one"] == rules_of(other)
        assert 1 == len(other.rules.history())
        store = SavedStore(other.folder)
        assert "secret" == store.search("s1").webhook.secret
        store.close()
        assert ["site"] == source_names(other.folder)
    for name in ("keys.json", "news/saved.db"):
        assert 0o600 == (tmp_path / "other" / name).stat().st_mode & 0o777
    assert KeyFile(tmp_path / "origin").keys() == KeyFile(tmp_path / "other").keys()
    plain = site.snapshot(tmp_path / "plain.tar")
    assert plain.beside.keys is None
    assert "beside/keys.json" not in members(tmp_path / "plain.tar")


def test_newer_rules_are_replaced_kept_aside_and_named(tmp_path, site):
    """Never in silence: those that hid articles are counted, and the file before can be put back."""
    site.snapshot(tmp_path / "backup.tar")
    site.rules.put(hide("two", "a2"), "Ben")
    site.rules.put(hide("one", "a3"), "Ben")
    assert 2 == len(site.rules.current().rules)
    restored = site.restore(tmp_path / "backup.tar")
    assert ["one"] == rules_of(site)
    assert (hide("one", "a1"),) == site.rules.current().rules
    note = next(one for one in restored.notes if "rules" in one)
    assert note.startswith("2 rules of this index are not in the snapshot, or in another version")
    assert "one, two" in note
    before = next(one for one in restored.set_aside if one.name.startswith("rules.db"))
    assert before.name in note
    with contextlib.closing(sqlite3.connect(before)) as kept:
        assert 2 == kept.execute("SELECT COUNT(*) FROM rules").fetchone()[0]
    later = site.rules.put(hide("three", "a4"), "Ada")[0]
    assert ["one", "three"] == rules_of(site)
    assert later.change > 3  # no number is given twice: whoever knows one reads the rules anew


def test_what_the_snapshot_does_not_hold_stays(tmp_path):
    """Rules made since stay where it has none; so do the keys of the installation, unless asked."""
    with contextlib.closing(filled(tmp_path / "i", 1)) as engine:
        keys = KeyFile(tmp_path / "i")
        keys.create("admin", name="old")
        engine.snapshot(tmp_path / "backup.tar", with_keys=True)
        engine.rules.put(hide("late", "a1"), "Ada")
        keys.create("write", name="new")
        restored = engine.restore(tmp_path / "backup.tar")
        assert ["late"] == rules_of(engine)
        assert {"rules.db", "keys.json"} == set(restored.kept)
        assert any("--with-keys" in one for one in restored.notes)
        assert any("the 1 of this index stay" in one for one in restored.notes)
        assert ["old", "new"] == [one.name for one in kept_keys(tmp_path)]
        replaced = engine.restore(tmp_path / "backup.tar", replace_keys=True)
        assert ["old"] == [one.name for one in kept_keys(tmp_path)]
        assert [True] == [one.name.startswith("keys.json.before-restore-") for one in replaced.set_aside]


def test_only_articles_leaves_all_else(tmp_path, site):
    """And says so."""
    site.snapshot(tmp_path / "backup.tar")
    site.rules.put(hide("two", "a2"), "Ben")
    site.delete(["a3"])
    restored = site.restore(tmp_path / "backup.tar", only_articles=True)
    assert (None, ()) == (restored.beside, restored.set_aside)
    assert any("only articles" in one for one in restored.notes)
    assert ["one", "two"] == rules_of(site)
    assert "a3" in live_ids(site)


def test_a_snapshot_of_the_first_release_is_restored_and_says_what_it_lacks(tmp_path, site):
    """Rules of the index stay."""
    site.snapshot(tmp_path / "backup.tar")
    as_first_release(tmp_path / "backup.tar")
    assert "manifest.json" == next(iter(members(tmp_path / "backup.tar")))
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        restored = other.restore(tmp_path / "backup.tar")
        assert any("no rules, saved searches or sources" in one for one in restored.notes)
        assert live_ids(site) == live_ids(other)
    restored = site.restore(tmp_path / "backup.tar")
    assert ["one"] == rules_of(site)
    assert {"rules.db", "saved.db", "sources/site.db", "keys.json"} == set(restored.kept)


def test_a_damaged_file_beside_gives_no_snapshot_and_is_set_aside_by_a_restore(tmp_path, site):
    """A backup without its rules is none; a restore is the way out of damage."""
    site.snapshot(tmp_path / "backup.tar")
    sound = (tmp_path / "backup.tar").read_bytes()
    site.close()
    rules = site.folder.path / "rules.db"
    rules.write_bytes(b"nonsense" * 1000)
    with pytest.raises(IndexCorrupt, match=r"rules\.db is damaged"):
        site.snapshot(tmp_path / "backup.tar")
    assert sound == (tmp_path / "backup.tar").read_bytes()
    with contextlib.closing(engine_at(tmp_path / "origin")) as again:
        restored = again.restore(tmp_path / "backup.tar")
        assert ["one"] == rules_of(again)
        assert any("was damaged" in one for one in restored.notes)
        assert b"nonsense" * 1000 in [one.read_bytes() for one in restored.set_aside]


def test_a_sync_under_way_is_waited_for_by_hand(tmp_path, site):
    """Nothing was changed then."""
    site.snapshot(tmp_path / "backup.tar")
    site.rules.put(hide("two", "a2"), "Ben")
    generations = site.folder.generations()
    with (
        SourceState(site.folder, "site") as state,
        state.lock(),
        pytest.raises(IndexBusy, match="syncing source 'site'"),
    ):
        site.restore(tmp_path / "backup.tar")
    assert (["one", "two"], generations) == (rules_of(site), site.folder.generations())
    with held_for_restore(site.folder, ["saved.db", "sources/site.db"]):
        pass


def test_too_little_space_is_told_before_anything_is_unpacked(tmp_path, site, monkeypatch):
    """With both figures."""
    site.snapshot(tmp_path / "backup.tar")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage._replace(free=1_000))
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        with pytest.raises(StorageFailed, match=r"needs [\d,]+ bytes to be restored.* 1,000 bytes free"):
            other.restore(tmp_path / "backup.tar")
        assert [] == list(other.folder.generations_path.iterdir())


def changed_manifest(contents: dict[str, bytes], **files: FileSum) -> dict[str, bytes]:
    """Members whose manifest names other files, with a checksum of its own that fits."""
    manifest = manifest_from_text(contents["manifest.json"].decode(), Path("manifest.json"))
    manifest.files.update(files)
    return {**contents, "manifest.json": manifest_text(manifest).encode()}


def test_a_file_that_claims_more_than_any_disk_has_is_refused_unread(tmp_path, site):
    """However small the tar is."""
    site.snapshot(tmp_path / "backup.tar")
    huge = changed_manifest(members(tmp_path / "backup.tar"), huge=FileSum(2**60, "0" * 64))
    written(tmp_path / "backup.tar", huge)
    with pytest.raises(StorageFailed, match=r"needs 1,152,9\d\d,\d{3},"):
        engine_at(tmp_path / "other").restore(tmp_path / "backup.tar")
    many = {f"f{number}": FileSum(0, "0" * 64) for number in range(20_001)}
    written(tmp_path / "backup.tar", changed_manifest(members(tmp_path / "backup.tar"), **many))
    with pytest.raises(IndexCorrupt, match="a snapshot has 20,000 at most"):
        engine_at(tmp_path / "other").restore(tmp_path / "backup.tar")


def bomb_in_a_header() -> bytes:
    """An extended header that says it is of 8 GB, of which a few bytes follow."""
    member = tarfile.TarInfo("x")
    member.type = tarfile.XHDTYPE
    member.size = 8 * 2**30
    return member.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096


def bomb_of_headers() -> bytes:
    """Headers that describe headers, without end."""
    member = tarfile.TarInfo("x")
    member.type = tarfile.XGLTYPE
    return member.tobuf(tarfile.USTAR_FORMAT) * 5000


def bomb_of_zeros() -> bytes:
    """A first member of 200 MB that packs to nothing."""
    member = tarfile.TarInfo("manifest.json")
    member.size = 200 * 2**20
    return member.tobuf() + b"\0" * member.size


@pytest.mark.parametrize("bomb", [bomb_in_a_header, bomb_of_headers, bomb_of_zeros])
def test_a_bomb_is_refused_early(tmp_path, bomb: Callable[[], bytes]):
    """Nothing of it is unpacked."""
    file = tmp_path / "bomb.tar.gz"
    file.write_bytes(gzip.compress(bomb(), 1))
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        with pytest.raises(IndexCorrupt, match="cannot be restored"):
            other.restore(file)
        assert [] == list(other.folder.generations_path.iterdir())


def member_of(kind: bytes, name: str, link: str = "") -> tarfile.TarInfo:
    """A member that is no plain file."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = link
    return member


@pytest.mark.parametrize(
    "member",
    [
        member_of(tarfile.SYMTYPE, "columns.npz", "/etc/passwd"),
        member_of(tarfile.LNKTYPE, "columns.npz", "../../../etc/passwd"),
        member_of(tarfile.CHRTYPE, "columns.npz"),
        member_of(tarfile.FIFOTYPE, "columns.npz"),
        member_of(tarfile.DIRTYPE, "lexical"),
        member_of(tarfile.GNUTYPE_SPARSE, "columns.npz"),
        member_of(tarfile.REGTYPE, "../evil"),
        member_of(tarfile.REGTYPE, "/tmp/evil-of-a-snapshot"),
        member_of(tarfile.REGTYPE, "beside/../../evil"),
    ],
    ids=["symlink", "link", "device", "pipe", "folder", "sparse", "outside", "absolute", "beside"],
)
def test_members_that_are_no_files_of_a_snapshot_are_refused(tmp_path, site, member):
    """Nothing is written outside, and nothing is left."""
    site.snapshot(tmp_path / "backup.tar")
    contents = members(tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        for name, content in contents.items():
            if name == "columns.npz":
                tar.addfile(member)
                continue
            one = tarfile.TarInfo(name)
            one.size = len(content)
            tar.addfile(one, io.BytesIO(content))
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        with pytest.raises(IndexCorrupt, match="nothing was changed"):
            other.restore(tmp_path / "backup.tar")
        assert [] == list(other.folder.generations_path.iterdir())
    assert not Path("/tmp/evil-of-a-snapshot").exists()
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("change", ["name", "seal", "format", "nonsense", "content"])
def test_an_altered_header_or_file_beside_is_refused(tmp_path, site, change):
    """Each kind by its words; the index that there is stays as it was."""
    site.snapshot(tmp_path / "backup.tar")
    contents = members(tmp_path / "backup.tar")
    told = json.loads(contents[HEADER])
    if change == "name":
        told["files"]["../../evil"] = told["files"]["rules.db"]
    elif change == "seal":
        told["files"]["rules.db"]["bytes"] += 1
    elif change == "format":
        told["format"] = 9
    contents[HEADER] = b"{" if change == "nonsense" else json.dumps(told).encode()
    if change == "content":
        contents[HEADER] = members(tmp_path / "backup.tar")[HEADER]
        contents["beside/rules.db"] = contents["beside/rules.db"][:-1] + b"?"
    written(tmp_path / "backup.tar", contents)
    fault = FormatTooNew if change == "format" else IndexCorrupt
    with pytest.raises(fault, match=r"update semsearch|cannot be restored"):
        site.restore(tmp_path / "backup.tar")
    assert (["one"], 1) == (rules_of(site), len(site.folder.generations()))


def test_what_was_deleted_stays_deleted_in_a_restored_index(tmp_path, site):
    """A build from files must not bring it back, though the journal of changes does not come along."""
    site.delete(["a2"])
    site.snapshot(tmp_path / "backup.tar")
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        other.restore(tmp_path / "backup.tar")
        with other.index.snapshot():
            assert "a2" in other.index._opened.store.deleted()
        other.add_articles([article(2, 3)])
        assert "a2" in live_ids(other)


def test_a_snapshot_leaves_nothing_beside_it(tmp_path, site):
    """Not even after a snapshot that was killed, or one that failed."""
    (tmp_path / "backup.tar.parts.tmp").mkdir()
    (tmp_path / "backup.tar.parts.tmp" / "store.db").write_bytes(b"left")
    site.snapshot(tmp_path / "backup.tar")
    flip(site.folder.generation_path(site.folder.current()) / "columns.npz", 100)
    with pytest.raises(IndexCorrupt):
        site.snapshot(tmp_path / "backup.tar")
    assert ["backup.tar", "origin"] == sorted(path.name for path in tmp_path.iterdir())


RESTORE = """
import sys
from pathlib import Path
from tests.index.making import engine_at
engine_at(Path(sys.argv[1])).restore(Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "step",
    ["rename:generation:before", "rename:generation:after", "commit:restore:before", "rename:current:before"],
)
def test_a_kill_during_a_restore_leaves_the_index_live_and_its_rules_whole(tmp_path, site, step):
    """The same command then goes through, and nothing half unpacked is left."""
    site.snapshot(tmp_path / "backup.tar")
    site.rules.put(hide("two", "a2"), "Ben")
    live, expected = site.folder.current(), live_ids(site)
    site.close()
    command = [sys.executable, "-c", RESTORE, str(tmp_path / "origin"), str(tmp_path / "backup.tar")]
    environ = {**os.environ, "SEMSEARCH_FAILPOINT": step}
    done = subprocess.run(command, cwd=REPOSITORY, env=environ, timeout=120, check=False)
    assert -signal.SIGKILL == done.returncode
    with contextlib.closing(engine_at(tmp_path / "origin", fall_back=True)) as again:
        assert (live, expected) == (again.folder.current(), live_ids(again))
        assert again.ready().reason in {None, "the index is not open yet"}
        assert rules_of(again) in (["one"], ["one", "two"])
        again.restore(tmp_path / "backup.tar")
        assert (["one"], expected) == (rules_of(again), live_ids(again))
        assert () == again.verify().problems
        assert [] == list(again.folder.generations_path.glob("*.building"))
