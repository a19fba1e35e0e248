"""GET /v1/articles/{id}, GET /v1/articles/{id}/related, POST /v1/related."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Filter
from semsearch.errors import EncoderUnavailable, IndexCorrupt, IndexNotFound, SemsearchError, StorageFailed
from semsearch.search.types import RelatedRequest
from semsearch.service.schemas import ArticleAnswer, SearchAnswer
from semsearch.settings import Settings
from tests.service.conftest import Serve, raw_get
from tests.service.fakes import FakeEngine, an_article

ODD_IDS = [
    "a/b",
    "a b",
    "a%2Fb",
    "ä☃",
    "a?b#c",
    "/lead",
    "end/",
    "a//b",
    "..",
    "a/../b",
    "related",
    "x/related",
    "+&=",
    "a;b",
]


class TestArticle:
    def test_answer(self, client: TestClient) -> None:
        """A stored article is shown whole."""
        response = client.get("/v1/articles/a-2")
        body = response.json()
        ArticleAnswer.model_validate(body)
        assert 200 == response.status_code
        assert ("a-2", "Court ruling 2", "The judge spoke.\n\nA second paragraph.") == (
            body["id"],
            body["title"],
            body["body"],
        )
        assert "2026-01-03T12:00:00Z" == body["published_at"]

    def test_missing(self, client: TestClient) -> None:
        """An unknown id is 404 in the one shape."""
        response = client.get("/v1/articles/nope")
        assert (404, "article_not_found") == (response.status_code, response.json()["code"])

    @pytest.mark.parametrize("article_id", ODD_IDS)
    def test_odd_ids(self, serve: Serve, article_id: str) -> None:
        """Any id works in a path when it is percent-encoded, and so does its related list."""
        client = serve(FakeEngine([an_article(1, id=article_id), an_article(2)]))
        path = f"/v1/articles/{quote(article_id, safe='')}"
        assert article_id == raw_get(client, path)["id"]
        assert ["a-2"] == [hit["id"] for hit in raw_get(client, f"{path}/related")["hits"]]

    def test_plain_slash(self, serve: Serve) -> None:
        """A slash in an id may also come as it is."""
        client = serve(FakeEngine([an_article(1, id="2026/01/a")]))
        assert "2026/01/a" == client.get("/v1/articles/2026/01/a").json()["id"]

    def test_etag(self, client: TestClient, engine: FakeEngine) -> None:
        """An article is confirmed until the index changes, and gone when it is deleted."""
        tag = {"If-None-Match": client.get("/v1/articles/a-2").headers["ETag"]}
        assert 304 == client.get("/v1/articles/a-2", headers=tag).status_code
        assert 200 == client.get("/v1/articles/a-3", headers=tag).status_code
        engine.change += 1
        assert 200 == client.get("/v1/articles/a-2", headers=tag).status_code
        engine.articles = []
        assert 404 == client.get("/v1/articles/a-2", headers=tag).status_code

    def test_extra_that_json_cannot_write(self, serve: Serve) -> None:
        """Values that JSON has no word for are written as text, not as an error."""
        extra = {"when": datetime(2026, 1, 1, tzinfo=UTC), "half": "\ud800", "nothing": float("nan")}
        client = serve(FakeEngine([an_article(1, extra=extra)]))
        response = client.get("/v1/articles/a-1")
        assert 200 == response.status_code
        assert {"when": "2026-01-01T00:00:00Z", "half": "?", "nothing": None} == response.json()["extra"]


class TestRelated:
    def test_answer(self, client: TestClient) -> None:
        """The list has the shape of a search and never holds the article itself."""
        response = client.get("/v1/articles/a-2/related?limit=3")
        body = response.json()
        SearchAnswer.model_validate(body)
        assert (200, 3) == (response.status_code, len(body["hits"]))
        assert "a-2" not in [hit["id"] for hit in body["hits"]]
        assert body["fallback"] is None

    def test_every_parameter_reaches_the_engine(self, client: TestClient, engine: FakeEngine) -> None:
        """Each parameter of the contract arrives in the request."""
        client.get(
            "/v1/articles/a-2/related?limit=3&window=past&fallback=section&exclude_ids=a-1&exclude_ids=a-3"
            "&section=Sport&author=A&tag=T&language=en&source=S&diversity=0.5&explain=true"
        )
        where = Filter(("Sport",), ("A",), ("T",), ("en",), ("S",), exclude_ids=("a-1", "a-3"))
        wanted = RelatedRequest("a-2", None, (), (), 3, "past", where, "section", 0.5, True)
        assert [wanted] == engine.asked

    def test_missing_article(self, client: TestClient) -> None:
        """A missing article gives other articles and says so."""
        response = client.get("/v1/articles/nope/related?limit=2")
        body = response.json()
        assert (200, 2) == (response.status_code, len(body["hits"]))
        assert {"kind": "recent", "reason": "article_missing", "filled": 2} == body["fallback"]

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (IndexNotFound("no index"), "index_not_ready"),
            (IndexCorrupt("/secret/path is damaged"), "index_not_ready"),
            (EncoderUnavailable("no model"), "index_not_ready"),
            (StorageFailed("disk"), "index_not_ready"),
            (SemsearchError("odd"), "failed"),
            (RuntimeError("bug"), "failed"),
            (KeyError("bug"), "failed"),
            (MemoryError(), "failed"),
        ],
    )
    def test_never_fails(self, client: TestClient, engine: FakeEngine, error: Exception, reason: str) -> None:
        """Whatever goes wrong inside, the answer is 200, empty, with a note, and not kept by caches."""

        def fail() -> None:
            raise error

        engine.before = fail
        for response in (
            client.get("/v1/articles/a-2/related"),
            client.post("/v1/related", json={"text": "court"}),
        ):
            body = response.json()
            SearchAnswer.model_validate(body)
            assert (200, []) == (response.status_code, body["hits"])
            assert {"kind": "none", "reason": reason, "filled": 0} == body["fallback"]
            assert "no-store" == response.headers["Cache-Control"]
            assert "secret" not in response.text

    def test_bad_parameter(self, client: TestClient) -> None:
        """A wrong parameter is the page builder's mistake and is said."""
        response = client.get("/v1/articles/a-2/related?windows=past")
        assert (422, "windows") == (response.status_code, response.json()["detail"][0]["field"])

    def test_cache(self, serve: Serve, engine: FakeEngine) -> None:
        """Pages may keep a list for as long as the setting says; 0 makes them ask each time."""
        kept = serve(engine).get("/v1/articles/a-2/related")
        assert "public, max-age=60, stale-while-revalidate=60" == kept.headers["Cache-Control"]
        tag = {"If-None-Match": kept.headers["ETag"]}
        again = serve(engine).get("/v1/articles/a-2/related", headers=tag)
        assert (304, kept.headers["Cache-Control"]) == (again.status_code, again.headers["Cache-Control"])

        settings = Settings()
        settings = type(settings)(service=type(settings.service)(related_cache_seconds=0))
        response = serve(engine, settings=settings).get("/v1/articles/a-2/related")
        assert "no-cache" == response.headers["Cache-Control"]


