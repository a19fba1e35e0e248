"""Where the bars of a chart stand: geometry for SVG; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
LEFT = 56  # of the line that the bars stand on: room for numbers
RIGHT = WIDTH - 24  # its other end: room for half of the last label
TOP = 10
BASE = 170
HEIGHT = BASE + 26
GAP = 0.25  # of the room of a bar
WIDEST = 60.0
MOST_LABELS = 10
STEPS = (1, 2, 5)
LINES = 4  # at most, above the base


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with the part of it that is told apart, a short label, and its words."""

    label: str
    value: int
    part: int
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar with its place; ``label`` is empty where there is no room for all of them."""

    x: float
    width: float
    y: float
    height: float
    part_y: float
    part_height: float
    middle: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the chart with the number that it stands for."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars on a line at ``base``."""

    drawn: tuple[Drawn, ...]
    lines: tuple[Line, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    base: int = BASE


def bars(given: Sequence[Bar], *, unit: float = 1, suffix: str = "") -> Bars | None:
    """The chart of bars; ``unit`` is what 1 stands for on its lines. None where no bar has any height."""
    most = max((one.value for one in given), default=0)
    if most <= 0:
        return None
    step = step_of(most)
    top = -(-most // step) * step
    room = (RIGHT - LEFT) / len(given)
    width = min(room * (1 - GAP), WIDEST)
    every = -(-len(given) // MOST_LABELS)
    drawn = []
    for number, one in enumerate(given):
        middle = LEFT + room * (number + 0.5)
        height, part = (_height(value, top) for value in (one.value, min(one.part, one.value)))
        drawn.append(
            Drawn(
                x=round(middle - width / 2, 1),
                width=round(width, 1),
                y=round(BASE - height, 1),
                height=height,
                part_y=round(BASE - part, 1),
                part_height=part,
                middle=round(middle, 1),
                label=one.label if (len(given) - 1 - number) % every == 0 else "",
                words=one.words,
            )
        )
    lines = tuple(
        Line(round(BASE - _height(value, top), 1), f"{value * unit:,.{_decimals(step * unit)}f}{suffix}")
        for value in range(0, top + 1, step)
    )
    return Bars(tuple(drawn), lines)


def step_of(most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … of which few enough make up the highest bar."""
    power = 1
    while True:
        for step in STEPS:
            if -(-most // (step * power)) <= LINES:
                return step * power
        power *= 10


def _height(value: int, top: int) -> float:
    return round((BASE - TOP) * value / top, 1)


def _decimals(step: float) -> int:
    return 0 if step >= 1 else 1
