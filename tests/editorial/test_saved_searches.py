"""Arrivals are matched once, whatever is rebuilt, rolled back, replaced or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.articles import Article
from semsearch.editorial.saved_searches import SavedSearches
from semsearch.engine import Engine
from semsearch.errors import EncoderMismatch, IndexBusy, InputError
from semsearch.index import saved_store
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.saved_deliveries import log_of
from semsearch.index.saved_types import SavedSearch, Webhook
from semsearch.indexing.threads import joining
from tests.fakes import HashingEncoder
from tests.index.making import engine_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHOOLS = SavedSearch(
    "schools", "Schools", "village school closes", 0.5, webhook=Webhook("https://news.example/hook")
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an index with one article about a school."""
    made = engine_at(tmp_path)
    made.add_articles([school("old")])
    yield made
    made.close()


@pytest.fixture
def saved(engine: Engine) -> Iterator[SavedSearches]:
    """One saved search about schools."""
    made = engine.saved_searches()
    made.put(SCHOOLS)
    yield made
    made.store.close()


def school(article_id: str, body: str = "The council decided.") -> Article:
    """An article that the search finds."""
    return Article(article_id, "Village school closes", body)


def ids(saved: SavedSearches) -> list[str]:
    """What the search found, the newest first."""
    return [one.found.article_id for one in saved.store.matches("schools", limit=1000)]


def test_once_for_each_article(engine: Engine, saved: SavedSearches) -> None:
    """What was there is not told; what comes is, once, though it changes, goes and comes back."""
    assert 0 == saved.match_new()
    engine.add_articles([school("a"), Article("b", "Football", "Nobody scored.")])
    assert (1, 0) == (saved.match_new(), saved.match_new())
    engine.add_articles([school("a", "Another body."), school("old", "It changed.")])
    assert 1 == saved.match_new()
    engine.delete(["a"])
    engine.add_articles([school("a", "Another body.")])
    assert 0 == saved.match_new()
    assert ["old", "a"] == ids(saved)
    assert ["old", "a"] == [one.article_id for one in log_of(saved.store, "schools")]


def test_generations(engine: Engine, saved: SavedSearches, tmp_path: Path) -> None:
    """A rebuild from the live articles and a roll back tell nothing again; what is new in one is told."""
    engine.add_articles([school("a")])
    engine.build([])
    assert 1 == saved.match_new()
    file = tmp_path / "more.jsonl"
    lines = [
        f'{{"id": "{one}", "title": "Village school closes", "body": "The council decided."}}'
        for one in ("old", "a", "rebuilt")
    ]
    file.write_text("\n".join(lines), "utf-8")
    engine.build([str(file)])
    assert 1 == saved.match_new()
    engine.rollback()
    assert 0 == saved.match_new()
    engine.add_articles([school("after")])
    assert 1 == saved.match_new()
    assert ["after", "rebuilt", "a"] == ids(saved)


def test_before_there_is_an_index(tmp_path: Path) -> None:
    """A search that is saved before the first article finds the first article."""
    engine = engine_at(tmp_path)
    saved = engine.saved_searches()
    saved.put(SCHOOLS)
    engine.add_articles([school("first")])
    assert 1 == saved.match_new()
    assert ["first"] == ids(saved)
    saved.store.close()
    engine.close()


def test_another_encoder(engine: Engine, saved: SavedSearches, tmp_path: Path) -> None:
    """While index and encoder differ nothing is matched and nothing lost; then all is embedded anew."""
    engine.add_articles([school("a")])
    other = engine_at(tmp_path, encoder=HashingEncoder(96))
    waiting = other.saved_searches()
    with pytest.raises(EncoderMismatch, match="saved searches wait"):
        waiting.match_new()
    other.build([])
    assert (1, ["a"]) == (waiting.match_new(), ids(waiting))
    assert {96} == {len(one) for one in waiting.store.vectors(other.encoder.info.fingerprint).values()}
    waiting.store.close()
    other.close()


