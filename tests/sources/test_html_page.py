"""What is read from an HTML page: its fields by how far they can be trusted, and the story alone."""

from __future__ import annotations

import json
import time

import pytest

from semsearch.errors import ArticleInvalid
from semsearch.sources.html_page import record_from_html
from semsearch.sources.records import article_from_record
from tests.sources.making import read_back

STORY = "".join(
    f"<p>{words}</p>"
    for words in ("The council met on Monday.", "It will repair the old bridge for two years.", "Buses run.")
)
TEXT = "The council met on Monday.\n\nIt will repair the old bridge for two years.\n\nBuses run."


def page(head="", story=STORY, attributes="", before="", behind=""):
    """A page with a menu, a story and a foot."""
    return (
        f"<!doctype html><html{attributes}><head>{head}</head><body><nav><a href='/'>Home</a></nav>{before}"
        f"<main><article>{story}</article></main>{behind}<footer>All rights reserved.</footer></body></html>"
    )


def json_ld(*nodes):
    """A script of JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps(list(nodes))}</script>'


def article_of(html, url=None):
    """The article of one page."""
    return article_from_record({"id": "none", **record_from_html(html, url=url, place="page.html")})[0]


def test_the_graph_of_a_plugin_is_followed():
    """As Yoast writes it: author, publisher and image stand elsewhere and are named by their @id."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": ["Article", "NewsArticle"], "@id": "#article", "headline": "Bridge shut",
                "author": {"@id": "#jane"}, "publisher": {"@id": "#times"}, "image": {"@id": "#image"},
                "datePublished": "2025-03-14T07:30:00+01:00", "dateModified": "2025-03-15T10:00:00Z",
                "articleSection": ["Local", "Transport"], "keywords": ["bridge", "roads"],
                "inLanguage": "en-GB",
                "mainEntityOfPage": {"@id": "https://times.example/2025/bridge/"},
            },
            {"@type": "WebPage", "@id": "https://times.example/2025/bridge/", "name": "Shut - The Times"},
            {"@type": "Person", "@id": "#jane", "name": "Jane Doe"},
            {"@type": "Organization", "@id": "#times", "name": "The Times"},
            {"@type": "ImageObject", "@id": "#image", "url": "/uploads/bridge.jpg"},
        ],
    }  # fmt: skip
    found = article_of(page(json_ld(graph) + "<title>Bridge shut - The Times</title>"))
    assert ("Bridge shut", TEXT, "https://times.example/2025/bridge/") == (found.title, found.body, found.url)
    assert (found.url, "Local", ("Jane Doe",)) == (found.id, found.section, found.authors)
    assert (("bridge", "roads"), "The Times", "en") == (found.tags, found.source, found.language)
    assert "https://times.example/uploads/bridge.jpg" == found.image
    assert "2025-03-14T06:30:00+00:00" == found.published_at.isoformat()
    assert "2025-03-15T10:00:00+00:00" == found.updated_at.isoformat()


LEVELS = (
    json_ld({"@type": "NewsArticle", "headline": "By JSON-LD", "datePublished": "2025-01-01"}),
    '<meta property="og:title" content="By OpenGraph">'
    '<meta property="article:published_time" content="2025-01-02">',
    '<meta name="parsely-title" content="By a meta tag"><meta name="date" content="2025-01-03">',
    "<title>By the page - A site</title>",
)


@pytest.mark.parametrize(
    ("first", "title"), [(0, "JSON-LD"), (1, "OpenGraph"), (2, "a meta tag"), (3, "the page")]
)
def test_what_is_stated_goes_before_what_is_seen(first, title):
    """JSON-LD before OpenGraph before other meta tags before the visible page, for title and date."""
    seen = '<h1>By the page</h1><time datetime="2025-01-04">4 January</time>' + STORY
    found = article_of(page("".join(reversed(LEVELS[first:])), seen))
    assert (f"By {title}", first + 1) == (found.title, found.published_at.day)


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("Rates rise | Daily Ledger", "Daily Ledger", "Rates rise"),
        ("Rates rise – what now", "Rates rise – what now", "Rates rise – what now"),
        ("Rates rise – what now – Ledger", "Rates rise – what now", "Rates rise – what now"),
        ("", "Rates rise", "Rates rise"),
    ],
)
def test_the_title_is_without_the_name_of_the_site(title, heading, expected):
    """Whether the site puts its name behind the title, or as a heading above all."""
    html = page(f"<title>{title}</title>", STORY, before=f"<header><h1>{heading}</h1></header>")
    assert expected == article_of(html).title


