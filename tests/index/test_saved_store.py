"""The file of the saved searches: its secrets, its damage, and what several openers see."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from semsearch.articles import Filter
from semsearch.errors import IndexCorrupt, RuleNotFound
from semsearch.index import saved_deliveries
from semsearch.index.folder import IndexFolder
from semsearch.index.saved_store import SavedStore
from semsearch.index.saved_types import Counts, Found, SavedSearch, Webhook

SEARCH = SavedSearch(
    "s",
    "Schools \u202e<b>",
    "village schools",
    0.55,
    ("school", "Überland"),
    Filter(sections=("Local",), tags=("a", "b")),
    Webhook("https://news.example/hook", "whsec_secret"),
    made_by="Ann",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SavedStore]:
    """An empty store."""
    made = SavedStore(IndexFolder(tmp_path, "news"))
    yield made
    made.close()


def found(article: str, search: str = "s") -> tuple[Found, str, bytes]:
    """A match with its message."""
    return (
        Found(search, article, 0.6, article, "passage", published_at=datetime(2026, 1, 1, tzinfo=UTC)),
        (f"msg_{search}_{article}"),
        b"{}",
    )


def test_kept_whole(store: SavedStore, tmp_path: Path) -> None:
    """What is put comes back, at once, to whoever has the file open; a token and times are the store's."""
    other = SavedStore(IndexFolder(tmp_path, "news"))
    assert (True, False) == (store.put(SEARCH), other.put(SEARCH))
    (kept,) = other.searches()
    for name in ("id", "name", "meaning", "threshold", "words", "where", "webhook", "enabled", "made_by"):
        assert getattr(SEARCH, name) == getattr(kept, name)
    assert len(kept.feed_token) > 20
    assert kept.created_at is not None
    assert "whsec_secret" not in repr(kept)
    assert kept.feed_token not in repr(kept)
    assert 2 == store.revision() == other.revision()
    other.delete("s")
    with pytest.raises(RuleNotFound):
        store.search("s")
    other.close()


def test_only_the_owner_reads_it(store: SavedStore) -> None:
    """The secrets in it are not for other users of the machine."""
    assert 0o600 == stat.S_IMODE(store.path.stat().st_mode)


def test_damage_is_told(tmp_path: Path) -> None:
    """A file that is no database is a clear error that says what to do."""
    folder = IndexFolder(tmp_path, "news")
    folder.path.mkdir()
    (folder.path / "saved.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(IndexCorrupt, match="put a copy of it back"):
        SavedStore(folder)


def test_a_match_is_kept_once(store: SavedStore) -> None:
    """One match for a search and an article, one message for one with a webhook, none for what is gone."""
    store.put(SEARCH)
    store.put(SavedSearch("quiet", "n", "m", 0.5))
    assert 2 == store.record({"a": b"1"}, [found("a"), found("a", "quiet")])
    again = (found("a")[0], "msg_other", b"{}")
    assert 0 == store.record({"a": b"2"}, [again])
    assert {"s": Counts(1, 1), "quiet": Counts(1, 1)} == store.counts()
    assert ["msg_s_a"] == [one.id for one in saved_deliveries.log_of(store, "s")]
    assert [] == saved_deliveries.log_of(store, "quiet")
    assert ({"b"}, {"a", "b"}) == (
        store.unseen({"a": b"2", "b": b"1"}),
        store.unseen({"a": b"3", "b": b"1"}),
    )


def test_nothing_is_written_for_old_searches(store: SavedStore) -> None:
    """Matches of searches that have changed since they were read are refused whole."""
    store.put(SEARCH)
    revision = store.revision()
    store.put(SEARCH)
    assert store.record({"a": b"1"}, [found("a")], revision=revision) is None
    assert ({"a"}, []) == (store.unseen({"a": b"1"}), store.matches("s", limit=9))


def test_vectors_belong_to_their_meaning(store: SavedStore) -> None:
    """A vector is of one meaning and one encoder; another meaning has none."""
    store.put(SEARCH)
    vector = np.array([0.6, 0.8], np.float32)
    store.set_vectors("e1", {"s": ("other meaning", vector), "gone": ("m", vector)})
    assert {} == store.vectors("e1")
    store.set_vectors("e1", {"s": (SEARCH.meaning, vector)})
    assert (vector.tolist(), {}) == (store.vectors("e1")["s"].tolist(), store.vectors("e2"))
    store.put(SavedSearch("s", "n", "another meaning", 0.5))
    assert {} == store.vectors("e1")


def test_old_messages_go(store: SavedStore) -> None:
    """What ended long ago is removed, what waits is not; of each search one is due at a time."""
    store.put(SEARCH)
    for number in range(3):
        saved_deliveries.add(store, f"msg_{number}", "s", b"{}")
    now = datetime.now(UTC)
    (first,) = saved_deliveries.due(store, now)
    assert "msg_0" == first.id
    saved_deliveries.tried(store, first, "delivered", status=204, next_at=now)
    with store.writing() as connection:
        connection.execute("UPDATE deliveries SET created=0 WHERE id IN ('msg_0', 'msg_2')")
    (second,) = saved_deliveries.due(store, now)
    saved_deliveries.tried(store, second, "pending", problem="x", next_at=now + timedelta(days=1))
    assert {"msg_1", "msg_2"} == {one.id for one in saved_deliveries.log_of(store, "s")}
