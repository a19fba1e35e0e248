"""What a source is, and how it tells what it could not take: the one door for every format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid

# A page, a line or a body larger than this is no article; far above the longest one ever published.
MAX_BODY_CHARACTERS = 10_000_000
MAX_RECORD_BYTES = 64 * 2**20  # one JSON line with such a body, all of it in \uXXXX escapes


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken, as it was given: ``raw`` is the line, page or record.

    It stands for ``count`` records; where not ``exact``, for at least so many.
    """

    place: str
    error: ArticleInvalid
    raw: str
    count: int = 1
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """An article, or a part of a source, that was taken though something was wrong with it.

    ``problem`` is a fixed sentence that says what was wrong and what was done, so that equal notes can
    be counted; ``value`` is the value as given, cut to 80 characters ("" where there is none to show).
    ``lost`` records, at least, are lost with what was passed over; ``unread`` says that ``place`` is a file
    from which no article could be taken, though it is not empty.
    """

    place: str
    field: str
    problem: str
    value: str = ""
    lost: int = 0
    unread: bool = False

    def __str__(self) -> str:
        at = f"{self.place}: " if self.place else ""
        field = f"field '{self.field}': " if self.field else ""
        return f"{at}{field}{self.problem}" + (f" (value {self.value})" if self.value else "")


class Reporter(Protocol):
    """Hears what happened to each article, in the order of reading."""

    def take(self) -> None:
        """One good article went on."""

    def reject(self, rejected: Rejected) -> None:
        """One article was not taken."""

    def warn(self, note: Note) -> None:
        """Something was repaired, or left out of an article that was taken."""


class Source(Protocol):
    """Where articles come from.

    A source is made by ``open_source``, which raises SourceUnreadable at once if it gives no articles at
    all. It can be read again from the start by calling ``articles`` again, unless it is standard input.
    """

    @property
    def name(self) -> str:
        """What a user calls it: the file, folder or address as given."""

    @property
    def place(self) -> str:
        """Where the article that was given last stands: ``news.jsonl:12``."""

    def articles(self, report: Reporter) -> Iterator[Article]:
        """The good articles, lazily and in a stable order; what is not good goes to ``report``.

        A fault in one article, or in the rest of a file, never raises. Raises SourceUnreadable only if
        the source turns out to be unreadable before it gave anything.
        """

    def fraction(self) -> float | None:
        """How much of the source was read, 0 to 1, for a progress bar; None where this is not known."""