def test_a_search_that_changes_meanwhile(
    engine: Engine, saved: SavedSearches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Articles are matched with the searches as they are when the matches are written."""
    engine.add_articles([school("a")])
    other = engine.saved_searches()
    record, changed = saved.store.record, []

    def slow(*given, **named):
        if not changed:
            changed.append(other.put(SavedSearch("schools", "Banks", "bank raises rates", 0.5)))
        return record(*given, **named)

    monkeypatch.setattr(saved.store, "record", slow)
    assert (0, []) == (saved.match_new(), ids(saved))
    other.store.close()


def test_embedded_once(engine: Engine, saved: SavedSearches, monkeypatch: pytest.MonkeyPatch) -> None:
    """A meaning is embedded at the first article, and again only when it is another one."""
    texts: list[str] = []
    encode = engine.encoder.encode_queries
    monkeypatch.setattr(engine.encoder, "encode_queries", lambda some: (texts.extend(some), encode(some))[1])
    for number in range(3):
        engine.add_articles([school(f"a{number}")])
        saved.match_new()
    again = engine.saved_searches()
    again.put(SavedSearch("schools", "Other name", SCHOOLS.meaning, 0.4))
    engine.add_articles([school("b")])
    again.match_new()
    again.put(SavedSearch("schools", "Other name", "something else", 0.4))
    engine.add_articles([school("c")])
    again.match_new()
    assert [SCHOOLS.meaning, "something else"] == texts
    again.store.close()


def test_bounds(engine: Engine, saved: SavedSearches, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest matches are kept; there is a most of searches, and an error at the next."""
    monkeypatch.setattr(saved_store, "KEPT_MATCHES", 3)
    engine.add_articles([school(f"a{number}") for number in range(5)])
    assert 5 == saved.match_new()
    assert ["a4", "a3", "a2"] == ids(saved)
    monkeypatch.setattr(saved_store, "MAX_SEARCHES", 1)
    saved.put(SCHOOLS)
    with pytest.raises(InputError, match="as many as may be"):
        saved.put(SavedSearch("another", "n", "m", 0.5))


def test_one_at_a_time(saved: SavedSearches, engine: Engine) -> None:
    """While one process matches another is told so; deliveries have a lock of their own."""
    other = engine.saved_searches()
    with saved.store.lock("matching"):
        with pytest.raises(IndexBusy), other.store.lock("matching"):
            pass
        with other.store.lock("delivering"):
            pass
    other.store.close()


CHILD = """
import sys
from pathlib import Path
from tests.index.making import engine_at
engine = engine_at(Path(sys.argv[1]))
engine.saved_searches().match_new()
"""


@pytest.mark.parametrize("step", ["saved:before", "saved:after", "saved:before@2", "saved:after@2"])
def test_killed(engine: Engine, saved: SavedSearches, tmp_path: Path, step: str) -> None:
    """A kill before or after a batch is written neither loses nor doubles a match or a message."""
    expected = [f"a{number:03d}" for number in range(100)]  # two batches
    engine.add_articles([school(one) for one in expected])
    environment = {**os.environ, "SEMSEARCH_FAILPOINT": step}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env=environment,
        check=False,
    )
    assert -signal.SIGKILL == child.returncode
    saved.match_new()
    assert expected == sorted(ids(saved))
    assert expected == sorted(one.article_id for one in log_of(saved.store, "schools", limit=1000))


def clocked(root: Path) -> tuple[Engine, SavedSearches, list[float]]:
    """An engine and its saved searches, whose readers go by a time that the test sets."""
    moment = [NOON.timestamp()]
    engine = engine_at(root)
    engine.ensure()
    engine.add_articles([school("old")])
    engine._index = EmbeddedIndex(engine.folder, joining=joining(), clock=lambda: moment[0])
    saved = engine.saved_searches()
    saved.put(SCHOOLS)
    return engine, saved, moment


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def listed(saved: SavedSearches) -> list[str]:
    """The ids of what is shown of the matches."""
    page = saved.matches("schools", limit=1000)
    assert len(page.matches) == page.total
    return [one.found.article_id for one in page.matches]


def test_what_is_scheduled_is_matched_at_its_time(tmp_path: Path) -> None:
    """Once, whenever it came, whatever was matched meanwhile, and when the clock goes back."""
    engine, saved, moment = clocked(tmp_path)
    engine.add_articles([replace(school("later"), published_at=at(10))])
    engine.add_articles([replace(school("draft"), status="draft"), school("now")])
    assert (1, ["now"]) == (saved.match_new(), listed(saved))
    moment[0] += 9.9
    assert 0 == saved.match_new()
    moment[0] += 0.1
    assert (1, ["later", "now"]) == (saved.match_new(), listed(saved))
    for seconds in (-5, 5):
        moment[0] += seconds
        assert 0 == saved.match_new()
    engine.add_articles([school("draft")])
    assert (1, ["draft", "later", "now"]) == (saved.match_new(), listed(saved))
    saved.store.close()
    engine.close()


def test_what_is_scheduled_is_matched_after_a_rebuild_too(tmp_path: Path) -> None:
    """Its time counts from wherever the matching stands, in whichever generation."""
    engine, saved, moment = clocked(tmp_path)
    engine.add_articles([replace(school("later"), published_at=at(10))])
    assert 0 == saved.match_new()
    engine.build([])
    assert 0 == saved.match_new()
    moment[0] += 10
    assert (1, ["later"]) == (saved.match_new(), listed(saved))
    saved.store.close()
    engine.close()


def test_what_readers_can_no_longer_see_is_no_longer_listed(tmp_path: Path) -> None:
    """Withdrawn, expired and deleted articles leave the pages and totals, and come back where they do."""
    engine, saved, moment = clocked(tmp_path)
    engine.add_articles([school(f"a{n}") for n in range(4)])
    engine.add_articles([replace(school("a4"), expires_at=at(10))])
    assert 5 == saved.match_new()
    moment[0] += 10
    engine.add_articles([replace(school("a1"), status="private")])
    engine.delete(["a2"])
    assert ["a3", "a0"] == listed(saved)
    page = saved.matches("schools", limit=1, offset=1)
    assert (["a0"], 2) == ([one.found.article_id for one in page.matches], page.total)
    engine.add_articles([school("a1"), school("a2")])
    assert 0 == saved.match_new()
    assert ["a3", "a2", "a1", "a0"] == listed(saved)
    saved.store.close()
    engine.close()
