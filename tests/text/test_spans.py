"""Paragraphs and sentences: spans in order that cover all but blanks."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.text import split_paragraphs, split_sentences
from semsearch.text.spans import _CANDIDATE

PIECES = st.sampled_from(
    [
        "Mr. ",
        "U.S. ",
        "The ",
        "he ",
        "said",
        ". ",
        ".",
        "!",
        "? ",
        "…",
        "...",
        "”",
        '"',
        "(",
        ")",
        " ",
        "\n",
        "\n\n",
        "3.5 ",
        "No. ",
        "10 ",
        "J. ",
        "K. ",
        "。",
        "！",
        "」",
        "end.The ",
        "\u00a0",
        "x",
        "।",
        "a.m. ",
        "\r",
        "\u2028",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text()


@pytest.mark.parametrize("split", [split_paragraphs, split_sentences], ids=["paragraphs", "sentences"])
@given(text=TEXTS)
@settings(max_examples=300, deadline=None)
def test_spans_cover_all_but_blanks(split, text):
    """Spans come in order, are trimmed and never empty, and only blanks lie outside."""
    position = 0
    for start, end in split(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_no_sentence_goes_over_a_blank_line(text):
    """A paragraph's end is a sentence's end."""
    for start, end in split_sentences(text):
        assert 1 == len(split_paragraphs(text[start:end]))


@pytest.mark.parametrize(
    "sentences",
    [
        [
            "Mr. Smith went to Washington.",
            "He met Sen. Jane Doe, R-Ky., on Jan. 5 at 5 p.m.",
            "Then he left.",
        ],
        ["The U.S. Senate voted.", "It was in the U.S.", "The vote was 3.5 to 1."],
        ["“Why?” he asked.", "“Go!”", "She left."],
        ["J. K. Rowling and George W. Bush met Apple Inc. Chief Tim Cook at No. 10 Downing St. on Tuesday."],
        ["See example.com or Amazon.Com for more."],
        ["Wait...", "What?", "He paid $3.5 billion.", "12 people came."],
        ["Plan B.", "The end came."],
        ["Lt. Gen. H.R. McMaster of Rochester, N.Y., spoke.", "Police listened."],
        ["no punctuation at all here"],
        ["It was over (really.)", "He left [1].", '"Quote."', "Done"],
        ["The St. Louis team beat Ft. Worth vs. Kansas.", "Fans sang."],
    ],
)
def test_english_news(sentences):
    """Titles, initials, states, companies, times, decimals and quotes do not cut sentences."""
    text = " ".join(sentences)

    assert sentences == [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "It was over.The next day came.“Yes,” she said.",
            ["It was over.", "The next day came.", "“Yes,” she said."],
        ),
        ("a losing streak . Trump won", ["a losing streak .", "Trump won"]),
        ("今日は晴れ。明日は雨！終わり", ["今日は晴れ。", "明日は雨！", "終わり"]),
        ("मैं घर गया। वह आया।", ["मैं घर गया।", "वह आया।"]),
        ("هل جاء؟ نعم", ["هل جاء؟", "نعم"]),
        ("First point\nSecond point\ngoes on", ["First point", "Second point\ngoes on"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_other_texts(text, sentences):
    """Lost blanks, other scripts, lists, and texts without any stop."""
    assert sentences == [text[start:end] for start, end in split_sentences(text)]


def test_long_sentences_stay_whole():
    """Length never cuts a sentence."""
    text = "word " * 5_000 + "end. Next one."

    assert 2 == len(split_sentences(text))


@given(text=st.text(alphabet='aZ .!?…؟۔।॥。！？｡」』"”’)]›\n\r\t\u2028\xa0', max_size=40))
@settings(max_examples=300, deadline=None)
def test_looking_for_first_characters_misses_no_end(text):
    """The ends of sentences are found as they are without that first look."""
    slow = re.compile(re.sub(r"^\(\?=\[[^]]+\]\)", "", _CANDIDATE.pattern))
    assert slow.pattern != _CANDIDATE.pattern
    expected = [(one.span(), one.groupdict()) for one in slow.finditer(text)]
    assert expected == [(one.span(), one.groupdict()) for one in _CANDIDATE.finditer(text)]


def test_paragraphs():
    """Blank lines part paragraphs, with blanks on them or not; single newlines do not."""
    text = "\n one\ntwo \n \t\n\nthree\n\n"

    assert ["one\ntwo", "three"] == [text[start:end] for start, end in split_paragraphs(text)]


@pytest.mark.parametrize(
    "piece", [".", ". A", '."', " ", "\n", "\n ", "Mr. ", "... ", "a.", "。", ".\n", "J. "]
)
def test_time_grows_with_length_only(piece):
    """Ten times the text never takes a hundred times as long."""

    def cost(characters: int) -> float:
        text = piece * (characters // len(piece))
        times = []
        for _ in range(3):
            begun = time.process_time()
            split_sentences(text)
            split_paragraphs(text)
            times.append(time.process_time() - begun)
        return max(min(times), 1e-4)

    assert cost(80_000) < 50 * cost(8_000)
