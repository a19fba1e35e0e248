"""A file or folder that is exported again and again, as a source like the live ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from semsearch.options import SourceOptions
from semsearch.sources.inherited import files_above
from semsearch.sources.opening import read_all
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.remote.making import habits_of, with_defaults
from semsearch.sources.remote.protocol import Got, Known, Listed, Reached, Step


class FileSource:
    """Reads ``path`` whole whenever a file in it has changed."""

    def __init__(self, options: SourceOptions) -> None:
        self._options = options

    @property
    def identity(self) -> str:
        """The path as given."""
        return f"file {self._options.path}"

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """All articles, unless no file has changed; with ``deletes``, what is missing in them is gone."""
        look = _look(Path(self._options.path), f"{self._options.date_order}{self._options.time_zone}")
        if look and known.cursor.get("look") == look:
            return
        heard = _Hearing(report)
        ids: set[str] = set()
        options = self._options
        path, kind = options.path, options.kind or None
        for article in read_all([path], kind, heard, options.fields, habits_of(options)):
            ids.add(article.id)
            yield Got(article.id, with_defaults(article, self._options))
        if self._options.deletes and not heard.lost:  # what was lost may be any article
            yield Listed(frozenset(ids))
        yield Reached({"look": look}, len(ids), len(ids))


class _Hearing:
    """A reporter that passes on and knows whether anything was lost; taking is told elsewhere."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self.lost = False

    def take(self) -> None:
        pass

    def reject(self, rejected: Rejected) -> None:
        self.lost = True
        self._report.reject(rejected)

    def warn(self, note: Note) -> None:
        self.lost = self.lost or note.lost > 0 or note.unread
        self._report.warn(note)


def _look(path: Path, habits: str) -> str:
    """A hash over names, sizes and times of all files, and how their dates are read: to tell changes."""
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    above = [found for found, _ in files_above(path.resolve())] if files else []
    seen = hashlib.blake2b(habits.encode(), digest_size=16)
    for file in (*files, *above):
        found = file.stat()
        seen.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return seen.hexdigest() if files else ""
