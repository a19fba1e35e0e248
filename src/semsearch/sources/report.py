"""Counts what happened to the articles of a build, with a few examples of every reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from semsearch.sources.protocol import Note, Rejected
from semsearch.sources.rejects import RejectsFile

_EXAMPLES = 3  # of each reason
_REASONS = 200  # told apart; further ones are counted together
_UNREAD = 100  # names of files that are kept


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that went wrong: how often, and the first few places in words."""

    text: str
    count: int
    examples: tuple[str, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the articles that were read; reasons are sorted by count, most frequent first.

    ``lost`` counts the records that did not become articles: the rejected ones and those of files that
    could not be read. Where ``lost_is_exact`` is false, there are at least so many, even if it is 0.
    ``unread`` names files that are not empty and gave no article.
    """

    read: int = 0
    rejected: int = 0
    warned: int = 0
    rejections: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    lost: int = 0
    lost_is_exact: bool = True
    unread: tuple[str, ...] = ()

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How often each reason for a rejection or a warning came up."""
        return MappingProxyType({reason.text: reason.count for reason in (*self.rejections, *self.warnings)})

    def notes(self) -> list[str]:
        """One line a reason, fit to show: how often, what, and the first place."""
        rejected = [f"rejected {_said(reason)}" for reason in self.rejections]
        return rejected + [_said(reason) for reason in self.warnings]


def _said(reason: Reason) -> str:
    if not reason.count:
        return f"an unknown number of records: {reason.examples[0]}"
    least = "" if reason.exact else "at least "
    articles = "1 time" if reason.count == 1 else f"{reason.count:,} times"
    first = "" if len(reason.examples) == 1 else "first "
    return f"{least}{articles}: {first}{reason.examples[0]}"


@dataclass(slots=True)
class _Count:
    count: int = 0
    examples: list[str] = field(default_factory=list)
    exact: bool = True

    def add(self, example: str, count: int = 1) -> None:
        self.count += count
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


class Report:
    """The reporter of a build: counts everything and keeps the rejected in a file, where one is given."""

    def __init__(self, rejects: RejectsFile | None = None) -> None:
        self._rejects = rejects
        self._read = 0
        self._rejections: dict[str, _Count] = {}
        self._warnings: dict[str, _Count] = {}
        self._passed_over = 0
        self._exact = True
        self._unread: dict[str, None] = {}

    def take(self) -> None:
        """One good article went on."""
        self._read += 1

    def reject(self, rejected: Rejected) -> None:
        """Count what was not taken and write it to the file; raises StorageFailed."""
        error = rejected.error
        counted = _count(self._rejections, error.field, error.problem)
        counted.add(str(error), rejected.count)
        counted.exact = counted.exact and rejected.exact
        self._exact = self._exact and rejected.exact
        if self._rejects is not None:
            self._rejects.write(rejected)

    def warn(self, note: Note) -> None:
        """Count something that was repaired or left out."""
        _count(self._warnings, note.field, note.problem).add(str(note))
        if note.lost:
            self._passed_over += note.lost
            self._exact = False
        if note.unread and len(self._unread) < _UNREAD:
            self._unread[note.place] = None

    def tally(self) -> Tally:
        """What happened so far."""
        rejected = sum(count.count for count in self._rejections.values())
        return Tally(
            read=self._read,
            rejected=rejected,
            warned=sum(count.count for count in self._warnings.values()),
            rejections=_reasons(self._rejections),
            warnings=_reasons(self._warnings),
            lost=rejected + self._passed_over,
            lost_is_exact=self._exact,
            unread=tuple(self._unread),
        )


def _count(counts: dict[str, _Count], field_name: str, problem: str) -> _Count:
    reason = f"field '{field_name}': {problem}" if field_name else problem
    if reason not in counts and len(counts) >= _REASONS:
        reason = "other reasons"
    return counts.setdefault(reason, _Count())


def _reasons(counts: dict[str, _Count]) -> tuple[Reason, ...]:
    ordered = sorted(counts.items(), key=lambda item: -item[1].count)
    return tuple(Reason(text, one.count, tuple(one.examples), one.exact) for text, one in ordered)
