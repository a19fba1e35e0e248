"""A folder as one source: its files one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semsearch.articles import Article
from semsearch.sources.protocol import Note, Reporter, Source


class Folder:
    """The articles of the files of a folder, in the order of their names."""

    def __init__(self, name: str, sources: Sequence[Source], notes: Sequence[Note]) -> None:
        self._name = name
        self._sources = sources
        self._notes = notes  # what was passed over when the folder was opened
        self._current = 0

    @property
    def name(self) -> str:
        """The folder as given."""
        return self._name

    @property
    def place(self) -> str:
        """File and line of the article that was given last."""
        return self._sources[self._current].place

    def fraction(self) -> float | None:
        """How many of the files were read, and how much of this one."""
        current = self._sources[self._current].fraction() or 0.0
        return (self._current + current) / len(self._sources)

    def articles(self, report: Reporter) -> Iterator[Article]:
        """All good articles; files that were passed over are told first."""
        for note in self._notes:
            report.warn(note)
        for number, source in enumerate(self._sources):
            self._current = number
            yield from source.articles(report)
