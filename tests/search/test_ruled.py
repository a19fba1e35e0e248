"""Rules in searches, against a plain application of them to the whole list that is found without any."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.query import parse_query
from semsearch.rules import Rule
from semsearch.ruleset import RuleSet
from semsearch.search.arrange import DATED_SHARE
from semsearch.search.query_vector import QueryVector
from semsearch.search.retrieval import Retrieval
from semsearch.search.searcher import Searcher
from semsearch.search.suggest import SuggestRequest
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import COUNT, DAY, SECTIONS, an_article

MODES = ("hybrid", "semantic", "lexical")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ARTICLES = {f"a{number}": an_article(number) for number in range(COUNT)}


def searcher(engine, rules, *, now=NOW, **options):
    """The searcher of an engine under rules, at a time."""
    return Searcher(
        engine.index,
        engine.encoder,
        replace(engine.settings.search, **options),
        rules=lambda: RuleSet(rules, 1),
        now=now.timestamp,
    )


def ids(response):
    """The ids of a page."""
    return [hit.article.id for hit in response.hits]


def passes(article: Article, where: Filter) -> bool:
    """A filter as one would write it by hand."""
    return (
        article.id not in where.exclude_ids
        and (where.sections is None or article.section in where.sections)
        and (where.authors is None or bool(set(article.authors) & set(where.authors)))
        and (where.tags is None or bool(set(article.tags) & set(where.tags)))
    )


def names(rule: Rule, article: Article) -> bool:
    """Whether a rule is for an article."""
    return article.id in rule.articles if rule.filter is None else passes(article, rule.filter)


def whole_list(engine, request, hidden):
    """The ids of all that is found without rules, best first, with exact scores."""
    query = parse_query(request.query)
    where = replace(request.where, exclude_ids=(*request.where.exclude_ids, *hidden))
    with engine.index.snapshot() as snapshot:
        if not query.words:
            found = engine.searcher.search(replace(request, where=where, limit=1000, offset=0))
            return [(hit.article.id, 1.0) for hit in found.hits]
        retrieval = Retrieval(
            snapshot, QueryVector(engine.encoder, query.text), engine.settings.search, query, where
        )
        ranked = retrieval.run(request.mode, engine.settings.search.semantic_ratio, 1000).ranked
        return list(zip(snapshot.ids(ranked.rows), ranked.scores.tolist(), strict=True))


def by_hand(engine, request, rules):
    """What a search must give, all pages together, and what is pinned: hide, boost or sort, pin."""
    held = [rule for rule in rules if rule.state(NOW) == "active" and rule.query in {None, request.query}]
    held.sort(key=lambda rule: (rule.query is None, rule.holds_for == "everywhere", rule.position, rule.id))
    hides = [rule for rule in held if rule.action == "hide"]
    hidden = {one.id for one in ARTICLES.values() if any(names(rule, one) for rule in hides)}
    listed = whole_list(engine, request, hidden)
    if parse_query(request.query).words:
        listed = sorted_by_hand(request, listed, [rule for rule in held if rule.action == "boost"])
    barred = [word[1:] for word in request.query.split() if word.startswith("-")]
    shown = {
        name
        for name, one in ARTICLES.items()
        if name not in hidden
        and passes(one, request.where)
        and not any(word in f"{one.title} {one.body}" for word in barred)
    }
    return pinned_by_hand([one for one, _ in listed], [r for r in held if r.action == "pin"], shown)


def sorted_by_hand(request, listed, boosts):
    """By boosted scores, or by date among what is near enough to the best."""
    if request.sort == "relevance":
        for rule in boosts:
            listed = [(one, s * (rule.factor if names(rule, ARTICLES[one]) else 1)) for one, s in listed]
        return sorted(listed, key=lambda pair: (-pair[1], int(pair[0][1:])))
    if request.mode != "lexical":
        listed = [pair for pair in listed if pair[1] >= DATED_SHARE * listed[0][1]]
    way = 1 if request.sort == "oldest" else -1
    return sorted(listed, key=lambda pair: way * ARTICLES[pair[0]].published_at.timestamp())


def pinned_by_hand(listed, pins, shown):
    """Each pin at its place, in the order of precedence, counted without those that cannot be shown."""
    places: dict[int, str] = {}
    for rule in pins:
        place = rule.position
        for one in rule.articles:
            if one in shown and one not in places.values():
                free = next(n for n in range(place, 1000) if n not in places)
                places[free] = one
                place += 1
    result = [one for one in listed if one not in places.values()]
    for place in sorted(places):
        result.insert(min(place - 1, len(result)), places[place])
    return result, set(places.values())


NAMED = st.lists(st.sampled_from([*ARTICLES, "gone"]), min_size=1, max_size=4, unique=True).map(tuple)
FILTERED = st.sampled_from(
    [Filter(tags=("odd",)), Filter(authors=("Writer 1",)), Filter(sections=("Local",), tags=("even",))]
)
QUERIES = ("ferry storm", "school budget Merrow", "drought report7", "museum -theft", "")


@st.composite
def rules(draw, number=0):
    """A rule that holds somewhere in searches, or not (yet)."""
    action = draw(st.sampled_from(["pin", "pin", "hide", "boost"]))
    named = action == "pin" or draw(st.booleans())
    holds_for = draw(st.sampled_from(["query", "query", "search", "everywhere", "related"]))
    return Rule(
        f"r{number}",
        action,
        "everywhere" if holds_for == "related" else holds_for,
        draw(NAMED) if named else (),
        None if named else draw(FILTERED),
        draw(st.integers(1, 12)) if action == "pin" else 1,
        draw(st.sampled_from([0.25, 0.5, 2.0, 4.0])) if action == "boost" else 1.0,
        draw(st.sampled_from(QUERIES[:-1])) if holds_for == "query" else None,
        starts_at=draw(st.sampled_from([None, NOW, NOW + timedelta(hours=1)])),
    )


RULES = st.integers(0, 5).flatmap(lambda count: st.tuples(*(rules(number) for number in range(count))))
REQUESTS = st.builds(
    SearchRequest,
    query=st.sampled_from(QUERIES),
    mode=st.sampled_from(MODES),
    sort=st.sampled_from(["relevance", "relevance", "newest", "oldest"]),
    where=st.sampled_from(
        [Filter(), Filter(sections=("Local",)), Filter(tags=("even",), exclude_ids=("a0", "a8"))]
    ),
    facets=st.just(("section",)),
)


@settings(max_examples=150, deadline=None)
@given(RULES, REQUESTS, st.integers(3, 20))
def test_pages_are_those_of_rules_applied_by_hand(engine, given_rules, request_, size):
    """Pins, hides and boosts in every mode and order, with filters: all pages, totals, facets and marks."""
    expected, pinned = by_hand(engine, request_, given_rules)
    asked = searcher(engine, given_rules)
    found, marked = [], set()
    for offset in range(0, len(expected) + size, size):
        page = asked.search(replace(request_, limit=size, offset=offset))
        assert page.total == len(expected) or (page.total < len(expected) and not page.total_is_exact)
        assert [offset + place for place in range(1, len(page.hits) + 1)] == [hit.rank for hit in page.hits]
        assert all(0 <= hit.score <= 1 for hit in page.hits)
        found += ids(page)
        marked |= {hit.article.id for hit in page.hits if hit.pinned}
    assert expected == found
    assert pinned == marked
    assert (len(expected), True) == (page.total, page.total_is_exact)
    counts = {name: sum(ARTICLES[one].section == name for one in expected) for name in SECTIONS}
    assert {name: count for name, count in counts.items() if count} == page.facets["section"]


@pytest.mark.parametrize("mode", ["semantic", "lexical", "hybrid"])
@pytest.mark.parametrize("knobs", [{"recency_weight": 0.9}, {"diversity": 0.8}, {}])
def test_pages_that_are_reordered_are_whole_however_short_the_fused_head(engine, mode, knobs):
    """With eight fused candidates, boosts, age and spread move those alone: no page repeats or skips."""
    boost = Rule("b", "boost", "search", filter=Filter(tags=("odd",)), factor=4.0)
    asked = searcher(engine, [boost, Rule("p", "pin", "search", ("a1", "a30"), position=4)], depth=8)
    whole = ids(asked.search(SearchRequest(query="ferry Merrow", mode=mode, limit=60, **knobs)))
    assert ["a1", "a30"] == whole[3:5]
    paged = []
    for offset in range(0, len(whole), 7):
        paged += ids(
            asked.search(SearchRequest(query="ferry Merrow", mode=mode, limit=7, offset=offset, **knobs))
        )
    assert len(set(whole)) == len(whole) == len(paged)
    assert whole == paged


def test_without_rules_nothing_is_marked_and_nothing_changes(engine):
    """No rule, or none that holds: the list that the plain searcher gives, hit by hit."""
    request = SearchRequest(query="ferry storm", limit=60, explain=True, facets=("tag",))
    plain = engine.searcher.search(request)
    others = [Rule("x", "hide", "related", ("a0",)), Rule("y", "pin", "query", ("a1",), query="other")]
    ruled = searcher(engine, others).search(request)
    assert (plain.hits, plain.total, plain.facets) == (ruled.hits, ruled.total, ruled.facets)


def test_a_rule_holds_from_its_start_to_its_end_by_the_clock_of_the_searcher(engine):
    """Asked again a moment later, the same searcher shows the pin, and then no longer."""
    rule = Rule("r", "pin", "search", ("a1",), starts_at=NOW, expires_at=NOW + timedelta(hours=1))
    moments = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(hours=1)]
    firsts = [
        ids(searcher(engine, [rule], now=one).search(SearchRequest(query="ferry")))[0] for one in moments
    ]
    assert [False, True, False] == [one == "a1" for one in firsts]


def test_hidden_articles_lend_no_score_and_are_no_copies_suggestions_or_facets(tmp_path):
    """A hidden copy is not counted as one; its title and its section's count are not suggested."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    text = "The council closed the ferry line for the winter after the storm broke the pier in two places."
    made = [Article(f"c{n}", "Ferry line closed", text, section="Local", published_at=DAY) for n in range(3)]
    engine.add_articles(made)
    request = SearchRequest(query="ferry", collapse="duplicate", facets=("section",))
    assert (1, 2) == (
        len(ids(engine.searcher.search(request))),
        engine.searcher.search(request).hits[0].duplicates.count,
    )
    ruled = searcher(engine, [Rule("h", "hide", "search", ("c0",))])
    found = ruled.search(request)
    assert (["c1"], 1, {"section": {"Local": 2}}) == (ids(found), found.total, found.facets)
    assert ("c2",) == found.hits[0].duplicates.ids
    counts = {one.text: one.count for one in ruled.suggest(SuggestRequest("loc")).suggestions}
    assert 2 == counts["Local"]
    hide_all = searcher(engine, [Rule("h", "hide", "everywhere", ("c0", "c1", "c2"))])
    assert () == hide_all.suggest(SuggestRequest("ferry line")).suggestions
    assert (0, {"section": {}}) == (hide_all.search(request).total, hide_all.search(request).facets)
    engine.close()


