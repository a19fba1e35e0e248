"""A query made of repetitions costs no more than one that is not, and finds what it should."""

from __future__ import annotations

import random

import pytest

from semsearch.articles import Filter
from semsearch.index.lexical_delta import _count
from semsearch.index.lexical_plan import MOST_PHRASES, MOST_USES, Alternatives, bounded, plan, ways_to_find
from semsearch.index.protocol import LexicalQuery
from tests.index.lexical_cases import index_of, made_up

STEMMERS = ("english", "german")


def ways_of_each(texts: list[str], stemmers: tuple[str, ...], analysis: int = 1) -> list[Alternatives]:
    """The bounded ways of the phrases of one query."""
    return bounded([ways_to_find(text, stemmers, analysis) for text in texts])


def places_of_terms(ways: list[tuple[tuple[str, ...], ...]]) -> dict[str, int]:
    """How often each term stands in phrases of several terms: what a search pays for."""
    found: dict[str, int] = {}
    for alternatives in ways:
        for term in {term for way in alternatives for term in way if len(way) > 1}:
            often = max(way.count(term) for way in alternatives)
            found[term] = found.get(term, 0) + often
    return found


@pytest.mark.parametrize(
    "texts",
    [
        ["漢" * 1998],
        ["a@" * 999],
        ["[b" * 999],
        ["2.a." * 400],
        ["c " * 900],
        ["d-" * times + "e" for times in range(1, 60)],
        [f"f-{number} g-{number}" for number in range(200)],
        ["漢字" * 300, "漢字" * 200 + "漢", "字漢字"],
    ],
)
@pytest.mark.parametrize("analysis", [1, 2])
def test_no_term_is_looked_for_many_times(texts, analysis):
    """However a query repeats a term, its phrases hold it at a bounded number of places."""
    ways = ways_of_each(texts, STEMMERS, analysis)
    assert len(texts) == len(ways)
    assert all(way for alternatives in ways for way in alternatives)
    assert MOST_USES >= max(places_of_terms(ways).values(), default=0)
    assert MOST_PHRASES >= sum(any(len(way) > 1 for way in alternatives) for alternatives in ways)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the man who shot the man", ("the", "man", "who", "shot", "the", "man")),
        ("Covid-19", ("covid", "19")),
        ("ha ha ha", ("ha", "ha", "ha")),
        ("ha ha ha ha ha ha", ("ha", "ha", "ha", "ha")),
    ],
)
def test_phrases_that_people_write_are_whole(text, expected):
    """Only a term's fifth place ends a phrase."""
    assert [(expected,)] == ways_of_each([text], ("english",))


def test_the_phrases_of_one_query_share_the_bound():
    """What is asked for and what is excluded count together."""
    query = LexicalQuery(("x",), phrases=("one two one", "two one"), excluded=("one one one",))
    made = plan(query, ("",), 1)
    assert ((("one", "two", "one"),), (("two", "one"),)) == made.phrases
    assert ((("one",),),) == made.excluded


@pytest.mark.parametrize("seed", range(4))
def test_occurrences_are_counted_as_one_looks_at_every_place(seed):
    """The fast count is that of the plainest one, overlaps included (oracle)."""
    chance = random.Random(seed)
    for _ in range(3_000):
        wanted = "".join(chance.choices("ab", k=chance.randint(1, 8)))
        stream = "".join(chance.choices("ab", k=chance.randint(0, 40)))
        stream = wanted[: chance.randint(1, len(wanted))] * chance.randint(0, 9) + stream + wanted
        expected = sum(stream.startswith(wanted, at) for at in range(len(stream)))
        assert expected == _count(stream, wanted), (stream, wanted)


class Looked(str):
    """A text that counts how often it is searched."""

    calls = 0

    def find(self, *args: object) -> int:
        """Count, then search."""
        Looked.calls += 1
        return super().find(*args)  # type: ignore[arg-type]


def test_a_text_of_one_term_is_searched_a_few_times():
    """A hundred thousand occurrences that overlap are one run, not a hundred thousand finds."""
    Looked.calls = 0
    assert 99_998 == _count(Looked("a" * 100_000), "aaa")
    assert 4 > Looked.calls


@pytest.mark.parametrize("late", [0, 120, 300])
def test_any_of_several_phrases(tmp_path, late):
    """Rows that hold one of some phrases are those that hold the first, or the second, and so on."""
    index = index_of(tmp_path, made_up(300), late=late)
    phrases = ("north korea", "said the", "goal", "zyxq of", "the the the the the the the")
    each = [set(index.rows(LexicalQuery(phrases=(one,)), where=Filter()).tolist()) for one in phrases]
    found = index.rows(LexicalQuery(phrases=phrases, any_phrase=True), where=Filter())
    assert set.union(*each) == set(found.tolist())
    assert sorted(set(found.tolist())) == found.tolist()
