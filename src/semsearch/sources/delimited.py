"""CSV and TSV: one article a row, the first row names the fields."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, cast

from semsearch.sources.fieldmap import FieldMap, usual_name
from semsearch.sources.files import HEAD_BYTES, READ_AS, InputFile, encoding_of
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Reporter
from semsearch.sources.record_source import Record, RecordSource
from semsearch.sources.table_rows import Dialect, Row, Rows

_DELIMITERS = ",;\t|"
_ROWS_TRIED = 50
_LINES_ABOVE = 9  # that may stand above the names of the columns
_SEP = re.compile(r'\ufeff?"?sep=(.)"?[;,\t |]*(?:\r\n|\r|\n)', re.I)
_LONGEST_LIST = 20_000  # characters of a cell that is looked at for a list
_LISTS = frozenset({"author", "authors", "tags", "section"})


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
            encoding = encoding_of(head)
            if encoding in READ_AS:
                self._number = 1
                self._warn(report, READ_AS[encoding])
            text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
            try:
                sample, delimiter = without_sep(head.decode(encoding, errors="replace").replace("\0", ""))
                if delimiter:  # Excel's own first line
                    text.readline()
                dialect = find_dialect(sample, self._delimiter or delimiter)
                rows = Rows(text, dialect, 2 if delimiter else 1)
                yield from self._rows(rows, report)
                if rows.nuls:
                    self._warn(report, "NUL bytes; left out", f"{rows.nuls:,}")
            finally:
                text.detach()

    def _rows(self, rows: Rows, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        header = self._header(rows, report)
        if header is None:
            return
        lists = [self._is_list(name) for name in header]
        rows.columns = len(header)
        rows.id_column = self._id_column(header)
        for row in rows:
            self._number = row.line
            cells = row.cells
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            while cells is not None and len(cells) > len(header) and not cells[-1].strip():
                cells.pop()  # delimiters at the end of every row
            if cells is None or len(cells) != len(header) or (row.at_end and row.problem):
                self._refuse(row, len(header), report)
                continue
            if [cell.strip() for cell in cells] == header:  # where exports were joined
                self._warn(report, "a row that repeats the names of the columns; skipped")
                continue
            if row.problem:
                self._warn(report, row.problem)
            if any("\ufffd" in cell for cell in cells):
                self._warn(report, "broken characters became U+FFFD")
            named = zip(header, cells, lists, strict=True)
            yield {name: _value(cell, many=many) for name, cell, many in named if cell.strip()}, None

    def _refuse(self, row: Row, columns: int, report: Reporter) -> None:
        """Tell of a row that is not as long as the first, or in which the file ends."""
        if row.at_end and row.problem:
            problem, value, hint = "the file ends within a cell of this row", None, "export it again"
        elif row.cells is None:
            problem, value, hint = "the row cannot be read", row.problem, "is a quote missing in it?"
        else:
            problem = "the row has another number of columns than the first row"
            value = str(len(row.cells))
            hint = f"the first row names {columns}; quote cells that hold delimiters or newlines"
        raw = row.text or json.dumps(row.cells, ensure_ascii=False)
        self._reject(report, problem, value, hint, raw, exact=not row.at_end)

    def _header(self, rows: Rows, report: Reporter) -> list[str] | None:
        """The names of the columns; None, said once for all rows, where none can be a title or a body.

        Lines above them, such as the title of a report, are passed over.
        """
        first: list[str] | None = None
        above = count = 0
        for row in rows:
            names = [name.strip().lstrip("\ufeff") for name in row.cells or []]
            while names and not names[-1]:
                names.pop()
            if not names:
                continue
            if above < _LINES_ABOVE and self._names_columns(names, first is None):
                self._number = row.line
                self._tell_header(names, above, report)
                return [name or f"column {number}" for number, name in enumerate(names, 1)]
            first = first or names
            above += 1
            count += 1
        self._number = 1
        self._reject(
            report, "no column is a title or a body", ", ".join(first or []),
            "the first row must name the columns; say which they are in [fields] of semsearch.toml, "
            'like title = "name of your column"', count=max(1, count - 1),
        )  # fmt: skip
        return None

    def _names_columns(self, names: list[str], is_first: bool) -> bool:
        """Whether a row names the columns: one is a title or a body; behind the first row, two are known."""
        given = set(self._fields.names().values())
        if not any(usual_name(name) in {"title", "body"} or name in given for name in names):
            return False
        return is_first or sum(usual_name(name) is not None or name in given for name in names) > 1

    def _tell_header(self, names: list[str], above: int, report: Reporter) -> None:
        if above:
            self._warn(report, "lines above the names of the columns; passed over", str(above))
        for name, count in Counter(names).items():
            if count > 1:
                self._warn(
                    report, "two columns have the same name; the last one that has a value was taken", name
                )

    def _id_column(self, header: list[str]) -> int | None:
        """The column that holds the ids, if one does."""
        given = self._fields.names().get("id")
        for number, name in enumerate(header):
            if name == given or (given is None and usual_name(name) == "id"):
                return number
        return None

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
    sample, delimiter = without_sep(sample)
    first = next(find_dialect(sample, delimiter).reader(sample.splitlines()[:1]), [])
    known = {usual_name(name) for name in first}
    return len(first) > 1 and not known.isdisjoint({"title", "body"}) and len(known - {None}) > 1


def without_sep(sample: str) -> tuple[str, str]:
    """The sample without the line ``sep=;`` that Excel reads and writes, and the delimiter that it names."""
    match = _SEP.match(sample)
    return (sample[match.end() :], match[1]) if match else (sample, "")


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
    known = [sum(usual_name(name) is not None for name in row) for row in rows[: _LINES_ABOVE + 1]]
    rows = rows[known.index(max(known)) :] if known else []  # from the names on
    if not rows or len(rows[0]) < 2:
        return (0.0, 0.0)
    same = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return (max(known) + same, float(len(rows[0])))


def _value(cell: str, *, many: bool) -> object:
    """What a cell holds: a text, a list where there may be one, what Excel keeps as ``="0012"``."""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    return _list(cell) if many else cell


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
