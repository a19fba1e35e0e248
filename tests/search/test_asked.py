"""What a query asks for besides its words: news first, a title, an honest no; and the story of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import ArticleNotFound
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import DAY, an_article


def ids(response):
    """The ids of the hits, in order."""
    return [hit.article.id for hit in response.hits]


def asked(searcher: Searcher, query: str, **knobs):
    """What a query finds."""
    return searcher.search(SearchRequest(query=query, **knobs))


def test_latest_brings_the_news_first(engine):
    """Of articles as good as each other the newest leads, long after the archive ended."""
    searcher = Searcher(
        engine.index, engine.encoder, engine.settings.search, now=(DAY + timedelta(days=3000)).timestamp
    )
    assert "a56" == ids(asked(searcher, "latest on the ferry storm rescue"))[0]
    assert asked(searcher, "latest ferry storm rescue").total == asked(searcher, "ferry storm rescue").total


def test_latest_news_of_nothing_is_everything_by_date(engine):
    """As an empty query."""
    assert ids(asked(engine.searcher, "")) == ids(asked(engine.searcher, "latest news"))


@pytest.fixture
def small(tmp_path):
    """Sixty articles and one with a rare name in its title and little else."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    rare = Article(
        id="rare", title="Zaldivar talks", body="He came and went, and nothing else was told of it."
    )
    made.add_articles([*(an_article(number) for number in range(60)), rare])
    yield made
    made.close()


def test_an_article_whose_title_has_the_rare_word_cannot_sink(small):
    """However many other words of the query others hold; without the lift it is far down."""
    query = "what did Zaldivar say in that matter of week7 in Merrow"
    assert "rare" in ids(asked(small.searcher, query, limit=5))
    options = replace(small.settings.search, title_lift=0.0)
    plain = Searcher(small.index, small.encoder, options)
    assert "rare" not in ids(asked(plain, query, limit=10))
    assert set(ids(asked(plain, query, limit=80))) == set(ids(asked(small.searcher, query, limit=80)))


def test_a_lifted_article_obeys_filters_and_exclusions(small):
    """It is not found where it may not be."""
    from semsearch.articles import Filter

    only = Filter(sections=("Local",))
    assert "rare" not in ids(asked(small.searcher, "Zaldivar ferry storm", where=only, limit=50))
    assert "rare" not in ids(asked(small.searcher, "Zaldivar ferry -talks", limit=50))


def test_nothing_relevant_is_told(engine):
    """For words that no article is about; not for what is there, nor on later pages or without words."""
    assert asked(engine.searcher, "sourdough knitting printer").nothing_relevant
    assert not asked(engine.searcher, "ferry storm rescue").nothing_relevant
    assert not asked(engine.searcher, "").nothing_relevant


class Backwards:
    """Prefers the hit that was last."""

    def __init__(self):
        self.texts = []

    def scores(self, query, texts):
        self.texts = list(texts)
        return np.linspace(0, 1, len(texts))


def test_a_reranker_reorders_the_head_and_nothing_else(engine):
    """Between the scores that were there; what is behind stays; its time is told."""
    plain = asked(engine.searcher, "ferry storm rescue", limit=30)
    reranker = Backwards()
    options = replace(engine.settings.search, reranker_depth=5)
    searcher = Searcher(engine.index, engine.encoder, options, reranker=reranker)
    found = asked(searcher, "ferry storm rescue", limit=30)
    assert ids(plain)[4::-1] + ids(plain)[5:] == ids(found)
    scores = [hit.score for hit in found.hits]
    assert sorted(scores, reverse=True) == scores
    assert plain.hits[0].score == scores[0]
    assert all(text.startswith("ferry") for text in reranker.texts)
    assert "rerank" in found.seconds
    assert "rerank" not in plain.seconds


def test_the_story_of_an_article_in_the_order_of_time(tmp_path):
    """Copies folded; one id whichever of its articles is asked for; unknown ids are an error."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    told = ["struck a rock", "lost forty people", "was raised from the bed"]
    words = "ferry Merrow storm rescue coast guard harbour captain inquiry"
    made.add_articles(
        Article(
            id=f"s{day}",
            title=f"{words} {told[day]}",
            body=f"{words} {told[day]}.",
            published_at=DAY + timedelta(day),
        )
        for day in (0, 1, 2)
    )
    made.add_articles(
        [
            Article(
                id="copy",
                title=f"{words} {told[1]}",
                body=f"{words} {told[1]}.",
                published_at=DAY + timedelta(1.5),
            )
        ]
    )
    made.add_articles([Article(id="else", title="Museum", body="A painting was stolen.", published_at=DAY)])
    found = made.searcher.story("s2")
    assert ["s0", "s1", "s2"] == [one.id for one in found.articles]
    assert (1, DAY, DAY + timedelta(2)) == (found.copies, found.first, found.latest)
    assert "s0" == found.id == made.searcher.story("s1").id
    assert ("else", ["else"]) == (
        made.searcher.story("else").id,
        [one.id for one in made.searcher.story("else").articles],
    )
    with pytest.raises(ArticleNotFound, match="'no'"):
        made.searcher.story("no")
    made.build([])
    assert "s0" == made.searcher.story("s2").id
    made.close()


@pytest.fixture
def odd(tmp_path):
    """Thirty short articles, one about coats, one that gets something by its title alone."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    coats = Article(
        id="coats",
        title="Cedar for coats",
        body="Wood drives insects out of clothes; getting all takes weeks.",
    )
    gets = Article(id="gets", title="Baker gets a prize", body="Her rye loaf won in Merrow.")
    made.add_articles([*(an_article(number) for number in range(28)), coats, gets])
    yield made
    made.close()


@pytest.mark.parametrize("query", ["getting insects out of clothes", "insects: getting them out of clothes"])
def test_a_common_word_lifts_no_title(odd, query):
    """In a small archive a verb is in few articles, too; it is no name that a title could be meant by."""
    response = asked(odd.searcher, query, explain=True)
    assert "coats" == ids(response)[0]
    lifted = {hit.article.id for hit in response.hits if "title" in hit.explain["steps"]}
    assert "gets" not in lifted
