"""Links to add, from the command line."""

import io
import json
import sys

import pytest

from semsearch.editorial import links as editorial
from semsearch.service.schemas_links import LinksAnswer
from semsearch_cli import links
from tests.cli.conftest import write_lines
from tests.editorial.test_links import DRAFT, MAYOR, NEWER, OLD, filler

HEADLINE = "Zweller Bridge is open again"


@pytest.fixture
def archive(call, home):
    """The program beside an index of a bridge, a mayor and forty other things."""
    articles = [*(filler(number) for number in range(40)), OLD, NEWER, MAYOR]
    records = [
        {"id": one.id, "title": one.title, "body": one.body, "url": one.url}
        | ({"published_at": one.published_at.isoformat()} if one.published_at else {})
        for one in articles
    ]
    outcome = call("index", "build", str(write_lines(home / "archive.jsonl", records)))
    assert 0 == outcome.code, outcome.err
    (home / "draft.txt").write_text(DRAFT, "utf-8")
    return call


def test_the_defaults_are_those_of_the_engine():
    """They are written twice, since help must not load the engine."""
    assert (editorial.LIMIT, editorial.MOST_LINKS, editorial.FLOOR) == (links.LIMIT, links.MOST, links.FLOOR)


def test_a_draft_gets_two_tables(archive):
    """Phrase, article, date and reason for what to link, and for where to link it from."""
    outcome = archive("links", "draft.txt", "--title", HEADLINE, "--min-confidence", "0.3")
    assert 0 == outcome.code
    words = " ".join(outcome.out.split())
    for wanted in ("Links to add", "Zweller Bridge", "Berta Quoll", "2020-03-09", "newer", "Both name"):
        assert wanted in words
    assert "Older articles that should link to it" in words


def test_json_has_the_fields_of_the_service(archive):
    """The same as over HTTP, without what only a request has."""
    options = ("--title", HEADLINE, "--min-confidence", "0.3", "--format", "json")
    answer = archive("links", "draft.txt", *options).json()
    assert set(LinksAnswer.model_fields) - {"request_id", "took_ms"} == set(answer)
    LinksAnswer.model_validate_json(json.dumps({**answer, "request_id": "r", "took_ms": 1.0}))
    assert ["Zweller Bridge", "Berta Quoll"] == [one["phrase"] for one in answer["links"]]
    assert {"old", "newer"} == {one["article"]["id"] for one in answer["older"]}


def test_standard_input_an_id_and_an_address(archive, monkeypatch):
    """Ways to name a draft; without a headline it is said that no older article can be found."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"<p>{DRAFT}</p>".encode())))
    outcome = archive("links", "-", "--min-confidence", "0.3")
    assert "Zweller Bridge" in outcome.out
    assert "Without a headline" in outcome.err
    by_id = archive("links", "--id", "newer", "--min-confidence", "0.2", "--format", "json").json()
    by_url = archive("links", "--url", NEWER.url, "--min-confidence", "0.2", "--format", "json").json()
    assert by_id == by_url
    assert ["old"] == [one["article"]["id"] for one in by_id["links"]]


def test_nothing_to_link_is_an_answer(archive, home):
    """Said in words, with a way to see more."""
    (home / "other.txt").write_text("Nobody came to the fair.", "utf-8")
    outcome = archive("links", "other.txt")
    assert (0, True) == (outcome.code, "Nothing in the archive fits" in outcome.out)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "give a FILE, --id or --url"),
        (("draft.txt", "--id", "old"), 2, "give a FILE, --id or --url"),
        (("--id", "none"), 1, "no article 'none'"),
        (("--url", "https://news.example/none"), 1, "nothing is fetched"),
        (("--id", "old", "--title", "Mine"), 1, "title goes with text"),
        (("missing.txt",), 1, "missing.txt cannot be read"),
        (("draft.txt", "--limit", "21"), 2, "less than or equal to 20"),
    ],
)
def test_what_cannot_be_asked_is_told(archive, arguments, code, words):
    """On standard error, with the way out."""
    outcome = archive("links", *arguments)
    assert code == outcome.code
    assert words in " ".join(outcome.err.replace("│", " ").split())
