"""A WordPress export (WXR): the posts of a site, read item by item.

All of it is parsed as one while it is well-formed. From the first fault on, each item is parsed alone.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from semsearch.sources.files import READ_FAULTS
from semsearch.sources.html_charset import declared_encoding
from semsearch.sources.protocol import MAX_RECORD_BYTES, Note, Reporter
from semsearch.sources.record_source import Record, RecordSource
from semsearch.sources.unpacking import BombError, Readable
from semsearch.sources.wordpress.export_post import Site, is_local_time, record_from_item, why_not
from semsearch.sources.xml_items import Item, Parser, items, mended

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Control characters that posts hold and XML forbids; one of them would end the reading.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ufffe\uffff]")
_PART = 2**16
_HEAD = 4_096
_BLANKS = b"\xef\xbb\xbf \t\r\n\0"
_LONGEST_HEAD = 10_000_000  # characters before the first item that are looked at where the XML is broken
_REMEMBERED = 5_000  # items that were given, far more than one part of the file holds
_TOLD_APART = 12  # children of an item
_LONGEST_KEPT = 200
_END = re.compile("</(?:rss|channel)[\\s>]")
_LONGEST_END = 300  # characters of the end of a file: blanks and comments may follow the last tag
_Key = tuple[str | int, ...]


class WordPressExport(RecordSource):
    """The posts of a WordPress export with their status; places are ``name:number``, items counted from 1."""

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException

        site, given = self._site(), deque[_Key](maxlen=_REMEMBERED)
        with self._file.open() as file:
            head = cast("io.BufferedReader", file).peek(_HEAD)[:_HEAD]
            stream = _Guarded(file, declared_encoding(head.lstrip(_BLANKS)) or "utf-8")
            try:
                for item in self._items(stream, site):
                    given.append(_key(item))
                    yield from self._record(item, site, report)
            except DefusedXmlException:
                self._number += 1
                self._reject(
                    report, "the XML declares entities, which an export never does; not read further",
                    None, "take the DOCTYPE out, if you trust the file", exact=False,
                )  # fmt: skip
            except (ParseError, BombError) as fault:
                stream.end_item()
                yield from self._one_by_one(stream, site, given, report, str(fault))

    def _site(self) -> Site:
        """What the items say that a post may need before it is read: pictures and blocks often follow it."""
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException

        site = Site()
        if self._file.path is not None:  # standard input can be read once alone
            try:
                with self._file.open() as file:
                    head = cast("io.BufferedReader", file).peek(_HEAD)[:_HEAD]
                    stream = _Guarded(file, declared_encoding(head.lstrip(_BLANKS)) or "utf-8")
                    deque(self._items(stream, site), maxlen=0)
            except (ParseError, DefusedXmlException, BombError, *READ_FAULTS):
                return site  # the reading itself says what is wrong
        return site

    def _items(self, stream: _Guarded, site: Site) -> Iterator[Element]:
        """The items of an export that is well-formed; what the channel says before them goes to ``site``."""
        from xml.etree.ElementTree import ParseError

        from defusedxml.ElementTree import DefusedXMLParser, iterparse

        parser = DefusedXMLParser(encoding="utf-8")  # whatever the declaration says
        channel: Element | None = None
        is_open = False
        for event, element in iterparse(stream, events=("start", "end"), parser=parser):
            if event == "start":
                channel = element if element.tag == "channel" else channel
                if element.tag == "item":
                    if is_open:
                        raise ParseError("an item begins within an item")
                    is_open = True
                continue
            site.learn(element)
            if element.tag == "item":
                is_open = False
                if _swallowed(element):
                    raise ParseError("an item begins within a text of another")
                stream.end_item()
                yield element
                if channel is not None:
                    channel.clear()

    def _record(self, item: Element, site: Site, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        """The record of an item, if it is a published post."""
        self._number += 1
        if reason := why_not(item):
            self._warn(report, reason)
            return
        if is_local_time(item):
            self._warn(report, "a date in the site's own time, whose zone is not known; read as UTC")
        yield record_from_item(item, site), None

    def _one_by_one(
        self, stream: _Guarded, site: Site, given: deque[_Key], report: Reporter, fault: str
    ) -> Iterator[tuple[Record, str | None]]:
        """The items from the fault on, each parsed alone; those that were given before are passed over."""
        begun, line = "".join(stream.held), stream.line
        parser, known, told = Parser(stream.head), Counter(given), False
        last: Item | None = None
        for part in parser.head_parts(_before_items(begun)) if not given else ():
            site.learn(part)
        for last in items(stream, begun, line, inside=bool(given)):
            stream.end_item()
            element = _first_of(parser, last, (last.text, last.longer))
            if element is not None and known and known[key := _key(element)]:
                known[key] -= 1
                continue
            if element is None:
                told = True
                element = _first_of(parser, last, (mended(last.text),))
                self._tell_broken(last, element is not None, report)
            if element is not None:
                site.learn(element)
                yield from self._record(element, site, report)
        if not stream.has_end and (last is None or not last.is_last):
            self._number += 1
            problem, hint = "the export is cut off", "it has no end; export the site again"
            self._reject(report, problem, fault, hint, count=0, exact=False)
        elif not told:
            self._warn(report, "XML that is not well-formed; its items were read one by one", fault[:80])

    def _tell_broken(self, item: Item, was_mended: bool, report: Reporter) -> None:
        at = f"it begins on line {item.line:,}"
        if was_mended:
            place = f"{self.name}:{self._number + 1}"
            report.warn(Note(place, "", "an item that is not well-formed XML; it was mended and read", at))
            return
        self._number += 1
        problem = "an item that is not well-formed XML"
        if item.is_rest:
            problem = "something that is no whole item stands between the items"
        elif item.is_last:
            problem = "the export is cut off in an item"
        at += "" if item.whole or item.is_rest else " and has no end"
        hint = f"{at}; mend it there, or export the site again"
        self._reject(report, problem, None, hint, item.text, exact=item.whole)


def _first_of(parser: Parser, item: Item, texts: tuple[str, ...]) -> Element | None:
    """The first of these texts of an item that is well-formed."""
    for text in texts if not item.is_rest else ():
        element = parser.parse(text) if text and (item.whole or text is not item.text) else None
        if element is not None and not _swallowed(element):
            item.taken_longer = len(text) > len(item.text) and bool(item.longer)
            return element
    return None


def _swallowed(item: Element) -> bool:
    """Whether an item was cut off in a text, which then goes on to its end in the next item; well-formed."""
    return any(
        f"{str(child.tag).rpartition('}')[2]}><![CDATA[" in child.text
        for child in item
        if child.text and "<![CDATA[" in child.text
    )


def _key(item: Element) -> _Key:
    """What tells an item from others of the same file."""
    return tuple(
        len(text) if len(text := child.text or "") > _LONGEST_KEPT else text for child in item[:_TOLD_APART]
    )


def _before_items(text: str) -> str:
    at = text.find("<item")
    return text[: at if at >= 0 else len(text)][:_LONGEST_HEAD]


class _Guarded:
    """The text of an export without what XML forbids, with a bound on what one item may hold.

    ``held`` is what may not have been parsed yet, from ``line`` on: since the item before the last ended.
    """

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._since = 0
        self._ended = False
        self._mark = 0
        self.held: list[str] = []
        self.line = 1
        self.head = ""
        self._tail = ""

    @property
    def has_end(self) -> bool:
        """Whether what was read ends as an export does."""
        return _END.search(self._tail) is not None

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - the parser takes what it gets
        """The next part for the parser, which has handed out all that it found in those before."""
        if self._ended:  # a parser may put off what it cannot finish, but not past its next finding
            self.line += sum(part.count("\n") for part in self.held[: self._mark])
            self.held = self.held[self._mark :]
            self._mark, self._ended = len(self.held), False
        text = self.text()
        if text:
            self.held.append(text)
        return text.encode("utf-8", errors="replace")

    def text(self) -> str:
        """The next part."""
        while part := self._stream.read(_PART):
            self._since += len(part)
            if self._since > 2 * MAX_RECORD_BYTES:
                raise BombError(f"one item of the export is longer than {2 * MAX_RECORD_BYTES:,} bytes")
            text = _FORBIDDEN.sub("", self._decoder.decode(part))
            if not self.head:  # blanks before the declaration are what a theme of the site printed
                begun = text.lstrip()
                self.line += text.count("\n", 0, len(text) - len(begun))
                self.head = text = begun
            self._tail = self._tail[-_LONGEST_END:] + text[-_LONGEST_END:]
            if text:
                return text
        return ""

    def end_item(self) -> None:
        """An item ended: the next may be as long again."""
        self._since = 0
        self._ended = True
