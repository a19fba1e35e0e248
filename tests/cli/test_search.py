"""Searching and relating from the command line."""

import io
import re
import sys

import pytest


def ids(outcome):
    """The ids of the hits in a JSON answer."""
    return [hit["id"] for hit in outcome.json()["hits"]]


def test_hits_are_shown_with_title_facts_and_snippet(built):
    """A person sees title, date, section, author and the telling passage."""
    outcome = built("search", "village school pupils")
    assert 0 == outcome.code
    for words in ("Council closes village school", "2026-01-30", "Local", "Ann Ode", "too few pupils"):
        assert words in outcome.out
    assert outcome.out.splitlines()[-1].startswith("1 to ")


def test_json_has_the_shape_of_the_service(built):
    """The same keys as GET /v1/search answers with, so that a program can read either."""
    answer = built("search", "school", "--facets", "section,author", "--explain", "--format", "json").json()
    wanted = {"index", "hits", "total", "total_is_exact", "facets", "limit", "offset", "took_ms", "fallback"}
    assert set() == wanted - set(answer)
    hit = answer["hits"][0]
    wanted = {
        "id",
        "title",
        "url",
        "published_at",
        "section",
        "author",
        "score",
        "snippet",
        "duplicates",
        "reason",
    }
    assert set() == wanted - set(hit)
    assert hit["explain"]
    assert {"section", "author"} == set(answer["facets"])
    start, end = hit["snippet"]["highlights"][0]
    assert 0 <= start < end <= len(hit["snippet"]["text"])


def test_an_explanation_is_told_in_words(built):
    """Each step with what it added, not as Python writes it."""
    told = " ".join(built("search", "school closes", "--explain").out.split())
    assert "fused 0." in told
    assert re.search(r"(?:feedback|title) \+0\.\d{3}", told)
    assert "{" not in told


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--section", "Economy"], {"rates"}),
        (["--section", "economy", "--section", "Culture"], {"rates", "forged"}),
        (["--author", "Ann Ode"], {"school"}),
        (["--tag", "council"], {"school"}),
        (["--after", "2026-02-01"], {"rates", "march"}),
        (["--before", "2026-02-01T00:00:00Z"], {"school"}),
        (["--after", "2026-02-01", "--section", "Local"], {"march"}),
        (["--exclude", "school", "--exclude", "march", "--exclude", "forged"], {"rates"}),
        (["--section", "Nothing"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_filters(built, options, expected):
    """Fields are joined with AND, values of one with OR; an empty query lists all that pass."""
    assert expected == set(ids(built("search", "", *options, "--format", "json")))


def test_pages_neither_repeat_nor_skip(built):
    """--limit and --offset walk through all."""
    whole = ids(built("search", "", "--sort", "oldest", "--format", "json"))
    pages = [
        ids(built("search", "", "--sort", "oldest", "--limit", "1", "--offset", str(at), "--format", "json"))
        for at in range(4)
    ]
    assert [[one] for one in whole] == pages
    assert 4 == len(whole)


def test_nothing_found_is_said_and_no_error(built):
    """An empty result is an answer."""
    outcome = built("search", "xylophone", "--mode", "lexical")
    assert 0 == outcome.code
    assert outcome.out.startswith("Nothing found")


def test_facets_are_counted(built):
    """A table of values and counts follows the hits."""
    assert {"Local": 2, "Culture": 1, "Economy": 1} == built(
        "search", "", "--facets", "section", "--format", "json"
    ).json()["facets"]["section"]
    out = built("search", "", "--facets", "section").out
    assert "Economy" in out.split("section")[-1]


def test_a_forged_title_reaches_the_terminal_harmless(built):
    """Neither escape sequences nor rich markup in an article do anything."""
    out = built("search", "gardens roses", "--limit", "1").out
    assert "\x1b" not in out
    assert "[bold]with[/bold]" in out
    assert ":smile:" in out


def test_related_never_lists_the_article_itself(built):
    """The nearest other article comes first."""
    found = ids(built("related", "school", "--format", "json"))
    assert "march" == found[0]
    assert "school" not in found


def test_related_of_a_missing_article_falls_back_and_says_so(built):
    """No error: a list of recent articles, with the reason."""
    outcome = built("related", "no-such")
    assert 0 == outcome.code
    assert "Note: the index has no such article; filled with" in outcome.out
    answer = built("related", "no-such", "--fallback", "none", "--format", "json").json()
    assert ([], "article_missing") == (answer["hits"], answer["fallback"]["reason"])


def test_related_to_a_text_from_a_file_or_standard_input(built, home, monkeypatch):
    """--text FILE reads a file; - reads standard input."""
    draft = "Parents of pupils want to keep the village school open"
    (home / "draft.txt").write_text(draft, "utf-8")
    from_file = ids(built("related", "--text", "draft.txt", "--format", "json"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(draft.encode())))
    from_input = ids(built("related", "--text", "-", "--format", "json"))
    assert {"school", "march"} == set(from_file[:2])
    assert from_file == from_input


@pytest.mark.parametrize(
    "content", [None, b"", b"  \n", b"\xff\xfe\x00"], ids=["missing", "empty", "blank", "binary"]
)
def test_a_text_that_is_none_is_a_clear_error(call, home, content):
    """The file is named; no index is needed to find out."""
    if content is not None:
        (home / "draft.txt").write_bytes(content)
    outcome = call("related", "--text", "draft.txt")
    assert (1, "") == (outcome.code, outcome.out)
    assert outcome.err.startswith("semsearch: draft.txt ")