@pytest.mark.parametrize(
    "byline",
    [
        "<span itemprop=author itemscope><meta itemprop=name content='Sam Hill'></span>",
        "<span class='author vcard'><a class='url fn' href='/x'>Sam Hill</a></span>",
        "<p class=byline>By Sam Hill</p>",
        "<div class=td-post-author-name>By <a href='/author/sam'>Sam Hill</a> -</div>",
        "<a rel=author href='/sam'>Sam Hill</a>",
    ],
)
def test_a_byline_in_the_page_is_found(byline):
    """Where no tag names the author, the marks of common themes do; the line is no part of the text."""
    found = article_of(page("<title>T</title>", f"<header>{byline}</header>{STORY}"))
    assert (("Sam Hill",), TEXT) == (found.authors, found.body)


@pytest.mark.parametrize(
    ("links", "section", "tags"),
    [
        (
            '<a rel="category tag">Economy</a><a rel="tag">rates</a><a rel="tag">banks</a>',
            "Economy",
            ("rates", "banks"),
        ),
        ("", None, ()),
    ],
)
def test_categories_and_tags_by_their_links(links, section, tags):
    """As WordPress themes mark them."""
    found = article_of(page("<title>T</title>", f"{STORY}<footer>{links}</footer>"))
    assert (section, tags) == (found.section, found.tags)


def test_menus_side_bars_scripts_and_comments_are_no_text():
    """Only the story is; the title in front of it is not said twice."""
    found = article_of(
        page(
            "<title>Bridge shut</title>",
            "<h1>Bridge shut</h1>" + STORY + "<script>let evil = 1</script>",
            before="<div class=sidebar><ul><li><a href=/1>Ten pies of the valley to try</a></li></ul></div>",
            behind="<section id=comments class=comments><h2>Comments</h2><p>I read this.</p></section>",
        )
    )
    assert TEXT == found.body


def test_lines_lists_quotes_and_tables_keep_their_form():
    """Breaks and items are lines, blocks are paragraphs, cells stand apart."""
    story = (
        STORY + "<p>One<br>two<br>three words in lines.</p><ul><li>First item</li><li>Second item</li></ul>"
        "<blockquote><p>We are an island now.</p></blockquote>"
        "<table><tr><td>Votes</td><td>41</td></tr></table>"
    )
    lines = "One\ntwo\nthree words in lines.\n\nFirst item\nSecond item"
    assert (
        f"{TEXT}\n\n{lines}\n\nWe are an island now.\n\nVotes 41"
        == article_of(page("<title>T</title>", story)).body
    )


def test_a_page_laid_out_in_a_table_is_read():
    """As pages of the nineties are: menu and story in the cells of one table."""
    html = (
        "<HTML><HEAD><TITLE>Bridge shut</TITLE></HEAD><BODY><TABLE><TR>"
        "<TD><A HREF=a>Home</A><BR><A HREF=b>Sport</A></TD>"
        f"<TD><H1>Bridge shut</H1>{STORY}</TD></TR></TABLE></BODY></HTML>"
    )
    assert TEXT == article_of(html).body


