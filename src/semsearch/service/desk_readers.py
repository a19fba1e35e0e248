"""The desk's page on what readers look for, what they miss and what they click: sums of events."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from semsearch.index.event_counts import LEAST, PlaceCount, Readership, readership
from semsearch.service.desk import Desk, desk_router
from semsearch.service.desk_bars import Bar, Bars, bars
from semsearch.service.desk_fields import digits_of

PATH = "/desk/readers"
SPANS = (7, 30, 90)  # days to choose from, as far as events are kept
FEWEST_SEEN = 20  # times that a place was seen before its rate says anything

router = desk_router()


@dataclass(frozen=True, slots=True)
class Span:
    """A number of days to look at."""

    days: int
    chosen: bool


@router.get(PATH)
async def readers(desk: Desk) -> Response:
    """The sums of the last days; without events, how to have them kept."""
    events = desk.service.events
    spans = spans_within(events.days, desk.request.query_params.get("days", ""))
    days = next(one.days for one in spans if one.chosen)
    found = await desk.run(lambda: readership(events.path, days=days))
    return desk.render(
        "desk_readers.html",
        on=events.on,
        kept=events.days,
        least=LEAST,
        spans=spans,
        days=days,
        found=found,
        searches=searches_chart(found),
        clicks=clicks_chart(found.places),
        fewest=FEWEST_SEEN,
    )


def spans_within(kept: int, asked: str) -> list[Span]:
    """The spans to choose from, none of more days than events are kept; 30 days unless another is asked."""
    usable = sorted({min(one, max(1, kept)) for one in SPANS})
    wanted = digits_of(asked, 5)
    chosen = wanted if wanted in usable else min(30, usable[-1])
    return [Span(one, one == chosen) for one in usable]


def searches_chart(found: Readership) -> Bars | None:
    """Searches a day, those that found nothing as a part of each bar; None where there are none."""
    return bars(
        [
            Bar(
                label=f"{one.day.day} {one.day:%b}",
                value=one.searches,
                part=one.none,
                words=f"{one.day.day} {one.day:%B}: {one.searches:,} searches, {one.none:,} found nothing",
            )
            for one in found.days
        ]
    )


def clicks_chart(places: tuple[PlaceCount, ...]) -> Bars | None:
    """The rate of clicks of each place in tenths of a percent; None where none was seen often enough."""
    return bars(
        [
            Bar(
                label=str(one.position),
                value=round(1000 * (one.rate or 0)) if one.seen >= FEWEST_SEEN else 0,
                part=0,
                words=f"Place {one.position}: {one.clicked:,} clicks, seen {one.seen:,} times",
            )
            for one in places
        ],
        unit=0.1,
        suffix=" %",
    )
