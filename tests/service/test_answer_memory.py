"""Lists that are asked for again are remembered until anything changes, and never longer."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from semsearch.options import ServiceOptions
from semsearch.service.answer_memory import HITS_MOST, AnswerMemory
from semsearch.settings import Settings
from tests.service.conftest import Serve
from tests.service.fakes import FakeEngine, an_article

ADDRESSES = ["/v1/search?q=court&limit=3&facets=section", "/v1/articles/a-2/related"]


def told(client: TestClient, address: str) -> dict[str, object]:
    """An answer without what is each request's own."""
    answer = client.get(address)
    assert 200 == answer.status_code
    return {name: value for name, value in answer.json().items() if name not in {"request_id", "took_ms"}}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_same_list_is_made_once(client: TestClient, engine: FakeEngine, address: str) -> None:
    """The second answer is the first, but for its id and times, which are its own."""
    first, second = client.get(address), client.get(address)
    assert 1 == engine.searches
    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.json()["request_id"] != second.json()["request_id"]
    assert told(client, address) == {
        name: value for name, value in first.json().items() if name not in {"request_id", "took_ms"}
    }
    assert "encode" not in second.headers["Server-Timing"]
    assert "total" in second.headers["Server-Timing"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_change_of_the_index_asks_again(client: TestClient, engine: FakeEngine, address: str) -> None:
    """What was found before a change is no answer after it."""
    before = told(client, address)
    engine.articles = [an_article(20), *engine.articles]
    engine.change += 1
    after = told(client, address)
    assert 2 == engine.searches
    assert before["hits"] != after["hits"]


def test_other_questions_are_other_lists(client: TestClient, engine: FakeEngine) -> None:
    """Nothing of what was asked is left out of what tells lists apart."""
    for asked in ("q=court", "q=court&limit=3", "q=court&offset=1", "q=court&section=Sport", "q=football"):
        client.get(f"/v1/search?{asked}")
    assert 5 == engine.searches


def test_a_list_made_while_the_index_changed_is_not_remembered(
    client: TestClient, engine: FakeEngine
) -> None:
    """It may be of either state: going back to the first one must not bring it back."""

    def change() -> None:
        engine.change = 2

    engine.before = change
    told(client, ADDRESSES[0])
    engine.before, engine.change = lambda: None, 1
    told(client, ADDRESSES[0])
    assert 2 == engine.searches


def test_an_error_is_not_remembered(client: TestClient, engine: FakeEngine) -> None:
    """The next request tries again."""

    def fail() -> None:
        raise RuntimeError("no luck")

    engine.before = fail
    assert 500 == client.get(ADDRESSES[0]).status_code
    engine.before = lambda: None
    assert 6 == told(client, ADDRESSES[0])["total"]


def test_long_lists_are_not_remembered(client: TestClient, engine: FakeEngine) -> None:
    """Programs that take all there is, page by page, do not push out what readers ask for."""
    engine.articles = [an_article(2 * number) for number in range(HITS_MOST + 10)]
    for _ in range(2):
        told(client, f"/v1/search?q=court&limit={HITS_MOST + 1}")
    assert 2 == engine.searches
    for _ in range(2):
        told(client, f"/v1/search?q=court&limit={HITS_MOST}")
    assert 3 == engine.searches


@pytest.mark.parametrize(("most", "searches"), [(0, 4), (1, 4), (2, 2)])
def test_as_many_as_are_asked_for(engine: FakeEngine, serve: Serve, most: int, searches: int) -> None:
    """Beyond that the oldest goes; 0 remembers none."""
    client = serve(engine, settings=Settings(service=ServiceOptions(remembered_answers=most)))
    for query in ("court", "football", "court", "football"):
        told(client, f"/v1/search?q={query}")
    assert searches == engine.searches


def test_bodies_are_not_kept(engine: FakeEngine) -> None:
    """A thousand lists of long articles stay small."""
    from semsearch.search.types import SearchRequest

    memory, made = AnswerMemory(1), engine.search(SearchRequest(query="court"))
    memory.keep("tag", made)
    known = memory.known("tag")
    assert known is not None
    assert {""} == {hit.article.body for hit in known.hits}
    assert [hit.article.title for hit in made.hits] == [hit.article.title for hit in known.hits]
    assert memory.known("other") is None
