"""What a reader types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.query import ParsedQuery, parse_query

CASES = {
    "words": ("  court   rules ", ParsedQuery("court rules", ("court", "rules"))),
    "case and marks stay": ("What is AT&T?", ParsedQuery("What is AT&T?", ("What", "is", "AT&T?"))),
    "a phrase": ('"North Korea" missile', ParsedQuery("North Korea missile", ("missile",), ("North Korea",))),
    "typographic quotes": ("“North Korea”", ParsedQuery("North Korea", (), ("North Korea",))),
    "quotes of other countries": (
        "„Große Koalition“ «le Monde»",
        ParsedQuery("Große Koalition le Monde", (), ("Große Koalition", "le Monde")),
    ),
    "mixed quotes": ('“North Korea"', ParsedQuery("North Korea", (), ("North Korea",))),
    "an open quote is a blank": ('"North Korea', ParsedQuery("North Korea", ("North", "Korea"))),
    "the last quote is open": ('"a b" 5" pipe', ParsedQuery("a b 5 pipe", ("5", "pipe"), ("a b",))),
    "empty quotes": ('"" news', ParsedQuery("news", ("news",))),
    "a quote inside a word": ('foo"bar"baz', ParsedQuery("foo bar baz", ("foo", "baz"), ("bar",))),
    "single quotes are apostrophes": ("'tis Obama's", ParsedQuery("'tis Obama's", ("'tis", "Obama's"))),
    "an excluded word": ("impeachment -trump", ParsedQuery("impeachment", ("impeachment",), (), ("trump",))),
    "an excluded phrase": (
        'korea -"north korea"',
        ParsedQuery("korea", ("korea",), (), ("north korea",), excluded_quotes=("north korea",)),
    ),
    "an excluded typographic phrase": (
        "korea -“north korea”",
        ParsedQuery("korea", ("korea",), (), ("north korea",), excluded_quotes=("north korea",)),
    ),
    "a true minus sign": ("korea −north", ParsedQuery("korea", ("korea",), (), ("north",))),
    "a hyphen is no minus": (
        "Covid-19 U.S.-backed",
        ParsedQuery("Covid-19 U.S.-backed", ("Covid-19", "U.S.-backed")),
    ),
    "an excluded word with a hyphen": (
        "virus -covid-19",
        ParsedQuery("virus", ("virus",), (), ("covid-19",)),
    ),
    "a dash alone is nothing": ("Iran - deal –", ParsedQuery("Iran - deal –", ("Iran", "deal"))),
    "two dashes exclude nothing": ("Iran --deal", ParsedQuery("Iran -deal", ("Iran", "-deal"))),
    "a minus inside brackets": ("(-word)", ParsedQuery("(-word)", ("(-word)",))),
    "a minus before nothing": ('Iran -"" -', ParsedQuery("Iran -", ("Iran",))),
    "a number below zero": ("cold -20", ParsedQuery("cold 20", ("cold", "20"))),
    "a number below zero first": ("-20 degrees", ParsedQuery("20 degrees", ("20", "degrees"))),
    "a temperature": (
        "frost −7.5°C -3 % -40F",
        ParsedQuery("frost 7.5°C 3 % 40F", ("frost", "7.5°C", "3", "40F")),
    ),
    "an excluded name that begins with a digit": ("phone -5G", ParsedQuery("phone", ("phone",), (), ("5G",))),
    "an excluded number in quotes": (
        'cold -"20"',
        ParsedQuery("cold", ("cold",), (), ("20",), excluded_quotes=("20",)),
    ),
    "a number in groups": (
        "1 200 jobs, 12\u202f500\u00a0000 in 2020 300",
        ParsedQuery(
            "1 200 jobs, 12 500 000 in 2020 300", ("1 200", "jobs,", "12 500 000", "in", "2020", "300")
        ),
    ),
    "handles and tags": (
        "@harbour_news #Storm",
        ParsedQuery("@harbour_news #Storm", ("@harbour_news", "#Storm")),
    ),
    "exclusions alone": ("-trump -biden", ParsedQuery("", (), (), ("trump", "biden"))),
    "punctuation alone": ("?!… — ''", ParsedQuery()),
    "nothing": ("", ParsedQuery()),
    "blanks of all kinds": ("a\u00a0b\u3000c\td\ne\0f", ParsedQuery("a b c d e f", tuple("abcdef"))),
    "repeats": ("new new york", ParsedQuery("new new york", ("new", "york"))),
    "decomposed accents": ("e\u0301te\u0301", ParsedQuery("été", ("été",))),
    "news first": (
        "latest news on the ferry strike",
        ParsedQuery("ferry strike", ("ferry", "strike"), latest=True),
    ),
    "news first, at the end": (
        "ferry strike latest",
        ParsedQuery("ferry strike", ("ferry", "strike"), latest=True),
    ),
    "news first of nothing": ("latest news", ParsedQuery(latest=True)),
    "the latest of several words": (
        "dernières nouvelles Calais",
        ParsedQuery("nouvelles Calais", ("nouvelles", "Calais"), latest=True),
    ),
    "no news within quotes": ('"latest" news', ParsedQuery("latest news", ("news",), ("latest",))),
    "latest in the middle": ("his latest film", ParsedQuery("his latest film", ("his", "latest", "film"))),
    "no other operator": ("a AND title:b*", ParsedQuery("a AND title:b*", ("a", "AND", "title:b*"))),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_query_is_read_by_its_parts(text, expected):
    """Each rule of the query language."""
    assert expected == parse_query(text)


def test_empty_and_only_excluding_queries_say_so():
    """Nothing typed is empty; exclusions alone are not, and are told apart."""
    assert (True, False) == (parse_query(" ?").is_empty, parse_query(" ?").only_excludes)
    assert (False, True) == (parse_query("-trump").is_empty, parse_query("-trump").only_excludes)
    assert (False, False) == (parse_query("trump").is_empty, parse_query("trump -biden").only_excludes)


@given(st.text(max_size=300) | st.text(alphabet="ab -−\"“”'.\t", max_size=40))
def test_any_text_is_a_query(text):
    """No text is an error; parts hold something to find and no quote or double blank."""
    parsed = parse_query(text)
    parts = [*parsed.words, *parsed.phrases, *parsed.excluded]
    assert all(any(mark.isalnum() for mark in part) for part in parts)
    assert all(part == " ".join(part.split()) and '"' not in part for part in [*parts, parsed.text])
    assert bool(parsed.text) == bool(parsed.words or parsed.phrases)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6))
def test_plain_words_are_all_kept(words):
    """A query of plain words is those words, each once, and the text as typed."""
    parsed = parse_query(" ".join(words))
    assert ParsedQuery(" ".join(words), tuple(dict.fromkeys(words))) == parsed
