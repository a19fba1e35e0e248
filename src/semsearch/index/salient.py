"""The words of a text that tell it from the rest of an index."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from semsearch.index.protocol import Snapshot

MOST_CHARACTERS = 20_000  # of a text: what it is about stands early


@dataclass(frozen=True, slots=True)
class Term:
    """An index term of a text as the text first writes it; ``held`` counts the articles that have it.

    ``weight`` is (1 + log tf) times idf: how much it tells of this text.
    """

    term: str
    word: str
    held: int
    weight: float


def telling_terms(snapshot: Snapshot, text: str) -> list[Term]:
    """The terms of a text that stand in at most half of all articles, those that tell most first.

    Terms of one letter are left out; one that no article has weighs as much as one that a single one has.
    """
    surface: dict[str, str] = {}
    frequency: Counter[str] = Counter()
    for term, start, end in snapshot.analyse(text[:MOST_CHARACTERS]):
        frequency[term] += 1
        surface.setdefault(term, text[start:end])
    terms = [term for term in frequency if len(term) > 1]
    found = snapshot.document_frequency([surface[term] for term in terms])
    articles = max(snapshot.counts().counted, 2)
    weighed = [
        Term(
            term,
            surface[term],
            held,
            (1 + math.log(frequency[term])) * math.log(articles / min(max(held, 1), articles)),
        )
        for term, held in zip(terms, found, strict=True)
        if held <= articles / 2
    ]
    return sorted(weighed, key=lambda one: (-one.weight, one.term))
