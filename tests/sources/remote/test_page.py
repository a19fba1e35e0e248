# ruff: noqa: E501 - markup is long
"""Pages as a source fetches them: with their later pages, their dates, and what they show no text of."""

from __future__ import annotations

import json

import pytest

from semsearch.options import SourceOptions
from semsearch.sources.remote.client import Fetcher
from semsearch.sources.remote.making import open_remote
from semsearch.sources.remote.protocol import Got
from tests.sources.remote.servers import Reply, Waits, serving

STORY = "<p>The mill was sold on Friday.</p>"
CARD = "<article class=card><h2><a href=/o>Other</a></h2><p>OTHERTEXT which is a good deal longer than the story.</p></article>"
REST = '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/7">'


def page(content, head="", behind=""):
    """A page of a blog."""
    return (
        f"<html><head><title>Mill sold – Site</title>{head}</head><body><main><article><h1>Mill sold</h1>"
        f"<div class=entry-content>{content}</div>{behind}</article></main><aside>{CARD}{CARD}</aside></body></html>"
    )


class Heard:
    """Keeps what a source tells, and knows nothing of earlier runs."""

    def __init__(self):
        self.notes, self.rejected, self.cursor = [], [], {}
        self.warn, self.reject = self.notes.append, self.rejected.append
        self.take = lambda: None
        self.keys = set
        self.stamp = lambda key: None


@pytest.fixture
def read():
    """Reads a site that is a dictionary by its sitemap: articles by path, what was told, what was asked for."""

    def reading(pages, listed=("/a/",)):
        def answer(request):
            if request.path == "/sitemap.xml":
                locs = "".join(f"<url><loc>{server.url}{path}</loc></url>" for path in listed)
                return Reply(
                    200,
                    f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{locs}</urlset>".encode(),
                )
            body = pages.get(request.path)
            if body is None:
                return Reply(404)
            kind = "application/json" if body.startswith("{") else "text/html; charset=utf-8"
            return Reply(200, body.encode(), {"Content-Type": kind})

        waits = Waits()
        heard = Heard()
        with serving(answer) as server:
            options = SourceOptions(kind="sitemap", url=f"{server.url}/sitemap.xml", allow_private=True)
            making = lambda policy: Fetcher(policy, sleep=waits.sleep, clock=waits.clock)  # noqa: E731
            with open_remote("site", options, environ={}, make_fetcher=making) as source:
                steps = [step for step in source.steps(heard, heard) if isinstance(step, Got)]
        found = {step.key.removeprefix(server.url): step.article for step in steps}
        return found, heard, [request.path for request in server.requests]

    return reading


def links(*numbers, base="/a/"):
    """Links to the pages of an article."""
    return (
        "<div class=page-links>Pages: " + " ".join(f"<a href={base}{n}/>{n}</a>" for n in numbers) + "</div>"
    )


def test_the_text_of_later_pages_follows(read):
    """Each once, in order; links to other articles and to comments are not followed."""
    other = "<a rel=next href=/b/>Next story</a><a href=/a/#comments>2</a><a href=/a/99/>99</a>"
    pages = {
        "/a/": page(STORY + links(2, 3), behind=f"<nav>{other}</nav>" + other),
        "/a/2/": page("<p>It ground corn.</p>" + links(1, 3)),
        "/a/3/": page("<p>It stands empty.</p>" + links(1, 2)),
        "/b/": page("<p>OTHERTEXT</p>"),
    }
    found, heard, asked = read(pages)
    assert "The mill was sold on Friday.\n\nIt ground corn.\n\nIt stands empty." == found["/a/"].body
    assert "/b/" not in asked
    assert [] == [note.problem for note in heard.notes]


def test_a_later_page_that_is_missing_is_told(read):
    """The text ends before it."""
    found, heard, _ = read({"/a/": page(STORY + links(2))})
    assert "The mill was sold on Friday." == found["/a/"].body
    assert ["a later page of the article could not be read; its text ends before it"] == [
        n.problem for n in heard.notes
    ]


@pytest.mark.parametrize(
    ("post", "expected"),
    [
        (
            {"date_gmt": "2026-02-03T04:05:06", "modified_gmt": "2026-02-04T00:00:00"},
            "2026-02-03T04:05:06+00:00",
        ),
        ({"date_gmt": "0000-00-00T00:00:00"}, None),
        ({"code": "rest_forbidden"}, None),
        (None, None),
    ],
)
def test_a_wordpress_page_that_shows_no_date(read, post, expected):
    """Its post has one in the interface that the page names; where that is closed, it has none."""
    pages = {"/a/": page(STORY, REST)} | ({"/wp-json/wp/v2/posts/7": json.dumps(post)} if post else {})
    found, _, _ = read(pages)
    published = found["/a/"].published_at
    assert expected == (published and published.isoformat())


def test_a_date_that_is_shown_is_enough(read):
    """The interface is not asked."""
    dated = '<meta property="article:published_time" content="2026-01-02T00:00:00Z">'
    _, _, asked = read({"/a/": page(STORY, REST + dated)})
    assert "/wp-json/wp/v2/posts/7" not in asked


def test_an_article_without_text_is_kept_and_told(read):
    """Only its title is public; a list of articles is none."""
    wall = "<aside class=gh-post-upgrade-cta><h2>This post is for subscribers only</h2><a href=/in>Sign in</a></aside>"
    pages = {
        "/a/": page(""),
        "/m/": page(wall),
        "/": f"<html><head><title>Site</title></head><body><main>{CARD * 3}</main></body></html>",
    }
    found, heard, _ = read(pages, listed=("/a/", "/m/", "/"))
    assert ("Mill sold", "") == (found["/a/"].title, found["/a/"].body)
    assert ("", {"isAccessibleForFree": False}) == (found["/m/"].body, dict(found["/m/"].extra))
    assert found["/"] is None
    assert {
        "no text of the page's own article was found; left empty",
        "the page keeps all of its text from readers without a login; left empty",
        "a page that is no article, but the home page, a list of articles, a feed or the like; left out",
    } == {note.problem for note in heard.notes}


def test_the_cover_of_the_site_is_no_article_s_picture(read):
    """It is the one that the front page offers, too; that page is asked for once."""
    shared = '<meta property="og:image" content="https://cdn.example/{}.jpg">'
    pages = {
        "/": page("", shared.format("cover")),
        "/a/": page(STORY, shared.format("cover")),
        "/b/": page(STORY, shared.format("own")),
        "/c/": page(f"<img src=https://cdn.example/cover-300x200.jpg>{STORY}", shared.format("cover")),
    }
    found, _, asked = read(pages, listed=("/a/", "/b/", "/c/"))
    assert [None, "https://cdn.example/own.jpg", "https://cdn.example/cover.jpg"] == [
        found[f"/{n}/"].image for n in "abc"
    ]
    assert 1 == asked.count("/")