def test_a_pinned_copy_stands_for_its_text(tmp_path):
    """Where copies are folded, the pinned one is the one that is shown, and the others fold into it."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    text = "The council closed the ferry line for the winter after the storm broke the pier in two places."
    engine.add_articles([Article(f"c{n}", "Ferry line closed", text, published_at=DAY) for n in range(3)])
    engine.add_articles([an_article(number) for number in range(8)])
    ruled = searcher(engine, [Rule("p", "pin", "query", ("c2", "c1"), query="ferry", position=2)])
    for mode in MODES:
        found = ruled.search(SearchRequest(query="ferry", mode=mode, collapse="duplicate"))
        plain = engine.searcher.search(SearchRequest(query="ferry", mode=mode, collapse="duplicate"))
        assert "c2" == ids(found)[1]
        assert not {"c0", "c1"} & set(ids(found))
        assert {"c0", "c1"} == set(found.hits[1].duplicates.ids)
        assert (plain.total, len(found.hits)) == (found.total, found.total)
    newest = ruled.search(SearchRequest(query="", collapse="duplicate"))
    assert 9 == newest.total == len(newest.hits)
    engine.close()


def test_what_the_reader_excludes_is_never_pinned(engine):
    """A minus in the query is a promise as a filter is; quotes are a wish, which an editor may widen."""
    rule = Rule("p", "pin", "query", ("a0", "a1"), query="merrow", match="words")
    asked = searcher(engine, [rule])
    assert ["a1"] == ids(asked.search(SearchRequest(query="Merrow -ferry", limit=1)))
    assert ["a0", "a1"] == ids(asked.search(SearchRequest(query='Merrow "no such phrase"')))
    assert ["a1"] == ids(asked.search(SearchRequest(query='Merrow "no such phrase" -ferry')))


def test_a_pin_for_the_query_makes_it_answered(engine):
    """What an editor put there for this query is relevant; what stands everywhere says nothing."""
    request = SearchRequest(query="zzz qqq", min_score=0.99)
    asked = searcher(engine, [Rule("p", "pin", "query", ("a0",), query="zzz qqq")])
    found = asked.search(request)
    assert (["a0"], False) == (ids(found), found.nothing_relevant)
    anywhere = searcher(engine, [Rule("p", "pin", "search", ("a0",))]).search(request)
    assert (["a0"], True) == (ids(anywhere), anywhere.nothing_relevant)


def test_a_pinned_hit_has_its_own_score_and_passage(engine):
    """A pin that was found keeps what it scored; one that was not has a snippet of its own all the same."""
    plain = {
        hit.article.id: hit for hit in engine.searcher.search(SearchRequest(query="ferry", limit=60)).hits
    }
    found = searcher(engine, [Rule("p", "pin", "search", ("a8", "a1"))]).search(SearchRequest(query="ferry"))
    first, second = found.hits[:2]
    assert (plain["a8"].score, plain["a8"].snippet) == (first.score, first.snippet)
    assert "a1" not in plain
    assert (0.0, True) == (second.score, bool(second.snippet.text))


def test_a_boost_is_explained(engine):
    """The factor stands beside the parts of the score, where there is one."""
    rules_ = [
        Rule("b", "boost", "search", ("a0",), factor=1.5),
        Rule("c", "boost", "everywhere", ("a0",), factor=2),
    ]
    found = searcher(engine, rules_).search(SearchRequest(query="ferry", limit=60, explain=True))
    boosts = {hit.article.id: hit.explain.get("boost") for hit in found.hits}
    assert {"a0": 3.0} == {one: boost for one, boost in boosts.items() if boost is not None}


def test_changed_rules_hold_at_once(tmp_path):
    """An engine's searcher asks its store at each search; another process's change is seen likewise."""
    settings_ = Settings(indexes=tmp_path, index="news")
    engine = Engine(settings_, encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles([an_article(number) for number in range(8)])
    other = Engine(settings_, encoder=HashingEncoder(128))
    request = SearchRequest(query="ferry")
    assert "a1" not in ids(engine.searcher.search(request))
    before = engine.rules_stamp()
    other.rules.put(Rule("p", "pin", "query", ("a1",), query="ferry"), "someone")
    assert "a1" == ids(engine.searcher.search(request))[0]
    assert before != engine.rules_stamp()
    engine.build([])
    assert "a1" == ids(engine.searcher.search(request))[0]
    engine.delete(["a1"])
    assert "a1" not in ids(engine.searcher.search(request))
    other.rules.delete("p", "someone")
    assert RuleSet().stamp(0)[1] == engine.rules.current().stamp(0)[1]
    other.close()
    engine.close()


def test_scores_of_others_are_those_without_the_hidden_ones(engine):
    """Hiding one is as if the caller had excluded it: no score of another hit differs."""
    hidden = ("a0", "a4", "a8")
    ruled = searcher(engine, [Rule("h", "hide", "search", hidden)])
    for mode in MODES:
        request = SearchRequest(query="ferry Merrow", mode=mode, limit=60)
        excluded = engine.searcher.search(replace(request, where=Filter(exclude_ids=hidden)))
        found = ruled.search(request)
        assert [(hit.article.id, hit.score) for hit in excluded.hits] == [
            (hit.article.id, hit.score) for hit in found.hits
        ]
