"""What readers look for and click, counted from the file of events: sums alone, never one reader's trace.

There is nothing in the file to tell readers apart by, so a query is shown once it was asked often enough
(``least`` times): one that a single person asked, a name perhaps, stays a part of the sums.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from semsearch.index.events import event_errors, open_events

DAY_MICROS = 86_400_000_000
LEAST = 3  # times that a query was asked before it is shown
TOP = 20
PLACES = 10  # of a list whose clicks are shown
# ``+at`` below keeps SQLite from its index: most events are wanted, and to read the file in its order takes
# a seventh of the time (500,000 events: 0.5 s).
_WITHIN = "+at >= ? AND +at < ?"
_EARLY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The searches of one day (UTC); ``none`` of them found nothing."""

    day: date
    searches: int
    none: int


@dataclass(frozen=True, slots=True)
class QueryCount:
    """A query without regard to case and blanks: how often it was asked, and found nothing."""

    query: str
    searches: int
    none: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place in the lists under articles (from 1): how often it was seen, and clicked."""

    position: int
    seen: int
    clicked: int

    @property
    def rate(self) -> float | None:
        """Clicks for each time it was seen, at most 1; None where it was never seen."""
        return min(1.0, self.clicked / self.seen) if self.seen else None


@dataclass(frozen=True, slots=True)
class Readership:
    """Some days in sums: each day (also those without a search), queries most asked first, places in order.

    ``rare`` queries were asked fewer than ``least`` times and are not told; ``clicks`` were on results
    of a search.
    """

    days: tuple[DayCount, ...]
    top: tuple[QueryCount, ...]
    missed: tuple[QueryCount, ...]
    rare: int
    places: tuple[PlaceCount, ...]
    clicks: int

    @property
    def searches(self) -> int:
        """All searches."""
        return sum(one.searches for one in self.days)

    @property
    def none(self) -> int:
        """Those that found nothing."""
        return sum(one.none for one in self.days)


def readership(
    path: Path, *, days: int, least: int = LEAST, top: int = TOP, now: datetime | None = None
) -> Readership:
    """The last ``days`` days up to now, today included; nothing where there is no file yet.

    It reads beside the writers and holds none of them up. Raises StorageFailed.
    """
    today = (now or datetime.now(UTC)).astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    start = (first - _EARLY).days * DAY_MICROS
    span = (start, start + days * DAY_MICROS)
    if not path.exists():
        return Readership(_each_day({}, first, days), (), (), 0, (), 0)
    with _reading(path) as connection:
        by_day = _by_day(connection, span)
        queries = _queries(connection, span)
        places, clicks = _clicks(connection, span)
    told = [one for one in queries if one.searches >= least]
    missed = [one for one in told if one.none]
    return Readership(
        days=_each_day(by_day, first, days),
        top=tuple(sorted(told, key=lambda one: (-one.searches, one.query))[:top]),
        missed=tuple(sorted(missed, key=lambda one: (-one.none, -one.searches, one.query))[:top]),
        rare=len(queries) - len(told),
        places=places,
        clicks=clicks,
    )


def folded(query: str) -> str:
    """A query as it is counted: without regard to case and to how much blank is in it."""
    return " ".join(query.casefold().split())


def _each_day(found: dict[date, tuple[int, int]], first: date, days: int) -> tuple[DayCount, ...]:
    each = (first + timedelta(number) for number in range(days))
    return tuple(DayCount(day, *found.get(day, (0, 0))) for day in each)


def _by_day(connection: sqlite3.Connection, span: tuple[int, int]) -> dict[date, tuple[int, int]]:
    rows = connection.execute(
        "SELECT at / ?, count(*), coalesce(sum(results = 0), 0) FROM events "
        f"WHERE {_WITHIN} AND kind = 'search' GROUP BY 1",
        (DAY_MICROS, *span),
    )
    return {_EARLY + timedelta(number): (searches, none) for number, searches, none in rows.fetchall()}


def _queries(connection: sqlite3.Connection, span: tuple[int, int]) -> list[QueryCount]:
    rows = connection.execute(
        "SELECT query, count(*), coalesce(sum(results = 0), 0) FROM events "
        f"WHERE {_WITHIN} AND kind = 'search' GROUP BY query",
        span,
    )
    sums: dict[str, tuple[int, int]] = {}
    for query, searches, none in rows:
        if key := folded(query or ""):
            before = sums.get(key, (0, 0))
            sums[key] = (before[0] + searches, before[1] + none)
    return [QueryCount(query, *counts) for query, counts in sums.items()]


def _clicks(connection: sqlite3.Connection, span: tuple[int, int]) -> tuple[tuple[PlaceCount, ...], int]:
    rows = connection.execute(
        "SELECT position, sum(kind = 'impression'), sum(kind = 'click') FROM events "
        f"WHERE {_WITHIN} AND kind <> 'search' AND article_id IS NOT NULL AND position <= ? "
        "GROUP BY position ORDER BY position",
        (*span, PLACES),
    )
    places = tuple(PlaceCount(*row) for row in rows.fetchall())
    (clicks,) = connection.execute(
        "SELECT count(*) FROM events "
        f"WHERE {_WITHIN} AND kind = 'click' AND article_id IS NULL AND query IS NOT NULL",
        span,
    ).fetchone()
    return places, int(clicks)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with (
        event_errors(path),
        closing(open_events(path)) as connection,
    ):
        connection.execute("BEGIN")  # one moment for all the sums
        yield connection
