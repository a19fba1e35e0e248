"""Which rules hold for what is asked, in which order, and where pins stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.rules import Rule
from semsearch.ruleset import MAX_PINS, Pin, RuleSet, factors_of, pins_of, slots, woven

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = NOON.timestamp()


def pin(name, query=None, *, match="exact", articles=("a",), **knobs):
    """A pin for a query, or for all searches."""
    place = "query" if query else "search"
    return Rule(name, "pin", knobs.pop("holds_for", place), articles, query=query, match=match, **knobs)


def held(rules, query):
    """The ids of the rules that hold for a query."""
    return [rule.id for rule in RuleSet(rules).asked(query, NOW)]


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("school closure", True),
        ("  SCHOOL   closure ", True),
        ("Schöol clôsure", True),
        ("closure school", False),
        ("school closures", False),
        ("the school closure", False),
        ("", False),
    ],
)
def test_an_exact_query_is_the_same_but_for_case_accents_and_blanks(asked, holds):
    """Nothing else is folded: an editor's rule never surprises by holding for more."""
    assert ["r"] * holds == held([pin("r", "School closure")], asked)


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("school closure", True),
        ("why this closure of a SCHOOL?", True),
        ("Schóol's closure, again", True),
        ("schools closure", False),
        ("closure", False),
        ("preschool closure", False),
    ],
)
def test_words_stand_in_the_query_in_any_order(asked, holds):
    """All of the words, as whole words, wherever they stand; possessives count as the word."""
    assert ["r"] * holds == held([pin("r", "closure school", match="words")], asked)


def test_words_of_scripts_without_blanks_are_found():
    """In Chinese there are no blanks to part words by."""
    assert ["r"] == held([pin("r", "学校", match="words")], "关闭学校的原因")


def test_the_most_specific_rule_goes_first():
    """An exact query, then more words before fewer; what stands in all searches is no answer to a query."""
    rules = [
        pin("one", "closure", match="words"),
        pin("all"),
        pin("two", "closure school", match="words"),
        pin("exact", "school closure"),
    ]
    assert ["exact", "two", "one"] == held(rules, "school closure")
    assert ["all"] == [rule.id for rule in RuleSet(rules).standing("search", NOW)]


def test_equal_rules_go_by_position_and_id():
    """The order does not depend on when the rules were made."""
    rules = [pin("b", "x"), pin("c", "x", position=3), pin("a", "x"), pin("d", "x", position=2)]
    assert ["a", "b", "d", "c"] == held(rules, "x") == held(rules[::-1], "x")


def test_rules_stand_where_they_hold():
    """Search, related, or both; one article only under its own list."""
    rules = [
        Rule("s", "hide", "search", ("a",)),
        Rule("r", "hide", "related", ("a",)),
        Rule("e", "hide", "everywhere", ("a",)),
        Rule("u", "hide", "article", ("a",), under="b"),
    ]
    known = RuleSet(rules)
    assert ["s", "e"] == [rule.id for rule in known.standing("search", NOW)]
    assert ["r", "e"] == [rule.id for rule in known.standing("related", NOW)]
    assert ["u"] == [rule.id for rule in known.under("b", NOW)]
    assert () == known.under("a", NOW) == known.under(None, NOW)


def test_the_stamp_changes_exactly_when_a_rule_begins_or_ends():
    """A rule that is switched off changes nothing by its times."""
    hour = timedelta(hours=1)
    known = RuleSet(
        [
            pin("a", starts_at=NOON, expires_at=NOON + hour),
            pin("b", starts_at=NOON + 2 * hour),
            pin("c", enabled=False, starts_at=NOON + 3 * hour),
        ],
        version=7,
    )
    moments = [NOW - 0.001, NOW, NOW + 3599.9, NOW + 3600, NOW + 7199, NOW + 7200, NOW + 9e9]
    assert [0, 1, 1, 2, 2, 3, 3] == [known.stamp(one)[1] for one in moments]
    counts = [len(known.standing("search", one)) for one in moments]
    assert [0, 1, 1, 0, 0, 1, 1] == counts
    assert {7} == {known.stamp(one)[0] for one in moments}


def test_a_rule_takes_the_place_of_the_one_with_its_id():
    """As a preview needs it; the set itself stays as it is."""
    known = RuleSet([pin("a", "x"), pin("b", "x")], 3)
    changed = known.with_rule(pin("a", "y"))
    assert (["b"], ["a"]) == tuple([one.id for one in changed.asked(q, NOW)] for q in ("x", "y"))
    assert ["a", "b"] == [one.id for one in known.asked("x", NOW)]


def test_an_article_is_pinned_once_and_a_list_has_a_bounded_number_of_pins():
    """The first rule that names it has it."""
    found = pins_of([pin("a", "x", articles=("1", "2"), position=3), pin("b", articles=("2", "3"))])
    assert (Pin("a", "1", 3), Pin("a", "2", 3), Pin("b", "3", 1)) == found
    many = [pin(f"r{n}", articles=tuple(f"{n}-{m}" for m in range(60))) for n in range(3)]
    assert MAX_PINS == len(pins_of(many))


@pytest.mark.parametrize(
    ("pins", "expected"),
    [
        ([], []),
        ([("a", 1)], [1]),
        ([("a", 3), ("a", 3), ("a", 3)], [3, 4, 5]),
        ([("a", 1), ("b", 1), ("c", 1)], [1, 2, 3]),
        ([("a", 2), ("b", 1), ("b", 1), ("b", 1)], [2, 1, 3, 4]),
        ([("a", 5), ("b", 2)], [5, 2]),
    ],
)
def test_a_taken_place_passes_to_the_next_free_one(pins, expected):
    """The articles of one rule follow each other; what goes first has its place exactly."""
    assert expected == slots([Pin(rule, "x", position) for rule, position in pins])


@given(st.lists(st.integers(1, 15), max_size=6, unique=True), st.integers(0, 12))
def test_a_woven_list_is_what_one_would_write_by_hand(places, others):
    """Every entry once, others in their order, each pin at its place or at the end of what is too short."""
    order = woven(places, others)
    by_hand = [f"o{n}" for n in range(others)]
    for place, at in sorted((place, at) for at, place in enumerate(places)):
        by_hand.insert(min(place - 1, len(by_hand)), f"p{at}")
    names = [f"p{at}" for at in range(len(places))] + [f"o{n}" for n in range(others)]
    assert by_hand == [names[one] for one in order]


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 20), max_size=8), st.sampled_from([0.25, 0.5, 2.0, 4.0]))),
    st.lists(st.integers(0, 25), max_size=12),
)
def test_factors_multiply(boosts, asked):
    """A row that several boosts name is multiplied by each, as one loop over all of them says."""
    plain = [float(np.prod([factor for rows, factor in boosts if row in rows])) for row in asked]
    made = factors_of([(np.unique(np.array(rows, np.int64)), factor) for rows, factor in boosts])
    assert plain == made.of(np.array(asked, np.int64)).tolist()
