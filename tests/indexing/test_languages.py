"""Articles in many languages in one index: told apart, filtered, counted and stemmed each by its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.index.protocol import LexicalQuery
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

LINES = (Path(__file__).parents[1] / "text" / "news_in_languages.tsv").read_text("utf-8").splitlines()
NEWS = [line.split("\t") for line in LINES if line.split("\t")[0] in {"en", "de", "fr", "es"}]
ARTICLES = [Article(f"{code}-{n}", title, text) for n, (code, title, text) in enumerate(NEWS)]


@pytest.fixture
def engine(tmp_path):
    """An index of news in four languages, none of which an article names."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder())
    engine.add_articles(ARTICLES)
    yield engine
    engine.close()


def languages(engine):
    """The language of each live article."""
    return {one.id: one.language for one in engine.live_articles()}


def with_word(engine, word, where=Filter()):  # noqa: B008 (frozen)
    """Ids of the articles that have a word, by its stem in their language."""
    with engine.index.snapshot() as view:
        return sorted(view.ids(view.lexical_rows(LexicalQuery(words=(word,)), where=where)))


def test_live_articles_have_the_language_of_their_text(engine):
    """Added articles have it at once, a rebuild keeps it, and the same article again is unchanged."""
    told = {one.id: one.id[:2] for one in ARTICLES}

    assert told == languages(engine)
    assert Counter(unchanged=len(ARTICLES)) == Counter(one.outcome for one in engine.add_articles(ARTICLES))
    engine.build([])
    assert told == languages(engine)
    assert Counter(unchanged=len(ARTICLES)) == Counter(one.outcome for one in engine.add_articles(ARTICLES))


def test_a_given_language_stays(engine):
    """What an article says of itself is never overruled."""
    engine.add_articles([Article("given", *NEWS[0][1:], language="sv")])

    assert "sv" == languages(engine)["given"]


@pytest.mark.parametrize("rebuilt", [False, True])
@pytest.mark.parametrize(
    ("word", "stands_as", "code"),
    [
        ("parent", "Parents", "en"),
        ("leitung", "Leitungen", "de"),
        ("jouer", "jouera", "fr"),
        ("árbol", "árboles", "es"),
    ],
)
def test_words_are_stemmed_in_the_language_of_the_article(engine, word, stands_as, code, rebuilt):
    """Another form of a word is found after live changes and after a build, filtered by language, too."""
    if rebuilt:
        engine.build([])
    expected = [one.id for one in ARTICLES if stands_as in one.body and one.id.startswith(code)]

    assert expected
    assert expected == with_word(engine, word, Filter(languages=(code,)))
