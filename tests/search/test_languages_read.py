"""Meaning counts only for articles in a language that the encoder reads."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from semsearch.articles import Article, Filter
from semsearch.editorial.coverage import check_coverage
from semsearch.editorial.draft import DraftSource, read_draft
from semsearch.editorial.links import suggest_links
from semsearch.encoder.model_files import DEFAULT_NAME
from semsearch.engine import Engine
from semsearch.index.saved_types import SavedSearch
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


def test_own_asks_for_the_language_of_the_article(tmp_path):
    """Nothing else is listed, however few have it; with another code, both; of an unknown language, any."""
    languages = ["de", "de-AT", "en", None] + ["en"] * 36
    with contextlib.closing(engine_over(tmp_path, *languages, name="reads all")) as engine:
        assert ["a1"] == listed(engine, "a0", where=Filter(languages=("own",)))
        assert ["a0"] == listed(engine, "a1", where=Filter(languages=("OWN",)))
        assert 5 == len(listed(engine, "a0", where=Filter(languages=("own", "en"))))
        assert 5 == len(listed(engine, "a3", where=Filter(languages=("own",))))


@pytest.mark.parametrize(
    ("same", "listed_too"),
    [
        ({"url": "https://news.example/en/storm/4"}, False),
        ({"url": "https://news.example/storm/4?lang=en"}, False),
        ({"url": "https://news.example/en/storm/5"}, True),
        ({"image": "https://news.example/storm.jpg"}, False),
        ({"published_at": datetime(2026, 3, 1, 8, tzinfo=UTC)}, False),
        ({}, True),
    ],
    ids=["path", "parameter", "another page", "picture", "time", "nothing"],
)
def test_an_article_s_own_translation_is_not_listed(tmp_path, same, listed_too):
    """Told by address, picture or moment; an article that is merely near may stand there."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128, name="reads all"))
    engine.ensure()
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    base = {
        "url": "https://news.example/de/storm/4"
        if "?" not in str(same)
        else "https://news.example/storm/4?lang=de",
        "image": "https://news.example/storm.jpg",
        "published_at": at,
    }
    other = {"url": "https://news.example/en/x", "image": None, "published_at": at.replace(hour=9)} | same
    body = "Sturm Penn Helmond Abend Bora: storm at Penn and Helmond in the evening, called Bora."
    engine.add_articles(
        [
            Article("de", "Sturm in Penn", body, language="de", **base),
            Article("en", "Storm in Penn", body.replace("Sturm", "Storm"), language="en", **other),
            Article("far", "Budget passed", "The council passed the budget.", language="en", published_at=at),
        ]
    )
    with contextlib.closing(engine):
        assert listed_too == ("en" in listed(engine, "de", fallback="none"))


def test_what_cannot_be_read_is_related_by_words(tmp_path):
    """The vectors of an article that the encoder does not read bring nothing near."""
    with contextlib.closing(engine_over(tmp_path, "de")) as engine:
        hits = engine.searcher.related(RelatedRequest(article_id="a8", limit=5, explain=True)).hits
        near = [hit for hit in hits if not hit.filled]
        assert near
        assert {0.0} == {hit.explain["semantic"] for hit in near}
        assert {0} == {int(hit.article.id[1:]) % 4 for hit in near}


GERMAN = [
    (
        "sturm",
        "Sturm deckt Dächer ab",
        "In der Nacht hat ein schwerer Sturm an der Küste viele Dächer abgedeckt.",
    ),
    (
        "sturm2",
        "Nach dem Sturm",
        "Nach dem schweren Sturm an der Küste räumen Helfer in der Stadt die Straßen.",
    ),
    (
        "schule",
        "Schule bleibt offen",
        "Der Gemeinderat will die kleine Schule im Dorf nun doch nicht schließen.",
    ),
]
ENGLISH = [
    (
        "ferry",
        "Ferry to the islands",
        "The ferry to the islands sails again after the storm, the company said.",
    ),
    (
        "school",
        "School to stay open",
        "The village school will stay open after all, the council said on Monday.",
    ),
    ("nacht", "An evening at the opera", "Der Sturm an der Küste: in German, the singer sang of the night."),
]


def two_languages(folder, name: str = DEFAULT_NAME) -> Engine:
    """Six articles in German and English under an encoder that is called so."""
    engine = Engine(Settings(indexes=folder, index="news"), encoder=HashingEncoder(128, name=name))
    engine.ensure()
    engine.add_articles(
        Article(one, title, body, language=language, published_at=datetime(2026, 3, 1, tzinfo=UTC))
        for language, articles in (("de", GERMAN), ("en", ENGLISH))
        for one, title, body in articles
    )
    return engine


def meanings(engine: Engine, query: str) -> dict[str, float]:
    """What the meaning of each hit counted."""
    hits = engine.searcher.search(SearchRequest(query=query, limit=10, explain=True)).hits
    return {hit.article.id: hit.explain["semantic"] for hit in hits}


def test_a_query_that_cannot_be_read_is_answered_by_words_alone(tmp_path):
    """Surely in another language that articles are in: neither the English articles are near it."""
    asked = "Der schwere Sturm in der Nacht an der Küste"
    with contextlib.closing(two_languages(tmp_path / "one")) as engine:
        assert {0.0} == set(meanings(engine, asked).values())
        assert list(scores(engine, asked, "lexical")) == list(scores(engine, asked))
        assert any(meanings(engine, "the village school and the council on Monday").values())
        assert meanings(engine, "storm")["ferry"]  # too short to be sure
    with contextlib.closing(two_languages(tmp_path / "two", "reads all")) as engine:
        assert all(meanings(engine, asked).values())


