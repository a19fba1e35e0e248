"""Editors' rules: pin, hide or boost articles, in the searches or lists where a rule holds; pure.

A rule is checked where it is made, field by field, whoever makes it: HTTP, command line or a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from semsearch.articles import Filter
from semsearch.errors import RuleInvalid

Action = Literal["pin", "hide", "boost"]
HoldsFor = Literal["query", "article", "search", "related", "everywhere"]
Match = Literal["exact", "words"]
State = Literal["active", "scheduled", "expired", "off"]
FilterField = Literal["section", "author", "tag", "source"]

ACTIONS: tuple[Action, ...] = get_args(Action)
HOLDS_FOR: tuple[HoldsFor, ...] = get_args(HoldsFor)
MATCHES: tuple[Match, ...] = get_args(Match)
FILTER_FIELDS: tuple[FilterField, ...] = get_args(FilterField)

MAX_ID = 100  # characters
MAX_ARTICLES = 100  # articles that one rule names
MAX_ARTICLE_ID = 1_000  # characters, as everywhere
MAX_VALUES = 100  # values of one field of a filter
MAX_VALUE = 500  # characters
MAX_QUERY = 300  # characters; longer queries are nobody's that come twice
MAX_NOTE = 1_000  # characters
MAX_POSITION = 100
LEAST_FACTOR, MOST_FACTOR = 0.01, 100.0
RESERVED = frozenset({"history", "preview"})  # addresses beside the rules

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``action`` on ``articles``, or on all that pass ``filter`` (not for a pin).

    A pin shows its articles from ``position`` on (from 1), in their order; a boost multiplies scores by
    ``factor``. It holds for searches of ``query``, for the list under the article ``under``, in all
    searches, in all related lists, or everywhere; from ``starts_at`` to before ``expires_at``, while it is
    ``enabled``. Texts lose control characters and outer blanks.

    Raises RuleInvalid, naming the field.
    """

    id: str
    action: Action
    holds_for: HoldsFor
    articles: tuple[str, ...] = ()
    filter: Filter | None = None
    position: int = 1
    factor: float = 1.0
    query: str | None = None
    match: Match = "exact"
    under: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    enabled: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("query", "under", "note"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, _plain(value))
        object.__setattr__(self, "articles", tuple(dict.fromkeys(self.articles)))
        self._check_names()
        self._check_subject()
        self._check_place()
        self._check_time()

    def state(self, now: datetime) -> State:
        """Whether it holds now, and why not."""
        if not self.enabled:
            return "off"
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        return "scheduled" if self.starts_at is not None and now < self.starts_at else "active"

    def _check_names(self) -> None:
        if not _ID.fullmatch(self.id) or len(self.id) > MAX_ID:
            hint = f"give up to {MAX_ID} letters, digits, dots, colons, dashes; the first a letter or digit"
            raise wrong("id", hint, self.id)
        if self.id in RESERVED:
            raise wrong("id", "this word has a meaning of its own; give another", self.id)
        _check_choice("action", self.action, ACTIONS)
        _check_choice("holds_for", self.holds_for, HOLDS_FOR)
        _check_choice("match", self.match, MATCHES)
        _check_length("note", self.note, MAX_NOTE)

    def _check_subject(self) -> None:
        if len(self.articles) > MAX_ARTICLES:
            raise wrong("articles", f"give at most {MAX_ARTICLES} ids", len(self.articles))
        for one in self.articles:
            if not one or len(one) > MAX_ARTICLE_ID or _UNPRINTABLE.search(one):
                raise wrong("articles", f"give ids of 1 to {MAX_ARTICLE_ID:,} printable characters", one)
        if self.action == "pin" and self.filter is not None:
            raise wrong("filter", "a pin names its articles; leave the filter out")
        if bool(self.articles) == (self.filter is not None):
            problem = (
                "give articles or a filter" if not self.articles else "give articles or a filter, not both"
            )
            raise wrong("articles", "give the ids to pin" if self.action == "pin" else problem)
        if self.filter is not None:
            _check_filter(self.filter)
        if not 1 <= self.position <= MAX_POSITION:
            raise wrong("position", f"give 1 to {MAX_POSITION}", self.position)
        if not LEAST_FACTOR <= self.factor <= MOST_FACTOR:  # NaN is not within them either
            raise wrong("factor", f"give {LEAST_FACTOR} to {MOST_FACTOR:.0f}", self.factor)
        if self.action == "boost" and self.factor == 1:
            raise wrong("factor", "1 changes nothing; give more to lift, less to bury", self.factor)

    def _check_place(self) -> None:
        for name, place in (("query", "query"), ("under", "article")):
            value, wanted = getattr(self, name), self.holds_for == place
            if wanted and not value:
                raise wrong(name, f"a rule that holds for one {place} needs it")
            if value is not None and not wanted:
                problem = f"leave it out, or let the rule hold for: {place}; it holds for: {self.holds_for}"
                raise wrong(name, problem, value)
        _check_length("query", self.query or "", MAX_QUERY)
        _check_length("under", self.under or "", MAX_ARTICLE_ID)

    def _check_time(self) -> None:
        for name in ("starts_at", "expires_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise wrong(name, "it has no time zone; give one, such as Z", moment.isoformat())
        if self.starts_at and self.expires_at and self.expires_at <= self.starts_at:
            problem = f"give a time after the start, {self.starts_at.isoformat()}"
            raise wrong("expires_at", problem, self.expires_at.isoformat())


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule as it is kept: by whom and when it was made and last changed, and the number of that change."""

    rule: Rule
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    change: int


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of the history: the rule before it (None: it is new) and after it (None: it is deleted)."""

    change: int
    id: str
    at: datetime
    by: str
    before: Rule | None
    after: Rule | None

    @property
    def kind(self) -> Literal["made", "changed", "deleted"]:
        """What was done."""
        if self.before is None:
            return "made"
        return "changed" if self.after is not None else "deleted"

    @property
    def version(self) -> Rule:
        """The rule that this change made; of a deletion, what was deleted."""
        version = self.after or self.before
        assert version is not None
        return version


def wrong(field: str, problem: str, value: object = None) -> RuleInvalid:
    """The error of one field."""
    return RuleInvalid(problem, field=field, value=value)


def rule_record(rule: Rule) -> dict[str, Any]:
    """A rule as JSON's own types, for files, programs and people; ``rule_from`` reads it."""
    found = rule.filter
    return {
        "id": rule.id,
        "action": rule.action,
        "articles": list(rule.articles),
        "filter": None
        if found is None
        else {name: list(values) for name in FILTER_FIELDS if (values := _values(found, name)) is not None},
        "position": rule.position if rule.action == "pin" else None,
        "factor": rule.factor if rule.action == "boost" else None,
        "holds_for": rule.holds_for,
        "query": rule.query,
        "match": rule.match if rule.holds_for == "query" else None,
        "under": rule.under,
        "starts_at": _moment_text(rule.starts_at),
        "expires_at": _moment_text(rule.expires_at),
        "enabled": rule.enabled,
        "note": rule.note,
    }


def rule_from(record: Mapping[str, Any]) -> Rule:
    """The rule of a record whose values are of the right kinds; what is None counts as left out.

    Where it holds may be left out beside a query or an article that it holds for. Raises RuleInvalid.
    """
    given = {name: value for name, value in record.items() if value is not None}
    for name in ("id", "action"):
        if name not in given:
            raise wrong(name, "it is missing")
    given.setdefault("holds_for", _place_of(given))
    for name, action in (("position", "pin"), ("factor", "boost")):
        if name in given and given["action"] in ACTIONS and given["action"] != action:
            raise wrong(name, f"leave it out: only a {action} has one", given[name])
    if given["action"] == "boost" and "factor" not in given:
        raise wrong("factor", "a boost needs it: above 1 lifts, below 1 buries")
    for name in ("starts_at", "expires_at"):
        if isinstance(given.get(name), str):
            given[name] = datetime.fromisoformat(given[name])
    if isinstance(given.get("filter"), Mapping):
        given["filter"] = filter_from(given["filter"])
    return Rule(**{**given, "articles": tuple(given.get("articles", ()))})


def _place_of(given: Mapping[str, Any]) -> object:
    if "holds_for" in given:
        return given["holds_for"]
    found = [place for name, place in (("query", "query"), ("under", "article")) if name in given]
    if len(found) == 1:
        return found[0]
    hint = f"give one of {', '.join(HOLDS_FOR)}"
    raise wrong("holds_for", f"query and under are both given; {hint}" if found else hint)


def filter_from(record: Mapping[str, Sequence[str] | None]) -> Filter:
    """The filter of a rule; raises RuleInvalid for a field that is none of its own."""
    for name in record:
        _check_choice("filter", name, FILTER_FIELDS)
    kept = {f"{name}s": tuple(dict.fromkeys(values)) for name, values in record.items() if values is not None}
    return Filter(**kept)  # type: ignore[arg-type]  # the names were checked


def _values(found: Filter, name: FilterField) -> tuple[str, ...] | None:
    values: tuple[str, ...] | None = getattr(found, f"{name}s")
    return values


def _check_filter(found: Filter) -> None:
    own = Filter(found.sections, found.authors, found.tags, sources=found.sources)
    if own != found:
        raise wrong("filter", f"a rule filters by {', '.join(FILTER_FIELDS)} alone")
    given = {name: values for name in FILTER_FIELDS if (values := _values(found, name)) is not None}
    if not given:
        raise wrong("filter", f"give one of {', '.join(FILTER_FIELDS)}")
    for name, values in given.items():
        if not 1 <= len(values) <= MAX_VALUES:
            raise wrong(f"filter.{name}", f"give 1 to {MAX_VALUES} values", len(values))
        for value in values:
            if not value.strip() or len(value) > MAX_VALUE or _UNPRINTABLE.search(value):
                raise wrong(f"filter.{name}", f"give values of 1 to {MAX_VALUE} printable characters", value)


def _check_choice(name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise wrong(name, f"give one of {', '.join(known)}", value)


def _check_length(name: str, value: str, most: int) -> None:
    if len(value) > most:
        raise wrong(name, f"it has {len(value):,} characters; give at most {most:,}", value)


def _plain(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