def test_the_stated_text_stands_in_where_the_page_shows_little():
    """A page whose story is loaded by a script, or behind a wall, states its text in JSON-LD."""
    stated = {"@type": "NewsArticle", "headline": "T", "articleBody": TEXT * 3}
    assert TEXT * 3 == article_of(page(json_ld(stated), "<p>Subscribe to read on.</p>")).body


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">', "cp1252"),
        ('<meta charset="windows-1251">', "cp1251"),
        ("<meta charset=utf-8>", "utf-8-sig"),
        ("<meta charset=utf-16>", "utf-16"),
        ("", "utf-8"),
        ("", "cp1252"),
        ('<meta charset="no-such-code">', "utf-8"),
    ],
)
def test_the_encoding_is_as_declared(head, encoding, tmp_path):
    """By mark, by declaration, or UTF-8 and then Windows-1252; what Latin-1 means in truth."""
    words = "Мост закрыт" if encoding == "cp1251" else "Brücke “zu”…"
    (tmp_path / "page.html").write_bytes(page(f"{head}<title>{words}</title>").encode(encoding))
    (found,) = read_back(tmp_path)[0].values()
    assert (words, "page") == (found.title, found.id)


def test_a_declared_encoding_that_is_wrong_is_said(tmp_path):
    """The bytes decide; nothing is lost."""
    html = page("<meta charset=euc-jp><title>Brücke “zu”…</title>")
    (tmp_path / "page.html").write_bytes(html.encode())
    found, report = read_back(tmp_path)
    assert "Brücke “zu”…" == found["page"].title
    assert "not in the encoding that it declares" in str(report.tally().notes())


@pytest.mark.parametrize(
    ("canonical", "url", "expected"),
    [
        ("https://a.example/x?utm_source=feed#top", None, "https://a.example/x"),
        ("/x", "https://a.example/x?ref=1", "https://a.example/x"),
        (
            "https://a.example/",
            "https://a.example/y",
            "https://a.example/y",
        ),  # every page names the front page
        ("", "https://a.example/z", "https://a.example/z"),
        ("http://[broken", "https://a.example/z", "https://a.example/z"),
    ],
)
def test_the_canonical_address_is_the_id(canonical, url, expected):
    """Made absolute and without trackers; a canonical address that cannot be meant is passed over."""
    found = article_of(page(f'<title>T</title><link rel="canonical" href="{canonical}">'), url)
    assert (expected, expected) == (found.id, found.url)


@pytest.mark.parametrize(
    "script",
    ["{", "null", "[1, [2]]", '{"@type": 7, "headline": {}}', "[" * 90_000, '{"@graph": {"@id": "#a"}}'],
)
def test_broken_json_ld_costs_only_itself(script):
    """The page is read as if it were not there."""
    head = f'<title>A title</title><script type="application/ld+json">{script}</script>'
    found = article_of(page(head))
    assert ("A title", TEXT) == (found.title, found.body)


@pytest.mark.parametrize("html", ["", "   ", "<!-- nothing -->", b"\x00\x00"])
def test_what_is_no_page_is_said(html):
    """With its place."""
    with pytest.raises(ArticleInvalid, match=r"page\.html: (?:not an HTML page|field 'title')"):
        article_from_record(
            {"id": "x", **record_from_html(html, url=None, place="page.html")}, place="page.html"
        )


@pytest.mark.parametrize(
    "piece", ["<p>{} The council met on Tuesday and agreed.</p>", "line {} of a long page<br>"]
)
def test_a_long_page_costs_what_its_length_is(piece):
    """Four times the lines take about four times as long, and the last one is there."""

    def cost(lines: int) -> float:
        html = page(story="".join(piece.format(number) for number in range(lines)))
        begun = time.process_time()
        body = article_of(html).body
        assert str(lines - 1) in body
        return time.process_time() - begun

    cost(100)  # what is loaded once
    short = min(cost(1_000) for _ in range(3))  # the best of several: other work has the machine as well
    assert min(cost(4_000) for _ in range(3)) < 12 * max(short, 0.02)


def test_a_box_that_asks_for_an_address_is_no_text():
    """Between the paragraphs, too; the paragraphs around it stay."""
    box = '<div class="kg-card kg-signup-card"><p>Never miss a word of ours again.</p></div>'
    first, rest = STORY.split("</p>", 1)

    assert TEXT == article_of(page(story=f"{first}</p>{box}{rest}")).body
