"""The form of a rule on the desk: how it begins, what was typed into it, and the rule that this makes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from semsearch.rules import ACTIONS, FILTER_FIELDS, MAX_ID, Rule
from semsearch.service.desk import Form, labelled
from semsearch.service.desk_fields import number_or_text, parts_of
from semsearch.text.words import fold

PLACES = ("query", "article", "search", "related", "everywhere")
LABELS = {
    "action": "What it does",
    "articles": "Articles",
    "filter": "Or all of",
    "position": "Place",
    "factor": "Factor",
    "holds_for": "Where it holds",
    "query": "Query",
    "under": "Article of the list",
    "starts_at": "From",
    "expires_at": "Until",
    "note": "Note",
    **{f"filter.{name}": name.capitalize() for name in FILTER_FIELDS},
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form; ``id`` is that of the rule that is changed, or empty.

    ``see`` and ``see_under`` say in which search or list a preview shows the rule.
    """

    id: str = ""
    action: str = "pin"
    articles: str = ""
    position: str = "1"
    factor: str = "1.5"
    holds_for: str = "query"
    query: str = ""
    words: bool = False
    under: str = ""
    section: str = ""
    author: str = ""
    tag: str = ""
    source: str = ""
    starts_at: str = ""
    expires_at: str = ""
    enabled: bool = True
    note: str = ""
    see: str = ""
    see_under: str = ""

    @property
    def ids(self) -> list[str]:
        """The articles that are named, one a line."""
        return [line.strip() for line in self.articles.splitlines() if line.strip()]

    @property
    def filtered(self) -> bool:
        """Whether any field says which articles it is for."""
        return any(getattr(self, name) for name in FILTER_FIELDS)


def begun(given: Mapping[str, str]) -> Filled:
    """The form as it begins from a search or a list, where somebody pressed a button beside an article."""
    action, query, under = given.get("action", ""), given.get("q", "")[:300], given.get("under", "")[:1000]
    return Filled(
        action=action if action in ACTIONS else "pin",
        articles=given.get("article", "")[:1000],
        holds_for="article" if under else "query",
        query="" if under else query,
        under=under,
    )


def filled(rule: Rule) -> Filled:
    """The form as a rule has it."""
    found = rule.filter
    lists = {name: getattr(found, f"{name}s") for name in FILTER_FIELDS} if found else {}
    return Filled(
        id=rule.id,
        action=rule.action,
        articles="\n".join(rule.articles),
        position=str(rule.position),
        factor=f"{rule.factor if rule.action == 'boost' else 1.5:g}",
        holds_for=rule.holds_for,
        query=rule.query or "",
        words=rule.match == "words",
        under=rule.under or "",
        starts_at=_local(rule.starts_at),
        expires_at=_local(rule.expires_at),
        enabled=rule.enabled,
        note=rule.note,
        **{name: ", ".join(values) for name, values in lists.items() if values},
    )


def typed(form: Form) -> Filled:
    """What was typed into the form, right or wrong."""
    texts: dict[str, Any] = {
        name: form.get(name)
        for name in Filled.__dataclass_fields__
        if name not in {"words", "enabled"} and any(key == name for key, _ in form.fields)
    }
    return Filled(**{**texts, "words": form.get("words") == "on", "enabled": form.get("enabled") == "on"})


def values(form: Filled) -> dict[str, Any]:
    """What was typed as ``RuleBody`` wants it, without what its action or its place has no use for."""
    found = {name: parts for name in FILTER_FIELDS if (parts := parts_of(getattr(form, name)))}
    return {
        "action": form.action,
        "articles": form.ids or None,
        "filter": found or None,
        "position": number_or_text(form.position, int) if form.action == "pin" else None,
        "factor": number_or_text(form.factor.replace(",", "."), float) if form.action == "boost" else None,
        "holds_for": form.holds_for,
        "query": form.query if form.holds_for == "query" else None,
        "match": "words" if form.words and form.holds_for == "query" else None,
        "under": form.under if form.holds_for == "article" else None,
        "starts_at": form.starts_at or None,
        "expires_at": form.expires_at or None,
        "enabled": form.enabled,
        "note": form.note,
    }


def new_id(form: Filled) -> str:
    """An id that says what the rule is for, and is nobody else's."""
    about = form.query or form.under or next(iter(form.ids), "") or form.section or form.tag
    plain = re.sub(r"[^a-z0-9]+", "-", fold(f"{form.action} {about}").encode("ascii", "ignore").decode())
    return f"{plain[: MAX_ID // 2].strip('-')}-{secrets.token_hex(3)}"


def _local(moment: datetime | None) -> str:
    """A moment as the browser's field for one takes it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}" if moment else ""


def rule_words(words: str) -> str:
    """An error in the words of this form."""
    if words.startswith("give q or article_id"):
        return "Give a query, or the id of an article, in which to see what changes; not both."
    return labelled(words, LABELS)
