"""What stands in a web page and is no part of its story, and how it is taken out.

Two kinds: what belongs to others (comments, menus, cards and lists of other articles), which must not be
read even for a date or a name, and trimmings of the story itself (bylines, share bars, sign-up boxes).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from semsearch.sources.html_names import BUTTONS, FOREIGN, TRIMMINGS, WALLS, names_of
from semsearch.text.phrases import is_list_heading, is_phrase

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NO_TEXT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "canvas",
        "audio",
    }
    | {"video", "map", "dialog", "frameset"}
)
_CONTROLS = frozenset(["button", "select", "textarea", "input", "datalist", "progress", "meter"])
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "span", "b", "strong", "em", "i", "time"})
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])


# What a box says that stands where the rest of a story is kept from readers.
_WALL_WORDS = re.compile(
    r"""
    \b(?:this|the\ rest\ of\ (?:this|the))\ (?:post|article|story|page|content)\ is\ (?:only\ )?(?:available\ )?(?:for|to)\b.{0,30}\b(?:subscribers|members)\b
    |\b(?:for|available\ to)\ (?:paying\ )?(?:subscribers|members)\ only\b
    |\b(?:subscribe|sign\ up|sign\ in|log\ in|register|upgrade|join)\b.{0,30}\bto\ (?:(?:continue|keep)(?:\ reading|\W*$)|read\ (?:on|more|the\ (?:rest|full)|this\ (?:post|article|story)))
    |\balready\ (?:have\ an\ account|a\ (?:paid\ )?(?:subscriber|member))\b
    |\b(?:nur|exklusiv)\ für\ (?:\w+\ )?(?:abonnent|mitglieder)|\bjetzt\ (?:weiterlesen|abonnieren\ und)|\bbereits\ (?:abonnent|registriert|mitglied)|\bmit\ \S*abo\ weiterlesen
    |\br[ée]serv[ée]e?\ (?:à\ nos\ |aux\ )abonn|\bdéjà\ abonn|\bil\ (?:vous\ )?reste\b.{0,30}\bà\ lire
    |\b(?:exclusiv[oa]|s[oó]lo)\ para\ (?:suscriptor|soci)|\bya\ eres\ (?:suscriptor|socio)|\bsuscríbete\ para\ (?:seguir|continuar)
    """,  # noqa: E501
    re.I | re.X,
)
_WAY_IN = re.compile(
    r"sign-?_?\s?(?:in|up)\b|log-?_?\s?in\b|subscri|\babo|register|regist|account|membership|\bplans?\b|suscri|anmeld|connexion",
    re.I,
)
_MOST_WALL = 500  # characters of a box that is nothing but the wall
_MOST_TRIMMING = 900  # characters; a longer box named like one may hold the story, or is one
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[*†‡§¶]+|[a-z])[\])]?[,;]?")
_UNITS = re.compile(r"(?:\d|(?:^|[\W\d])(?:[a-z]{1,3}|met(?:re|er)s?|miles?|feet|foot|inch(?:es)?))\Z", re.I)
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_BACK = re.compile(r"[\s↩↵⤴⏎↑^\ufe0e\ufe0f]*")


def is_foreign(element: HtmlElement) -> bool:
    """Whether this holds other articles, menus or comments, by its tag or its names."""
    return (
        element.tag in {"nav", "aside"}
        or element.get("role") in {"navigation", "complementary", "search", "banner"}
        or _is_named_foreign(element)
    )


def _is_named_foreign(element: HtmlElement) -> bool:
    """By its names; a paragraph or heading is a part of something, and "teaser" is a lead to many."""
    return element.tag not in _LINES and FOREIGN.search(names_of(element)) is not None


class Lengths:
    """Characters of text, and of text in links, inside every element of a tree; blanks do not count."""

    def __init__(self, root: HtmlElement) -> None:
        self._all: dict[HtmlElement, int] = defaultdict(int)
        self._linked: dict[HtmlElement, int] = defaultdict(int)
        for element in reversed(list(root.iter())):
            whole = self._all[element]
            if isinstance(element.tag, str):
                whole += _length(element.text)
                self._all[element] = whole
            linked = whole if element.tag == "a" and element.get("href") else self._linked[element]
            above = element.getparent()
            if above is not None and element is not root:
                self._all[above] += whole + _length(element.tail)
                self._linked[above] += linked

    def of(self, element: HtmlElement) -> int:
        """Characters inside an element."""
        return self._all.get(element, 0)

    def link_share(self, element: HtmlElement) -> float:
        """The share of these that stands in links."""
        return self._linked.get(element, 0) / (self._all.get(element, 0) or 1)


def drop_unseen(tree: HtmlElement) -> None:
    """Take out what no reader sees: scripts, embedded things with their fallback text, hidden elements."""
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            if element.getparent() is not None:
                drop(element)
        elif element.tag not in {"html", "body", "head"} and (
            (element.tag in _NO_TEXT and not _is_fallback(element)) or _is_hidden(element)
        ):
            drop(element)


def _is_fallback(element: HtmlElement) -> bool:
    """Whether it holds the text of a page that a script would write: nearly all of its paragraphs."""
    if element.tag != "noscript":
        return False
    inside = sum(1 for _ in element.iter("p"))
    return inside > 2 and inside > 0.8 * sum(1 for _ in element.getroottree().getroot().iter("p"))


def _is_hidden(element: HtmlElement) -> bool:
    hidden = (
        element.get("hidden") not in {None, "until-found"}
        or element.get("aria-hidden") == "true"
        or _HIDING.search(element.get("style") or "") is not None
    )
    # What holds the page's heading or much of the text is shown later, by a script.
    return hidden and element.find(".//h1") is None and len(element.findall(".//p")) < 5


def drop_foreign(scope: HtmlElement, keep: Iterable[HtmlElement | None]) -> None:
    """Take out comments, menus, side bars and other articles; what holds one of ``keep`` stays."""
    kept = _with_ancestors(keep)
    lengths = Lengths(scope)
    left = lengths.of(scope)
    for element in _inside(scope):
        if element in kept:
            continue
        by_tag = element.tag in {"nav", "aside"} or element.get("role") in {"navigation", "complementary"}
        is_card = element.tag == "article" and _is_card(element, lengths)
        named = not by_tag and not is_card and FOREIGN.search(names_of(element)) is not None
        named = named and (element.tag not in _LINES or lengths.link_share(element) > 0.8)
        if not (by_tag or is_card or named):
            continue
        length = lengths.of(element)
        if named and not _is_box(element, lengths) and _would_empty(left, length):
            continue  # the story itself, under a name that misleads
        left -= length
        drop(element)


def drop_walls(scope: HtmlElement) -> set[str]:
    """Take out boxes that stand for text which readers do not see; what they were: paywall, password."""
    found: set[str] = set()
    lengths = Lengths(scope)
    for element in _inside(scope):
        if element.find(".//h1") is not None:
            continue
        if element.find(".//input[@type='password']") is not None and lengths.of(element) < _MOST_WALL:
            found.add("password")
            drop(element)
        elif (WALLS.search(names_of(element)) and lengths.of(element) < 2 * _MOST_WALL) or (
            element.tag in {"div", "section", "aside", "p", "h2", "h3", "h4"} and _says_wall(element, lengths)
        ):
            found.add("paywall")
            drop(element)
    return found


def empty_if_locked(part: HtmlElement, walls: set[str]) -> None:
    """Empty an element that held a form for a password and little else: what is left explains the form."""
    if "password" in walls and Lengths(part).of(part) < _MOST_WALL / 2:
        for child in list(part):
            part.remove(child)
        part.text = None


def drop_trimmings(scope: HtmlElement, site: str) -> None:
    """Take out what stands around the text inside the story's own element; ``site`` is its host."""
    lengths = Lengths(scope)
    left = lengths.of(scope)
    for element in _inside(scope):
        length = lengths.of(element)
        if (
            element.tag in _CONTROLS
            or (
                element.tag == "a"
                and (element.get("role") == "button" or element.get("rel") in {"next", "prev"})
            )
            or (element.tag == "form" and length < _MOST_TRIMMING)
            or (element.tag == "footer" and not _would_empty(left, length))
        ):
            drop(element)
        elif TRIMMINGS.search(names_of(element)):
            if _would_empty(left, length) and not _is_box(element, lengths):
                continue
            if length < _MOST_TRIMMING or lengths.link_share(element) > 0.5:
                left -= length
                drop(element)
    _drop_lists(scope, site)
    _drop_cards(scope, site)
    _drop_note_marks(scope)


