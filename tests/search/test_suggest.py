"""Typing help: names, words and titles of live articles, right before mended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import QueryInvalid
from semsearch.search.suggest import SuggestRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

TITLES = (
    "Korea talks begin",
    "North Korea fires missile",
    "Koreans vote in the north",
    "Élysée palace opens its doors",
    "Football final lost",
)


def article(number, title, **values):
    """An article of its day."""
    made = {
        "body": f"Body of number {number} about {title}.",
        "published_at": datetime(2026, 1, number + 1, tzinfo=UTC),
        "section": "Sport" if "Football" in title else "World",
        "authors": ("Ada Marsh", "Ben Okoro")[number % 2 :],
        "tags": ("Kim Jong-un",) if "Korea" in title else (),
    }
    return Article(id=f"a{number}", title=title, **(made | values))


@pytest.fixture(params=["live", "built"])
def engine(request, tmp_path):
    """The same articles, as live changes or in a built generation."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    made.add_articles([article(number, title) for number, title in enumerate(TITLES)])
    if request.param == "built":
        made.build([])
    yield made
    made.close()


def suggested(engine, typed, *kinds, limit=10):
    """Texts of the suggestions, as of some kinds or of all."""
    request = SuggestRequest(typed, limit, kinds) if kinds else SuggestRequest(typed, limit)
    return [one.text for one in engine.searcher.suggest(request).suggestions]


def test_titles_that_begin_so_come_first_then_the_newest(engine):
    """A title's beginning counts more than its middle; among equals the newest comes first."""
    assert [TITLES[2], TITLES[0], TITLES[1]] == suggested(engine, "korea", "title")


def test_words_may_stand_apart(engine):
    """A phrase comes before words that stand apart."""
    assert [TITLES[1], TITLES[2]] == suggested(engine, "north kor", "title")


def test_names_come_with_their_counts(engine):
    """A name is found by any of its words, without case, and says how many articles it has."""
    for typed in ("ben", "OKO", "okoro", "ben ok"):
        found = engine.searcher.suggest(SuggestRequest(typed, kinds=("author",))).suggestions
        assert [("Ben Okoro", 5)] == [(one.text, one.count) for one in found], typed
    assert ["Kim Jong-un"] == suggested(engine, "jong", "tag")


def test_typing_errors_are_looked_past(engine):
    """What fits past typing errors comes after what fits, and says so."""
    for typed in ("Elisee", "elysse pal", "palcae ope"):
        found = engine.searcher.suggest(SuggestRequest(typed, kinds=("title",))).suggestions
        assert [(TITLES[3], True)] == [(one.text, one.mended) for one in found], typed
    assert ["Ben Okoro"] == suggested(engine, "okroo", "author")
    assert [] == suggested(engine, "xyzzyq")


def test_nothing_typed_gives_the_sections_with_most_articles(engine):
    """An empty box shows where most is."""
    assert ["World", "Sport"] == suggested(engine, " ")
    assert [] == suggested(engine, "", "title")


def test_words_are_those_of_the_corpus(engine):
    """A word comes as it is written, with the number of articles that a search for it finds."""
    found = engine.searcher.suggest(SuggestRequest("bod", kinds=("word",))).suggestions
    assert [("Body", 5)] == [(one.text, one.count) for one in found]


def test_deleted_articles_are_gone(engine):
    """Titles, names and words of deleted articles are suggested no more."""
    engine.delete(["a4"])
    assert [] == suggested(engine, "football", "title")
    assert ["World"] == suggested(engine, "")
    assert [] == suggested(engine, "sport")
    engine.delete([f"a{number}" for number in range(4)])
    for typed in ("korea", "ada", "kim", "bod", "elysee", "elisee", ""):
        assert [] == suggested(engine, typed), typed


def test_a_new_title_takes_the_place_of_the_old(engine):
    """An updated article is suggested by its newest title alone, at once."""
    engine.add_articles([article(4, "Football final won")])
    assert ["Football final won"] == suggested(engine, "football fin", "title")


def test_copies_of_one_text_are_suggested_once(engine):
    """A wire story that came twice fills one place."""
    body = " ".join(f"word{number} of the wire story about a harbour" for number in range(40))
    engine.add_articles([article(number, "Harbour closes", body=body) for number in (10, 11)])
    assert ["Harbour closes"] == suggested(engine, "harbour", "title")


def test_the_list_is_as_long_as_asked_and_mixed(engine):
    """Names and words leave half of the places to titles; without titles they may take all."""
    engine.add_articles(
        [article(20 + n, f"Market report {n}", authors=(f"Mark {'ABCDEFGH'[n]}",)) for n in range(8)]
    )
    found = engine.searcher.suggest(SuggestRequest("mark", 4)).suggestions
    assert 4 == len(found)
    assert 2 <= sum(one.kind == "title" for one in found)
    assert "author" == found[0].kind


def test_bad_requests_are_refused():
    """Limits and kinds are checked where the request is made."""
    for values in ({"limit": 0}, {"limit": 51}, {"kinds": ("colour",)}, {"typed": "x" * 201}):
        with pytest.raises(QueryInvalid):
            SuggestRequest(**values)
