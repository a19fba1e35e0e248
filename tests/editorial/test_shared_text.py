"""The runs of words that two texts share."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from semsearch.editorial.shared_text import SharedRun, joined, share_within, spell
from semsearch.editorial.shared_text import shared_runs as runs_of


def shared_runs(text: str, other: str) -> list[SharedRun]:
    """The runs of two texts."""
    return runs_of(spell(text), spell(other))


def test_spans_cut_the_same_words_out_of_both_texts():
    """A run is told by its place in each text, whatever its case and punctuation."""
    text = "Today: The mayor of Oslo, Kari Berg, closed the old bridge. Nobody knows why."
    other = "It was said that THE MAYOR of Oslo Kari Berg closed the old bridge for good."
    (run,) = shared_runs(text, other)
    assert "The mayor of Oslo, Kari Berg, closed the old bridge" == text[run.start : run.end]
    assert "THE MAYOR of Oslo Kari Berg closed the old bridge" == other[run.other_start : run.other_end]
    assert 10 == run.words


def test_the_longest_of_several_places_is_taken():
    """A run that begins alike in two places is marked where more of it stands."""
    other = "a b c d e f x x x a b c d e f g h"
    (run,) = shared_runs("a b c d e f g h", other)
    assert (8, other.rindex("a"), len(other)) == (run.words, run.other_start, run.other_end)


def test_runs_under_six_words_are_no_runs():
    """A name or a turn of phrase marks nothing; neither does an empty text."""
    assert [] == shared_runs("one two three four five", "one two three four five")
    assert [] == shared_runs("", "one two three four five six")
    assert [] == shared_runs("one two three four five six", "")


def test_accents_and_characters_that_fold_longer_keep_their_places():
    """Spans count characters of the text as given, also where folding changes its length."""
    text = "😀 Straße und Café am Fluß sind heute zu"
    (run,) = shared_runs(text, "STRASSE UND CAFE AM FLUSS SIND HEUTE ZU")
    assert "Straße und Café am Fluß sind heute zu" == text[run.start : run.end]


def test_a_huge_text_of_one_repeated_line_is_one_run():
    """Repetition gives one run over the whole text, not one for each repeat."""
    line = "the same line again and again "
    (run,) = shared_runs(line * 5_000, line * 5_000)
    assert 30_000 == run.words


@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_runs_are_found_where_a_plain_search_finds_six_words(one, other):
    """Each run stands in both texts, none overlaps, and one is found whenever six words are shared."""
    text, against = " ".join(one), " ".join(other)
    runs = shared_runs(text, against)
    for run in runs:
        assert text[run.start : run.end] == against[run.other_start : run.other_end]
        assert run.words >= 6
    assert all(before.end < after.start for before, after in pairwise(runs))
    shared = any(f" {' '.join(one[at : at + 6])} " in f" {against} " for at in range(len(one) - 5))
    assert shared == bool(runs)


def test_the_part_of_the_words_that_lie_in_runs():
    """Words cut by the edge of a run or of the span asked for do not count; without words it is 0."""
    text = "one two three four"
    assert 0.5 == share_within(spell(text), [(0, 7)])
    assert 0.25 == share_within(spell(text), [(0, 5)])
    assert 1.0 == share_within(spell(text), [(0, 3), (4, 18)], within=(4, 13))
    assert 0.0 == share_within(spell(text), [])
    assert 0.0 == share_within(spell(" … "), [(0, 3)])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=8))
def test_joined_spans_hold_the_same_characters(spans):
    """They come in order, never overlap or touch, and hold what the spans hold."""
    made = joined((start, start + length) for start, length in spans)
    assert {at for start, end in made for at in range(start, end)} == {
        at for start, length in spans for at in range(start, start + length)
    }
    assert all(before[1] < after[0] for before, after in pairwise(made))
