"""What readers of six languages find by words, among all of these texts at once.

Each file of ``words`` holds thirty short texts, a title and a sentence a line, and twenty queries with the
numbers of the texts that a reader of the language expects, all of them before any other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

WORDS = Path(__file__).parent / "words"
LANGUAGES = sorted(path.stem for path in WORDS.glob("*.tsv"))
NEWS = Path(__file__).parents[1] / "text" / "news_in_languages.tsv"


def lines(language: str) -> list[list[str]]:
    """The cells of each line of a file."""
    return [line.split("\t") for line in (WORDS / f"{language}.tsv").read_text("utf-8").splitlines()]


QUERIES = [
    (language, cells[0][1:], cells[1])
    for language in LANGUAGES
    for cells in lines(language)
    if cells[0].startswith("?")
]


def articles() -> Iterator[Article]:
    """All texts in all languages, and news in seventeen more."""
    for language in LANGUAGES:
        texts = [cells for cells in lines(language) if not cells[0].startswith("?")]
        for number, (title, body) in enumerate(texts, 1):
            yield Article(f"{language}{number}", title, body, language=language)
    for number, line in enumerate(NEWS.read_text("utf-8").splitlines()):
        language, title, body = line.split("\t")
        if language not in LANGUAGES:
            yield Article(f"news{number}", title, body, language=language)


@pytest.fixture(scope="module", params=["built", "live"])
def engine(request, tmp_path_factory) -> Iterator[Engine]:
    """Everything in one index, built at once or added later."""
    settings = Settings(indexes=tmp_path_factory.mktemp("words"), index="news")
    with contextlib.closing(Engine(settings, encoder=HashingEncoder(64))) as made:
        made.ensure()
        made.add_articles(articles())
        if request.param == "built":
            made.build([])
        yield made


def test_there_are_twenty_queries_and_thirty_texts_in_each_language():
    """The table in docs/languages.md says so."""
    assert ["ar", "de", "es", "fr", "ja", "zh"] == LANGUAGES
    for language in LANGUAGES:
        assert 20 == sum(one == language for one, _, _ in QUERIES)
        assert 50 == len(lines(language))


@pytest.mark.parametrize(("language", "query", "expected"), QUERIES, ids=[f"{a}-{b}" for a, b, _ in QUERIES])
def test_words_find_what_a_reader_expects(engine, language, query, expected):
    """Before anything else in the language: some words are those of other languages, too."""
    wanted = {f"{language}{number}" for number in expected.split()}
    where = Filter(languages=(language,))
    hits = engine.searcher.search(SearchRequest(query=query, where=where, mode="lexical", limit=20)).hits
    assert wanted == {hit.article.id for hit in hits[: len(wanted)]}
