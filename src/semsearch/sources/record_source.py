"""A file of records as a source: what formats with many articles a file have in common."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import READ_FAULTS, InputFile
from semsearch.sources.ghost_post import is_ghost_page, is_ghost_post, record_from_post
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import article_from_record
from semsearch.text.dates import orders_of

Record = Mapping[str, object]
_MOST_AHEAD = 20_000  # records that are looked at for dates that tell how others are meant
_MOST_CHARACTERS_AHEAD = 50_000_000


class RecordSource(ABC):
    """The articles of a file whose format gives one record after the other; places are ``name:number``.

    A format yields its records in ``_records`` and counts them in ``_number``; a record that cannot be
    an article costs only itself, damage in the file only what follows.
    """

    def __init__(
        self, file: InputFile, fields: FieldMap | None = None, *, tell_unknown: bool = False
    ) -> None:
        self._file = file
        self._tell_unknown = tell_unknown  # whether fields that are only kept are noted
        self._fields = fields or FieldMap()
        self._dates = DateColumns(self._fields.dates)
        self._number = 0

    @property
    def name(self) -> str:
        """The file as given."""
        return self._file.name

    @property
    def place(self) -> str:
        """File and line, or number, of the article that was given last."""
        return f"{self.name}:{self._number}"

    def fraction(self) -> float | None:
        """How much of the file was read."""
        return self._file.fraction()

    def articles(self, report: Reporter) -> Iterator[Article]:
        """The good articles; everything else is told to ``report``."""
        self._number = 0
        heard = _Heard(report)
        gave = False
        try:
            for record, raw in self._looking_ahead(self._records(heard)):
                article = self._read(record, raw, heard)
                if article is not None:
                    gave = True
                    yield article
        except READ_FAULTS as fault:
            self._number += 1
            problem = "the file cannot be read from here on"
            self._reject(heard, problem, str(fault), "copy the file again", exact=False)
        if heard.rejected and not gave:
            report.warn(Note(self.name, "", "no article could be taken from this file", unread=True))

    def _looking_ahead(
        self, records: Iterator[tuple[Record, str | None]]
    ) -> Iterator[tuple[Record, str | None]]:
        """The records; before the first date that can mean several days, those behind it are looked at."""
        self._dates = DateColumns(replace(self._fields.dates, serials=True))
        for record, raw in records:
            if not (_may_hold_dates(record) and self._dates.observe(self._fields.apply(record))):
                yield record, raw
                continue
            ahead, fault = self._read_ahead(records)
            ahead.insert(0, (self._number, record, raw))
            reached = self._number if len(ahead) == 1 else ahead[-1][0]
            self._dates.read_language(self._fields.apply(one) for _, one, _ in ahead)
            for number, one, its_raw in ahead:
                self._number = number
                yield one, its_raw
            self._number = reached
            if fault is not None:
                raise fault
            break
        yield from records

    def _read_ahead(
        self, records: Iterator[tuple[Record, str | None]]
    ) -> tuple[list[tuple[int, Record, str | None]], Exception | None]:
        """The next records with their numbers, their dates observed, and the fault at which reading ended."""
        ahead: list[tuple[int, Record, str | None]] = []
        size, begun = 0, self._number
        try:
            for record, raw in records:
                if _may_hold_dates(record):
                    self._dates.observe(self._fields.apply(record))
                ahead.append((self._number, record, raw))
                size += sum(len(value) for value in record.values() if isinstance(value, str)) + len(
                    raw or ""
                )
                if len(ahead) >= _MOST_AHEAD or size >= _MOST_CHARACTERS_AHEAD:
                    break
        except READ_FAULTS as fault:
            return ahead, fault
        finally:
            self._number = begun
        return ahead, None

    @abstractmethod
    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        """Each record with the text it was read from, or None where its JSON form says the same."""

    def _read(self, record: Record, raw: str | None, report: Reporter) -> Article | None:
        if is_ghost_post(record):
            if is_ghost_page(record):
                self._warn(report, "a page of Ghost, not a post; passed over")
                return None
            record = record_from_post(record)
        try:
            ours = self._fields.apply(record)
            if ours.get("id") is None:
                raise self._without_id(record)
            article, notes = article_from_record(
                ours, place=self.place, tell_unknown=self._tell_unknown, dates=self._dates
            )
        except ArticleInvalid as error:
            if raw is None:
                raw = json.dumps(record, ensure_ascii=False, default=str)
            report.reject(Rejected(self.place, error, raw))
            return None
        for note in notes:
            report.warn(note)
        return article

    def _without_id(self, record: Record) -> ArticleInvalid:
        given = self._fields.names().get("id")
        has = ", ".join(list(map(str, record))[:12])
        return ArticleInvalid(
            f"the id is missing (the field map calls it '{given}')" if given else "the id is missing",
            place=self.place, field="id",
            hint=f"the record has {has}; say in [fields] of semsearch.toml which of them is the id, "
            'like id = "url"',
        )  # fmt: skip

    def _reject(
        self,
        report: Reporter,
        problem: str,
        value: object,
        hint: str,
        raw: str = "",
        *,
        count: int = 1,
        exact: bool = True,
    ) -> None:
        """Tell of a record, or ``count`` of them, that could not even be read."""
        error = ArticleInvalid(problem, place=self.place, value=value, hint=hint)
        report.reject(Rejected(self.place, error, raw, count, exact))

    def _warn(self, report: Reporter, problem: str, value: str = "") -> None:
        report.warn(Note(self.place, "", problem, value))


def _may_hold_dates(record: Record) -> bool:
    """Whether a value can be a date whose order is open: what is cheap to see before names are mapped."""
    return any(
        isinstance(value, Mapping) or (isinstance(value, str) and len(value) <= 60 and orders_of(value))
        for value in record.values()
    )


class _Heard:
    """A reporter that passes everything on and knows whether anything was rejected."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self.rejected = False

    def take(self) -> None:
        self._report.take()

    def reject(self, rejected: Rejected) -> None:
        self.rejected = True
        self._report.reject(rejected)

    def warn(self, note: Note) -> None:
        self._report.warn(note)
