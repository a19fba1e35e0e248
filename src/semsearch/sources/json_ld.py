"""JSON-LD of an HTML page: the article among its objects, with references resolved, and its values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from semsearch.sources.bylines import without_by
from semsearch.text import clean_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MOST_SCRIPT = 2_000_000  # characters of one script
_MOST_NODES = 2_000
_ARTICLE_TYPES = re.compile(r"(?:^|/|:)(?:\w*Article|\w*Posting|Report|Review|CreativeWork)$")
_COMMENT = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>)\s*$")

_TOKEN = re.compile(  # a text, which is kept, or a comment, which is not
    r'("(?:[^"\\]|\\.)*+")|/\*.*?\*/|(?://|<!--|-->)[^\n]*|<!\[CDATA\[|\]\]>', re.S
)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])|[,;\s]+\Z', re.S)
_KIND = re.compile(r'"@type"\s*:\s*\[?\s*"[^"]{0,100}(?:Article|Posting)"')
_SAID = re.compile(
    r'"(creativeWorkStatus|datePublished|expires|availabilityStarts|availabilityEnds)"\s*:\s*"([^"\\]{1,100})"'
)


def find_article(tree: HtmlElement, titles: tuple[str, ...] = ()) -> Mapping[str, object]:
    """The article among the JSON-LD of the page, with references resolved; empty if there is none.

    Of several, one whose headline is among ``titles`` goes first: cards of other articles have theirs, too.
    """
    nodes: list[Mapping[str, object]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        nodes.extend(_nodes(_loads(script.text or "")))
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    if not articles:
        return {}
    article = max(articles, key=lambda node: (_is_titled(node, titles), _rank(node), -articles.index(node)))
    resolved = {name: _resolved(value, by_id) for name, value in article.items()}
    crumbs = next((node for node in nodes if "BreadcrumbList" in _types(node)), None)
    return resolved | ({"breadcrumb": crumbs} if crumbs else {})


def _loads(script: str) -> object:
    """What a script holds; as browsers' tools do, commas at the end of a list and comments are forgiven.

    Of one that is broken all the same, what it says of being published is kept, so that it is not lost.
    """
    text = _COMMENT.sub("", script[:_MOST_SCRIPT].strip()).strip().rstrip(";")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    forgiven = text
    for pattern in (_TOKEN, _TRAILING):
        forgiven = pattern.sub(lambda match: match[1] or "", forgiven)
    try:
        return json.loads(forgiven, strict=False)
    except (ValueError, RecursionError):
        found = list(_SAID.finditer(text)) if _KIND.search(text) else []
        said = {match[1]: match[2] for match in reversed(found)}
        return {"@type": "Article", "name": None, **said} if said else None


def _nodes(value: object) -> Iterator[Mapping[str, object]]:
    """All objects of a JSON-LD script that may be an article or be referred to, up to a bound."""
    queue, count = [value], 0
    while queue and count < _MOST_NODES:
        value = queue.pop(0)
        if isinstance(value, list):
            queue.extend(value)
        elif isinstance(value, dict):
            count += 1
            yield value
            queue.extend(
                value[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in value
            )


def _types(node: Mapping[str, object]) -> list[str]:
    return texts(node.get("@type"))


def _is_article(node: Mapping[str, object]) -> bool:
    return any(_ARTICLE_TYPES.search(name) for name in _types(node)) and (
        "headline" in node or "name" in node
    )


def _is_titled(node: Mapping[str, object], titles: tuple[str, ...]) -> bool:
    headline = clean_line(first_text(node.get("headline")) or "").casefold()
    return bool(headline) and any(headline in clean_line(title).casefold() for title in titles)


def _rank(node: Mapping[str, object]) -> int:
    """How sure it is that this node is the page's article, by what it says of itself."""
    return sum(
        name in node for name in ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    )


def _resolved(value: object, by_id: Mapping[str, Mapping[str, object]]) -> object:
    if isinstance(value, list):
        return [_resolved(item, by_id) for item in value]
    if isinstance(value, dict) and "@id" in value and "name" not in value and "url" not in value:
        return by_id.get(str(value["@id"]), value)
    return value


def first_text(value: object) -> str | None:
    """The first text of a value; None where it has none."""
    return next(iter(texts(value)), None)


def texts(value: object) -> list[str]:
    """The texts of a value that may be a text, an object with one, or a list of these."""
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        return texts(value.get("@value") or value.get("name") or value.get("alternateName"))
    return [value.strip()] if isinstance(value, str) and value.strip() else []


def names(value: object) -> list[str]:
    """Names of people or organisations, without addresses that stand for them."""
    return [without_by(name) for name in texts(value) if not re.match(r"https?://|@", name)]


def keywords(value: object) -> list[str]:
    """Keywords from a list, or from one text with commas or semicolons between them."""
    if isinstance(value, str):
        value = re.split(r"[,;]", value)
    return texts(value)


def image_address(value: object) -> str | None:
    """The address of an image that is a text, an object, or a list of these."""
    if isinstance(value, list):
        return next((found for item in value if (found := image_address(item))), None)
    if isinstance(value, dict):
        return image_address(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return value.strip() or None if isinstance(value, str) else None


def breadcrumb_section(data: Mapping[str, object]) -> str | None:
    """The section before the article in a breadcrumb: the second of Home > Politics > Article."""
    crumbs = data.get("breadcrumb")
    items = crumbs.get("itemListElement") if isinstance(crumbs, dict) else None
    if not isinstance(items, list):
        return None
    names = [first_text(item.get("name") or item.get("item")) for item in items if isinstance(item, dict)]
    return names[1] if len(names) >= 3 else None
