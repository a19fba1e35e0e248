"""Counts what recurs over the articles of a corpus while they stream by, in bounded memory."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from itertools import islice

from semsearch.articles import Article
from semsearch.boilerplate.cutting import Boilerplate, Recurring
from semsearch.boilerplate.stories import SLOTS, is_new, sketch
from semsearch.boilerplate.units import Unit, units
from semsearch.text.phrases import is_notice

_MOST_ONCE = 400_000  # texts seen once that are remembered; the older half is forgotten then
_MOST_AGAIN = 100_000  # texts seen more often
_MOST_FOUND = 20_000
_MOST_SOURCES = 3  # a text of more sources is boilerplate wherever it comes
_SHOWN = 200  # characters kept of a text
_KNOWN = 5  # different stories with a text from which it no longer tells stories apart
_ENOUGH = 16  # so many different articles with a text show that it is no story's own


@dataclass(slots=True)
class _Seen:
    """A text that came in several articles; ``stories`` are those that are no copies."""

    text: str
    words: int
    notice: bool
    articles: int = 0
    at_edge: int = 0
    paragraphs: int = 0
    stories: list[bytes] = field(default_factory=list)
    sources: set[int] = field(default_factory=set)

    def add(self, story: bytes, source: int, unit_bits: int) -> None:
        self.articles += 1
        self.at_edge += unit_bits & 1
        self.paragraphs += unit_bits >> 1
        self.sources.add(source)
        if len(self.stories) < _ENOUGH and is_new(story, self.stories):
            self.stories.append(story)


class BoilerplateCounter:
    """Takes articles one by one; ``finish`` tells what is boilerplate of their sites.

    A text is boilerplate when it recurs in enough articles that otherwise differ. Copies and updates of
    one story share most of their text and count as one article, so that a story which many sources
    print is never taken for boilerplate. Memory: about 40 bytes an article, and 150 MB at most for texts.
    """

    def __init__(self) -> None:
        self._once: dict[int, int] = {}
        self._again: dict[int, _Seen] = {}
        self._stories = bytearray()
        self._source_of = array("L")
        self._sources: dict[str, int] = {}
        self._articles_of: list[int] = []

    def add(self, article: Article) -> None:
        """Count the paragraphs and the outer sentences of one article."""
        source = self._sources.setdefault(article.source or "", len(self._sources))
        if source == len(self._articles_of):
            self._articles_of.append(0)
        self._articles_of[source] += 1
        parts = {unit.key: unit for unit in reversed(units(article.body))}
        number = len(self._source_of)
        self._source_of.append(source)
        self._stories += sketch(self._own_text(article.body, parts))
        for unit in parts.values():
            if unit.end - unit.start < len(article.body):
                self._count(unit, article.body, number)
        self._forget()

    def finish(self) -> Boilerplate:
        """What is boilerplate, most frequent first."""
        names = list(self._sources)
        found = [
            Recurring(
                key,
                seen.text,
                seen.articles,
                None
                if len(seen.sources) > _MOST_SOURCES
                else tuple(sorted(names[one] for one in seen.sources)),
            )
            for key, seen in self._again.items()
            if self._is_boilerplate(seen)
        ]
        found.sort(key=lambda one: (-one.articles, one.key))
        return Boilerplate(found[:_MOST_FOUND])

    def _own_text(self, body: str, parts: dict[int, Unit]) -> str:
        """The body without what is already seen to be boilerplate, so that footers make no copies."""
        own: list[str] = []
        position = 0
        for unit in sorted(parts.values(), key=lambda unit: unit.start):
            seen = self._again.get(unit.key)
            if seen is not None and (seen.notice or len(seen.stories) >= _KNOWN):
                own.append(body[position : max(position, unit.start)])
                position = max(position, unit.end)
        return "\n".join([*own, body[position:]])

    def _count(self, unit: Unit, body: str, number: int) -> None:
        bits = unit.at_edge + 2 * unit.is_paragraph
        seen = self._again.get(unit.key)
        if seen is None:
            first = self._once.pop(unit.key, None)
            if first is None:
                self._once[unit.key] = number << 2 | bits
                return
            text = body[unit.start : unit.end]
            seen = _Seen(text[:_SHOWN], len(text.split()), is_notice(text))
            self._again[unit.key] = seen
            self._see(seen, first >> 2, first & 3)
        self._see(seen, number, bits)

    def _see(self, seen: _Seen, number: int, bits: int) -> None:
        story = bytes(self._stories[number * SLOTS : (number + 1) * SLOTS])
        seen.add(story, self._source_of[number], bits)

    def _is_boilerplate(self, seen: _Seen) -> bool:
        """Whether a text recurs often enough for the number of articles of its sources.

        The least number grows with the root of the corpus, from 3. A text without the words of a notice
        (subscribe, copyright, ...) needs twice as many, unless three in ten articles have it: the
        background paragraph of a long story may recur, too. In the middle of articles it needs twice.
        """
        articles = sum(self._articles_of[source] for source in seen.sources)
        least = max(3, math.ceil(math.sqrt(articles) / 3))
        if not seen.notice:
            least = max(3, min(2 * least, math.ceil(0.3 * articles)))
        if seen.at_edge < 0.5 * seen.articles:
            least *= 2
        is_sentence = seen.paragraphs < 0.5 * seen.articles
        too_short = is_sentence and not seen.notice and seen.words < 3  # "Why?"
        return not too_short and seen.articles >= least and len(seen.stories) >= min(least, _ENOUGH)

    def _forget(self) -> None:
        if len(self._once) > _MOST_ONCE:
            self._once = dict(islice(self._once.items(), _MOST_ONCE // 2, None))
        if len(self._again) > _MOST_AGAIN:
            ordered = sorted(self._again.items(), key=lambda item: -item[1].articles)
            self._again = dict(ordered[: _MOST_AGAIN // 2])
