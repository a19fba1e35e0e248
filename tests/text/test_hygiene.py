"""Cleaning text: what goes, what stays, and that nothing can break or slow it."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.text import clean_characters, clean_line, clean_text, replace_surrogates

# Bits of which trouble is made: tags, entities in pieces, joiners, odd blanks, combining marks, surrogates.
PIECES = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "<p>",
        "</p>",
        "<br/>",
        "<b",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&",
        "amp;",
        "&lt;",
        "&#60;",
        "&#x26;",
        "lt;",
        "&nbsp;",
        "nbsp",
        "#38;",
        '"',
        "'",
        "=",
        "/",
        "p",
        "S",
        "<S>",
        "<IBM>",
        ";",
        "\u037e",
        "\u200b",
        "\u200c",
        "\u200d",
        "\ufeff",
        "\u00a0",
        "\u2028",
        "\u2029",
        "\r",
        "\n",
        "\n\n",
        " ",
        "\t",
        "\x85",
        "\x93",
        "e",
        "\u0301",
        "\u0323",
        "é",
        "\ud800",
        "\udfff",
        "한",
        "क",
        "\u094d",
        "😀",
        "word",
        "A sentence.",
        "a" * 60,
    ]
)
NASTY = st.lists(PIECES, max_size=40).map("".join) | st.text()


@given(NASTY)
@settings(max_examples=400, deadline=None)
def test_cleaning_clean_text_changes_nothing(raw):
    """Cleaning twice gives what cleaning once gives."""
    once = clean_text(raw)

    assert once == clean_text(once)


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_lines_stay_clean(raw):
    """A cleaned line has no newline and no double blank, and cleaning it again changes nothing."""
    line = clean_line(raw)

    assert " ".join(line.split()) == line
    assert line == clean_line(line)


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_clean_text_can_be_stored(raw):
    """Clean text is NFC and UTF-8, with no control character but single and double newlines."""
    text = clean_text(raw)

    assert unicodedata.is_normalized("NFC", text)
    assert text == text.encode().decode()
    assert "\n\n\n" not in text
    assert text == text.strip()
    assert not [one for one in text if unicodedata.category(one) == "Cc" and one != "\n"]


@given(st.lists(st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True), min_size=1, max_size=30))
def test_words_survive(words):
    """No word of plain prose is lost or changed."""
    assert words == clean_text(" ".join(words)).split()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>Hello &amp;amp; <b>wor</b>ld</p><p>two<br>lines</p>", "Hello & world\n\ntwo\nlines"),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "One\n\nTwo"),
        ("a<script>alert('<p>')</script>b<style>p{}</style>c", "a\n\nb\n\nc"),
        ('<a href="javascript:x" title="a > b">link</a> text', "link text"),
        ("<h2>Head</h2>text<ul><li>a</li><li>b</li></ul>", "Head\n\ntext\n\na\nb"),
        ("<!-- wp:paragraph -->\n<p>Hi</p>\n<!-- /wp:paragraph -->", "Hi"),
        ("<![CDATA[<p>x</p>]]>", "x"),
        ("<div>one\ntwo</div>", "one two"),
        ("<IMG SRC=x.png><B>bold</B>", "bold"),
        ('text <img alt="a picture" src="data:,x"> goes on', "text goes on"),
        ("<p>buys &lt;I&gt; and &lt;S&gt;</p><p>5 &lt; 6</p>", "buys <I> and <S>\n\n5 < 6"),
        ("<p>&lt;b&gt;bold&lt;/b&gt; <I>text</I></p>", "bold text"),
        ("<o:p>Word</o:p> <amp-ad width=1></amp-ad>x", "Word x"),
        ("", ""),
        (" \n\t\u200b ", ""),
    ],
)
def test_html_goes(raw, clean):
    """Tags go, blocks become paragraphs, entities are decoded as often as they were encoded."""
    assert clean == clean_text(raw)


@pytest.mark.parametrize(
    "text",
    [
        "STANDARD OIL <SRD> buys <S> and <U> for 5 dlrs",
        "5 < 6 and 7 > 3",
        "write to <jane@example.com> or <https://example.com/a>",
        "AT&T, R&D and Marks&notes?a=1&copy=2",
        "a <made-up> word",
        "می\u200cخواهم 👩\u200d🚀",
    ],
)
def test_what_is_no_html_stays(text):
    """Tickers, comparisons, addresses, ampersands and joiners inside words are text."""
    assert text == clean_text(text)


def test_unclosed_script_loses_no_article():
    """A script that is never closed takes only its own tag away."""
    assert "before after" == clean_text("before <script> after")


def test_title_of_only_html_is_empty():
    """Nothing is left of a title that is HTML alone."""
    assert "" == clean_line("<b><i></i></b>&nbsp;<br>")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\r\nc", "a\n\nb\n\nc"),
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("one\n \t \n\n\n two", "one\n\ntwo"),
        ("one\u2029two\u2028three", "one\n\ntwo\nthree"),
    ],
)
def test_paragraphs_are_parted_by_one_blank_line(raw, clean):
    """Lines are paragraphs where there are no blank lines, and stay lines where there are."""
    assert clean == clean_text(raw)


def test_hard_wrapped_text_is_joined():
    """Lines of one width that stop in mid-sentence are one paragraph."""
    line = "the council said that it would decide about the new bridge over the"
    wrapped = "\n".join([*([line] * 5), "river."])

    assert " ".join([*([line] * 5), "river."]) == clean_text(wrapped)


def test_characters_of_old_systems_are_read():
    """Windows-1252 quotes that came as controls become quotes; soft hyphens and bidi marks go."""
    assert "“quoted” – naïve" == clean_text(
        "\x93quo\u00adted\x94 \x96 na\u0131\u0308ve".replace("\u0131", "i")
    )
    assert "abc" == clean_text("a\u202eb\u2066c")


def test_lone_surrogates_are_replaced():
    """What no UTF-8 can hold becomes U+FFFD."""
    assert "a\ufffdb" == replace_surrogates("a\ud800b")


def test_characters_alone_leave_html():
    """clean_characters takes invisible characters out and leaves tags and entities."""
    assert "<b>&amp;é" == clean_characters("<b>\u200b&amp;e\u0301")


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        '<a "',
        "<a '\"",
        '<a "<a" ',
        "<!--",
        "<script>",
        "&",
        "&amp;",
        "&am&#112;lt;",
        "<p>x",
        "<b ",
        " ",
        "\n \n",
        "\u200cé\u200d \u200c",
        "<![CDATA[",
        "<!doctype ",
        "<<b>b>",
        "&lt;b&gt;",
        "\u0301\u0323",
        "<script ",
        ".",
    ],
)
def test_time_grows_with_length_only(piece):
    """Ten times the text takes about ten times as long, whatever it is made of: never a hundred times."""

    def cost(characters: int) -> float:
        raw = "e" + piece * (characters // len(piece))
        best = min(_timed(raw) for _ in range(3))
        return max(best, 1e-4)

    assert cost(80_000) < 50 * cost(8_000)


def _timed(raw: str) -> float:
    begun = time.process_time()
    clean_text(raw)
    return time.process_time() - begun


def test_a_body_of_five_megabytes_is_cleaned_whole():
    """A very long body keeps every paragraph."""
    text = clean_text("<p>The council met on Tuesday &amp; agreed.</p>\n" * 100_000)

    assert 100_000 == text.count("The council met on Tuesday & agreed.")
    assert 99_999 == text.count("\n\n")
