"""GET and POST /v1/search."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Duplicates, Filter, Hit
from semsearch.search.types import SearchRequest
from semsearch.service.convert import hit_answer
from semsearch.service.schemas import HitAnswer, SearchAnswer
from tests.service.fakes import ENCODER, GENERATION, FakeEngine, an_article


class TestGet:
    def test_answer(self, client: TestClient) -> None:
        """The body has the shape of the contract, and no more than the schema describes."""
        response = client.get("/v1/search", params={"q": "court", "facets": "section,author", "limit": 2})

        body = response.json()
        SearchAnswer.model_validate(body)
        assert 200 == response.status_code
        assert ["a-0", "a-2"] == [hit["id"] for hit in body["hits"]]
        assert (6, True, 2, 0) == (body["total"], body["total_is_exact"], body["limit"], body["offset"])
        assert {"section": {"Politics": 6}, "author": {"Ada Marsh": 6}} == body["facets"]
        assert {"generation": GENERATION, "encoder": f"fake/{ENCODER.fingerprint[:8]}"} == body["index"]
        assert body["fallback"] is None

    def test_every_parameter_reaches_the_engine(self, client: TestClient, engine: FakeEngine) -> None:
        """Each parameter of the contract arrives in the request, repeated ones with all values."""
        client.get(
            "/v1/search?q=x&mode=lexical&semantic_ratio=0.25&limit=3&offset=6&section=A&section=B&author=C"
            "&tag=D&language=en&source=wire&published_after=2026-01-31&published_before=2026-02-01T00:00:00Z"
            "&facets=section&facets=tag,author&sort=newest&recency_half_life=7.5&recency_weight=0.5"
            "&diversity=0.3&collapse=duplicate&min_score=0.1&exclude_ids=a-1&exclude_ids=a-2&explain=true"
        )

        where = Filter(
            ("A", "B"),
            ("C",),
            ("D",),
            ("en",),
            ("wire",),
            datetime(2026, 1, 31, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
            ("a-1", "a-2"),
        )
        wanted = SearchRequest(
            "x", "lexical", 0.25, 3, 6, where, ("section", "tag", "author"), "newest", 7.5, 0.5, 0.3,
            "duplicate", 0.1, True,
        )  # fmt: skip
        assert [wanted] == engine.asked

    def test_nothing_asked(self, client: TestClient, engine: FakeEngine) -> None:
        """Without parameters no filter is set and the defaults are those of the request."""
        assert 200 == client.get("/v1/search").status_code
        assert [SearchRequest()] == engine.asked

    def test_nothing_found(self, client: TestClient) -> None:
        """No match is an empty list, not an error."""
        body = client.get("/v1/search?q=zebra").json()
        assert ([], 0) == (body["hits"], body["total"])

    @pytest.mark.parametrize(
        ("query", "field", "words"),
        [
            ("sektion=A", "sektion", "no such parameter; did you mean 'section'?"),
            ("wholly_unknown=1", "wholly_unknown", "no such parameter"),
            ("limit=0", "limit", "give 1 or more"),
            ("limit=1001", "limit", "give 1000 or less"),
            ("limit=ten", "limit", "give a whole number"),
            ("offset=-1", "offset", "give 0 or more"),
            ("mode=fuzzy", "mode", "give one of 'hybrid', 'semantic' or 'lexical'"),
            ("semantic_ratio=nan", "semantic_ratio", "give a number that is finite"),
            ("diversity=1.5", "diversity", "give 1 or less"),
            ("recency_half_life=0", "recency_half_life", "give more than 0"),
            ("facets=section,colour", "facets.1", "give one of"),
            ("section=", "section.0", "it is empty"),
            ("published_after=yesterday", "published_after", "give an ISO 8601"),
            ("published_after=2026", "published_after", "give an ISO 8601"),
            ("published_before=0001-01-01T00:00:00%2B14:00", "published_before", "give an ISO 8601"),
            ("limit=3&limit=4", "limit", "give it once"),
            ("explain=perhaps", "explain", "give true or false"),
            ("q=" + "x" * 10_000, "q", "give at most 2000 characters"),
        ],
    )
    def test_refused(self, client: TestClient, query: str, field: str, words: str) -> None:
        """A parameter that is unknown or cannot be used is named, with what to give instead."""
        response = client.get(f"/v1/search?{query}")

        body = response.json()
        assert (422, "request_invalid") == (response.status_code, body["code"])
        assert [field] == [item["field"] for item in body["detail"]]
        assert words in body["detail"][0]["problem"]
        assert len(body["detail"][0]["value"]) <= 80
        assert len(body["message"]) < 400

    def test_page_too_deep(self, client: TestClient) -> None:
        """Values that do not fit together are refused by the engine's own words."""
        response = client.get("/v1/search?offset=9999&limit=2")
        assert (422, "query_invalid") == (response.status_code, response.json()["code"])
        assert "narrow the search" in response.json()["message"]

    @pytest.mark.parametrize(
        ("given", "moment"),
        [
            ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
            ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
            ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
            ("2026-01-31T12:00:00%2B02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
            ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),  # the plus became a space
        ],
    )
    def test_dates(self, client: TestClient, engine: FakeEngine, given: str, moment: datetime) -> None:
        """ISO dates and times are read as UTC; a plus that was not encoded is understood."""
        client.get(f"/v1/search?published_after={given}")
        assert [moment] == [request.where.published_after for request in engine.asked]

    @pytest.mark.parametrize(
        "query",
        [
            "\x00",
            "a\x00b",
            "\x01\x02\x1b[31m",
            "\u202eright to left",
            "حكم المحكمة",
            "🏳️‍🌈👩‍👩‍👧‍👦" * 50,
            "e" + "\u0301" * 500,
            '"unclosed',
            "-",
            "AND OR NOT ( ) [ ] { } ^ ~ * ? : \\ /",
            "'; DROP TABLE articles; --",
            "<script>alert(1)</script>",
            "{{7*7}}",
            "x" * 2000,
        ],
    )
    def test_hostile_query(self, client: TestClient, engine: FakeEngine, query: str) -> None:
        """Any text is only a text: it is answered, and no control character reaches the engine."""
        assert 200 == client.get("/v1/search", params={"q": query}).status_code
        request = engine.asked[0]
        assert isinstance(request, SearchRequest)
        assert (
            request.query.replace("\t", "").replace("\n", "").isprintable()
            or "\u202e" in query
            or "\u200d" in query
        )

    def test_broken_utf8(self, client: TestClient) -> None:
        """Bytes that are no UTF-8 are answered too."""
        assert 200 == client.get("/v1/search?q=%ff%fe%c3").status_code

    def test_server_timing(self, client: TestClient) -> None:
        """Server-Timing names each stage of the engine, with usable names."""
        header = client.get("/v1/search?q=court").headers["Server-Timing"]
        assert header.startswith("encode;dur=1.0, search-vectors;dur=2.0, total;dur=")

    def test_etag(self, client: TestClient, engine: FakeEngine) -> None:
        """An ETag that still holds is confirmed without searching, until the index changes."""
        first = client.get("/v1/search?q=court")
        same = client.get("/v1/search?q=court", headers={"If-None-Match": first.headers["ETag"]})
        other = client.get("/v1/search?q=football", headers={"If-None-Match": first.headers["ETag"]})
        searches = engine.searches
        engine.change += 1
        changed = client.get("/v1/search?q=court", headers={"If-None-Match": first.headers["ETag"]})

        assert [200, 304, 200, 200] == [r.status_code for r in (first, same, other, changed)]
        assert b"" == same.content
        assert 2 == searches
        assert "no-cache" == first.headers["Cache-Control"]

    def test_hit_with_everything(self) -> None:
        """Duplicates, reason and explain come out as described; a dangerous address does not."""
        article = an_article(1, url="javascript:alert(1)", image="data:text/html,x", authors=("A", "B"))
        body = hit_answer(
            Hit(article, 0.5, 1, None, Duplicates(2, ("b", "c")), "Same court case", True, {"semantic": 0.4})
        )
        HitAnswer.model_validate(body)
        assert (None, None, "A, B") == (body["url"], body["image"], body["author"])
        assert {"count": 2, "ids": ["b", "c"]} == body["duplicates"]
        assert {"semantic": 0.4} == body["explain"]


