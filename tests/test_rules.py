"""Editors' rules as values: what can be kept, what is told of a wrong field, and when a rule holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.articles import Filter
from semsearch.errors import RuleInvalid
from semsearch.rules import Rule, rule_from, rule_record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PIN = {"id": "r", "action": "pin", "articles": ["a"], "query": "ferry"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "two words"}, "id"),
        ({"id": "../up"}, "id"),
        ({"id": "x" * 101}, "id"),
        ({"id": "preview"}, "id"),
        ({"id": None}, "id"),
        ({"action": "bury"}, "action"),
        ({"action": None}, "action"),
        ({"articles": []}, "articles"),
        ({"articles": [""]}, "articles"),
        ({"articles": ["a\x00b"]}, "articles"),
        ({"articles": ["\ud800"]}, "articles"),
        ({"articles": [str(number) for number in range(101)]}, "articles"),
        ({"filter": {"section": ["Local"]}}, "filter"),
        ({"action": "hide", "filter": {"section": ["Local"]}}, "articles"),
        ({"action": "hide", "articles": None, "filter": {}}, "filter"),
        ({"action": "hide", "articles": None, "filter": {"language": ["en"]}}, "filter"),
        ({"action": "hide", "articles": None, "filter": {"section": []}}, "filter.section"),
        ({"action": "hide", "articles": None, "filter": {"section": [" "]}}, "filter.section"),
        ({"position": 0}, "position"),
        ({"position": 101}, "position"),
        ({"action": "hide", "position": 2}, "position"),
        ({"action": "boost"}, "factor"),
        ({"action": "boost", "factor": 1}, "factor"),
        ({"action": "boost", "factor": 0}, "factor"),
        ({"action": "boost", "factor": float("nan")}, "factor"),
        ({"action": "boost", "factor": float("inf")}, "factor"),
        ({"factor": 2.0}, "factor"),
        ({"query": None}, "holds_for"),
        ({"under": "b"}, "holds_for"),
        ({"query": " \x00 "}, "query"),
        ({"query": "x" * 301}, "query"),
        ({"holds_for": "nowhere"}, "holds_for"),
        ({"holds_for": "search"}, "query"),
        ({"holds_for": "article", "query": None}, "under"),
        ({"match": "some"}, "match"),
        ({"note": "x" * 1001}, "note"),
        ({"starts_at": "2026-03-01T12:00:00"}, "starts_at"),
        ({"starts_at": "2026-03-01T12:00:00Z", "expires_at": "2026-03-01T12:00:00Z"}, "expires_at"),
    ],
)
def test_a_wrong_field_is_named(changed, field):
    """The error names the field; its words hold the field too."""
    with pytest.raises(RuleInvalid) as caught:
        rule_from({**PIN, **changed})
    assert field == caught.value.field
    assert f"'{field}'" in str(caught.value)


def test_a_long_value_is_cut_in_the_error():
    """A value of any length makes a message of a bearable one."""
    with pytest.raises(RuleInvalid) as caught:
        rule_from({**PIN, "query": "é" * 100_000})
    assert len(str(caught.value)) < 300


def test_where_it_holds_may_be_left_out_beside_a_query_or_an_article():
    """A query means this query, an article the list under it; neither must be said."""
    assert "query" == rule_from(PIN).holds_for
    assert "article" == rule_from({**PIN, "query": None, "under": "b"}).holds_for
    with pytest.raises(RuleInvalid, match="everywhere"):
        rule_from({**PIN, "query": None})


def test_texts_lose_what_nobody_can_see():
    """Control characters and half surrogates become blanks, outer blanks go; articles stand once."""
    rule = rule_from(
        {**PIN, "query": " fer\x00ry\ud800 ", "note": "\x1b[31mred", "articles": ["b", "a", "b"]}
    )
    assert ("fer ry", "[31mred", ("b", "a")) == (rule.query, rule.note, rule.articles)


@pytest.mark.parametrize(
    ("knobs", "state"),
    [
        ({}, "active"),
        ({"enabled": False}, "off"),
        ({"starts_at": NOON}, "active"),
        ({"starts_at": NOON + timedelta(microseconds=1)}, "scheduled"),
        ({"expires_at": NOON}, "expired"),
        ({"expires_at": NOON + timedelta(microseconds=1)}, "active"),
        ({"enabled": False, "expires_at": NOON}, "off"),
    ],
)
def test_a_rule_holds_from_its_start_to_before_its_end(knobs, state):
    """The start is inclusive, the end exclusive, and what is switched off is off whatever its times."""
    assert state == Rule("r", "pin", "query", ("a",), query="ferry", **knobs).state(NOON)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1))


@st.composite
def rules(draw):
    """Any rule that can be kept."""
    action = draw(st.sampled_from(["pin", "hide", "boost"]))
    named = action == "pin" or draw(st.booleans())
    holds_for = draw(st.sampled_from(["query", "article", "search", "related", "everywhere"]))
    values = st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple)
    start = draw(st.none() | MOMENTS)
    return Rule(
        draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,20}", fullmatch=True)),
        action,
        holds_for,
        draw(values) if named else (),
        None if named else Filter(sections=draw(values), tags=draw(st.none() | values)),
        draw(st.integers(1, 100)) if action == "pin" else 1,
        draw(st.sampled_from([0.01, 0.3, 2.0, 100.0])) if action == "boost" else 1.0,
        draw(TEXTS) if holds_for == "query" else None,
        draw(st.sampled_from(["exact", "words"])) if holds_for == "query" else "exact",
        draw(TEXTS) if holds_for == "article" else None,
        start,
        start + timedelta(days=1) if start else draw(st.none() | MOMENTS),
        draw(st.booleans()),
        draw(TEXTS),
    )


@given(rules())
def test_a_record_gives_the_rule_back(rule):
    """What is written of a rule is all of it."""
    assert rule == rule_from(rule_record(rule))
