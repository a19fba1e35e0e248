"""A build from files: what came otherwise stays, what was deleted stays deleted, a great loss is refused."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from semsearch.articles import FROM_API, FROM_FILES, Article, from_sync
from semsearch.errors import BuildRefused
from semsearch.indexing.changes import Changes
from tests.index.making import engine_at, live_ids, rewrite

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    """An engine over an empty folder."""
    with contextlib.closing(engine_at(tmp_path / "indexes")) as made:
        yield made


def source(tmp_path, count: int = 12, **changed: dict[str, object]) -> str:
    """A file of articles f0, f1, …; ``changed`` gives or replaces fields by id."""
    records = {
        f"f{number}": {"title": f"Title {number}", "body": f"Text {number}"} for number in range(count)
    }
    for article_id, fields in changed.items():
        records[article_id] = records.get(article_id, {}) | fields
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps({"id": one} | rest) + "\n" for one, rest in records.items()), "utf-8")
    return str(path)


def titles(engine) -> dict[str, str]:
    """All live articles by id."""
    return {one.id: one.title for one in engine.live_articles()}


def synced(engine, *articles: Article) -> None:
    """Write articles as the sync of a source `desk` does."""
    changes = Changes(engine.index, engine.encoder, engine.settings.passages)
    changes.coming_from(from_sync("desk")).put(articles)


@pytest.mark.parametrize("origin", ["api", "sync", "file"])
@pytest.mark.parametrize("folded", [False, True], ids=["live", "folded in"])
def test_what_came_otherwise_outlives_builds_from_files(engine, tmp_path, origin, folded):
    """However often, whether it is a live change or in the base by now; and that is said."""
    file = source(tmp_path)
    engine.build([file])
    pushed = Article("pushed", "Pushed", "It came by itself.")
    if origin == "sync":
        synced(engine, pushed)
    elif origin == "api":
        engine.add_articles([pushed])
    else:
        added = tmp_path / "added.jsonl"
        added.write_text(json.dumps({"id": "pushed", "title": "Pushed", "body": "It came by itself."}))
        engine.add([str(added)])
    if folded:
        engine.build([])
    for fresh in (False, True):
        report = engine.build([file], fresh=fresh)
        assert "pushed" in live_ids(engine)
        assert 13 == report.articles
    assert any("1 article added since or by a sync" in note for note in report.notes)
    assert {"sync:desk" if origin == "sync" else FROM_API} == {engine.show("pushed").origin}
    assert {FROM_FILES} == {engine.show("f3").origin}


def test_the_files_alone_decide_when_told_to(engine, tmp_path):
    """Neither versions, additions nor deletions from elsewhere count then."""
    file = source(tmp_path)
    engine.build([file])
    engine.add_articles([Article("pushed", "Pushed", "Text"), Article("f1", "Corrected", "Text")])
    engine.delete(["f2"])
    engine.build([file], drop_others=True)
    assert {f"f{number}": f"Title {number}" for number in range(12)} == titles(engine)


@pytest.mark.parametrize(
    ("in_file", "in_index", "wins"),
    [
        (None, None, "index"),
        (MONDAY, None, "index"),
        (None, MONDAY, "index"),
        (MONDAY, MONDAY, "index"),
        (MONDAY, MONDAY + timedelta(hours=1), "index"),
        (MONDAY + timedelta(hours=1), MONDAY, "file"),
        (datetime.now(UTC) + timedelta(days=1), None, "file"),
    ],
)
def test_of_two_versions_the_live_one_stays_unless_the_other_is_later(
    engine, tmp_path, in_file, in_index, wins
):
    """A correction over the API is not undone by last night's export."""
    engine.build([source(tmp_path)])
    engine.add_articles([Article("f1", "From the index", "Text", updated_at=in_index)])
    fields = {"title": "From the file"} | ({"updated_at": in_file.isoformat()} if in_file else {})
    report = engine.build([source(tmp_path, f1=fields)])
    assert f"From the {wins}" == titles(engine)["f1"]
    assert (wins == "index") == any("the live version was kept" in note for note in report.notes)
    assert FROM_API == engine.show("f1").origin


