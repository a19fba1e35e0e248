"""How likely it is that one of the best hits of a hybrid search answers the query.

The evidence of a hit is the nearness of its best passage and the query's content words that stand in that
passage or in the title, the rare ones weighing more. How much of it is needed grows with the number of
articles: the nearest of 3,000 unrelated texts is nearer than the nearest of three. A hit that holds all
content words always answers. In languages that the encoder does not read words alone count.

The numbers come from logistic regressions on samples of 3 to 3,000 articles of four collections; see
benchmarks/honesty.py, which measures how often the verdict is right. They hold for the default encoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, Filter
from semsearch.encoder.protocol import Vectors
from semsearch.index.function_words import is_function_word
from semsearch.index.protocol import LexicalQuery, Rows, Scores, Snapshot
from semsearch.query import ParsedQuery
from semsearch.ranking import Floats, Ranked
from semsearch.search.vectors import by_words_alone, means_something

JUDGED = 10  # best hits whose evidence is weighed
NEXT = 5  # nearest articles that the best one is compared with
MOST_WORDS = 8  # a query of more content words is no easier to match by chance
SHARED_LANGUAGE = 0.2  # a language of at least this share of all articles has its function words dropped

# Logits: nearness, share of words, log10 of the articles, 1 / content words, how far the best stands out.
_READ = (11.3, 5.9, -0.28, 1.5, 6.7, -8.63)
_UNREAD = (0.0, 14.0, -0.8, 0.0, 0.0, -3.0)
# Nearness alone is enough: how much of it, for a query of at most SHORT words and for a longer one.
SHORT = 3
_SHORT_LEAST, _SHORT_SUM, _SHORT_GROWTH = 0.27, 0.34, 0.04
_LONG_LEAST, _LONG_GROWTH = 0.42, 0.08
_CERTAIN = 0.9


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one hit: ``nearness`` (inner product) and ``words``, a share of their weight.

    ``read`` says whether the encoder reads the language of the hit.
    """

    nearness: float
    words: float
    read: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """What evidence is held against: ``articles`` searched, content ``words`` asked for.

    ``nearest`` is the best nearness of all, and ``ahead`` how far that is above the mean of the next.
    """

    articles: int
    words: int
    nearest: float
    ahead: float


def likelihood(hits: Sequence[Evidence], setting: Setting) -> float:
    """How likely one of the hits answers the query, 0 to 1; pure."""
    size = math.log10(max(setting.articles, 1))
    inverse = 1 / min(max(setting.words, 1), MOST_WORDS)
    found = 0.0
    for hit in hits:
        near, words, growth, few, ahead, bias = _READ if hit.read else _UNREAD
        logit = near * hit.nearness + words * hit.words + growth * size + few * inverse + bias
        found = max(found, 1 / (1 + math.exp(-logit - ahead * setting.ahead)))
    if _near_enough(hits, setting, size):
        found = max(found, _CERTAIN)
    return found


def _near_enough(hits: Sequence[Evidence], setting: Setting, size: float) -> bool:
    if not any(hit.read for hit in hits):
        return False
    if setting.words > SHORT:
        return setting.nearest >= _LONG_LEAST + _LONG_GROWTH * size
    both = setting.nearest + setting.ahead
    return setting.nearest >= _SHORT_LEAST and both >= _SHORT_SUM + _SHORT_GROWTH * size


def answered(snapshot: Snapshot, query: ParsedQuery, vector: Vectors, where: Filter, ranked: Ranked) -> float:
    """The likelihood that the best hits of a hybrid search answer its query."""
    head = ranked.take(slice(0, JUDGED))
    asked = _Asked(snapshot, content_words(snapshot, query), vector)
    held = asked.held(head.rows)
    if held.size and held.all(axis=0).any():
        return 1.0
    meant = means_something(snapshot, query.text, vector)
    unread = by_words_alone(snapshot, head.rows, meant=meant)
    articles = snapshot.articles(head.rows)
    hits = [
        Evidence(0.0, float(asked.weights @ held[:, place]), read=False)
        if unread[place]
        else asked.best_passage(int(head.rows[place]), article)
        for place, article in enumerate(articles)
    ]
    nearest = snapshot.vector_candidates(vector, limit=NEXT + 1, where=where)
    near = nearest.scores[~by_words_alone(snapshot, nearest.rows, meant=meant)]
    return likelihood(hits, _setting(snapshot, where, len(asked.words), near))


def content_words(snapshot: Snapshot, query: ParsedQuery) -> tuple[str, ...]:
    """The words of a query without its function words; all of them where it has no others."""
    phrases = [word for phrase in query.phrases for word in phrase.split()]
    words = tuple(dict.fromkeys((*query.words, *phrases)))
    words = tuple(word for word in words if snapshot.analyse(word))
    languages = _languages(snapshot)
    return tuple(word for word in words if not is_function_word(_bare(word), languages)) or words


def _bare(word: str) -> str:
    return word.strip(".,;:!?()[]'’‘«»“”")


def _languages(snapshot: Snapshot) -> list[str]:
    """The languages of a good part of the articles; English where none is known."""
    counts = snapshot.counts()
    least = SHARED_LANGUAGE * max(counts.articles, 1)
    return [code for code, count in counts.languages.items() if count >= least] or ["en"]


class _Asked:
    """The content words of a query with their weights, which add up to 1, and its vector."""

    def __init__(self, snapshot: Snapshot, words: Sequence[str], vector: Vectors) -> None:
        self.words = words
        self._snapshot = snapshot
        self._vector = vector
        self._terms = [{term for term, _, _ in snapshot.analyse(word)} for word in words]
        self._wanted = {term for terms in self._terms for term in terms}
        articles = snapshot.counts().counted
        frequencies = np.array(snapshot.document_frequency(words), np.float64)
        weights: Floats = np.log1p((articles + 1) / (frequencies + 0.5))
        self.weights: Floats = weights / max(float(weights.sum()), 1e-9)

    def held(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which words (first axis) stand anywhere in which articles."""
        held = np.zeros((len(self.words), len(rows)), np.bool_)
        for place, word in enumerate(self.words):
            held[place] = self._snapshot.lexical_scores(LexicalQuery(phrases=(word,)), rows) > 0
        return held

    def best_passage(self, row: int, article: Article) -> Evidence:
        """The passage whose nearness and share of the words, in it or in the title, are best together."""
        best = Evidence(0.0, 0.0)
        titled = self._terms_of(article.title)
        products = self._snapshot.passage_vectors(row) @ self._vector
        for passage, product in zip(self._snapshot.passages(row), products.tolist(), strict=True):
            found = titled | self._terms_of(article.body[passage.start : passage.end])
            share = sum(self.weights[at] for at, terms in enumerate(self._terms) if terms <= found)
            if product + share > best.nearness + best.words:
                best = Evidence(product, float(share))
        return best

    def _terms_of(self, text: str) -> set[str]:
        return {term for term, _, _ in self._snapshot.analyse(text, self._wanted)}


def _setting(snapshot: Snapshot, where: Filter, words: int, scores: Scores) -> Setting:
    articles = snapshot.counts().articles if where == Filter() else len(snapshot.matching(where))
    best = float(scores[0]) if len(scores) else 0.0
    ahead = best - float(scores[1:].mean()) if len(scores) > 1 else 0.0
    return Setting(articles, words, best, ahead)
