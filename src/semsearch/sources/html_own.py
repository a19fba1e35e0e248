"""Finds the one article that an HTML page is about, among menus, lists and other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semsearch.sources.html_clutter import Lengths, is_foreign, is_linked_heading
from semsearch.sources.html_names import CONTENT, HEADLINE, HENTRY, LEAD, names_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLE_TYPE = re.compile(r"schema\.org/(?:\w*Article|\w*Posting|Report|Review)$")
_MOST_OUTSIDE = 0.3  # share of an outer text element that may stand outside an inner one


@dataclass(frozen=True)
class OwnArticle:
    """The page's own article: its ``headline``, what holds its text alone, and what holds all of it.

    ``contents`` is empty where no element holds the text alone. ``scope`` holds headline and text, and
    perhaps much besides. ``is_list`` says that the page only lists other articles.
    """

    headline: HtmlElement | None
    contents: tuple[HtmlElement, ...]
    scope: HtmlElement
    is_list: bool

    @property
    def is_bounded(self) -> bool:
        """Whether the scope is an article element, which holds little besides."""
        return _is_article(self.scope)

    @property
    def is_blank(self) -> bool:
        """Whether its system marks the text wherever there is any, and marks none here."""
        marks = names_of(self.headline) if self.headline is not None else ""
        return not self.contents and "-wp-block-post-title-" in marks

    def leads(self) -> list[HtmlElement]:
        """Elements before the text that hold a lead."""
        inside = {one for content in self.contents for one in content.iter()}
        found = [
            element
            for element in self.scope.iter()
            if isinstance(element.tag, str)
            and element not in inside
            and (LEAD.search(names_of(element)) or element.get("itemprop") == "alternativeHeadline")
            and not any(content in set(element.iter()) for content in self.contents)
        ]
        return found[:1]


def find_own(tree: HtmlElement, titles: tuple[str, ...]) -> OwnArticle:
    """The page's own article; ``titles`` are what the page says to be its title, the surest first."""
    body = tree if tree.tag == "body" else tree.find(".//body")
    body = tree if body is None else body
    listed = _Listed()
    headline = _headline(body, titles, listed)
    articles = [one for one in body.iter() if _is_article(one) and not listed.has(one)]
    outer = [one for one in articles if not any(map(_is_article, one.iterancestors()))]
    own = _own_article(headline, outer, body)
    contents = _contents(body if own is None else own, own, listed)
    if own is None and not contents:
        main = next((one for one in body.iter("main")), None)
        scope = (
            body if main is None or (headline is not None and main not in headline.iterancestors()) else main
        )
        return OwnArticle(headline, (), scope, is_list=headline is None and _lists_articles(body))
    scope = own if own is not None else contents[0]
    for inner in (headline, *contents[:1]):
        if inner is not None:
            scope = _common(scope, inner)
    return OwnArticle(headline, contents, scope, is_list=False)


def _lists_articles(body: HtmlElement) -> bool:
    """Whether all article elements of a page, two at least, only lead to pages of their own."""
    found = [one for one in body.iter() if _is_article(one)]
    return len(found) > 1 and all(map(_leads_on, found))


class _Listed:
    """Knows which elements stand in lists, menus and side bars."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement, bool] = {}

    def has(self, element: HtmlElement) -> bool:
        """Whether it or what it stands in is foreign to the page's own article."""
        path: list[HtmlElement] = []
        at: HtmlElement | None = element
        found = False
        while at is not None and at.tag not in {"body", "html"}:
            if at in self._known:
                found = self._known[at]
                break
            path.append(at)
            at = at.getparent()
        for one in reversed(path):
            found = self._known[one] = found or (is_foreign(one) and not _holds_heading(one))
        return found


def _holds_heading(element: HtmlElement) -> bool:
    """Whether the page's heading stands in it: then it is the story, whatever its name."""
    return element.find(".//h1") is not None


def _is_article(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and (
        element.tag == "article"
        or element.get("role") == "article"
        or _ARTICLE_TYPE.search(element.get("itemtype") or "") is not None
        or (element.tag in {"div", "section", "li"} and HENTRY.search(names_of(element)) is not None)
    )


def _headline(body: HtmlElement, titles: tuple[str, ...], listed: _Listed) -> HtmlElement | None:
    """The heading that says one of the titles, or else one that is marked as the article's."""
    headings = [one for one in body.iter("h1", "h2", "h3") if not listed.has(one)]
    for title in titles:
        for heading in headings:
            said = _folded(heading.text_content())
            is_said = said == _folded(title) or (heading.tag == "h1" and said in _folded(title))
            if said and is_said and not _is_site_name(said, _folded(title)):
                return heading
    marked = [one for one in headings if one.get("itemprop") == "headline" or HEADLINE.search(names_of(one))]
    first = next((one for one in marked if one.tag == "h1"), None)
    if first is None and len(marked) == 1 and marked[0].find(".//a") is None:
        first = marked[0]
    alone = [one for one in headings if one.tag == "h1"]
    return first if first is not None else alone[0] if len(alone) == 1 else None


def _is_site_name(said: str, title: str) -> bool:
    return said != title and title.endswith(said)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _own_article(
    headline: HtmlElement | None, outer: list[HtmlElement], body: HtmlElement
) -> HtmlElement | None:
    """The article element of the page's own article, if it has one."""
    if headline is not None:
        for above in headline.iterancestors():
            if above is body:
                break
            if _is_article(above):
                return above
    alone = [one for one in outer if not _leads_on(one)]
    return alone[0] if len(alone) == 1 else None


def _leads_on(article: HtmlElement) -> bool:
    """Whether an article element is only a card: its heading is a link."""
    return is_linked_heading(next(article.iter("h1", "h2", "h3", "h4"), None))


def _contents(scope: HtmlElement, own: HtmlElement | None, listed: _Listed) -> tuple[HtmlElement, ...]:
    """The elements that hold the text: one, or the parts of one that are next to each other."""
    found = [one for one in _marked(scope) if not listed.has(one) and _belongs(one, own)]
    stated = [one for one in found if one.get("itemprop") == "articleBody"]
    if stated:
        found = stated
    if not found:
        return ()
    lengths = Lengths(scope)
    first = found[0]
    for inner in found[1:]:
        is_inside = first in inner.iterancestors()
        if is_inside and lengths.of(inner) >= (1 - _MOST_OUTSIDE) * lengths.of(first):
            first = inner
    beside = [
        one
        for one in found
        if _same_names(one, first)
        and (one.getparent() is first.getparent() or own is not None)
        and (one is first or not any(above in found for above in one.iterancestors()))
    ]
    return tuple(beside) if first in beside else (first,)


def _same_names(one: HtmlElement, other: HtmlElement) -> bool:
    return one.tag == other.tag and names_of(one).split()[:1] == names_of(other).split()[:1]


def _marked(scope: HtmlElement) -> Iterator[HtmlElement]:
    for element in scope.iter("div", "section", "article", "main", "td", "span"):
        if element.get("itemprop") == "articleBody" or CONTENT.search(names_of(element)):
            yield element


def _belongs(content: HtmlElement, own: HtmlElement | None) -> bool:
    """Whether no other article element stands between the page's own article and this text."""
    for above in content.iterancestors():
        if above is own:
            return True
        if _is_article(above) and _leads_on(above):
            return False
    return True


def _common(one: HtmlElement, other: HtmlElement) -> HtmlElement:
    """The nearest element that holds both."""
    above = {one, *one.iterancestors()}
    return next((at for at in (other, *other.iterancestors()) if at in above), one)
