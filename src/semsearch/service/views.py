"""What the pages show, made ready for their templates: links, counts, highlights; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import quote

from markupsafe import Markup, escape

from semsearch.articles import Article, Hit
from semsearch.search.types import MAX_DEPTH, SearchResponse
from semsearch.service.asked import PAGE_SIZE, Asked, Choice
from semsearch.text import day_in_words

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

FACETS_SHOWN = 8
FACETS_MORE = 8  # the next values, behind a word that opens them
DESCRIPTION_CHARACTERS = 160  # what search engines show of a page


@dataclass(frozen=True)
class Facet:
    """The most frequent values of a field, as links that narrow the search; ``more`` are the next ones."""

    name: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]


@dataclass(frozen=True)
class Found:
    """What was found, ready to show; ``near`` and ``unfiltered`` only where nothing (relevant) was."""

    hits: tuple[Hit, ...]
    total: int
    count: str
    facets: tuple[Facet, ...]
    newer: str | None
    older: str | None
    did_you_mean: Choice | None
    like: Article | None = None
    near: tuple[Choice, ...] = ()
    unfiltered: str | None = None
    doubtful: bool = False
    wordless: bool = False

    @property
    def answers(self) -> int:
        """How many articles answer the question: none where even the best hardly does."""
        return 0 if self.doubtful else self.total

    @classmethod
    def of(cls, asked: Asked, response: SearchResponse) -> Found:
        """Make a response ready to show."""
        end = response.offset + len(response.hits)
        more = not asked.like and response.total > end and end + PAGE_SIZE <= MAX_DEPTH
        mended = response.did_you_mean
        total = len(response.hits) if asked.like else response.total
        return cls(
            hits=response.hits,
            total=total,
            count=count(total, bool(asked.like) or response.total_is_exact),
            facets=tuple(_facets(asked, response)),
            newer=asked.href(page=asked.page - 1) if asked.page > 1 else None,
            older=asked.href(page=asked.page + 1) if more and response.hits else None,
            did_you_mean=Choice(mended, asked.href(q=mended)) if mended else None,
            doubtful=response.nothing_relevant and bool(response.hits),
            wordless=response.nothing_asked and bool(asked.q.strip()),
        )


def count(total: int, exact: bool) -> str:
    """A number of articles in words."""
    words = "article" if total == 1 else "articles"
    return f"{total:,} {words}" if exact else f"about {total:,} {words}"


def _facets(asked: Asked, response: SearchResponse) -> Iterable[Facet]:
    for name, counts in response.facets.items():
        in_force = {value.casefold() for n, value in asked.filters if n == name}
        others = ((value, number) for value, number in counts.items() if value.casefold() not in in_force)
        choices = tuple(
            Choice(value, asked.narrowed(name, value), count=number)
            for value, number in islice(others, FACETS_SHOWN + FACETS_MORE)  # there may be thousands
        )
        if len(choices) > 1 or (choices and in_force):
            yield Facet(name, choices[:FACETS_SHOWN], choices[FACETS_SHOWN:])


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


def sentence(words: str) -> str:
    """Words of an error with a capital at the beginning; an address or a name of code stays as it is."""
    return words[:1].upper() + words[1:] if words.partition(" ")[0].isalpha() else words


def language_tag(language: str | None) -> str | None:
    """The language where it is a tag that browsers know the form of (``en``, ``pt-BR``)."""
    return language if language and _LANGUAGE.fullmatch(language) else None


def summary(article: Article) -> str:
    """The start of an article for its description, cut after a word."""
    text = " ".join(article.body.split())
    if len(text) <= DESCRIPTION_CHARACTERS:
        return text
    return text[:DESCRIPTION_CHARACTERS].rsplit(" ", 1)[0] + "…"


def day(moment: datetime) -> Markup:
    """A date for people within a <time> element for programs, in UTC."""
    utc = moment.astimezone(UTC).isoformat()
    return Markup('<time datetime="{}">{}</time>').format(utc, day_in_words(moment))


def article_path(article_id: str) -> str:
    """The address of an article's page here."""
    return f"/articles/{quote(article_id, safe='', errors='replace')}"


def story_path(article_id: str) -> str:
    """The address of an article's story on the desk."""
    return f"/desk/stories/{quote(article_id, safe='', errors='replace')}"


def coverage_path(article_id: str) -> str:
    """The address of the coverage check of an article on the desk."""
    return f"/desk/coverage?id={quote(article_id, safe='', errors='replace')}"


def query_path(query: str) -> str:
    """The address of a search for a query."""
    return Asked(q=query).href()


def similar_path(article_id: str) -> str:
    """The address of what is similar to an article."""
    return Asked(like=article_id).href()


def topic_path(value: str, name: str) -> str:
    """The address of all articles with a value in a field."""
    return Asked(filters=((name, value),)).href()
