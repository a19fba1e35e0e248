"""Where German compounds are cut."""

from __future__ import annotations

import pytest

from semsearch.text.compounds import split_compound


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Hafenmauer", "hafen mauer"),
        ("Kinderärzte", "kinder ärzte"),
        ("Stadtrat", "stadt rat"),
        ("Wohnungsbau", "wohnungs bau"),
        ("Strompreisbremse", "strompreis bremse"),
        ("Landtagswahlkampf", "landtagswahl kampf landtags wahl"),
        ("STROMPREISE", "strom preise"),
        ("Freitag", ""),
        ("Vertrag", ""),
        ("Hamburg", ""),
        ("Universität", ""),
        ("Xyzzyplugh", ""),
        ("", ""),
        ("Straßenverkehr", "straßen verkehr"),
        ("İstanbulreise", ""),
    ],
)
def test_a_compound_is_cut_between_words(word, parts):
    """With and without a linking letter, once more where a part is long; not where no words meet."""
    assert parts.split() == [word[start:end].lower() for start, end in split_compound(word)]
