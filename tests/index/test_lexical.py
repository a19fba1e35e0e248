"""Searching by words: base and delta against plain oracles."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from semsearch.articles import Filter
from semsearch.errors import SettingsInvalid
from semsearch.index.lexical import LexicalDocument, LexicalIndex, LexicalWeights
from semsearch.index.protocol import LexicalQuery
from tests.index.lexical_cases import Oracle, base_of, index_of, made_up

DOCS = made_up(150)
DEAD = np.array([3, 40, 77, 101, 149])
QUERIES = {
    "a word": LexicalQuery(("senate",)),
    "words": LexicalQuery(("senate", "ruling", "virus", "the")),
    "common words": LexicalQuery(("the", "of", "and")),
    "inflected words": LexicalQuery(("Rulings", "VACCINES", "strikes")),
    "a phrase": LexicalQuery(phrases=("North Korea",)),
    "a phrase of one": LexicalQuery(phrases=("korea",)),
    "a phrase that overlaps itself": LexicalQuery(phrases=("north korea north korea",)),
    "a common phrase": LexicalQuery(phrases=("said the",)),
    "two phrases": LexicalQuery(phrases=("north korea", "of the")),
    "words and a phrase": LexicalQuery(("missile", "bank"), ("north korea",)),
    "an excluded word": LexicalQuery(("missile", "bank"), excluded=("goal",)),
    "an excluded phrase": LexicalQuery(("missile", "korea"), excluded=("north korea",)),
    "an author": LexicalQuery(("Doe",)),
    "an author's whole name": LexicalQuery(phrases=("jane doe",)),
    "two authors run together": LexicalQuery(phrases=("doe john",)),
    "an unknown word": LexicalQuery(("zyxq",)),
    "an unknown phrase": LexicalQuery(("senate",), ("zyxq korea",)),
    "a phrase of punctuation": LexicalQuery(("senate",), ("!?",), ("...",)),
    "a joined form": LexicalQuery(("wifi",)),
    "a word with a hyphen": LexicalQuery(("wi-fi", "senate")),
    "a tag": LexicalQuery(("#CourtRuling",)),
    "a word that a text answers to": LexicalQuery(("virus",)),
    "a joined phrase": LexicalQuery(phrases=("wi-fi",)),
    "an excluded word with a hyphen": LexicalQuery(("senate",), excluded=("wi-fi",)),
    "a quoted word": LexicalQuery(phrases=("ruling",), quoted=frozenset({"ruling"})),
    "a quoted word and its other form": LexicalQuery(phrases=("Rulings",), quoted=frozenset({"Rulings"})),
    "a quoted phrase": LexicalQuery(("bank",), ("north korea",), quoted=frozenset({"north korea"})),
    "an excluded quoted word": LexicalQuery(("court",), excluded=("bank",), quoted=frozenset({"bank"})),
    "exclusions alone": LexicalQuery(excluded=("senate",)),
    "nothing": LexicalQuery(),
}
FILTERS = {
    "none": Filter(),
    "section": Filter(sections=("WORLD",)),
    "two sections": Filter(sections=("world", "sport", "no such")),
    "author": Filter(authors=("jane DOE",)),
    "tags and source": Filter(tags=("eu", "asia"), sources=("wire",)),
    "language": Filter(languages=("EN", "en-gb")),
    "unknown value": Filter(sections=("no such",)),
    "empty": Filter(tags=()),
    "after": Filter(published_after=datetime(1970, 1, 1, 0, 5, tzinfo=UTC)),
    "before": Filter(published_before=datetime(1970, 1, 1, 0, 5, tzinfo=UTC)),
    "between": Filter(
        published_after=datetime(1970, 1, 1, 0, 1, 0, 500_000, tzinfo=UTC),
        published_before=datetime(1970, 1, 1, 0, 11, tzinfo=UTC),
    ),
    "excluded ids": Filter(exclude_ids=("id5", "id60", "id148", "no such")),
    "several": Filter(sections=("world",), published_before=datetime(1970, 1, 2, tzinfo=UTC)),
}


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """The plain index of all articles."""
    return Oracle(DOCS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> LexicalIndex:
    """All articles in the base."""
    return index_of(tmp_path_factory.mktemp("whole"), DOCS)


@pytest.fixture(scope="module")
def split(tmp_path_factory) -> LexicalIndex:
    """The last third in the delta."""
    return index_of(tmp_path_factory.mktemp("split"), DOCS, late=50)


@pytest.fixture(scope="module")
def late(tmp_path_factory) -> LexicalIndex:
    """An empty base: all in the delta."""
    return index_of(tmp_path_factory.mktemp("late"), DOCS, late=150)


@pytest.fixture(params=["whole", "split", "late"])
def index(request) -> LexicalIndex:
    """Each of the three."""
    return request.getfixturevalue(request.param)


def found_by(index: LexicalIndex, query: LexicalQuery, **knobs) -> dict[int, float]:
    """Score by row of all that match."""
    found = index.search(query, limit=1000, **knobs)
    assert found.exact
    assert len(found.rows) == found.total == len(found.passages) == len(found.scores)
    assert sorted(found.scores, reverse=True) == found.scores.tolist()
    return dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_matches_and_scores_are_those_of_plain_bm25(whole, oracle, query):
    """The base gives the oracle's matches, and its scores but for lengths over 40, kept in one byte."""
    expected = oracle.search(query, dead=DEAD)
    assert expected == pytest.approx(found_by(whole, query, dead=DEAD), rel=0.04)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_delta_alone_scores_as_a_base(whole, late, query):
    """An empty base with everything in the delta gives the scores of one base."""
    assert found_by(whole, query) == pytest.approx(found_by(late, query), rel=1e-5)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_base_and_delta_are_as_one_base(whole, split, query):
    """Two thirds in the base and one in the delta: same matches; scores apart by the average lengths only."""
    assert found_by(whole, query) == pytest.approx(found_by(split, query), rel=0.06)


