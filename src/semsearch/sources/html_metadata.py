"""What an HTML page says about itself: JSON-LD before OpenGraph before other meta tags before the markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from semsearch.sources.bylines import without_by
from semsearch.sources.html_own import OwnArticle
from semsearch.sources.json_ld import (
    breadcrumb_section,
    find_article,
    first_text,
    image_address,
    keywords,
    names,
    texts,
)
from semsearch.sources.statuses import WORKFLOW, known_status, truth
from semsearch.text import clean_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WITHHELD = re.compile(r"noindex|none|unavailable", re.I)
_PATH_DATE = re.compile(r"/((?:19|20)\d{2})[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])[/_.-]+\w")

_DATES = (
    "article:published_time", "article:published", "datepublished", "date.published", "parsely-pub-date",
    "pubdate", "publishdate", "publish-date", "publish_date", "sailthru.date", "dc.date.issued",
    "dcterms.created", "dcterms.date", "dc.date", "dc.date.created", "date", "cxenseparse:recs:publishtime",
    "citation_publication_date", "citation_date", "og:published_time", "og:pubdate", "article_date_original",
    "originalpublicationdate",
)  # fmt: skip
_CHANGES = (
    "article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified",
    "dcterms.modified", "dc.date.modified", "article:updated", "revision_date",
)  # fmt: skip
_EXPIRIES = (
    "article:expiration_time", "og:expiration_time", "article:expires", "expiration_date", "expiry_date",
    "unavailable_after", "dcterms.valid",
)  # fmt: skip
_STARTS = ("article:embargo_time", "embargo", "embargo_until", "publish_at", "dcterms.available")
_STATUSES = (
    "status", "article:status", "article_status", "content_status", "content-status", "pubstatus",
    "publish_status", "publication_status", "workflow_status", "workflow_state", "dc.status", "state",
    "visibility",
)  # fmt: skip
_TITLES = (
    "og:title",
    "twitter:title",
    "parsely-title",
    "dc.title",
    "dcterms.title",
    "headline",
    "citation_title",
)
_AUTHORS = (
    "author", "article:author", "og:article:author", "parsely-author", "sailthru.author", "byl",
    "dc.creator", "dcterms.creator", "dcsext.author", "citation_author",
)  # fmt: skip
_SECTIONS = (
    "article:section",
    "parsely-section",
    "section",
    "cxenseparse:recs:category",
    "dc.subject",
    "og:section",
)
_TAGS = ("article:tag", "parsely-tags", "news_keywords", "sailthru.tags", "keywords")
_SOURCES = ("og:site_name", "application-name", "dc.publisher", "publisher", "citation_journal_title")
_IMAGES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
    "parsely-image-url",
)
_LANGUAGES = ("content-language", "dc.language", "dcterms.language", "language", "og:locale")

# What themes mark in the page itself; all are looked for in the page's own article alone.
_CATEGORY_LINKS = (
    ".//a[contains(concat(' ', @rel, ' '), ' category ')]"
    " | .//*[contains(concat(' ', @class, ' '), ' taxonomy-category ')]//a"
    " | .//*[contains(concat(' ', @class, ' '), ' cat-links ')]//a"
)
_TAG_LINKS = ".//a[contains(concat(' ', @rel, ' '), ' tag ')]"
_BYLINES = (
    ".//*[@itemprop='author']//*[@itemprop='name']",
    ".//*[@itemprop='author']",
    ".//a[contains(concat(' ', @rel, ' '), ' author ')]",
    ".//*[contains(concat(' ', @class, ' '), ' author ')]//*[contains(@class, 'fn')]",
    ".//*[contains(@class, 'author-name') or contains(@class, 'author__name')]//a",
    ".//*[contains(@class, 'author-name') or contains(@class, 'author__name')]",
    ".//*[contains(concat(' ', @class, ' '), ' byline ')]",
    ".//a[contains(@href, '/author/')]",
)
_SITE_NAMES = "//a[contains(concat(' ', @rel, ' '), ' home ')] | //*[contains(@class, 'site-title')]"
_TIMES = (
    ".//time[contains(@class, 'published') or contains(@class, 'entry-date') or @pubdate]",
    ".//time",
)
_NOT_PUBLISHED = re.compile(r"updated|modified", re.I)
_NO_CATEGORY = frozenset({"uncategorized", "uncategorised"})  # what WordPress gives to a post without one
_LONGEST_TIME_LINE = 120  # characters of a paragraph around a time that dates the article
_LATER = re.compile(r"/(?:page[/-]?|seite[/-]?)?(\d{1,2})/?|/?\?(?:page|paged|seite|pg)=(\d{1,2})")
_MOST_PAGES = 50
_REST = re.compile(r"[/=](?:wp/v2|wp%2Fv2)(?:/|%2F)[\w-]+(?:/|%2F)\d+", re.I)
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)|-scaled(?=\.\w+$)")


@dataclass(frozen=True)
class Stated:
    """What a page says of itself apart from what it shows: ``record`` under our names, and its JSON-LD.

    ``as_data`` is the address of the same post in the WordPress REST API; empty where there is none.
    """

    record: Mapping[str, object]
    data: Mapping[str, object]
    as_data: str

    @property
    def is_article(self) -> bool | None:
        """Whether it says to be an article; None where it does not say what it is."""
        if self.data:
            return True
        kind = str(self.record.get("kind", ""))
        return None if not kind else kind == "article"


def read_stated(tree: HtmlElement, *, url: str | None) -> Stated:
    """The fields that the page's head and its JSON-LD name; ``url`` is where it was fetched, if it was.

    ``url`` of the result is the canonical address, made absolute where a base is known; ``body`` is the
    articleBody of JSON-LD, where there is one.
    """
    meta = _metas(tree)
    base = url or _first(meta, ("og:url",)) or ""
    data = find_article(tree, (_first(meta, _TITLES) or "", _page_title(tree)))
    address = _canonical(tree, meta, data, base) or url
    given = data.get("keywords")
    record: dict[str, object] = {
        "title": first_text(data.get("headline")) or first_text(data.get("name")) or _first(meta, _TITLES),
        "body": first_text(data.get("articleBody")),
        "url": address,
        "published_at": first_text(data.get("datePublished")) or _first(meta, _DATES),
        "updated_at": first_text(data.get("dateModified")) or _first(meta, _CHANGES),
        "section": first_text(data.get("articleSection")) or _first(meta, _SECTIONS),
        "author": names(data.get("author")) or names(data.get("creator")) or _named(meta, _AUTHORS),
        "tags": texts(given)
        if isinstance(given, list)
        else meta.get("article:tag") or keywords(given) or _tags(meta),
        "language": first_text(data.get("inLanguage")) or tree.get("lang") or _first(meta, _LANGUAGES),
        "source": first_text(names(data.get("publisher"))) or _first(meta, _SOURCES),
        "image": image_address(data.get("image"))
        or image_address(data.get("thumbnailUrl"))
        or _first(meta, _IMAGES),
        "status": first_text(data.get("creativeWorkStatus")),
        **_withheld(meta, data),
        "robots": _robots(meta),
        "kind": (_first(meta, ("og:type",)) or "").lower(),
        "is_free": data.get("isAccessibleForFree"),
    }
    system = (_first(meta, ("generator",)) or "").lower()
    if system.startswith("ghost") and record["tags"] and not record["section"]:
        record["section"] = first_text(record["tags"])  # its primary tag
    record = {name: value for name, value in record.items() if value or value is False}
    if isinstance(image := record.get("image"), str):
        record["image"] = _joined(base or address or "", image)
    return Stated(record, data, _as_data(tree, url or ""))


def _as_data(tree: HtmlElement, url: str) -> str:
    for link in tree.iter("link"):
        address = link.get("href") or ""
        if link.get("type") == "application/json" and _REST.search(address):
            return _joined(url, address)
    return ""


def read_seen(tree: HtmlElement, own: OwnArticle, stated: Stated) -> dict[str, object]:
    """The fields that the page's own article shows and its head does not state, or states in part."""
    record = stated.record
    address = record.get("url")
    seen: dict[str, Callable[[], object]] = {
        "title": lambda: _heading(tree),
        "published_at": lambda: (
            _time(own, "datePublished")
            or _published(own)
            or _path_date(address if isinstance(address, str) else None)
        ),
        "updated_at": lambda: _time(own, "dateModified"),
        "section": lambda: first_text(categories(own)) or breadcrumb_section(stated.data),
        "author": lambda: _bylines(own),
        "tags": lambda: [tag for tag in _linked(own, _TAG_LINKS) if tag not in _linked(own, _CATEGORY_LINKS)],
    }
    found = {name: value for name, find in seen.items() if name not in record and (value := find())}
    written, named = _bylines(own), [clean_line(name) for name in texts(record.get("author"))]
    if named and len(written) > len(named) and set(named) <= {clean_line(name) for name in written}:
        found["author"] = written  # systems that state the first author alone show them all
    if "image" in record and _is_of_site(str(record["image"]), own, stated.data):
        found["image"] = None
    return found


