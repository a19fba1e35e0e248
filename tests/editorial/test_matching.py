"""Matching against an oracle in plain Python."""

from __future__ import annotations

import itertools
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semsearch.articles import Article, Filter
from semsearch.editorial.matching import Matcher, has_words, in_a_row
from semsearch.index.saved_types import SavedSearch

# Unit vectors of four halves: their products are exact, so that no rounding decides.
VECTORS = [tuple(sign / 2 for sign in signs) for signs in itertools.product((1, -1), repeat=4)]
NAMES = ["Politics", "SPORT", "sport", "Café", "cafe"]
TEXTS = ["court", "Court", "vote", "voting", "café", "the court", "court vote"]

names = st.none() | st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(tuple)
filters = st.builds(Filter, sections=names, authors=names, tags=names, languages=names, sources=names)
searches = st.lists(
    st.tuples(
        st.sampled_from(VECTORS),
        st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
        st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple),
        filters,
    ),
    max_size=8,
)
values = st.lists(st.sampled_from(NAMES), max_size=2).map(tuple)
articles = st.builds(
    Article,
    id=st.just("a"),
    title=st.just("t"),
    section=st.none() | st.sampled_from(NAMES),
    authors=values,
    tags=values,
    language=st.none() | st.sampled_from(NAMES),
    source=st.none() | st.sampled_from(NAMES),
)
texts = st.lists(st.sampled_from(["Court", "VOTE", "voting", "Cafe", "the", "-"]), max_size=6).map(" ".join)


def plain_words(text: str) -> list[str]:
    """Words in lower case; the only accent here is é."""
    return re.findall(r"[a-z]+", text.lower().replace("é", "e"))


def oracle_matches(vector, threshold, words, where, article, text, passages) -> float | None:
    """The score where a search matches, one step after the other; None where it does not."""
    best = max(sum(a * b for a, b in zip(vector, passage, strict=True)) for passage in passages)
    score = min(1.0, max(0.0, best))
    held = {
        "sections": [article.section],
        "authors": article.authors,
        "tags": article.tags,
        "languages": [article.language],
        "sources": [article.source],
    }
    for name, has in held.items():
        wanted = getattr(where, name)
        if wanted is not None and not any(
            one is not None and one.casefold() == other.casefold() for one in has for other in wanted
        ):
            return None
    row = plain_words(text)
    for word in words:
        parts = plain_words(word)
        if not any(row[at : at + len(parts)] == parts for at in range(len(row))):
            return None
    return score if score >= threshold else None


@given(searches, articles, texts, st.lists(st.sampled_from(VECTORS), min_size=1, max_size=4))
def test_as_plain_python_does(asked, article, text, passages) -> None:
    """One product of all searches finds what comparing them one by one finds, with the same scores."""
    made = [
        SavedSearch(str(place), "n", "m", threshold, words, where)
        for place, (_, threshold, words, where) in enumerate(asked)
    ]
    expected = {}
    for place, (vector, threshold, words, where) in enumerate(asked):
        score = oracle_matches(vector, threshold, words, where, article, text, passages)
        if score is not None:
            expected[str(place)] = score
    matcher = Matcher(made, np.array([one[0] for one in asked], np.float32).reshape(-1, 4))
    found = matcher.match(article, text, np.array(passages, np.float32))
    assert expected == {one.search.id: one.score for one in found}
    for one in found:
        products = [
            sum(a * b for a, b in zip(asked[int(one.search.id)][0], p, strict=True)) for p in passages
        ]
        assert max(products) == products[one.passage]


def test_words_are_whole_and_in_a_row() -> None:
    """A phrase stands as it is written; half a word does not count; case and accents do not matter."""
    row = in_a_row("The Élysée's spokes-person voted in São Paulo.")
    assert has_words(row, ["elysee", "SAO PAULO", "spokes-person", "spokes person"])
    assert [] == [word for word in ("vote", "paulo sao", "person voted paulo") if has_words(row, [word])]


def test_nothing_to_match() -> None:
    """No search, or an article without a passage, matches nothing."""
    none = np.zeros((0, 4), np.float32)
    assert [] == Matcher([], none).match(Article("a", "t"), "t", none)
    one = Matcher([SavedSearch("s", "n", "m", 0.0)], np.array([VECTORS[0]], np.float32))
    assert [] == one.match(Article("a", "t"), "t", none)
