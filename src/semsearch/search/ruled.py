"""What editors' rules do to one request on one snapshot: what is hidden, pinned and boosted.

What is hidden counts as deleted: it is in no list, total or facet, and takes no part in scores. Pins
and boosts change the list that was found: see ``arrange`` for searches and ``related`` for lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from semsearch.index.protocol import LexicalQuery, Rows, Snapshot
from semsearch.index.remembered import Remembered
from semsearch.index.row_sets import union
from semsearch.query import ParsedQuery
from semsearch.ranking import Floats, Ranked
from semsearch.rules import Rule
from semsearch.ruleset import NO_FACTORS, Factors, Kind, Pin, RuleSet, factors_of, pins_of, slots, woven
from semsearch.search.retrieval import rows_without
from semsearch.search.types import RelatedRequest, SearchRequest

NOBODY: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Rules as rows of one snapshot; ``pins`` may have rows that are hidden or deleted (-1)."""

    hidden: Rows = field(default_factory=lambda: NOBODY)
    pins: tuple[tuple[Pin, int], ...] = ()
    boosts: Factors = NO_FACTORS


NOTHING = Resolved()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one request: search on ``snapshot``, which lacks what is hidden.

    ``pins`` may be shown, in their order of precedence, and ``pinned`` are their rows. ``meant`` says
    that one was pinned for this very query.
    """

    snapshot: Snapshot
    pins: tuple[Pin, ...] = ()
    pinned: Rows = field(default_factory=lambda: NOBODY)
    boosts: tuple[Factors, ...] = ()
    meant: bool = False

    def among(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of the rows are pinned."""
        return np.isin(rows, self.pinned)

    def factors(self, rows: Rows) -> Floats:
        """By how much the score of each row is multiplied."""
        found = np.ones(len(rows))
        for one in self.boosts:
            found *= one.of(rows)
        return found

    def only(self, rows: Rows) -> Ruling:
        """The same, with those pins alone whose rows are among these."""
        held = np.isin(self.pinned, rows)
        pins = tuple(pin for pin, shown in zip(self.pins, held, strict=True) if shown)
        return Ruling(self.snapshot, pins, self.pinned[held], self.boosts, self.meant)

    def first(self, ranked: Ranked) -> Ranked:
        """The pins alone, with their parts from a list where they are in it."""
        count = len(self.pinned)
        first = Ranked(
            self.pinned, np.zeros(count), np.full(count, np.nan), np.full(count, np.nan), np.full(count, -1)
        )
        at = {row: place for place, row in enumerate(self.pinned.tolist())}
        held = np.flatnonzero(self.among(ranked.rows))
        places = [at[row] for row in ranked.rows[held].tolist()]
        for name in ("scores", "semantic", "lexical", "passages"):
            getattr(first, name)[places] = getattr(ranked, name)[held]
        steps = {name: np.zeros(count) for name in ranked.steps}
        for name, added in ranked.steps.items():
            steps[name][places] = added[held]
        return replace(first, steps=steps)

    def placed(self, ranked: Ranked) -> Ranked:
        """A list that has its pins in front (not all of them, where copies fold), each in its place."""
        count = int(np.count_nonzero(self.among(ranked.rows)))
        if not count:
            return ranked
        order = self.places(ranked.rows[:count].tolist(), len(ranked) - count)
        return ranked.take(np.array(order, np.int64))

    def places(self, pinned: Sequence[int], others: int) -> list[int]:
        """The order of pinned rows, followed by others, that puts each pin in its place."""
        held = dict(zip(self.pinned.tolist(), self.pins, strict=True))
        return woven(slots([held[row] for row in pinned]), others)


