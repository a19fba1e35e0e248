"""JSON: a list of articles, an object that holds one, or one article; read piece by piece."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import TextIO, cast

from semsearch.sources.fieldmap import usual_name
from semsearch.sources.files import HEAD_BYTES, encoding_of
from semsearch.sources.jsonl import parse_record
from semsearch.sources.protocol import MAX_RECORD_BYTES, Reporter
from semsearch.sources.record_source import Record, RecordSource

_CHUNK = 2**18
# A list under such a name is the articles, whatever else the object says of itself.
_LISTS = frozenset(
    {"articles", "items", "posts", "records", "documents", "docs", "stories", "entries", "results", "data"}
    | {"rows", "news", "hits", "pages"}
)
_WRAPPERS = frozenset({"data", "response", "result", "results", "hits", "feed", "channel", "export", "root"})
# A string without its end matches up to the end of the buffer, with nothing in the group.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.S)
_SCALAR = re.compile(r"[^,\]}\s]*+")
_OPEN_LIST = re.compile(r"\[\s*(?=[{\]])")
_BLANK = re.compile(r"\s*+")


class JsonList(RecordSource):
    """The articles of a JSON file; places are ``name:number``, records counted from 1."""

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        with self._file.open() as file:
            stream = cast("io.BufferedReader", file)
            text = io.TextIOWrapper(stream, encoding_of(stream.peek(HEAD_BYTES)), errors="replace")
            try:
                scanner = Scanner(text)
                alone = _go_to_list(scanner)
                if alone is not None:
                    self._number = 1
                    yield alone, None
                else:
                    yield from self._list(scanner, report)
            finally:
                text.detach()

    def _list(self, scanner: Scanner, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        while (start := scanner.peek()) != "]":
            self._number += 1
            if not start:
                self._reject(report, "the list is cut off", None, "the file ends before its last bracket")
                return
            text = scanner.value()
            if text is None:
                self._reject(
                    report, f"the record is longer than {MAX_RECORD_BYTES:,} characters, or has no end",
                    None, "a quote or a bracket may be missing in it",
                )  # fmt: skip
            else:
                record = parse_record(text, self.place, report, what="record")
                if record is not None:
                    if "\ufffd" in text:
                        self._warn(report, "broken characters became U+FFFD")
                    yield record, text
            if scanner.peek() == ",":
                scanner.skip()


def _go_to_list(scanner: Scanner) -> Record | None:
    """Stop behind the bracket that opens the list of articles; an object without one is an article."""
    if scanner.peek() == "[":
        scanner.skip()
        return None
    fields: dict[str, object] = {}
    is_article = False
    while start := scanner.peek():
        if start in "{},":
            scanner.skip()
            continue
        key = _loaded(scanner.value())
        if not isinstance(key, str):
            break
        if scanner.peek() == ":":
            scanner.skip()
        start = scanner.peek()
        name, ours = key.lower(), usual_name(key)
        if start == "[" and (name in _LISTS or not (is_article or ours)) and scanner.take(_OPEN_LIST):
            return None
        if start == "{" and name in _WRAPPERS:
            continue
        fields[key] = _loaded(scanner.value())
        is_article = is_article or ours in {"title", "body"}
    return fields


def _loaded(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


class Scanner:
    """Cuts a JSON text into values without reading all of it; every character is looked at once or twice."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go behind the character that ``peek`` told."""
        self._at += 1

    def take(self, pattern: re.Pattern[str]) -> bool:
        """Go behind what matches here, if it does; a match is at most a few characters and blanks."""
        while len(self._buffer) - self._at < 1_000 and self._more():
            pass
        match = pattern.match(self._buffer, self._at)
        if match is None:
            return False
        self._at = match.end()
        return True

    def value(self) -> str | None:
        """The text of the value here: whole brackets, a string, a scalar; None if too long or cut off."""
        start = self.peek()
        if start in set('{["'):
            return self._nested()
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            end = match.end() if match else self._at
            if end < len(self._buffer) or not self._more():
                break
        text, self._at = self._buffer[self._at : end], max(end, self._at + 1)
        return text

    def _nested(self) -> str | None:
        depth, dropped, position = 0, False, self._at
        while True:
            token = _TOKEN.search(self._buffer, position)
            if token is None or token[1] == "":
                position = len(self._buffer) if token is None else token.start()
                if position - self._at > MAX_RECORD_BYTES:  # too long to be kept, but its end is looked for
                    dropped, self._at = True, position
                before = self._at
                if not self._more() or len(self._buffer) - position > MAX_RECORD_BYTES * 2:
                    self._at = len(self._buffer)
                    return None
                position -= before
                continue
            position = token.end()
            if token[1] is None:
                depth += 1 if token[0] in "{[" else -1
            if depth == 0:
                text, self._at = self._buffer[self._at : position], position
                return None if dropped else text

    def _more(self) -> bool:
        """Read as much again as is held, so that a long value is looked at a bounded number of times."""
        held = self._buffer[self._at :]
        part = self._stream.read(max(_CHUNK, len(held)))
        self._buffer, self._at = held + part, 0
        return bool(part)
