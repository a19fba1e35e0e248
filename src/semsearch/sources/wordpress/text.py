"""The text of a post as readers see it, from what WordPress stores, exports, gives and puts into feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from semsearch.sources.wordpress.boxes import without_boxes, without_lines
from semsearch.sources.wordpress.shortcodes import without_shortcodes
from semsearch.text import clean_line, clean_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Attributes are JSON that ends with a brace before the end of the comment, as WordPress itself reads them.
_BLOCK = re.compile(
    r"<!--\s+(?P<close>/)?wp:(?P<name>[a-z][a-z0-9/_-]*)\s+"
    r"(?:\{(?:(?!\}\s+/?-->|<!--\s).)*+\}\s+)?(?P<void>/)?-->",
    re.S,
)
# Blocks that WordPress fills when a page is shown: with other posts, comments, menus, forms, buttons.
_FILLED = _words(
    """
    query latest-posts latest-comments comments post-comments post-comments-form rss archives categories
    tag-cloud calendar page-list navigation search loginout social-links buttons button post-navigation-link
    jetpack/related-posts jetpack/subscriptions jetpack/contact-form newspack-blocks/homepage-articles
    yoast-seo/table-of-contents rank-math/toc-block embed core-embed/youtube core-embed/twitter
    """
)
_LANGUAGE_MARK = re.compile(r"<!--:([a-z]{2,3})?-->|[\[{]:([a-z]{2,3})?[\]}]")
_OLD_MORE = re.compile(r"<!--\s*(?:more.{0,200}?|nextpage|noteaser)\s*-->")
_BREAK = "\n\n"


def wordpress_text(content: str, language: str = "") -> str:
    """Plain text of a post, without blocks, shortcodes, buttons and the texts of other posts.

    Of a text in several languages (qTranslate) the part in ``language`` is taken, or else the first.
    """
    text = in_one_language(content, language)
    if "wp:" in text:
        text = "".join(_without_blocks(text))
    text = without_shortcodes(_OLD_MORE.sub(_BREAK, text) if "<!--" in text else text)
    return without_lines(clean_text(without_boxes(text)))


def wordpress_line(written: object, language: str = "") -> str:
    """Plain text of a title or a name, which WordPress keeps and gives as HTML."""
    return clean_line(in_one_language(written, language)) if isinstance(written, str) else ""


def in_one_language(text: str, language: str = "") -> str:
    """The text in one of the languages that it holds, with what stands outside of all marks."""
    if "[:" not in text and "<!--:" not in text and "{:" not in text:
        return text
    marks = list(_LANGUAGE_MARK.finditer(text))
    names = [mark[1] or mark[2] for mark in marks]
    if not any(names):
        return text
    own = language[:2].lower()
    chosen = own if own in names else next(filter(None, names))
    parts = [text[: marks[0].start()]]
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        if names[number] in {None, chosen}:
            parts.append(text[mark.end() : end])
    return "".join(parts)


def _without_blocks(text: str) -> Iterator[str]:
    """The text without the comments that mark blocks, and without what is in blocks that are filled later."""
    position, inside, depth = 0, "", 0
    marks = list(_BLOCK.finditer(text))
    last = {_name(mark): mark.start() for mark in marks if mark["close"]}
    for mark in marks:
        name, is_void = _name(mark), mark["void"] is not None
        if not inside:
            yield text[position : mark.start()]
            position = mark.end()
            if name in _FILLED and not mark["close"] and not is_void and last.get(name, -1) >= position:
                inside, depth = name, 1
        elif name == inside and not is_void:
            depth += -1 if mark["close"] else 1
            if depth == 0:
                inside, position = "", mark.end()
                yield _BREAK
    if not inside:
        yield text[position:]


def _name(mark: re.Match[str]) -> str:
    return mark["name"].lower().removeprefix("core/")
