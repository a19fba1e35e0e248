"""What the pages show, made ready for their templates: links, counts, highlights; pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape
from starlette.datastructures import QueryParams

from semsearch.articles import Hit
from semsearch.search.types import MAX_DEPTH, SearchResponse
from semsearch.service.parameters import SearchQuery

PAGE_SIZE = 10
FACETS_SHOWN = 10
FILTERS = ("section", "author", "tag", "language", "source")
SORTS = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}


@dataclass(frozen=True)
class Choice:
    """A link that changes one thing of the search."""

    label: str
    href: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Asked:
    """What a reader asked in the address of the page; what the page does not know it leaves alone."""

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    published_after: str = ""
    published_before: str = ""
    sort: str = "relevance"
    page: int = 1

    @classmethod
    def of(cls, given: QueryParams) -> Asked:
        """Read an address; empty fields of a form count as left out."""
        number = given.get("page", "1")
        pairs = [(name, value) for name in FILTERS for value in given.getlist(name) if value.strip()]
        sort = given.get("sort", "relevance")
        return cls(
            q=given.get("q", "").strip(),
            filters=tuple(dict.fromkeys(pairs)),
            published_after=given.get("published_after", "").strip(),
            published_before=given.get("published_before", "").strip(),
            sort=sort if sort in SORTS else "relevance",
            page=min(int(number), MAX_DEPTH) if number.isascii() and number.isdigit() else 1,
        )

    @property
    def anything(self) -> bool:
        """Whether anything at all was asked."""
        return bool(self.q or self.filters or self.published_after or self.published_before)

    def parameters(self) -> SearchQuery:
        """The search; raises pydantic's ValidationError for values that cannot be used."""
        values: dict[str, object] = {
            name: found for name in FILTERS if (found := [v for n, v in self.filters if n == name])
        }
        for name in ("published_after", "published_before"):
            if getattr(self, name):
                values[name] = getattr(self, name)
        return SearchQuery.model_validate(
            {
                **values,
                "q": self.q,
                "sort": self.sort,
                "limit": PAGE_SIZE,
                "offset": (max(self.page, 1) - 1) * PAGE_SIZE,
                "facets": ["section", "author"],
                "collapse": "duplicate" if self.q else "none",
            }
        )

    def href(self, **changes: object) -> str:
        """The address of this search with some things changed; goes to page 1 unless told."""
        asked = dataclasses.replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        pairs = [("q", asked.q)] if asked.q else []
        pairs += asked.filters
        pairs += [
            (name, getattr(asked, name))
            for name in ("published_after", "published_before")
            if getattr(asked, name)
        ]
        if asked.sort != "relevance":
            pairs.append(("sort", asked.sort))
        if asked.page > 1:
            pairs.append(("page", str(asked.page)))
        return "/?" + urlencode(pairs, errors="replace") if pairs else "/"

    def sorts(self) -> list[Choice]:
        """The orders to choose from."""
        return [Choice(label, self.href(sort=name), name == self.sort) for name, label in SORTS.items()]

    def taken_off(self) -> list[Choice]:
        """Each filter in force, as a link that takes it off."""
        chosen = [
            Choice(value, self.href(filters=tuple(p for p in self.filters if p != (name, value))), True)
            for name, value in self.filters
        ]
        if self.published_after:
            chosen.append(Choice(f"from {self.published_after}", self.href(published_after=""), True))
        if self.published_before:
            chosen.append(Choice(f"before {self.published_before}", self.href(published_before=""), True))
        return chosen

    def narrowed(self, name: str, value: str) -> str:
        """The address with one more filter."""
        return self.href(filters=tuple(dict.fromkeys((*self.filters, (name, value)))))


@dataclass(frozen=True)
class Found:
    """What was found, ready to show."""

    hits: tuple[Hit, ...]
    count: str
    facets: tuple[tuple[str, tuple[Choice, ...]], ...]
    newer: str | None
    older: str | None
    did_you_mean: Choice | None

    @classmethod
    def of(cls, asked: Asked, response: SearchResponse) -> Found:
        """Make a response ready to show."""
        end = response.offset + len(response.hits)
        more = bool(response.hits) and response.total > end and end + PAGE_SIZE <= MAX_DEPTH
        near = response.did_you_mean
        return cls(
            hits=response.hits,
            count=_count(response.total, response.total_is_exact),
            facets=tuple(_facets(asked, response)),
            newer=asked.href(page=asked.page - 1) if asked.page > 1 else None,
            older=asked.href(page=asked.page + 1) if more else None,
            did_you_mean=Choice(near, asked.href(q=near)) if near else None,
        )


def _count(total: int, exact: bool) -> str:
    words = "article" if total == 1 else "articles"
    return f"{total:,} {words}" if exact else f"about {total:,} {words}"


def _facets(asked: Asked, response: SearchResponse) -> Iterable[tuple[str, tuple[Choice, ...]]]:
    for name, counts in response.facets.items():
        in_force = {value.casefold() for n, value in asked.filters if n == name}
        choices = tuple(
            Choice(value, asked.narrowed(name, value), count=count)
            for value, count in counts.items()
            if value.casefold() not in in_force
        )
        if len(choices) > 1 or (choices and in_force):
            yield name, choices[:FACETS_SHOWN]


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """The text escaped, its highlights within <mark>; spans that overlap or leave the text are mended."""
    parts: list[Markup] = []
    at = 0
    for start, end in sorted(spans):
        begin, stop = max(start, at), min(end, len(text))
        if begin >= stop:
            continue
        parts += [escape(text[at:begin]), Markup("<mark>{}</mark>").format(text[begin:stop])]
        at = stop
    return Markup("").join([*parts, escape(text[at:])])


def prose(text: str) -> Markup:
    """The text escaped, with what stands in `backticks` as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def day(moment: datetime) -> Markup:
    """A date for people within a <time> element for programs, in UTC."""
    utc = moment.astimezone(UTC)
    words = f"{utc.day} {utc:%B} {utc.year}"
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(), words)


def article_path(article_id: str) -> str:
    """The address of an article's page here."""
    return f"/articles/{quote(article_id, safe='', errors='replace')}"
