"""An HTML page as one article: what it says of itself, and the text that trafilatura takes for its story."""

from __future__ import annotations

import functools
import re
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from semsearch.errors import ArticleInvalid
from semsearch.sources.html_charset import decode_markup
from semsearch.sources.html_clutter import (
    Lengths,
    drop,
    drop_foreign,
    drop_paid,
    drop_trimmings,
    drop_unseen,
    drop_walls,
    empty_if_locked,
    host_of,
)
from semsearch.sources.html_metadata import categories, later_pages, paid_parts, read_seen, read_stated, shows
from semsearch.sources.html_own import OwnArticle, find_own
from semsearch.sources.protocol import Note
from semsearch.text import canonical_url, clean_line, clean_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_PAGE_BYTES = 20_000_000  # trafilatura's own bound
_MUCH_SHORTER = 0.5  # text of less than this share of the stated articleBody missed the story
_BLOCKS = frozenset(
    {"p", "head", "quote", "code", "list", "table", "row", "item", "div", "ab", "figure", "hi-block"}
)
_BLANKS = re.compile(r"\s+")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)  # lxml gives them and takes them not
_LONG = 80  # characters of a paragraph that is one of a story, without blanks
_MOST_PLAIN = 3_000  # characters of an unmarked page part that may be taken as it stands


@dataclass(frozen=True)
class PageRead:
    """What was read from one page: ``record`` is fit for ``article_from_record``.

    ``is_article`` is False for a page that says or shows that it lists others; ``is_marked`` is True for one
    that states in its head to be an article, or whose system marks the text. ``more`` are the addresses
    of its later pages, in their order; ``as_data`` is the one of the same post in the WordPress REST API.
    ``shared_image`` is a picture that only the head names, for sharing: perhaps that of the whole site.
    """

    record: dict[str, object]
    notes: tuple[Note, ...] = ()
    is_article: bool = True
    is_marked: bool = False
    more: tuple[str, ...] = ()
    as_data: str = ""
    shared_image: str = ""

    @property
    def is_told(self) -> bool:
        """Whether it is an article for certain, though it may show no text of it."""
        return self.is_article and self.is_marked and bool(self.record.get("title"))


def fragment_text(fragment: str, *, site: str = "") -> str:
    """Plain text of a story that a system gives as HTML: what its page shows of it; ``site`` is its host.

    Without what readers do not see, sign-up boxes, buttons, and marks of footnotes.
    """
    if "<" not in fragment:
        return clean_text(fragment)
    tree = _parse(f"<html><body><div>{fragment}</div></body></html>")
    story = tree.find("body")
    drop_unseen(tree)
    drop_trimmings(story, site)
    return _plain(story)


def image_for_sharing(html: str | bytes, *, url: str) -> str:
    """The picture that the head of a page names; empty for what names none or is no page."""
    try:
        return str(read_stated(_tree(html, url), url=url).record.get("image") or "")
    except ArticleInvalid:
        return ""


def record_from_html(html: str | bytes, *, url: str | None, place: str) -> dict[str, object]:
    """The record of one page; see ``read_html``."""
    return read_html(html, url=url, place=place).record


