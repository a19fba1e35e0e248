"""The part of an article that shows why it was found: its most telling sentences, words marked."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from semsearch.articles import Snippet
from semsearch.index.protocol import Snapshot
from semsearch.search.retrieval import COMMON_LEAST, COMMON_SHARE
from semsearch.text import split_sentences

Span = tuple[int, int]
Piece = tuple[str, int, int]  # an index term and the span that it came from


class Analyse(Protocol):
    """The index terms of a text with the span of each; of ``wanted`` ones alone where these are given."""

    def __call__(self, text: str, wanted: Collection[str] | None = None, /) -> list[Piece]:
        """Analyse."""
        ...


@dataclass(frozen=True, slots=True)
class SnippetMaker:
    """Makes snippets for one query; ``weights`` are its index terms, the rarer the heavier."""

    analyse: Analyse
    weights: Mapping[str, float]
    characters: int

    def make(self, title: str, body: str, span: Span, nearness: Sequence[float] = ()) -> Snippet:
        """The best sentence of ``body[start:end]`` and what follows it, up to ``characters``.

        ``nearness`` says how near each sentence of the span is in meaning (any scale); words weigh in
        as the share of the query's weight that a sentence holds. An article without a body shows its title.
        """
        text = body[span[0] : span[1]]
        if not text.strip():
            return Snippet(title, self.marks(title), None)
        sentences = split_sentences(text)
        pieces = self.analyse(text, self.weights) if self.weights else []
        best = self._best(pieces, sentences, nearness)
        start, end = sentences[best]
        for _, next_end in sentences[best + 1 :]:
            if next_end - start > self.characters:
                break
            end = next_end
        for previous_start, _ in reversed(sentences[:best]):
            if end - previous_start > self.characters:
                break
            start = previous_start
        cut = self._cut(text, start, end)
        marks = tuple(
            (left - start, right - start) for _, left, right in pieces if start <= left < right <= cut
        )
        return Snippet(text[start:cut] + "…" * (cut < end), marks, span[0] + start)

    def marks(self, text: str) -> tuple[Span, ...]:
        """Where the query's words stand in a text."""
        if not self.weights:
            return ()
        return tuple((start, end) for _, start, end in self.analyse(text, self.weights))

    def _best(self, pieces: Sequence[Piece], sentences: Sequence[Span], nearness: Sequence[float]) -> int:
        words = self._shares(pieces, sentences)
        near = _scaled(nearness) if len(nearness) == len(sentences) else [0.0] * len(sentences)
        scores = [word + close for word, close in zip(words, near, strict=True)]
        return scores.index(max(scores))

    def _shares(self, pieces: Sequence[Piece], sentences: Sequence[Span]) -> list[float]:
        """The share of the query's weight that each sentence holds, a word counting once."""
        whole = sum(self.weights.values())
        if not whole:
            return [0.0] * len(sentences)
        starts = [start for start, _ in sentences]
        held: list[dict[str, float]] = [{} for _ in sentences]
        for term, start, _ in pieces:
            held[max(bisect_right(starts, start) - 1, 0)][term] = self.weights[term]
        return [sum(weights.values()) / whole for weights in held]

    def _cut(self, text: str, start: int, end: int) -> int:
        """Where a very long sentence is cut, at a word; ``end`` where it need not be."""
        if end - start <= self.characters * 1.5:
            return end
        cut = text.rfind(" ", start, start + self.characters)
        return cut if cut > start else start + self.characters


def _scaled(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


def snippet_maker(snapshot: Snapshot, text: str, characters: int) -> SnippetMaker:
    """A maker that marks the telling words of a query, each weighted by its rarity in the index."""
    surface: dict[str, str] = {}
    for term, start, end in snapshot.analyse(text):
        surface.setdefault(term, text[start:end])
    articles = max(snapshot.counts().counted, 1)
    frequencies = dict(zip(surface, snapshot.document_frequency(list(surface.values())), strict=True))
    most = max(COMMON_SHARE * articles, COMMON_LEAST)
    telling = [term for term in surface if frequencies[term] <= most] or list(surface)
    weights = {term: math.log1p(articles / (frequencies[term] + 0.5)) for term in telling}
    return SnippetMaker(snapshot.analyse, weights, characters)
