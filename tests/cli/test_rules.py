"""Rules from the command line."""

from __future__ import annotations

import json
import re

import pytest


def ids(outcome):
    """The ids of a JSON list of hits."""
    return [hit["id"] for hit in outcome.json()["hits"]]


def test_pin_search_history_delete_restore(built):
    """A pin is made, holds in a search, is told in the history, deleted and put back."""
    plain = ids(built("search", "village school", "--format", "json"))
    assert "rates" not in plain[:1]
    made = built(
        "rules", "pin", "top", "rates", "--query", "Village school", "--note", "why", "--expires", "2d"
    )
    assert 0 == made.code, made.err
    assert re.fullmatch(
        r"Rule top is active: pin rates at 1; holds for query “Village school” until [\d :-]+\.\n", made.out
    )
    found = built("search", "village  SCHOOL", "--format", "json")
    assert ["rates", plain[0]] == ids(found)[:2]
    assert [True, None] == [hit.get("pinned") for hit in found.json()["hits"][:2]]
    listed = built("rules", "list")
    assert all(word in listed.out for word in ("top", "active", "pin rates at 1", "Village school"))

    gone = built("rules", "delete", "top")
    number = re.fullmatch(
        r"Rule top is deleted; put it back with: semsearch rules restore top (\d+)\n", gone.out
    )
    assert plain == ids(built("search", "village school", "--format", "json"))
    kinds = [one["kind"] for one in built("rules", "history", "--format", "json").json()]
    assert ["deleted", "made"] == kinds
    assert all(word in built("rules", "history", "top").out for word in ("deleted", "made", "command line"))
    back = built("rules", "restore", "top", number[1], "--format", "json").json()
    assert ("top", ["rates"], "why") == (back["id"], back["articles"], back["note"])
    assert "rates" == ids(built("search", "village school", "--format", "json"))[0]


def test_hide_and_boost_by_fields(built):
    """All of a section out of every list; all by an author lifted."""
    hidden = built("rules", "hide", "no-local", "--section", "Local", "--in", "everywhere")
    assert "Rule no-local is active: hide section Local; holds for everywhere.\n" == hidden.out
    assert not {"school", "march"} & set(ids(built("search", "school", "--format", "json")))
    built("rules", "delete", "no-local")
    boosted = built(
        "rules", "boost", "bo", "--author", "Bo Rowe", "--tag", "a", "--factor", "0.5", "--words", "bank"
    )
    assert "boost author Bo Rowe, tag a by 0.5; holds for words “bank”" in boosted.out
    under = built("rules", "pin", "u", "rates", "lost", "--under", "school", "--position", "2")
    assert ("The index has not (yet): lost\n", 0) == (under.err, under.code)
    assert "rates" == ids(built("related", "school", "--format", "json"))[1]


def test_rules_go_from_one_index_to_another(built, home):
    """What the list writes as JSON, ``put`` takes: all of it, or nothing where one is wrong."""
    built("rules", "pin", "p", "rates", "--query", "x", "--starts", "2999-01-01")
    built("rules", "hide", "h", "--tag", "council", "--in", "related")
    listed = built("rules", "list", "--format", "json").json()
    file = home / "rules.json"
    file.write_text(json.dumps(listed), "utf-8")
    assert "2 rules kept, 2 of them new.\n" == built("rules", "put", str(file), "--index", "other").out
    copied = built("rules", "list", "--index", "other", "--format", "json").json()
    kept = [
        [{name: one[name] for name in ("id", "action", "filter", "starts_at")} for one in some]
        for some in (copied, listed)
    ]
    assert sorted(kept[0], key=str) == sorted(kept[1], key=str)
    assert [None, None] == [one["missing"] for one in copied], "the other index has no articles to ask"

    file.write_text(json.dumps([listed[0], {**listed[1], "position": "one"}, {"id": "z"}]), "utf-8")
    wrong = built("rules", "put", str(file), "--index", "third")
    assert (1, "") == (wrong.code, wrong.out)
    assert "rule 2 of the file: position: give a whole number" in wrong.err
    assert [] == built("rules", "list", "--index", "third", "--format", "json").json()
    file.write_text("{", "utf-8")
    assert "is not JSON" in built("rules", "put", str(file)).err
    assert 1 == built("rules", "put", str(home / "none.json")).code


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["pin", "r", "a"], 2, "say where it holds"),
        (["pin", "r", "a", "--query", "x", "--under", "b"], 2, "say where it holds"),
        (["pin", "r", "a", "--in", "nowhere"], 2, "nowhere"),
        (["pin", "r", "--query", "x"], 1, "'articles'"),
        (["pin", "two words", "a", "--query", "x"], 1, "'id'"),
        (["pin", "r", "a", "--query", "x", "--position", "0"], 1, "'position'"),
        (["pin", "r", "a", "--query", "x", "--expires", "soon"], 1, "'soon'"),
        (["hide", "r", "a", "--section", "Local", "--query", "x"], 1, "not both"),
        (["boost", "r", "a", "--query", "x", "--factor", "1"], 1, "changes nothing"),
        (["delete", "none"], 1, "no rule 'none'"),
        (["history", "none"], 1, "no rule 'none'"),
        (["restore", "none", "1"], 1, "no change 1"),
    ],
)
def test_what_cannot_be(built, arguments, code, words):
    """Wrong usage is 2, a rule that cannot be kept 1, each with its words; nothing is kept."""
    outcome = built("rules", *arguments)
    assert (code, "") == (outcome.code, outcome.out)
    assert words in outcome.err
    assert [] == built("rules", "list", "--format", "json").json()


def test_none_yet(call):
    """An empty list says how to make one, and makes nothing."""
    outcome = call("rules", "list")
    assert (0, "") == (outcome.code, outcome.out)
    assert "semsearch rules pin" in outcome.err