def paid_parts(data: Mapping[str, object]) -> list[str]:
    """The selectors of what JSON-LD states to be for payers alone."""
    parts = data.get("hasPart")
    return [
        selector
        for part in (parts if isinstance(parts, list) else [parts])
        if isinstance(part, Mapping) and str(part.get("isAccessibleForFree")).lower() in {"false", "no"}
        for selector in re.split(r"[\s,]+", " ".join(texts(part.get("cssSelector"))))
    ]


def later_pages(scope: HtmlElement, address: str) -> tuple[str, ...]:
    """The addresses of page 2 and on of an article on several pages: its own with a number behind it."""
    base = address.partition("#")[0].rstrip("/")
    is_plain = "?" not in base and base.count("/") > 2  # a path of its own: /?p=5 and /?p=6 are two articles
    found: dict[int, str] = {}
    for link in scope.iter("a") if is_plain else ():
        joined = _joined(address, (link.get("href") or "").strip()).partition("#")[0]
        match = _LATER.fullmatch(joined.removeprefix(base)) if joined.startswith(base) else None
        if match and 1 < (number := int(match[1] or match[2])) <= _MOST_PAGES:
            found.setdefault(number, joined)
    return tuple(found[number] for number in sorted(found))


def _is_of_site(image: str, own: OwnArticle, data: Mapping[str, object]) -> bool:
    """Whether a picture stands for the site: its logo, or one that the article neither names nor shows."""
    publisher = data.get("publisher")
    if isinstance(publisher, Mapping) and image_address(publisher.get("logo")) == image:
        return True
    if not publisher or "datePublished" not in data or data.get("image") or data.get("thumbnailUrl"):
        return False
    return not shows(own, image)