def test_articles_of_files_are_replaced_and_go(engine, tmp_path):
    """What came from files alone follows the files."""
    engine.build([source(tmp_path)])
    engine.build([source(tmp_path, 11, f1={"title": "Changed"})])
    assert "Changed" == titles(engine)["f1"]
    assert "f11" not in titles(engine)


def test_what_was_deleted_stays_deleted(engine, tmp_path):
    """Through builds, rebuilds, roll backs of the journal; a later version brings it back."""
    file = source(tmp_path)
    engine.build([file])
    engine.delete(["f2"])
    report = engine.build([file])
    assert "f2" not in live_ids(engine)
    assert any("deleted from the index before" in note and "f2" in note for note in report.notes)
    engine.build([])
    engine.build([file], fresh=True)
    engine.prune(1)
    engine.build([file], fresh=True)
    assert "f2" not in live_ids(engine)
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    engine.build([source(tmp_path, f2={"updated_at": later})])
    assert "f2" in live_ids(engine)
    engine.build([file], fresh=True)
    assert "f2" in live_ids(engine)


def test_what_was_added_again_is_deleted_no_more(engine, tmp_path):
    """By hand, over the API or by a sync."""
    file = source(tmp_path)
    engine.build([file])
    engine.delete(["f2"])
    engine.add([file])
    engine.build([file], fresh=True)
    assert "f2" in live_ids(engine)


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (10, 8, False),
        (10, 7, True),
        (40, 24, True),
        (40, 36, False),
        (40, 35, True),
        (3, 1, False),
        (3, 0, False),
    ],
)
def test_a_build_that_would_lose_much_is_refused(engine, tmp_path, before, after, refused):
    """With both figures; the live generation stays, and a flag insists."""
    engine.build([source(tmp_path, before)])
    generation = engine.status().generation
    smaller = source(tmp_path, after, new={"title": "One more"})
    if refused:
        with pytest.raises(BuildRefused, match=f"{before - after} of the {before} live articles") as refusal:
            engine.build([smaller])
        assert "--allow-loss" in str(refusal.value)
        assert generation == engine.status().generation
        assert before == len(live_ids(engine))
        assert [] == list(engine.folder.path.glob("generations/*.building"))
    engine.build([smaller], allow_loss=True)
    assert after + 1 == len(live_ids(engine))


def test_what_a_build_leaves_out_is_named(engine, tmp_path):
    """However few they are, and once: the next build of the same files is silent."""
    engine.build([source(tmp_path)])
    smaller = source(tmp_path, 11)
    (note,) = engine.build([smaller]).notes
    assert note.startswith("1 of the 12 live articles is not in the sources and no longer in the index (f11)")
    assert "index rollback" in note
    assert not any("no longer" in one for one in engine.build([smaller]).notes)
    assert not any("no longer" in one for one in engine.build([smaller], fresh=True).notes)
    assert not any("no longer" in one for one in engine.build([], fresh=True).notes)


def test_a_source_that_is_cut_off_may_lose_nothing(engine, tmp_path):
    """Nobody can say what its missing part held; a damaged record in a whole one loses itself alone."""
    posts = [{"id": f"p{number}", "title": f"Post {number}", "body": "Text."} for number in range(12)]
    file = tmp_path / "posts.json"
    file.write_text(json.dumps({"posts": posts}), "utf-8")
    engine.build([str(file)])
    generation = engine.status().generation
    file.write_text(json.dumps({"posts": posts[:11]})[:-2], "utf-8")
    with pytest.raises(BuildRefused, match=r"1 of the 12 live articles is .* not be read to its end"):
        engine.build([str(file)])
    assert generation == engine.status().generation
    engine.build([str(file)], allow_loss=True)
    assert 11 == len(live_ids(engine))
    engine.build([str(file)], fresh=True)  # what it does not have is not live any more


