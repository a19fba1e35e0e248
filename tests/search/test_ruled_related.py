"""Rules in related lists: pins in their place, hides out of every list, fallbacks too, boosts by order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.rules import Rule
from semsearch.ruleset import RuleSet
from semsearch.search.related import PICKED
from semsearch.search.rule_preview import preview
from semsearch.search.types import RelatedRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import DAY, an_article
from tests.search.test_ruled import ARTICLES, NAMED, NOW, ids, passes, pinned_by_hand, searcher


def related(engine, rules, article_id="a2", **knobs):
    """The list under an article, under rules."""
    return searcher(engine, rules).related(RelatedRequest(article_id=article_id, **knobs))


@st.composite
def rules(draw, number=0):
    """A pin or a hide for the list under one article, or for all lists."""
    action, holds_for = (
        draw(st.sampled_from(one)) for one in (["pin", "hide"], ["article", "related", "everywhere"])
    )
    under = "a2" if holds_for == "article" else None
    position = draw(st.integers(1, 8)) if action == "pin" else 1
    return Rule(f"r{number}", action, holds_for, draw(NAMED), position=position, under=under)


RULES = st.integers(0, 4).flatmap(lambda count: st.tuples(*(rules(number) for number in range(count))))
WHERE = st.sampled_from(
    [Filter(), Filter(authors=("Writer 1",)), Filter(published_before=DAY + timedelta(days=30))]
)


@settings(max_examples=80, deadline=None)
@given(RULES, WHERE, st.integers(3, 12), st.sampled_from(["none", "recent", "section"]))
def test_lists_are_those_of_rules_applied_by_hand(engine, given_rules, where, limit, fallback):
    """The whole list without rules, hides taken out and pins put in, then fillers: cut to what was asked."""
    hidden = {one for rule in given_rules if rule.action == "hide" for one in rule.articles}
    wanted = replace(where, exclude_ids=tuple(hidden))
    asked = RelatedRequest(article_id="a2", limit=59, where=wanted, fallback=fallback, diversity=0)
    whole = engine.searcher.related(asked)
    pins = sorted(
        (rule for rule in given_rules if rule.action == "pin"),
        key=lambda rule: (rule.under is None, rule.holds_for == "everywhere", rule.position, rule.id),
    )
    shown = {one.id for one in ARTICLES.values() if passes(one, wanted) and one.id != "a2"}
    if where.published_before:
        shown &= {one.id for one in ARTICLES.values() if one.published_at < where.published_before}
    expected, pinned = pinned_by_hand(ids(whole), pins, shown)

    found = related(engine, given_rules, limit=limit, where=where, fallback=fallback, diversity=0)
    assert expected[:limit] == ids(found)
    assert list(range(1, len(found.hits) + 1)) == [hit.rank for hit in found.hits]
    assert pinned & set(expected[:limit]) == {hit.article.id for hit in found.hits if hit.pinned}
    assert {PICKED} >= {hit.reason for hit in found.hits if hit.pinned}
    own = {hit.article.id for hit in whole.hits if not hit.filled}
    filled = {one for one in expected[:limit] if one not in own | pinned}
    assert filled == {hit.article.id for hit in found.hits if hit.filled}
    assert len(filled) == (found.fallback.filled if found.fallback else 0)


def test_a_list_under_another_article_is_left_alone(engine):
    """A rule for one article holds under that one."""
    rule = Rule("r", "pin", "article", ("a1",), under="a2")
    assert "a1" == ids(related(engine, [rule]))[0]
    assert "a1" not in ids(related(engine, [rule], "a6"))
    assert "a1" not in ids(searcher(engine, [rule]).related(RelatedRequest(text="drought reservoir water")))


def test_a_missing_article_has_its_pins_before_the_fallback(engine):
    """An article that the index has not yet may have a rule already: its page shows what was picked."""
    rules_ = [Rule("r", "pin", "article", ("a1",), under="new"), Rule("h", "hide", "related", ("a59",))]
    found = related(engine, rules_, "new", limit=3)
    assert ["a1", "a58", "a57"] == ids(found)
    assert ("article_missing", 2) == (found.fallback.reason, found.fallback.filled)
    assert [True, False, False] == [hit.pinned for hit in found.hits]
    assert ["a1"] == ids(related(engine, rules_, "new", limit=3, fallback="none"))


def test_the_window_is_a_promise_as_filters_are(engine):
    """A pin of a later article is not shown as background."""
    rule = Rule("r", "pin", "article", ("a50", "a10"), under="a30")
    assert ["a50", "a10"] == ids(related(engine, [rule], "a30"))[:2]
    assert "a10" == ids(related(engine, [rule], "a30", window="past"))[0]
    assert "a50" not in ids(related(engine, [rule], "a30", window="past"))


def test_the_list_of_a_hidden_article_goes_on(engine):
    """A hidden article can still be read by its id, so what stands under it stays."""
    rule = Rule("h", "hide", "everywhere", ("a2",))
    assert ids(related(engine, [], "a2")) == ids(related(engine, [rule], "a2"))
    assert "a2" not in ids(related(engine, [rule], "a6", limit=59))
    assert "a2" in ids(related(engine, [], "a6", limit=59))


def test_no_article_is_pinned_under_itself_and_no_text_stands_twice(tmp_path):
    """Neither the article nor a copy of it; a pinned copy stands for its text."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    text = "The council closed the ferry line for the winter after the storm broke the pier in two places."
    engine.add_articles([Article(f"c{n}", "Ferry line closed", text, published_at=DAY) for n in range(3)])
    engine.add_articles([an_article(number) for number in range(12)])
    everywhere = [Rule("r", "pin", "related", ("c1", "c2"))]
    assert not {"c0", "c1", "c2"} & set(ids(related(engine, everywhere, "c0", limit=12)))
    under_another = ids(related(engine, everywhere, "a1", limit=12))
    assert "c1" == under_another[0]
    assert not {"c0", "c2"} & set(under_another)
    engine.close()


