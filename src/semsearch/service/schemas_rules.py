"""Editors' rules over HTTP: what is sent and what is answered."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from semsearch.articles import Mode
from semsearch.rules import (
    LEAST_FACTOR,
    MAX_ARTICLES,
    MAX_NOTE,
    MAX_POSITION,
    MAX_QUERY,
    MAX_VALUES,
    MOST_FACTOR,
    Action,
    HoldsFor,
    Match,
    State,
)
from semsearch.service.parameters import ArticleId, Moment, Query, Value
from semsearch.service.routes_write import NoQuery
from semsearch.service.schemas import Answer

MAX_PAGE = 1000
MAX_PREVIEW = 50


class RuleFilterBody(BaseModel):
    """Which articles a rule is for: fields are joined with AND, the values of one field with OR."""

    model_config = ConfigDict(extra="forbid", strict=True)

    section: list[Value] | None = Field(
        None,
        max_length=MAX_VALUES,
        description="These sections; case does not matter.",
        examples=[["Opinion"]],
    )
    author: list[Value] | None = Field(
        None, max_length=MAX_VALUES, description="By one of these authors.", examples=[["Ada Marsh"]]
    )
    tag: list[Value] | None = Field(
        None, max_length=MAX_VALUES, description="With one of these tags.", examples=[["sponsored"]]
    )
    source: list[Value] | None = Field(
        None, max_length=MAX_VALUES, description="From one of these sources.", examples=[["wire"]]
    )


class RuleBody(BaseModel):
    """A rule as it is sent; what is left out has its default, so a PUT says all of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | None = Field(
        None, description="The id of the address, or left out.", examples=["school-closure"]
    )
    action: Action = Field(
        description="Show articles at a place, nowhere, or higher or lower than they would stand.",
        examples=["pin"],
    )
    articles: list[ArticleId] | None = Field(
        None,
        max_length=MAX_ARTICLES,
        description="The articles by their ids. A pin shows them in this order.",
        examples=[["a-17", "a-21"]],
    )
    filter: RuleFilterBody | None = Field(
        None,
        description="Instead of articles, for hide and boost: all that pass.",
        examples=[{"tag": ["sponsored"]}],
    )
    position: int | None = Field(
        None,
        ge=1,
        le=MAX_POSITION,
        description="Of a pin: the place of its first article, from 1; left out: 1.",
        examples=[1],
    )
    factor: float | None = Field(
        None,
        ge=LEAST_FACTOR,
        le=MOST_FACTOR,
        allow_inf_nan=False,
        description="Of a boost: what scores are multiplied by. Above 1 lifts, below 1 buries.",
        examples=[1.5],
    )
    holds_for: HoldsFor | None = Field(
        None,
        description="One query, the list under one article, all searches, all related lists, or everywhere; "
        "may be left out beside query or under.",
        examples=["query"],
    )
    query: str | None = Field(
        None,
        max_length=MAX_QUERY,
        description="The query that it holds for. Case, accents and blanks do not matter.",
        examples=["school closure"],
    )
    match: Match | None = Field(
        None,
        description="The query is exactly this, or holds these words in any order; left out: exact.",
        examples=["exact"],
    )
    under: ArticleId | None = Field(
        None, description="The article under whose list it holds.", examples=["a-5"]
    )
    starts_at: Moment | None = Field(
        None,
        description="From when it holds (ISO 8601; UTC where no zone is given).",
        examples=["2026-01-31"],
    )
    expires_at: Moment | None = Field(
        None, description="When it ends: from this moment on it does not hold.", examples=["2026-02-28"]
    )
    enabled: bool = Field(True, description="False keeps it without effect.", examples=[True])
    note: str = Field(
        "",
        max_length=MAX_NOTE,
        description="Why, for colleagues.",
        examples=["the explainer, not the wire copy"],
    )


class RuleFilterAnswer(Answer):
    """Which articles a rule is for."""

    section: list[str] | None = Field(None, description="These sections.", examples=[["Opinion"]])
    author: list[str] | None = Field(None, description="One of these authors.", examples=[["Ada Marsh"]])
    tag: list[str] | None = Field(None, description="One of these tags.", examples=[["sponsored"]])
    source: list[str] | None = Field(None, description="One of these sources.", examples=[["wire"]])


class RuleVersion(Answer):
    """What a rule says, at one time."""

    id: str = Field(description="Its id.", examples=["school-closure"])
    action: Action = Field(description="What it does.", examples=["pin"])
    articles: list[str] = Field(description="The articles that it names.", examples=[["a-17"]])
    filter: RuleFilterAnswer | None = Field(description="Or those that pass this; null where it names them.")
    position: int | None = Field(description="Of a pin, from 1; else null.", examples=[1])
    factor: float | None = Field(description="Of a boost; else null.", examples=[1.5])
    holds_for: HoldsFor = Field(description="Where it holds.", examples=["query"])
    query: str | None = Field(
        description="The query that it holds for; else null.", examples=["school closure"]
    )
    match: Match | None = Field(description="How the query is compared; else null.", examples=["exact"])
    under: str | None = Field(description="The article under which it holds; else null.", examples=["a-5"])
    starts_at: str | None = Field(description="From when, UTC.", examples=["2026-01-31T00:00:00Z"])
    expires_at: str | None = Field(description="Until when, UTC.", examples=["2026-02-28T00:00:00Z"])
    enabled: bool = Field(description="Whether it is switched on.", examples=[True])
    note: str = Field(description="Why.", examples=["the explainer, not the wire copy"])