@pytest.mark.parametrize("where", FILTERS.values(), ids=FILTERS)
def test_filters_take_away_and_never_change_scores(index, oracle, where):
    """What passes a filter is what passes by its definition, with the score that it has without one."""
    query = LexicalQuery(("korea", "the", "doe"), excluded=("goal",))
    allowed = oracle.search(query, where, DEAD)
    unfiltered = found_by(index, query)
    expected = {row: unfiltered[row] for row in allowed}
    assert expected == pytest.approx(found_by(index, query, where=where, dead=DEAD), rel=1e-6)
    assert sorted(allowed) == index.rows(query, where=where, dead=DEAD).tolist()


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_rows_and_scores_agree_with_the_search(index, query):
    """All rows ascending; the score of any row, in the order asked, repeated or not, 0 where none."""
    found = found_by(index, query)
    assert sorted(found) == index.rows(query).tolist()
    asked = np.array([149, 0, 70, 70, 12, 120, 3])
    assert [found.get(row, 0.0) for row in asked.tolist()] == pytest.approx(
        index.scores(query, asked).tolist(), rel=1e-6
    )


@pytest.mark.parametrize("where", [Filter(), FILTERS["section"], FILTERS["empty"]], ids=["all", "some", "no"])
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_title_rows_are_those_whose_title_holds_all(index, oracle, query, where):
    """Every word and phrase, in base and delta; nothing where there are more than asked for."""
    expected = oracle.titled(query, where, DEAD)
    assert expected == index.title_rows(query, most=150, where=where, dead=DEAD).tolist()
    few = index.title_rows(query, most=2, where=where, dead=DEAD).tolist()
    assert (expected if len(expected) <= 2 else []) == few


def test_scores_of_no_rows_are_none(index):
    """Asking for the scores of no rows gives none."""
    assert [] == index.scores(QUERIES["words"], np.empty(0, np.int64)).tolist()


def test_a_shorter_list_is_the_head_of_a_longer_one(index):
    """Any limit gives the head of the whole ranking and the same total."""
    query = QUERIES["words"]
    everything = index.search(query, limit=1000)
    for limit in (1, 2, 9, 50):
        found = index.search(query, limit=limit)
        assert everything.rows[:limit].tolist() == found.rows.tolist()
        assert everything.total == found.total


def test_equal_scores_stand_by_row(tmp_path):
    """Articles of one text rank by row, in base and delta together."""
    docs = [LexicalDocument(f"id{number}", "Senate votes", "One text.") for number in range(6)]
    found = index_of(tmp_path, docs, late=3).search(LexicalQuery(("senate",)), limit=10)
    assert [0, 1, 2, 3, 4, 5] == found.rows.tolist()
    assert found.scores.tolist() == pytest.approx([found.scores[0]] * 6)


def test_the_same_text_scores_the_same_in_base_and_delta(tmp_path):
    """A copy that is added later scores as the old one, whatever else came in."""
    docs = [*made_up(30), *made_up(30, seed=8), replace(DOCS[1], article_id="copy")]
    index = index_of(tmp_path, [DOCS[1], *docs], late=40)
    scores = index.scores(LexicalQuery(("senate", "court", "the")), np.array([0, 61]))
    assert scores[0] > 0
    assert scores[0] == pytest.approx(scores[1], rel=1e-5)


def test_later_rows_are_invisible_to_an_older_snapshot(split):
    """A search with a bound gives what it gave before the rows beyond it were appended."""
    query, upto = QUERIES["words"], 120
    bounded = found_by(split, query, upto=upto)
    assert max(bounded) < upto < max(found_by(split, query))
    assert sorted(bounded) == split.rows(query, upto=upto).tolist()


