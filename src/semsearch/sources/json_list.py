"""JSON: a list of articles, an object that holds one, or objects one after the other; read piece by piece.

A record that is broken costs only itself: reading goes on where the next record begins as the others do.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from semsearch.sources.fieldmap import usual_name
from semsearch.sources.files import HEAD_BYTES, READ_AS, encoding_of
from semsearch.sources.json_scanner import Scanner
from semsearch.sources.jsonl import parse_record, parse_strictly
from semsearch.sources.protocol import MAX_RECORD_BYTES, Reporter
from semsearch.sources.record_source import Record, RecordSource

# A list under such a name is the articles, whatever else the object says of itself.
_LISTS = frozenset(
    {"articles", "items", "posts", "records", "documents", "docs", "stories", "entries", "results", "data"}
    | {"rows", "news", "hits", "pages"}
)
_WRAPPERS = frozenset({"data", "response", "result", "results", "hits", "feed", "channel", "export", "root"})
_OPEN_LIST = re.compile(r"\[\s*(?=[{\]])")
_OPENING = r'\{\s*"(?:[^"\\]|\\.){1,200}?"\s*:'
_FIRST_KEY = re.compile(r'\{\s*("(?:[^"\\]|\\.){1,200}?")\s*:')
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]]', re.S)
_CONTROL = re.compile(r'^"[^"\\]*[\x00-\x1f]')
_ALIKE = 0.5  # of the names of two records that are the same, where one may stand for the next
_MOST_LONG = 20  # broken records whose end is looked for as far as a record may be long
_USUAL_LENGTH = 2**16
_INDENTS = 3  # records whose indent is remembered


class JsonList(RecordSource):
    """The articles of a JSON file; places are ``name:number``, records counted from 1."""

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        with self._file.open() as file:
            stream = cast("io.BufferedReader", file)
            encoding = encoding_of(stream.peek(HEAD_BYTES))
            text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
            if encoding in READ_AS:
                self._warn(report, READ_AS[encoding])
            try:
                scanner = Scanner(text)
                yield from self._documents(scanner, report)
                if scanner.nuls:
                    self._warn(report, "NUL bytes; left out", f"{scanner.nuls:,}")
            finally:
                text.detach()

    def _documents(self, scanner: Scanner, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        """The records of all that stands in the file: as a rule one list, or one object."""
        shape = _Shape()
        while scanner.peek():
            line = scanner.line()
            shape.begin(scanner)
            alone = _alone_or_list(scanner)
            if alone is None:
                yield from self._list(scanner, report, shape)
                _leave(scanner)
                continue
            self._number += 1
            record = alone.record
            if alone.is_whole:
                shape.learn(record)
                if alone.is_mended:
                    self._warn(report, "control characters in the JSON; read without them")
                yield record, None
            else:
                problem, hint = (
                    "the object is broken or cut off",
                    f"it begins on line {line:,}; export it again",
                )
                self._reject(report, problem, None, hint, json.dumps(record, default=str), exact=False)
                if not shape.find(scanner):
                    return
            if scanner.peek() == "{":
                yield from self._list(scanner, report, shape, closing="")

    def _list(
        self, scanner: Scanner, report: Reporter, shape: _Shape | None = None, closing: str = "]"
    ) -> Iterator[tuple[Record, str | None]]:
        shape = shape or _Shape()
        while (start := scanner.peek()) != closing or not closing:
            if not start:
                if closing:
                    problem, hint = "the list is cut off", "the file ends before its last bracket"
                    self._reject(report, problem, None, f"{hint}; export it again", count=0, exact=False)
                return
            self._number += 1
            line = scanner.line()
            shape.begin(scanner)
            text = shape.value(scanner)
            record = parse_strictly(text) if text is not None else None
            if text is None:
                if not self._without_end(scanner, report, shape, line):
                    return
            elif record is None:
                record = self._broken(text, scanner, report, shape, line)
            if record is not None and text is not None:
                shape.learn(record, text)
                if "\ufffd" in text:
                    self._warn(report, "broken characters became U+FFFD")
                yield record, text
            if not self._go_on(scanner, report, shape, closing):
                return

    def _without_end(self, scanner: Scanner, report: Reporter, shape: _Shape, line: int) -> bool:
        """Tell of a record without an end; whether there is another record behind its beginning."""
        raw = scanner.ahead(_USUAL_LENGTH)
        shape.broken(scanner)
        scanner.skip()
        found = shape.find(scanner)
        self._reject(
            report, "the record is too long or has no end", None,
            f"it begins on line {line:,}; a quote or a bracket may be missing, or the file is cut off"
            + (f"; read on from line {scanner.line():,}" if found else ""),
            raw if not found else raw[: _end_of(raw, scanner)], exact=False,
        )  # fmt: skip
        return found

    def _broken(
        self, text: str, scanner: Scanner, report: Reporter, shape: _Shape, line: int
    ) -> Record | None:
        """What can be read of a record that is no JSON; the records that it swallowed come next."""
        where = f"it begins on line {line:,}"
        inside = shape.swallowed(text)
        if not inside:
            return parse_record(text, self.place, report, what="record", where=where)
        shape.broken(scanner)
        parse_record(text[:inside], self.place, report, what="record", where=where, exact=False)
        scanner.back(len(text) - inside)
        return None

    def _go_on(self, scanner: Scanner, report: Reporter, shape: _Shape, closing: str) -> bool:
        """Go to the next record, or to the end of the list; False where there is none to be found."""
        if (behind := scanner.peek()) == ",":
            scanner.skip()
        elif behind not in {"", "{", closing}:
            line = scanner.line()
            found = shape.find(scanner)
            self._reject(
                report, "something stands between two records", behind,
                f"on line {line:,}; a quote, a comma or a bracket may be missing or too many", exact=False,
            )  # fmt: skip
            return found
        return True


def _end_of(raw: str, scanner: Scanner) -> int:
    """How much of ``raw`` was lost: up to where the next record begins."""
    at = raw.find(scanner.ahead(200))
    return at if at > 0 else len(raw)


class _Shape:
    """What the records of a file have in common, by which the next one is found behind a broken one."""

    def __init__(self) -> None:
        self._names: frozenset[str] = frozenset()
        self._opening = re.compile(_OPENING)
        self._longest = 0
        self._damages = 0
        self._indents: set[str] = set()
        self._begun = 0

    def begin(self, scanner: Scanner) -> None:
        """Remember how far the first records are indented."""
        if self._begun < _INDENTS:
            self._begun += 1
            if (indent := scanner.indent()) is not None:
                self._indents.add(indent)

    def learn(self, record: Record, text: str = "") -> None:
        """Remember the names of the first good record, and how long records are."""
        self._longest = max(self._longest, len(text))
        if not self._names and record:
            self._names = frozenset(record)
            first = re.escape(json.dumps(next(iter(record)), ensure_ascii=False))
            self._opening = re.compile(r"\{\s*" + first + r"\s*:")

    def broken(self, scanner: Scanner) -> None:
        """Hear of a record without an end: after many, ends are not looked for so far away."""
        self._damages += 1
        if self._damages >= _MOST_LONG:
            scanner.most = max(_USUAL_LENGTH, 8 * self._longest)

    def value(self, scanner: Scanner) -> str | None:
        """The text of the record here, however long it is, unless another seems to begin within it."""
        text = scanner.value()
        if text is None and scanner.most < MAX_RECORD_BYTES:
            near = scanner.ahead(scanner.most)
            if not self._opening.search(near, 1):
                usual, scanner.most = scanner.most, MAX_RECORD_BYTES
                text = scanner.value()
                scanner.most = usual
        return text

    def fits(self, record: Record) -> bool:
        """Whether a record may be the next, and not a part of one."""
        if not self._names:
            return not {"title", "body"}.isdisjoint({usual_name(name) for name in record})
        same = len(self._names & record.keys())
        return same >= _ALIKE * max(len(self._names), len(record))

    def find(self, scanner: Scanner) -> bool:
        """Go to the next place from here on where a whole record begins."""
        while scanner.search(self._opening):
            if self._indents and scanner.indent() not in self._indents:
                scanner.skip()
                continue
            text = scanner.value()
            if text is None:
                self.broken(scanner)
            else:
                record = parse_strictly(text)
                scanner.back(len(text))
                if record is not None and self.fits(record):
                    return True
            scanner.skip()
        return False

    def swallowed(self, text: str) -> int:
        """Where in a broken record another begins that it swallowed, since a quote or a brace is missing.

        Such a one begins inside of what the quotes make a string, or directly inside of an object. 0: none.
        """
        opening = self._opening
        if not self._names and (first := _FIRST_KEY.match(text)):
            opening = re.compile(r"\{\s*" + re.escape(first[1]) + r"\s*:")
        open_ones: list[str] = []
        for token in _TOKEN.finditer(text):
            at = token.start()
            if token[0] in "}]":
                del open_ones[-1:]
                continue
            if token[0] in "{[":
                directly = open_ones[-1:] == ["{"] and text[max(0, at - 200) : at].rstrip()[-1:] != ":"
                open_ones.append(token[0])
            else:
                brace = token[0].rfind("{")
                directly, at = brace > 0, at + max(brace, 0)
            if directly and opening.match(text, at):
                return at
        return 0


@dataclass(frozen=True, slots=True)
class _Alone:
    """An object that is an article itself, as far as it could be read."""

    record: Record
    is_whole: bool
    is_mended: bool = False


def _alone_or_list(scanner: Scanner) -> _Alone | None:
    """Stop behind the bracket that opens the list of articles; an object without one is an article."""
    if scanner.peek() != "[":
        return _go_into(scanner)
    scanner.skip()
    return None


def _go_into(scanner: Scanner) -> _Alone | None:
    """The same for what is an object."""
    fields: dict[str, object] = {}
    is_article = is_mended = False
    depth, may_open = 0, True
    while start := scanner.peek():
        if start in "{},":
            if start == "{" and not may_open:
                scanner.release()
                return _Alone(fields, False)  # another begins where this one has no end
            scanner.skip()
            may_open = False
            depth += (start == "{") - (start == "}")
            if depth <= 0:
                scanner.release()
                return _Alone(fields, start == "}", is_mended)
            continue
        key = _loaded(scanner.value())
        if not isinstance(key, str) or scanner.peek() != ":":
            break
        scanner.skip()
        start = scanner.peek()
        name, ours = key.lower(), usual_name(key)
        if start == "[" and (name in _LISTS or not (is_article or ours)) and scanner.take(_OPEN_LIST):
            scanner.release()
            return None
        if start == "{" and name in _WRAPPERS:
            may_open = True
            continue
        scanner.hold()
        value = scanner.value()
        fields[key] = _loaded(value)
        is_mended = is_mended or (value is not None and _CONTROL.search(value) is not None)
        if value is None or (fields[key] is None and value != "null"):
            break
        is_article = is_article or ours in {"title", "body"}
    if fields:
        scanner.back_to_held()  # to the value after which nothing fits
    scanner.release()
    return _Alone(fields, False)


def _leave(scanner: Scanner) -> None:
    """Go behind what follows the list of articles, up to where another document begins."""
    if scanner.peek() == "]":
        scanner.skip()
    while (start := scanner.peek()) and start not in "{[":
        if start in "}],:":
            scanner.skip()
        elif scanner.value() is None:
            return
        if start == ":" and scanner.value() is None:
            scanner.skip()


def _loaded(text: str | None) -> object:
    try:
        return json.loads(text or "null", strict=False)
    except (ValueError, RecursionError):
        return None
