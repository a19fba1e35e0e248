"""What an HTML page says about itself: JSON-LD before OpenGraph before other meta tags before the markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from semsearch.sources.bylines import without_by
from semsearch.sources.json_ld import (
    breadcrumb_section,
    find_article,
    first_text,
    image_address,
    keywords,
    names,
)
from semsearch.sources.statuses import WORKFLOW, known_status, truth

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_WITHHELD = re.compile(r"noindex|none|unavailable", re.I)
_PATH_DATE = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:/|[-_.]|$)")

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

# Links that WordPress themes mark by what they lead to.
_CATEGORY_LINKS = "//a[contains(concat(' ', @rel, ' '), ' category ')]"
_TAG_LINKS = (
    "//a[contains(concat(' ', @rel, ' '), ' tag ') and not(contains(concat(' ', @rel, ' '), ' category '))]"
)
_BYLINES = (
    "//*[@itemprop='author']//*[@itemprop='name']",
    "//*[@itemprop='author']",
    "//a[@rel='author']",
    "//*[contains(concat(' ', @class, ' '), ' author ')]//*[contains(@class, 'fn')]",
    "//article//*[contains(concat(' ', @class, ' '), ' byline ')]",
    "//article//*[contains(concat(' ', @class, ' '), ' author-name ')]",
    "(//article)[1]//a[contains(@href, '/author/')]",
)
_TIMES = (
    "//time[contains(@class, 'published') or @pubdate]",
    "//article//time",
    "//main//time",
    "//header//time",
)


def read_metadata(tree: HtmlElement, *, url: str | None) -> dict[str, object]:
    """The fields that the page names, under our names; ``url`` is where it was fetched, if it was.

    ``url`` of the result is the canonical address, made absolute where a base is known; ``body`` is the
    articleBody of JSON-LD, where there is one.
    """
    meta = _metas(tree)
    data = find_article(tree)
    base = url or _first(meta, ("og:url",)) or ""
    canonical = _canonical(tree, meta, data, base)
    address = canonical or url
    record: dict[str, object] = {
        "title": first_text(data.get("headline")) or first_text(data.get("name")) or _first(meta, _TITLES),
        "body": first_text(data.get("articleBody")),
        "url": address,
        "published_at": first_text(data.get("datePublished")) or _first(meta, _DATES),
        "updated_at": first_text(data.get("dateModified")) or _first(meta, _CHANGES),
        "section": first_text(data.get("articleSection")) or _first(meta, _SECTIONS),
        "author": names(data.get("author")) or names(data.get("creator")) or _named(meta, _AUTHORS),
        "tags": keywords(data.get("keywords")) or _tags(meta),
        "language": first_text(data.get("inLanguage")) or tree.get("lang") or _first(meta, _LANGUAGES),
        "source": first_text(names(data.get("publisher"))) or _first(meta, _SOURCES),
        "image": image_address(data.get("image")) or _first(meta, _IMAGES),
        "status": first_text(data.get("creativeWorkStatus")),
        **_withheld(meta, data),
        "robots": _robots(meta),
        "extra": {"isAccessibleForFree": free}
        if (free := data.get("isAccessibleForFree")) is not None
        else None,
    }
    record = {name: value for name, value in record.items() if value}
    seen: dict[str, Callable[[HtmlElement], object]] = {
        "title": _heading,
        "published_at": lambda page: _time(page, "datePublished") or _published(page) or _path_date(address),
        "updated_at": lambda page: _time(page, "dateModified"),
        "section": lambda page: first_text(_linked(page, _CATEGORY_LINKS)) or breadcrumb_section(data),
        "author": _bylines,
        "tags": lambda page: _linked(page, _TAG_LINKS),
    }
    for name, find in seen.items():
        if name not in record and (value := find(tree)):
            record[name] = value
    if isinstance(image := record.get("image"), str):
        record["image"] = _joined(base or address or "", image)
    return record


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


def _heading(tree: HtmlElement) -> str | None:
    headings = [_content(element) for element in tree.iter("h1")]
    whole = _content(next(tree.iter("title"), None))
    for heading in headings:
        # A site's name in its logo is an h1 in some themes; it stands at the end of the page's title.
        is_site = heading != whole and whole.endswith(heading)
        if heading and not is_site and (not whole or heading.casefold() in whole.casefold()):
            return heading
    if whole:
        return re.split(r"\s+[|–—»·•-]\s+(?=[^|–—»·•]+$)", whole)[0]
    return next(filter(None, headings), None)


def _content(element: HtmlElement | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _time(tree: HtmlElement, name: str) -> str | None:
    for element in tree.xpath("//*[@itemprop=$name]", name=name):
        if written := element.get("datetime") or element.get("content") or _content(element):
            return str(written)
    return None


def _published(tree: HtmlElement) -> str | None:
    """The first time element of the article, or of the page where it has no article element."""
    for path in _TIMES:
        for element in tree.xpath(path + "[@datetime]"):
            if "updated" not in (element.get("class") or "").split() and element.get("datetime").strip():
                return str(element.get("datetime"))
    return None


def _path_date(address: str | None) -> str | None:
    match = _PATH_DATE.search(address or "")
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else None


def _named(meta: Mapping[str, list[str]], fields: tuple[str, ...]) -> list[str]:
    return next((found for field in fields if (found := names(meta.get(field)))), [])


def _bylines(tree: HtmlElement) -> list[str]:
    for path in _BYLINES:
        found = [without_by(element.get("content") or _content(element)) for element in tree.xpath(path)]
        if found := [name for name in dict.fromkeys(found) if 1 < len(name) <= 80]:
            return found
    return []


def _linked(tree: HtmlElement, path: str) -> list[str]:
    return list(dict.fromkeys(filter(None, map(_content, tree.xpath(path)))))
