"""Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from semsearch_cli.output import clean, duration, tell

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from semsearch.indexing.progress import Progress as EngineProgress

STAGES = {
    "read": ("Reading articles", "articles"),
    "embed": ("Encoding", "articles"),
    "write": ("Writing the index", "articles"),
    "verify": ("Verifying", "files"),
    "publish": ("Publishing", ""),
}
EVERY = 5.0  # seconds between two lines where there is no terminal
WORTH_SAYING = 5.0  # an estimate shorter than these seconds is not announced
MEASURED = 0.5  # seconds of work before an estimate is made
WINDOW = 60.0  # seconds back that count for the speed: a build that goes on first runs through what it knows


@dataclass(frozen=True, slots=True)
class _Step:
    """How far one stage is."""

    title: str
    unit: str
    done: int
    total: int | None
    note: str = ""
    announced: bool = False  # long enough to say at once how long it will take


class ProgressReport:
    """Takes each step of long work; says how long encoding will take once it has been measured.

    ``clock`` counts seconds; ``terminal`` tells whether standard error is one.
    """

    def __init__(
        self,
        *,
        terminal: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
        goes_on: str = "Stopping is safe: the same command goes on where it was.",
    ) -> None:
        self._terminal = sys.stderr.isatty() if terminal is None else terminal
        self._clock = clock
        self._goes_on = goes_on
        self._last: _Step | None = None
        self._last_at = 0.0
        self._began = 0.0
        self._marks: deque[tuple[float, int]] = deque()  # times and counts of the stage's last steps
        self._next_line = 0.0
        self._ends_at: float | None = None  # when encoding ends by what was said
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, step: EngineProgress) -> None:
        """Take one step of the engine."""
        title, unit = STAGES.get(step.stage, (step.stage, ""))
        self._take(_Step(title, unit, step.done, step.total, step.note, announced=step.stage == "embed"))

    def advance(self, title: str, unit: str, done: int, total: int | None) -> None:
        """Take one step of any other work."""
        self._take(_Step(title, unit, done, total))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_stage()
        if self._bar is not None:
            self._bar.stop()

    def _take(self, step: _Step) -> None:
        now = self._clock()
        if self._last is None or step.title != self._last.title:
            self._close_stage()
            # A stage that first reports with something done began when the last one ended.
            late = step.done > 0 and self._last is not None
            self._began = self._last_at if late else now
            self._marks = deque([(self._began, 0)]) if late else deque()
            self._next_line = now + EVERY
            self._open_bar(step)
        self._mark(step, now)
        self._announce(step, now)
        if self._bar is not None and self._task is not None:
            words = self._words(step, now)
            self._bar.update(self._task, completed=step.done, total=step.total, words=words)
        elif now >= self._next_line:
            self._next_line = now + EVERY
            tell(self._line(step, now))

    def _mark(self, step: _Step, now: float) -> None:
        self._last, self._last_at = step, now
        self._marks.append((now, step.done))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW:
            self._marks.popleft()

    def _open_bar(self, step: _Step) -> None:
        if not self._terminal:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        self._task = self._bar.add_task(step.title, total=step.total, completed=step.done, words="")

    def _close_stage(self) -> None:
        if self._last is None:
            return
        if self._bar is not None and self._task is not None:
            self._bar.stop_task(self._task)
            return
        took = self._last_at - self._began  # what comes next may have been at work since
        if took >= EVERY:
            tell(f"{self._last.title}: {self._last.done:,} {self._last.unit} in {duration(took)}")

    def _rate(self, step: _Step, now: float) -> float | None:
        """Items a second over the last minute; None before it was measured."""
        since, first = self._marks[0]
        if step.done <= first or now - since < MEASURED:
            return None
        return (step.done - first) / (now - since)

    def _left(self, step: _Step, now: float) -> float | None:
        rate = self._rate(step, now)
        if rate is None or step.total is None or step.done >= step.total:
            return None
        return (step.total - step.done) / rate

    def _announce(self, step: _Step, now: float) -> None:
        """Say how long it will take, once; and again where that turns out to be less than half of it."""
        left = self._left(step, now) if step.announced else None
        if left is None or step.total is None:
            return
        expected = 0.0 if self._ends_at is None else max(0.0, self._ends_at - now)
        if left < WORTH_SAYING or (self._ends_at is not None and left < 2 * expected + EVERY):
            return
        again = self._ends_at is not None
        self._ends_at = now + left
        rate = _per_second(self._rate(step, now) or 0.0)
        line = f"{step.title} {step.total:,} {step.unit} will take about {duration(left)}"
        line = clean(f"{line} more at {rate}." if again else f"{line} at {rate}. {self._goes_on}")
        if self._bar is not None:
            self._bar.console.print(line)
        else:
            tell(line)

    def _words(self, step: _Step, now: float) -> str:
        rate, left = self._rate(step, now), self._left(step, now)
        parts = [
            _per_second(rate) if rate is not None else "",
            f"{duration(left)} left" if left is not None else "",
            clean(step.note),
        ]
        return ", ".join(part for part in parts if part)

    def _line(self, step: _Step, now: float) -> str:
        count = f"{step.done:,}" if step.total is None else f"{step.done:,} of {step.total:,}"
        words = self._words(step, now)
        return f"{step.title}: {count} {step.unit}".rstrip() + (f" ({words})" if words else "")


def _per_second(rate: float) -> str:
    return f"{rate:,.0f} a second" if rate >= 10 else f"{rate:.1f} a second"


def _bar() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    from semsearch_cli.output import console

    # Where the terminal is narrow, the words at the end are cut; the rest keeps its width.
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=None, table_column=Column(min_width=8, max_width=30, ratio=1)),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn(
            "{task.fields[words]}",
            markup=False,
            table_column=Column(ratio=3, no_wrap=True, overflow="ellipsis"),
        ),
        console=console(error=True),
        expand=True,
    )
