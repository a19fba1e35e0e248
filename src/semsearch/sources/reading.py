"""The articles of several sources as one stream: each id once, with the place and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semsearch.articles import Article
from semsearch.errors import SourceUnreadable
from semsearch.sources.protocol import Note, Rejected, Reporter, Source
from semsearch.sources.unique import unique


class Reading:
    """An iterator over the articles of several sources; knows its place and how far it is.

    Raises SourceUnreadable at the end if there was no good article at all, so that a wrong file never
    passes for an empty site.
    """

    def __init__(self, sources: Sequence[Source], report: Reporter) -> None:
        self._sources = sources
        self._report = _Remembering(report)
        self._current = 0
        self._articles = unique(self._chained(), self._report, lambda: self.place)

    @property
    def place(self) -> str:
        """Where the article that was given last stands."""
        return self._sources[self._current].place if self._sources else ""

    def fraction(self) -> float | None:
        """How much of all sources was read, each counted alike; None where one does not know."""
        fractions = [source.fraction() for source in self._sources]
        known = [fraction for fraction in fractions if fraction is not None]
        return sum(known) / len(known) if known and len(known) == len(fractions) else None

    def __iter__(self) -> Iterator[Article]:
        return self

    def __next__(self) -> Article:
        article = next(self._articles, None)
        if article is None:
            if self._sources and not self._report.taken:
                names = ", ".join(source.name for source in self._sources)
                raise SourceUnreadable(f"{names}: no article could be taken{self._report.why()}")
            raise StopIteration
        self._report.take()
        return article

    def _chained(self) -> Iterator[Article]:
        for number, source in enumerate(self._sources):
            self._current = number
            yield from source.articles(self._report)


class _Remembering:
    """A reporter that passes everything on and knows what to say when nothing was taken."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._rejected = 0
        self._exact = True
        self._first = ""
        self.taken = 0

    def take(self) -> None:
        self.taken += 1
        self._report.take()

    def reject(self, rejected: Rejected) -> None:
        self._rejected += rejected.count
        self._exact = self._exact and rejected.exact
        self._first = self._first or str(rejected.error)
        self._report.reject(rejected)

    def warn(self, note: Note) -> None:
        self._report.warn(note)

    def why(self) -> str:
        least = "" if self._exact else "at least "
        if self._first and not self._rejected:
            return f"; {self._first}"
        return f"; {least}{self._rejected:,} rejected, the first: {self._first}" if self._first else ""
