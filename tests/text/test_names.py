"""Names are found by their capitals, where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.text.names import find_names, names_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The talks with North Korea went on.", {"North Korea": 1}),
        ("Yesterday was cold. We met Kim Jong-un.", {"Kim Jong-un": 1}),
        ("Ferries sank. The Ferries Board of Merrow met.", {"Ferries Board of Merrow": 1}),
        ("Putin spoke. Then Putin left.", {"Putin": 2}),
        ("Rain fell.", {}),
        ("On Monday the president of the United States left.", {"United States": 1}),
        ("Obama’s plan and Obama's friends met Obama.", {"Obama": 3}),
        ("In 1945 Harry S. Truman spoke.", {"Harry S. Truman": 1}),
        ("", {}),
    ],
)
def test_names_are_runs_of_capitals_inside_sentences(text, expected):
    """A capital at the start of a sentence alone makes no name."""
    assert expected == dict(names_in(text))


@given(st.text())
def test_any_text_gives_names_that_stand_in_it(text):
    """No text fails, and no name is invented: it stands where it is said to, possessive endings aside."""
    for name in find_names(text):
        assert name.text.split()[0] == text[name.start : name.end].split()[0][: len(name.text.split()[0])]
        assert text[name.start : name.end].endswith(name.text.split()[-1])


def test_a_name_is_told_with_its_place():
    """Without the possessive ending and without the words before it that any sentence begins with."""
    text = "After the Kyoto Protocol’s end, Mr. Annan left."
    assert ["Kyoto Protocol", "Annan"] == [text[one.start : one.end] for one in find_names(text)]


def test_a_headline_in_capitals_names_nothing():
    """What its text names is found; a short one may be a name."""
    text = "U.S. HOUSING STARTS ROSE IN FEBRUARY\n\nThe figures surprised Malcolm Baldrige in Washington."
    assert {"Malcolm Baldrige", "Washington"} == set(names_in(text))
