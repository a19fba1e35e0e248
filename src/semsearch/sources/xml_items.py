"""Finds and mends the items of an XML file that is broken, one by one; pure text.

Each item is parsed alone, so that a broken one costs only itself. What people and plugins break most is
mended first: a bare ``&``, entities of HTML, a ``<`` that begins no tag, ``]]>`` inside of CDATA, prefixes
that nobody declared, and references to characters that XML forbids.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_EDGE = re.compile(r"<item(?=[\s>])|</item\s*>|</channel\s*>", re.I)
_LONGEST_EDGE = 100
_KEPT = 2**20  # characters that were read and need not be dropped yet
_MOST_EDGES = 200  # looked at behind an item whose text seems to hold items itself
_LONGEST_MENDED = 20_000_000  # characters
_MOST_MISSING = 50  # ends of elements that are looked for in vain
_DECLARED = re.compile(r"""\sxmlns:([\w.-]+)\s*=\s*["']([^"'<>]*)["']""")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):[A-Za-z_]|\s([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*\s*=\s*[\"']")
_OPENS_CDATA = re.compile(r"<([\w.:-]+)(?:\s[^<>]*)?>\s*<!\[CDATA\[")
_ENTITY = re.compile(r"&(?:#([0-9]{1,8})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][A-Za-z0-9]{0,40}));|&")
_BARE = re.compile(r"<(?![A-Za-z_/!?])")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_HEAD_PARTS = re.compile(r"<(title|language|wp:author|wp:category)(?:\s[^<>]*)?>.{0,20000}?</\1\s*>", re.S)
_MOST_HEAD_PARTS = 100_000
NAMESPACES: Mapping[str, str] = {
    "wp": "http://wordpress.org/export/1.2/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "dc": "http://purl.org/dc/elements/1.1/",
}


class Text(Protocol):
    """Something that gives text part by part."""

    def text(self) -> str:
        """The next part; "" at the end."""


@dataclass(slots=True)
class Item:
    """One item: its text, the line on which it begins, whether it has an end, and what to try instead.

    ``is_last`` says that the file ends within it, ``is_rest`` that its beginning was lost.
    ``longer`` is the item up to a later end, where this one lies within its CDATA; who takes that one says
    so, since the next item then begins behind it.
    """

    text: str
    line: int
    whole: bool
    longer: str = ""
    is_last: bool = False
    is_rest: bool = False
    taken_longer: bool = False


def items(source: Text, begun: str, line: int, *, inside: bool) -> Iterator[Item]:
    """The items of what is left of a file: ``begun`` and what ``source`` gives; ``line`` is where it is.

    ``inside`` says that ``begun`` may begin inside of an item.
    """
    buffer = _Buffer(source, begun, line)
    count = 0
    while True:
        edge = buffer.edge(buffer.at)
        before = buffer.text[buffer.at : edge.start()] if edge else ""
        is_end = edge is not None and edge[0].lower().startswith("</item")
        if (is_end and not inside) or (count and _COMMENT.sub("", before).strip()):
            yield Item(before, buffer.line, whole=False, is_rest=True)
        if edge is None:
            return
        buffer.go(edge.end() if edge[0].startswith("</") else edge.start())
        inside = False
        if edge[0].startswith("</"):
            count = count if is_end else 0  # behind the channel, anything may follow
            continue
        count += 1
        first = buffer.edge(buffer.at + 1)
        whole = first is not None and first[0].lower().startswith("</item")
        end = first.end() if first and whole else first.start() if first else len(buffer.text)
        text = buffer.text[buffer.at : end]
        longer = buffer.up_to_an_end(end) if _in_cdata(text) else ""
        chosen = Item(text, buffer.line, whole, longer, first is None)
        yield chosen
        buffer.go(buffer.at + len(longer if chosen.taken_longer else text))


def _in_cdata(text: str) -> bool:
    return text.rfind("<![CDATA[") > text.rfind("]]>")


class _Buffer:
    """The text that was read; ``at`` is where the item begins that is looked at, on ``line``."""

    def __init__(self, source: Text, begun: str, line: int) -> None:
        self._source = source
        self.text = begun
        self.at = 0
        self.line = line

    def edge(self, start: int) -> re.Match[str] | None:
        """The next beginning or end of an item."""
        while True:
            found = _EDGE.search(self.text, start)
            if found is not None:
                return found
            start = max(start, len(self.text) - _LONGEST_EDGE)
            if not self._more():
                return None

    def up_to_an_end(self, start: int) -> str:
        """The text up to the next end of an item that is in no CDATA; "" where there is none near."""
        for _ in range(_MOST_EDGES):
            edge = self.edge(start)
            if edge is None:
                return ""
            start = edge.end()
            text = self.text[self.at : start]
            if edge[0].lower().startswith("</item") and not _in_cdata(text):
                return text
        return ""

    def go(self, to: int) -> None:
        """Begin at another place, further on."""
        self.line += self.text.count("\n", self.at, to)
        self.at = to
        if self.at > _KEPT and self.at * 2 > len(self.text):
            self.text, self.at = self.text[self.at :], 0

    def _more(self) -> bool:
        """Read half as much as is held, so that a long item is copied a few times only."""
        parts: list[str] = []
        size = 0
        while size * 2 <= len(self.text) and (part := self._source.text()):
            parts.append(part)
            size += len(part)
        self.text += "".join(parts)
        return bool(parts)


class Parser:
    """Parses items alone, under the prefixes that the file's head declares."""

    def __init__(self, head: str) -> None:
        self._declared = {**NAMESPACES, **dict(_DECLARED.findall(head))}

    def parse(self, item: str) -> Element | None:
        """The element, or None where it is not well-formed."""
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        prefixes = {match[1] or match[2] for match in _PREFIX.finditer(item)} - {"xml", "xmlns"}
        declared = {prefix: f"urn:undeclared:{prefix}" for prefix in prefixes} | self._declared
        named = "".join(f" xmlns:{prefix}={_quoted(name)}" for prefix, name in declared.items())
        try:
            root: Element = fromstring(f"<rss{named}>{item}</rss>".encode(errors="replace"))
        except (ParseError, DefusedXmlException, ValueError):
            return None
        return root[0] if len(root) == 1 else None

    def head_parts(self, head: str) -> Iterator[Element]:
        """What the head of a broken file says of the site, as far as it can be read."""
        for number, match in enumerate(_HEAD_PARTS.finditer(head)):
            element = self.parse(match[0])
            if element is None:
                element = self.parse(mended(match[0]))
            if element is not None:
                yield element
            if number > _MOST_HEAD_PARTS:
                return


