"""One scale for base and delta: BM25 with the statistics of both.

tantivy scores the base with the base's own statistics. Each term is boosted by the ratio of the
common idf to the base's, and the delta is scored with the common idf and the base's average lengths,
so the same text scores the same wherever it lies, and nearly as in one index of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from semsearch.index.lexical_bm25 import best_score, idf
from semsearch.index.lexical_extras import MARK, WEIGHT
from semsearch.index.lexical_plan import Phrase
from semsearch.index.lexical_types import TEXT_FIELDS, LexicalWeights

Frequency = Callable[[str, str], int]


@dataclass(slots=True)
class Scoring:
    """Weights and statistics of one search.

    ``base`` and ``delta`` give the number of articles with a term in a field (field, term);
    ``base_articles`` and ``delta_articles`` count them all; ``averages`` are field lengths in terms.
    """

    weights: LexicalWeights
    base: Frequency
    delta: Frequency
    base_articles: int
    delta_articles: int
    averages: dict[str, float]
    _known: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def boost(self, phrase: Phrase, name: str) -> float:
        """What tantivy's score of a phrase in a field is multiplied with."""
        weight = self.weight(phrase, name)
        if not self.delta_articles:
            return weight
        own = sum(idf(self._frequencies(name, term)[0], self.base_articles) for term in phrase)
        return weight * self.idf(phrase, name) / own

    def weight(self, phrase: Phrase, name: str) -> float:
        """The weight of a field for a phrase: extra terms count less than words that stand there."""
        return self.weights.of(name) * (WEIGHT if phrase[0].startswith(MARK) else 1.0)

    def idf(self, phrase: Phrase, name: str) -> float:
        """The idf of a phrase in a field over base and delta: the sum over its terms."""
        articles = self.base_articles + self.delta_articles
        return sum(idf(sum(self._frequencies(name, term)), articles) for term in phrase)

    def ideal(self, phrase: Phrase) -> float:
        """What a phrase adds to the score of a perfect match: title and body full of it.

        A term that no title or body holds counts by the author field, and one that stands nowhere
        counts as if it stood in a body: a perfect match would have it.
        """
        held = [name for name in ("title", "body") if self._held(phrase, name)]
        if not held:
            held = [name for name in TEXT_FIELDS if self._held(phrase, name)] or ["body"]
        return sum(self.weight(phrase, name) * best_score(self.idf(phrase, name)) for name in held)

    def ideal_of(self, group: Sequence[str]) -> float:
        """What one word of a query adds to a perfect match: the best of the terms that it may stand as.

        Of a word's terms those count that stand anywhere, where one does.
        """
        known = [term for term in group if any(self._held((term,), name) for name in TEXT_FIELDS)]
        return max(self.ideal((term,)) for term in known or group)

    def _held(self, phrase: Phrase, name: str) -> bool:
        return all(sum(self._frequencies(name, term)) for term in phrase)

    def _frequencies(self, name: str, term: str) -> tuple[int, int]:
        key = (name, term)
        if key not in self._known:
            self._known[key] = (self.base(name, term), self.delta(name, term))
        return self._known[key]
