"""Did you mean: a query with its unknown words read as near words of the corpus."""

from __future__ import annotations

import math
import re

from semsearch.articles import Filter
from semsearch.index.protocol import LexicalQuery, Snapshot, WordCount
from semsearch.query import asked_spans
from semsearch.text.words import SPELLED, bare, errors_allowed, fold

# Measured by benchmarks/suggest.py on typing errors made at random and on words that are right.
FEW_ARTICLES = 2  # a word that stands in more is right
LEAST_ARTICLES = 3  # a word that stands in fewer is never proposed, nor two errors away in a small archive
SMALL, LARGE = 1_000, 10_000  # articles under which words of one, and of two articles are proposed, too
TIMES_MORE = 500  # a word that stands in few articles is doubted only for one in so many times more
MOST_WORDS = 16  # a longer query was pasted rather than typed, and would take its time
_SHORTEST = 5  # letters; most unknown words of four are names
_SURE_SHARE = 0.004  # of all articles: so frequent must a word be to be meant past two errors
_SECOND_ERROR = 5.0  # what another typing error must be made up for by, in powers of e more articles
_OTHER_INITIAL = 2.0  # the same for another first letter

_NO_WORD = re.compile(r"[\d@/\\_]|\w[.:]\w")  # numbers, addresses, names of files: never mended


def did_you_mean(snapshot: Snapshot, query: str) -> str | None:
    """The query with its likely typing errors mended; None where there are none.

    Numbers, excluded words and words that the corpus holds stay as they are, quotes and signs too.
    """
    text, spans = asked_spans(query)
    if sum(len(text[start:end].split()) for start, end in spans) > MOST_WORDS:
        return None
    changes = [change for start, end in spans for change in _changes(snapshot, text, start, end)]
    for start, end, better in reversed(changes):
        text = text[:start] + better + text[end:]
    return text if changes else None


def _changes(snapshot: Snapshot, text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """What to replace within one word or phrase of a query: start, end and the better word."""
    changes = []
    for token in re.compile(r"\S+").finditer(text, start, end):
        if _NO_WORD.search(token[0]):
            continue
        for word in SPELLED.finditer(text, token.start(), token.end()):
            typed = bare(word[0])
            better = better_word(snapshot, typed)
            if better is not None:
                changes.append((word.start(), word.start() + len(typed), better))
    return changes


def better_word(snapshot: Snapshot, word: str) -> str | None:
    """The word of the corpus that was likely meant by one that it hardly knows; None: leave it."""
    folded = fold(word)
    distance = errors_allowed(len(folded)) if len(folded) >= _SHORTEST else 0
    if not distance:
        return None
    held = snapshot.document_frequency([word])[0]
    if held > FEW_ARTICLES:
        return None
    near = snapshot.near_words(word, distance=distance)
    if held:
        near = [(one, errors) for one, errors in near if _is_swapped(folded, fold(one.text))]
    articles = snapshot.counts().counted
    enough = max(_least_articles(articles), TIMES_MORE * held)
    sure = max(enough, LEAST_ARTICLES, _SURE_SHARE * articles)
    likely = sorted(
        (-_likelihood(folded, one, errors), one.text)
        for one, errors in near
        if one.count >= (enough if errors == 1 else sure)
    )
    for _, text in likely[:3]:
        # The vocabulary does not know of deleted articles.
        if snapshot.lexical_candidates(LexicalQuery((text,)), limit=1, where=Filter()).total:
            return text
    return None if held else _author(snapshot, folded)


def _least_articles(articles: int) -> int:
    """In how many articles a word must stand: in a small archive few names stand in three."""
    return 1 if articles < SMALL else 2 if articles < LARGE else LEAST_ARTICLES


def _author(snapshot: Snapshot, folded: str) -> str | None:
    """The word of an author's name that is one error away; of several that of the most frequent author."""
    from rapidfuzz.distance import OSA

    for names in snapshot.complete_values("author", folded, mend=True):
        for name in names:
            for word in SPELLED.findall(name.text):
                if OSA.distance(folded, fold(bare(word)), score_cutoff=1) == 1:
                    return bare(word)
    return None


def _is_swapped(typed: str, near: str) -> bool:
    """Whether letters changed places, the one error that makes no other word or name."""
    return len(typed) > _SHORTEST and typed[0] == near[0] and sorted(typed) == sorted(near)


def _likelihood(typed: str, near: WordCount, errors: int) -> float:
    other = fold(near.text)[:1] != typed[:1]
    return math.log(near.count) - _SECOND_ERROR * (errors - 1) - _OTHER_INITIAL * other
