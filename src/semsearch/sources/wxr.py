"""A WordPress export (WXR): the published posts of a site, read item by item."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from semsearch.sources.html_charset import declared_encoding
from semsearch.sources.protocol import MAX_RECORD_BYTES, Reporter
from semsearch.sources.record_source import Record, RecordSource
from semsearch.sources.unpacking import BombError, Readable
from semsearch.sources.wordpress_post import Site, is_local_time, record_from_item, why_not

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Control characters that posts hold and XML forbids; one of them would end the reading.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ufffe\uffff]")
_PART = 2**16
_HEAD = 4_096


class WordPressExport(RecordSource):
    """The published posts of a WordPress export; places are ``name:number``, items counted from 1."""

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException

        with self._file.open() as file:
            try:
                yield from self._items(cast("io.BufferedReader", file), report)
            except DefusedXmlException as fault:
                self._number += 1
                self._reject(
                    report, "the XML declares entities, which an export never does; not read further",
                    str(fault), "take the DOCTYPE out, if you trust the file",
                )  # fmt: skip
            except ParseError as fault:
                self._number += 1
                self._reject(
                    report, "the XML is broken or cut off here; not read further", str(fault),
                    "export the site again, or mend the file at this line",
                )  # fmt: skip

    def _items(self, file: io.BufferedReader, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        from defusedxml.ElementTree import DefusedXMLParser, iterparse

        stream = _Guarded(file, declared_encoding(file.peek(_HEAD)[:_HEAD]) or "utf-8")
        site = Site()
        parser = DefusedXMLParser(encoding="utf-8")  # whatever the declaration says
        channel: Element | None = None
        for event, element in iterparse(stream, events=("start", "end"), parser=parser):
            if event == "start":
                channel = element if element.tag == "channel" else channel
                continue
            if element.tag != "item":
                site.learn(element)
                continue
            stream.start_again()
            self._number += 1
            site.learn(element)
            if reason := why_not(element):
                self._warn(report, reason)
            else:
                if is_local_time(element):
                    self._warn(report, "a date in the site's own time, whose zone is not known; read as UTC")
                yield record_from_item(element, site), None
            if channel is not None:
                channel.clear()


class _Guarded:
    """The bytes of an export as UTF-8 without what XML forbids, with a bound on what one item may hold."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._since = 0

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - the parser takes what it gets
        while part := self._stream.read(_PART):
            self._since += len(part)
            if self._since > 2 * MAX_RECORD_BYTES:
                raise BombError(f"one item of the export is longer than {2 * MAX_RECORD_BYTES:,} bytes")
            if text := _FORBIDDEN.sub("", self._decoder.decode(part)):
                return text.encode("utf-8", errors="replace")
        return b""

    def start_again(self) -> None:
        self._since = 0