class Rulings:
    """Makes the rulings of a searcher; what standing rules come to is remembered while nothing changes."""

    def __init__(self, rules: Callable[[], RuleSet], now: Callable[[], float]) -> None:
        self._rules = rules
        self._now = now
        self._standing: Remembered[tuple[object, ...], Resolved] = Remembered(4)

    def of_search(self, snapshot: Snapshot, request: SearchRequest, query: ParsedQuery) -> Ruling:
        """The ruling for a search; what the query excludes is never pinned."""
        rules, now = self._rules(), self._now()
        if not rules.rules:
            return Ruling(snapshot)
        asked = rules.asked(request.query, now)
        ruling = self._ruling(snapshot, rules, "search", asked, now)
        if not ruling.pins:
            return ruling
        if query.excluded:
            lexical = LexicalQuery(excluded=query.excluded, quoted=query.quoted)
            return ruling.only(rows_without(ruling.snapshot, lexical, request.where))
        return ruling.only(ruling.snapshot.matching(request.where))

    def of_related(self, snapshot: Snapshot, request: RelatedRequest) -> Ruling:
        """The ruling for a related list; whether its pins pass the filters is still to be asked."""
        rules, now = self._rules(), self._now()
        if not rules.rules:
            return Ruling(snapshot)
        return self._ruling(snapshot, rules, "related", rules.under(request.article_id, now), now)

    def of_typing(self, snapshot: Snapshot) -> Snapshot:
        """What suggestions are made of: without what is hidden in all searches."""
        rules, now = self._rules(), self._now()
        if not rules.rules:
            return snapshot
        return self._ruling(snapshot, rules, "search", (), now).snapshot

    def of_lists(self, snapshot: Snapshot) -> Snapshot:
        """A view without what is hidden in all related lists: what links may lead to."""
        rules, now = self._rules(), self._now()
        if not rules.rules:
            return snapshot
        return self._ruling(snapshot, rules, "related", (), now).snapshot

    def _ruling(
        self, snapshot: Snapshot, rules: RuleSet, kind: Kind, asked: tuple[Rule, ...], now: float
    ) -> Ruling:
        of = (snapshot.generation, snapshot.counts().change, snapshot.shown_since)
        key = (kind, *of, rules.stamp(now), rules)
        standing = self._standing.get(key, lambda: resolved(snapshot, rules.standing(kind, now)))
        own = resolved(snapshot, asked) if asked else NOTHING
        pins: dict[int, Pin] = {}
        for pin, row in (*own.pins, *standing.pins):
            if row >= 0:
                pins.setdefault(row, pin)
        hidden = union(own.hidden, standing.hidden) if len(own.hidden) else standing.hidden
        return Ruling(
            snapshot.without(hidden),
            tuple(pins.values()),
            np.array(list(pins), np.int64),
            tuple(one for one in (own.boosts, standing.boosts) if len(one)),
            any(row >= 0 for _, row in own.pins),
        )


def resolved(snapshot: Snapshot, rules: Iterable[Rule]) -> Resolved:
    """Rules as rows of a snapshot."""
    given = tuple(rules)
    hidden = [rows_of(snapshot, rule) for rule in given if rule.action == "hide"]
    boosts = [(rows_of(snapshot, rule), rule.factor) for rule in given if rule.action == "boost"]
    return Resolved(
        union(*hidden) if hidden else NOBODY,
        tuple((pin, snapshot.row_of(pin.article)) for pin in pins_of(given)),
        factors_of(boosts),
    )


def rows_of(snapshot: Snapshot, rule: Rule) -> Rows:
    """The live rows that a rule names or whose fields it filters by."""
    if rule.filter is not None:
        return snapshot.matching(rule.filter)
    rows = np.array([snapshot.row_of(one) for one in rule.articles], np.int64)
    return rows[rows >= 0]


def missing_ids(snapshot: Snapshot, rule: Rule) -> tuple[str, ...]:
    """The articles that a rule names and the index has not (any more)."""
    named = (*rule.articles, *((rule.under,) if rule.under is not None else ()))
    return tuple(one for one in named if snapshot.row_of(one) < 0)
