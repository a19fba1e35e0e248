"""Which rules hold for a request, and what pins and boosts do to a list: pure.

Rules are looked up by what is asked: a thousand rules cost a search no more than those that hold for it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from semsearch.rules import Rule
from semsearch.text.words import fold, name_words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Kind = Literal["search", "related"]

MAX_PINS = 100  # articles pinned into one list; those of the least specific rules are left out
HELD_MOST = 8  # spans of time, between a rule's begin or end and the next, whose rules are remembered


class RuleSet:
    """All rules of an index at one ``version``; never changes, so it may be shared by threads."""

    def __init__(self, rules: Iterable[Rule] = (), version: int = 0) -> None:
        self.version = version
        self.rules = tuple(rules)
        self._exact: dict[str, list[Rule]] = {}
        self._worded: dict[str, list[tuple[frozenset[str], Rule]]] = {}
        self._under: dict[str, list[Rule]] = {}
        self._standing: dict[Kind, list[Rule]] = {"search": [], "related": []}
        self._held: dict[tuple[Kind, int], tuple[Rule, ...]] = {}
        moments: set[float] = set()
        for rule in self.rules:
            if rule.enabled:
                self._file(rule)
                moments |= {one.timestamp() for one in (rule.starts_at, rule.expires_at) if one}
        self._moments = sorted(moments)

    def _file(self, rule: Rule) -> None:
        words = name_words(rule.query or "")
        if rule.holds_for == "query" and rule.match == "exact":
            self._exact.setdefault(same_query(rule.query or ""), []).append(rule)
        elif rule.holds_for == "query" and words:
            self._worded.setdefault(words[0], []).append((frozenset(words), rule))
        elif rule.holds_for == "article":
            self._under.setdefault(rule.under or "", []).append(rule)
        for kind, standing in self._standing.items():
            if rule.holds_for in {kind, "everywhere"}:
                standing.append(rule)

    def stamp(self, now: float) -> tuple[int, int]:
        """What an answer made now depends on: differs after a change, and when a rule begins or ends."""
        return self.version, bisect_right(self._moments, now)

    def asked(self, query: str, now: float) -> tuple[Rule, ...]:
        """The rules that hold for a query now, the most specific first."""
        found = list(self._exact.get(same_query(query), ())) if self._exact else []
        if self._worded:
            words = set(name_words(query))
            for word in words:
                found += [rule for wanted, rule in self._worded.get(word, ()) if wanted <= words]
        return in_force(found, now)

    def under(self, article_id: str | None, now: float) -> tuple[Rule, ...]:
        """The rules that hold for the list under an article now."""
        return in_force(self._under.get(article_id or "", ()), now)

    def standing(self, kind: Kind, now: float) -> tuple[Rule, ...]:
        """The rules that hold now for all searches, or for all related lists."""
        key = (kind, self.stamp(now)[1])
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= HELD_MOST:
                self._held.clear()
            held = self._held[key] = in_force(self._standing[kind], now)
        return held

    def with_rule(self, rule: Rule) -> RuleSet:
        """The same rules with this one among them, in the place of the one with its id."""
        return RuleSet([*(one for one in self.rules if one.id != rule.id), rule], self.version)


NO_RULES = RuleSet()


def same_query(text: str) -> str:
    """A query without case, accents and blanks too many: equal for queries that count as the same."""
    return fold(" ".join(text.split()))


def in_force(rules: Iterable[Rule], now: float) -> tuple[Rule, ...]:
    """Those that hold now, in their order of precedence."""
    moment = datetime.fromtimestamp(now, UTC)
    return tuple(sorted((rule for rule in rules if rule.state(moment) == "active"), key=precedence))


def precedence(rule: Rule) -> tuple[int, int, int, str]:
    """What goes first: one query or article, more words before fewer, all of a kind, then everywhere."""
    ranks = {"query": 0, "article": 0, "search": 2, "related": 2, "everywhere": 3}
    worded = rule.holds_for == "query" and rule.match == "words"
    words = len(set(name_words(rule.query or ""))) if worded else 0
    return (1 if worded else ranks[rule.holds_for], -words, rule.position, rule.id)


@dataclass(frozen=True, slots=True)
class Pin:
    """One article pinned by a rule, whose first article stands at ``position``, from 1."""

    rule: str
    article: str
    position: int


def pins_of(rules: Iterable[Rule]) -> tuple[Pin, ...]:
    """The pins of rules in their order of precedence, each article once, at most a hundred."""
    pins: dict[str, Pin] = {}
    for rule in rules:
        if rule.action == "pin":
            for article in rule.articles:
                pins.setdefault(article, Pin(rule.id, article, rule.position))
    return tuple(pins.values())[:MAX_PINS]


def slots(pins: Sequence[Pin]) -> list[int]:
    """The place of each pin in a list, from 1.

    The articles of one rule follow each other; those that cannot be shown are not among ``pins`` and
    leave no gap. A place that is taken passes to the next free one.
    """
    taken: set[int] = set()
    before: dict[str, int] = {}
    found = []
    for pin in pins:
        place = pin.position + before.get(pin.rule, 0)
        before[pin.rule] = before.get(pin.rule, 0) + 1
        while place in taken:
            place += 1
        taken.add(place)
        found.append(place)
    return found


def woven(places: Sequence[int], others: int) -> list[int]:
    """The order of a list whose first entries are pinned to these places, while the others stay in order.

    Where the others end before a place, its pin follows them.
    """
    pinned = sorted(range(len(places)), key=places.__getitem__, reverse=True)
    other, end = len(places), len(places) + others
    order: list[int] = []
    while len(order) < end:
        if pinned and (other == end or places[pinned[-1]] <= len(order) + 1):
            order.append(pinned.pop())
        else:
            order.append(other)
            other += 1
    return order


@dataclass(frozen=True, slots=True)
class Factors:
    """By how much the score of each of some rows is multiplied; ``rows`` ascend, other rows count 1."""

    rows: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, rows: Ints) -> Floats:
        """The factor of each row."""
        found = np.ones(len(rows))
        if len(self.rows):
            at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
            held = self.rows[at] == rows
            found[held] = self.values[at[held]]
        return found


def factors_of(boosts: Sequence[tuple[Ints, float]]) -> Factors:
    """Several boosts as one: a row that several name is multiplied by each."""
    if not boosts:
        return NO_FACTORS
    rows, places = np.unique(np.concatenate([rows for rows, _ in boosts]), return_inverse=True)
    values = np.ones(len(rows))
    each = np.concatenate([np.full(len(found), factor) for found, factor in boosts])
    np.multiply.at(values, places, each)
    return Factors(rows, values)


NO_FACTORS = Factors(np.empty(0, np.int64), np.empty(0))
