"""Related lists: never the article, never two copies, windows, seeds, and an honest fallback."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from datetime import timedelta

import pytest

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.errors import QueryInvalid
from semsearch.search.searcher import Searcher
from semsearch.search.types import RelatedRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import COUNT, an_article

LONG = " ".join(f"word{n} of the long report on the harbour" for n in range(40)) + "."


def ids(response):
    """The ids of a list."""
    return [hit.article.id for hit in response.hits]


def test_related_articles_are_of_the_topic_and_never_the_article_itself(engine):
    """Five others about the ferry."""
    response = engine.searcher.related(RelatedRequest(article_id="a0", diversity=0.0))
    assert 5 == len(response.hits)
    assert "a0" not in ids(response)
    assert {0} == {int(one[1:]) % 4 for one in ids(response)}
    assert response.fallback is None


def test_what_was_shown_already_is_left_out(engine):
    """``exclude_ids`` hold in related lists, and in what fills them."""
    first = engine.searcher.related(RelatedRequest(article_id="a0"))
    where = Filter(exclude_ids=tuple(ids(first)))
    second = engine.searcher.related(RelatedRequest(article_id="a0", where=where))
    assert not set(ids(first)) & set(ids(second))


def test_the_past_is_before_the_article(engine):
    """Background has run before the article did."""
    response = engine.searcher.related(RelatedRequest(article_id="a40", window="past", fallback="none"))
    assert response.hits
    limit = an_article(40).published_at
    assert all(hit.article.published_at < limit for hit in response.hits)


def test_a_missing_article_gives_the_newest_and_says_so(engine):
    """The page is never empty for want of an article."""
    response = engine.searcher.related(RelatedRequest(article_id="nowhere", limit=3))
    assert ["a59", "a58", "a57"] == ids(response)
    assert ("recent", "article_missing", 3) == dataclasses.astuple(response.fallback)
    assert all(hit.filled for hit in response.hits)


def test_a_short_list_is_filled_from_the_section_and_marked(engine):
    """Nothing is related in another's section but what fills the list; it is marked."""
    where = Filter(tags=("even",), authors=("Writer 2",))
    request = RelatedRequest(article_id="a0", limit=9, where=where, fallback="section")
    response = engine.searcher.related(request)
    expected = {f"a{n}" for n in range(COUNT) if n % 2 == 0 and n % 3 == 2}
    assert 9 == len(response.hits)
    assert set(ids(response)) <= expected
    without = engine.searcher.related(dataclasses.replace(request, fallback="none", limit=1000))
    assert not any(hit.filled for hit in without.hits)


def test_a_text_finds_what_is_about_the_same(engine):
    """A draft that is not in the index has related articles too."""
    response = engine.searcher.related(
        RelatedRequest(text="A painting was stolen: museum theft.", diversity=0.0)
    )
    assert {3} == {int(one[1:]) % 4 for one in ids(response)}


def test_positive_and_negative_seeds(engine):
    """Articles like one and unlike another; neither seed is listed."""
    request = RelatedRequest(positive=("a1", "a5"), negative=("a2",), diversity=0.0)
    response = engine.searcher.related(request)
    assert {1} == {int(one[1:]) % 4 for one in ids(response)}
    assert not {"a1", "a5", "a2"} & set(ids(response))


@pytest.mark.parametrize("knobs", [{}, {"article_id": "a", "text": "b"}, {"article_id": "a", "limit": 0}])
def test_exactly_one_seed_must_be_given(knobs):
    """Otherwise the request is refused."""
    with pytest.raises(QueryInvalid):
        RelatedRequest(**knobs)


def test_copies_of_one_text_are_listed_once_and_never_those_of_the_article(tmp_path):
    """A wire copy under another headline takes no place in the list, whether built or added live."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    base = an_article(0)
    changed = LONG.replace("word7 ", "word7th ")
    copies = [
        Article(id="x1", title="Harbour report out", body=LONG, published_at=base.published_at),
        Article(id="x2", title="Report on harbour published", body=changed, published_at=base.published_at),
        Article(
            id="x3",
            title="Other harbour report",
            body=LONG,
            published_at=base.published_at + timedelta(days=1),
        ),
    ]
    engine.add_articles([*copies, *(an_article(number) for number in range(8))])
    for _ in range(2):
        seed = engine.searcher.related(RelatedRequest(article_id="x1", limit=10))
        assert not {"x1", "x2", "x3"} & set(ids(seed))
        other = engine.searcher.related(RelatedRequest(text="the long report on the harbour", limit=10))
        assert 1 == len({"x1", "x2", "x3"} & set(ids(other)))
        engine.build([])
    engine.close()


def test_articles_of_one_story_say_so(engine):
    """Articles of one event within its days give the reason ``Same story``, or what they share."""
    response = engine.searcher.related(RelatedRequest(article_id="a20", diversity=0.0))
    with engine.index.snapshot() as view:
        import numpy as np

        rows = np.array([view.row_of(one) for one in ["a20", *ids(response)]])
        stories = view.stories(rows)
    for hit, story in zip(response.hits, stories[1:], strict=True):
        assert (story == stories[0]) == (hit.reason == "Same story")


def test_nearness_in_time_decides_between_equals(engine):
    """Of articles alike, those that ran close to the article come first; a window asks for something else."""
    request = RelatedRequest(article_id="a28", limit=4, diversity=0.0)
    days = [abs(int(hit.article.id[1:]) - 28) for hit in engine.searcher.related(request).hits]
    assert {4, 8} == set(days)
    options = dataclasses.replace(engine.settings.search, related_date_weight=0.0)
    plain = Searcher(engine.index, engine.encoder, options).related(request)
    assert days != [abs(int(hit.article.id[1:]) - 28) for hit in plain.hits]


def test_a_fresh_article_opens_with_its_own_story(tmp_path):
    """For three days; then with what is nearest."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    words = "ferry storm rescue coast guard harbour captain inquiry"
    day = an_article(0).published_at
    told = [
        Article(id="seed", title=words, body=f"{words} alpha", published_at=day),
        Article(id="story", title=words, body=f"{words} beta gamma delta epsilon", published_at=day),
        Article(id="old", title=words, body=f"{words} alpha zeta", published_at=day - timedelta(days=60)),
    ]
    made.add_articles(told)
    request = RelatedRequest(article_id="seed", fallback="none")

    def listed(days: int) -> list[str]:
        made.add_articles(
            [Article(id="late", title="museum", body="a theft", published_at=day + timedelta(days=days))]
        )
        options = dataclasses.replace(made.settings.search, related_date_weight=0.0)
        searcher = Searcher(made.index, made.encoder, options, now=(day + timedelta(days=days)).timestamp)
        return ids(searcher.related(request))[:2]

    assert ["story", "old"] == listed(1)
    assert ["old", "story"] == listed(5)
    made.close()


