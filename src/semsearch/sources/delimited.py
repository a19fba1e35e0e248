"""CSV and TSV: one article a row, the first row names the fields."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from semsearch.sources.fieldmap import FieldMap, usual_name
from semsearch.sources.files import HEAD_BYTES, InputFile, encoding_of
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Reporter
from semsearch.sources.record_source import Record, RecordSource

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = ",;\t|"
_ROWS_TRIED = 50
_LONGEST_LIST = 20_000  # characters of a cell that is looked at for a list
_LISTS = frozenset({"author", "authors", "tags", "section"})


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are kept apart; quotes inside a cell are doubled, or follow a backslash."""

    delimiter: str
    backslash: bool = False

    def reader(self, lines: Iterator[str] | Sequence[str]) -> Reader:
        """The rows of the lines."""
        if self.backslash:
            return csv.reader(lines, delimiter=self.delimiter, doublequote=False, escapechar="\\")
        return csv.reader(lines, delimiter=self.delimiter)


class Delimited(RecordSource):
    """The articles of a CSV or TSV file; places are ``name:line``, the line on which the row begins."""

    def __init__(self, file: InputFile, fields: FieldMap | None = None, *, delimiter: str = "") -> None:
        super().__init__(file, fields)
        self._delimiter = delimiter

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        # A limit of the whole process: raised, never lowered.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_BODY_CHARACTERS + 1))
        with self._file.open() as file:
            stream = cast("io.BufferedReader", file)
            head = stream.peek(HEAD_BYTES)
            text = io.TextIOWrapper(stream, encoding_of(head), errors="replace", newline="")
            try:
                sample = head.decode(encoding_of(head), errors="replace")
                yield from self._rows(find_dialect(sample, self._delimiter).reader(text), report)
            finally:
                text.detach()

    def _rows(self, reader: Reader, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        header = self._header(reader, report)
        if header is None:
            return
        lists = [self._is_list(name) for name in header]
        while True:
            self._number = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                self._reject(report, "the row cannot be read", str(fault), "is a quote missing in it?")
                continue
            if not any(cell.strip() for cell in row):
                continue
            while len(row) > len(header) and not row[-1].strip():
                row.pop()  # delimiters at the end of every row
            if len(row) != len(header):
                self._reject(
                    report, "the row has another number of columns than the first row", len(row),
                    f"the first row names {len(header)}; quote cells that hold delimiters or newlines",
                    json.dumps(row, ensure_ascii=False),
                )  # fmt: skip
                continue
            if any("\ufffd" in cell for cell in row):
                self._warn(report, "broken characters became U+FFFD")
            cells = zip(header, row, lists, strict=True)
            yield {name: _list(cell) if many else cell for name, cell, many in cells if cell.strip()}, None

    def _header(self, reader: Reader, report: Reporter) -> list[str] | None:
        """The names of the columns; None, said once, where none can be a title or a body."""
        self._number = 1
        try:
            names = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        except csv.Error as fault:
            self._reject(report, "the first row cannot be read", str(fault), "is a quote missing in it?")
            return None
        while names and not names[-1]:
            names.pop()
        given = set(self._fields.names().values())
        if not any(usual_name(name) in {"title", "body"} or name in given for name in names):
            self._reject(
                report, "no column is a title or a body", ", ".join(names),
                "the first row must name the columns; say which they are in [fields] of semsearch.toml, "
                'like title = "name of your column"',
            )  # fmt: skip
            return None
        for name, count in Counter(names).items():
            if count > 1:
                self._warn(
                    report, "two columns have the same name; the last one that has a value was taken", name
                )
        return [name or f"column {number}" for number, name in enumerate(names, 1)]

    def _is_list(self, name: str) -> bool:
        ours = {usual_name(name), *(one for one, theirs in self._fields.names().items() if theirs == name)}
        return not _LISTS.isdisjoint(ours)


def find_dialect(sample: str, delimiter: str = "") -> Dialect:
    """The dialect under which the first rows say most: known names in the first, and rows of its length."""
    backslash = '\\"' in sample and '""' not in sample.replace(',""', "")
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1 and not sample.endswith("\n"):
        lines.pop()  # cut off
    candidates = [Dialect(one, backslash) for one in delimiter or _DELIMITERS]
    return max(candidates, key=lambda dialect: _score(dialect, lines))


def looks_delimited(sample: str) -> bool:
    """Whether a text without a telling name is CSV or TSV: its first row names a title or body, and more."""
    first = next(find_dialect(sample).reader(sample.splitlines()[:1]), [])
    known = {usual_name(name) for name in first}
    return len(first) > 1 and not known.isdisjoint({"title", "body"}) and len(known - {None}) > 1


def _score(dialect: Dialect, lines: Sequence[str]) -> tuple[float, float]:
    rows: list[list[str]] = []
    reader = dialect.reader(lines)
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) > _ROWS_TRIED:
                break
    except csv.Error:
        return (0.0, 0.0)
    if not rows or len(rows[0]) < 2:
        return (0.0, 0.0)
    known = sum(usual_name(name) is not None for name in rows[0])
    same = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return (known + same, float(len(rows[0])))


def _list(cell: str) -> object:
    """A list where the cell is one in JSON or as Python prints it; otherwise the text."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _LONGEST_LIST):
        return cell
    found: Any = None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return cell
    return found if isinstance(found, list) else cell