def test_articles_that_files_withdraw_are_not_lost(engine, tmp_path):
    """They go, however many; but a word that nobody knows may mean published."""
    engine.build([source(tmp_path)])
    drafts = {f"f{number}": {"status": "draft"} for number in range(8)}
    report = engine.build([source(tmp_path, **drafts)])
    assert 4 == len(live_ids(engine))
    assert any("8 articles are not published and left out: 8 draft" in one for one in report.notes)
    engine.build([source(tmp_path)])
    strange = {f"f{number}": {"status": "freigegeben"} for number in range(8)}
    with pytest.raises(
        BuildRefused, match=r"8 of the 12 .* status of unknown meaning .*freigegeben"
    ) as refused:
        engine.build([source(tmp_path, **strange)])
    assert "published_statuses" in str(refused.value)
    assert 12 == len(live_ids(engine))


def test_unpublished_articles_of_files_are_left_out_and_counted(engine, tmp_path):
    """By their states; words that the settings know as published are taken."""
    engine.build([source(tmp_path)])
    file = source(tmp_path, f1={"status": "draft"}, new={"title": "Private", "status": "private"})
    report = engine.build([file])
    assert {"f1", "new"}.isdisjoint(live_ids(engine))
    assert any("2 articles are not published and left out: 1 draft, 1 private" in one for one in report.notes)


def test_a_draft_over_the_api_is_kept_and_hidden(engine, tmp_path):
    """Also by builds from files that hold the version before."""
    file = source(tmp_path)
    engine.build([file])
    engine.add_articles([Article("f1", "Title 1", "Text 1", status="draft")])
    engine.build([file])
    assert "draft" == engine.show("f1", hidden=True).status
    assert engine.index.known("f1") is None


def test_the_stronger_origin_is_kept(engine, tmp_path):
    """An article that a sync holds too does not go with the files, though its text is the same."""
    file = source(tmp_path)
    engine.build([file])
    synced(engine, Article("f11", "Title 11", "Text 11", language=engine.show("f11").language))
    assert "sync:desk" == engine.show("f11").origin
    engine.add([file])
    engine.build([source(tmp_path, 11)])
    assert "sync:desk" == engine.show("f11").origin
    assert () == engine.verify().problems


def test_a_source_that_gives_nothing_is_refused(engine, tmp_path):
    """Beside others, too: one bad file of two is no smaller archive."""
    good, bad = source(tmp_path), tmp_path / "export.csv"
    bad.write_text("StoryNo,Titel,Copie\n" + "".join(f"{n},A title,A text\n" for n in range(16)), "utf-8")
    with pytest.raises(BuildRefused, match=r"export\.csv: nothing could be read"):
        engine.build([good, str(bad)])
    report = engine.build([good, str(bad)], allow_loss=True)
    assert (12, 16) == (report.articles, report.lost)


@pytest.mark.parametrize("damage", ["current lost", "current garbage", "store lost", "store damaged"])
def test_a_damaged_live_generation_is_no_reason_to_forget(engine, tmp_path, damage):
    """What was added and deleted is known of another generation, and the guard stays on."""
    file = source(tmp_path)
    engine.build([file])
    engine.add_articles([Article("pushed", "Pushed", "It came by itself.")])
    engine.delete(["f2"])
    engine.build([file])
    engine.build([file], fresh=True)
    live = engine.folder.generation_path(engine.folder.current())
    engine.close()
    if damage == "current lost":
        engine.folder.current_file.unlink()
    elif damage == "current garbage":
        engine.folder.current_file.write_text("garbage", "utf-8")
    elif damage == "store lost":
        (live / "store.db").unlink()
    else:
        rewrite(live / "store.db", b"\xff" * 4096)
    with contextlib.closing(engine_at(tmp_path / "indexes")) as again:
        with pytest.raises(BuildRefused):
            again.build([source(tmp_path, 3)])
        report = again.build([source(tmp_path)])
        assert "pushed" in live_ids(again)
        assert "f2" not in live_ids(again)
        assert damage.startswith("current") or any("could not be read" in note for note in report.notes)
