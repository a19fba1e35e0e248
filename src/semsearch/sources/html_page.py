"""An HTML page as one article: what it says of itself, and the text that trafilatura takes for its story."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from semsearch.errors import ArticleInvalid
from semsearch.sources.html_charset import decode_markup
from semsearch.sources.html_metadata import read_metadata
from semsearch.text import canonical_url, clean_line, clean_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_PAGE_BYTES = 20_000_000  # trafilatura's own bound
_MUCH_SHORTER = 0.5  # text of less than this share of the stated articleBody missed the story
_SIGN_UP = re.compile(r"(?:^|[\s_-])(?:newsletter|sign-?up|subscribe|optin|mailing-?list)(?:[\s_-]|$)", re.I)
_MOST_BOX_WORDS = 60  # a longer one may hold the story, whatever its name
_BLOCKS = frozenset(
    {"p", "head", "quote", "code", "list", "table", "row", "item", "div", "ab", "figure", "hi-block"}
)


def html_text(fragment: str) -> str:
    """Plain text of a piece of HTML: paragraphs apart, scripts and the like gone with what they hold."""
    return clean_text(fragment)


def record_from_html(html: str | bytes, *, url: str | None, place: str) -> dict[str, object]:
    """The record of one page, fit for ``article_from_record``; ``url`` is where it was fetched, if it was.

    JSON-LD is trusted before OpenGraph, this before other meta tags, these before the visible page.
    ``id`` is the canonical address, or else ``url``; it is missing where the page names neither. Nothing
    in the page is run or fetched. Raises ArticleInvalid, with ``place``, for what is no page at all.
    """
    from lxml.etree import ParserError

    text = decode_markup(html)[0] if isinstance(html, bytes) else html
    if len(text) > MOST_PAGE_BYTES:
        raise ArticleInvalid(
            f"the page is longer than {MOST_PAGE_BYTES:,} characters",
            place=place,
            hint="cut it into articles",
        )
    try:
        tree = _parse(text)
    except (ParserError, ValueError, AssertionError) as fault:
        raise ArticleInvalid(
            "not an HTML page", place=place, value=text[:80], hint=str(fault)[:80] or "it has no elements"
        ) from fault
    record = read_metadata(tree, url=url)
    stated = clean_text(str(record.pop("body", "")))
    body = _story(tree, str(record.get("title", "")))
    if len(body) < _MUCH_SHORTER * len(stated):
        body = stated
    if address := record.get("url"):
        record["url"] = record["id"] = canonical_url(str(address))
    return record | {"body": body} if body else record


def _parse(text: str) -> HtmlElement:
    from lxml import html

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")
    # No network, no entities from outside; libxml2 cuts nesting and sizes that no page has.
    tree: HtmlElement = html.document_fromstring(
        text, parser=html.HTMLParser(no_network=True, huge_tree=False)
    )
    return tree


@functools.cache
def _config() -> Any:  # noqa: ANN401 - a ConfigParser of trafilatura
    """The extractor's settings for news: briefs of one sentence are stories too."""
    from copy import deepcopy

    from trafilatura.settings import DEFAULT_CONFIG

    config = deepcopy(DEFAULT_CONFIG)
    config["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "20", "MIN_OUTPUT_SIZE": "1", "MIN_FILE_SIZE": "1"})
    return config


def _story(tree: HtmlElement, title: str) -> str:
    """The paragraphs of the story, without the title where it stands in front of them again."""
    from trafilatura import bare_extraction

    _open_layout(tree)
    _drop_sign_ups(tree)
    found = bare_extraction(
        tree, include_comments=False, with_metadata=False, include_tables=True, config=_config()
    )
    body = getattr(found, "body", None)
    if body is None:
        return ""
    blocks: list[str] = []
    _collect(body, blocks)
    paragraphs = [block for block in ("\n".join(filter(None, _lines(block))) for block in blocks) if block]
    if paragraphs and title and clean_line(paragraphs[0]).casefold() == clean_line(title).casefold():
        paragraphs = paragraphs[1:]
    return "\n\n".join(paragraphs)


def _open_layout(tree: HtmlElement) -> None:
    """Turn the tables in which pages of old lay out menu and story into plain divisions."""
    for cell in tree.xpath("//td[count(p) > 1]"):
        for above in cell.iterancestors("tr", "tbody", "table"):
            for beside in above.iterchildren("td", "th"):
                beside.tag = "div"
            above.tag = "div"


def _drop_sign_ups(tree: HtmlElement) -> None:
    """Take out boxes that ask for an address: themes put them between the paragraphs of the story."""
    for box in tree.xpath("//body//div[@class] | //body//section[@class] | //body//aside[@class]"):
        is_box = box.getparent() is not None and _SIGN_UP.search(box.get("class"))
        if is_box and len(box.text_content().split()) <= _MOST_BOX_WORDS:
            box.drop_tree()


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
