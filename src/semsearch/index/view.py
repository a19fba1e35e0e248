"""A consistent view of one open generation: the embedded implementation of ``Snapshot``.

A view never changes: rows and passages appended later, and removals made later, are not seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from semsearch.articles import Article, FacetField, Filter, Passage
from semsearch.encoder.protocol import EncoderInfo
from semsearch.index.columns import Mask, live_counts
from semsearch.index.lexical_analysis import ANALYSIS_VERSION
from semsearch.index.manifest import Manifest
from semsearch.index.protocol import (
    Candidates,
    Floats,
    IndexCounts,
    LexicalQuery,
    Rows,
    Scores,
    Vectors,
    WordCount,
)
from semsearch.index.remembered import Remembered
from semsearch.index.row_sets import union
from semsearch.index.typing_help import fitting
from semsearch.text import base_code
from semsearch.text.words import fold, folded_words

if TYPE_CHECKING:
    from semsearch.index.generation import OpenGeneration

_KEPT = 16  # filters, languages and sets of rows whose results a view remembers; popular ones repeat
_KEPT_WORDS = 1000  # words that typing help offered, and whether an article of the view holds them
_MOST_READ = 128  # articles looked at for a word that hidden or removed ones may hold alone
_FEW = 8  # of them at a time
_NO_FILTER = Filter()
_NOBODY: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Shown:
    """What readers may not see at a moment: ``hidden`` rows, ascending, of those that are live.

    From ``since`` until ``until`` no article appears or goes by the clock.
    """

    hidden: Rows
    since: float
    until: float

    def __contains__(self, row: int) -> bool:
        place = int(np.searchsorted(self.hidden, row))
        return place < len(self.hidden) and int(self.hidden[place]) == row


class View:
    """What one request sees. Made by ``OpenGeneration``; held with ``with``."""

    def __init__(
        self,
        opened: OpenGeneration,
        dead: Rows,
        change: int,
        *,
        sizes: tuple[int, int] | None = None,
        shown: Shown | None = None,
    ) -> None:
        self._opened = opened
        self._rows, self._passages = sizes or (len(opened.columns), len(opened.columns.passage_row))
        self._shown = shown
        self._dead = dead
        self._alive = np.ones(self._rows, np.bool_)
        self._alive[dead] = False
        self._read_words: Remembered[str, bool] = Remembered(_KEPT_WORDS)
        self._masks: Remembered[Filter, Mask] = Remembered(_KEPT)
        self._languages: Remembered[frozenset[str], Mask] = Remembered(_KEPT)
        self._without: Remembered[bytes, View] = Remembered(_KEPT)
        self._counted: dict[FacetField, Rows] = {}
        self._weights = opened.weights
        self._counts: IndexCounts | None = None
        self.change = change

    @property
    def shown_since(self) -> float:
        """The last moment at which an article appeared or went by the clock (seconds since 1970)."""
        return self._shown.since if self._shown else -np.inf

    @property
    def shown_until(self) -> float:
        """The next such moment; infinity where none is known."""
        return self._shown.until if self._shown else np.inf

    def hidden_rows(self) -> Rows:
        """The live rows that readers may not see now, ascending; none where this view holds them."""
        return self._shown.hidden if self._shown else _NOBODY

    def visible_spans(self, rows: Rows) -> tuple[Floats, Floats]:
        """From when until when readers may see each of these rows, in seconds since 1970."""
        spans = self._opened.spans(self._rows)
        return spans.starts[rows], spans.ends[rows]

    @property
    def generation(self) -> str:
        """Id of the generation that answers."""
        return self._opened.id

    @property
    def manifest(self) -> Manifest:
        """The manifest of the generation."""
        return self._opened.manifest

    def boilerplate(self) -> list[tuple[bytes, str]]:
        """The site's boilerplate as it was found when the generation was built."""
        return self._opened.store.boilerplate()

    def arrivals(self, after: int, *, since: float = np.inf) -> Iterator[tuple[int, str, bytes]]:
        """Row, id and digest of each article of this view that a change later than ``after`` brought.

        And of each whose time came later than ``since``, whenever it was brought.
        """
        for arrival in self._opened.store.arrivals(after, self.change):
            if self._alive[arrival[0]]:
                yield arrival
        if self._shown is not None and since < self._shown.since:
            appeared = self._alive & (self._opened.starts.view(self._rows) > since)
            yield from self._opened.store.arrived(np.flatnonzero(appeared), upto=after)

    @property
    def encoder(self) -> EncoderInfo:
        """The encoder whose vectors this index holds."""
        return self._opened.manifest.encoder

    def counts(self) -> IndexCounts:
        """Live sizes of this view; counted once."""
        if self._counts is None:
            hidden = len(self._shown.hidden) if self._shown else 0
            self._counts = live_counts(
                self._opened.columns,
                self._alive,
                base=self._opened.manifest.articles,
                deleted=len(self._dead) - hidden,
                change=self.change,
                hidden=hidden,
            )
        return self._counts

    @property
    def articles_alive(self) -> int:
        """How many articles are live."""
        return self._rows - len(self._dead)

    def at(self, now: float) -> View:
        """This view without what readers may not see at a moment."""
        spans = self._opened.spans(self._rows)
        hidden = np.flatnonzero(self._alive & spans.hidden(now))
        shown = Shown(hidden, *spans.around(now, self._alive))
        sizes = (self._rows, self._passages)
        return View(self._opened, union(self._dead, hidden), self.change, sizes=sizes, shown=shown)

    def without(self, rows: Rows) -> View:
        """This view as it were if these rows were deleted, save its counts and ``row_of``."""
        if not len(rows):
            return self
        return self._without.get(rows.tobytes(), lambda: self._reduced(rows))

    def _reduced(self, rows: Rows) -> View:
        dead, sizes = union(self._dead, rows), (self._rows, self._passages)
        made = View(self._opened, dead, self.change, sizes=sizes, shown=self._shown)
        made._counts = self.counts()  # words stand in what is left out, too: one count goes with the other
        return made

    def vector_candidates(
        self, vector: Vectors, *, limit: int, where: Filter, within: Rows | None = None
    ) -> Candidates:
        """The ``limit`` articles whose best passage is nearest to one unit vector."""
        allowed = self._mask(where)
        if within is not None:
            narrowed = np.zeros(self._rows, np.bool_)
            narrowed[within] = True
            allowed = allowed & narrowed
        total = int(np.count_nonzero(allowed))
        everything = total == self._rows
        found = self._opened.vectors.best_rows(
            vector, limit, allowed_rows=None if everything else allowed, upto=self._passages
        )
        return Candidates(found.rows, found.scores, found.passages, total)

    def vector_scores(self, vector: Vectors, rows: Rows) -> Candidates:
        """Best passage and inner product of the given rows, in the order given."""
        found = self._opened.vectors.row_scores(vector, rows, upto=self._passages)
        return Candidates(rows, found.scores, found.passages, len(rows))

    def lexical_candidates(self, query: LexicalQuery, *, limit: int, where: Filter) -> Candidates:
        """The ``limit`` articles that match best by words, and the exact number of matches."""
        return self._opened.lexical.search(
            query, limit=limit, where=where, dead=self._dead, upto=self._rows, weights=self._weights
        )

    def lexical_scores(self, query: LexicalQuery, rows: Rows) -> Scores:
        """BM25 score of the given rows for a query; 0 where it does not match."""
        return self._opened.lexical.scores(query, rows, upto=self._rows, weights=self._weights)

    def lexical_rows(self, query: LexicalQuery, *, where: Filter) -> Rows:
        """All rows that match a query by words, ascending."""
        return self._opened.lexical.rows(query, where=where, dead=self._dead, upto=self._rows)

    def title_rows(self, query: LexicalQuery, *, where: Filter, most: int) -> Rows:
        """The rows whose title holds every word and phrase, ascending; none where more than ``most`` do."""
        return self._opened.lexical.title_rows(
            query, most=most, where=where, dead=self._dead, upto=self._rows
        )

    def lexical_ideal(self, query: LexicalQuery) -> float:
        """The BM25 score of a perfect match."""
        return self._opened.lexical.ideal(query, upto=self._rows, weights=self._weights)

    def matching(self, where: Filter) -> Rows:
        """All live rows that pass a filter, ascending."""
        return np.flatnonzero(self._mask(where))

    def by_date(self, where: Filter, *, oldest_first: bool, limit: int, offset: int) -> Rows:
        """Rows that pass a filter by publication date; undated last; ties by row."""
        rows = self.matching(where)
        published = self.published(rows)
        undated = np.isnan(published)
        key = np.where(undated, 0.0, published if oldest_first else -published)
        return rows[np.lexsort((rows, key, undated))][offset : offset + limit]

    def facets(self, rows: Rows, fields: Sequence[FacetField]) -> dict[str, dict[str, int]]:
        """Exact counts of each value of each field over rows."""
        selected = np.zeros(self._rows, np.bool_)
        selected[rows] = True
        return {name: self._opened.columns.values[name].counts(selected) for name in fields}

    def in_other_languages(self, rows: Rows, codes: Collection[str]) -> Mask:
        """Which of the rows are in a language that is known and is none of these."""
        known = frozenset(codes)
        return self._languages.get(known, lambda: self._in_others(known))[rows]

    def _in_others(self, codes: frozenset[str]) -> Mask:
        column = self._opened.columns.values["language"]
        return column.mask([label for label in column.labels if base_code(label) not in codes], self._rows)

    def published(self, rows: Rows) -> Floats:
        """Publication time of rows in seconds since 1970; NaN where unknown."""
        times: Floats = self._opened.columns.published.view(self._rows)[rows]
        return times

    def duplicate_groups(self, rows: Rows) -> Rows:
        """A number per row; rows that hold copies of one text have the same."""
        groups: Rows = self._opened.columns.duplicate_group.view(self._rows)[rows]
        return groups

    def group_members(self, group: int, *, where: Filter) -> Rows:
        """The live rows of one duplicate group that pass a filter, ascending."""
        return self._members(self._opened.columns.duplicate_group.view(self._rows), group, where)

    def stories(self, rows: Rows) -> Rows:
        """The story number of each row; -1 where it belongs to none."""
        stories: Rows = self._opened.columns.story.view(self._rows)[rows]
        return stories

    def story_members(self, story: int, *, where: Filter) -> Rows:
        """The live rows of one story that pass a filter, ascending."""
        return self._members(self._opened.columns.story.view(self._rows), story, where)

    def row_of(self, article_id: str) -> int:
        """The live row of an article, -1 where there is none."""
        row = self._opened.store.row_of(article_id, self.change)
        return -1 if self._shown is not None and row in self._shown else row

    def row_at(self, url: str) -> int:
        """The newest live row at an address, -1 where there is none."""
        return next((row for row in self._opened.store.rows_at(url, self._rows) if self._alive[row]), -1)

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Id and address of each live article that has one."""
        for row, article_id, url in self._opened.store.addresses(self._rows):
            if self._alive[row]:
                yield article_id, url

    def signed_alike(self, bands: Sequence[int], *, where: Filter) -> list[tuple[int, bytes]]:
        """Row and signature of the live articles that share most of a text's ``bands``, 64 at most."""
        return self._opened.store.signed_alike(bands, self._mask(where))

    def ids(self, rows: Rows) -> list[str]:
        """Article ids of rows, in the order given."""
        return self._opened.store.ids(rows)

    def articles(self, rows: Rows) -> list[Article]:
        """Whole articles of rows, in the order given."""
        return self._opened.store.articles(rows)

    def kept_texts(self, rows: Rows) -> list[str]:
        """The title and the body without site boilerplate of rows, in the order given."""
        return self._opened.store.kept_texts(rows)

    def first_passages(self, rows: Rows) -> Rows:
        """The number of each row's first passage."""
        firsts: Rows = self._opened.columns.first_passage.view(self._rows)[rows]
        return firsts

    def passages(self, row: int) -> list[Passage]:
        """The passages of a row with their offsets."""
        article = self.articles(np.array([row]))[0]
        first, count = self._passage_range(row)
        found = self._opened.store.passages_of(first, count)
        return [Passage(article.id, o, start, end, article.body[start:end]) for o, start, end in found]

    def passage_spans(self, passages: Rows) -> list[tuple[int, int]]:
        """The (start, end) in the body of each passage number; (0, 0) for -1."""
        numbers = passages.tolist()
        spans = self._opened.store.spans([number for number in numbers if number >= 0])
        return [spans.get(number, (0, 0)) for number in numbers]

    def passage_vectors(self, row: int) -> Vectors:
        """Unit vectors of all passages of a row, in their order."""
        first, count = self._passage_range(row)
        return self._opened.vectors.reconstruct(np.arange(first, first + count))

    def document_frequency(self, words: Sequence[str]) -> list[int]:
        """In how many articles each word stands, after stemming."""
        return self._opened.lexical.document_frequency(words, upto=self._rows)

    def body_frequency(self, terms: Sequence[str]) -> list[int]:
        """In how many bodies each index term stands, those of removed articles among them; cheap."""
        return self._opened.lexical.body_frequency(terms, upto=self._rows)

    @property
    def has_old_words(self) -> bool:
        """Whether an earlier release read the words of this generation: a rebuild finds more of them."""
        return self._opened.lexical.stats.analysis < ANALYSIS_VERSION

    def terms(self, text: str, language: str | None = None) -> list[str]:
        """The index terms of a text in a language (None: the index's own), repeats included."""
        return self._opened.lexical.terms(text, language)

    def analyse(self, text: str, wanted: Collection[str] | None = None) -> list[tuple[str, int, int]]:
        """The index terms of a text (or the wanted ones alone) with the span that each came from."""
        return self._opened.lexical.analyse(text, wanted=wanted)

    def complete_words(self, beginning: str, *, limit: int) -> list[WordCount]:
        """The corpus's words that begin so; the most frequent first."""
        more = min(len(self._dead), _KEPT_WORDS)  # in place of those that no article of the view holds
        words = self._opened.typing.words.completions(fold(beginning), limit + more)
        return list(itertools.islice(filter(self._is_read, words), limit))

    def near_words(self, word: str, *, distance: int) -> list[tuple[WordCount, int]]:
        """The corpus's words that are at most so many typing errors away, each with its distance."""
        return [one for one in self._opened.typing.words.near(fold(word), distance) if self._is_read(one[0])]

    def _is_read(self, word: WordCount) -> bool:
        """Whether a word stands in an article of this view: those gone or hidden had words, too."""
        if not len(self._dead) or word.count > len(self._dead):
            return True
        return self._read_words.get(word.text, lambda: self._holds(word.text))

    def _holds(self, word: str) -> bool:
        """Whether one of the best articles for a word has it as it is: the index of words knows stems."""
        query, wanted = LexicalQuery(words=(word,)), fold(word)
        rows = self.lexical_candidates(query, limit=_MOST_READ, where=_NO_FILTER).rows
        for start in range(0, len(rows), _FEW):
            texts = self.kept_texts(rows[start : start + _FEW])
            if any(wanted in folded_words(text) for text in texts):
                return True
        return False

    def complete_titles(self, typed: str, *, mend: bool = False) -> Iterator[Rows]:
        """Live rows whose title fits what was typed, in lots, each within the next, rows ascending."""
        for rows in fitting(self._opened.typing.titles, typed, upto=self._rows, mend=mend):
            yield rows[self._alive[rows]]

    def complete_values(
        self, name: FacetField, typed: str, *, mend: bool = False
    ) -> Iterator[list[WordCount]]:
        """The values of a field that fit what was typed, in lots, the most frequent first."""
        column = self._opened.columns.values[name]
        counts = self._value_counts(name)
        lots: Iterable[Rows] = [np.arange(len(counts))]
        if typed.strip():
            values = self._opened.typing.values(name, column.labels)
            lots = fitting(values, typed, upto=len(counts), mend=mend)
        for codes in lots:
            held = codes[counts[codes] > 0]
            best = held[np.argsort(-counts[held], kind="stable")]
            yield [WordCount(column.labels[code], int(counts[code])) for code in best.tolist()]

    def _value_counts(self, name: FacetField) -> Rows:
        known = self._counted.get(name)
        if known is None:
            known = self._counted[name] = self._opened.columns.values[name].count_codes(self._alive)
        return known

    def __enter__(self) -> View:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.release()

    def _mask(self, where: Filter) -> Mask:
        if where == _NO_FILTER:
            return self._alive
        return self._masks.get(where, lambda: self._masked(where))

    def _masked(self, where: Filter) -> Mask:
        excluded = [row for one in where.exclude_ids if (row := self.row_of(one)) >= 0]
        return self._opened.columns.mask(where, self._alive, np.array(excluded, np.int64))

    def _members(self, numbers: Rows, number: int, where: Filter) -> Rows:
        return np.flatnonzero((numbers == number) & self._mask(where))

    def _passage_range(self, row: int) -> tuple[int, int]:
        columns = self._opened.columns
        return int(columns.first_passage.view()[row]), int(columns.passages.view()[row])
