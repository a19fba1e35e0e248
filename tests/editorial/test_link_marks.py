"""The links that a draft has already, in HTML and in Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.editorial.link_marks import read_links
from semsearch.text import clean_text


@pytest.mark.parametrize(
    ("raw", "text", "words", "urls"),
    [
        ("No link at all.", "No link at all.", [], ()),
        (
            '<p>The <a class=x href="https://a.example/?b=1&amp;c=2">Kyoto <b>Protocol</b></a> ended.</p>',
            "The Kyoto Protocol ended.",
            ["Kyoto Protocol"],
            ("https://a.example/?b=1&c=2",),
        ),
        ("<A HREF='x'>one</A>, <a href=y> two </a>", "one, two", ["one", "two"], ("x", "y")),
        (
            "See [the bill](https://a.example/b) now.",
            "See the bill now.",
            ["the bill"],
            ("https://a.example/b",),
        ),
        ('See [a](<https://a.example/c d> "t").', "See a.", ["a"], ("https://a.example/c d",)),
        ("An array[0](x), and [note].", "An array0, and [note].", ["0"], ("x",)),
        ("<a name=top></a>Text <a>bare</a>", "Text bare", [], ()),
        ("<a href=x>never closed", "never closed", [], ()),
        ("\ue000odd\ue001 text", "odd text", [], ()),
    ],
)
def test_links_are_found_and_markup_goes(raw, text, words, urls) -> None:
    """The text has no markup, the spans are the words of its links, the addresses are as they were meant."""
    found = read_links(raw)
    assert (text, urls) == (found.text, found.urls)
    assert words == [found.text[start:end] for start, end in found.spans]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["<a href=x>", "</a>", "[", "](y)", " ", "word", "&amp;", "\n", "<p>"])))
def test_any_markup_gives_a_clean_text_and_spans_in_it(parts) -> None:
    """However broken, the text is one that cleaning does not change, and no span leaves it."""
    found = read_links("".join(parts))
    assert clean_text(found.text) == found.text
    assert all(0 <= start < end <= len(found.text) for start, end in found.spans)