class TestPost:
    def test_same_as_get(self, client: TestClient, engine: FakeEngine) -> None:
        """A body asks what the same parameters in an address ask."""
        client.get("/v1/search?q=court&section=Politics&facets=section&published_after=2026-01-31")
        client.post(
            "/v1/search",
            json={
                "q": "court",
                "section": ["Politics"],
                "facets": ["section"],
                "published_after": "2026-01-31",
            },
        )
        assert engine.asked[0] == engine.asked[1]

    def test_empty_filter_matches_nothing(self, client: TestClient, engine: FakeEngine) -> None:
        """An empty list is not the same as no list: it matches nothing."""
        body = client.post("/v1/search", json={"section": []}).json()
        assert ([], 0) == (body["hits"], body["total"])
        assert () == engine.asked[0].where.sections

    @pytest.mark.parametrize(
        ("body", "field", "words"),
        [
            ({"limit": "10"}, "limit", "give a whole number"),
            ({"limit": True}, "limit", "give a whole number"),
            ({"q": 5}, "q", "give a text"),
            ({"section": "Politics"}, "section", "give a list"),
            ({"published_after": 1767225600}, "published_after", "give an ISO 8601"),
            ({"facets": [{}]}, "facets.0", "give one of"),
            ({"facets": ["section", 7]}, "facets.1", "give one of"),
            ({"section": [{}]}, "section.0", "give a text"),
            ({"queri": "x"}, "queri", "no such parameter"),
            ([], "body", "send a JSON object"),
            ("court", "body", "send a JSON object"),
            (None, "body", "it is missing"),
        ],
    )
    def test_refused(self, client: TestClient, body: object, field: str, words: str) -> None:
        """A body is taken strictly: no number as text, no value as list, nothing unknown."""
        response = client.post("/v1/search", json=body)
        found = response.json()
        assert (422, "request_invalid") == (response.status_code, found["code"])
        assert [field] == [item["field"] for item in found["detail"]]
        assert words in found["detail"][0]["problem"]

    @pytest.mark.parametrize("content", [b"{bad", b"", b"\xff\xfe", b'{"q": "\\ud800"', b"[" * 5000])
    def test_not_json(self, client: TestClient, content: bytes) -> None:
        """A body that is no JSON is refused in the one shape."""
        response = client.post("/v1/search", content=content, headers={"Content-Type": "application/json"})
        assert response.status_code in {400, 422}
        assert {"code", "message", "detail"} == set(response.json())

    def test_lone_surrogate(self, client: TestClient, engine: FakeEngine) -> None:
        """Half a surrogate pair, which JSON allows, never reaches the engine."""
        response = client.post(
            "/v1/search", content=b'{"q": "a\\ud800b"}', headers={"Content-Type": "application/json"}
        )
        assert (422, "q") == (response.status_code, response.json()["detail"][0]["field"])
        assert "surrogate" in response.json()["message"]
        assert [] == engine.asked

    def test_not_cached(self, client: TestClient) -> None:
        """The answer to a POST is not kept."""
        response = client.post("/v1/search", json={"q": "court"})
        assert "no-store" == response.headers["Cache-Control"]
        assert "ETag" not in response.headers
