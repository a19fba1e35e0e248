"""The coverage check from the command line."""

import io
import json
import sys

import pytest

from semsearch.editorial import coverage as editorial
from semsearch.editorial.verdict import COMPARED
from semsearch.service.schemas_coverage import CoverageAnswer
from semsearch_cli import coverage

SCHOOL = "The school has too few pupils, the council said on Monday. Parents will appeal."
BAKERY = "Meanwhile a bakery opened beside the harbour with forty kinds of bread and cake."


def test_the_limits_are_those_of_the_engine():
    """They are written twice, since help must not load the engine."""
    assert (COMPARED, editorial.MAX_SHOWN) == (coverage.LIMIT, coverage.MOST)


def test_a_draft_is_told_with_its_reasons(built, home):
    """The verdict first, then why, the articles with when and where they ran, and what is new."""
    (home / "draft.txt").write_text(f"{SCHOOL}\n\n{BAKERY}", "utf-8")
    outcome = built("coverage", "draft.txt", "--title", "School closes")
    assert 0 == outcome.code
    words = " ".join(outcome.out.split())
    assert words.startswith("Partly covered. - ")
    for wanted in (
        "“Council closes village school” of 30 January 2026",
        "2026-01-30 Local Ann Ode",
        "same news:",
    ):
        assert wanted in words
    assert f"What is new: - {BAKERY}" in words


def test_json_has_the_fields_of_the_service(built, home):
    """The same as over HTTP, without what only a request has."""
    (home / "draft.txt").write_text(SCHOOL, "utf-8")
    answer = built("coverage", "draft.txt", "--format", "json").json()
    found = CoverageAnswer.model_validate_json(json.dumps({**answer, "request_id": "r", "took_ms": 1.0}))
    assert ("covered", "school", "exact") == (
        found.verdict,
        found.articles[0].id,
        answer["articles"][0]["copy"],
    )


def test_standard_input_and_articles_of_the_index(built, monkeypatch):
    """A dash reads the draft; an id or an address names an article, which is not beside itself."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SCHOOL.encode())))
    assert "covered" == built("coverage", "-", "--format", "json").json()["verdict"]
    for options in (("--id", "school"), ("--url", "https://news.example/school#top")):
        answer = built("coverage", *options, "--format", "json").json()
        assert "school" == answer["draft"]["id"]
        assert "school" not in [one["id"] for one in answer["articles"]]


def test_filters_and_the_number_of_articles(built, home):
    """As those of a search."""
    (home / "draft.txt").write_text(SCHOOL, "utf-8")
    answer = built("coverage", "draft.txt", "--section", "Economy", "--format", "json").json()
    assert ["rates"] == [one["id"] for one in answer["articles"]]
    assert "new" == answer["verdict"]
    assert 1 == len(built("coverage", "draft.txt", "-n", "1", "--format", "json").json()["articles"])
    assert 0 == built("coverage", "draft.txt", "--before", "2020-01-01").code


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "give a FILE, --id or --url, one of the three"),
        (("-", "--id", "school"), 2, "give a FILE, --id or --url, one of the three"),
        (("--id", "school", "-n", "51"), 2, "--limit"),
        (("--id", "school", "--before", "soon"), 2, "is not a date"),
        (("--id", "nobody"), 1, "the archive has no article 'nobody'"),
        (("--url", "https://x.example/y"), 1, "paste its text instead: nothing is fetched"),
        (("--url", "bridge"), 1, "give an http or https address"),
        (("--id", "school", "--title", "T"), 1, "title goes with text"),
        (("missing.txt",), 1, "missing.txt cannot be read"),
    ],
)
def test_what_cannot_be_checked(built, arguments, code, words):
    """Wrong usage is 2, a clear error 1; never a traceback."""
    outcome = built("coverage", *arguments)
    assert code == outcome.code
    assert words in " ".join(outcome.err.split())


def test_a_forged_title_does_no_harm(built, home):
    """Control characters and markup of titles are shown, not obeyed."""
    (home / "draft.txt").write_text("Harmless text about gardens and roses.", "utf-8")
    outcome = built("coverage", "draft.txt")
    assert "\u001b[31m" not in outcome.out
    assert "[bold]with[/bold]" in outcome.out
