"""Did you mean: unknown words become words of the corpus; all else stays as it was."""

from __future__ import annotations

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

BODY = "Vladimir Putin and the senate spoke of NATO at the Élysée with sanctions."


@pytest.fixture(scope="module", params=["live", "built"])
def engine(request, tmp_path_factory):
    """Six articles of the same words, one with a rare name."""
    made = Engine(Settings(indexes=tmp_path_factory.mktemp("spelling")), encoder=HashingEncoder())
    made.add_articles([Article(id=f"a{number}", title=f"Report {number}", body=BODY) for number in range(6)])
    made.add_articles([Article(id="rare", title="Putim", body="Putim lives in Sanate.")])
    if request.param == "built":
        made.build([])
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Ptuin", "Putin"),
        ("vladmir putin", "Vladimir putin"),
        ("vladmir's sentae", "Vladimir's senate"),
        ("elysse", "Élysée"),
        ("sanktoins", "sanctions"),  # two errors in a long word
        ('"vladmir putin" -senat report', '"Vladimir putin" -senat report'),
        ('-"vladmir putin" natto', '-"vladmir putin" NATO'),
        ("rutin", "Putin"),  # another first letter, where none is near with the same
    ],
)
def test_unknown_words_are_mended(engine, typed, expected):
    """A word that no article holds becomes the near one; signs, quotes and exclusions stay."""
    assert expected == engine.searcher.search(SearchRequest(query=typed)).did_you_mean


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "putin senate",
        "putins",  # known after stemming
        "putim",  # a rare name of the corpus is not doubted for a few articles more
        '"putim"',
        "-ptuin",
        "nat",  # too short
        "xylophone",  # unlike any word
        "vladmir2 senat@example.org www.senat.org/senat 2026",
        "ptuin " * 17,  # pasted, not typed
        "北京",
    ],
)
def test_all_else_is_left_alone(engine, typed):
    """No suggestion where nothing is surely wrong."""
    assert engine.searcher.search(SearchRequest(query=typed)).did_you_mean is None


def test_deleted_words_are_not_proposed(tmp_path):
    """A word whose articles are all gone helps nobody."""
    with_word = [Article(id=f"a{number}", title=f"Zelensky {number}") for number in range(4)]
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    engine.add_articles(with_word)
    assert "Zelensky" == engine.searcher.search(SearchRequest(query="zelenksy")).did_you_mean
    engine.delete([one.id for one in with_word])
    assert engine.searcher.search(SearchRequest(query="zelenksy")).did_you_mean is None
    engine.close()


def test_a_misprint_of_the_corpus_is_doubted_only_for_swapped_letters(tmp_path, monkeypatch):
    """A word in few articles is right, unless its letters in another order make a word of very many."""
    monkeypatch.setattr("semsearch.search.spelling.TIMES_MORE", 5)
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    engine.add_articles([Article(id=f"a{number}", title=f"February {number}") for number in range(5)])
    engine.add_articles([Article(id="b", title="Febraury"), Article(id="c", title="Fibruary")])
    assert "February" == engine.searcher.search(SearchRequest(query="febraury")).did_you_mean
    assert engine.searcher.search(SearchRequest(query="fibruary")).did_you_mean is None
    engine.delete(["a0"])
    engine.build([])
    assert engine.searcher.search(SearchRequest(query="febraury")).did_you_mean is None  # four are too few
    engine.close()


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Twenty articles of which one or two hold a name each; a byline that no text holds."""
    made = Engine(Settings(indexes=tmp_path_factory.mktemp("few")), encoder=HashingEncoder())
    made.add_articles(
        [
            Article(id=f"a{number}", title=f"Notes {number}", body="A day in the valley.")
            for number in range(18)
        ]
    )
    made.add_articles(
        [
            Article(id="n1", title="Okonjo opens mill", body="Flour again.", authors=("Ida Quartermain",)),
            Article(id="n2", title="Mill sold", body="The buyer is Petrushka Holding."),
            Article(id="n3", title="Mill lost", body="Petrushka Holding is bankrupt."),
        ]
    )
    made.build([])
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Okonjjo", "Okonjo"),  # of one title
        ("petruska mill", "Petrushka mill"),  # of two texts
        ("quatermain", "Quartermain"),  # of an author
        ("Okanya", None),  # two errors
        ("quartermain", None),  # right
        ("Bertolini", None),
    ],
)
def test_names_of_a_small_archive_are_proposed(few, typed, expected):
    """A name in one title, one byline or two texts is enough where there are few articles."""
    assert expected == few.searcher.search(SearchRequest(query=typed)).did_you_mean
