"""The rows of a table with its lines: strictly while they are well-formed, and behind each that is not.

A quote that is never closed makes what follows a part of its cell, up to the next quote. So a row that is
not well-formed, or that holds whole rows in a cell, ends where a line begins as rows do.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, tee
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

_MOST_LINES = 100_000  # that a row which is not well-formed may have
_MOST_CHARACTERS = 10_000_000
_LINES_LOOKED_AT = 50  # whether they are a whole row with stray quotes
_MANY_COLUMNS = 4
_SHAPES = 200  # of ids that are remembered
_DIGITS = re.compile(r"[0-9]+")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are kept apart; quotes inside a cell are doubled, or follow a backslash."""

    delimiter: str
    backslash: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Reader:
        """The rows of the lines."""
        if self.backslash:
            return csv.reader(
                lines, delimiter=self.delimiter, doublequote=False, escapechar="\\", strict=strict
            )
        return csv.reader(lines, delimiter=self.delimiter, strict=strict)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row and the line on which it begins.

    ``problem`` says what was wrong with it, and ``cells`` is None where it cannot be read at all; ``at_end``
    says that the file ends within it.
    """

    cells: list[str] | None
    line: int
    problem: str = ""
    at_end: bool = False
    text: str = ""


class Rows:
    """An iterator over the rows of a text; ``columns`` is set when the first row has named them.

    ``id_column`` is the number of the column that holds ids, where there is one: what ids look like tells
    where rows begin. ``nuls`` counts NUL characters, which are left out.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect, line: int = 1) -> None:
        self._lines = iter(lines)
        self._dialect = dialect
        self._again: deque[str] = deque()
        self._next = line
        self._shapes: set[str] = set()
        self.columns = 0
        self.id_column: int | None = None
        self.nuls = 0
        self._begin()

    def _begin(self) -> None:
        """Read on strictly; the lines of each row can be had of ``_copies`` once it was read."""
        given, self._copies = tee(self._given())
        self._reader = self._dialect.reader(given, strict=True)
        self._count = 0

    def _given(self) -> Iterator[str]:
        """The lines one after the other, those first that are read again."""
        while self._again:
            yield self._again.popleft()
        yield from chain(self._lines)  # which a generator that is left does not close, as it would a file

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        begin = self._next
        try:
            cells = next(self._reader)
        except csv.Error as fault:
            return self._recovered(begin, self._taken(), str(fault))
        lines = self._taken()
        if len(lines) > 1 and self.columns and self._holds_rows(lines, cells):
            return self._recovered(begin, lines, "a cell holds whole rows")
        if any("\0" in cell for cell in cells):
            cells = [self._without_nuls(cell) for cell in cells]
        if self.id_column is not None and len(cells) == self.columns and len(self._shapes) < _SHAPES:
            self._shapes.add(_shape(cells[self.id_column]))
        return Row(cells, begin, at_end=not lines[-1].endswith(("\n", "\r")))

    def _taken(self) -> list[str]:
        """The lines that the reader took for the row that it gave last."""
        count = self._reader.line_num - self._count
        self._count += count
        self._next += count
        return list(islice(self._copies, count))

    def _without_nuls(self, text: str) -> str:
        self.nuls += text.count("\0")
        return text.replace("\0", "")

    def _holds_rows(self, taken: Sequence[str], cells: Sequence[str]) -> bool:
        """Whether all lines of a row but its first look like rows: a cell was not closed where it should."""
        if self.id_column is None or len(cells) != self.columns:
            return False
        if self.columns < _MANY_COLUMNS and self._dialect.delimiter == ",":  # as verses and results have it
            return False
        lines = (line for line in taken[1:] if line.strip())
        known = {_shape(cells[self.id_column])}
        first = next(lines, None)
        if first is None or not self._begins_row(first, known, whole=True):
            return False
        return all(self._begins_row(line, known, whole=True) for line in lines)

    def _begins_row(self, line: str, shapes: set[str], *, whole: bool = False) -> bool:
        """Whether a row begins with this line: it is a row, or the part of one up to a cell that goes on.

        Its id, if it has any, looks like those of others.
        """
        if self._dialect.delimiter not in line:
            return False
        cells = self._split(line)
        if len(cells) != self.columns and (whole or not _is_open(line, self._dialect)):
            return False
        if self.id_column is None:
            return len(cells) == self.columns
        if len(cells) <= self.id_column:
            return False
        return bool(cells[self.id_column].strip()) and _shape(cells[self.id_column]) in shapes

    def _recovered(self, begin: int, lines: list[str], fault: str) -> Row:
        """The row from ``begin`` to where the next begins; what was read behind it is read again."""
        lines = [self._without_nuls(line) for line in lines]
        shapes = set(self._shapes)
        if self.id_column is not None and lines:
            first = self._split(lines[0])
            if len(first) > self.id_column:
                shapes.add(_shape(first[self.id_column]))
        end, at_end = self._end_of(lines, shapes)
        self._again.extendleft(reversed(lines[end:]))
        self._next = begin + end
        self._begin()
        text = "".join(lines[:end]).rstrip("\r\n")
        cells = self._mended(text)
        if cells is None:
            return Row(None, begin, fault, at_end, text)
        unclosed = _is_open(text, self._dialect)
        problem = (
            "a quote that is never closed; the row was read up to where the next begins"
            if unclosed
            else "quotes inside of a cell are not doubled; they were read as they stand"
        )
        return Row(cells, begin, problem, at_end and unclosed, text)

    def _end_of(self, lines: list[str], shapes: set[str]) -> tuple[int, bool]:
        """How many of ``lines`` are the row, reading on where they are too few; whether the file ends."""
        number, size = 1, 0
        while number < _MOST_LINES and size < _MOST_CHARACTERS:
            if number == len(lines):
                line = self._again.popleft() if self._again else next(self._lines, None)
                if line is None:
                    return number, True
                lines.append(self._without_nuls(line))
            if self._begins_row(lines[number], shapes):
                return number, False
            if number <= _LINES_LOOKED_AT and self._is_whole("".join(lines[:number])):
                return number, False
            size += len(lines[number])
            number += 1
        return 1, False

    def _is_whole(self, text: str) -> bool:
        return not _is_open(text, self._dialect) and self._mended(text) is not None

    def _mended(self, text: str) -> list[str] | None:
        """The cells of a row with stray quotes, if there are as many as columns."""
        for cells in (self._split(text), self._split(text, lax=True), self._plain(text)):
            if len(cells) == (self.columns or len(cells)):
                return cells
        return None

    def _split(self, text: str, *, lax: bool = False) -> list[str]:
        """The cells, where only a quote before a delimiter or at the end closes a cell.

        With ``lax`` that may be the second of two.
        """
        delimiter, cells, at = self._dialect.delimiter, [], 0
        text = text.rstrip("\r\n")
        if self._dialect.backslash:
            text = text.replace('\\"', '""')
        while True:
            if text.startswith('"', at):
                end = _closing(text, at + 1, delimiter, lax=lax)
                cells.append(text[at + 1 : end].replace('""', '"'))
                at = end + 1
            else:
                end = text.find(delimiter, at)
                end = len(text) if end < 0 else end
                cells.append(text[at:end])
                at = end
            if at >= len(text):
                return cells
            at += 1

    def _plain(self, text: str) -> list[str]:
        """The cells between all delimiters, without quotes around them."""
        cells = [cell.strip() for cell in text.split(self._dialect.delimiter)]
        return [_bare(cell) for cell in cells]


