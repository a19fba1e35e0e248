"""A file with an HTML page as a source."""

from __future__ import annotations

import re
from collections.abc import Mapping

from semsearch.sources.html_charset import decode_markup
from semsearch.sources.html_page import MOST_PAGE_BYTES, read_html
from semsearch.sources.page_source import PageSource
from semsearch.sources.protocol import Reporter

_AMP = re.compile(r"<html\b[^<>]*\s(?:amp|⚡)(?:[\s=>]|$)", re.I)

_BEGINS = re.compile(r"<(?:html|body)[\s>]", re.I)
_ENDS = re.compile(r"</(?:html|body)\s*>", re.I)


class HtmlPage(PageSource):
    """One HTML page; ``is_amp`` says after reading whether it is the AMP form of another page."""

    most_bytes = MOST_PAGE_BYTES
    is_amp = False

    def _record(self, raw: bytes, report: Reporter) -> Mapping[str, object]:
        text, mended = decode_markup(raw)
        if mended:
            self._warn(report, mended)
        if _BEGINS.search(text[:5_000]) and not _ENDS.search(text):
            self._warn(report, "the page has no end; it may be cut off")
        self.is_amp = _AMP.search(text[:5_000]) is not None
        read = read_html(text, url=None, place=self.place)
        for note in read.notes:
            report.warn(note)
        if read.more and read.record.get("body"):
            self._warn(report, "the article has later pages, which are not in this file", read.more[0])
        return read.record