def test_a_bound_gives_the_scores_of_the_index_as_it_was(tmp_path):
    """Statistics, too, are those of the snapshot: appending changes nothing for an older one."""
    index = index_of(tmp_path, DOCS[:120], late=60)
    before = [index.search(query, limit=1000) for query in QUERIES.values()]
    frequencies = index.document_frequency(["korea"])
    ideal = index.ideal(QUERIES["words"])
    for row in range(120, 150):
        index.append(row, DOCS[row])
    after = [index.search(query, limit=1000, upto=120) for query in QUERIES.values()]
    for expected, found in zip(before, after, strict=True):
        assert expected.rows.tolist() == found.rows.tolist()
        assert expected.scores.tolist() == found.scores.tolist()
    assert frequencies == index.document_frequency(["korea"], upto=120)
    assert ideal == index.ideal(QUERIES["words"], upto=120)


def test_searches_on_old_snapshots_go_on_while_rows_are_appended(tmp_path):
    """Threads that search with a bound see one unchanged list while another thread appends."""
    index = index_of(tmp_path, DOCS[:100], late=50)
    query = LexicalQuery(("korea", "the"), excluded=("goal",))
    phrase = LexicalQuery(phrases=("north korea",))
    expected = [index.search(one, limit=1000, upto=100).rows.tolist() for one in (query, phrase)]
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                found = [index.search(one, limit=1000, upto=100).rows.tolist() for one in (query, phrase)]
                if found != expected:
                    wrong.append(found)
        except Exception as exc:  # noqa: BLE001 - the test reports it
            wrong.append(exc)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for row, doc in enumerate(made_up(300, seed=9), start=100):
        index.append(row, doc)
    stop.set()
    for reader in readers:
        reader.join()
    assert [] == wrong
    together = index_of(tmp_path / "together", [*DOCS[:100], *made_up(300, seed=9)])
    assert together.rows(query).tolist() == index.rows(query).tolist()


def test_weights_change_scores_and_never_matches(index, oracle):
    """Weights are factors of the fields' scores; 0 leaves the matches as they are."""
    query = LexicalQuery(("senate", "doe"), ("the",))
    for weights in (LexicalWeights(title=0, body=1, author=0), LexicalWeights(title=5, body=0.5, author=3)):
        expected = oracle.search(query, weights=weights)
        assert expected == pytest.approx(found_by(index, query, weights=weights), rel=0.08, abs=1e-6)


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_a_weight_must_be_a_number_from_0(weight):
    """A weight that is negative or no number is refused by name."""
    with pytest.raises(SettingsInvalid, match="'title'"):
        LexicalWeights(title=weight)


def test_the_ideal_is_never_passed_except_by_an_author(index):
    """The ideal bounds every score of a query about words, grows by unknown words, and is 0 for nothing."""
    for query in QUERIES.values():
        if "doe" not in str(query).lower():
            best = max(found_by(index, query).values(), default=0.0)
            assert index.ideal(query) >= best
    assert 0 == index.ideal(LexicalQuery())
    assert index.ideal(LexicalQuery(("senate", "zyxq"))) > index.ideal(LexicalQuery(("senate",)))


def test_document_frequency_counts_articles_once(index, oracle):
    """A word counts once an article, whatever the field; forms of one word count as one; phrases too."""
    words = ["korea", "Doe", "rulings", "zyxq", "!", "north-korea"]
    asked = [LexicalQuery(phrases=(word,)) for word in words]
    expected = [len(oracle.search(query)) for query in asked]
    assert expected == index.document_frequency(words)


def test_terms_with_prefix_are_the_most_frequent_of_base_and_delta(index, oracle):
    """The vocabulary of a field can be walked by prefix, with exact counts."""
    counts = {
        term: sum(term in fields["body"][0] for fields in oracle.fields)
        for term in ("strike", "said", "senat")
    }
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    assert expected == index.terms_with_prefix("body", "s", limit=9)
    assert [] == index.terms_with_prefix("body", "zyxq", limit=9)


def test_stop_words_alone_find_something(tmp_path):
    """A query of nothing but very common words finds the article that says it."""
    docs = [
        LexicalDocument("a", "Hamlet", "To be, or not to be."),
        LexicalDocument("b", "Rates", "Up again."),
    ]
    index = LexicalIndex(base_of(tmp_path, docs))
    words = LexicalQuery(("to", "be", "or", "not", "to", "be"))
    assert [0] == index.search(words, limit=10).rows.tolist()
    assert [0] == index.rows(LexicalQuery(phrases=("to be or not to be",))).tolist()
