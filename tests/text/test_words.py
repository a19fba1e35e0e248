"""Words as they are compared and spelled."""

from __future__ import annotations

import pytest

from semsearch.text.words import SPELLED, bare, errors_allowed, fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Élysée", "elysee"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("Łódź", "lodz"),
        ("İzmir", "izmir"),
    ],
)
def test_case_and_accents_do_not_matter(text, expected):
    """Two writings of a word fold to one."""
    assert expected == fold(text)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Obama's", "Obama"),
        ("Obama’s", "Obama"),
        ("Democrats'", "Democrats"),
        ("O'Neill", "O'Neill"),
        ("s", "s"),
    ],
)
def test_a_possessive_ending_goes(word, expected):
    """The ending goes, an apostrophe inside stays."""
    assert expected == bare(word)


def test_words_of_an_alphabet_are_spelled():
    """Numbers, single letters and ideographs are no words to spell."""
    assert ["O'Neill", "met", "Łukasz"] == SPELLED.findall("O'Neill met Łukasz 42 x 北京")


def test_short_words_hold_no_errors():
    """A short word with an error is another word."""
    assert [0, 1, 1, 2] == [errors_allowed(letters) for letters in (3, 4, 7, 8)]
