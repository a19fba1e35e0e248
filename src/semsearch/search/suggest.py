"""What a reader may be about to type: titles, authors, sections, tags and words of the corpus."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from semsearch.articles import FacetField, Filter
from semsearch.errors import QueryInvalid
from semsearch.index.protocol import LexicalQuery, Rows, Snapshot, WordCount
from semsearch.search.types import check_length

Kind = Literal["section", "author", "tag", "word", "title"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_SUGGESTIONS = 50
MAX_TYPED_CHARACTERS = 200

_FIELDS: dict[Kind, FacetField] = {"section": "section", "author": "author", "tag": "tag"}
_SINGLE_WORD = re.compile(r"\s*[\w'’]+")


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """What was typed so far; an empty ``typed`` asks for the sections with most articles.

    Raises QueryInvalid for a value out of its range.
    """

    typed: str = ""
    limit: int = 10
    kinds: tuple[Kind, ...] = KINDS

    def __post_init__(self) -> None:
        check_length("q", self.typed, MAX_TYPED_CHARACTERS)
        if not 1 <= self.limit <= MAX_SUGGESTIONS:
            raise QueryInvalid(f"limit is {self.limit}; give 1 to {MAX_SUGGESTIONS}")
        unknown = set(self.kinds) - set(KINDS)
        if unknown:
            raise QueryInvalid(f"kind is {sorted(unknown)[0]!r}; give one of: {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion; ``count`` is the number of articles of a name or a word, 1 for a title.

    ``article_id`` and ``url`` are those of a title's article. ``mended`` says that typing errors were
    looked past to find it.
    """

    text: str
    kind: Kind
    count: int
    article_id: str | None = None
    url: str | None = None
    mended: bool = False


@dataclass(frozen=True, slots=True)
class SuggestResponse:
    """Suggestions, best first, and the generation that they are from."""

    suggestions: tuple[Suggestion, ...]
    generation: str


def suggest(snapshot: Snapshot, request: SuggestRequest) -> SuggestResponse:
    """Names first, then words, then titles; what fits as typed before what fits after mending.

    Names and words take at most half of the places while there are titles to show. Among titles that
    fit equally well the newest come first, among names and words the most frequent.
    """
    found: list[Suggestion] = []
    if not request.typed.strip():
        lots = snapshot.complete_values("section", "") if "section" in request.kinds else iter(())
        for lot in lots:
            found += [Suggestion(one.text, "section", one.count) for one in lot[: request.limit]]
    for mend in (False, True):
        if request.typed.strip() and len(found) < request.limit:
            found = _together(found, _fitting(snapshot, request, mend), request.limit)
    return SuggestResponse(tuple(found[: request.limit]), snapshot.generation)


def _together(found: list[Suggestion], more: list[Suggestion], limit: int) -> list[Suggestion]:
    seen = {(one.kind, one.article_id or one.text) for one in found}
    return (found + [one for one in more if (one.kind, one.article_id or one.text) not in seen])[:limit]


def _fitting(snapshot: Snapshot, request: SuggestRequest, mend: bool) -> list[Suggestion]:
    """The suggestions that fit as typed, or (``mend``) those that fit past typing errors."""
    short: list[Suggestion] = []
    for kind, field in _FIELDS.items():
        if kind in request.kinds:
            lots = snapshot.complete_values(field, request.typed, mend=mend)
            short += _values(lots, kind, mend, max(1, request.limit // 4))
    if "word" in request.kinds and not mend and _SINGLE_WORD.fullmatch(request.typed):
        named = {one.text.casefold() for one in short}
        short += [one for one in _words(snapshot, request) if one.text.casefold() not in named]
    titles: list[Suggestion] = []
    if "title" in request.kinds:
        rows = _best_titles(snapshot, request, mend)
        titles = [Suggestion(one.title, "title", 1, one.id, one.url, mend) for one in snapshot.articles(rows)]
    kept = max(request.limit // 2, request.limit - len(titles))
    return short[:kept] + titles[: request.limit - min(kept, len(short))]


def _values(lots: Iterator[list[WordCount]], kind: Kind, mended: bool, most: int) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for lot in lots:
        for one in lot:
            if one.text not in seen and len(seen) < most:
                seen.add(one.text)
                yield Suggestion(one.text, kind, one.count, mended=mended)
        if len(seen) >= most:
            return


def _words(snapshot: Snapshot, request: SuggestRequest) -> Iterator[Suggestion]:
    """Frequent words that begin as typed, each with what a search by words finds of it."""
    most = max(1, request.limit // 4)
    for one in snapshot.complete_words(request.typed.strip(), limit=most):
        # Counted anew, since the vocabulary does not know of deleted articles.
        total = snapshot.lexical_candidates(LexicalQuery((one.text,)), limit=1, where=Filter()).total
        if one.count > 1 and total:
            yield Suggestion(one.text, "word", total)


def _best_titles(snapshot: Snapshot, request: SuggestRequest, mend: bool) -> Rows:
    """The rows of the titles that fit best, each lot newest first, copies of one text once."""
    chosen: list[int] = []
    groups: set[int] = set()
    for rows in snapshot.complete_titles(request.typed, mend=mend):
        for row in _newest_first(snapshot, rows, 4 * request.limit):
            group = int(snapshot.duplicate_groups(np.array([row]))[0])
            if group not in groups:
                groups.add(group)
                chosen.append(row)
            if len(chosen) == request.limit:
                return np.array(chosen, np.int64)
    return np.array(chosen, np.int64)


def _newest_first(snapshot: Snapshot, rows: Rows, most: int) -> list[int]:
    """The newest of these rows, undated ones last, later rows first among equals."""
    published = snapshot.published(rows)
    published = np.where(np.isnan(published), -np.inf, published)
    if len(rows) > most:
        floor = np.partition(published, len(rows) - most)[len(rows) - most]
        kept = published >= floor
        rows, published = rows[kept], published[kept]
    order = np.lexsort((-rows, -published))
    return [int(row) for row in rows[order]]
