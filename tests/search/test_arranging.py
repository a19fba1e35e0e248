"""What the knobs of a search do to its list: diversity, the least score, the weights of fields."""

from __future__ import annotations

import contextlib

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import InputError
from semsearch.options import RankingOptions
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

TIDE = "The tide took the quay at Brill and the tide took the boats at Brill."
ARTICLES = [
    Article("near", "Tide takes the quay", TIDE),
    Article("nearly", "Tide takes the quay again", f"{TIDE} Again."),
    Article(
        "other", "A history of the moon", "How the moon makes a tide, told for children by an old teacher."
    ),
    Article("byline", "Notes on gardening", "Roses and beans want rain.", authors=("Ines Tide",)),
    Article("far", "Budget of the school", "The school spends more on books this year."),
]


@pytest.fixture
def engine(tmp_path):
    """Two articles that are nearly one, a third about the word, one by an author of that name."""
    with contextlib.closing(opened(tmp_path)) as made:
        yield made


def opened(folder, **knobs: float) -> Engine:
    """An engine over the articles."""
    settings = Settings(indexes=folder, index="news", search=RankingOptions(**knobs))
    made = Engine(settings, encoder=HashingEncoder(128))
    made.ensure()
    made.add_articles(ARTICLES)
    return made


def listed(engine: Engine, query: str = "tide", **asked) -> dict[str, float]:
    """The score of each hit, in their order."""
    hits = engine.searcher.search(SearchRequest(query=query, **asked)).hits
    return {hit.article.id: hit.score for hit in hits}


@pytest.mark.parametrize("mode", ["lexical", "hybrid", "semantic"])
def test_diversity_puts_another_article_between_two_that_are_nearly_one(engine, mode):
    """None keeps the order of scores; much of it takes the second copy behind what is new."""
    query = "the tide at Brill took the boats; moon"
    plain = [one for one in listed(engine, query, mode=mode) if one in {"near", "nearly", "other"}]
    assert plain == list(listed(engine, query, mode=mode, diversity=0.0))[: len(plain)]
    assert {"near", "nearly"} == set(plain[:2])
    spread = list(listed(engine, query, mode=mode, diversity=0.9))
    assert {"near", "nearly"} != set(spread[:2])
    assert plain[0] == spread[0]
    assert set(spread) == set(listed(engine, query, mode=mode))


@pytest.mark.parametrize("mode", ["lexical", "hybrid", "semantic"])
def test_the_least_score_keeps_what_reaches_it(engine, mode):
    """At a score itself, its article stays; a hair above, it goes; 0 keeps all and 1 what is perfect."""
    unrounded = {
        hit.article.id: hit.explain["score"]
        for hit in engine.searcher.search(SearchRequest("tide quay", mode=mode, explain=True)).hits
    }
    found = listed(engine, "tide quay", mode=mode)
    assert len(found) > 1
    assert list(found) == list(listed(engine, "tide quay", mode=mode, min_score=0.0))
    for article_id, score in unrounded.items():
        kept = listed(engine, "tide quay", mode=mode, min_score=max(score - 1e-3, 0.0))
        gone = listed(engine, "tide quay", mode=mode, min_score=min(score + 1e-3, 1.0))
        assert article_id in kept
        assert article_id not in gone
        assert all(one >= score - 2e-3 for one in kept.values())
    assert all(one >= 1.0 for one in listed(engine, "tide quay", mode=mode, min_score=1.0).values())


def test_a_score_of_exactly_the_least_is_kept(engine):
    """A text of the very words asked for scores 1, the highest bound there is."""
    engine.add_articles([Article("zebra", "zebra")])
    assert {"zebra": 1.0} == listed(engine, "zebra", mode="semantic", min_score=1.0)


@pytest.mark.parametrize("name", ["min_score", "diversity", "semantic_ratio", "recency_weight"])
@pytest.mark.parametrize("value", [-0.001, 1.001, float("nan")])
def test_knobs_lie_between_0_and_1(name, value):
    """What lies outside is refused by name."""
    with pytest.raises(InputError, match=name):
        SearchRequest("tide", **{name: value})


def test_the_weight_of_authors_moves_what_they_wrote(tmp_path):
    """Heavy, an author's name comes first; light, last; at 0 it still matches, and adds nothing."""
    scores = {}
    for weight in (0.0, 0.5, 8.0):
        with contextlib.closing(opened(tmp_path / str(weight), author_weight=weight)) as engine:
            found = listed(engine, mode="lexical")
            assert "byline" in found
            scores[weight] = (list(found).index("byline"), found["byline"])
    assert (len(scores), 0.0) == (3, scores[0.0][1])
    assert scores[0.0][0] == 3 >= scores[0.5][0] > scores[8.0][0] == 0
    assert scores[0.5][1] < scores[8.0][1]


def test_the_weight_of_titles_moves_what_they_name(tmp_path):
    """At 0 a title adds nothing to a score."""
    found = {}
    for weight in (0.0, 0.75, 4.0):
        with contextlib.closing(opened(tmp_path / str(weight), title_weight=weight)) as engine:
            found[weight] = listed(engine, "moon tide", mode="lexical")["other"]
    assert len({round(one, 3) for one in found.values()}) == 3
