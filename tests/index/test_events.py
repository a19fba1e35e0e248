"""Events are kept as they came, for a bounded time and in a bounded number."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.errors import InputError, StorageFailed
from semsearch.index.events import Event, EventStore

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def store(tmp_path: Path):
    """An empty store in a folder that is not there yet."""
    made = EventStore(tmp_path / "news" / "events.db", days=30, most=5)
    yield made
    made.close()


def test_round_trip(store: EventStore) -> None:
    """What was added is read, the oldest first, and by kind and time."""
    search = Event("search", query="school", results=0, at=NOW - timedelta(days=1))
    click = Event("click", "a", "b", 3, at=NOW - timedelta(hours=1))
    store.add([click, search])
    assert [search, click] == store.read()
    assert [click] == store.read("click")
    assert [search] == store.read(until=NOW - timedelta(hours=2))
    assert [click] == store.read(since=NOW - timedelta(hours=2))
    assert [search] == store.read(limit=1)


def test_now_where_no_time_is_given(store: EventStore) -> None:
    """An event without a time happened when it came."""
    store.add([Event("search", query="x")])
    moment = store.read()[0].at
    assert moment is not None
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=5)


def test_old_ones_go(store: EventStore) -> None:
    """What is older than the days is never read, and gone after pruning."""
    store.add([Event("click", "a", "b", 1, at=NOW)])
    store.add([Event("click", "a", "b", 1, at=NOW - timedelta(days=31))])
    assert 1 == len(store.read())
    assert 1 == store.prune()
    assert 0 == store.prune()


def test_bounded_in_number(store: EventStore) -> None:
    """Beyond the most the oldest go."""
    store.add([Event("search", query=str(n), at=NOW - timedelta(minutes=n)) for n in range(8)])
    store.prune()
    assert ["4", "3", "2", "1", "0"] == [one.query for one in store.read()]


def test_two_processes_share(tmp_path: Path) -> None:
    """Another opener sees what was added, and what was kept is there after closing."""
    one, two = EventStore(tmp_path / "e.db"), EventStore(tmp_path / "e.db")
    one.add([Event("search", query="a")])
    two.add([Event("search", query="b")])
    assert ["a", "b"] == [event.query for event in one.read()]
    one.close()
    two.close()
    again = EventStore(tmp_path / "e.db")
    assert 2 == len(again.read())
    again.close()


def test_long_query_is_cut() -> None:
    """No more than 200 characters of a query are kept."""
    assert "x" * 200 == Event("search", query="x" * 300).query


def test_bad_events() -> None:
    """A kind that is not known and a time without a zone are refused in words."""
    with pytest.raises(InputError, match="give one of impression, click, search"):
        Event("view")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no time zone"):
        Event("click", at=datetime(2026, 1, 1))


def test_damaged_file(tmp_path: Path) -> None:
    """A file that is no database is told with its way out."""
    (tmp_path / "e.db").write_bytes(b"no database at all" * 99)
    with pytest.raises(StorageFailed, match="remove the file"):
        EventStore(tmp_path / "e.db")
