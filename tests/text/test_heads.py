"""Parts of long texts are read as they would be within the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from semsearch.text.heads import cut_before, head_of, heads_of, parts_of


@given(st.text(alphabet="ab \n漢。", max_size=400), st.integers(1, 50))
def test_parts_are_the_text(text: str, most: int) -> None:
    """Nothing is lost or moved, and none is longer than asked for."""
    parts = list(parts_of(text, most))
    assert text == "".join(part for _, part in parts)
    assert all(text[start : start + len(part)] == part for start, part in parts)
    assert all(len(part) <= most for _, part in parts)


def test_no_word_is_torn() -> None:
    """A cut is at a blank, unless there is none near."""
    assert "one two" == head_of("one two three", 10)
    assert "one two three" == head_of("one two three", 13)
    assert 10 == cut_before("漢" * 30, 0, 10)


def words(texts: list[str]) -> list[int]:
    """A token is a word."""
    return [len(text.split()) for text in texts]


def test_heads_have_the_tokens() -> None:
    """A head has more tokens than wanted, however far apart they are; a short text is left as it is."""
    far = ("x" + " " * 5_000) * 100
    texts = ["one two", "word " * 100_000, far, " " * 100_000, "y" * 100_000]
    heads = heads_of(texts, 20, words)
    assert "one two" == heads[0]
    assert len(heads[1]) < 1_000
    for text, head in zip(texts, heads, strict=True):
        assert text.startswith(head)
        assert text.split()[:20] == head.split()[:20]
