"""Markdown pages with front matter: Hugo, Jekyll, Astro and their like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from semsearch.sources.fieldmap import compared
from semsearch.sources.files import decode
from semsearch.sources.front_matter import split_front_matter
from semsearch.sources.page_source import PageSource
from semsearch.sources.protocol import Reporter
from semsearch.sources.visibility import why_no_page
from semsearch.text import clean_text

_NAME_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})-")
# Calls of Hugo, Jekyll and their themes; what stands between an opening and a closing one is text.
_CALLS = re.compile(r"\{\{[<%][^{}]{0,2000}[>%]\}\}|\{%[^{}]{0,2000}%\}|\{\{[^{}]{0,2000}\}\}")
_MDX_LINES = re.compile(r"^(?:import|export)\s[^\n]*$", re.M)
_MDX_PARTS = re.compile(r"</?[A-Z][\w.]*(?:\s[^<>]{0,2000})?/?>")
_HEADING = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t]*#*[ \t]*(?:\n|\Z)")


class MarkdownPage(PageSource):
    """One page of Markdown; what its site makes no page of is passed over, and this is said."""

    most_bytes = 4_000_000
    inherited: Mapping[str, object] = MappingProxyType({})  # what folders above it say of the page
    is_draft = False  # whether it lies in a folder of drafts

    def _record(self, raw: bytes, report: Reporter) -> Mapping[str, object] | None:
        text, mended = decode(raw)
        if mended:
            self._warn(report, mended)
        fields, body = split_front_matter(text, self.place)
        path = PurePosixPath(self._id)
        if path.name.startswith("_index"):
            self._warn(report, "a list page of Hugo, not an article; passed over")
            return None
        own = {compared(name) for name in fields}
        record = {name: value for name, value in self.inherited.items() if compared(name) not in own}
        record |= fields
        if reason := why_no_page(record):
            self._warn(report, f"{reason}; passed over")
            return None
        if self.is_draft:
            record["draft"] = True
        return self._completed(record, body, path)

    def _completed(self, record: dict[str, object], body: str, path: PurePosixPath) -> Mapping[str, object]:
        """The record with its text, and with what Jekyll says by the name of the file."""
        dated = _NAME_DATE.match(path.name)
        heading = _HEADING.match(body)
        ours = self._fields.apply(record)
        if heading and str(ours.get("title", heading[1])).strip() == heading[1].strip():
            record.setdefault("title", heading[1])
            body = body[heading.end() :]
        if "published_at" not in ours and dated:
            record["published_at"] = dated[1]
        if "title" not in ours and "title" not in record:
            plain = path.name[dated.end() :] if dated else path.name
            record["title"] = re.sub(r"[-_]+", " ", plain).strip().capitalize()
        if text := markdown_text(body, mdx=self._file.file_name.lower().endswith(".mdx")):
            record["body"] = text
        return record


def markdown_text(markdown: str, *, mdx: bool = False) -> str:
    """Plain text of Markdown; HTML in it is read as HTML, nothing of it is ever run."""
    from markdown_it import MarkdownIt

    text = _CALLS.sub("", markdown)
    if mdx:
        text = _MDX_PARTS.sub("", _MDX_LINES.sub("", text))
    return clean_text(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
