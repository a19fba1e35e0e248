"""Reads the immutable lexical index of a generation: plans and filters become tantivy queries."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from semsearch.articles import Filter
from semsearch.errors import FormatTooNew, IndexCorrupt
from semsearch.index.lexical_analysis import ANALYSIS_VERSION, OLDEST_ANALYSIS
from semsearch.index.lexical_build import FORMAT_VERSION, ID, PUBLISHED, ROW, STATS, key_field
from semsearch.index.lexical_extras import MARK
from semsearch.index.lexical_plan import Alternatives, Phrase, Plan
from semsearch.index.lexical_types import TEXT_FIELDS, WRITTEN, LexicalStats, filter_seconds, filter_values
from semsearch.index.protocol import Rows, Scores

if TYPE_CHECKING:
    from tantivy import DocAddress, Occur, Query

    from semsearch.index.lexical_scoring import Scoring

_WAY_OUT = "roll back to an earlier generation or build the index again"
_FEW_ROWS = 500
_REMEMBERED = 100_000  # words whose number of articles is kept: some ten megabytes
_NOTHING: Rows = np.empty(0, np.int64)

Key = TypeVar("Key")


class LexicalBase:
    """The lexical index of a generation, read only; any number of threads may search it.

    Raises IndexCorrupt when it is missing or damaged, FormatTooNew when a newer semsearch wrote it.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._folder = folder
        self._t = tantivy
        self.stats = _read_stats(folder)
        with self._faults(), _lockable(folder) as place:
            index = tantivy.Index.open(str(place))
            index.config_reader("manual")  # never written again: nothing to watch
            self._schema = index.schema
            self._searcher = index.searcher()
        if self._searcher.num_docs != self.stats.articles:
            raise IndexCorrupt(
                f"{folder}: the lexical index holds {self._searcher.num_docs} articles, its statistics name "
                f"{self.stats.articles}; {_WAY_OUT}"
            )
        self._counts: dict[Alternatives, int] = {}
        self._frequencies: dict[tuple[str, str], int] = {}
        self._dead: tuple[Rows, Query] | None = None
        self._dead_guard = threading.Lock()

    def search(
        self, plan: Plan, scoring: Scoring, *, limit: int, where: Filter, dead: Rows
    ) -> tuple[Rows, Scores, int]:
        """The best ``limit`` rows with their scores, best first, and the exact number of matches.

        Equal scores stand in the order of the index: by row while it is a single segment.
        """
        query = self._query(plan, scoring, where, dead)
        if query is None or not self.stats.articles:
            return _NOTHING, np.empty(0, np.float32), 0
        with self._faults():
            found = self._searcher.search(query, limit=max(1, min(limit, self.stats.articles)))
            hits = found.hits[:limit]
            rows = self._rows_at([address for _, address in hits])
        total: int = found.count  # type: ignore[attr-defined]  # missing in tantivy's stub
        return rows, np.array([score for score, _ in hits], np.float32), total

    def scores(self, plan: Plan, scoring: Scoring, rows: Rows) -> Scores:
        """The scores of the given rows, in the order given; 0 where a row does not match."""
        query = self._query(plan, scoring, Filter(), _NOTHING)
        if query is None or not len(rows):
            return np.zeros(len(rows), np.float32)
        distinct, places = np.unique(rows, return_inverse=True)
        within = self._t.Query.const_score_query(self._these(distinct), 0.0)
        must = self._t.Occur.Must
        both = self._t.Query.boolean_query([(must, query), (must, within)])
        with self._faults():
            hits = self._searcher.search(both, limit=len(distinct), count=False).hits
            found = self._rows_at([address for _, address in hits])
        result = np.zeros(len(distinct), np.float32)
        result[np.searchsorted(distinct, found)] = [score for score, _ in hits]
        ordered: Scores = result[places]
        return ordered

    def rows(self, plan: Plan, scoring: Scoring, *, where: Filter, dead: Rows) -> Rows:
        """All rows that match, ascending."""
        query = self._query(plan, scoring, where, dead)
        return _NOTHING if query is None else self._all(query)

    def titled(self, plan: Plan, *, most: int, where: Filter, dead: Rows) -> Rows:
        """The rows whose title holds every word and phrase, ascending; of more than ``most``, some."""
        occur, restrictions = self._t.Occur, self._restrictions(where)
        if plan.nothing or restrictions is None or not self.stats.articles:
            return _NOTHING
        clauses = [(occur.Must, self._held(ways, ("title",))) for ways in plan.parts()]
        clauses += [*self._as_written(plan), *restrictions, *self._taken_out(plan, dead)]
        query = self._t.Query.boolean_query(clauses)
        with self._faults():
            hits = self._searcher.search(query, limit=most + 1, count=False).hits
            return np.sort(self._rows_at([address for _, address in hits]))

    def all_rows(self) -> Rows:
        """Every row that the index holds, ascending."""
        return self._all(self._t.Query.all_query())

    def frequency(self, name: str, term: str) -> int:
        """In how many articles a term stands in one text field (remembered)."""
        known = self._frequencies.get((name, term))
        if known is None:
            with self._faults():
                known = self._searcher.doc_freq(name, term)
            _keep(self._frequencies, (name, term), known)
        return known

    def articles_with(self, ways: Alternatives) -> int:
        """In how many articles one of these phrases stands, in any text field (remembered)."""
        known = self._counts.get(ways)
        if known is not None:
            return known
        with self._faults():
            found = self._searcher.search(self._held(ways), limit=1)
            total: int = found.count  # type: ignore[attr-defined]  # missing in tantivy's stub
        _keep(self._counts, ways, total)
        return total

    def terms(self, name: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The most frequent terms of a text field that begin so, each with its number of articles."""
        with self._faults():
            if prefix:
                return self._searcher.terms_with_prefix(name, prefix, limit=limit)
            found = self._searcher.terms_with_prefix(name, prefix, limit=2 * limit)
        return [one for one in found if not one[0].startswith(MARK)][:limit]

    def _all(self, query: Query) -> Rows:
        if not self.stats.articles:
            return _NOTHING
        ascending, articles = self._t.Order.Asc, self.stats.articles
        with self._faults():
            found = self._searcher.search(
                query, limit=articles, count=False, order_by_field=ROW, order=ascending
            )
            hits = found.hits
        return np.fromiter(map(itemgetter(0), hits), np.int64, len(hits))

    def _query(self, plan: Plan, scoring: Scoring, where: Filter, dead: Rows) -> Query | None:
        """The whole query, None where nothing can match; only words and phrases of the plan add to scores."""
        occur = self._t.Occur
        if plan.nothing:
            return None
        restrictions = self._restrictions(where)
        if restrictions is None:
            return None
        scored = self._scored(plan, scoring)
        clauses = [*self._as_written(plan), *self._taken_out(plan, dead)]
        if not clauses and not restrictions:
            return scored  # tantivy prunes only a disjunction that stands alone
        return self._t.Query.boolean_query([(occur.Must, scored), *restrictions, *clauses])

    def _as_written(self, plan: Plan) -> list[tuple[Occur, Query]]:
        """The clauses for what must stand as it is written."""
        query = self._t.Query
        must = self._t.Occur.Must
        return [(must, query.const_score_query(self._held(ways, (WRITTEN,)), 0.0)) for ways in plan.written]

    def _taken_out(self, plan: Plan, dead: Rows) -> list[tuple[Occur, Query]]:
        """The clauses against what the query excludes and against rows that are gone."""
        occur = self._t.Occur
        clauses = [(occur.MustNot, self._held(ways)) for ways in plan.excluded]
        clauses += [(occur.MustNot, self._held(ways, (WRITTEN,))) for ways in plan.excluded_written]
        if len(dead):
            clauses.append((self._t.Occur.MustNot, self._dead_rows(dead)))
        return clauses

    def _scored(self, plan: Plan, scoring: Scoring) -> Query:
        occur, query = self._t.Occur, self._t.Query
        clauses = self._words(plan.terms(), scoring)
        extra = self._words(plan.extra_terms(), scoring)
        if extra and clauses and not plan.phrases:  # optional words alone make nothing match
            clauses = [(occur.Must, query.boolean_query(clauses))]
        clauses += extra
        for ways in plan.phrases:
            places = [
                (occur.Should, self._boosted(phrase, name, scoring))
                for phrase in ways
                for name in TEXT_FIELDS
            ]
            clauses.append((occur.Must, query.boolean_query(places)))
        return query.boolean_query(clauses)

    def _words(self, terms: Sequence[str], scoring: Scoring) -> list[tuple[Occur, Query]]:
        should = self._t.Occur.Should
        return [
            (should, self._boosted((term,), name, scoring))
            for term in terms
            for name in TEXT_FIELDS
            if not term.startswith(MARK) or self.frequency(name, term)  # most words are no part of another
        ]

    def _boosted(self, phrase: Phrase, name: str, scoring: Scoring) -> Query:
        return self._t.Query.boost_query(self._place(phrase, name), scoring.boost(phrase, name))

    def _place(self, phrase: Phrase, name: str) -> Query:
        if len(phrase) == 1:
            return self._t.Query.term_query(self._schema, name, phrase[0], index_option="freq")
        return self._t.Query.phrase_query(self._schema, name, list(phrase))

    def _held(self, ways: Alternatives, fields: Sequence[str] = TEXT_FIELDS) -> Query:
        """One of these phrases in any of the fields."""
        should = self._t.Occur.Should
        places = [(should, self._place(phrase, name)) for phrase in ways for name in fields]
        return self._t.Query.boolean_query(places)

    def _restrictions(self, where: Filter) -> list[tuple[Occur, Query]] | None:
        """The clauses of a filter, none of which adds to a score; None where nothing can pass."""
        occur, query = self._t.Occur, self._t.Query
        clauses = []
        for name, values in filter_values(where).items():
            if not values:
                return None
            clauses.append(query.term_set_query(self._schema, key_field(name), values))
        first, end = filter_seconds(where)
        if first is not None or end is not None:
            kind, last = self._t.FieldType.Integer, None if end is None else end - 1
            clauses.append(query.range_query(self._schema, PUBLISHED, kind, first, last))
        passes = [(occur.Must, query.const_score_query(clause, 0.0)) for clause in clauses]
        if where.exclude_ids:
            passes.append((occur.MustNot, query.term_set_query(self._schema, ID, where.exclude_ids)))
        return passes

    def _dead_rows(self, dead: Rows) -> Query:
        # One array of dead rows serves all searches of a snapshot: its query is kept.
        with self._dead_guard:
            if self._dead is None or self._dead[0] is not dead:
                self._dead = (dead, self._row_set(dead))
            return self._dead[1]

    def _these(self, rows: Rows) -> Query:
        """A query for a few rows: separate terms are faster than a set up to some hundreds."""
        if len(rows) > _FEW_ROWS:
            return self._row_set(rows)
        should, query = self._t.Occur.Should, self._t.Query
        return query.boolean_query(
            [(should, query.term_query(self._schema, ROW, row)) for row in rows.tolist()]
        )

    def _row_set(self, rows: Rows) -> Query:
        return self._t.Query.term_set_query(self._schema, ROW, rows.tolist())

    def _rows_at(self, addresses: Sequence[DocAddress]) -> Rows:
        return np.array(self._searcher.fast_field_values(ROW, list(addresses)), np.int64)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Translate tantivy's errors, a panic of its Rust code included, to IndexCorrupt."""
        try:
            yield
        except (OSError, ValueError) as exc:
            raise self._damaged(exc) from exc
        except BaseException as exc:
            if type(exc).__name__ != "PanicException":  # pyo3's, which cannot be imported
                raise
            raise self._damaged(exc) from exc

    def _damaged(self, exc: BaseException) -> IndexCorrupt:
        said = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
        return IndexCorrupt(f"{self._folder}: the lexical index cannot be read ({said}); {_WAY_OUT}")


def _keep(known: dict[Key, int], key: Key, count: int) -> None:
    """Remember a count; all are forgotten when there are too many (safe between threads: only a cache)."""
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = count


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """The folder itself, or links to its files where it is read-only: tantivy opens none without a lock."""
    if os.access(folder, os.W_OK):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="semsearch-") as scratch:
        for file in folder.iterdir():
            if not file.name.endswith(".lock"):
                (Path(scratch) / file.name).symlink_to(file.absolute())
        yield Path(scratch)


def _read_stats(folder: Path) -> LexicalStats:
    path = folder / STATS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _check_versions(path, int(content["format"]), int(content["analysis"]))
        return LexicalStats(
            articles=int(content["articles"]),
            terms={name: int(content["terms"][name]) for name in TEXT_FIELDS},
            languages={str(name): int(count) for name, count in content["languages"].items()},
            default_language=str(content["default_language"]),
            analysis=int(content["analysis"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexCorrupt(f"{path}: the lexical index cannot be read ({exc!r}); {_WAY_OUT}") from exc


def _check_versions(path: Path, written: int, analysis: int) -> None:
    if written > FORMAT_VERSION or analysis > ANALYSIS_VERSION:
        raise FormatTooNew(
            f"{path}: format {written}, analysis {analysis}; this semsearch reads up to {FORMAT_VERSION} "
            f"and {ANALYSIS_VERSION}: upgrade it, or build the index again"
        )
    if analysis < OLDEST_ANALYSIS:
        raise IndexCorrupt(
            f"{path}: words were analysed by version {analysis}, this semsearch reads {OLDEST_ANALYSIS} to "
            f"{ANALYSIS_VERSION}; build the index again"
        )
