"""What is boilerplate of a corpus, and which parts of a body are left when it is taken out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from semsearch.boilerplate.lines import dateline_end, kind_of_line
from semsearch.boilerplate.units import Unit, key_of, units
from semsearch.text.phrases import is_link, is_list_heading, is_phrase, speaks_of_site

_FIRST_PARAGRAPHS = 4  # where bylines, times and datelines stand
_LAST_PARAGRAPHS = 3  # where a site may speak of itself, and the desk signs
_HEADLINE_WORDS = 25


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a body that is no news, ``body[start:end]``, and what it is instead.

    ``kind`` is one of: recurring, phrase, link, list, site, title, byline, time, credit, dateline.
    """

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Recurring:
    """A text that recurs: ``articles`` have it, ``sources`` are these articles' (None: any source).

    ``key`` is the hash of its words; ``text`` its first 200 characters.
    """

    key: int
    text: str
    articles: int
    sources: tuple[str, ...] | None = None


class Boilerplate:
    """The boilerplate of a corpus, with what is boilerplate on any site; never changes."""

    def __init__(self, found: Iterable[Recurring] = ()) -> None:
        self.found = tuple(found)
        self._sources = {one.key: one.sources for one in self.found}

    def is_boilerplate(self, text: str, source: str | None = None) -> bool:
        """Whether this paragraph or sentence is boilerplate wherever it stands in articles of ``source``."""
        return self._recurs(key_of(text), source) or is_phrase(text) or is_link(text)

    def cuts(self, body: str, source: str | None = None, title: str = "") -> tuple[Cut, ...]:
        """What is left out of a body, in order; nothing where all of it would be lost."""
        cut = sorted(self._cut(body, units(body), source, title), key=lambda one: (one.start, one.end))
        return tuple(cut) if spans_without(body, cut) else ()

    def kept_spans(
        self, body: str, source: str | None = None, title: str = ""
    ) -> tuple[tuple[int, int], ...]:
        """The parts of the body that are no boilerplate: spans in characters, in order, trimmed of blanks.

        Neighbours that are kept form one span. A body that would be lost as a whole is kept as a whole.
        """
        return spans_without(body, self.cuts(body, source, title))

    def to_rows(self) -> list[tuple[bytes, str]]:
        """Key and detail (JSON) of each recurring text, for a store."""
        return [
            (
                one.key.to_bytes(8, signed=True),
                json.dumps({"text": one.text, "articles": one.articles, "sources": one.sources}),
            )
            for one in self.found
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[bytes, str]]) -> Boilerplate:
        """The boilerplate that ``to_rows`` gave."""
        found = []
        for key, detail in rows:
            given = json.loads(detail)
            sources = None if given["sources"] is None else tuple(given["sources"])
            found.append(
                Recurring(int.from_bytes(key, signed=True), given["text"], given["articles"], sources)
            )
        return cls(found)

    def _recurs(self, key: int, source: str | None) -> bool:
        if key not in self._sources:
            return False
        sources = self._sources[key]
        return sources is None or (source or "") in sources

    def _cut(self, body: str, parts: list[Unit], source: str | None, title: str) -> list[Cut]:
        paragraphs = [unit for unit in parts if unit.is_paragraph]
        cut: list[Cut] = []
        in_list = False
        at_head = True  # until the first paragraph of news
        for number, unit in enumerate(paragraphs):
            text = body[unit.start : unit.end]
            heading = is_list_heading(text)
            in_list = heading or (in_list and number > 0 and _is_headline(text))
            kind: str | None = "list" if in_list else "recurring" if self._recurs(unit.key, source) else None
            at_head = at_head and number < _FIRST_PARAGRAPHS
            is_last = number > 0 and number >= len(paragraphs) - _LAST_PARAGRAPHS
            kind = kind or _kind(text, title if at_head else "", at_start=number == 0, at_tail=is_last)
            kind = kind or kind_of_line(text, at_head=at_head, at_tail=is_last)
            if kind is not None:
                cut.append(Cut(unit.start, unit.end, kind))
                continue
            if at_head and (end := dateline_end(body, unit.start, unit.end, title)):
                cut.append(Cut(unit.start, end, "dateline"))
            at_head = False
        for unit in parts[len(paragraphs) :]:
            text = body[unit.start : unit.end]
            if self._recurs(unit.key, source):
                cut.append(Cut(unit.start, unit.end, "recurring"))
            elif unit.at_tail and is_phrase(text):
                cut.append(Cut(unit.start, unit.end, "phrase"))
        return cut


def spans_without(body: str, cuts: Iterable[Cut]) -> tuple[tuple[int, int], ...]:
    """The parts of a body beside these cuts, which are in order."""
    kept: list[tuple[int, int]] = []
    position = 0
    for start, end in [*((one.start, one.end) for one in cuts), (len(body), len(body))]:
        first, last = position, max(position, start)
        while first < last and body[first].isspace():
            first += 1
        while last > first and body[last - 1].isspace():
            last -= 1
        if first < last:
            kept.append((first, last))
        position = max(position, end)
    return tuple(kept)


def _kind(text: str, title: str, *, at_start: bool, at_tail: bool) -> str | None:
    """What a paragraph is by the words of its site."""
    if is_phrase(text):
        return "phrase"
    if not at_start and is_link(text):
        return "link"
    if at_tail and speaks_of_site(text):
        return "site"
    is_title = title and len(text) <= 2 * len(title) and key_of(text) == key_of(title)
    return "title" if is_title else None


def _is_headline(text: str) -> bool:
    return (
        text.count(" ") < _HEADLINE_WORDS and not text.endswith((".", ".”", '."', "。")) and len(text) < 250
    )
