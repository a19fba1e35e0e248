"""Plain text pages: the first line is the title, then come the lead and the body."""

from __future__ import annotations

from collections.abc import Mapping

from semsearch.sources.files import decode
from semsearch.sources.page_source import PageSource
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Reporter

_LONGEST_TITLE = 300  # characters; a longer first line is already the text


class TextPage(PageSource):
    """One page of plain text."""

    most_bytes = MAX_BODY_CHARACTERS * 4  # UTF-8

    def _record(self, raw: bytes, report: Reporter) -> Mapping[str, object]:
        text, mended = decode(raw)
        if mended:
            self._warn(report, mended)
        title, body = _title_and_body(text)
        return {"title": title, "body": body}


def _title_and_body(text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition("\n")
    if len(first) > _LONGEST_TITLE:
        return "", text
    return first, rest
