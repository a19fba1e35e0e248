"""Sums of events against plain Python over a log that is made up."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.errors import StorageFailed
from semsearch.index.event_counts import (
    DayCount,
    PlaceCount,
    QueryCount,
    Readership,
    folded,
    readership,
)
from semsearch.index.events import Event, EventStore

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
DAYS = 7
QUERIES = ("School closure", "school  closure ", "harbour", "ÉCOLE", "école", "سوق", "Ann Smith", "zzz", " ")


def made_up(seed: int, count: int = 3000) -> list[Event]:
    """Events of three weeks up to tomorrow, of every kind."""
    pick = random.Random(seed)
    events = []
    for _ in range(count):
        at = NOW + timedelta(seconds=pick.randrange(-21 * 86_400, 86_400))
        kind = pick.choice(("search", "impression", "click"))
        if kind == "search":
            found = pick.choice((None, 0, 0, 1, 25))
            query = pick.choice(QUERIES) if pick.random() < 0.95 else f"one of a kind {pick.random()}"
            events.append(Event("search", query=query, results=found, at=at))
        elif pick.random() < 0.8:
            events.append(Event(kind, "a", "b", pick.randint(1, 14), at=at))  # type: ignore[arg-type]
        else:
            events.append(Event(kind, None, "b", pick.randint(1, 14), "harbour", at=at))  # type: ignore[arg-type]
    return events


def plainly(events: list[Event], least: int) -> Readership:
    """The same sums, one event after the other."""
    first = date(2026, 3, 4)
    days = [first + timedelta(number) for number in range(DAYS)]
    within = [one for one in events if one.at and one.at.date() in days]
    searches = [one for one in within if one.kind == "search"]
    asked = Counter(folded(one.query or "") for one in searches)
    none = Counter(folded(one.query or "") for one in searches if one.results == 0)
    told = [QueryCount(query, n, none[query]) for query, n in asked.items() if query and n >= least]
    lists = [one for one in within if one.kind != "search" and one.article_id and (one.position or 99) <= 10]
    seen = Counter(one.position for one in lists if one.kind == "impression")
    clicked = Counter(one.position for one in lists if one.kind == "click")
    return Readership(
        days=tuple(
            DayCount(
                day,
                sum(one.at.date() == day for one in searches if one.at),
                sum(one.at.date() == day and one.results == 0 for one in searches if one.at),
            )
            for day in days
        ),
        top=tuple(sorted(told, key=lambda one: (-one.searches, one.query))[:20]),
        missed=tuple(
            sorted((one for one in told if one.none), key=lambda one: (-one.none, -one.searches, one.query))[
                :20
            ]
        ),
        rare=sum(0 < n < least for query, n in asked.items() if query),
        places=tuple(
            PlaceCount(place, seen[place], clicked[place])
            for place in range(1, 11)
            if seen[place] or clicked[place]
        ),
        clicks=sum(one.kind == "click" and not one.article_id for one in within),
    )


def written(path: Path, events: list[Event]) -> Path:
    """A file with these events."""
    store = EventStore(path, days=100_000)
    store.add(events)
    store.close()
    return path


@pytest.mark.parametrize("least", [1, 3, 60])
@pytest.mark.parametrize("seed", range(5))
def test_sums_are_those_of_plain_python(tmp_path: Path, seed: int, least: int) -> None:
    """Days, queries, misses and places of a made-up log are what counting one by one gives."""
    events = made_up(seed)
    wanted = plainly(events, least)
    assert wanted == readership(written(tmp_path / "events.db", events), days=DAYS, least=least, now=NOW)
    assert wanted.searches > wanted.none > 0
    assert (least > 1) == (wanted.rare > 0)
    assert wanted.places


def test_case_and_blanks_make_no_other_query() -> None:
    """In any script; accents do."""
    assert ["school closure", "école", "ecole", ""] == [
        folded(one) for one in (" School\tCLOSURE  ", "ÉCOLE", "Ecole", " \u3000")
    ]


def test_a_query_asked_twice_is_nobodys_to_see(tmp_path: Path) -> None:
    """Until it was asked three times it is part of the sums alone."""
    events = [Event("search", query=q, results=0, at=NOW) for q in ["Ann Smith", "ann smith", *["tram"] * 3]]
    found = readership(written(tmp_path / "events.db", events), days=1, now=NOW)
    assert (QueryCount("tram", 3, 3),) == found.top == found.missed
    assert (1, 5, 5) == (found.rare, found.searches, found.none)


def test_days_begin_at_midnight_utc(tmp_path: Path) -> None:
    """The first and the last instant of a span count, those beside it do not; empty days are there too."""
    moments = ("2026-03-08T00:00:00+00:00", "2026-03-10T23:59:59.999999+00:00")
    beside = ("2026-03-07T23:59:59.999999+00:00", "2026-03-11T00:00:00+00:00")
    events = [Event("search", query="a", at=datetime.fromisoformat(one)) for one in (*moments, *beside)]
    found = readership(written(tmp_path / "events.db", events), days=3, now=NOW)
    assert [1, 0, 1] == [one.searches for one in found.days]
    assert [8, 9, 10] == [one.day.day for one in found.days]


def test_clicks_without_impressions(tmp_path: Path) -> None:
    """A rate is never more than one, and none where nothing was seen."""
    events = [Event("click", "a", "b", place, at=NOW) for place in (1, 2, 2)]
    events.append(Event("impression", "a", "b", 2, at=NOW))
    found = readership(written(tmp_path / "events.db", events), days=1, now=NOW)
    assert [None, 1.0] == [one.rate for one in found.places]


def test_no_file_and_a_file_that_is_none(tmp_path: Path) -> None:
    """Without a file there is nothing, and none is made; one that is damaged is told."""
    path = tmp_path / "events.db"
    assert ((DayCount(NOW.date(), 0, 0),), ()) == (
        readership(path, days=1, now=NOW).days,
        readership(path, days=1).top,
    )
    assert not path.exists()
    path.write_bytes(b"not a database, by far" * 100)
    with pytest.raises(StorageFailed, match="it is only events"):
        readership(path, days=1)


def test_it_reads_beside_a_writer(tmp_path: Path) -> None:
    """A writer in the middle of a change neither waits nor is waited for."""
    path = written(tmp_path / "events.db", [Event("search", query="a", at=NOW)])
    writer = sqlite3.connect(path, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM events")
        assert 1 == readership(path, days=1, now=NOW).searches
        writer.execute("COMMIT")
    finally:
        writer.close()
    assert 0 == readership(path, days=1, now=NOW).searches
