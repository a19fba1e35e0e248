"""JSON Lines: one article a line, plain or gzip."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from semsearch.errors import ArticleInvalid
from semsearch.sources.files import decode
from semsearch.sources.protocol import MAX_RECORD_BYTES, Note, Rejected, Reporter
from semsearch.sources.record_source import Record, RecordSource

_CHUNK = 2**20
_FIRST_KEY = re.compile(r'\{\s*("(?:[^"\\]|\\.){0,200}")\s*:')
_STARTS_TRIED = 100  # in one broken line


class JsonLines(RecordSource):
    """The articles of a JSON Lines file; places are ``name:line``, lines counted from 1.

    A line that is broken is lost, but for whole objects that stand in it: several in a row, or one behind
    the rest of a line that was cut off.
    """

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        with self._file.open() as file:
            for line in self._lines(file, report):
                text, mended = decode(line.strip(b"\x00 \t\r\n"))
                if not text.strip():
                    continue
                if mended:
                    report.warn(Note(self.place, "", mended, _first_odd(line)))
                record = parse_strictly(text)
                if record is not None:
                    yield record, text
                else:
                    yield from self._mended(text, report, whole=line.endswith(b"\n"))

    def _mended(self, text: str, report: Reporter, *, whole: bool) -> Iterator[tuple[Record, str | None]]:
        """The objects of a line that is not one object; ``whole`` says that it has an end."""
        if objects := _objects_of(text):
            self._warn(report, "several objects in one line, or something around one; read one by one")
        else:
            found, mended = parse_record(text, self.place, report, exact=whole), text
            objects = [(found, mended)] if found is not None else []
            if found is None and (last := _last_object(text)):
                self._warn(report, "a whole object stands behind what is broken in this line; it is read")
                objects = [last]
        yield from objects

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


def parse_strictly(text: str) -> Record | None:
    """The object that a JSON text is; None where ``parse_record`` must look what else it is."""
    try:
        record = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def parse_record(
    text: str, place: str, report: Reporter, *, what: str = "line", where: str = "", exact: bool = True
) -> Record | None:
    """The object that a JSON text (a ``what`` of the file) is; what is none is rejected.

    Control characters in its texts, NaN and Infinity are mended.
    Where not ``exact``, it may stand for more; ``where`` says more of its place.
    """
    constants: list[str] = []
    try:
        record = _parse(text, place, constants, what, where=where)
    except ArticleInvalid as error:
        try:
            record = _parse(text.replace("\0", ""), place, constants, what, strict=False)
        except ArticleInvalid:
            report.reject(Rejected(place, error, text, exact=exact))
            return None
        report.warn(Note(place, "", "control characters in the JSON; read without them"))
    if constants:
        report.warn(Note(place, "", "NaN or Infinity is no JSON; read as nothing", constants[0]))
    return record


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _objects_of(text: str) -> list[tuple[Record, str | None]]:
    """The objects of a line that is nothing but several of them, or one with commas around."""
    found: list[tuple[Record, str | None]] = []
    decoder, at = json.JSONDecoder(parse_constant=lambda _: None), 0
    try:
        while at < len(text):
            if text[at] in ", \t\r\x00":
                at += 1
                continue
            record, end = decoder.raw_decode(text, at)
            if not isinstance(record, dict):
                return []
            if end - at == len(text):
                return []
            found.append((record, text[at:end]))
            at = end
    except (ValueError, RecursionError):
        return []
    return found


def _last_object(text: str) -> tuple[Record, str | None] | None:
    """The object at the end of a broken line, if it begins with the same name as the line itself."""
    first = _FIRST_KEY.match(text)
    if first is None:
        return None
    opening, at = re.compile(r"\{\s*" + re.escape(first[1]) + r"\s*:"), 1
    for _ in range(_STARTS_TRIED):
        match = opening.search(text, at)
        if match is None:
            return None
        if (record := parse_strictly(text[match.start() :])) is not None:
            return record, text[match.start() :]
        at = match.end()
    return None


def _parse(
    text: str, place: str, constants: list[str], what: str, *, strict: bool = True, where: str = ""
) -> Record:
    try:
        record = json.loads(text, parse_constant=constants.append, strict=strict)
    except json.JSONDecodeError as fault:
        near = text[max(0, fault.pos - 20) : fault.pos + 20]
        hint = "; ".join(filter(None, [f"{fault.msg} at column {fault.colno}", where]))
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