def _bare(cell: str) -> str:
    """A cell without the quotes around it, or the one that opens it and is never closed."""
    if cell.startswith('"') and (cell.count('"') == 1 or (cell.endswith('"') and len(cell) > 1)):
        return cell.strip('"') if cell.count('"') == 1 else cell[1:-1]
    return cell


def _closing(text: str, at: int, delimiter: str, *, lax: bool = False) -> int:
    """Where the quote is that closes a cell: before a delimiter, or at the end; the end if there is none."""
    while (found := text.find('"', at)) >= 0:
        if text.startswith('""', found) and not (lax and text[found + 2 : found + 3] in {"", delimiter}):
            at = found + 2
            continue
        if found + 1 == len(text) or text.startswith(delimiter, found + 1):
            return found
        at = found + 1
    return len(text)


def _is_open(text: str, dialect: Dialect) -> bool:
    """Whether a cell begins in this text that does not end in it."""
    text = text.rstrip("\r\n")
    at = 0
    while at < len(text):
        if text.startswith('"', at):
            at = _closing(text, at + 1, dialect.delimiter)
            if at >= len(text):
                return True
            at += 1
        else:
            at = text.find(dialect.delimiter, at)
            if at < 0:
                return False
        at += 1
    return False


def _shape(text: str) -> str:
    """What an id looks like, whatever its digits and letters are."""
    return _LETTERS.sub("a", _DIGITS.sub("0", text.strip()[:200]))
