"""JSON Lines: one article a line, plain or gzip."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.files import READ_FAULTS, InputFile, decode
from semsearch.sources.protocol import MAX_RECORD_BYTES, Note, Rejected, Reporter
from semsearch.sources.records import article_from_record

_CHUNK = 2**20


class JsonLines:
    """The articles of a JSON Lines file; places are ``name:line``, lines counted from 1."""

    def __init__(self, file: InputFile) -> None:
        self._file = file
        self._line = 0

    @property
    def name(self) -> str:
        """The file as given."""
        return self._file.name

    @property
    def place(self) -> str:
        """File and line of the article that was given last."""
        return f"{self.name}:{self._line}"

    def fraction(self) -> float | None:
        """How much of the file was read."""
        return self._file.fraction()

    def articles(self, report: Reporter) -> Iterator[Article]:
        """The good articles; a broken line costs only itself, damage in the file only what follows."""
        self._line = 0
        try:
            with self._file.open() as file:
                for line in self._lines(file, report):
                    article = self._read(line, report)
                    if article is not None:
                        yield article
        except READ_FAULTS as fault:
            self._line += 1
            self._reject(report, "the file cannot be read from here on", str(fault), "copy the file again")

    def _lines(self, file: BinaryIO, report: Reporter) -> Iterator[bytes]:
        while line := file.readline(MAX_RECORD_BYTES + 1):
            self._line += 1
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

    def _read(self, line: bytes, report: Reporter) -> Article | None:
        text, mended = decode(line.strip(b"\x00 \t\r\n"))
        if not text.strip():
            return None
        if mended:
            report.warn(Note(self.place, "", mended, _first_odd(line)))
        try:
            record = self._parse(text, report)
            article, notes = article_from_record(record, place=self.place)
        except ArticleInvalid as error:
            report.reject(Rejected(self.place, error, text))
            return None
        for note in notes:
            report.warn(note)
        return article

    def _parse(self, text: str, report: Reporter) -> Mapping[str, object]:
        constants: list[str] = []
        try:
            record = json.loads(text, parse_constant=constants.append)
        except json.JSONDecodeError as fault:
            near = text[max(0, fault.pos - 20) : fault.pos + 20]
            hint = f"{fault.msg} at column {fault.colno}"
            raise ArticleInvalid("not valid JSON", place=self.place, value=near, hint=hint) from fault
        except (RecursionError, ValueError) as fault:
            hint = (
                "nested too deeply" if isinstance(fault, RecursionError) else "a number has too many digits"
            )
            raise ArticleInvalid("not usable JSON", place=self.place, value=text[:80], hint=hint) from fault
        if constants:
            report.warn(Note(self.place, "", "NaN or Infinity is no JSON; read as nothing", constants[0]))
        if not isinstance(record, dict):
            kind = "a list" if isinstance(record, list) else "no object"
            hint = 'each line is one article like {"id": "1", "title": "…", "body": "…"}'
            raise ArticleInvalid(f"the line is {kind}", place=self.place, value=text[:80], hint=hint)
        return record

    def _reject(self, report: Reporter, problem: str, value: object, hint: str) -> None:
        error = ArticleInvalid(problem, place=self.place, value=value, hint=hint)
        report.reject(Rejected(self.place, error, ""))


def _first_odd(line: bytes) -> str:
    """The surroundings of the first byte that is no UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError as fault:
        return repr(line[max(0, fault.start - 15) : fault.start + 15])[:80]
    return ""
