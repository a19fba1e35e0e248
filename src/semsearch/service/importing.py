"""Imports: the body of a request as a file of bounded size, then its lines into the index."""

from __future__ import annotations

import contextlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from semsearch.articles import Article
from semsearch.errors import InputError
from semsearch.service.errors import BodyTooLarge
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile
from semsearch.sources.jsonl import JsonLines
from semsearch.sources.protocol import Note, Rejected

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.service.background import Stop
    from semsearch.service.tasks import Record

MAX_LINES = 100_000
UNPACKED_TIMES = 10  # a gzip body may unpack to this many times the largest body; text packs 3 or 4 to 1
CHUNK = 64  # articles written at a time
_PIECE = 2**18
_GZIP_MAGIC = b"\x1f\x8b"


class Spooled:
    """Writes a body to a file as it comes, without gzip, and counts its lines; a context manager.

    Raises BodyTooLarge beyond ``most`` bytes, InputError for gzip that is damaged, for nothing
    at all, and for too many lines.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._most = most
        self._size = 0
        self._breaks = 0
        self._last = b"\n"
        self._unpack: zlib._Decompress | None = None

    def feed(self, data: bytes) -> None:
        """The next part, of any size but nothing."""
        if self._size == 0 and self._unpack is None and data[:2] == _GZIP_MAGIC:
            self._unpack = zlib.decompressobj(wbits=31)
        if self._unpack is None:
            self._write(data)
            return
        try:
            while data:
                if self._unpack.eof:  # gzip files may be joined
                    self._unpack = zlib.decompressobj(wbits=31)
                self._write(self._unpack.decompress(data, _PIECE))
                data = self._unpack.unused_data or self._unpack.unconsumed_tail
        except zlib.error as fault:
            raise InputError(f"the gzip data of the body is damaged ({fault}); send it again") from fault

    def lines(self) -> int:
        """How many lines there are; the body is complete."""
        if self._unpack is not None and not self._unpack.eof:
            raise InputError("the gzip data of the body is cut off; send it again")
        if self._size == 0:
            raise InputError("the body is empty; send JSON Lines, one article a line")
        self._file.flush()
        return self._breaks + (self._last != b"\n")

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._most:
            raise BodyTooLarge(f"{self._most:,} bytes unpacked")
        self._file.write(data)
        self._breaks += data.count(b"\n")
        self._last = data[-1:] or self._last
        if self._breaks > MAX_LINES:
            raise InputError(
                f"the body has more than {MAX_LINES:,} lines; send it in parts, or use semsearch articles add"
            )

    def __enter__(self) -> Spooled:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@dataclass
class Lines:
    """Hears what becomes of each line."""

    results: dict[int, dict[str, object]] = field(default_factory=dict)
    _notes: dict[int, list[str]] = field(default_factory=dict)

    def take(self) -> None:
        """A good article went on; its result comes when it is written."""

    def reject(self, rejected: Rejected) -> None:
        """A line that cannot be taken."""
        line = line_of(rejected.place)
        self._set(line, _id_of(rejected.raw), "rejected", None, str(rejected.error))

    def warn(self, note: Note) -> None:
        """Something of a line was mended or left out; that no line could be used, each line tells itself."""
        if note.unread:
            return
        self._notes.setdefault(line_of(note.place), []).append(str(note).removeprefix(f"{note.place}: "))

    def wrote(self, line: int, article_id: str, outcome: str, change: int) -> None:
        """An article was written, or need not be."""
        self._set(line, article_id, outcome, change or None, None)

    def drain(self) -> list[dict[str, object]]:
        """The results since the last call, in the order of their lines."""
        found = [self.results[line] for line in sorted(self.results)]
        self.results = {}
        return found

    def _set(
        self, line: int, article_id: str | None, outcome: str, change: int | None, error: str | None
    ) -> None:
        self.results[line] = {
            "line": line,
            "id": article_id,
            "outcome": outcome,
            "change": change,
            "error": error,
            "notes": self._notes.pop(line, []),
        }


def import_lines(engine: Engine, record: Record, total: int, stop: Stop) -> Mapping[str, object]:
    """Put the lines of a task's body into the index; a bad line never stops the others.

    What was written is durable chunk by chunk. Raises Stopped between two of them, and what the
    index raises.
    """
    fields = FieldMap(engine.settings.fields, dates=engine.settings.dates())
    source = JsonLines(InputFile(record.body, "line"), fields, tell_unknown=True)
    heard = Lines()
    counted: Counter[str] = Counter()
    change = 0
    chunk: list[tuple[int, Article]] = []

    def flush() -> None:
        nonlocal change
        if chunk:
            written = engine.add_articles([article for _, article in chunk])
            for (line, _), one in zip(chunk, written, strict=True):
                heard.wrote(line, one.article_id, one.outcome, one.change)
                change = max(change, one.change)
            chunk.clear()
        results = heard.drain()
        counted.update(str(result["outcome"]) for result in results)
        record.add_results(results)
        record.tell("write", counted.total(), total)

    for article in source.articles(heard):
        chunk.append((line_of(source.place), article))
        if len(chunk) == CHUNK:
            stop()
            flush()
    stop()
    flush()
    names = ("added", "updated", "unchanged", "stale", "rejected")
    return {"lines": total, **{name: counted[name] for name in names}, "change": change or None}


def line_of(place: str) -> int:
    """The number of a place such as ``line:12``; 1 for what is told of the body as a whole."""
    number = place.rpartition(":")[2]
    return int(number) if number.isdecimal() else 1


def _id_of(raw: str) -> str | None:
    with contextlib.suppress(ValueError, RecursionError):
        record = json.loads(raw)
        if isinstance(record, dict) and isinstance(record.get("id"), str | int):
            return str(record["id"])[:512]
    return None
