"""The plain pages: complete without JavaScript, and harmless whatever the articles hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from markupsafe import Markup
from starlette.datastructures import QueryParams

from semsearch.errors import IndexCorrupt
from semsearch.service.views import Asked, marked
from tests.service.conftest import Serve
from tests.service.fakes import FakeEngine, an_article

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Collects the elements of a page and where its links go; checks that they are closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert [] == self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends: it must be the last that was opened."""
        assert tag == self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    @property
    def links(self) -> list[str]:
        """Where links go."""
        return [str(attributes["href"]) for tag, attributes in self.found if tag == "a"]


class TestSearchPage:
    def test_latest(self, client: TestClient) -> None:
        """Without a question the page has a search box and the newest articles."""
        page = Tags(client.get("/").text)
        assert ("form", {"role": "search", "action": "/", "method": "get"}) in page.found
        assert "Latest" in page.text
        assert "/articles/a-0" in page.links

    def test_results(self, client: TestClient) -> None:
        """Results show section, date, byline, the passage with marks, and facets as links."""
        html = client.get("/?q=court").text
        page = Tags(html)
        assert "6 articles" in page.text
        assert "<mark>Court</mark> ruling 0" in html
        assert "1 January 2026" in page.text
        assert "Ada Marsh" in page.text
        assert 'value="court"' in html

    def test_facets_narrow_and_chips_take_off(self, client: TestClient) -> None:
        """A facet is a link that narrows; the filter then in force is a link that takes it off."""
        assert "/?q=the&section=Politics" in Tags(client.get("/?q=the").text).links
        page = Tags(client.get("/?q=the&section=Politics").text)
        assert "6 articles" in page.text
        assert "/?q=the" in page.links

    def test_paging(self, client: TestClient) -> None:
        """Pages are linked both ways, and every article is on exactly one of them."""
        first, second = Tags(client.get("/").text), Tags(client.get("/?page=2").text)
        assert "/?page=2" in first.links
        assert "/" in second.links
        ids = [re.findall(r"/articles/(a-\d+)", " ".join(page.links)) for page in (first, second)]
        assert [f"a-{n}" for n in range(12)] == ids[0] + ids[1]

    @pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1e9", "٣"])
    def test_odd_page(self, client: TestClient, page: str) -> None:
        """A page that is not there is no error."""
        assert 200 == client.get(f"/?page={page}").status_code

    def test_page_too_deep(self, client: TestClient) -> None:
        """A page past the deepest says so in words."""
        response = client.get("/?page=999999")
        assert 422 == response.status_code
        assert "did not work" in response.text

    def test_nothing_found(self, client: TestClient) -> None:
        """Nothing found says so, and offers ways on."""
        page = Tags(client.get("/?q=zebra&section=Sport").text)
        assert "Nothing in the archive matches" in page.text
        assert "/?q=zebra" in page.links

    def test_empty_fields_and_foreign_parameters(self, client: TestClient, engine: FakeEngine) -> None:
        """Empty fields of a form and other programs' parameters are left alone."""
        assert 200 == client.get("/?q=&section=&published_after=&utm_source=x&sort=odd").status_code
        assert engine.asked[0].where.sections is None

    @pytest.mark.parametrize("query", [NASTY, "\u202eevil", "\x00", "🏳️‍🌈" * 100, "{{ 7*7 }}", "x" * 2000])
    def test_hostile_query(self, client: TestClient, query: str) -> None:
        """Whatever is asked comes back as text only."""
        response = client.get("/", params={"q": query})
        page = Tags(response.text)
        assert 200 == response.status_code
        assert not {"script", "img"} & {tag for tag, _ in page.found}
        assert "49" not in response.text

    def test_bad_input(self, client: TestClient) -> None:
        """A query that is too long, or a date that is none, is told in words on the page."""
        assert "give at most 2000 characters" in client.get("/", params={"q": "x" * 2001}).text
        response = client.get("/?published_after=soon")
        assert 422 == response.status_code
        assert "ISO 8601" in response.text

    def test_fault(self, client: TestClient, engine: FakeEngine) -> None:
        """A broken index gives a calm page that names no file."""

        def fail() -> None:
            raise IndexCorrupt("/srv/x is damaged")

        engine.before = fail
        response = client.get("/?q=court")
        assert 503 == response.status_code
        assert "/srv" not in response.text
        assert "text/html" in response.headers["Content-Type"]

    def test_small(self, client: TestClient) -> None:
        """A page with its style sheet is small, and loads nothing else."""
        response = client.get("/?q=court")
        styles = client.get("/static/style.css")
        assert len(response.content) + len(styles.content) < 50_000
        assert not {"script", "img", "iframe", "style"} & {tag for tag, _ in Tags(response.text).found}
        assert "@import" not in styles.text
        assert "url(" not in styles.text


