"""GET /v1/suggest over a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.service.routes_suggest import SuggestAnswer
from semsearch.settings import Settings
from tests.fakes import HashingEncoder


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Two articles, one with an address that no link may carry."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    made.add_articles(
        [
            Article("a/1", "Volcano erupts", url="https://news.example/1", section="World"),
            Article("a/2", "Volcano sleeps", url="javascript:alert(1)", section="World"),
        ]
    )
    yield made
    made.close()


def test_suggests(client: TestClient) -> None:
    """Titles come with id and address, as described; a harmful address is left out."""
    body = client.get("/v1/suggest", params={"q": "vulcano", "kind": "title"}).json()
    SuggestAnswer.model_validate(body)
    assert {("a/1", "https://news.example/1", True), ("a/2", None, True)} == {
        (one["id"], one["url"], one["mended"]) for one in body["suggestions"]
    }


def test_nothing_typed(client: TestClient) -> None:
    """Without a query come the sections."""
    body = client.get("/v1/suggest").json()
    assert [("World", "section", 2)] == [(s["text"], s["kind"], s["count"]) for s in body["suggestions"]]


def test_bad_parameters(client: TestClient) -> None:
    """Unknown parameters, kinds and limits are refused by name."""
    for query, field in (("limit=0", "limit"), ("kind=colour", "kind.0"), ("query=x", "query")):
        answer = client.get(f"/v1/suggest?{query}")
        assert (422, field) == (answer.status_code, answer.json()["detail"][0]["field"])


def test_a_change_ends_what_is_kept(client: TestClient, engine: Engine) -> None:
    """An ETag holds until the index changes; a deleted title is gone at once."""
    first = client.get("/v1/suggest?q=volcano+sle")
    kept = {"If-None-Match": first.headers["ETag"]}
    assert 304 == client.get("/v1/suggest?q=volcano+sle", headers=kept).status_code
    engine.delete(["a/2"])
    after = client.get("/v1/suggest?q=volcano+sle&kind=title", headers=kept)
    assert [] == after.json()["suggestions"]


def test_did_you_mean(client: TestClient, engine: Engine) -> None:
    """A search for a mistyped word offers the right one."""
    engine.add_articles([Article("a/3", "Volcano again")])
    assert "Volcano" == client.get("/v1/search?q=volcnao").json()["did_you_mean"]