def drop_paid(scope: HtmlElement, selectors: Iterable[str]) -> set[str]:
    """Take out the parts that the page states to be for payers alone: classes and ids, as ``.paid``."""
    wanted = {f"-{one[1:].lower().replace('_', '-')}-" for one in selectors if one[:1] in {".", "#"}}
    found = False
    for element in _inside(scope) if wanted else ():
        if wanted & set(names_of(element).split()):
            found = True
            drop(element)
    return {"paywall"} if found else set()


def _says_wall(element: HtmlElement, lengths: Lengths) -> bool:
    """By its words, and a way in: a link or button to subscribe or sign in, or a heading that says it all."""
    if not 0 < lengths.of(element) <= _MOST_WALL * 0.6:
        return False
    if _WALL_WORDS.search(" ".join(element.text_content().split())) is None:
        return False
    if element.tag == "h2" or element.find(".//button") is not None:
        return True
    return any(
        _WAY_IN.search(f"{link.get('href') or ''} {link.get('data-portal') or ''} {link.text_content()}")
        for link in element.iter("a")
    )


def is_linked_heading(heading: HtmlElement | None) -> bool:
    """Whether a heading leads to another page; a link with ``#`` leads to a place in this one."""
    if heading is None:
        return False
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    return any(link.get("href") and "#" not in link.get("href") for link in links[:1])


