"""Saved searches as they are kept: what is looked for, what was found, and what was told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from semsearch.articles import Filter
from semsearch.errors import RuleNotFound

FILE = "saved.db"  # beside the generations of the index
LISTS = ("sections", "authors", "tags", "languages", "sources")  # what a search filters by

DeliveryState = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where matches are told: an http or https address, and the secret that signs ("" signs nothing)."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """What an editor wants to be told of as soon as it arrives.

    An article matches where the inner product of ``meaning`` and its best passage, 0 to 1, is at least
    ``threshold``, all ``words`` stand in it, and it passes ``where`` (dates of it are not looked at).
    ``feed_token`` opens its feed and nothing else. The times and the token are the store's to give.
    """

    id: str
    name: str
    meaning: str
    threshold: float
    words: tuple[str, ...] = ()
    where: Filter = field(default_factory=Filter)
    webhook: Webhook | None = None
    enabled: bool = True
    made_by: str = ""
    feed_token: str = field(default="", repr=False)
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An article as it was when a search first found it: ``passage`` is the text that was nearest."""

    search_id: str
    article_id: str
    score: float
    title: str
    passage: str
    url: str | None = None
    section: str | None = None
    author: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What was found, its number in the order of finding, and when."""

    number: int
    found: Found
    at: datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where the articles of an index were looked at.

    ``shown_since`` is the last moment by the clock at which an article had appeared or gone.
    """

    generation: str
    change: int
    shown_since: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many matches are kept of a search, and how many of them are of the last 24 hours."""

    matches: int = 0
    last_day: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a webhook: ``id`` stays the same over all tries, and so does ``body``.

    ``status`` is the last HTTP status (0 where none came), ``problem`` says what went wrong last.
    """

    id: str
    search_id: str
    article_id: str
    body: bytes = field(repr=False)
    state: DeliveryState
    tries: int
    status: int
    problem: str
    created_at: datetime
    next_at: datetime


def unknown_search(search_id: str) -> RuleNotFound:
    """The error for an id that no search has."""
    return RuleNotFound(f"there is no saved search '{search_id}'; the list shows those there are")