def shows(own: OwnArticle, image: str) -> bool:
    """Whether the page's own article shows a picture, in any size."""
    wanted = _file_name(image)
    return any(
        _file_name(address) == wanted
        for picture in own.scope.iter("img", "source")
        for name in ("src", "srcset", "data-src", "data-srcset")
        for address in (picture.get(name) or "").split()
    )


def _file_name(address: str) -> str:
    return _SIZE.sub("", address.partition("?")[0].rstrip(",").rpartition("/")[2])


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    """All meta tags by name, property or itemprop in small letters, values in the order of the page."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        if not content:
            continue
        for kind in ("property", "name", "itemprop", "http-equiv"):
            if name := (element.get(kind) or "").strip().lower():
                found.setdefault(name, []).append(content)
    return found


def _first(meta: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _withheld(meta: Mapping[str, list[str]], data: Mapping[str, object]) -> dict[str, object]:
    """From when until when the page is shown, and whether a meta tag says that it is not published.

    Most tags of these names say something else; only known words are taken.
    """
    ends = [first_text(data.get("expires")), first_text(data.get("availabilityEnds"))]
    said = next(
        (one for name in _STATUSES for one in meta.get(name, ()) if known_status(one, WORKFLOW)), None
    )
    return {
        "publish_at": first_text(data.get("availabilityStarts")) or _first(meta, _STARTS),
        "expires_at": [end for end in ends if end] or _first(meta, _EXPIRIES),
        "state": said,
        "draft": next((one for one in meta.get("draft", ()) if truth(one)), None),
    }


def _robots(meta: Mapping[str, list[str]]) -> list[str]:
    """What the page tells robots of being shown; most pages say only that they may be."""
    return [said for said in meta.get("robots", ()) if _WITHHELD.search(said)]


def _tags(meta: Mapping[str, list[str]]) -> list[str]:
    for name in _TAGS:
        if name in meta:  # article:tag comes once a tag, the others once for all
            return meta[name] if name == "article:tag" else keywords(meta[name][0])
    return []


def _canonical(
    tree: HtmlElement, meta: Mapping[str, list[str]], data: Mapping[str, object], base: str
) -> str | None:
    """The page's own address; one that is only a site's front page is a mistake of its theme."""
    links = [
        link.get("href")
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    main = data.get("mainEntityOfPage")
    named = [data.get("url"), main.get("@id") if isinstance(main, dict) else main, _first(meta, ("og:url",))]
    for address in (*links, *named):
        if not isinstance(address, str) or not address.strip():
            continue
        joined = _joined(base, address.strip())
        try:
            parts = urlsplit(joined)
        except ValueError:
            continue
        if parts.path.strip("/") or parts.query:
            return parts._replace(fragment="").geturl()
    return None


def _page_title(tree: HtmlElement) -> str:
    return _content(next(tree.iter("title"), None))


def _heading(tree: HtmlElement) -> str | None:
    headings = [_content(element) for element in tree.iter("h1")]
    whole = _page_title(tree)
    for heading in headings:
        # A site's name in its logo is an h1 in some themes; it stands at the end of the page's title.
        is_site = heading != whole and whole.endswith(heading)
        if heading and not is_site and (not whole or heading.casefold() in whole.casefold()):
            return heading
    if whole.casefold() in {_content(element).casefold() for element in tree.xpath(_SITE_NAMES)}:
        return None  # an article without a title of its own
    if whole:
        return re.split(r"\s+[|–—»·•-]\s+(?=[^|–—»·•]+$)", whole)[0]
    return next(filter(None, headings), None)


def _content(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _time(own: OwnArticle, name: str) -> str | None:
    for element in own.scope.xpath(".//*[@itemprop=$name]", name=name):
        if written := element.get("datetime") or element.get("content") or _content(element):
            return str(written)
    return None


def _published(own: OwnArticle) -> str | None:
    """The first time element of the page's own article that stands outside its text."""
    if own.is_list:
        return None
    for path in _TIMES:
        for element in _around(own, path + "[@datetime]"):
            marks = f"{element.get('class')} {element.get('itemprop')} {element.getparent().get('class')}"
            if _NOT_PUBLISHED.search(marks) and "published" not in (element.get("class") or ""):
                continue
            line = next(element.iterancestors("p", "li", "td"), None)
            if line is not None and len(_content(line)) > _LONGEST_TIME_LINE:
                continue  # a time that the text speaks of
            if element.get("datetime").strip():
                return str(element.get("datetime"))
    return None


def _around(own: OwnArticle, path: str) -> list[HtmlElement]:
    """What a path finds in the page's own article, outside the element that holds its text."""
    found = own.scope.xpath(path)
    inside = {one for content in own.contents for one in content.iter()} if found else set()
    return [element for element in found if element not in inside]


def _path_date(address: str | None) -> str | None:
    match = _PATH_DATE.search(address or "")
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else None


def _named(meta: Mapping[str, list[str]], fields: tuple[str, ...]) -> list[str]:
    return next((found for field in fields if (found := names(meta.get(field)))), [])


def _bylines(own: OwnArticle) -> list[str]:
    if own.is_list:
        return []
    for path in _BYLINES:
        found = [without_by(element.get("content") or _content(element)) for element in _around(own, path)]
        if found := [name for name in dict.fromkeys(found) if 1 < len(name) <= 80]:
            return found
    return []


def categories(own: OwnArticle) -> list[str]:
    """The categories that the page's own article shows."""
    return [name for name in _linked(own, _CATEGORY_LINKS) if name.casefold() not in _NO_CATEGORY]


def _linked(own: OwnArticle, path: str) -> list[str]:
    if own.is_list:
        return []
    return list(dict.fromkeys(filter(None, map(_content, _around(own, path)))))
