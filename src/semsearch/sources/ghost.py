"""A Ghost export (Settings, Export): its posts with their authors and tags, read piece by piece."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from semsearch.sources.files import encoding_of
from semsearch.sources.json_list import JsonList
from semsearch.sources.json_scanner import Scanner
from semsearch.sources.protocol import Reporter
from semsearch.sources.record_source import Record
from semsearch.sources.statuses import truth

_HEAD = 65_536
_TABLES = frozenset({"users", "tags", "posts_authors", "posts_tags", "posts_meta"})

Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row]]


class GhostExport(JsonList):
    """The posts of a Ghost export; places are ``name:number``.

    It is read twice: the names of authors and tags stand in tables that may come after the posts.
    """

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        with self._file.open_seekable() as file:
            with _Text(file) as scanner:
                tables, whole = _read_tables(scanner)
            if not whole:
                self._warn(
                    report,
                    "the export is cut off or broken; some posts may lack their author and tags, "
                    "and some may have been sent by email only",
                )
            names = _Names(tables)
            with _Text(file) as scanner:
                if not _go_to_posts(scanner):
                    self._number += 1
                    self._reject(report, "the export holds no posts", None, "export the site again")
                    return
                for post, text in self._list(scanner, report):
                    yield {**post, **names.of(post)}, text


class _Names:
    """The authors and tags of posts, and which are sent by mail alone, as an export keeps them in tables."""

    def __init__(self, tables: Tables) -> None:
        self._authors = _joined(tables, "posts_authors", "author_id", "users")
        self._tags = _joined(tables, "posts_tags", "tag_id", "tags")
        self._emails = {
            str(one.get("post_id")) for one in tables["posts_meta"] if truth(one.get("email_only"))
        }
        self._users = {str(one.get("id")): one for one in tables["users"]}

    def of(self, post: Record) -> dict[str, object]:
        """The fields that a post does not say itself."""
        key = str(post.get("id"))
        authors = self._authors.get(key) or [
            user for user in [self._users.get(str(post.get("author_id")))] if user is not None
        ]
        found: dict[str, object] = {"authors": authors, "tags": self._tags.get(key, [])}
        own = {name: value for name, value in found.items() if value and not post.get(name)}
        return {**own, "email_only": True} if key in self._emails else own


def _joined(tables: Tables, links: str, key: str, others: str) -> dict[str, list[Row]]:
    """By post, the rows of the other table in their order."""
    rows = {str(one.get("id")): one for one in tables[others]}
    found: dict[str, list[Row]] = {}
    for link in sorted(tables[links], key=_order):
        row = rows.get(str(link.get(key)))
        if row is not None:
            found.setdefault(str(link.get("post_id")), []).append(row)
    return found


def _order(link: Row) -> int:
    order = link.get("sort_order")
    return order if isinstance(order, int) else 0


def _read_tables(scanner: Scanner) -> tuple[Tables, bool]:
    """The small tables of the export, and whether all of it could be read."""
    tables: dict[str, list[Row]] = {name: [] for name in _TABLES}
    for name in _data(scanner):
        for text in _items(scanner):
            if text is None:
                return tables, False
            if name in _TABLES and isinstance(row := _loaded(text), dict):
                tables[name].append(row)
    return tables, scanner.peek() != ""


def _go_to_posts(scanner: Scanner) -> bool:
    """Stop behind the bracket that opens the list of posts."""
    for name in _data(scanner):
        if name == "posts" and scanner.peek() == "[":
            scanner.skip()
            return True
        if any(text is None for text in _items(scanner)):
            return False
    return False


def _data(scanner: Scanner) -> Iterator[str]:
    """The names of the tables under ``data``; who asks goes behind each table before the next."""
    is_inside = False
    while start := scanner.peek():
        if is_inside and start == "}":
            return
        if start != '"':
            scanner.skip()
            continue
        key = _loaded(scanner.value())
        if scanner.peek() == ":":
            scanner.skip()
        if is_inside:
            yield str(key)
        elif key == "data":
            is_inside = True
            if scanner.peek() == "{":
                scanner.skip()
        elif key != "db" and scanner.value() is None:
            return


def _items(scanner: Scanner) -> Iterator[str | None]:
    """The values of a list; of anything else none, but it is gone behind. None where it is cut off."""
    if (start := scanner.peek()) != "[":
        if not start or scanner.value() is None:
            yield None
        return
    scanner.skip()
    while (start := scanner.peek()) != "]":
        text = scanner.value() if start else None
        yield text
        if text is None:
            return
        if scanner.peek() == ",":
            scanner.skip()
    scanner.skip()


def _loaded(text: str | None) -> object:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None


class _Text:
    """A scanner over all of a file from its start; a context manager that leaves the file open."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        encoding = encoding_of(file.read(_HEAD))
        file.seek(0)
        self._text = io.TextIOWrapper(file, encoding, errors="replace")

    def __enter__(self) -> Scanner:
        return Scanner(self._text)

    def __exit__(self, *_: object) -> None:
        self._text.detach()