@pytest.mark.parametrize("query", ["Шторм на берегу ferry", "嵐の海を渡る ferry", "عاصفة ferry شديدة"])
def test_a_query_in_another_alphabet_is_answered_by_words_alone(tmp_path, query):
    """Whatever languages the articles are in."""
    with contextlib.closing(two_languages(tmp_path)) as engine:
        assert {"ferry": 0.0} == meanings(engine, query)


class Deaf(HashingEncoder):
    """Knows no word that holds a z."""

    def _encode(self, texts):
        vectors = super()._encode(texts)
        vectors[["z" in text for text in texts]] = 0.0
        return vectors


@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_what_the_model_does_not_know_is_near_nothing(tmp_path, mode):
    """Neither such a query nor such an article; words find both."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=Deaf(128))
    engine.ensure()
    engine.add_articles(
        [an_article(0), an_article(1), Article("z1", "zzz", "zzz"), Article("z2", "zz", "zz z")]
    )
    with contextlib.closing(engine):
        assert (["z1"] if mode == "hybrid" else []) == list(scores(engine, "zzz", mode))
        assert {"z1", "z2"}.isdisjoint(scores(engine, "ferry storm", mode))
        hits = engine.searcher.related(RelatedRequest(article_id="z1", fallback="none")).hits
        assert () == hits


def test_an_article_whose_title_is_the_query_comes_first(tmp_path):
    """In the spelling of either, before one that says it more often."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles(
        [
            Article("often", "Ferry, ferry, ferry", "Ferry port, ferry port, ferry port: Ferry port."),
            Article("named", "Ferry Port!", "A town on the coast with a long and quiet history of its own."),
            Article("臺", "臺灣", "海峽的另一邊。"),
            Article("often2", "台湾台湾台湾", "台湾，台湾，台湾。"),
        ]
    )
    with contextlib.closing(engine):
        for mode in ("lexical", "hybrid"):
            assert "named" == next(iter(scores(engine, "ferry port", mode)))
            assert "臺" == next(iter(scores(engine, "台湾", mode)))
            assert "often" == next(iter(scores(engine, "ferry port ferry", mode))) or mode == "hybrid"


def stories_of(engine: Engine) -> dict[str, int]:
    """The story of each article of the index."""
    with engine.index.snapshot() as view:
        rows = view.matching(Filter())
        return dict(zip(view.ids(rows), view.stories(rows).tolist(), strict=True))


def test_stories_are_told_by_words_where_vectors_say_nothing(tmp_path):
    """Two reports of one event are one story in any language; one vector for all makes none."""

    class Same(HashingEncoder):
        """All texts are near each other."""

        def _encode(self, texts):
            return np.tile(np.eye(1, 128, dtype=np.float32), (len(texts), 1))

    def told(folder, name, *, live):
        engine = Engine(Settings(indexes=folder, index="news"), encoder=Same(128, name=name))
        engine.ensure()
        when = datetime(2026, 3, 1, tzinfo=UTC)
        engine.add_articles(
            Article(one, title, body, language="de", published_at=when)
            for one, title, body in [
                ("a", "Brand im Hafen von Emden", "Ein Brand im Hafen von Emden hat zwei Hallen zerstört."),
                (
                    "b",
                    "Hafen von Emden: Brand in Hallen",
                    "Zwei Hallen im Hafen von Emden zerstört der Brand.",
                ),
                ("c", "Hallen der Messe", "Zwei neue Hallen baut die Messe in Hannover für den Herbst."),
            ]
        )
        if not live:
            engine.build([])
        with contextlib.closing(engine):
            found = stories_of(engine)
        return [found["a"] == found["b"], found["a"] == found["c"]]

    for live in (True, False):
        assert [True, False] == told(tmp_path / f"default{live}", DEFAULT_NAME, live=live)
    assert [True, True] == told(tmp_path / "other", "reads all", live=False)


def test_coverage_and_links_go_by_words_where_the_draft_cannot_be_read(tmp_path):
    """Nearness in meaning counts for nothing, in either direction."""
    text = (
        "Der schwere Sturm an der Küste hat in der Nacht viele Dächer abgedeckt, sagen Helfer in der Stadt."
    )
    with contextlib.closing(two_languages(tmp_path)) as engine, engine.index.snapshot() as view:
        draft = read_draft(view, HashingEncoder(128, name=DEFAULT_NAME), DraftSource(text=text))
        found = {one.article.id: one for one in check_coverage(view, draft).articles}
        assert all(one.score == one.words for one in found.values())
        assert found["sturm"].words > 0
        links = suggest_links(view, HashingEncoder(128, name=DEFAULT_NAME), draft, least=0.0)
        assert {one.article.id for one in (*links.links, *links.older)} <= {
            "sturm",
            "sturm2",
            "nacht",
            "schule",
        }


def test_saved_searches_go_by_words_for_articles_that_cannot_be_read(tmp_path):
    """The same in the preview and when an article arrives."""
    with contextlib.closing(two_languages(tmp_path)) as engine:
        saved = engine.saved_searches()
        near = SavedSearch("storms", "Storms", "schwerer Sturm Küste Dächer", threshold=0.4)
        preview = saved.preview(near, days=100_000)
        assert ["sturm", "sturm2"] == [one.article_id for one in preview.found]
        saved.put(near)
        engine.add_articles([later("neu", "Ein schwerer Sturm deckt an der Küste Dächer ab.")])
        engine.add_articles([later("alt", "Am Montag wird im Rat gewählt, sagt der Minister.")])
        saved.match_new()
        assert ["neu"] == [one.found.article_id for one in saved.matches("storms", limit=5).matches]


def later(article_id: str, body: str) -> Article:
    """A German article of the next day."""
    return Article(article_id, body=body, language="de", published_at=datetime(2026, 3, 2, tzinfo=UTC))
