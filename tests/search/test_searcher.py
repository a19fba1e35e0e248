"""Search: modes, filters before ranking, totals, facets, pages, dates, quotes and exclusions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from semsearch.articles import Filter
from semsearch.errors import EncoderMismatch, QueryInvalid
from semsearch.search.searcher import Searcher
from semsearch.search.types import RelatedRequest, SearchRequest
from tests.fakes import HashingEncoder
from tests.search.conftest import COUNT, DAY

MODES = ("hybrid", "semantic", "lexical")


def ids(response):
    """The ids of a page."""
    return [hit.article.id for hit in response.hits]


def all_pages(engine, *, size, **knobs):
    """The ids of all pages, one after the other."""
    found, offset = [], 0
    while True:
        page = ids(engine.searcher.search(SearchRequest(limit=size, offset=offset, **knobs)))
        if not page:
            return found
        found += page
        offset += size


@pytest.mark.parametrize("mode", MODES)
def test_articles_of_the_topic_come_first(engine, mode):
    """The fifteen articles about the ferry are the first fifteen in every mode."""
    response = engine.searcher.search(SearchRequest(query="ferry storm", mode=mode, limit=15))
    assert {0} == {int(one[1:]) % 4 for one in ids(response)}
    assert 15 == len(response.hits)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1, 4, 7])
def test_pages_never_repeat_or_skip(engine, mode, size):
    """All pages together are the one long page, whatever their size."""
    whole = ids(engine.searcher.search(SearchRequest(query="ferry Merrow", mode=mode, limit=200)))
    assert len(whole) == len(set(whole))
    assert whole == all_pages(engine, size=size, query="ferry Merrow", mode=mode)


def test_pages_go_on_past_what_is_fused(engine):
    """Where only five candidates of each retriever are fused, pages behind them do not repeat or skip."""
    from dataclasses import replace

    options = replace(engine.settings.search, depth=5)
    searcher = Searcher(engine.index, engine.encoder, options)
    found = []
    for offset in range(0, 80, 8):
        page = searcher.search(SearchRequest(query="storm Merrow", limit=8, offset=offset))
        found += ids(page)
    assert len(found) == len(set(found))
    lexical = engine.searcher.search(SearchRequest(query="storm Merrow", mode="lexical", limit=100))
    assert set(ids(lexical)) <= set(found)


@pytest.mark.parametrize("mode", MODES)
def test_a_narrow_filter_is_never_short(engine, mode):
    """Filters come before ranking: all five articles that pass are found."""
    where = Filter(sections=("local",), authors=("Writer 0",))
    response = engine.searcher.search(SearchRequest(query="ferry", mode=mode, where=where, limit=50))
    expected = {f"a{n}" for n in range(COUNT) if n % 4 == 0 and n % 3 == 0}
    assert expected == set(ids(response))
    assert len(expected) == response.total


def test_an_empty_filter_matches_nothing_and_none_matches_all(engine):
    """An empty tuple is no filter that was left out."""
    nothing = engine.searcher.search(SearchRequest(query="ferry", where=Filter(sections=())))
    assert ((), 0, True) == (nothing.hits, nothing.total, nothing.total_is_exact)


def test_lexical_totals_are_exact_and_facets_count_the_same_articles(engine):
    """Fifteen articles hold the word; the facets say in which sections."""
    request = SearchRequest(query="drought", mode="lexical", facets=("section", "tag"), limit=3)
    response = engine.searcher.search(request)
    assert (15, True) == (response.total, response.total_is_exact)
    assert {"section": {"Environment": 15}, "tag": {"even": 15}} == response.facets


def test_an_empty_query_lists_what_passes_newest_first(engine):
    """No words: by date, with an exact total."""
    response = engine.searcher.search(SearchRequest(where=Filter(tags=("odd",)), limit=3))
    assert ["a59", "a57", "a55"] == ids(response)
    assert (30, True) == (response.total, response.total_is_exact)


@pytest.mark.parametrize(("sort", "first"), [("newest", "a56"), ("oldest", "a0")])
def test_sorting_by_date_keeps_to_what_matches(engine, sort, first):
    """The newest article about the ferry, not the newest of all."""
    for mode in MODES:
        response = engine.searcher.search(SearchRequest(query="ferry storm rescue", mode=mode, sort=sort))
        assert first == ids(response)[0], mode


def test_dates_are_inclusive_after_and_exclusive_before(engine):
    """From the tenth to before the twelfth day are two articles."""
    where = Filter(published_after=DAY + timedelta(days=10), published_before=DAY + timedelta(days=12))
    assert ["a11", "a10"] == ids(engine.searcher.search(SearchRequest(where=where)))


@pytest.mark.parametrize("mode", MODES)
def test_quotes_ask_for_the_phrase_and_a_minus_takes_away(engine, mode):
    """Phrases and exclusions hold in every mode, meaning included."""
    phrase = engine.searcher.search(SearchRequest(query='"ferry storm"', mode=mode, limit=50))
    assert {f"a{n}" for n in range(0, COUNT, 4)} == set(ids(phrase))
    reversed_ = engine.searcher.search(SearchRequest(query='"storm ferry"', mode=mode, limit=50))
    assert [] == ids(reversed_)
    without = engine.searcher.search(SearchRequest(query="school Merrow -ferry", mode=mode, limit=100))
    assert not {f"a{n}" for n in range(0, COUNT, 4)} & set(ids(without))
    assert ids(without)


def test_quotes_in_a_pasted_headline_ask_for_nothing(engine):
    """Beside more than three other words a quote is part of a headline: its words are words."""
    query = 'school budget vote in Merrow "report ferry"'
    assert ids(engine.searcher.search(SearchRequest(query=query, mode="lexical")))
    assert [] == ids(engine.searcher.search(SearchRequest(query='school "report ferry"', mode="lexical")))


def test_only_an_exclusion_lists_everything_else(engine):
    """``-ferry`` alone is everything but the ferry, newest first."""
    response = engine.searcher.search(SearchRequest(query="-ferry", limit=100))
    assert 45 == response.total
    assert "a59" == ids(response)[0]


def test_scores_fall_and_min_score_cuts(engine):
    """One scale from 0 to 1, and a cut leaves exactly what reaches it."""
    whole = engine.searcher.search(SearchRequest(query="museum theft", limit=100))
    scores = [hit.score for hit in whole.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    cut = engine.searcher.search(SearchRequest(query="museum theft", limit=100, min_score=scores[4]))
    assert ids(cut) == ids(whole)[: len(cut.hits)]
    assert cut.hits[-1].score >= scores[4] - 1e-4
    assert cut.total == len(cut.hits)


@pytest.mark.parametrize("mode", MODES)
def test_a_short_page_never_passes_for_all_that_reaches_the_least_score(engine, mode):
    """A total is exact only where what lies behind the page was looked at; fifteen articles reach it."""
    page = engine.searcher.search(SearchRequest(query="ferry", mode=mode, limit=3, min_score=0.05))
    whole = engine.searcher.search(SearchRequest(query="ferry", mode=mode, limit=60, min_score=0.05))
    assert (15, True) == (whole.total, whole.total_is_exact)
    assert page.total == 15 or not page.total_is_exact


def test_a_snippet_marks_the_words_and_says_where_it_stands(engine):
    """Highlights are words of the query; the offset is into the body."""
    hit = engine.searcher.search(SearchRequest(query="drought reservoir")).hits[0]
    marked = {hit.snippet.text[start:end].lower() for start, end in hit.snippet.highlights}
    assert {"drought", "reservoir"} == marked
    start = hit.snippet.offset
    assert hit.article.body[start : start + len(hit.snippet.text)] == hit.snippet.text


def test_a_common_word_alone_makes_no_match(engine):
    """Every article says ``said``: with a telling word beside it, it matches nothing by itself."""
    both = engine.searcher.search(SearchRequest(query="said drought", mode="lexical", limit=100))
    assert 15 == both.total
    alone = engine.searcher.search(SearchRequest(query="said", mode="lexical", limit=100))
    assert COUNT == alone.total


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_an_explanation_adds_up(engine, mode):
    """What both parts came to, and what each step added to it, make the score of every hit."""
    request = SearchRequest(query="ferry drought", mode=mode, recency_weight=0.5, explain=True, limit=100)
    hits = engine.searcher.search(request).hits
    for hit in hits:
        told = hit.explain
        assert pytest.approx(told["score"], abs=5e-4) == told["fused"] + sum(told["steps"].values())
        assert hit.score == min(told["score"], 1.0)
        assert "recency" in told["steps"]
    assert any("feedback" in hit.explain["steps"] for hit in hits) == (mode == "hybrid")


def test_the_fused_score_is_that_of_its_parts(engine):
    """By the ratio asked for; and a title that holds all of the query is told of."""
    request = SearchRequest(query="drought", semantic_ratio=0.3, explain=True, limit=5)
    told = engine.searcher.search(request).hits[0].explain
    expected = 0.3 * told["semantic"] + 0.7 * told["lexical"]
    assert pytest.approx(expected, abs=5e-4) == told["fused"]


def test_related_lists_explain_their_scores(engine):
    """Parts and steps, where they are asked for; else nothing."""
    found = engine.searcher.related(RelatedRequest(article_id="a1", explain=True)).hits
    assert found
    for hit in found:
        told = hit.explain
        assert pytest.approx(told["score"], abs=5e-4) == told["fused"] + sum(told["steps"].values())
    plain = engine.searcher.related(RelatedRequest(article_id="a1")).hits
    assert {None} == {hit.explain for hit in plain}


def test_recency_lifts_the_newer_of_equals(engine):
    """With full weight the newest article about the ferry is first."""
    searcher = Searcher(
        engine.index,
        engine.encoder,
        engine.settings.search,
        now=(DAY + timedelta(days=60)).timestamp,
    )
    request = SearchRequest(query="ferry storm rescue", recency_half_life=2, recency_weight=1.0)
    assert "a56" == ids(searcher.search(request))[0]


def test_diversity_keeps_the_articles_and_changes_their_order(engine):
    """The same articles, differently ordered."""
    plain = engine.searcher.search(SearchRequest(query="ferry school Merrow", limit=60))
    spread = engine.searcher.search(SearchRequest(query="ferry school Merrow", limit=60, diversity=0.7))
    assert set(ids(plain)) == set(ids(spread))


def test_another_encoder_is_refused(engine):
    """Vectors of another encoder are never compared."""
    searcher = Searcher(engine.index, HashingEncoder(128, name="other"), engine.settings.search)
    with pytest.raises(EncoderMismatch, match="other"):
        searcher.search(SearchRequest(query="ferry"))


@pytest.mark.parametrize(
    "knobs",
    [
        {"limit": 0},
        {"limit": 1001},
        {"offset": -1},
        {"offset": 9_999, "limit": 10},
        {"min_score": 1.5},
        {"diversity": -0.1},
        {"recency_half_life": 0},
        {"query": "x" * 3000},
        {"semantic_ratio": 2},
    ],
)
def test_a_value_out_of_range_is_refused_with_its_name(knobs):
    """The error names the parameter and what is allowed."""
    with pytest.raises(QueryInvalid, match="|".join(["limit", "offset", *knobs])):
        SearchRequest(**knobs)
