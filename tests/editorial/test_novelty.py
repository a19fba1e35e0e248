"""Which sentences of a draft are new."""

from __future__ import annotations

import re

from semsearch.editorial.novelty import Novelty
from semsearch.editorial.shared_text import spell
from semsearch.index.salient import MOST_CHARACTERS, Term

KNOWN = "The old bridge over the river was closed on Monday by engineers."
NEW = "A ferry with forty seats crosses every hour until midnight for free."


def analyse(text: str) -> list[tuple[str, int, int]]:
    """Each word is a term."""
    return [(found[0].lower(), *found.span()) for found in re.finditer(r"\w+", text)]


def novelty(text: str) -> Novelty:
    """The novelty of a text all of whose words tell the same."""
    terms = [Term(word, word, 1, 1.0) for word in {term for term, _, _ in analyse(text)}]
    return Novelty(analyse, text, spell(text), terms)


def terms_of(text: str) -> set[str]:
    """The terms of a text."""
    return {term for term, _, _ in analyse(text)}


def test_a_sentence_whose_words_are_held_is_not_new() -> None:
    """In any order of the words, as a rewrite has them; the other sentence is."""
    text = f"{KNOWN} {NEW}"
    found = novelty(text)
    (span,) = found.new_sentences(terms_of(KNOWN), [])
    assert NEW == text[slice(*span)]
    assert 0.5 == found.part_of([span])


def test_a_sentence_that_stands_word_for_word_is_not_new() -> None:
    """Half of its words are enough, whatever they tell."""
    text = f"{KNOWN} {NEW}"
    assert [(0, len(KNOWN))] == novelty(text).new_sentences(set(), [(len(KNOWN) + 1, len(text))])


def test_short_sentences_say_nothing_new() -> None:
    """A phrase of a few words is not judged beside longer ones."""
    assert [] == novelty(f"{KNOWN} Nobody objected.").new_sentences(terms_of(KNOWN), [])


def test_a_text_of_a_few_words_is_judged_as_one() -> None:
    """Where no sentence is long enough, all of it is new or is not; without a telling word it is not."""
    text = "Bridge closed. Ferry free."
    assert [(0, len(text))] == novelty(text).new_sentences(set(), [])
    assert [] == novelty(text).new_sentences(terms_of(text), [])
    assert [] == Novelty(analyse, text, spell(text), []).new_sentences(set(), [])
    assert ([], 0.0) == (novelty("").new_sentences(set(), []), novelty("").part_of([]))


def test_only_the_beginning_of_a_long_text_is_judged() -> None:
    """What is told is a part of the beginning."""
    text = f"{NEW} " * 1_000
    spans = novelty(text).new_sentences(set(), [])
    assert max(end for _, end in spans) <= MOST_CHARACTERS < len(text)
    assert 0.99 < novelty(text).part_of(spans) <= 1
