"""Meaning counts only for articles in a language that the encoder reads."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from semsearch.articles import Filter
from semsearch.encoder.model_files import DEFAULT_NAME
from semsearch.engine import Engine
from semsearch.search.types import RelatedRequest, SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import an_article

QUERIES = (
    "ferry storm",
    "the drought in week5 went on",
    "school budget report9",
    "matter number12, they said",
)


def engine_over(folder, *languages: str | None, name: str = DEFAULT_NAME) -> Engine:
    """Forty articles in turn in these languages, under an encoder that is called so."""
    engine = Engine(Settings(indexes=folder, index="news"), encoder=HashingEncoder(128, name=name))
    engine.ensure()
    engine.add_articles(
        replace(an_article(number), language=languages[number % len(languages)]) for number in range(40)
    )
    return engine


def scores(engine: Engine, query: str, mode: str = "hybrid") -> dict[str, float]:
    """The score of each hit, in their order."""
    hits = engine.searcher.search(SearchRequest(query=query, mode=mode, limit=40)).hits
    return {hit.article.id: hit.score for hit in hits}


@pytest.mark.parametrize("query", QUERIES)
def test_hybrid_is_words_alone_where_nothing_can_be_read(tmp_path, query):
    """Not worse than words alone, whatever the vectors say."""
    with contextlib.closing(engine_over(tmp_path, "de", "fi")) as engine:
        assert list(scores(engine, query, "lexical")) == list(scores(engine, query))


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    ("languages", "name"),
    [(("en",), DEFAULT_NAME), (("en-GB",), DEFAULT_NAME), (("de",), "another model")],
)
def test_nothing_changes_where_all_can_be_read_or_nothing_is_known(tmp_path, query, languages, name):
    """As under an encoder of which nothing is known."""
    with contextlib.closing(engine_over(tmp_path / "one", *languages, name=name)) as engine:
        found = scores(engine, query)
    with contextlib.closing(engine_over(tmp_path / "two", *languages, name="unknown")) as engine:
        assert scores(engine, query) == found


def test_in_a_mixed_archive_each_article_is_judged_by_its_own_language(tmp_path):
    """What shares no word with the query is not found by a vector that means nothing."""
    with contextlib.closing(engine_over(tmp_path, "en", "th")) as engine:
        found = scores(engine, "ferry storm")
        unread = [one for one in found if int(one[1:]) % 2]
        with engine.index.snapshot() as view:
            words = engine.searcher.search(SearchRequest(query="ferry storm", mode="lexical", limit=40)).hits
            assert {hit.article.id for hit in words if hit.article.language == "th"} == set(unread)
            assert view.counts().articles == 40


def listed(engine: Engine, article_id: str, **asked) -> list[str]:
    """Ids of the related list of an article."""
    hits = engine.searcher.related(RelatedRequest(article_id=article_id, limit=5, **asked)).hits
    return [hit.article.id for hit in hits]


def test_a_related_list_keeps_to_the_language_of_its_article(tmp_path):
    """Also what fills it; a request that names languages decides by itself."""
    with contextlib.closing(engine_over(tmp_path, "en", "de", name="reads all")) as engine:
        for article_id in ("a0", "a1"):
            assert {int(article_id[1:]) % 2} == {int(one[1:]) % 2 for one in listed(engine, article_id)}
        asked = listed(engine, "a0", where=Filter(languages=("de",)))
        assert {1} == {int(one[1:]) % 2 for one in asked}


def test_a_list_of_another_language_is_better_than_none(tmp_path):
    """Where hardly anything is in the language of the article, all languages may stand in its list."""
    languages = ["de"] * 2 + ["en"] * 38
    with contextlib.closing(engine_over(tmp_path, *languages, name="reads all")) as engine:
        assert 5 == len(listed(engine, "a0"))


def test_what_cannot_be_read_is_related_by_words(tmp_path):
    """The vectors of an article that the encoder does not read bring nothing near."""
    with contextlib.closing(engine_over(tmp_path, "de")) as engine:
        hits = engine.searcher.related(RelatedRequest(article_id="a8", limit=5, explain=True)).hits
        near = [hit for hit in hits if not hit.filled]
        assert near
        assert {0.0} == {hit.explain["semantic"] for hit in near}
        assert {0} == {int(hit.article.id[1:]) % 4 for hit in near}
