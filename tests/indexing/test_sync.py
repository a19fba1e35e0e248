"""What all sources have in common: whose article it is, what may be deleted, what an index has lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semsearch.articles import Article
from semsearch.errors import SettingsInvalid, SourceUnreadable
from semsearch.index.source_state import SourceState
from semsearch.index.source_syncs import last_syncs
from semsearch.indexing.sync import chosen
from semsearch.options import SourceOptions
from semsearch.sources.remote.making import check_all
from semsearch.sources.remote.protocol import Gone, Got, Listed, Reached, Same
from tests.indexing.syncing import Follower, counts


@pytest.fixture
def follower(tmp_path):
    """An index that follows."""
    made = Follower(tmp_path / "indexes")
    yield made
    made.engine.close()


class Steps:
    """A source that tells given steps."""

    identity = "steps"

    def __init__(self, *steps):
        self._steps = steps

    def steps(self, known, report):
        """As given; a fault ends them."""
        for step in self._steps:
            if isinstance(step, Exception):
                raise step
            yield step


def told(follower, *steps, name="s", **knobs):
    """Sync a source that tells these steps."""
    from semsearch.indexing.changes import Changes
    from semsearch.indexing.sync import Sync

    engine = follower.engine
    changes = Changes(engine.index, engine.encoder, engine.settings.passages)
    return Sync(engine.index, changes, **knobs).run(name, Steps(*steps))


def got(key, title="Title", **fields):
    """An article by its key."""
    return Got(key, Article(id=fields.pop("id", key), title=title), **fields)


def test_deletes_touch_only_the_articles_of_their_source(follower):
    """What came by hand or from another source stays."""
    follower.engine.add_articles([Article(id="hand", title="By hand")])
    told(follower, got("a1"), got("a2"), got("a3"), name="a")
    told(follower, got("b1"), got("b2"), got("b3"), name="b")
    report = told(follower, Listed(frozenset({"b1", "b2"})), name="b")
    assert 1 == report.deleted
    assert {"hand", "a1", "a2", "a3", "b1", "b2"} == follower.held().keys()


def test_two_sources_never_share_an_id(follower):
    """The second one is told to take a prefix, and deletes nothing of the first."""
    told(follower, got("1", "Of a"), name="a")
    report = told(follower, got("1", "Of b"), got("2", "Of b"), Reached({}), name="b")
    assert (1, 1) == (report.added, report.rejected)
    assert "id_prefix" in report.rejects_file.read_text()
    told(follower, Gone("1"), name="b")
    assert ("Of a", "") == follower.held()["1"]


def test_half_may_go_more_only_when_told(follower):
    """Exactly half is no mass."""
    told(follower, *(got(str(number)) for number in range(8)))
    assert (4, 0) == ((report := told(follower, Listed(frozenset("0123")))).deleted, report.kept)
    assert (0, 3) == ((report := told(follower, Listed(frozenset("0")))).deleted, report.kept)
    assert {"0", "1", "2", "3"} == follower.held().keys()
    assert 3 == told(follower, Listed(frozenset("0")), allow_mass_delete=True).deleted


def test_an_article_that_another_key_gives_too_stays(follower):
    """A page and its twin."""
    told(follower, got("page", id="x"), got("twin", id="x"), got("other"))
    told(follower, Gone("page"))
    assert {"x", "other"} == follower.held().keys()


def test_a_key_that_gives_another_id_lets_the_former_go(follower):
    """The canonical address of a page has changed."""
    told(follower, got("page", id="old"), got("other"))
    told(follower, got("page", id="new"))
    assert {"new", "other"} == follower.held().keys()


def test_a_version_that_cannot_be_taken_leaves_the_one_before(follower):
    """And one that says that it is no article takes it away."""
    told(follower, got("a"), got("b"), got("c"))
    told(follower, Got("a", None), Got("b", None, is_none=True))
    assert {"a", "c"} == follower.held().keys()
    told(follower, Gone("a"))
    assert {"c"} == follower.held().keys()


def test_a_changed_stamp_is_kept(follower):
    """Same says what is known now."""
    told(follower, got("a", stamp="1"), Reached({"at": 1}))
    told(follower, Same("a", "2"))
    with SourceState(follower.engine.folder, "s") as state:
        assert ("2", {"at": 1}) == (state.stamp("a"), state.cursor)


def test_a_second_sync_of_the_same_source_is_told_who_is_at_it(follower):
    """Two would move one cursor."""
    with SourceState(follower.engine.folder, "s") as state, state.lock():
        report = told(follower, got("a"))
    assert "syncing source 's'" in report.fault
    assert {} == follower.held()


def test_how_it_ended_is_kept(follower):
    """A fault leaves the time of the last good one; a second sync at the same time changes nothing."""
    told(follower, got("a"), got("b"))
    (good,) = last_syncs(follower.engine.folder)
    assert ("s", 2, "", good.good_at) == (good.source, good.added, good.fault, good.ended_at)
    told(follower, SourceUnreadable("the site is away"))
    (failed,) = last_syncs(follower.engine.folder)
    assert (0, "the site is away", good.good_at) == (failed.added, failed.fault, failed.good_at)
    assert failed.ended_at > good.ended_at
    with SourceState(follower.engine.folder, "s") as state, state.lock():
        told(follower, got("c"))
    assert (failed,) == last_syncs(follower.engine.folder)


def test_a_source_under_a_new_name_takes_its_articles_over(follower):
    """The old name is no longer in the settings."""
    told(follower, got("a"), name="old")
    report = told(follower, got("a", "New title"), name="new", sources={"new"})
    assert (1, 0) == (report.changed, report.rejected)


def test_another_place_under_the_same_name_begins_anew(follower, monkeypatch):
    """A cursor of the old one means nothing there."""
    told(follower, got("a", stamp="1"), Reached({"at": 1}))
    monkeypatch.setattr(Steps, "identity", "elsewhere")
    report = told(follower)
    assert any("another place" in note for note in report.notes)
    with SourceState(follower.engine.folder, "s") as state:
        assert ("", {}) == (state.stamp("a"), state.cursor)


class TestFiles:
    """An export that is written again and again is a source too."""

    @pytest.fixture
    def file(self, tmp_path) -> Path:
        """Where the export lies."""
        return tmp_path / "export.jsonl"

    @staticmethod
    def write(file, *ids, title="Title", bad=False):
        """Export these."""
        lines = [json.dumps({"nr": one, "headline": f"{title} {one}"}) for one in ids] + ["{no"] * bad
        file.write_text("\n".join(lines))

    @staticmethod
    def options(file, **more):
        """Its settings."""
        return SourceOptions(path=str(file), fields={"id": "nr", "title": "headline"}, section="News", **more)

    def test_it_is_read_when_it_changed(self, follower, file):
        """And only then; what is missing goes where deletes = true."""
        self.write(file, 1, 2, 3)
        assert (3, 0, 0, 0, 0) == counts(follower.sync("f", self.options(file, deletes=True)))
        assert (0, 0, 0, 0, 0) == counts(follower.sync("f", self.options(file, deletes=True)))
        self.write(file, 1, 2, title="Longer title")
        assert (0, 2, 0, 1, 0) == counts(follower.sync("f", self.options(file, deletes=True)))
        assert "News" == follower.engine.show("1").section

    def test_a_rejected_line_may_be_any_article_so_nothing_is_deleted(self, follower, file):
        """Nor without deletes = true."""
        self.write(file, 1, 2, 3)
        follower.sync("f", self.options(file, deletes=True))
        self.write(file, 1, 2, bad=True)
        report = follower.sync("f", self.options(file, deletes=True))
        assert (0, 1) == (report.deleted, report.rejected)

    def test_a_file_that_is_not_there_is_a_fault(self, follower, file):
        """Deleting nothing."""
        self.write(file, 1, 2)
        follower.sync("f", self.options(file, deletes=True))
        file.unlink()
        report = follower.sync("f", self.options(file, deletes=True))
        assert "no such file" in report.fault
        assert 2 == len(follower.held())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (SourceOptions(), "names no kind.*has no path"),
        (SourceOptions(kind="wordpress"), "has no url"),
        (SourceOptions(kind="wordpres", url="https://x.example"), "give one of wordpress, feed"),
        (SourceOptions(kind="feed", url="x.example/feed"), "http or https"),
        (SourceOptions(kind="sql", url="sqlite:///x.db"), "has no query"),
        (SourceOptions(kind="feed", url="https://x.example", rate=0), "more than 0"),
        (SourceOptions(kind="sitemap", url="https://x.example", include="("), "include is .*cannot be used"),
        (
            SourceOptions(kind="wordpress", url="https://x.example", username="ann"),
            "both username and password",
        ),
        (
            SourceOptions(kind="wordpress", url="https://x.example", username="a", password_env="P"),
            "P, which is not",
        ),
        (
            SourceOptions(kind="wordpress", url="http://x.example", username="a", password_env="SET"),
            "unencrypted",
        ),
        (SourceOptions(kind="sql", url_env="NOT_SET", query="SELECT 1"), "NOT_SET, which is not set"),
    ],
)
def test_settings_that_cannot_work_are_told_at_once(options, said):
    """With the table, the key and what is allowed."""
    with pytest.raises(SettingsInvalid, match=rf"\[sources\.site\].*{said}"):
        check_all({"site": options}, {"SET": "secret"})


def test_sources_are_chosen_by_name():
    """All without one; a name that is not there is told with those that are."""
    sources = {"a": SourceOptions(), "b": SourceOptions()}
    assert (["a", "b"], ["b"]) == (list(chosen(sources, [])), list(chosen(sources, ["b"])))
    with pytest.raises(SettingsInvalid, match=r"no source 'c'.*a, b"):
        chosen(sources, ["c"])
    with pytest.raises(SettingsInvalid, match=r"\[sources\.site\]"):
        chosen({}, [])