@pytest.mark.parametrize("factor", [4.0, 0.25])
def test_a_boost_moves_what_is_related(engine, factor):
    """The same articles, those of the rule all before or all behind the others."""
    knobs = {"limit": 14, "fallback": "none", "diversity": 0, "where": Filter(sections=("Environment",))}
    plain = ids(related(engine, [], **knobs))
    assert 14 == len(plain)
    boost = Rule("b", "boost", "article", tuple(plain[::2]), under="a2", factor=factor)
    first, second = plain[::2], plain[1::2]
    assert (first + second if factor > 1 else second + first) == ids(related(engine, [boost], **knobs))
    for_all = Rule("b", "boost", "related", filter=Filter(tags=("even",)), factor=factor)
    assert plain == ids(related(engine, [for_all], **knobs))


def seen(engine, known, rule, **knobs):
    """A preview with kept rules and one that is not."""
    asked = searcher(engine, known)
    return preview(asked, engine.index, RuleSet(known), rule, now=NOW.timestamp(), **knobs)


def test_a_preview_shows_both_lists_and_keeps_nothing(engine):
    """As it is and as it would be, were the rule in force; the rule's own query is asked."""
    known = [Rule("h", "hide", "search", ("a3",))]
    rule = Rule("p", "pin", "query", ("a1",), query="ferry", enabled=False, starts_at=NOW + timedelta(days=9))
    found = seen(engine, known, rule, limit=5)
    assert ("ferry", None, True, ()) == (found.query, found.article_id, found.holds, found.problems)
    assert ["a1", *ids(found.before)[:4]] == ids(found.after)
    assert ids(found.before) == ids(seen(engine, known, rule, limit=5).before)
    under = seen(engine, known, Rule("p", "pin", "article", ("a1",), under="a2"), limit=5)
    assert ("a2", "a1") == (under.article_id, ids(under.after)[0])
    changed = seen(engine, [rule], Rule("p", "hide", "search", ("a1",)), query="school", limit=5)
    assert ("a1" in ids(changed.before), "a1" in ids(changed.after)) == (True, False)


def test_a_preview_says_why_an_article_is_not_shown(engine):
    """Gone, hidden by another rule, no place for it; and whether the rule holds for what was asked."""
    known = [Rule("quiet", "hide", "everywhere", ("a5",))]
    rule = Rule("p", "pin", "related", ("gone", "a5", "a2", "a9"))
    problems = dict(seen(engine, known, rule, article_id="a2").problems)
    assert {"gone", "a5", "a2"} == set(problems)
    assert "no such article" in problems["gone"]
    assert "'quiet'" in problems["a5"]
    assert "itself" in problems["a2"]
    elsewhere = seen(engine, known, rule, query="ferry")
    assert (False, ids(elsewhere.before)) == (elsewhere.holds, ids(elsewhere.after))
