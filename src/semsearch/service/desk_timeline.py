"""Where the articles of a story stand on its timeline: geometry for a chart in SVG; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from semsearch.articles import Article
from semsearch.service.desk_bars import Bar

WIDTH = 720
MARGIN = 24  # left and right of the line
RADIUS = 6
STEP = 2 * RADIUS + 3  # between dots of about the same time, which are stacked
MOST_STACKED = 12  # higher stacks share their top place; the table has them all
TICKS = 6
SPANS = 40  # equal spans of time that a long story is cut into
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dot:
    """One article: its centre, and its number in the table (from 1)."""

    x: float
    y: float
    number: int
    article: Article


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the line with the time that it stands for."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A chart ``height`` high whose line is at ``base``; ``undated`` articles are in the table alone."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    height: int
    base: int
    undated: int
    width: int = WIDTH
    radius: int = RADIUS


def timeline(articles: Sequence[Article]) -> Timeline | None:
    """The chart of articles, oldest first; None where fewer than two have a date."""
    dated = [(number, one) for number, one in enumerate(articles, 1) if one.published_at is not None]
    times = [_of(one) for _, one in dated]
    if len(dated) < 2:
        return None
    first, span = min(times), max(max(times) - min(times), timedelta(minutes=1))
    places = [MARGIN + (WIDTH - 2 * MARGIN) * ((time - first) / span) for time in times]
    heights = _stacked(places)
    base = STEP * (max(heights) + 1) + RADIUS
    dots = tuple(
        Dot(round(x, 1), base - RADIUS - 2 - STEP * height, number, one)
        for x, height, (number, one) in zip(places, heights, dated, strict=True)
    )
    return Timeline(dots, _ticks(first, span), base + 28, base, len(articles) - len(dated))


def spans_of_time(articles: Sequence[Article]) -> list[Bar]:
    """How many articles ran in each of some equal spans, for a story of more than dots can show."""
    times = [_of(one) for one in articles if one.published_at is not None]
    if not times:
        return []
    first = min(times)
    step = max(max(times) - first, timedelta(minutes=1)) / SPANS
    counts = Counter(min(SPANS - 1, int((time - first) / step)) for time in times)
    form = _form(step * SPANS)
    found = []
    for number in range(SPANS):
        begin, end = first + number * step, first + (number + 1) * step
        words = f"{begin.strftime(form)} to {end.strftime(form)}: {counts[number]:,}"
        found.append(Bar(begin.strftime(form), counts[number], 0, words))
    return found


def _form(span: timedelta) -> str:
    return "%H:%M" if span < DAY else "%-d %b" if span < 300 * DAY else "%b %Y"


def _of(article: Article) -> datetime:
    assert article.published_at is not None
    return article.published_at.astimezone(UTC)


def _stacked(places: Sequence[float]) -> list[int]:
    """How high each dot stands, so that no two of them cover each other."""
    heights: list[int] = []
    for number, x in enumerate(places):
        taken = {heights[one] for one in range(number) if abs(places[one] - x) < STEP}
        free = next(height for height in range(len(places) + 1) if height not in taken)
        heights.append(min(free, MOST_STACKED - 1))
    return heights


def _ticks(first: datetime, span: timedelta) -> tuple[Tick, ...]:
    """Marks at even distances, each with a time that is as fine as the distance asks for."""
    form = _form(span)
    count = TICKS if span >= 5 * DAY or span < DAY else max(2, span.days + 1)
    found = []
    for number in range(count):
        share = number / (count - 1)
        x = round(MARGIN + (WIDTH - 2 * MARGIN) * share, 1)
        found.append(Tick(x, (first + share * span).strftime(form)))
    return tuple(found)