class RuleAnswer(RuleVersion):
    """A rule as it is kept."""

    state: State = Field(description="Whether it holds now.", examples=["active"])
    missing: list[str] | None = Field(
        description="Articles that it names and the index has not; null where the index is not open.",
        examples=[[]],
    )
    made_by: str = Field(description="The name of the key that made it.", examples=["Ada"])
    made_at: str = Field(description="When, UTC.", examples=["2026-01-31T12:00:00Z"])
    changed_by: str = Field(description="Who changed it last.", examples=["Ben"])
    changed_at: str = Field(description="When, UTC.", examples=["2026-01-31T12:30:00Z"])
    change: int = Field(description="Number of the last change.", examples=[118])


class RulesAnswer(Answer):
    """Rules, those changed last first."""

    rules: list[RuleAnswer] = Field(description="One page of them.")
    total: int = Field(description="How many there are in all pages.", examples=[12])


class RulesQuery(NoQuery):
    """Which rules are listed."""

    state: State | None = Field(None, description="Only those in this state.", examples=["active"])
    limit: int = Field(100, ge=1, le=MAX_PAGE, description="Rules a page.", examples=[100])
    offset: int = Field(0, ge=0, description="Rules to skip.", examples=[0])


class HistoryQuery(NoQuery):
    """Which changes are listed."""

    limit: int = Field(100, ge=1, le=MAX_PAGE, description="Changes a page.", examples=[100])
    before: int | None = Field(
        None, ge=1, description="Only changes before the one of this number: the next page.", examples=[118]
    )


class RuleChangeAnswer(Answer):
    """One change of a rule."""

    change: int = Field(description="Its number; later ones are larger.", examples=[118])
    id: str = Field(description="The rule's id.", examples=["school-closure"])
    at: str = Field(description="When, UTC.", examples=["2026-01-31T12:30:00Z"])
    by: str = Field(description="The name of the key.", examples=["Ben"])
    kind: Literal["made", "changed", "deleted"] = Field(description="What was done.", examples=["changed"])
    before: RuleVersion | None = Field(description="The rule before it; null where it was made.")
    after: RuleVersion | None = Field(description="The rule after it; null where it was deleted.")


class HistoryAnswer(Answer):
    """Changes of rules, newest first."""

    changes: list[RuleChangeAnswer] = Field(description="One page of them.")
    kept: int = Field(description="How many changes of all rules are kept at most.", examples=[10000])


class RestoreBody(BaseModel):
    """Which version of a rule is put back."""

    model_config = ConfigDict(extra="forbid", strict=True)

    change: int = Field(
        ge=1,
        description="Number of a change of its history: what it made is put back, or what it deleted.",
        examples=[117],
    )


class RulePreviewBody(BaseModel):
    """A rule that is not kept, and the list in which to see what it would do."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rule: RuleBody = Field(
        description="The rule; with the id of one that is kept, it takes its place.",
        examples=[{"action": "pin", "articles": ["a-17"], "query": "school closure"}],
    )
    q: Query | None = Field(
        None, description="A search; left out: the rule's own query.", examples=["school closure"]
    )
    article_id: ArticleId | None = Field(
        None, description="Or the list under an article; left out: the rule's own.", examples=["a-5"]
    )
    limit: int = Field(10, ge=1, le=MAX_PREVIEW, description="How much of the list.", examples=[10])
    mode: Mode = Field("hybrid", description="The mode of the search.", examples=["hybrid"])


class PreviewHit(Answer):
    """One article of a previewed list."""

    id: str = Field(description="The article's id.", examples=["a-17"])
    title: str = Field(description="Its title.", examples=["Council closes village school"])
    published_at: str | None = Field(description="When, UTC.", examples=["2026-01-30T08:00:00Z"])
    section: str | None = Field(description="Its section.", examples=["Local"])
    rank: int = Field(description="Its place, from 1.", examples=[1])
    score: float = Field(description="Its score.", examples=[0.83])
    pinned: bool = Field(description="Whether a rule puts it there.", examples=[True])
    was: int | None = Field(
        description="Its place in the other list; null where it is not in what is shown of that.",
        examples=[4],
    )


class PreviewProblem(Answer):
    """An article of the rule that it cannot do anything to."""

    id: str = Field(description="The article's id.", examples=["a-99"])
    problem: str = Field(description="Why.", examples=["the index has no such article (any more)"])


class RulePreviewAnswer(Answer):
    """A list as it is and as the rule would make it, were it in force."""

    q: str | None = Field(description="The search that was asked; else null.", examples=["school closure"])
    article_id: str | None = Field(
        description="The article whose list was asked; else null.", examples=[None]
    )
    holds: bool = Field(description="Whether the rule holds for this at all.", examples=[True])
    before: list[PreviewHit] = Field(description="The list as it is.")
    after: list[PreviewHit] = Field(description="The list as it would be.")
    total_before: int = Field(description="Articles over all pages as it is.", examples=[57])
    total_after: int = Field(description="Articles over all pages as it would be.", examples=[57])
    problems: list[PreviewProblem] = Field(description="Articles of the rule that it cannot show.")