def read_html(html: str | bytes, *, url: str | None, place: str) -> PageRead:
    """What one page says; ``url`` is where it was fetched, if it was.

    JSON-LD is trusted before OpenGraph, this before other meta tags, these before the visible page.
    ``id`` is the canonical address, or else ``url``; it is missing where the page names neither. The body
    comes from the page's own article alone: it is missing where the page shows no text of it. Nothing
    in the page is run or fetched. Raises ArticleInvalid, with ``place``, for what is no page at all.
    """
    tree = _tree(html, place)
    stated = read_stated(tree, url=url)
    record = dict(stated.record)
    is_free, told = record.pop("is_free", None), record.pop("body", "")
    record.pop("kind", None)
    full = clean_text(str(told))
    paid = paid_parts(stated.data)
    title = clean_line(str(record.get("title") or ""))
    drop_unseen(tree)
    own = find_own(tree, tuple(filter(None, (title, clean_line(tree.findtext(".//title") or "")))))
    walls: set[str] = set()
    for part in own.contents or ((own.scope,) if own.is_bounded else ()):
        walls |= (found := drop_walls(part))
        empty_if_locked(part, found)
    drop_foreign(own.scope, (own.headline, *own.contents))
    seen = read_seen(tree, own, stated)
    record = {name: value for name, value in (record | seen).items() if value}
    more = later_pages(own.scope, str(record.get("url") or url or ""))
    walls |= drop_walls(own.scope) | drop_paid(own.scope, paid)
    image = str(record.get("image") or "")
    shared = "" if stated.data.get("image") or shows(own, image) else image
    if lead := own.leads():
        record["lead"] = clean_text(" ".join(lead[0].text_content().split()))
        drop(lead[0])
    site = host_of(str(record.get("url") or url or ""))
    body = "" if own.is_list or own.is_blank else _text_of(own, str(record.get("title", "")), site)
    if len(body) < _MUCH_SHORTER * len(full) and is_free not in _NOT_FREE and not walls:
        body = full
    if address := record.get("url"):
        record["url"] = record["id"] = canonical_url(str(address))
    if "password" in walls and not body:
        record["status"] = "password"
    _extra(record, own, is_free, walls)
    is_article = not own.is_list and stated.is_article is not False
    notes = () if body else (_empty_note(place, walls),)
    is_marked = bool(stated.is_article or own.contents or own.is_blank)
    return PageRead(
        record | {"body": body} if body else record,
        notes,
        is_article,
        is_marked,
        more,
        stated.as_data,
        shared,
    )


_NOT_FREE = (False, "False", "false", "FALSE", "no", "0")


def _extra(record: dict[str, object], own: OwnArticle, is_free: object, walls: set[str]) -> None:
    """Keep what has no field of its own: other categories, and that the text is the public part of one."""
    extra: dict[str, object] = {}
    if others := [name for name in categories(own) if name != record.get("section")]:
        extra["categories"] = others
    if "paywall" in walls:
        extra["isAccessibleForFree"] = False
    elif is_free is not None:
        extra["isAccessibleForFree"] = is_free
    if extra:
        record["extra"] = extra


def _empty_note(place: str, walls: set[str]) -> Note:
    if walls:
        return Note(place, "body", "the page keeps all of its text from readers without a login; left empty")
    return Note(place, "body", "no text of the page's own article was found; left empty")


def _tree(html: str | bytes, place: str) -> HtmlElement:
    from lxml.etree import ParserError

    text = decode_markup(html)[0] if isinstance(html, bytes) else html
    if len(text) > MOST_PAGE_BYTES:
        raise ArticleInvalid(
            f"the page is longer than {MOST_PAGE_BYTES:,} characters",
            place=place,
            hint="cut it into articles",
        )
    try:
        return _parse(text)
    except (ParserError, ValueError, AssertionError) as fault:
        raise ArticleInvalid(
            "not an HTML page", place=place, value=text[:80], hint=str(fault)[:80] or "it has no elements"
        ) from fault


def _parse(text: str) -> HtmlElement:
    from lxml import html

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")
    # No network, no entities from outside; libxml2 cuts nesting and sizes that no page has.
    tree: HtmlElement = html.document_fromstring(
        text, parser=html.HTMLParser(no_network=True, huge_tree=False)
    )
    for element in tree.iter():
        if element.text and _CONTROLS.search(element.text):
            element.text = _CONTROLS.sub("", element.text)
        if element.tail and _CONTROLS.search(element.tail):
            element.tail = _CONTROLS.sub("", element.tail)
    return tree


@functools.cache
def _config() -> Any:  # noqa: ANN401 - a ConfigParser of trafilatura
    """The extractor's settings for news: briefs of one sentence are stories too."""
    from copy import deepcopy

    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "20", "MIN_OUTPUT_SIZE": "1", "MIN_FILE_SIZE": "1"})
    return config


def _text_of(own: OwnArticle, title: str, site: str) -> str:
    """The paragraphs of the story, without the title where it stands in front of them again."""
    for part in own.contents or (own.scope,):
        drop_trimmings(part, site)
    if own.contents and not _is_beside(own):
        paragraphs = [text for part in own.contents if (text := _plain(part))]
    else:
        paragraphs = _extracted(own)
    paragraphs = "\n\n".join(paragraphs).split("\n\n")
    if title and clean_line(paragraphs[0]).casefold() == clean_line(title).casefold():
        paragraphs = paragraphs[1:]
    return "\n\n".join(paragraphs)


