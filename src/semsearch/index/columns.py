"""What filters, facets and dates need of every article, in memory as columns over row numbers.

Columns only grow: a snapshot remembers how many rows it may see and which of them are alive, so one
writer can append while readers of older snapshots go on.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.articles import FACET_FIELDS, Article, FacetField, Filter
from semsearch.errors import IndexCorrupt
from semsearch.index.files import storage_errors
from semsearch.index.protocol import IndexCounts, Rows
from semsearch.index.store_schema import from_micros
from semsearch.options import VisibilityOptions

Mask = npt.NDArray[np.bool_]


class GrowingArray:
    """An array that is appended to in place; views of its first n items stay valid for ever."""

    def __init__(self, initial: npt.NDArray[Any]) -> None:
        self._data = initial
        self._size = len(initial)

    def append(self, values: Sequence[Any] | npt.NDArray[Any]) -> None:
        """Append values; the buffer doubles when it is full, older views keep the old one."""
        needed = self._size + len(values)
        if needed > len(self._data):
            grown = np.empty(max(needed, 2 * len(self._data), 64), self._data.dtype)
            grown[: self._size] = self._data[: self._size]
            self._data = grown
        self._data[self._size : needed] = values
        self._size = needed

    def view(self, size: int | None = None) -> npt.NDArray[Any]:
        """The first ``size`` items (all, if None), without a copy."""
        return self._data[: self._size if size is None else size]

    def __len__(self) -> int:
        return self._size


class ValueColumn:
    """One field with no, one or many text values a row; values are compared without case and blanks.

    Of the spellings of one value, ``labels`` has the one that most rows have.
    """

    def __init__(
        self, labels: Sequence[str] = (), codes: Rows | None = None, rows: Rows | None = None
    ) -> None:
        empty = np.empty(0, np.int64)
        self.labels = list(labels)
        self._code_of = {_key(label): code for code, label in enumerate(self.labels)}
        self._spellings: dict[int, Counter[str]] = {}  # of values that came in more than one
        self._places = empty
        self.codes = GrowingArray(empty if codes is None else codes)
        self.rows = GrowingArray(empty if rows is None else rows)

    def append(self, row: int, values: Iterable[str]) -> None:
        """Add the values of one row, each once."""
        codes = []
        for value in values:
            key = _key(value)
            code = self._code_of.get(key)
            if code is None:
                code = len(self.labels)
                self.labels.append(value)
                self._code_of[key] = code
            if code not in codes:
                codes.append(code)
            if code in self._spellings or value != self.labels[code]:
                self._count_spelling(code, value)
        self.rows.append([row] * len(codes))  # rows first: a reader cuts both at the shorter one
        self.codes.append(codes)

    def _count_spelling(self, code: int, value: str) -> None:
        """Count one more row with a spelling, and show the one that is the most frequent."""
        label = self.labels[code]
        if code not in self._spellings:
            self._spellings[code] = Counter({label: int(np.count_nonzero(self.codes.view() == code))})
        spellings = self._spellings[code]
        spellings[value] += 1
        if spellings[value] > spellings[label]:
            self.labels[code] = value
            self._places = np.empty(0, np.int64)

    def mask(self, wanted: Sequence[str], rows: int) -> Mask:
        """Which of the first ``rows`` rows have any of the wanted values."""
        found = np.zeros(rows, np.bool_)
        codes = [code for value in wanted if (code := self._code_of.get(_key(value))) is not None]
        if codes:
            row_of, code_of = self._pairs(rows)
            found[row_of[np.isin(code_of, codes)]] = True
        return found

    def counts(self, selected: Mask) -> dict[str, int]:
        """How many selected rows have each value; most frequent first, ties by name."""
        counted = self.count_codes(selected)
        held = np.flatnonzero(counted)
        best = held[np.lexsort((self._in_order()[held], -counted[held]))]
        return {
            self.labels[code]: count
            for code, count in zip(best.tolist(), counted[best].tolist(), strict=True)
        }

    def count_codes(self, selected: Mask) -> Rows:
        """How many selected rows have each value, by its place in ``labels``; rare last ones may lack."""
        row_of, code_of = self._pairs(len(selected))
        counted: Rows = np.bincount(code_of[selected[row_of]], minlength=1)
        return counted

    def _in_order(self) -> Rows:
        """The place of each value in the order of names; made anew where values came."""
        places = self._places
        if len(places) < len(self.labels):
            labels = self.labels[:]
            places = np.empty(len(labels), np.int64)
            places[sorted(range(len(labels)), key=labels.__getitem__)] = np.arange(len(labels))
            self._places = places
        return places

    def _pairs(self, rows: int) -> tuple[Rows, Rows]:
        code_of = self.codes.view()
        row_of = self.rows.view(len(code_of))
        end = int(np.searchsorted(row_of, rows))
        return row_of[:end], code_of[:end]


def _key(value: str) -> str:
    return " ".join(value.casefold().split())


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """The numbers of one row that columns keep beside its values."""

    duplicate_group: int
    story: int
    first_passage: int
    passages: int


@dataclass(frozen=True, slots=True)
class Spans:
    """From when until when each row may be seen, in seconds since 1970; the ends are exclusive."""

    starts: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]

    def hidden(self, now: float) -> Mask:
        """Which rows may not be seen now."""
        return ~((self.starts <= now) & (now < self.ends))

    def around(self, now: float, among: Mask) -> tuple[float, float]:
        """The last moment up to now, and the next one, at which one of these rows appears or goes."""
        moments = np.concatenate([self.starts[among], self.ends[among]])
        past, coming = moments[moments <= now], moments[moments > now]
        return (
            float(past.max()) if len(past) else -np.inf,
            float(coming.min()) if len(coming) else np.inf,
        )


class Columns:
    """All columns of a generation: the base from its file, live rows appended."""

    def __init__(self) -> None:
        self.published = GrowingArray(np.empty(0, np.float64))
        self.expires = GrowingArray(np.empty(0, np.float64))
        self.status = ValueColumn()
        self.duplicate_group = GrowingArray(np.empty(0, np.int64))
        self.story = GrowingArray(np.empty(0, np.int64))
        self.first_passage = GrowingArray(np.empty(0, np.int64))
        self.passages = GrowingArray(np.empty(0, np.int64))
        self.passage_row = GrowingArray(np.empty(0, np.int64))
        self.values: dict[FacetField, ValueColumn] = {name: ValueColumn() for name in FACET_FIELDS}

    def __len__(self) -> int:
        return len(self.passages)

    def append(self, article: Article, numbers: RowNumbers) -> int:
        """Add one row; returns its number."""
        row = len(self)
        for name, given in field_values(article).items():
            self.values[name].append(row, given)
        self.status.append(row, (article.status,) if article.status is not None else ())
        self.published.append([timestamp(article.published_at)])
        self.expires.append([timestamp(article.expires_at)])
        self.duplicate_group.append([numbers.duplicate_group])
        self.story.append([numbers.story])
        self.first_passage.append([numbers.first_passage])
        self.passage_row.append([row] * numbers.passages)
        self.passages.append([numbers.passages])
        return row

    def set_groups(self, groups: Rows, stories: Rows) -> None:
        """Replace the duplicate groups and stories of all rows (at build, before anyone reads)."""
        self.duplicate_group = GrowingArray(groups)
        self.story = GrowingArray(stories)

    def mask(self, where: Filter, alive: Mask, excluded: Rows) -> Mask:
        """Which rows are alive and pass a filter; ``excluded`` are the rows of ``exclude_ids``."""
        rows = len(alive)
        found = alive.copy()
        wanted: tuple[tuple[FacetField, tuple[str, ...] | None], ...] = (
            ("section", where.sections),
            ("author", where.authors),
            ("tag", where.tags),
            ("language", where.languages),
            ("source", where.sources),
        )
        for name, values in wanted:
            if values is not None:
                found &= self.values[name].mask(values, rows)
        published = self.published.view(rows)
        with np.errstate(invalid="ignore"):  # NaN (no date) compares false: it never passes
            if where.published_after is not None:
                found &= published >= timestamp(where.published_after)
            if where.published_before is not None:
                found &= published < timestamp(where.published_before)
        found[excluded] = False
        return found

    def spans(self, options: VisibilityOptions, rows: int) -> Spans:
        """From when until when readers may see each of the first rows: ``visible_span`` of all at once."""
        published, expires = self.published.view(rows), self.expires.view(rows)
        starts = np.full(rows, -np.inf)
        if options.scheduled == "hide":
            starts = np.where(np.isnan(published), -np.inf, published)
        ends = np.full(rows, np.inf)
        if options.expired == "hide":
            ends = np.where(np.isnan(expires), np.inf, expires)
        withheld = [one for one in self.status.labels if not options.is_published(one)]
        hidden = self.status.mask(withheld, rows)
        starts[hidden], ends[hidden] = np.inf, np.inf
        return Spans(starts, ends)

    def save(self, path: Path) -> None:
        """Write the columns of a build to one file."""
        arrays = {name: getattr(self, name).view() for name in _ARRAYS}
        for name, column in (*self.values.items(), ("status", self.status)):
            arrays[f"{name}.codes"] = column.codes.view()
            arrays[f"{name}.rows"] = column.rows.view()
            labels = json.dumps(column.labels).encode()
            arrays[f"{name}.labels"] = np.frombuffer(labels, np.uint8)
        with storage_errors(path):
            np.savez(path, expires=self.expires.view(), **arrays)

    @classmethod
    def load(cls, path: Path) -> Columns:
        """Read what ``save`` wrote; raises IndexCorrupt naming the file."""
        columns = cls()
        try:
            with np.load(path) as stored:
                for name in _ARRAYS:
                    setattr(columns, name, GrowingArray(stored[name]))
                for field in FACET_FIELDS:
                    columns.values[field] = _read_values(stored, field)
                if "expires" in stored.files:
                    columns.expires = GrowingArray(stored["expires"])
                    columns.status = _read_values(stored, "status")
                else:  # built when every article was a published one
                    columns.expires = GrowingArray(np.full(len(columns), np.nan))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as exc:
            raise IndexCorrupt(
                f"{path} cannot be read ({exc}); roll back to an earlier generation "
                "(semsearch index rollback) or build the index again"
            ) from exc
        return columns


def _read_values(stored: Mapping[str, npt.NDArray[Any]], name: str) -> ValueColumn:
    labels = json.loads(stored[f"{name}.labels"].tobytes())
    return ValueColumn(labels, stored[f"{name}.codes"], stored[f"{name}.rows"])


_ARRAYS = ("published", "duplicate_group", "story", "first_passage", "passages", "passage_row")


def live_counts(
    columns: Columns, alive: Mask, *, base: int, deleted: int, change: int, hidden: int = 0
) -> IndexCounts:
    """The sizes of what is alive; rows from ``base`` on are the delta."""
    rows = len(alive)
    published = columns.published.view(rows)[alive]
    dated = published[~np.isnan(published)]
    return IndexCounts(
        articles=int(np.count_nonzero(alive)),
        passages=int(columns.passages.view(rows)[alive].sum()),
        delta_articles=int(np.count_nonzero(alive[base:])),
        deleted=deleted,
        change=change,
        hidden=hidden,
        published_from=from_micros(round(float(dated.min()) * 1e6)) if len(dated) else None,
        published_to=from_micros(round(float(dated.max()) * 1e6)) if len(dated) else None,
        languages=columns.values["language"].counts(alive),
    )


def field_values(article: Article) -> dict[FacetField, tuple[str, ...]]:
    """The values of an article in each field that can be filtered and counted."""
    return {
        "section": (article.section,) if article.section else (),
        "author": article.authors,
        "tag": article.tags,
        "language": (article.language,) if article.language else (),
        "source": (article.source,) if article.source else (),
    }


def timestamp(moment: datetime | None) -> float:
    """Seconds since 1970, NaN for no date."""
    return float("nan") if moment is None else moment.timestamp()
