"""A folder or an archive as one source: its files one after the other, each web page once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from semsearch.articles import Article
from semsearch.sources.html_source import HtmlPage
from semsearch.sources.protocol import Note, Reporter, Source
from semsearch.text import same_page_key


class Folder:
    """The articles of the files of a folder, in the order of their names.

    HTML pages with the same canonical address are one article: the first that is no AMP page is kept.
    """

    def __init__(self, name: str, sources: Sequence[Source], notes: Sequence[Note]) -> None:
        self._name = name
        self._sources = sources
        self._notes = notes  # what was passed over when the folder was opened
        self._current = 0
        self._done = 0

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
        if self._done == len(self._sources):
            return 1.0
        return min(1.0, (self._done + (self._sources[self._done].fraction() or 0.0)) / len(self._sources))

    def articles(self, report: Reporter) -> Iterator[Article]:
        """All good articles; files that were passed over are told first."""
        for note in self._notes:
            report.warn(note)
        twins = _Twins()
        for number, source in enumerate(self._sources):
            self._current = self._done = number
            for article in source.articles(report):
                if twins.take(article, source, number, report):
                    yield article
        self._done = len(self._sources)
        for number in twins.alone():  # AMP pages whose other form is not in the folder
            self._current = number
            yield from self._sources[number].articles(_Silent())


class _Twins:
    """Knows which pages were given, by their address."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._put_off: dict[str, tuple[int, str]] = {}  # number and place of AMP pages

    def take(self, article: Article, source: Source, number: int, report: Reporter) -> bool:
        """Whether the article goes on now: not if it is AMP or another form of one that was given."""
        if not isinstance(source, HtmlPage) or article.url is None:
            return True
        key = same_page_key(article.url)
        if key in self._given or (source.is_amp and key in self._put_off):
            what = "another form of a page in this folder, by its canonical address; left out"
            report.warn(Note(source.place, "url", what, article.url[:80]))
            return False
        if source.is_amp:
            self._put_off[key] = number, source.place
            return False
        if key in self._put_off:
            what = "the AMP form of a page in this folder; left out"
            report.warn(Note(self._put_off.pop(key)[1], "url", what, article.url[:80]))
        self._given.add(key)
        return True

    def alone(self) -> Sequence[int]:
        """The AMP pages that nothing else stood for, in their order."""
        return sorted(number for number, _ in self._put_off.values())


class _Silent:
    """A reporter for a second reading: all was told at the first."""

    def take(self) -> None:
        pass

    def reject(self, rejected: object) -> None:
        pass

    def warn(self, note: Note) -> None:
        pass
