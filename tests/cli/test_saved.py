"""Saved searches from the command line."""

import json

LEVEL = ("threshold", "strictness")


def test_put_list_test_matches_delete(call, home):
    """A search is saved, tried on what is there, listed, and deleted; its secret is shown nowhere."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
    articles = home / "articles.jsonl"
    articles.write_text(
        '{"id": "school", "title": "Council closes village school", "published_at": "2026-01-30"}'
    )
    assert 0 == call("index", "build", str(articles)).code
    made = call(
        *("saved", "put", "schools", "--meaning", "council closes village school", "--word", "SCHOOL"),
        *("--webhook", "https://news.example/hook", "--secret", secret),
    )
    assert (0, True) == (made.code, "schools is new" in made.out)
    tried = call("saved", "test", "schools", "--days", "36500", "--format", "json").json()
    assert (1, ["school"]) == (tried["total"], [one["id"] for one in tried["matches"]])
    listed = call("saved", "list", "--format", "json")
    (found,) = listed.json()
    assert ("schools", 0.55, ["SCHOOL"], "command line", 0) == (
        *(found[name] for name in ("id", "threshold", "words", "made_by", "matches")),
    )
    assert secret[6:] not in listed.out + json.dumps(tried) + made.out
    assert "council closes" in call("saved", "list").out
    assert [] == call("saved", "matches", "schools", "--format", "json").json()
    assert 0 == call("saved", "delete", "schools").code
    assert [] == call("saved", "list", "--format", "json").json()


def test_what_cannot_be(call):
    """A wrong value and an unknown id are clear errors, a missing meaning is wrong usage."""
    wrong = call("saved", "put", "s", "--meaning", "m", "--threshold", "7")
    assert (1, True) == (wrong.code, "threshold is 7.0; give a number from 0 to 1" in wrong.err)
    assert 2 == call("saved", "put", "s").code
    for command in ("matches", "delete", "test"):
        unknown = call("saved", command, "nothing")
        assert (1, True) == (unknown.code, "no saved search 'nothing'" in unknown.err)


def test_a_level_in_place_of_a_number(call, home):
    """Named levels; not both."""
    put = ("saved", "put", "s", "--meaning", "harbour", "--format", "json")
    assert (0.45, "loose") == tuple(call(*put, "--strictness", "loose").json()[k] for k in LEVEL)
    assert (0.5, None) == tuple(call(*put, "--threshold", "0.5").json()[k] for k in LEVEL)
    assert (0.55, "normal") == tuple(call(*put).json()[k] for k in LEVEL)
    assert 2 == call(*put, "--strictness", "loose", "--threshold", "0.45").code
