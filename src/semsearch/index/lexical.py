"""The lexical index: BM25 over title, body and author, an immutable base and a live delta as one.

A search is given what it may see: ``upto`` hides rows that came later, ``dead`` names rows that are
gone. Both belong to a snapshot, so searches on an older one go on as if nothing had been appended.
Removed versions still count in the statistics of words until a rebuild, as in any segment index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from semsearch.articles import Filter
from semsearch.index.lexical_analysis import Analyzer, analyzer, stemmer_of
from semsearch.index.lexical_base import LexicalBase
from semsearch.index.lexical_build import LexicalBuilder
from semsearch.index.lexical_delta import LexicalDelta
from semsearch.index.lexical_plan import Plan, bounded, plan, ways_to_find
from semsearch.index.lexical_scoring import Scoring
from semsearch.index.lexical_types import TEXT_FIELDS, LexicalDocument, LexicalStats, LexicalWeights
from semsearch.index.protocol import Candidates, LexicalQuery, Rows, Scores

__all__ = [
    "LexicalBase",
    "LexicalBuilder",
    "LexicalDelta",
    "LexicalDocument",
    "LexicalIndex",
    "LexicalStats",
    "LexicalWeights",
]

_NO_FILTER = Filter()
_NOBODY: Rows = np.empty(0, np.int64)
_WEIGHTS = LexicalWeights()


class LexicalIndex:
    """Base and delta of one open generation; safe to search from several threads while one appends.

    ``dead`` are rows that are removed; passing the same array again is cheaper than an equal one.
    ``upto`` bounds the rows that may be seen (None: all) and should cover the base. Every search
    may raise IndexCorrupt when the base turns out to be damaged.
    """

    def __init__(self, base: LexicalBase, delta: LexicalDelta | None = None) -> None:
        self._base = base
        self._delta = LexicalDelta(base) if delta is None else delta
        own = base.stats.default_language
        self._base_stemmers = (own, *sorted({*base.stats.languages} - {own}))

    @property
    def stats(self) -> LexicalStats:
        """Sizes of the base."""
        return self._base.stats

    def append(self, row: int, doc: LexicalDocument) -> None:
        """Add one article version to the delta, in about a millisecond; rows must ascend."""
        self._delta.add(row, doc)

    def base_rows(self) -> Rows:
        """Every row that the base holds, ascending: for verifying."""
        return self._base.all_rows()

    def search(
        self,
        query: LexicalQuery,
        *,
        limit: int,
        where: Filter = _NO_FILTER,
        dead: Rows = _NOBODY,
        upto: int | None = None,
        weights: LexicalWeights = _WEIGHTS,
    ) -> Candidates:
        """The best ``limit`` rows by BM25, best first, ties by row; ``total`` is exact."""
        visible = self._delta.visible(upto)
        planned, scoring = self._plan(query, visible), self._scoring(visible, weights)
        rows, scores, total = self._base.search(planned, scoring, limit=limit, where=where, dead=dead)
        if visible:
            late, late_scores = self._delta.matches(planned, scoring, visible=visible, where=where, dead=dead)
            rows, scores = np.concatenate([rows, late]), np.concatenate([scores, late_scores])
            best = np.argsort(-scores, kind="stable")[:limit]  # rows of the delta come after the base's
            rows, scores, total = rows[best], scores[best], total + len(late)
        return Candidates(rows, scores, np.full(len(rows), -1, np.int64), total)

    def scores(
        self,
        query: LexicalQuery,
        rows: Rows,
        *,
        upto: int | None = None,
        weights: LexicalWeights = _WEIGHTS,
    ) -> Scores:
        """BM25 of the given rows, in the order given; 0 where a row does not match."""
        visible = self._delta.visible(upto)
        planned, scoring = self._plan(query, visible), self._scoring(visible, weights)
        result = self._base.scores(planned, scoring, rows)
        if visible:
            late, late_scores = self._delta.matches(
                planned, scoring, visible=visible, where=_NO_FILTER, dead=_NOBODY
            )
            places = np.searchsorted(late, rows)
            held = places < len(late)
            held[held] = late[places[held]] == rows[held]
            result[held] = late_scores[places[held]]
        return result

    def rows(
        self,
        query: LexicalQuery,
        *,
        where: Filter = _NO_FILTER,
        dead: Rows = _NOBODY,
        upto: int | None = None,
    ) -> Rows:
        """All rows that match, ascending."""
        visible = self._delta.visible(upto)
        planned, scoring = self._plan(query, visible), self._scoring(visible, _WEIGHTS)
        early = self._base.rows(planned, scoring, where=where, dead=dead)
        late, _ = self._delta.matches(planned, scoring, visible=visible, where=where, dead=dead)
        return np.concatenate([early, late])

    def title_rows(
        self,
        query: LexicalQuery,
        *,
        most: int,
        where: Filter = _NO_FILTER,
        dead: Rows = _NOBODY,
        upto: int | None = None,
    ) -> Rows:
        """The rows whose title holds every word and phrase, ascending; none where more than ``most`` do."""
        visible = self._delta.visible(upto)
        planned = self._plan(query, visible)
        early = self._base.titled(planned, most=most, where=where, dead=dead)
        late = self._delta.titled(planned, visible=visible, where=where, dead=dead)
        found = np.concatenate([early, late])
        return found if len(early) <= most and len(found) <= most else _NOBODY

    def ideal(
        self, query: LexicalQuery, *, upto: int | None = None, weights: LexicalWeights = _WEIGHTS
    ) -> float:
        """The score of a perfect match: every word and phrase filling title and body.

        No article passes it, unless by its author's name too; see ``Scoring.ideal``.
        """
        visible = self._delta.visible(upto)
        planned, scoring = self._plan(query, visible), self._scoring(visible, weights)
        groups = (*planned.words, *planned.optional)
        words = sum(map(scoring.ideal_of, groups))
        return words + sum(max(map(scoring.ideal, ways)) for ways in planned.phrases)

    def document_frequency(self, words: Sequence[str], *, upto: int | None = None) -> list[int]:
        """In how many articles each word stands, after stemming; 0 for what holds no word.

        What gives several terms (``Covid-19``) is counted as a phrase; other words that a text answers to
        (``Reform`` in Krankenhausreform) count, too.
        """
        visible = self._delta.visible(upto)
        stemmers, analysis = self._stemmers(visible), self.stats.analysis
        counts = []
        for ways in bounded([ways_to_find(word, stemmers, analysis) for word in words]):
            early = self._base.articles_with(ways) if ways else 0
            late = int(self._delta.holding(ways, visible).sum()) if ways and visible else 0
            counts.append(early + late)
        return counts

    def body_frequency(self, terms: Sequence[str], *, upto: int | None = None) -> list[int]:
        """In how many bodies each index term stands, those of removed articles among them; cheap."""
        base, delta, visible = self._base, self._delta, self._delta.visible(upto)
        return [base.frequency("body", term) + delta.frequency("body", term, visible) for term in terms]

    def terms(self, text: str, language: str | None = None) -> list[str]:
        """The index terms of a text in a language (None: the index's own), repeats included."""
        return self._analyzer(language).terms(text)

    def terms_with_prefix(
        self, name: str, prefix: str, *, limit: int, upto: int | None = None
    ) -> list[tuple[str, int]]:
        """The most frequent terms (stems) of title, body or author that begin so, with their counts.

        Exact among the terms that base and delta rank in their first ``limit``.
        """
        counts = Counter(dict(self._base.terms(name, prefix, limit)))
        for term, late in self._delta.terms(name, prefix, self._delta.visible(upto)):
            early = counts[term] or self._base.frequency(name, term)
            counts[term] = early + late
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]

    def analyse(
        self, text: str, language: str | None = None, *, wanted: Collection[str] | None = None
    ) -> list[tuple[str, int, int]]:
        """The index terms of a text with the (start, end) in characters that each came from.

        ``language`` is that of the article (None: the index's own); ``wanted`` terms alone are found
        faster than all.
        """
        analysis = self._analyzer(language)
        return analysis.spans(text) if wanted is None else analysis.marked(text, wanted)

    def _analyzer(self, language: str | None) -> Analyzer:
        stats = self.stats
        return analyzer(stemmer_of(language, stats.default_language, stats.analysis), stats.analysis)

    def _plan(self, query: LexicalQuery, visible: int) -> Plan:
        return plan(query, self._stemmers(visible), self.stats.analysis)

    def _stemmers(self, visible: int) -> tuple[str, ...]:
        """Those of all visible articles, the index's own first."""
        if not visible:
            return self._base_stemmers
        own, *others = self._base_stemmers
        return (own, *sorted({*others, *self._delta.stemmers(visible)} - {own}))

    def _scoring(self, visible: int, weights: LexicalWeights) -> Scoring:
        base, delta = self._base, self._delta
        averages = {
            name: base.stats.average(name) or delta.average(name, visible) or 1.0 for name in TEXT_FIELDS
        }
        return Scoring(
            weights=weights,
            base=base.frequency,
            delta=lambda name, term: delta.frequency(name, term, visible),
            base_articles=base.stats.articles,
            delta_articles=visible,
            averages=averages,
        )
