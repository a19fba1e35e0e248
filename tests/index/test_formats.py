"""Indexes that earlier releases built: they open, are searched, changed, verified and rebuilt as they are.

``formats/format-N.tar.gz`` holds a small index built by the last code of that format, with two generations,
live changes (two articles added, one changed, one deleted), a synced article, a rule, a saved search, and a
snapshot of it. Never make one anew with later code: what it guards is that files of that code are read.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from semsearch import Engine, RelatedRequest, SearchRequest
from semsearch.articles import Article
from semsearch.index.store_schema import CURRENT
from semsearch.settings import Settings
from semsearch.status import OLD_WORDS

FORMATS = sorted((Path(__file__).parent / "formats").glob("format-*.tar.gz"))
LIVE = ["ferry-1", "ferry-2", "museum", "school", "synced-1", "tram", "umlaut", "undated"]


@pytest.fixture(params=FORMATS, ids=lambda path: path.name.removesuffix(".tar.gz"))
def folder(request, tmp_path):
    """A folder with the index of one format."""
    with tarfile.open(request.param) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path


def opened(folder: Path) -> Engine:
    """An engine over the index."""
    return Engine(Settings(indexes=folder / "indexes"))


def ids(engine: Engine) -> list[str]:
    """Ids of all articles, sorted."""
    return sorted(one.id for one in engine.live_articles())


def stores(folder: Path) -> list[Path]:
    """The stores of all generations, oldest first."""
    return sorted((folder / "indexes/default/generations").glob("*/store.db"))


def version(store: Path) -> int:
    """How many of the steps a store has taken."""
    with closing(sqlite3.connect(store)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.model
def test_it_is_searched_and_not_written_to(folder):
    """A file keeps its bytes, and so its checksum, until something is changed in it."""
    before = [path.read_bytes() for path in stores(folder)]
    engine = opened(folder)
    assert LIVE == ids(engine)
    found = engine.searcher.search(SearchRequest(query="ferry")).hits
    assert {"ferry-1", "ferry-2"} == {hit.article.id for hit in found[:2]}
    assert engine.searcher.related(RelatedRequest(article_id="tram")).hits
    assert "The headteacher stays, too." in engine.show("school").body
    school = engine.show("school")
    assert (None, None, "api") == (school.status, school.expires_at, school.origin)
    assert "" == engine.show("ferry-1").origin
    assert () == engine.verify().problems
    engine.close()
    assert before == [path.read_bytes() for path in stores(folder)]


@pytest.mark.model
def test_its_words_are_read_as_they_were_until_a_rebuild(folder):
    """Status says what a rebuild brings; changes are read like the words beside them."""
    engine = opened(folder)
    assert OLD_WORDS == engine.status().advice
    engine.add_articles([Article("court", "Tariffs on e-mail", "A fee of 1.500 crowns.", language="en")])

    def found(query: str) -> set[str]:
        hits = engine.searcher.search(SearchRequest(query, mode="lexical", limit=20)).hits
        return {hit.article.id for hit in hits}

    assert [{"court"}, {"court"}, set(), set()] == [
        found(one) for one in ('"tariff"', "1.500", "1500", "email")
    ]
    engine.build([])
    assert engine.status().advice is None
    assert [set(), {"court"}, {"court"}, {"court"}] == [
        found(one) for one in ('"tariff"', "1.500", "1500", "email")
    ]
    engine.close()


@pytest.mark.model
def test_it_takes_changes_and_says_so_in_its_version(folder):
    """The first live change brings the store to today's tables; what was there stays."""
    engine = opened(folder)
    engine.add_articles([Article("draft", "A draft about the tram", "Not yet.", status="draft")])
    engine.add_articles([Article("new", "The tram is late", "By a month.")])
    engine.delete(["undated"])
    assert sorted([*LIVE, "draft", "new"]) == sorted([*ids(engine), "undated"])
    assert "draft" == engine.show("draft", hidden=True).status
    assert "draft" not in {hit.article.id for hit in engine.searcher.search(SearchRequest("tram")).hits}
    engine.close()
    assert CURRENT == version(stores(folder)[-1])
    again = opened(folder)
    assert sorted([*LIVE, "draft", "new"]) == sorted([*ids(again), "undated"])
    assert () == again.verify().problems


@pytest.mark.model
def test_another_process_follows_while_the_store_takes_its_steps(folder):
    """What reads the store when its tables change sees the state of the first article that has one."""
    reading, writing = opened(folder), opened(folder)
    assert LIVE == ids(reading)
    writing.add_articles([Article("draft", "A draft about the tram", "Not yet.", status="draft")])
    assert "draft" not in {hit.article.id for hit in reading.searcher.search(SearchRequest("tram")).hits}
    assert "draft" == reading.show("draft", hidden=True).status


@pytest.mark.model
def test_it_is_rolled_back_rebuilt_and_restored(folder):
    """Changes come along in every direction."""
    engine = opened(folder)
    engine.rollback()
    assert LIVE == ids(engine)
    engine.build([])
    assert LIVE == ids(engine)
    assert CURRENT == version(stores(folder)[-1])
    engine.rollback()
    assert LIVE == ids(engine)
    engine.restore(folder / "before.tar")
    assert LIVE == ids(engine)
    assert () == engine.verify().problems


@pytest.mark.model
def test_rules_saved_searches_and_sources_are_known(folder):
    """The files beside the generations are read, too."""
    engine = opened(folder)
    assert "museum" not in {hit.article.id for hit in engine.searcher.search(SearchRequest("lost map")).hits}
    assert ["trams"] == [one.id for one in engine.saved_searches().store.searches()]


@pytest.mark.model
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system")
def test_it_is_searched_on_a_read_only_file_system(folder):
    """Nothing needs to be written to read an earlier format."""
    commands = (
        f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec {sys.executable} -"
    )
    script = f"""
import pathlib
from semsearch import Engine, SearchRequest
from semsearch.settings import Settings
folder = pathlib.Path({str(folder)!r})
try:
    (folder / "x").touch()
except OSError:
    engine = Engine(Settings(indexes=folder / "indexes"))
    print(engine.searcher.search(SearchRequest(query="ferry")).hits[0].article.id)
"""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", commands], input=script, capture_output=True, text=True, check=False
    )
    assert (0, "ferry") == (done.returncode, done.stdout.strip()[:5]), done.stderr
