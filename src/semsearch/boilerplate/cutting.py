"""What is boilerplate of a corpus, and which parts of a body are left when it is taken out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from semsearch.boilerplate.phrases import is_link, is_list_heading, is_phrase, speaks_of_site
from semsearch.boilerplate.units import Unit, key_of, units

_LAST_PARAGRAPHS = 3  # where a site may speak of itself
_HEADLINE_WORDS = 25


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

    def kept_spans(self, body: str, source: str | None = None) -> tuple[tuple[int, int], ...]:
        """The parts of the body that are no boilerplate: spans in characters, in order, trimmed of blanks.

        Neighbours that are kept form one span. A body that would be lost as a whole is kept as a whole.
        """
        parts = units(body)
        cut = sorted((unit.start, unit.end) for unit in self._cut(body, parts, source))
        whole = _without(body, [])
        return _without(body, cut) or whole

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

    def _cut(self, body: str, parts: list[Unit], source: str | None) -> list[Unit]:
        cut: list[Unit] = []
        paragraphs = [unit for unit in parts if unit.is_paragraph]
        in_list = False
        for number, unit in enumerate(paragraphs):
            text = body[unit.start : unit.end]
            heading = is_list_heading(text)
            in_list = heading or (in_list and number > 0 and _is_headline(text))
            is_last = number > 0 and number >= len(paragraphs) - _LAST_PARAGRAPHS
            if (
                in_list
                or self._recurs(unit.key, source)
                or is_phrase(text)
                or (number > 0 and is_link(text))
                or (is_last and speaks_of_site(text))
            ):
                cut.append(unit)
        for unit in parts[len(paragraphs) :]:
            if self._recurs(unit.key, source) or (unit.at_tail and is_phrase(body[unit.start : unit.end])):
                cut.append(unit)
        return cut


def _is_headline(text: str) -> bool:
    return (
        text.count(" ") < _HEADLINE_WORDS and not text.endswith((".", ".”", '."', "。")) and len(text) < 250
    )


def _without(body: str, cut: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    kept: list[tuple[int, int]] = []
    position = 0
    for start, end in [*cut, (len(body), len(body))]:
        first, last = position, max(position, start)
        while first < last and body[first].isspace():
            first += 1
        while last > first and body[last - 1].isspace():
            last -= 1
        if first < last:
            kept.append((first, last))
        position = max(position, end)
    return tuple(kept)
