"""Pages that only lead to articles are told from articles: by their system, their metadata, their address."""

from __future__ import annotations

import pytest

from semsearch.sources.remote.page_kind import is_list_sitemap, kind_of_page

HERE = "https://news.example/mill-burns"


def page(head="", body="", classes=""):
    """A page."""
    head = f"<head><title>T</title>{head}</head>"
    return f"<!doctype html><html>{head}<body class='{classes}'>{body}</body></html>"


def og(kind):
    """What the page says it is to others that link it."""
    return f'<meta property="og:type" content="{kind}">'


def ld(text):
    """What the page states in JSON-LD."""
    return f'<script type="application/ld+json">{text}</script>'


def wp(route):
    """The link that WordPress puts into every page."""
    href = f"https://news.example/wp-json/wp/v2/{route}"
    return f'<link rel="alternate" title="JSON" type="application/json" href="{href}" />'


STORY = "<article><h1>Mill burns</h1><p>The mill has burned down on Monday.</p></article>"
TEASERS = "".join(
    f"<article><h2><a href='/{name}'>{name}</a></h2><p>A word.</p></article>" for name in ("mill", "pier")
)


@pytest.mark.parametrize(
    "markup",
    [
        page(wp("posts/7"), STORY),
        page(wp("stories/7"), TEASERS),
        page("", STORY, "single single-post postid-7 wp-embed-responsive"),
        page(og("website"), STORY, "post-template tag-town"),
        page(og("article"), TEASERS),
        page(og("website"), STORY),
        page(og("website") + '<meta property="article:published_time" content="2021-04-03">', "<p>Text</p>"),
        page(ld('{"@type": "NewsArticle"}') + og("website"), "<p>Text</p>"),
        page(ld('{"@graph": [{"@type": ["Article", "X"]}, {"@type": "ItemList"}]}'), "<p>Text</p>"),
        page("", STORY + TEASERS),
        page("", "<h1>Mill burns</h1><p>The mill has burned down.</p>"),
        page(ld("{broken"), STORY),
    ],
)
def test_an_article_is_one(markup):
    """By any of what says so, though teasers stand under it."""
    assert "" == kind_of_page(markup, HERE)
    assert "" == kind_of_page(markup.encode(), HERE)


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        (page(wp("pages/2"), STORY), "page"),
        (page(wp("categories/3"), TEASERS), "section"),
        (page(wp("tags/3"), TEASERS), "tag"),
        (page(wp("users/1"), TEASERS), "author"),
        (page("", TEASERS, "home blog wp-embed-responsive"), "home"),
        (page("", TEASERS, "archive category category-town wp-custom-logo"), "section"),
        (page("", TEASERS, "archive date wp-custom-logo"), "archive"),
        (page("", TEASERS, "tag-template tag-town"), "tag"),
        (page("", TEASERS, "author-template author-ann"), "author"),
        (page("", TEASERS, "home-template"), "home"),
        (page("", STORY, "page-template page-about"), "page"),
        (page(ld('{"@type": "CollectionPage"}'), STORY), "list"),
        (page(ld('{"@graph": [{"@type": "ProfilePage"}, {"@type": "WebSite"}]}'), "<p>x</p>"), "author"),
        (
            page(ld('{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle"}]}'), "<p>x</p>"),
            "list",
        ),
        (page(og("website"), TEASERS), "list"),
        (page(og("website"), "<ul><li><a href='/a'>A</a></li></ul>"), "list"),
        (page(og("profile"), "<p>Ann Ode</p>"), "author"),
        (page("", TEASERS), "list"),
        (page("", "<article><h2><a href='/mill'>Mill</a></h2></article>"), "list"),
        ('<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed"),
    ],
)
def test_what_leads_to_articles_is_none(markup, kind):
    """Home, tags, sections, authors, archives, feeds and plain pages."""
    assert kind == kind_of_page(markup, HERE)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "home"), ("/index.html", "home"), ("/tags/", "list"), ("/tags/town/", "list"),
        ("/categories/", "list"), ("/category/town/page/3/", "list"), ("/authors/ann/", "list"),
        ("/page/2/", "list"), ("/?paged=2", "archive"), ("/mill-burns", ""), ("/town/mill-burns/", ""),
        ("/?p=7", ""), ("/category/town/mill/burns", ""),
    ],
)  # fmt: skip
def test_the_address_tells_where_the_page_does_not(path, kind):
    """A page that says nothing of itself."""
    assert kind == kind_of_page(page("", "<p>Words of some kind.</p>"), f"https://news.example{path}")


@pytest.mark.parametrize(
    ("name", "is_list"),
    [
        ("wp-sitemap-posts-post-1.xml", False), ("wp-sitemap-posts-page-1.xml", False),
        ("wp-sitemap-taxonomies-category-1.xml", True), ("wp-sitemap-taxonomies-post_tag-2.xml", True),
        ("wp-sitemap-users-1.xml", True), ("post-sitemap.xml", False), ("post-sitemap2.xml", False),
        ("category-sitemap.xml", True), ("post_tag-sitemap3.xml", True), ("author-sitemap.xml", True),
        ("sitemap-authors.xml", True), ("sitemap-tags.xml.gz", True), ("sitemap-posts.xml", False),
        ("sitemap-2021-04.xml", False), ("news-sitemap.xml", False), ("sitemap-pages.xml", False),
    ],
)  # fmt: skip
def test_sitemaps_of_lists_alone(name, is_list):
    """By the names that WordPress, its plugins and Ghost give them."""
    assert is_list == is_list_sitemap(f"https://news.example/{name}", frozenset())


def test_plain_pages_of_ghost():
    """Are told by the sitemaps beside theirs."""
    beside = frozenset(
        f"https://news.example/sitemap-{name}.xml" for name in ("posts", "tags", "authors", "pages")
    )
    assert is_list_sitemap("https://news.example/sitemap-pages.xml", beside)
