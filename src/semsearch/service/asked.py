"""What a reader asked in the address of the page, and the addresses of what may be asked next; pure."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast, get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from semsearch.articles import Window
from semsearch.search.types import MAX_DEPTH
from semsearch.service.parameters import RelatedQuery, SearchQuery

PAGE_SIZE = 10
SIMILAR = 10  # articles on a page of similar ones
FILTERS = ("section", "author", "tag", "language", "source")
DATES = ("published_after", "published_before", "until")
SORTS = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}
WINDOWS: dict[Window, str] = {"any": "Any time", "past": "Before it", "latest": "Newest first"}
SPANS = {"Past week": 7, "Past month": 30, "Past year": 365}  # in days


@dataclass(frozen=True)
class Choice:
    """A link that changes one thing of the search."""

    label: str
    href: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Asked:
    """A search, or with ``like`` the articles similar to one; what the page does not know it leaves alone.

    ``until`` is the last day that counts; ``published_before``, as in the API, the first moment that
    does not.
    """

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    published_after: str = ""
    published_before: str = ""
    until: str = ""
    sort: str = "relevance"
    page: int = 1
    like: str = ""
    window: Window = "any"

    @classmethod
    def of(cls, given: QueryParams) -> Asked:
        """Read an address; empty fields of a form count as left out."""
        number = given.get("page", "1")
        pairs = [(name, value) for name in FILTERS for value in given.getlist(name) if value.strip()]
        sort, window = given.get("sort", "relevance"), given.get("window", "any")
        return cls(
            q=given.get("q", "").strip(),
            filters=tuple(dict.fromkeys(pairs)),
            **{name: given.get(name, "").strip() for name in DATES},
            sort=sort if sort in SORTS else "relevance",
            page=min(int(number), MAX_DEPTH) if number.isascii() and number.isdigit() else 1,
            like=given.get("like", ""),
            window=cast(Window, window) if window in get_args(Window) else "any",
        )

    @property
    def anything(self) -> bool:
        """Whether anything at all was asked."""
        return bool(self.q or self.narrowed_down or self.like)

    @property
    def narrowed_down(self) -> bool:
        """Whether any filter is in force."""
        return bool(self.filters or any(getattr(self, name) for name in DATES))

    def search(self) -> SearchQuery:
        """The search; raises pydantic's ValidationError for values that cannot be used."""
        return SearchQuery.model_validate(
            {
                **self._where(),
                "q": self.q,
                "sort": self.sort,
                "limit": PAGE_SIZE,
                "offset": (max(self.page, 1) - 1) * PAGE_SIZE,
                "facets": ["section", "author", "tag"],
                "collapse": "duplicate" if self.q else "none",
            }
        )

    def similar(self) -> RelatedQuery:
        """The list of similar articles; raises ValidationError as ``search`` does."""
        values = {"limit": SIMILAR, "window": self.window, "fallback": "none"}
        return RelatedQuery.model_validate({**self._where(), **values})

    def _where(self) -> dict[str, object]:
        values: dict[str, object] = {
            name: found for name in FILTERS if (found := [v for n, v in self.filters if n == name])
        }
        values |= {name: getattr(self, name) for name in DATES[:2] if getattr(self, name)}
        if self.until:
            values["published_before"] = _day_after(self.until)
        return values

    def href(self, **changes: object) -> str:
        """The address of this search with some things changed; goes to page 1 unless told."""
        asked = dataclasses.replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        pairs = [("like", asked.like)] if asked.like else []
        pairs += [("q", asked.q)] if asked.q else []
        pairs += asked.filters
        pairs += [(name, getattr(asked, name)) for name in DATES if getattr(asked, name)]
        pairs += [("sort", asked.sort)] if asked.sort != "relevance" else []
        pairs += [("window", asked.window)] if asked.window != "any" else []
        pairs += [("page", str(asked.page))] if asked.page > 1 else []
        return "/?" + urlencode(pairs, errors="replace") if pairs else "/"

    def orders(self) -> list[Choice]:
        """The orders to choose from; of similar articles, the times."""
        if self.like:
            return [
                Choice(label, self.href(window=name), name == self.window) for name, label in WINDOWS.items()
            ]
        if self.q:
            return [Choice(label, self.href(sort=name), name == self.sort) for name, label in SORTS.items()]
        oldest = self.sort == "oldest"  # without words the newest are the best match
        return [
            Choice("Newest", self.href(sort="relevance"), not oldest),
            Choice("Oldest", self.href(sort="oldest"), oldest),
        ]

    def spans(self, today: date | None = None) -> list[Choice]:
        """Usual spans of time up to today; as addresses they stay what they were when they were made."""
        today = today or datetime.now(UTC).date()
        found = []
        for label, days in SPANS.items():
            first = (today - timedelta(days)).isoformat()
            href = self.href(published_after=first, published_before="", until="")
            found.append(Choice(label, href, self.published_after == first))
        return found

    def taken_off(self) -> list[Choice]:
        """Each filter in force, as a link that takes it off."""
        chosen = [
            Choice(value, self.href(filters=tuple(p for p in self.filters if p != (name, value))), True)
            for name, value in self.filters
        ]
        words = {"published_after": "from", "published_before": "before", "until": "until"}
        for name in DATES:
            if value := getattr(self, name):
                chosen.append(Choice(f"{words[name]} {value}", self.href(**{name: ""}), True))
        return chosen

    def all_off(self) -> str:
        """The address without any filter."""
        return self.href(filters=(), **dict.fromkeys(DATES, ""))

    def narrowed(self, name: str, value: str) -> str:
        """The address with one more filter."""
        return self.href(filters=tuple(dict.fromkeys((*self.filters, (name, value)))))

    def hidden(self, *, without: Literal["q", "dates"]) -> list[tuple[str, str]]:
        """What a form keeps of this search beside its own fields."""
        pairs = [("q", self.q), ("like", self.like)] if without == "dates" else []
        pairs += self.filters
        if without == "q":
            pairs += [(name, getattr(self, name)) for name in DATES]
        if self.sort != "relevance":
            pairs.append(("sort", self.sort))
        return [(name, value) for name, value in pairs if value]


def _day_after(day: str) -> str:
    """The day after an ISO date; what is none stays as it is, and is told where it is checked."""
    try:
        return (date.fromisoformat(day) + timedelta(1)).isoformat()
    except (ValueError, OverflowError):
        return day