def _is_card(article: HtmlElement, lengths: Lengths) -> bool:
    """Whether an article element inside another's page only leads to its own page."""
    heading = next((one for one in article.iter(*_HEADINGS)), None)
    return is_linked_heading(heading) or lengths.link_share(article) > 0.5 or lengths.of(article) == 0


def _is_box(element: HtmlElement, lengths: Lengths) -> bool:
    """Whether an element is plainly a box of its kind: it has fields, buttons, or little but links."""
    has_fields = any(element.find(f".//{tag}") is not None for tag in ("input", "textarea", "button"))
    has_buttons = any(BUTTONS.search(names_of(one)) for one in element.iter("a"))
    is_comment = any("-comment-" in names_of(one) for one in element.iter("li", "article"))
    return has_fields or has_buttons or is_comment or lengths.link_share(element) > 0.5


def _would_empty(left: int, length: int) -> bool:
    return left - length < min(0.2 * left, 200)


def _heads_list(text: str) -> bool:
    return is_list_heading(text) or is_phrase(text)


def _drop_lists(scope: HtmlElement, site: str) -> None:
    """Take out lists of the site's other stories under a heading like "Read more" or "Related articles".

    A story that is little but such a list is a roundup and stays.
    """
    lengths = Lengths(scope)
    left = lengths.of(scope)
    for heading in list(scope.iter(*_HEADINGS, "p", "div")):
        if not 0 < lengths.of(heading) < 60 or not _heads_list(heading.text_content()):
            continue
        listed: list[HtmlElement] = []
        following = heading.getnext()
        while (
            following is not None and lengths.link_share(following) > 0.6 and _leads_inside(following, site)
        ):
            listed.append(following)
            following = following.getnext()
        taken = sum(map(lengths.of, (heading, *listed)))
        if listed and not _would_empty(left, taken):
            left -= taken
            for one in (heading, *listed):
                drop(one)


def _leads_inside(element: HtmlElement, site: str) -> bool:
    """Whether the first link of an element leads to the own site; any may, where this is not known."""
    link = element if element.tag == "a" else element.find(".//a")
    host = host_of(link.get("href") or "") if link is not None else ""
    return not site or host in {"", site}


def _drop_cards(scope: HtmlElement, site: str) -> None:
    """Take out single cards that lead to other articles of the site; in a roundup they are the text."""
    cards = [one for one in scope.iter("figure", "div") if "-kg-bookmark-card-" in names_of(one)]
    lengths = Lengths(scope)
    if len(cards) > 2 or sum(map(lengths.of, cards)) > 0.5 * lengths.of(scope):
        return
    for card in cards:
        if _leads_inside(card, site or "?"):
            drop(card)


def _drop_note_marks(scope: HtmlElement) -> None:
    """Take out the marks of footnotes, which would stick to the words before them, and links back."""
    for mark in list(scope.iter("sup", "a")):
        if mark.getparent() is None or mark is scope:
            continue
        text = "".join(mark.itertext()).strip()
        links = [mark] if mark.tag == "a" else [*mark.iter("a"), *mark.iterancestors("a")][:1]
        is_inside = any("#" in (link.get("href") or "")[:1] or link.get("data-fn") for link in links)
        if mark.tag == "a":
            if is_inside and (
                mark.get("role") in {"doc-noteref", "doc-backlink"} or (text and _BACK.fullmatch(text))
            ):
                drop(mark)
        elif _NOTE_MARK.fullmatch(text) and (
            is_inside or (text.strip("[]()").isdigit() and not _UNITS.search(_before(mark)))
        ):
            drop(mark)


def _before(element: HtmlElement) -> str:
    """The text right before an element."""
    earlier = element.getprevious()
    above = element.getparent()
    text = (above.text if above is not None else "") if earlier is None else earlier.tail
    return (text or "")[-20:]


def _inside(scope: HtmlElement) -> Iterator[HtmlElement]:
    """The elements inside, each only while nothing above it was taken out."""
    for element in list(scope.iterdescendants()):
        if isinstance(element.tag, str) and _is_attached(element, scope):
            yield element


def _is_attached(element: HtmlElement, scope: HtmlElement) -> bool:
    above = element.getparent()
    while above is not None and above is not scope:
        above = above.getparent()
    return above is scope


def host_of(address: str) -> str:
    """The host of an address in small letters; empty for a path, and for what is none."""
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""


def _with_ancestors(elements: Iterable[HtmlElement | None]) -> set[HtmlElement]:
    found: set[HtmlElement] = set()
    for element in elements:
        if element is not None:
            found |= {element, *element.iterancestors()}
    return found


def drop(element: HtmlElement) -> None:
    """Take an element out, with what is in it; the text behind it stays."""
    above = element.getparent()
    if above is None:
        return
    if tail := element.tail:
        earlier = element.getprevious()
        if earlier is None:
            above.text = (above.text or "") + tail
        else:
            earlier.tail = (earlier.tail or "") + tail
    above.remove(element)


def _length(text: str | None) -> int:
    return len("".join(text.split())) if text else 0
