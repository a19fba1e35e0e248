"""Sitemaps as sites send them: what is not quite XML is read, what is no sitemap is refused."""

from __future__ import annotations

import pytest

from semsearch.sources.remote.sitemap_xml import Unread, read_sitemap

BASE = "https://news.example/maps/sitemap.xml"
ROWS = (
    "<url><loc>https://news.example/mill</loc><lastmod>2021-04-03</lastmod></url>"
    "<url><loc>https://news.example/pier</loc></url>"
)
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
GOOD = f"{DECLARED}<urlset {SPACE}>{ROWS}</urlset>"
URLS = ["https://news.example/mill", "https://news.example/pier"]


def urls(body):
    """The addresses; everything was read."""
    found = read_sitemap(body if isinstance(body, bytes) else body.encode(), BASE)
    assert "" == found.fault
    return [entry.url for entry in found.entries]


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        "\n \t" + GOOD,
        b"\xef\xbb\xbf\r\n" + GOOD.encode(),
        "\ufeff\n\ufeff" + GOOD,
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16"),
        "Notice: Undefined variable $x in /srv/map.php on line 7\n" + GOOD,
        "<br/><b>Deprecated</b>: old call<br/>\n" + GOOD,
        "<!-- made by a cache -->\n" + GOOD.removeprefix(DECLARED),
        "<!-- made by a cache -->\n" + GOOD,
        GOOD + "\n<b>Fatal error</b>: at the end",
        GOOD.replace("</url>", "<image:image><image:loc>/p.jpg</image:loc></image:image></url>"),
        GOOD.replace("</url>", "<title>Bread & butter</title></url>"),
        GOOD.replace("</url>", "<title>Caf&eacute;&nbsp;\x01\x02</title></url>"),
        GOOD.replace("https://news.example/mill", "/mill").replace("https://news.example/pier", "../pier"),
        GOOD.replace("https://news.example/", "//news.example/"),
        GOOD.replace("https://news.example/", "news.example/"),
        GOOD.replace("https://news.example/mill", "\n  <![CDATA[ https://news.example/mill ]]>\n"),
        GOOD.replace(SPACE, ""),
        f"<sm:urlset>{ROWS}</sm:urlset>".replace("url>", "sm:url>").replace("loc>", "sm:loc>"),
        "\n".join(URLS),
    ],
)
def test_what_is_not_quite_xml_is_read(body):
    """Blanks, marks and warnings in front, undeclared prefixes, bare signs, addresses in part."""
    assert URLS == urls(body)


def test_a_bare_sign_in_an_address_is_part_of_it():
    """And an escaped one is read once."""
    two = GOOD.replace("/mill", "/mill?a=1&b=2").replace("/pier", "/pier?a=1&amp;b=2")
    assert ["https://news.example/mill?a=1&b=2", "https://news.example/pier?a=1&b=2"] == urls(two)


def test_what_was_put_right_is_told():
    """What stood in front, and that it was mended."""
    found = read_sitemap(f"Warning: late\n{GOOD.replace('</url>', '<a>b & c</a></url>')}".encode(), BASE)
    assert ("Warning: late", True) == (found.dropped, found.repaired)
    assert (False, "") == (
        read_sitemap(GOOD.encode(), BASE).repaired,
        read_sitemap(GOOD.encode(), BASE).dropped,
    )


def test_an_undeclared_news_prefix_is_that_of_news():
    """Title and date are read."""
    said = "<news:publication_date>2021-04-03</news:publication_date><news:title>Mill</news:title>"
    news = f"<news:news>{said}</news:news>"
    (first, _) = read_sitemap(GOOD.replace("</url>", f"{news}</url>").encode(), BASE).entries
    assert (True, "Mill", "2021-04-03") == (first.is_news, first.title, first.published)


def test_a_sitemap_that_breaks_off_gives_what_it_has_and_says_so():
    """Nothing may be deleted then."""
    found = read_sitemap(GOOD[: GOOD.index("pier")].encode(), BASE)
    assert ["https://news.example/mill"] == [entry.url for entry in found.entries]
    assert found.fault


@pytest.mark.parametrize(
    "body", ["<html><body>Sign in</body></html>", "<rss><channel/></rss>", "Not found", '{"pages": []}', ""]
)
def test_what_is_no_sitemap_is_refused(body):
    """A page, a feed, a word, nothing."""
    with pytest.raises(Unread):
        read_sitemap(body.encode(), BASE)
