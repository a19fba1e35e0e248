"""The related list as HTML for inclusion on a server, and the script of the widget."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.errors import IndexCorrupt
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.service.conftest import Serve
from tests.service.fakes import FakeEngine, an_article
from tests.service.test_pages import NASTY, Tags

PATH = "/v1/articles/a-2/related.html"


class TestFragment:
    def test_shown(self, client: TestClient) -> None:
        """The fragment is one aside with its heading and links to where the articles were published."""
        response = client.get(PATH)
        page = Tags(response.text)
        assert "text/html; charset=utf-8" == response.headers["Content-Type"]
        assert "aside" == page.found[0][0]
        assert "You May Also Like" in page.text
        assert 5 == len(page.links)
        assert all(link.startswith("https://news.example/a-") for link in page.links)
        assert not {"script", "style", "html"} & {tag for tag, _ in page.found}

    def test_options(self, client: TestClient, engine: FakeEngine) -> None:
        """It takes what the JSON takes, and a heading."""
        page = Tags(client.get(PATH + "?limit=2&section=Politics&window=past&heading=Read%20<on>").text)
        assert 2 == len(page.links)
        assert "Read <on>" in page.text
        assert (("Politics",), "past") == (engine.asked[-1].where.sections, engine.asked[-1].window)
        assert "h2" not in {tag for tag, _ in Tags(client.get(PATH + "?heading=").text).found}
        client.get(PATH + "?language=own")
        assert ("own",) == engine.asked[-1].where.languages

    @pytest.mark.parametrize("query", ["?limit=0", "?colour=red", "?heading=" + "x" * 201])
    def test_bad_options(self, client: TestClient, query: str) -> None:
        """What cannot be meant is told to whoever builds the page."""
        assert 422 == client.get(PATH + query).status_code

    def test_caching(self, client: TestClient) -> None:
        """It may be kept for a while, and is confirmed by its ETag."""
        first = client.get(PATH)
        assert "max-age=60" in first.headers["Cache-Control"]
        again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
        assert (304, b"") == (again.status_code, again.content)
        other = client.get(PATH + "?heading=More", headers={"If-None-Match": first.headers["ETag"]})
        assert 200 == other.status_code

    def test_missing_article(self, client: TestClient) -> None:
        """A missing article gives nothing, or recent articles where they are asked for."""
        response = client.get("/v1/articles/nope/related.html")
        assert (200, "") == (response.status_code, response.text)
        assert 5 == len(Tags(client.get("/v1/articles/nope/related.html?fallback=recent").text).links)

    @pytest.mark.parametrize("fault", [IndexCorrupt("damaged"), ZeroDivisionError()])
    def test_fault(self, client: TestClient, engine: FakeEngine, fault: Exception) -> None:
        """A fault gives nothing, and no cache keeps it."""

        def fail() -> None:
            raise fault

        engine.before = fail
        response = client.get(PATH)
        assert (200, "", "no-store") == (
            response.status_code,
            response.text,
            response.headers["Cache-Control"],
        )

    def test_not_ready(self, tmp_path: Path) -> None:
        """Without an index it is empty."""
        with TestClient(create_app(Settings(indexes=tmp_path))) as client:
            response = client.get(PATH)
            assert (200, "") == (response.status_code, response.text)

    def test_hostile(self, serve: Serve) -> None:
        """Whatever articles hold is text, and no link runs anything."""
        nasty = an_article(
            1, id=f"x/{NASTY}", title=NASTY, section=NASTY, url="javascript:alert(1)", language='" onload="x'
        )
        page = Tags(serve(FakeEngine([an_article(2), nasty])).get(PATH).text)
        assert NASTY in page.text
        assert not {"script", "img"} & {tag for tag, _ in page.found}
        assert 1 == len(page.links)
        assert page.links[0].startswith("/articles/x%2F")
        assert not [name for _, attributes in page.found for name in attributes if name.startswith("on")]

    def test_id_that_ends_like_it(self, serve: Serve) -> None:
        """An id that ends in /related.html is an id where its slash is encoded."""
        client = serve(FakeEngine([an_article(1, id="b/related.html")]))
        assert 200 == client.get("/v1/articles/b%252Frelated.html").status_code  # TestClient decodes twice


class TestWidget:
    def test_small_and_cached(self, client: TestClient) -> None:
        """The script has under 5 kB on the wire, and is confirmed by its ETag."""
        response = client.get("/widget.js")
        assert len(gzip.compress(response.content)) < 5_000
        assert response.headers["Content-Type"].startswith("text/javascript")
        again = client.get("/widget.js", headers={"If-None-Match": response.headers["ETag"]})
        assert (304, b"") == (again.status_code, again.content)

    def test_other_sites_may_load_it(self, client: TestClient) -> None:
        """Any page may load it, isolated ones too."""
        headers = client.get("/widget.js").headers
        assert ("cross-origin", "*") == (
            headers["Cross-Origin-Resource-Policy"],
            headers["Access-Control-Allow-Origin"],
        )

    def test_knows_the_switch(self, engine: FakeEngine, serve: Serve, tmp_path: Path) -> None:
        """It reports nothing where the service keeps nothing."""
        off = Settings(indexes=tmp_path)
        on = replace(off, service=replace(off.service, events=True))
        silent, telling = (serve(engine, settings=one).get("/widget.js") for one in (off, on))
        assert "const EVENTS = false;" in silent.text
        assert "const EVENTS = true;" in telling.text
        assert silent.headers["ETag"] != telling.headers["ETag"]