def test_a_list_of_one_section_ends_with_another(engine):
    """Where one is nearly as good; not where the reader asked for the section, nor in a short list."""
    made = engine.searcher.related(RelatedRequest(article_id="a0", limit=5))
    sections = [hit.article.section for hit in made.hits]
    assert {"Local"} == set(sections[:4])
    only = RelatedRequest(article_id="a0", limit=5, where=Filter(sections=("Local",)))
    assert {"Local"} == {hit.article.section for hit in engine.searcher.related(only).hits}


def test_another_section_takes_the_last_place_only(tmp_path):
    """A list of five about one thing, four of its own section and the best of the other."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    words = "ferry storm rescue coast guard harbour captain inquiry"
    made.add_articles(
        Article(
            id=f"n{n}", title=f"{words} n{n}", body=f"{words} n{n}", section="Local" if n < 9 else "Politics"
        )
        for n in range(11)
    )
    found = made.searcher.related(RelatedRequest(article_id="n0", limit=5, diversity=0.0))
    assert ["Local"] * 4 + ["Politics"] == [hit.article.section for hit in found.hits]
    made.close()


def test_the_list_of_a_page_never_holds_its_own_address(tmp_path):
    """Whether the page is asked for by an id, or by its address where another id is held."""
    page = "https://news.example/ferry"
    with closing(Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))) as engine:
        texts = ("The ferry is back after weeks.", "A ferry has sunk.", "The ferry office moves to the quay.")
        engine.add_articles(
            [
                Article(id="one", title="Ferry", body=texts[0], url=page),
                Article(id="two", title="Ferry again", body=texts[1], url=f"{page}/?utm_source=x"),
                Article(id="three", title="Ferry office", body=texts[2], url=f"{page}-office"),
            ]
        )
        for asked in ("one", "two", page, f"{page}#4", f"{page}/"):
            assert ["three"] == ids(engine.searcher.related(RelatedRequest(article_id=asked))), asked


@pytest.mark.parametrize("seed", ["n0", "nowhere"])
def test_what_is_not_searched_is_not_shown(tmp_path, seed):
    """A line asking for an address is in all articles, and in no snippet of a list or of what fills it."""
    line = "Sign up to our newsletter for the best of the week."
    articles = [
        Article(id=f"n{n}", title=f"Orchard {n}", body=f"Frost took the pears of orchard {n}.\n\n{line}")
        for n in range(4)
    ]
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles(articles)
    hits = engine.searcher.related(RelatedRequest(article_id=seed, limit=3)).hits
    assert hits
    shown = [hit.snippet.text for hit in hits]
    assert [f"Frost took the pears of orchard {hit.article.id[1]}." for hit in hits] == shown
    engine.close()


def test_what_is_not_near_is_called_latest(tmp_path):
    """Under the floor nothing is called related: the newest fill the list, marked, each with its reason."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(256))
    quake = Article(
        id="quake", title="Tremor felt", body="Walls shook in Ost and chimneys fell.", section="World"
    )
    after = Article(
        id="after", title="Tremor again", body="Walls shook once more; chimneys fell.", section="World"
    )
    other = Article(
        id="other", title="Choir sings", body="A hall full of people heard hymns.", section="World"
    )
    plain = Article(id="plain", title="Leeks win", body="Judges gave Mr Plum a cup.", section="Garden")
    made.add_articles([quake, after, other, plain])
    for fallback, words in (("recent", "Latest"), ("section", "Latest in World")):
        response = made.searcher.related(RelatedRequest(article_id="quake", fallback=fallback))
        assert ["after"] == [hit.article.id for hit in response.hits if not hit.filled]
        reasons = {hit.article.id: hit.reason for hit in response.hits if hit.filled}
        assert {"other": words, "plain": "Latest"} == reasons
        assert ("too_few", 2) == (response.fallback.reason, response.fallback.filled)
    nothing = made.searcher.related(RelatedRequest(article_id="quake", fallback="none"))
    assert ["after"] == ids(nothing)
    made.close()


def test_the_floor_can_be_set(engine):
    """A higher floor keeps the nearest alone; 1 keeps nothing but what has the same words."""
    lists = []
    for least in (0.0, 0.35, 0.9):
        options = dataclasses.replace(engine.settings.search, related_least=least)
        searcher = Searcher(engine.index, engine.encoder, options)
        lists.append(set(ids(searcher.related(RelatedRequest(article_id="a0", limit=50, fallback="none")))))
    assert lists[0] >= lists[1] >= lists[2]
    assert len(lists[0]) > len(lists[2])
