"""A file that is one article as a source: what pages of text, HTML and Markdown have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import READ_FAULTS, InputFile
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import article_from_record


class PageSource(ABC):
    """One page as an article; its id is what the page says, or else its path in the folder given.

    A format turns the bytes into a record in ``_record``; None stands for a page that is no article,
    of which it has told the reporter.
    """

    most_bytes: int

    def __init__(self, file: InputFile, article_id: str, fields: FieldMap | None = None) -> None:
        self._file = file
        self._id = article_id
        self._fields = fields or FieldMap()

    @property
    def name(self) -> str:
        """The file as given."""
        return self._file.name

    @property
    def place(self) -> str:
        """The file itself."""
        return self._file.name

    def fraction(self) -> float | None:
        """How much of the file was read."""
        return self._file.fraction()

    def articles(self, report: Reporter) -> Iterator[Article]:
        """The page, if it is an article."""
        raw = b""
        try:
            raw = self._bytes()
            found = self._record(raw, report)
            if found is None:
                return
            record = self._fields.apply(found)
            if not record.get("id") and self._id:
                record["id"] = self._id
            dates = DateColumns(self._fields.dates)
            article, notes = article_from_record(record, place=self.place, dates=dates)
        except ArticleInvalid as error:
            report.reject(Rejected(self.place, error, raw.decode("utf-8", errors="replace")))
            return
        for note in notes:
            report.warn(note)
        yield article

    @abstractmethod
    def _record(self, raw: bytes, report: Reporter) -> Mapping[str, object] | None:
        """The record of the page; raises ArticleInvalid for what is no page of this format."""

    def _bytes(self) -> bytes:
        try:
            with self._file.open() as file:
                raw = file.read(self.most_bytes + 1)
        except READ_FAULTS as fault:
            raise ArticleInvalid(
                "the file cannot be read", place=self.place, value=str(fault), hint="copy the file again"
            ) from fault
        if len(raw) > self.most_bytes:
            raise ArticleInvalid(
                f"the page is longer than {self.most_bytes:,} bytes",
                place=self.place, hint="cut it into articles",
            )  # fmt: skip
        return raw

    def _warn(self, report: Reporter, problem: str, value: str = "") -> None:
        report.warn(Note(self.place, "", problem, value))