def _is_beside(own: OwnArticle) -> bool:
    """Whether the marked element misses the story, whose paragraphs stand around it in the same article."""
    if not own.is_bounded:
        return False
    inside = {one for part in own.contents for one in part.iter()}
    lengths = Lengths(own.scope)
    around = [
        length
        for one in own.scope.iter("p")
        if one not in inside and (length := lengths.of(one)) > _LONG and lengths.link_share(one) < 0.5
    ]
    return len(around) > 2 and sum(around) > 3 * sum(map(lengths.of, own.contents))


def _plain(element: HtmlElement) -> str:
    """The text of an element as it stands, in the form that HTML from other sources gets."""
    from lxml import html

    copied = deepcopy(element)
    copied.tail = None
    for one in copied.iter():
        one.attrib.clear()
        if next(one.iterancestors("pre"), None) is None and one.tag != "pre":
            one.text = _BLANKS.sub(" ", one.text or "")
        if next(one.iterancestors("pre"), None) is None:
            one.tail = _BLANKS.sub(" ", one.tail or "")
    return clean_text(f"<div>{html.tostring(copied, encoding='unicode')}</div>")


def _extracted(own: OwnArticle) -> list[str]:
    """What trafilatura takes for the story in a part of a page in which nothing marks it."""
    scope = own.scope
    if own.headline is not None and own.headline in scope.iterdescendants():
        drop(own.headline)
    plain = _plain(scope) if own.is_bounded else ""
    paragraphs = _by_trafilatura(scope) if Lengths(scope).of(scope) else []
    found = sum(map(len, paragraphs))
    if plain and found < _MUCH_SHORTER * len(plain) and (len(plain) <= _MOST_PLAIN or not found):
        return [plain]  # an article element that holds a list, a table or a line or two
    return paragraphs


def _by_trafilatura(scope: HtmlElement) -> list[str]:
    from lxml import html
    from trafilatura import bare_extraction

    tree = html.document_fromstring("<html><body></body></html>")
    tree.find("body").append(deepcopy(scope))
    for wrapper in _wrappers(tree):
        wrapper.attrib.clear()  # names that mislead, like newsletter-story
    _open_layout(tree)
    found = bare_extraction(
        tree, include_comments=False, with_metadata=False, include_tables=True, config=_config()
    )
    body = getattr(found, "body", None)
    if body is None:
        return []
    blocks: list[str] = []
    _collect(body, blocks)
    return [block for block in ("\n".join(filter(None, _lines(block))) for block in blocks) if block]


def _wrappers(tree: HtmlElement) -> list[HtmlElement]:
    """The elements that hold nearly all of the text."""
    lengths = Lengths(tree)
    return [
        one
        for one in tree.iter("div", "section", "article", "main")
        if lengths.of(one) > 0.8 * lengths.of(tree)
    ]


def _open_layout(tree: HtmlElement) -> None:
    """Turn the tables in which pages of old lay out menu and story into plain divisions."""
    for cell in tree.xpath("//td[count(p) > 1]"):
        for above in cell.iterancestors("tr", "tbody", "table"):
            for beside in above.iterchildren("td", "th"):
                beside.tag = "div"
            above.tag = "div"


def _lines(block: str) -> list[str]:
    return [" ".join(line.split()) for line in block.split("\n")]


def _collect(element: Any, blocks: list[str]) -> None:  # noqa: ANN401 - an lxml element
    """The texts of trafilatura's tree, one string a block; lines of lists, tables and breaks stay lines."""
    blocks.append((element.text or "").replace("\n", " "))
    for child in element:
        if child.tag == "lb":
            blocks[-1] += "\n"
        elif child.tag in {"item", "row"}:
            blocks[-1] += "\n" + _inline(child)
        elif child.tag in _BLOCKS:
            _collect(child, blocks)
            blocks.append("")
        else:
            blocks[-1] += _inline(child)
        blocks[-1] += (child.tail or "").replace("\n", " ")


def _inline(element: Any) -> str:  # noqa: ANN401 - an lxml element
    """The text inside one element on one line, cells and breaks apart."""
    parts = [element.text or ""]
    for child in element:
        apart = " " if child.tag in _BLOCKS or child.tag in {"lb", "cell"} else ""
        parts += [apart, _inline(child), apart, child.tail or ""]
    return "".join(parts).replace("\n", " ")
