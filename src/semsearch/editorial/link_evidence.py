"""What speaks for a link from a phrase to an article: measured on the archive, never guessed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semsearch.articles import Filter
from semsearch.editorial.wording import Phrase, Wording
from semsearch.index.protocol import LexicalQuery, Snapshot
from semsearch.text.words import fold

COMMON_SHARE = 0.2  # a term in more of all articles begins and ends no phrase
COMMON_LEAST = 12  # but in a small archive a term in a dozen articles still tells something
FAR, NEAR = 0.3, 0.75  # inner products of a sentence with an article that say nothing, and all
RARE = 0.6  # of ``rarity``: from here on a phrase could hardly mean anything else
STUCK_SHARE, STUCK_LEAST = 0.08, 3  # of the articles with a word, those where the other follows
HEADLINE_SHARE = 0.45  # of the confidence that hangs on how much of the headline stands in the sentence


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a phrase may lead to an article; all but ``held`` are 0 to 1.

    ``rarity`` falls with ``held``, the number of articles that hold the phrase, and for phrases that
    are no names with those that hold its words; ``context`` is the inner
    product of its sentence with the article's best passage, NaN where that says nothing (then ``headline``
    stands for it, too); ``headline`` is the share of the headline's
    telling words that stand in the sentence.
    """

    held: int
    rarity: float
    context: float
    headline: float

    @property
    def confidence(self) -> float:
        """One number for order and floor: 0 where any part of it says nothing."""
        context = min(max((self.context - FAR) / (NEAR - FAR), 0.0), 1.0)
        if math.isnan(self.context):
            context = self.headline
        rarity = min(self.rarity / RARE, 1.0)
        words = 1 - HEADLINE_SHARE + HEADLINE_SHARE * self.headline
        return round(math.sqrt(context * rarity) * words, 4)


class Weighing:
    """Counts terms and phrases in one snapshot, each once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._articles = max(snapshot.counts().counted, 2)
        self._terms: dict[str, int] = {}
        self._phrases: dict[str, int] = {}

    def learn(self, wording: Wording, headlines: Iterable[Sequence[str]]) -> None:
        """Count the terms of a text that stand in any of the headlines."""
        written: dict[str, str] = {}
        for term, start, end in wording.terms:
            written.setdefault(term, wording.text[start:end])
        new = sorted({term for one in headlines for term in one if term in written} - self._terms.keys())
        counts = self._snapshot.document_frequency([written[term] for term in new])
        self._terms.update(zip(new, counts, strict=True))

    def is_weak(self, term: str) -> bool:
        """Whether a term tells nothing by itself: short, a number, or in every fifth article."""
        most = max(COMMON_SHARE * self._articles, COMMON_LEAST)
        return len(term) < 2 or term.isdigit() or self._terms.get(term, 0) > most

    def evidence(self, wording: Wording, phrase: Phrase, headline: Sequence[str], context: float) -> Evidence:
        """What speaks for a phrase of a text, given the other article's headline."""
        held = self._held(wording.text[phrase.start : phrase.end])
        rarity = self._rarity(held)
        if not phrase.named:  # two common words in a row are rare, but hardly a subject: seen rising
            rarity = min(rarity, sum(self._rarity(self._terms.get(term, 0)) for term in wording.key(phrase)))
        telling = {term for term in headline if not self.is_weak(term)}
        here = telling & wording.terms_of(wording.sentence(phrase.start))
        return Evidence(held, rarity, context, len(here) / max(len(telling), 1))

    def sticks(self, word: str, following: str) -> bool:
        """Whether a word is often followed by another, so that a phrase that ends between them is cut."""
        together = self._held(f"{word} {following}")
        return together >= STUCK_LEAST and together >= STUCK_SHARE * self._held(word)

    def _rarity(self, held: int) -> float:
        """1 for what no article holds, 0 for what all do, on a scale of logarithms."""
        return max(0.0, math.log((self._articles + 1) / (held + 1)) / math.log(self._articles + 1))

    def _held(self, phrase: str) -> int:
        key = fold(phrase)
        if key not in self._phrases:
            rows = self._snapshot.lexical_rows(LexicalQuery(phrases=(key,)), where=Filter())
            self._phrases[key] = len(rows)
        return self._phrases[key]
