"""Near words are those that comparing with every word finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from semsearch.index.near import LateWords, NearWords

WORD = st.text("abc", min_size=1, max_size=6)
WORDS = st.lists(WORD, unique=True, max_size=30)


def scanned(words, word, distance):
    """All near words of the same first letter; where there are none, all near words."""
    near = {(one, d) for one in words if (d := OSA.distance(word, one)) <= distance}
    return {pair for pair in near if pair[0][0] == word[0]} or near


@settings(deadline=None, max_examples=60)
@given(WORDS, WORD, st.integers(1, 2))
def test_whole_words(words, word, distance):
    """Frozen words and later ones are found alike."""
    late = LateWords()
    for one in words:
        late.add(one)
    expected = scanned(words, word, distance)
    assert expected == set(NearWords(words).find(word, distance))
    assert expected == set(late.find(word, distance))


@settings(deadline=None, max_examples=60)
@given(WORDS, WORD, st.integers(1, 2))
def test_beginnings(words, word, distance):
    """Beginnings are compared with the first letters of each word, each once."""
    lengths = range(max(1, len(word) - distance), len(word) + distance + 1)
    beginnings = {one[:length] for one in words for length in lengths if len(one) >= length}
    found = NearWords(words).find(word, distance, beginning=True)
    assert scanned(beginnings, word, distance) == set(found)
    assert len(found) == len(set(found))


def test_a_word_that_comes_later_is_found():
    """What was made ready for an earlier search does not hide it."""
    late = LateWords()
    late.add("korea")
    assert [("korea", 1)] == late.find("kora", 1)
    late.add("koran")
    assert {("korea", 1), ("koran", 1)} == set(late.find("kora", 1))


def test_nothing_is_near_without_errors():
    """A distance of 0 asks for nothing."""
    assert [] == NearWords(["korea"]).find("korea", 0)
