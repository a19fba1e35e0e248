"""Tells pages that only lead to articles (home, tags, authors, archives, feeds) from articles.

Sitemaps list both. A page that says of itself that it is an article is one; what the system that made it
says (WordPress, Ghost) goes before metadata, and that before what its address looks like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urljoin, urlsplit

from semsearch.text import same_page_key

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Sitemaps of lists alone: WordPress core, Yoast, Rank Math, All in One SEO, SEOPress, XML Sitemaps, Ghost.
_LIST_SITEMAP = re.compile(
    r"wp-sitemap-(?:taxonomies|users)-[\w-]*"
    r"|(?:post_?tag|tag|category|author|user|post_format|product_(?:cat|tag))-sitemap-?\d*"
    r"|sitemap-(?:authors?|users?|tags?|tax-[\w-]+|categor(?:y|ies))-?\d*",
    re.I,
)
_GHOST_PAGES = "sitemap-pages.xml"
_WP_ROUTE = re.compile(r"[/=](?:wp/v2|wp%2Fv2)(?:/|%2F)([\w-]+)(?:/|%2F)\d+", re.I)
_WP_LISTS = {"categories": "section", "tags": "tag", "users": "author"}
_CLASSES = (
    ("home", {"home", "home-template", "blog"}), ("author", {"author", "author-template"}),
    ("tag", {"tag", "tag-template"}), ("section", {"category"}),
    ("archive", {"archive", "date", "post-type-archive", "search-results", "archive-template", "error404"}),
)  # fmt: skip
_SINGLE = frozenset({"single", "single-post", "post-template", "singular"})
_ARTICLES = re.compile(r"(?:\w*Article|BlogPosting|LiveBlogPosting|Report|Review|\w*NewsEpisode)\Z")
_LISTS = {
    "CollectionPage": "list", "ItemList": "list", "ProfilePage": "author", "SearchResultsPage": "list",
    "Blog": "list", "Series": "tag",
}  # fmt: skip
_LIST_ADDRESS = re.compile(
    r"(?:^|/)(?:tags?|categor(?:y|ies)|topics?|authors?|page|archives?)/[^/]+(?:/page/\d+)?/?\Z"
    r"|(?:^|/)(?:tags|categories|authors|archives?)/?\Z|/page/\d+/?\Z",
    re.I,
)
_FEED = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<[?!][^>]{0,500}>\s*)*<(?:rss|feed|rdf:RDF)[\s>]", re.I
)
_MOST_LD = 1_000_000  # characters


def is_list_sitemap(url: str, beside: frozenset[str]) -> bool:
    """Whether a sitemap that an index names ``beside`` others is of tags, sections, authors or pages."""
    name = _file_name(url)
    if _LIST_SITEMAP.fullmatch(name.partition(".xml")[0]):
        return True
    is_ghost = {"sitemap-posts.xml", "sitemap-authors.xml", "sitemap-tags.xml"} <= set(
        map(_file_name, beside)
    )
    return name == _GHOST_PAGES and is_ghost


def kind_of_page(markup: str | bytes, url: str) -> str:
    """What a page is that is no article: home, tag, section, author, archive, list, page or feed; else ""."""
    from lxml import html
    from lxml.etree import ParserError

    start = markup[:5_000].decode("latin-1") if isinstance(markup, bytes) else markup[:5_000]
    if _FEED.match(start.lstrip("\ufeffï»¿")):
        return "feed"
    if isinstance(markup, str):
        markup = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    try:
        tree = html.document_fromstring(markup, parser=html.HTMLParser(no_network=True, huge_tree=False))
    except (ParserError, ValueError, AssertionError):
        return ""
    said = _by_system(tree)
    if said is None:
        said = _by_metadata(tree, url)
    if said is None:
        said = _by_address(url)
    return said


def _by_system(tree: HtmlElement) -> str | None:
    """What WordPress and Ghost write into every page; None where neither made it."""
    for href in tree.xpath("//head/link[@rel='alternate'][@type='application/json']/@href"):
        if route := _WP_ROUTE.search(href):
            return _WP_LISTS.get(route[1], "page" if route[1] == "pages" else "")
    body = next(iter(tree.xpath("//body/@class")), "")
    classes = set(body.split())
    is_ours = any(re.fullmatch(r"wp-[\w-]+|postid-\d+|page-id-\d+|[\w-]+-template", one) for one in classes)
    generator = " ".join(tree.xpath("//head/meta[@name='generator']/@content")).lower()
    if not is_ours and not re.search(r"wordpress|ghost", generator):
        return None
    if classes & _SINGLE or any(one.startswith("postid-") for one in classes):
        return ""
    for kind, names in _CLASSES:
        if classes & names:
            return kind
    if "page-template" in classes or any(one.startswith("page-id-") for one in classes):
        return "page"
    return None


def _by_metadata(tree: HtmlElement, url: str) -> str | None:
    types = set(_stated_types(tree))
    if any(_ARTICLES.match(one) for one in types):
        return ""
    if listed := next((_LISTS[one] for one in sorted(types) if one in _LISTS), None):
        return listed
    kind = next(iter(tree.xpath("//meta[@property='og:type']/@content")), "").strip().lower()
    is_dated = bool(tree.xpath("//meta[@property='article:published_time' or @itemprop='datePublished']"))
    if kind == "article" or is_dated:
        return ""
    articles = tree.xpath("//article[not(ancestor::article)]")
    teasers = [one for one in articles if _leads_elsewhere(one, url)]
    if teasers and len(teasers) == len(articles):
        return "list"
    if kind in {"website", "blog", "profile"} and len(articles) != 1:
        return "author" if kind == "profile" else "list"
    return "" if len(articles) == 1 else None


def _stated_types(tree: HtmlElement) -> Iterator[str]:
    """The types of what a page states in JSON-LD, but not of what is in a list or is a part."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        text = script.text or ""
        if len(text) > _MOST_LD:
            continue
        try:
            stated = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for one in stated if isinstance(stated, list) else [stated]:
            graph = one.get("@graph") if isinstance(one, dict) else None
            for part in graph if isinstance(graph, list) else [one]:
                kinds = part.get("@type") if isinstance(part, dict) else None
                yield from (str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind)


def _leads_elsewhere(article: HtmlElement, url: str) -> bool:
    """Whether the heading of an article is a link to another page, as those of teasers are."""
    heading = next(iter(article.xpath(".//h1 | .//h2 | .//h3")), None)
    if heading is None:
        return False
    links = heading.xpath(".//a/@href | ancestor::a/@href") or article.xpath("ancestor::a/@href")
    try:
        return any(same_page_key(urljoin(url, href)) != same_page_key(url) for href in links[:1])
    except ValueError:
        return False


def _by_address(url: str) -> str:
    """What an address looks like where the page itself does not tell."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    path = re.sub(r"/(?:index|default)\.\w{2,5}\Z", "/", parts.path)
    if not path.strip("/") and not parts.query:
        return "home"
    if "paged" in parse_qs(parts.query):
        return "archive"
    return "list" if _LIST_ADDRESS.search(path) else ""


def _file_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2].lower()
