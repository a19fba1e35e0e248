"""Whether the hits answer the query: never doubted where a hit holds its words, in an archive of any size."""

from __future__ import annotations

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.index.function_words import is_function_word
from semsearch.query import parse_query
from semsearch.search.relevance import Evidence, Setting, content_words, likelihood
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings

TEXTS = {
    "goats": (
        "Goats escape from the petting farm",
        "Eleven goats walked down the high street on Sunday. A baker lured them back with stale rolls, and "
        "the farm has ordered a taller fence.",
    ),
    "coach": (
        "Swim club parts with its trainer",
        "The Dolphins dismissed Olga Brandt after a winter without a medal. She had led the squad for nine "
        "years.",
    ),
    "dues": (
        "Harbour dues rise in April",
        "Skippers will pay a tenth more for a berth. The port blames the price of dredging.",
    ),
    "vine": (
        "Frost spares the old vines",
        "Growers lit three hundred fires on the slopes and saved most of the buds, said Piet Zandvliet.",
    ),
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Four short articles under the default encoder."""
    made = Engine(Settings(indexes=tmp_path_factory.mktemp("tiny")))
    made.add_articles([Article(id=id_, title=title, body=body) for id_, (title, body) in TEXTS.items()])
    yield made
    made.close()


def asked(engine, query, **knobs):
    """The answer to a query."""
    return engine.searcher.search(SearchRequest(query=query, **knobs))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("dredging", "dues"),
        ("the fence", "goats"),
        ('"stale rolls"', "goats"),
        ("trainer dismissed", "coach"),
        ("swimming coach sacked", "coach"),
        ("animals on the loose in the town", "goats"),
        ("trainer Olga Brant", "coach"),  # the name is read as the near one
    ],
)
def test_a_right_answer_is_not_doubted(tiny, query, first):
    """Where the right article stands first, by its words or by its meaning, no note is above it."""
    response = asked(tiny, query)
    assert (first, False) == (response.hits[0].article.id, response.nothing_relevant)


@pytest.mark.parametrize("query", ["spaceflight to the moon", "bond yields", "opera premiere in Vienna"])
def test_what_no_article_is_about_is_told(tiny, query):
    """Either nothing is found, or what is found is doubted."""
    response = asked(tiny, query)
    assert response.nothing_relevant or not response.hits


@pytest.mark.parametrize("query", ["🐐", "?!", "— …", "🐐🐐 🐐"])
def test_signs_alone_ask_for_nothing(tiny, query):
    """Nothing is listed, and the answer says why; with a filter it lists what passes."""
    response = asked(tiny, query)
    assert (True, (), 0) == (response.nothing_asked, response.hits, response.total)


def test_no_query_lists_the_newest_and_says_so(tiny):
    """As before, with a note; words, exclusions and a wish for news are asked for."""
    response = asked(tiny, " ")
    assert (True, 4) == (response.nothing_asked, response.total)
    assert not any(asked(tiny, query).nothing_asked for query in ("goats", "-goats", "latest"))


def test_more_articles_need_more_evidence():
    """The same evidence is likely enough among three articles and not among thousands."""
    hits = [Evidence(0.48, 0.38)]
    chances = [likelihood(hits, Setting(count, 6, 0.48, 0.1)) for count in (3, 30, 300, 3000)]
    assert sorted(chances, reverse=True) == chances
    assert chances[0] > 0.5 > chances[-1]


def test_each_kind_of_evidence_counts():
    """Nearness, words, and how far the best stands out; nearness never where the text cannot be read."""
    plain = likelihood([Evidence(0.3, 0.2)], Setting(300, 6, 0.3, 0.05))
    assert plain < likelihood([Evidence(0.4, 0.2)], Setting(300, 6, 0.3, 0.05))
    assert plain < likelihood([Evidence(0.3, 0.5)], Setting(300, 6, 0.3, 0.05))
    assert plain < likelihood([Evidence(0.3, 0.2)], Setting(300, 6, 0.3, 0.15))
    blind = [likelihood([Evidence(near, 0.1, read=False)], Setting(30, 6, near, 0.3)) for near in (0.0, 0.9)]
    assert blind[0] == blind[1] < 0.5
    assert 0.0 == likelihood([], Setting(30, 6, 0.0, 0.0))


def test_content_words_are_without_function_words(tiny):
    """All words count where there are no others."""
    with tiny.index.snapshot() as snapshot:
        assert ("pupils", "bus", "town") == content_words(
            snapshot, parse_query("have the pupils a bus to town")
        )
        assert ("Who", "are", "they") == content_words(snapshot, parse_query("Who are they"))
        assert ("rent", "high", "street") == content_words(snapshot, parse_query('"the high street" rent'))


@pytest.mark.parametrize(
    ("word", "languages", "expected"),
    [
        ("the", ["en"], True),
        ("What", ["en-GB"], True),
        ("school", ["en"], False),
        ("für", ["de"], True),
        ("die", ["en"], False),
        ("die", ["en", "de"], True),
        ("Schule", ["de"], False),
        ("the", ["ja"], False),  # no list is known
        ("και", ["el"], False),
    ],
)
def test_function_words(word, languages, expected):
    """By the lists of the languages named."""
    assert expected == is_function_word(word, languages)
