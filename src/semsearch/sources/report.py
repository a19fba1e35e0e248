"""Counts what happened to the articles of a build, with a few examples of every reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from semsearch.sources.protocol import Note, Rejected
from semsearch.sources.rejects import RejectsFile

_EXAMPLES = 3  # of each reason
_REASONS = 200  # told apart; further ones are counted together


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that went wrong: how often, and the first few places in words."""

    text: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the articles that were read; reasons are sorted by count, most frequent first."""

    read: int = 0
    rejected: int = 0
    warned: int = 0
    rejections: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How often each reason for a rejection or a warning came up."""
        return MappingProxyType({reason.text: reason.count for reason in (*self.rejections, *self.warnings)})

    def notes(self) -> list[str]:
        """One line a reason, fit to show: how often, what, and the first place."""
        rejected = [f"rejected {_said(reason)}" for reason in self.rejections]
        return rejected + [_said(reason) for reason in self.warnings]


def _said(reason: Reason) -> str:
    articles = "1 time" if reason.count == 1 else f"{reason.count:,} times"
    first = "" if reason.count == 1 else "first "
    return f"{articles}: {first}{reason.examples[0]}"


@dataclass(slots=True)
class _Count:
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


class Report:
    """The reporter of a build: counts everything and keeps the rejected in a file, where one is given."""

    def __init__(self, rejects: RejectsFile | None = None) -> None:
        self._rejects = rejects
        self._read = 0
        self._rejections: dict[str, _Count] = {}
        self._warnings: dict[str, _Count] = {}

    def take(self) -> None:
        """One good article went on."""
        self._read += 1

    def reject(self, rejected: Rejected) -> None:
        """Count one article that was not taken and write it to the file; raises StorageFailed."""
        error = rejected.error
        _count(self._rejections, error.field, error.problem).add(str(error))
        if self._rejects is not None:
            self._rejects.write(rejected)

    def warn(self, note: Note) -> None:
        """Count something that was repaired or left out."""
        _count(self._warnings, note.field, note.problem).add(str(note))

    def tally(self) -> Tally:
        """What happened so far."""
        return Tally(
            read=self._read,
            rejected=sum(count.count for count in self._rejections.values()),
            warned=sum(count.count for count in self._warnings.values()),
            rejections=_reasons(self._rejections),
            warnings=_reasons(self._warnings),
        )


def _count(counts: dict[str, _Count], field_name: str, problem: str) -> _Count:
    reason = f"field '{field_name}': {problem}" if field_name else problem
    if reason not in counts and len(counts) >= _REASONS:
        reason = "other reasons"
    return counts.setdefault(reason, _Count())


def _reasons(counts: dict[str, _Count]) -> tuple[Reason, ...]:
    ordered = sorted(counts.items(), key=lambda item: -item[1].count)
    return tuple(Reason(text, count.count, tuple(count.examples)) for text, count in ordered)
