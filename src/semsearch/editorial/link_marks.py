"""The links that a pasted draft has already, in HTML or Markdown: where they stand and where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from semsearch.text import clean_text

Span = tuple[int, int]

# Characters of private use, which no published text has, hold the places while the tags are taken out.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_HTML = re.compile(
    r"""<a\s(?P<with>[^<>]{0,4000})>(?P<text>(?:(?!</a\s*>|<a\s).){1,1000})</a\s*>""",
    re.IGNORECASE | re.DOTALL,
)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"(?<![!\\])\[(?P<text>[^\[\]\n]{1,300})\]\((?P<to><[^<>\n]{1,2000}>|[^\s()<>]{1,2000})(?:\s\"[^\"\n]{0,300}\")?\)"
)


@dataclass(frozen=True, slots=True)
class Linked:
    """A pasted text without its markup, the ``spans`` in it that are links, and where these lead."""

    text: str
    spans: tuple[Span, ...]
    urls: tuple[str, ...]


def read_links(raw: str) -> Linked:
    """The text of a draft as ``clean_text`` gives it, and its links."""
    urls: list[str] = []

    def marked(match: re.Match[str]) -> str:
        if "with" in match.re.groupindex:
            found = _HREF.search(match["with"])
            if found is None:
                return match[0]  # a place to link to, not a link
            to = next(part for part in found.groups() if part is not None)
        else:
            to = match["to"].strip("<>")
        urls.append(unescape(to).strip())
        text = match["text"]
        inner = text.strip()
        return text.replace(inner, f"{_OPEN}{inner}{_CLOSE}", 1) if inner else text

    text = _MARKS.sub("", raw)
    text = _MARKDOWN.sub(marked, _HTML.sub(marked, text))
    return _placed(clean_text(text), tuple(url for url in urls if url))


def _placed(marked: str, urls: tuple[str, ...]) -> Linked:
    plain = _MARKS.sub("", marked)
    text = clean_text(plain)
    spans = tuple(_spans(marked))
    if text != plain:  # a mark kept blanks apart that are one: look the words up, in their order
        spans = tuple(_found(text, [plain[start:end] for start, end in spans]))
    return Linked(text, spans, urls)


def _spans(marked: str) -> Iterator[Span]:
    start: int | None = None
    for taken, match in enumerate(_MARKS.finditer(marked)):
        place = match.start() - taken
        if match[0] == _OPEN:
            start = place
        elif start is not None and place > start:
            yield (start, place)
            start = None


def _found(text: str, words: list[str]) -> Iterator[Span]:
    at = 0
    for one in (" ".join(one.split()) for one in words):
        start = text.find(one, at)
        if one and start >= 0:
            at = start + len(one)
            yield (start, at)