class TestArticlePage:
    def test_shown(self, client: TestClient) -> None:
        """An article's title, byline and paragraphs are shown, with its list."""
        page = Tags(client.get("/articles/a-2").text)
        assert "Court ruling 2" in page.text
        assert "The judge spoke." in page.text
        assert "You May Also Like" in page.text
        assert "/articles/a-2" not in page.links
        assert 5 == sum(link.startswith("/articles/") for link in page.links)

    def test_missing(self, client: TestClient) -> None:
        """A missing article is a page with a way back."""
        response = client.get("/articles/nope")
        assert 404 == response.status_code
        assert "/" in Tags(response.text).links

    def test_list_fails_alone(self, client: TestClient, monkeypatch) -> None:
        """A fault in the list leaves the article standing."""
        monkeypatch.setattr(FakeEngine, "related", lambda self, request: 1 / 0)
        response = client.get("/articles/a-2")
        assert 200 == response.status_code
        assert "The judge spoke." in response.text
        assert "You May Also Like" not in response.text

    def test_hostile_article(self, serve: Serve) -> None:
        """Script in any field, javascript: addresses and missing dates are harmless."""
        nasty = an_article(
            1, id=f"x/{NASTY}", title=NASTY, body=f"{NASTY}\n\n{NASTY}", section=NASTY, authors=(NASTY,),
            url="javascript:alert(1)", language='en" onload="alert(1)', source=NASTY, published_at=None,
        )  # fmt: skip
        client = serve(FakeEngine([nasty, an_article(2)]))
        start = Tags(client.get("/").text)
        link = next(link for link in start.links if link.startswith("/articles/x"))
        response = client.get(link)
        for page in (start, Tags(response.text), Tags(client.get("/articles/a-2").text)):
            assert not {"script", "img"} & {tag for tag, _ in page.found}
            assert not any("javascript:" in href for href in page.links)
            assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
        assert 200 == response.status_code

    def test_no_title(self, serve: Serve) -> None:
        """An article without a title is shown by the start of its text."""
        client = serve(FakeEngine([an_article(1, title="", body="Only a body.")]))
        assert "Only a body." in Tags(client.get("/").text).text
        assert 200 == client.get("/articles/a-1").status_code


class TestDocsPage:
    def test_names_all(self, client: TestClient) -> None:
        """Every operation and parameter is on the page, which loads nothing from elsewhere."""
        response = client.get("/docs")
        page = Tags(response.text)
        document = client.get("/openapi.json").json()
        assert 200 == response.status_code
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                assert f"{method.upper()} {path}" in page.text
                assert all(one["description"] in page.text for one in operation.get("parameters", ()))
        assert not {"script", "img", "iframe"} & {tag for tag, _ in page.found}
        anchors = {attributes["id"] for _, attributes in page.found if attributes.get("id")}
        assert {link[1:] for link in page.links if link.startswith("#")} <= anchors


class TestMarked:
    @pytest.mark.parametrize(
        ("text", "spans", "html"),
        [
            ("court", [], "court"),
            ("court", [(0, 5)], "<mark>court</mark>"),
            ("a <b> c", [(2, 5)], "a <mark>&lt;b&gt;</mark> c"),
            ("abcdef", [(4, 6), (0, 2)], "<mark>ab</mark>cd<mark>ef</mark>"),
            ("abcdef", [(0, 4), (2, 6)], "<mark>abcd</mark><mark>ef</mark>"),
            ("abc", [(2, 99), (-5, 1), (7, 9), (2, 2)], "<mark>a</mark>b<mark>c</mark>"),
        ],
    )
    def test_spans(self, text: str, spans: list[tuple[int, int]], html: str) -> None:
        """Highlights are marked in escaped text; spans that cannot be are mended."""
        assert Markup(html) == marked(text, spans)


class TestAsked:
    def test_round_trip(self) -> None:
        """The address that a search gives is read as the same search."""
        asked = Asked("a & b", (("section", "A/B"), ("author", "Ö")), "2026-01-01", "", "newest", 3)
        assert asked == Asked.of(QueryParams(asked.href(page=3).partition("?")[2]))
