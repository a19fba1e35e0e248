"""Articles added since the base was built, searched in memory by the same rules.

One thread appends at a time (a lock sees to it) while any number search, without waiting: everything
only grows, a row becomes visible by the last step of ``add``, and a search looks at no more than the
rows below its own bound. That rests on single list, dict and array steps being atomic in CPython.
Rows that were removed or replaced stay here and are named by each search, as those of the base are.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from semsearch.articles import Filter
from semsearch.errors import StorageFailed
from semsearch.index.columns import GrowingArray, Mask
from semsearch.index.lexical_analysis import analyzer, stemmer_of
from semsearch.index.lexical_bm25 import Floats, kept_length, scores
from semsearch.index.lexical_build import texts_of
from semsearch.index.lexical_extras import MARK
from semsearch.index.lexical_plan import Alternatives, Phrase, Plan
from semsearch.index.lexical_scoring import Scoring
from semsearch.index.lexical_types import TEXT_FIELDS, WRITTEN, LexicalDocument, filter_seconds, filter_values
from semsearch.index.protocol import Rows, Scores

if TYPE_CHECKING:
    from semsearch.index.lexical_base import LexicalBase

# A posting is one integer: the article's place here, then how often the term stands in the field.
_COUNT_BITS = 20
_MOST = (1 << _COUNT_BITS) - 1
_BREAK = "\0"  # parts texts that no phrase may run over
_LAST_CODE = 0x10FFFF


class LexicalDelta:
    """An append-only inverted index in memory; ``visible`` is how many of its articles a search may see."""

    def __init__(self, base: LexicalBase) -> None:
        self._default = base.stats.default_language
        self._analysis = base.stats.analysis
        self._guard = threading.Lock()
        self._rows = GrowingArray(np.empty(0, np.int64))
        self._published = GrowingArray(np.empty(0, np.float64))
        self._fields = {name: _Field() for name in (*TEXT_FIELDS, WRITTEN)}
        self._keywords: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._ids: dict[str, list[int]] = defaultdict(list)
        self._stemmers: dict[str, int] = {}
        self._codes: dict[str, str] = {}

    def add(self, row: int, doc: LexicalDocument) -> None:
        """Append one article version; rows must ascend."""
        with self._guard:
            place = len(self._rows)
            if place and row <= self._rows.view()[-1]:
                raise ValueError(f"row {row} comes after row {self._rows.view()[-1]}; rows must ascend")
            stemmer = stemmer_of(doc.language, self._default, self._analysis)
            words = analyzer(stemmer, self._analysis)
            for name, texts in texts_of(doc):
                self._add_parts(name, place, [words.terms(text) for text in texts], map(words.extras, texts))
            if self._analysis > 1:
                written = [words.written(text) for _, texts in texts_of(doc) for text in texts]
                self._add_parts(WRITTEN, place, written)
            for name, values in doc.keywords().items():
                for value in values:
                    self._keywords[name, value].append(place)
            self._ids[doc.article_id].append(place)
            self._published.append([np.nan if doc.published is None else doc.published])
            self._stemmers.setdefault(stemmer, place)
            self._rows.append([row])  # last: now it can be seen

    def _add_parts(
        self, name: str, place: int, parts: Sequence[list[str]], extras: Iterable[list[str]] = ()
    ) -> None:
        """The texts of a field, over whose ends no phrase runs, and what they answer to besides."""
        stream = _BREAK.join(self._coded(terms) for terms in parts)
        more = [MARK + term for terms in extras for term in terms]
        self._fields[name].add(place, [*(term for terms in parts for term in terms), *more], stream)

    def visible(self, upto: int | None) -> int:
        """How many articles have rows below ``upto`` (None: all)."""
        rows = self._rows.view()
        return len(rows) if upto is None else int(np.searchsorted(rows, upto))

    def stemmers(self, visible: int) -> list[str]:
        """The stemmers that analysed the visible articles."""
        return [stemmer for stemmer, first in list(self._stemmers.items()) if first < visible]

    def matches(
        self, plan: Plan, scoring: Scoring, *, visible: int, where: Filter, dead: Rows
    ) -> tuple[Rows, Scores]:
        """All rows that match, ascending, with their scores."""
        if not visible or plan.nothing:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        total = np.zeros(visible)
        matched = np.full(visible, not plan.words or bool(plan.phrases))
        for term in plan.terms():
            hit = self._score(((term,),), scoring, total)
            if not plan.phrases:
                matched |= hit
        for term in plan.extra_terms():
            self._score(((term,),), scoring, total)
        for ways in plan.phrases:
            matched &= self._score(ways, scoring, total)
        matched &= self._eligible(plan, where, dead, visible)
        return self._rows.view(visible)[matched], total[matched].astype(np.float32)

    def titled(self, plan: Plan, *, visible: int, where: Filter, dead: Rows) -> Rows:
        """The rows whose title holds every word and phrase, ascending."""
        matched = np.full(visible, not plan.nothing)
        for ways in plan.parts():
            if not matched.any():
                break
            matched &= self.holding(ways, visible, fields=("title",))
        if matched.any():
            matched &= self._eligible(plan, where, dead, visible)
        found: Rows = self._rows.view(visible)[matched]
        return found

    def holding(self, ways: Alternatives, visible: int, fields: Sequence[str] = TEXT_FIELDS) -> Mask:
        """Which visible articles hold one of these phrases in any of the fields."""
        held = np.zeros(visible, np.bool_)
        for phrase in ways if visible else ():  # mostly there are none: nothing was changed since the build
            for name in fields:
                places, wanted = self._candidates(phrase, name, visible)
                if len(phrase) > 1:
                    streams = self._fields[name].streams
                    places = places[[wanted in streams[place] for place in places.tolist()]]
                held[places] = True
        return held

    def frequency(self, name: str, term: str, visible: int) -> int:
        """In how many visible articles a term stands in one text field."""
        return bisect_left(self._fields[name].postings.get(term, ()), visible << _COUNT_BITS)

    def average(self, name: str, visible: int) -> float:
        """Average number of terms of a text field over the visible articles."""
        return self._fields[name].total(visible) / visible if visible else 0.0

    def terms(self, name: str, prefix: str, visible: int) -> list[tuple[str, int]]:
        """The terms of a text field that begin so, each with its number of visible articles."""
        postings = list(self._fields[name].postings)
        known = [term for term in postings if term.startswith(prefix) and not term.startswith(MARK)]
        counted = ((term, self.frequency(name, term, visible)) for term in known)
        return [(term, count) for term, count in counted if count]

    def _score(self, ways: Alternatives, scoring: Scoring, total: Floats) -> Mask:
        """Add the score of each way to ``total``; returns which articles hold one of them."""
        visible = len(total)
        held = np.zeros(visible, np.bool_)
        for phrase in ways:
            for name in TEXT_FIELDS:
                places, counts = self._occurrences(phrase, name, visible)
                if len(places):
                    held[places] = True
                    lengths = self._fields[name].lengths.view(visible)[places]
                    bm25 = scores(scoring.idf(phrase, name), counts, lengths, scoring.averages[name])
                    total[places] += scoring.weight(phrase, name) * bm25
        return held

    def _occurrences(self, phrase: Phrase, name: str, visible: int) -> tuple[Rows, Floats]:
        """The places that hold a phrase in a field, ascending, and how often each does."""
        field = self._fields[name]
        if len(phrase) == 1:
            packed = field.packed(phrase[0], visible)
            return packed >> _COUNT_BITS, (packed & _MOST).astype(np.float64)
        candidates, wanted = self._candidates(phrase, name, visible)
        counts = [_count(field.streams[place], wanted) for place in candidates.tolist()]
        often = np.array(counts, np.float64)
        return candidates[often > 0], often[often > 0]

    def _candidates(self, phrase: Phrase, name: str, visible: int) -> tuple[Rows, str]:
        """The places that hold all terms of a phrase in a field, ascending; and what streams hold then."""
        terms = dict.fromkeys(phrase)
        holding = [self._fields[name].packed(term, visible) >> _COUNT_BITS for term in terms]
        candidates = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), holding)
        return candidates, "".join(self._codes.get(term, "") for term in phrase)

    def _eligible(self, plan: Plan, where: Filter, dead: Rows, visible: int) -> Mask:
        """Which visible articles pass the filter, are not gone, hold what is quoted and nothing excluded."""
        passing = self._passing(where, visible) & ~np.isin(self._rows.view(visible), dead)
        for ways in plan.excluded:
            passing &= ~self.holding(ways, visible)
        for ways in plan.excluded_written:
            passing &= ~self.holding(ways, visible, fields=(WRITTEN,))
        for ways in plan.written:
            passing &= self.holding(ways, visible, fields=(WRITTEN,))
        return passing

    def _passing(self, where: Filter, visible: int) -> Mask:
        passing = np.ones(visible, np.bool_)
        for name, values in filter_values(where).items():
            one = np.zeros(visible, np.bool_)
            for value in values:
                one[_below(self._keywords.get((name, value), ()), visible)] = True
            passing &= one
        first, end = filter_seconds(where)
        published = self._published.view(visible)  # NaN, for none, passes no comparison
        if first is not None:
            passing &= published >= first
        if end is not None:
            passing &= published < end
        for article_id in where.exclude_ids:
            passing[_below(self._ids.get(article_id, ()), visible)] = False
        return passing

    def _coded(self, terms: Sequence[str]) -> str:
        """Terms as one character each, so that finding a phrase is finding a string."""
        codes = self._codes
        for term in terms:
            if term not in codes:
                if len(codes) >= _LAST_CODE:
                    raise StorageFailed(
                        f"live changes hold more than {_LAST_CODE:,} different words; build the index again"
                    )
                codes[term] = chr(len(codes) + 1)
        return "".join(map(codes.__getitem__, terms))


class _Field:
    """The postings, lengths and term sequences of one text field."""

    def __init__(self) -> None:
        self.postings: dict[str, list[int]] = {}
        self.streams: list[str] = []
        self.lengths = GrowingArray(np.empty(0, np.float64))
        self._totals = GrowingArray(np.empty(0, np.int64))

    def add(self, place: int, terms: Sequence[str], stream: str) -> None:
        """Append the terms of the article at ``place``."""
        for term, count in Counter(terms).items():
            posting = place << _COUNT_BITS | min(count, _MOST)
            known = self.postings.get(term)
            if known is None:
                self.postings[term] = [posting]
            else:
                known.append(posting)
        self.streams.append(stream)
        self.lengths.append([kept_length(len(terms))])
        self._totals.append([self.total(place) + len(terms)])

    def total(self, visible: int) -> int:
        """Terms in the first ``visible`` articles."""
        return int(self._totals.view(visible)[-1]) if visible else 0

    def packed(self, term: str, visible: int) -> npt.NDArray[np.int64]:
        """The postings of a term among the visible articles."""
        postings = self.postings.get(term, [])
        return np.array(postings[: bisect_left(postings, visible << _COUNT_BITS)], np.int64)


def _below(places: Sequence[int], visible: int) -> Rows:
    # An array even where it is empty: an empty tuple as an index would mean every article.
    return np.array(places[: bisect_left(places, visible)], np.int64)


def _count(stream: str, wanted: str) -> int:
    """Occurrences, those that overlap included, in time linear in the stream.

    A text that repeats itself ("ha ha ha") has as many occurrences of a part of it as it has terms: within
    such a run they lie one period of the wanted terms apart, and are counted by its length.
    """
    width = len(wanted)
    period = next(shift for shift in range(1, width + 1) if wanted.startswith(wanted[shift:]))
    if period == width:
        return stream.count(wanted)
    count, at = 0, stream.find(wanted)
    while at >= 0:
        more = (_run_end(stream, at + width, period) - at - width) // period
        count += 1 + more
        at = stream.find(wanted, at + more * period + 1)
    return count


def _run_end(stream: str, end: int, period: int) -> int:
    """Where the run ends in which each term is the one a period before; it is known to reach to ``end``."""
    size = period
    while size:
        part = stream[end : end + size]
        if part and stream.startswith(stream[end - period : end - period + len(part)], end):
            end += len(part)
            size *= 2
        else:
            size //= 2
    return end
