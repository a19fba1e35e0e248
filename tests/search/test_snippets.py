"""Snippets: the most telling sentence of a passage, and what fits beside it."""

from __future__ import annotations

from collections.abc import Collection

from semsearch.index.lexical_analysis import analyzer
from semsearch.search.snippets import SnippetMaker
from semsearch.text import split_sentences

BODY = (
    "The council met on Monday in the U.S. embassy. Obama's aides spoke of schools. Nobody mentioned "
    "the price of 1,200 dollars.Then schools closed, the mayor's office said. Parents of pupils in closed "
    "schools will appeal! A closing word was not heard."
)


def analyse(text: str, wanted: Collection[str] | None = None) -> list[tuple[str, int, int]]:
    """As an English index does."""
    spans = analyzer("english").spans(text)
    return spans if wanted is None else [piece for piece in spans if piece[0] in wanted]


def maker(weights: dict[str, float], characters: int = 40) -> SnippetMaker:
    """A maker of short snippets, so that one shows the best sentence alone."""
    return SnippetMaker(analyse, weights, characters)


def test_the_sentence_with_the_largest_share_of_the_query_is_shown():
    """A sentence counts what analysing it alone finds, each word once (oracle)."""
    for weights in ({"school": 1.0}, {"school": 1.0, "close": 2.0}, {"mayor": 3.0, "us": 2.0}, {"1200": 1.0}):
        sentences = split_sentences(BODY)
        shares = [
            sum(weights[term] for term in {term for term, _, _ in analyse(BODY[start:end])} & weights.keys())
            for start, end in sentences
        ]
        best = sentences[shares.index(max(shares))]
        assert best[0] == maker(weights).make("", BODY, (0, len(BODY))).offset


def test_marks_stand_at_the_words_of_the_query():
    """Highlights are characters of the shown text."""
    found = maker({"school": 1.0, "close": 2.0}, 300).make("", BODY, (0, len(BODY)))
    marked = [found.text[start:end] for start, end in found.highlights]
    assert ["schools", "schools", "closed", "closed", "schools", "closing"] == marked


def test_without_telling_words_the_first_sentence_is_shown():
    """An article that only meaning found begins where its passage does."""
    found = maker({}).make("", BODY, (48, len(BODY)))
    assert (48 + len(BODY[48:]) - len(BODY[48:].lstrip()), ()) == (found.offset, found.highlights)


def test_an_article_without_a_body_shows_its_title():
    """A headline alone is marked like any text."""
    found = maker({"school": 1.0}).make("Schools reopen", "", (0, 0))
    assert ("Schools reopen", ((0, 7),), None) == (found.text, found.highlights, found.offset)