def _quoted(name: str) -> str:
    return '"' + escape(name, {'"': "&quot;"}) + '"'


def mended(item: str) -> str:
    """The item with what is most often broken put right; CDATA becomes plain text."""
    if len(item) > _LONGEST_MENDED:
        return item
    parts: list[str] = []
    at = 0
    missing: set[str] = set()
    for opening in _OPENS_CDATA.finditer(item):
        if opening.start() < at or opening[1] in missing:
            continue
        close = re.compile(r"\]\]>\s*(?=</" + re.escape(opening[1]) + r"\s*>)").search(item, opening.end())
        if close is None:
            missing.add(opening[1])
            if len(missing) > _MOST_MISSING:
                break
            continue
        begin = opening.end() - len("<![CDATA[")
        inner = item[opening.end() : close.start()].replace("]]]]><![CDATA[>", "]]>")
        parts += [_text_mended(item[at:begin]), escape(inner)]
        at = close.end()
    parts.append(_text_mended(item[at:]))
    return "".join(parts)


def _text_mended(text: str) -> str:
    """Markup and text outside of CDATA that was closed."""
    pieces = text.split("<![CDATA[")
    done = [_outside(pieces[0])]
    for piece in pieces[1:]:
        inside, closed, rest = piece.partition("]]>")
        done.append(f"<![CDATA[{inside}]]>{_outside(rest)}" if closed else f"<![CDATA[{piece}")
    return "".join(done)


def _outside(text: str) -> str:
    text = _BARE.sub("&lt;", _ENTITY.sub(_entity, text))
    return text.replace("]]>", "]]&gt;")


def _entity(match: re.Match[str]) -> str:
    """A reference that XML knows; what HTML knows as the character; all else as it was written."""
    if match[1] or match[2]:
        number = int(match[1]) if match[1] else int(match[2], 16)
        allowed = number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xDFFF < number < 0xFFFE
        return match[0] if allowed or 0xFFFF < number < 0x110000 else ""
    if match[3] in _XML:
        return match[0]
    known = html.entities.html5.get(f"{match[3]};") if match[3] else None
    return escape(known) if known else f"&amp;{match[0][1:]}"
