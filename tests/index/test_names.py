"""Names are found by the beginnings of their words, as a scan of all of them finds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.index.names import MAX_WORDS, NameIndex
from semsearch.index.typing_help import fitting, read_typed
from semsearch.text.words import name_words

WORDS = st.sampled_from("north korea korean kore white house whitehouse é e o'neill u.s. 北京".split())
NAMES = st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=12)


def lots(index, typed, upto, *, mend=False):
    """The lots as lists."""
    return [found.tolist() for found in fitting(index, typed, upto=upto, mend=mend)]


def scanned(names, typed):
    """What a scan finds: names that begin with what was typed, hold it as a phrase, hold all its words."""
    words, end = name_words(typed), " " if typed[-1:].isspace() else ""
    texts = [f" {' '.join(name_words(name))} " for name in names]
    phrase = f" {' '.join(words)}{end}"
    begin = [row for row, text in enumerate(texts) if text.startswith(phrase)]
    hold = [row for row, text in enumerate(texts) if phrase in text]
    parts = [f" {word} " for word in words[:-1]] + [f" {words[-1]}{end}"]
    every = [row for row, text in enumerate(texts) if all(part in text for part in parts)]
    return begin, hold, every


@settings(deadline=None, max_examples=60)
@given(NAMES, NAMES, st.lists(WORDS, min_size=1, max_size=3), st.integers(0, 4), st.booleans())
def test_finds_what_a_scan_finds(early, late, words, cut, frozen):
    """Frozen and later names answer as one, for whole words and for beginnings."""
    typed = " ".join(words)[: -cut or None] or "k"
    if not name_words(typed):
        return
    index = NameIndex.of(early) if frozen else NameIndex()
    for number, name in enumerate([*([] if frozen else early), *late], len(early) if frozen else 0):
        index.add(number, name)
    names = [*early, *late]
    begin, hold, every = scanned(names, typed)
    found = lots(index, typed, len(names))
    if not every:
        assert not any(found)
    elif len(name_words(typed)) == 1:
        assert [begin, hold] == found
    else:
        assert [begin, hold, every] == found


def test_a_blank_ends_a_word():
    """After a blank the last word is whole."""
    index = NameIndex.of(["Kore", "Korea"])
    assert [0, 1] == lots(index, "kore", 2)[1]
    assert [0] == lots(index, "kore ", 2)[1]


def test_case_accents_possessives_and_acronyms_do_not_matter():
    """What readers leave out when they type is left out."""
    index = NameIndex.of(["Élysée’s U.S. visit", "O'Neill"])
    for typed in ("elysee us", "ÉLYSÉE", "u.s", "U.S. vis"):
        assert [0] == lots(index, typed, 2)[1], typed
    assert [1] == lots(index, "oneill", 2)[1]
    assert [1] == lots(index, "o'nei", 2)[1]


def test_later_names_are_hidden_from_an_older_view():
    """``upto`` bounds what is seen, in the frozen part and after it."""
    index = NameIndex.of(["korea one", "korea two"])
    index.add(2, "korea three")
    assert [0] == lots(index, "korea", 1)[1]
    assert [0, 1, 2] == lots(index, "korea", 3)[1]


def test_a_phrase_never_runs_into_the_next_name():
    """The last words of a long name and the first of the next are no phrase."""
    long = " ".join(f"w{number}" for number in range(MAX_WORDS + 100))
    index = NameIndex.of([long, "next name"])
    assert [] == lots(index, f"w{MAX_WORDS - 1} next", 2)[1]


def test_typing_errors_are_looked_past_only_when_asked():
    """``mend`` finds the near word, of a whole word or of a beginning; nothing where all was right."""
    index = NameIndex.of(["Trump tower", "Korea"])
    index.add(2, "Zelensky speaks")
    assert [] == lots(index, "trmup", 3)
    assert [0] == lots(index, "trmup", 3, mend=True)[1]
    assert [0] == lots(index, "trmup tow", 3, mend=True)[1]
    assert [2] == lots(index, "zelnsk", 3, mend=True)[1]
    assert [] == lots(index, "korea", 3, mend=True)


def test_words_that_never_stand_together_are_read_as_near_ones():
    """Each word is known, but no name holds both: one of them was mistyped."""
    index = NameIndex.of(["Trump tower", "A tramp walks"])
    assert [0] == lots(index, "tramp tower", 2, mend=True)[1]


@pytest.mark.parametrize("names", [[], [""], ["a", "é"], ["北京 news", "white house"]])
def test_is_the_same_after_saving(names):
    """What was saved is found again."""
    index = NameIndex.of(names)
    again = NameIndex.load(index.save("n"), "n")
    assert index.words == again.words
    np.testing.assert_array_equal(index.places, again.places)
    np.testing.assert_array_equal(index.starts, again.starts)


def test_only_the_last_typed_word_is_a_beginning():
    """Words before the last were finished by a blank."""
    assert [[("north", False)], [("kor", True)]] == read_typed("North Kor")
    assert [] == read_typed("?!")