class TestRelatedByBody:
    @pytest.mark.parametrize(
        ("body", "wanted"),
        [
            ({"text": "a draft"}, RelatedRequest(text="a draft")),
            ({"id": "a/1", "limit": 2}, RelatedRequest(article_id="a/1", limit=2)),
            (
                {"positive": ["a", "b"], "negative": ["c"]},
                RelatedRequest(positive=("a", "b"), negative=("c",)),
            ),
        ],
    )
    def test_asked(
        self, client: TestClient, engine: FakeEngine, body: dict[str, object], wanted: RelatedRequest
    ) -> None:
        """A text, an article or several articles may be given."""
        assert 200 == client.post("/v1/related", json=body).status_code
        assert [wanted] == engine.asked

    @pytest.mark.parametrize("body", [{}, {"text": "x", "id": "a"}, {"positive": []}, {"negative": ["a"]}])
    def test_exactly_one(self, client: TestClient, body: dict[str, object]) -> None:
        """None of them, or two of them, is refused."""
        response = client.post("/v1/related", json=body)
        assert (422, "query_invalid") == (response.status_code, response.json()["code"])

    def test_text_too_long(self, client: TestClient) -> None:
        """A text beyond the bound is refused by name."""
        response = client.post("/v1/related", json={"text": "x" * 1_000_001})
        assert (422, "text") == (response.status_code, response.json()["detail"][0]["field"])
        assert len(response.content) < 500
