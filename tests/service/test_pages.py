"""The plain pages: complete without JavaScript, and harmless whatever the articles hold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from markupsafe import Markup
from starlette.datastructures import QueryParams

from semsearch import __version__
from semsearch.errors import IndexCorrupt
from semsearch.service.asked import Asked
from semsearch.service.views import marked, sentence
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

    def assert_harmless(self) -> None:
        """Nothing runs but our own script, nothing is loaded from elsewhere, no link runs anything."""
        assert [] == [name for _, attributes in self.found for name in attributes if name.startswith("on")]
        assert not {"img", "iframe", "style", "object", "base"} & {tag for tag, _ in self.found}
        assert not any(href.strip().lower().startswith("javascript:") for href in self.links)
        scripts = [attributes.get("src") or "inline" for tag, attributes in self.found if tag == "script"]
        assert [f"/static/reader.js?v={__version__}"] == scripts

    @property
    def links(self) -> list[str]:
        """Where links go."""
        return [str(attributes["href"]) for tag, attributes in self.found if tag == "a"]


class TestSearchPage:
    def test_latest(self, client: TestClient) -> None:
        """Without a question the page has a search box and the newest articles."""
        page = Tags(client.get("/").text)
        search = {"class": "search", "role": "search", "action": "/", "method": "get"}
        assert ("form", search) in page.found
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

    def test_facets_of_many_values(self, serve: Serve) -> None:
        """Eight are shown, the next ones behind a word; thousands of others make the page no longer."""
        articles = [an_article(number, section=f"Desk {number // 2:03}") for number in range(200)]
        html = serve(FakeEngine(articles)).get("/?q=the").text
        before, more, behind = html.partition("<summary>8 more</summary>")
        assert more
        assert "Desk 007" in before
        assert "Desk 008" not in before
        assert "Desk 008" in behind
        assert "Desk 015" in behind
        assert "Desk 016" not in behind.partition("</details>")[0]

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

    def test_paging_for_programs(self, client: TestClient) -> None:
        """The neighbours of a page are told in its head; searches are not for other engines' indexes."""
        links = [a for tag, a in Tags(client.get("/?page=2").text).found if tag == "link"]
        assert {"rel": "prev", "href": "/"} in links
        first = client.get("/").text
        assert '<link rel="next" href="/?page=2">' in first
        assert "noindex" not in first
        assert "noindex" in client.get("/?q=court").text

    def test_similar(self, client: TestClient) -> None:
        """What is similar to an article has an address, a choice of times and a way back."""
        assert "/?like=a-0" in Tags(client.get("/?q=court").text).links
        page = Tags(client.get("/?like=a-0").text)
        assert "Similar to" in page.text
        assert {"/articles/a-0", "/?like=a-0&window=past"} <= set(page.links)
        assert 404 == client.get("/?like=nope").status_code

    def test_dates(self, client: TestClient, engine: FakeEngine) -> None:
        """The last day counts; each date in force is a link that takes it off."""
        page = Tags(client.get("/?q=court&published_after=2026-01-02&until=2026-01-31").text)
        where = engine.asked[-1].where
        assert (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)) == (
            where.published_after,
            where.published_before,
        )
        assert {"/?q=court&until=2026-01-31", "/?q=court&published_after=2026-01-02", "/?q=court"} <= set(
            page.links
        )
        assert 422 == client.get("/?until=soon").status_code

    def test_page_too_deep(self, client: TestClient) -> None:
        """A page past the deepest says so in words."""
        response = client.get("/?page=999999")
        assert 422 == response.status_code
        assert "did not work" in response.text

    def test_nothing_found(self, client: TestClient) -> None:
        """Nothing found says so, and offers ways on: topics, and what there would be without the filters."""
        page = Tags(client.get("/?q=poli").text)
        assert "Nothing in the archive is about" in page.text
        assert "/?section=Politics" in page.links
        page = Tags(client.get("/?q=court&section=Sport").text)
        assert "Without the filters there would be 6 articles" in page.text
        assert "/?q=court" in page.links
        assert {"/?section=Politics", "/?section=Sport"} <= set(page.links)

    def test_doubtful(self, client: TestClient, monkeypatch) -> None:
        """Where even the best hit hardly answers, the page says so before it shows what comes nearest."""
        plain = FakeEngine.search
        monkeypatch.setattr(
            FakeEngine, "search", lambda self, asked: replace(plain(self, asked), nothing_relevant=True)
        )
        response = client.get("/?q=court")
        page = Tags(response.text)
        assert "Nothing relevant found" in page.text
        assert page.text.index("These articles come nearest") < page.text.index("Court ruling 0")
        assert 'data-total="0"' in response.text
        assert "/?section=Politics" in page.links

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
        page.assert_harmless()
        assert "49" not in response.text

    def test_bad_input(self, client: TestClient) -> None:
        """A query that is too long, or a date that is none, is told in words on the page."""
        assert "give at most 2000 characters" in client.get("/", params={"q": "x" * 2001}).text
        response = client.get("/?published_after=soon")
        assert 422 == response.status_code
        assert "From: give an ISO 8601 date" in response.text
        assert "soon" not in str(Tags(client.get("/?q=court&until=soon").text).found)

    def test_fault(self, client: TestClient, engine: FakeEngine) -> None:
        """A broken index gives a calm page that names no file and says when to come back."""

        def fail() -> None:
            raise IndexCorrupt("/srv/x is damaged")

        engine.before = fail
        response = client.get("/?q=court")
        assert 503 == response.status_code
        assert "/srv" not in response.text
        assert "/?q=court" in Tags(response.text).links
        assert "5" == response.headers["Retry-After"]
        assert "text/html" in response.headers["Content-Type"]

    def test_small(self, client: TestClient) -> None:
        """A page with its style sheet is small, and loads nothing else."""
        response = client.get("/?q=court")
        styles = client.get("/static/style.css")
        script = client.get("/static/reader.js")
        assert len(response.content) + len(styles.content) + len(script.content) < 50_000
        Tags(response.text).assert_harmless()
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

    def test_head(self, client: TestClient) -> None:
        """The head names the article's own address and what it is about; names lead to more."""
        html = client.get("/articles/a-2").text
        assert '<link rel="canonical" href="https://news.example/a-2">' in html
        assert '<meta name="description" content="The judge spoke. A second paragraph.">' in html
        assert {"/?section=Politics", "/?author=Ada+Marsh", "/?like=a-2"} <= set(Tags(html).links)

    def test_missing(self, client: TestClient) -> None:
        """A missing article is a page with a way back."""
        response = client.get("/articles/nope")
        assert 404 == response.status_code
        assert "There is no article at this address." in response.text
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
            page.assert_harmless()
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
        page.assert_harmless()
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
        filters = (("section", "A/B"), ("author", "Ö"))
        asked = Asked("a & b", filters, "2026-01-01", "", "2026-02-01", "newest", 3, "a/1", "past")
        assert asked == Asked.of(QueryParams(asked.href(page=3).partition("?")[2]))

    def test_usual_spans(self) -> None:
        """A span of time is a date in the address, so a shared link stays what it was."""
        asked = Asked("a", published_after="2026-01-01", until="2026-01-31")
        spans = asked.spans(today=date(2026, 1, 8))
        assert [("Past week", True, "/?q=a&published_after=2026-01-01")] == [
            (one.label, one.chosen, one.href) for one in spans[:1]
        ]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("the key is not known", "The key is not known"),
        ("https://x.example/a: no answer", "https://x.example/a: no answer"),
        ("webhook.url is empty", "webhook.url is empty"),
        ("\u00e9t\u00e9 is over", "\u00c9t\u00e9 is over"),
        ("", ""),
    ],
)
def test_errors_begin_like_sentences(words: str, shown: str) -> None:
    """With a capital, unless the first word is an address or a name of code."""
    assert shown == sentence(words)
