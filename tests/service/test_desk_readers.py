"""The desk's page on what readers look for: over a made-up log, switched on and off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.index.event_counts import PlaceCount
from semsearch.index.events import Event, EventStore
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.desk_bars import BASE, LEFT, TOP, WIDTH, Bar, bars, step_of
from semsearch.service.desk_readers import Span, clicks_chart, spans_within
from semsearch.settings import Settings
from tests.service.conftest import wait_ready
from tests.service.fakes import FakeEngine, an_article

HOSTILE = "<script>alert(1)</script>"

Open = Callable[..., TestClient]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """A desk over some events, signed in."""
    with ExitStack() as stack:

        def start(events: list[Event], *, on: bool = True, days: int = 30) -> TestClient:
            made = Settings(indexes=tmp_path)
            settings = replace(made, service=replace(made.service, events=on, events_days=days))
            if events:
                store = EventStore(tmp_path / made.index / "events.db", days=1000)
                store.add(events)
                store.close()
            app = create_app(settings, engine=FakeEngine([an_article(1)]))  # type: ignore[arg-type]
            client = stack.enter_context(TestClient(app))
            wait_ready(client)
            key = KeyFile(tmp_path).create("write")[1]
            assert 200 == client.post("/desk/sign-in", data={"key": key}).status_code
            return client

        yield start


def searched(query: str, times: int, results: int, *, days_ago: int = 0) -> list[Event]:
    """A query that was asked a number of times."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return [Event("search", query=query, results=results, at=at)] * times


def row_of(text: str, query: str) -> list[tuple[str, str]]:
    """Times asked and times without a result in each row of a query."""
    cells = r'</a></td><td class="number">([\d,]+)</td><td class="number">([\d,]+)</td>'
    return re.findall(re.escape(query) + cells, text)


def test_off_says_how_to_switch_it_on(opened: Open) -> None:
    """Nothing is read, and no file is made by looking."""
    client = opened([], on=False)
    text = client.get("/desk/readers").text
    assert "events = true" in text
    assert "<svg" not in text
    assert not list(KeyFile(client.app.state.service.settings.indexes).path.parent.rglob("events.db"))  # type: ignore[attr-defined]


def test_nothing_yet(opened: Open) -> None:
    """Switched on and empty, each part says so."""
    text = opened([]).get("/desk/readers").text
    assert all(words in text for words in ("Nobody searched", "No query was asked often", "No list was seen"))


def test_sums_and_what_is_kept_back(opened: Open) -> None:
    """Sums count all within the span, whatever else there is; a query is told from three times on."""
    events = [
        *searched("school closure", 3, 5),
        *searched("School  Closure", 1, 0),
        *searched("Ann Smith", 2, 0),
        *searched("tram", 4, 0, days_ago=5),
        *searched("tram", 4, 0, days_ago=12),
    ]
    client = opened(events)
    week, month = (client.get(f"/desk/readers?days={days}").text for days in (7, 30))
    assert "10 searches, 7 of them without a result (70 %)" in week
    assert "14 searches, 11 of them without a result (79 %)" in month
    assert [("4", "1")] * 2 == row_of(week, "school closure")
    assert [("4", "4")] * 2 == row_of(week, "tram")
    assert [("8", "8")] * 2 == row_of(month, "tram")
    assert "smith" not in week.casefold()
    assert "1 rarer query is in the sums alone" in week


def test_what_is_older_than_kept_is_not_shown(opened: Open) -> None:
    """No span is longer than events are kept, whatever the file holds."""
    client = opened(searched("tram", 5, 1, days_ago=20), days=10)
    assert "Nobody searched" in client.get("/desk/readers?days=90").text


def test_clicks_by_place(opened: Open) -> None:
    """Each place with how often it was seen and clicked; a rate only where it says something."""
    events = [Event("impression", "a", "b", place) for place in [1] * 40 + [2] * 19]
    events += [Event("click", "a", "b", place) for place in [1] * 6 + [2] * 3]
    events += [Event("click", None, "b", 1, "tram")] * 2
    text = opened(events).get("/desk/readers").text
    row = '<td class="number">{}</td><td class="number">{}</td><td class="number">{}</td>'
    assert row.format(1, 40, 6) + '<td class="number">15.0 %</td>' in text
    assert row.format(2, 19, 3) + '<td class="number">–</td>' in text
    assert "2 clicks on results of a search" in text


@pytest.mark.parametrize("query", [HOSTILE, '"><img src=x>', "سوق المدينة", "😀" * 60, "x" * 200])
def test_queries_are_harmless(opened: Open, query: str) -> None:
    """Whatever readers type is text; nothing of the page is styled or run within it."""
    response = opened(searched(query, 3, 0)).get("/desk/readers")
    assert 200 == response.status_code
    assert HOSTILE not in response.text
    assert "<img" not in response.text
    assert "style=" not in response.text
    assert len(response.content) < 50_000


@pytest.mark.parametrize(
    ("kept", "asked", "spans"),
    [
        (30, "", [Span(7, False), Span(30, True)]),
        (30, "7", [Span(7, True), Span(30, False)]),
        (365, "90", [Span(7, False), Span(30, False), Span(90, True)]),
        (3, "", [Span(3, True)]),
        (10, "30", [Span(7, False), Span(10, True)]),
        (30, "nonsense", [Span(7, False), Span(30, True)]),
        (30, "²", [Span(7, False), Span(30, True)]),
        (30, "-7", [Span(7, False), Span(30, True)]),
        (30, "9" * 5000, [Span(7, False), Span(30, True)]),
    ],
)
def test_spans(kept: int, asked: str, spans: list[Span]) -> None:
    """Those within what is kept, one of them chosen whatever is asked."""
    assert spans == spans_within(kept, asked)


@pytest.mark.parametrize(
    ("most", "step"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 5), (20, 5), (21, 10), (999, 500), (801, 500)]
)
def test_steps_are_round(most: int, step: int) -> None:
    """1, 2, 5, 10 … and at most four of them."""
    assert step == step_of(most)


def test_bars_stand_in_proportion() -> None:
    """Twice the value is twice the height; all stand on the line, within the chart, and beside each other."""
    chart = bars([Bar("a", 100, 50, ""), Bar("b", 50, 0, ""), Bar("c", 0, 0, "")])
    assert chart is not None
    first, second, third = chart.drawn
    assert (BASE - TOP, first.height / 2, 0) == (first.height, second.height, third.height)
    assert first.height / 2 == first.part_height
    assert [BASE] * 3 == [one.y + one.height for one in chart.drawn]
    assert LEFT <= first.x
    assert first.x + first.width < second.x
    assert third.x + third.width <= WIDTH
    assert ["0", "50", "100"] == [line.label for line in chart.lines]


def test_labels_leave_room_for_each_other() -> None:
    """Of many bars some are labelled, the last one always; nothing to draw is None."""
    labels = [one.label for one in bars([Bar(str(n), 1, 0, "") for n in range(30)]).drawn]  # type: ignore[union-attr]
    assert 10 == len([one for one in labels if one])
    assert "29" == labels[-1]
    assert bars([]) is None
    assert bars([Bar("a", 0, 0, "")]) is None


def test_rates_are_told_in_percent() -> None:
    """The lines of clicks are percent; a place that was hardly seen has no bar."""
    chart = clicks_chart((PlaceCount(1, 1000, 53), PlaceCount(2, 5, 5)))
    assert chart is not None
    assert ["0 %", "2 %", "4 %", "6 %"] == [line.label for line in chart.lines]
    assert 0 == chart.drawn[1].height
