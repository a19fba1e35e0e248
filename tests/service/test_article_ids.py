"""Ids in addresses on the real server: changed by proxies, torn, not UTF-8, with a slash too many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service.article_ids import mended, spellings
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.real_server import ask, serving
from tests.service.test_parsing import answers, said

BRIDGE = "https://valley.example/2026/bridge-opens/"
QUERY = "https://valley.example/read?nr=4&page=1"
HALF = "https://valley.example/half-100%25-full/"
SMALL = "https://valley.example/%d9%85/"
BOTH = "https:/both.example/x"
IDS = (BRIDGE, QUERY, HALF, SMALL, BOTH, "https://both.example/x", "plain", "a/related", "100%", "100%25")


class Served(NamedTuple):
    """A server over a real index."""

    port: int
    engine: Engine
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of a request with a key of scope write."""
        status, _, text = ask(self.port, method, path, body, {"Authorization": f"Bearer {self.key}"})
        return status, json.loads(text) if text else None


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server over one article by each id."""
    settings = Settings(indexes=tmp_path / "indexes")
    engine = Engine(settings, encoder=HashingEncoder())
    engine.add_articles(
        [Article(id=one, title=f"The bridge, told {n}", body="A bridge opened.") for n, one in enumerate(IDS)]
    )
    key = KeyFile(settings.indexes).create("write")[1]
    with serving(settings, engine) as port:
        yield Served(port, engine, key)
    engine.close()


CHANGED = {
    "https:/valley.example/2026/bridge-opens/": BRIDGE,
    "https:/valley.example/2026/bridge-opens": BRIDGE,
    quote(quote(BRIDGE, safe=""), safe=""): BRIDGE,
    "https:/valley.example/read%3Fnr=4&page=1": QUERY,
    "https:/valley.example/half-100%25-full/": HALF,
    "https:/valley.example/half-100%2525-full": HALF,
    "https:/valley.example/%d9%85": SMALL,
    BOTH: BOTH,
    "https://both.example/x": "https://both.example/x",
    "100%25": "100%",
    "100%2525": "100%25",
}


class TestReading:
    @pytest.mark.parametrize(("written", "meant"), CHANGED.items())
    def test_by_another_spelling(self, served: Served, written: str, meant: str) -> None:
        """Every route that reads an article by its id finds it; one that has exactly the id goes first."""
        status, article = served.ask("GET", f"/v1/articles/{written}")
        assert (200, meant) == (status, article.get("id"))
        assert served.ask("GET", f"/v1/articles/{written}/related")[1]["fallback"] is None
        assert b"<aside" in ask(served.port, "GET", f"/v1/articles/{written}/related.html")[2]
        title = f"told {IDS.index(meant)}<".encode()
        assert title in ask(served.port, "GET", f"/articles/{written}")[2]
        assert 200 == ask(served.port, "HEAD", f"/articles/{written}")[0]
        status, story = served.ask("GET", f"/v1/editor/stories/{written}")
        assert 200 == status
        assert meant in {one["id"] for one in story["articles"]}

    def test_unknown_in_every_spelling(self, served: Served) -> None:
        """It is told by the id that was asked for."""
        status, body = served.ask("GET", "/v1/articles/https:/valley.example/none")
        assert (404, "article_not_found") == (status, body["code"])
        assert "'https:/valley.example/none'" in body["message"]

    def test_what_readers_may_not_see(self, served: Served) -> None:
        """Another spelling opens nothing that the right one does not."""
        served.engine.add_articles(
            [Article(id="https://valley.example/secret", title="To come", status="draft")]
        )
        path = "/v1/articles/https:/valley.example/secret"
        assert 404 == ask(served.port, "GET", path)[0]
        status, article = served.ask("GET", path)
        assert (200, False) == (status, article["visible"])

    def test_torn_at_its_question_mark(self, served: Served) -> None:
        """An id that was not encoded has its end in the query: its list all the same, with its options."""
        path = "/v1/articles/https:/valley.example/read?nr=4&page=1"
        for end, most in (("/related", 5), ("/related?limit=2", 2)):
            found = served.ask("GET", path + end)[1]
            assert (None, most) == (found["fallback"], len(found["hits"]))
            assert QUERY not in {hit["id"] for hit in found["hits"]}
        assert 2 == ask(served.port, "GET", path + "/related.html?limit=2")[2].count(b"<li")
        assert b"" == ask(served.port, "GET", "/v1/articles/none?nr=4/related.html")[2]
        sent = f"GET {path}#top/related.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert said(served.port, sent.encode()).endswith(b"\r\n\r\n")


class TestWriting:
    def test_put_and_delete_give_back_the_slash(self, served: Served) -> None:
        """They write the article that was meant, and never a second one."""
        record = {"title": "The bridge, again", "body": "It opened."}
        status, body = served.ask("PUT", "/v1/articles/https:/valley.example/2026/bridge-opens/", record)
        assert (200, "updated", BRIDGE) == (status, body["outcome"], body["id"])
        status, body = served.ask(
            "PUT", "/v1/articles/http:/new.example/a", {"id": "http://new.example/a"} | record
        )
        assert (201, "http://new.example/a") == (status, body["id"])
        status, body = served.ask("DELETE", "/v1/articles/http:/new.example/a")
        assert (200, "http://new.example/a") == (status, body["id"])
        assert 404 == served.ask("DELETE", "/v1/articles/http:/new.example/a")[0]

    def test_nothing_else_is_guessed(self, served: Served) -> None:
        """Exactly this id goes first, and neither codes nor slashes at the end are changed."""
        for written, meant in (
            ("https:/both.example/x", BOTH),
            ("100%2525", "100%25"),
            ("100%25", "100%"),
            ("https:/valley.example/2026/bridge-opens", BRIDGE.rstrip("/")),
            ("file:/srv/a", "file:/srv/a"),
        ):
            assert meant == served.ask("PUT", f"/v1/articles/{written}", {"title": f"New {written}"})[1]["id"]
        assert 404 == served.ask("DELETE", "/v1/articles/https:/valley.example/read")[0]


class TestNotUtf8:
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    @pytest.mark.parametrize("route", ["articles", "rules", "saved-searches"])
    def test_is_refused(self, served: Served, method: str, route: str) -> None:
        """Two ids that are not UTF-8 would become one: 422, with what to do."""
        for written in ("caf%E9", "caf%E8", "x%ff%FEy", "%C3", "a/%ED%A0%80"):
            status, body = served.ask(
                method, f"/v1/{route}/{written}", {"title": "Coffee"} if method == "PUT" else None
            )
            assert (422, "address_invalid") == (status, body["code"])
            assert "percent-encode ids as UTF-8" in body["message"]
        assert 404 == served.ask("GET", "/v1/articles/caf%EF%BF%BD")[0]

    def test_in_lists_and_pages(self, served: Served) -> None:
        """Lists as JSON say so too; those that are included are empty; pages know no such article."""
        assert 422 == served.ask("GET", "/v1/articles/caf%E9/related")[0]
        assert 422 == served.ask("GET", "/v1/editor/stories/caf%E9")[0]
        status, _, body = ask(served.port, "GET", "/v1/articles/caf%E9/related.html")
        assert (422, b"") == (status, body)
        assert 404 == ask(served.port, "GET", "/articles/caf%E9")[0]

    def test_as_it_stands(self, served: Served) -> None:
        """Bytes that nobody encoded are told alike."""
        sent = b"GET /v1/articles/caf\xe9 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert [422] == answers(said(served.port, sent))


class TestOnePart:
    @pytest.mark.parametrize("written", ["a%2Fb", "a%2fhistory", "%2F", "a%252Fb"])
    def test_a_slash_in_the_id_of_a_rule_or_search(self, served: Served, written: str) -> None:
        """It cannot be part of one: 422 with what to give; there is nothing by it."""
        rule = {"action": "hide", "articles": ["plain"], "query": "bridge"}
        search = {"name": "Bridges", "meaning": "bridges"}
        for route, body in (("rules", rule), ("saved-searches", search)):
            status, answer = served.ask("PUT", f"/v1/{route}/{written}", body)
            assert 422 == status, answer
            assert "letters, digits" in answer["message"]
            assert 404 == served.ask("GET", f"/v1/{route}/{written}")[0]
            assert 404 == served.ask("DELETE", f"/v1/{route}/{written}")[0]


ERRORS = {
    "wrong options": ("/v1/articles/plain/related.html?limit=none", {}, 422),
    "unknown options": ("/v1/articles/plain/related.html?nr=1", {}, 422),
    "an id too long": ("/v1/articles/" + "x" * 1200 + "/related.html", {}, 422),
    "too many options": ("/v1/articles/plain/related.html?" + "tag=a&" * 2100, {}, 422),
    "an unknown host": ("/v1/articles/plain/related.html", {"Host": "other.example"}, 421),
    "too much of a head": ("/v1/articles/plain/related.html", {"X-Long": "x" * 140_000}, 431),
}


class TestIncluded:
    @pytest.mark.parametrize(("path", "headers", "expected"), ERRORS.values(), ids=ERRORS)
    def test_errors_have_no_text(
        self, tmp_path: Path, path: str, headers: dict[str, str], expected: int
    ) -> None:
        """Whatever goes wrong, a page that includes the list shows nothing of it."""
        options = ServiceOptions(allowed_hosts=("127.0.0.1",))
        settings = Settings(indexes=tmp_path, service=options)
        with closing(Engine(settings, encoder=HashingEncoder())) as engine:
            engine.add_articles([Article(id="plain", title="A bridge")])
            with serving(settings, engine) as port:
                status, told, body = ask(port, "GET", path, headers=headers)
                assert (expected, b"", "0") == (status, body, told["content-length"])
                assert "text/html; charset=utf-8" == told["content-type"]

    def test_a_key_that_is_missing(self, tmp_path: Path) -> None:
        """Nor of 401; and another method gets its error in full."""
        settings = Settings(indexes=tmp_path, service=ServiceOptions(require_key=True))
        with closing(Engine(settings, encoder=HashingEncoder())) as engine:
            engine.add_articles([Article(id="plain", title="A bridge")])
            with serving(settings, engine) as port:
                assert (401, b"") == ask(port, "GET", "/v1/articles/plain/related.html")[::2]
                status, _, body = ask(port, "PUT", "/v1/articles/plain/related.html", {})
                assert (401, "key_missing") == (status, json.loads(body)["code"])


def test_spellings() -> None:
    """Each once, never the id itself, and none where there is no other."""
    assert [] == list(spellings("a-17"))
    assert ["https://x/a", "https://x/a/"] == list(spellings("https:/x/a"))
    assert "https://x/of/http://y/" in list(spellings("https:/x/of/http:/y"))
    found = list(spellings("https:/x/é%20"))
    assert len(found) == len(set(found)) <= 12


def test_mended() -> None:
    """Only of an id whose end is a list's, and never one whose path is whole."""
    assert (b"/v1/articles/n%3Fa=1/related.html", b"limit=2") == mended(
        b"/v1/articles/n", b"a=1/related.html?limit=2"
    )
    assert mended(b"/v1/articles/n/related", b"exclude_ids=a/related") is None
    assert mended(b"/v1/articles/n", b"a=1") is None
    assert mended(b"/v1/search", b"q=/related") is None
