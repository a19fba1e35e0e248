"""JSON Lines: one article a line, plain or gzip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import ArticleInvalid
from semsearch.sources.files import decode
from semsearch.sources.protocol import MAX_RECORD_BYTES, Note, Rejected, Reporter
from semsearch.sources.record_source import Record, RecordSource

_CHUNK = 2**20


class JsonLines(RecordSource):
    """The articles of a JSON Lines file; places are ``name:line``, lines counted from 1."""

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        with self._file.open() as file:
            for line in self._lines(file, report):
                text, mended = decode(line.strip(b"\x00 \t\r\n"))
                if not text.strip():
                    continue
                if mended:
                    report.warn(Note(self.place, "", mended, _first_odd(line)))
                record = parse_record(text, self.place, report)
                if record is not None:
                    yield record, text

    def _lines(self, file: BinaryIO, report: Reporter) -> Iterator[bytes]:
        while line := file.readline(MAX_RECORD_BYTES + 1):
            self._number += 1
            if len(line) <= MAX_RECORD_BYTES:
                yield line
                continue
            size = len(line)
            while line and not line.endswith(b"\n"):
                line = file.readline(_CHUNK)
                size += len(line)
            self._reject(
                report, f"the line is longer than {MAX_RECORD_BYTES:,} bytes", None,
                f"it has {size:,}; is the file JSON Lines, one article a line?",
            )  # fmt: skip


def parse_record(text: str, place: str, report: Reporter, *, what: str = "line") -> Record | None:
    """The object that a JSON text (a ``what`` of the file) is; what is none is rejected."""
    constants: list[str] = []
    try:
        record = _parse(text, place, constants, what)
    except ArticleInvalid as error:
        report.reject(Rejected(place, error, text))
        return None
    if constants:
        report.warn(Note(place, "", "NaN or Infinity is no JSON; read as nothing", constants[0]))
    return record


def _parse(text: str, place: str, constants: list[str], what: str) -> Record:
    try:
        record = json.loads(text, parse_constant=constants.append)
    except json.JSONDecodeError as fault:
        near = text[max(0, fault.pos - 20) : fault.pos + 20]
        hint = f"{fault.msg} at column {fault.colno}"
        raise ArticleInvalid("not valid JSON", place=place, value=near, hint=hint) from fault
    except (RecursionError, ValueError) as fault:
        hint = "nested too deeply" if isinstance(fault, RecursionError) else "a number has too many digits"
        raise ArticleInvalid("not usable JSON", place=place, value=text[:80], hint=hint) from fault
    if not isinstance(record, dict):
        kind = "a list" if isinstance(record, list) else "no object"
        hint = f'each {what} is one article like {{"id": "1", "title": "…", "body": "…"}}'
        raise ArticleInvalid(f"the {what} is {kind}", place=place, value=text[:80], hint=hint)
    return record


def _first_odd(line: bytes) -> str:
    """The surroundings of the first byte that is no UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError as fault:
        return repr(line[max(0, fault.start - 15) : fault.start + 15])[:80]
    return ""
