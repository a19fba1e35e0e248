"""The table of formats, and which of them a file has: found by its content and its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from semsearch.errors import SourceUnreadable
from semsearch.sources.delimited import Delimited, looks_delimited
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile, decode
from semsearch.sources.ghost import GhostExport
from semsearch.sources.html_source import HtmlPage
from semsearch.sources.json_list import JsonList
from semsearch.sources.jsonl import JsonLines
from semsearch.sources.markdown import MarkdownPage
from semsearch.sources.pages import TextPage
from semsearch.sources.parquet import Parquet
from semsearch.sources.protocol import Source
from semsearch.sources.wxr import WordPressExport

ZIP_MAGIC = b"PK\x03\x04"
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.I)
_WXR = re.compile(rb"wordpress\.org/export/|<wp:wxr_version", re.I)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.I)
_FRONT_MATTER = re.compile(rb"(?:---|\+\+\+)[ \t]*\r?\n[^\n]{0,500}[:=]")
_GHOST = re.compile(rb'\{\s*"(?:db"\s*:\s*\[\s*\{|meta"\s*:\s*\{\s*"exported_on")')
_BLANKS = b"\xef\xbb\xbf \t\r\n\0"
_JSON = re.compile(rb"\{\s*(?:\"[^\"\r\n]{1,200}\"\s*:|\})|\[\s*[\[{\]]")
_LINES_TRIED = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: its name for ``--kind``, the endings of its files, and what reads one file of it.

    ``is_page`` says that a file is one article, whose id comes from its name where it says none itself.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[InputFile, str, FieldMap], Source]  # the file, the id that its name gives, the field map
    is_page: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("jsonl", (".jsonl", ".ndjson", ".jsonlines"), lambda file, _, fields: JsonLines(file, fields)),
        Kind("json", (".json",), lambda file, _, fields: JsonList(file, fields)),
        Kind("csv", (".csv",), lambda file, _, fields: Delimited(file, fields)),
        Kind("tsv", (".tsv", ".tab"), lambda file, _, fields: Delimited(file, fields, delimiter="\t")),
        Kind("parquet", (".parquet", ".pq"), lambda file, _, fields: Parquet(file, fields)),
        Kind("html", (".html", ".htm", ".xhtml"), HtmlPage, is_page=True),
        Kind("markdown", (".md", ".markdown", ".mdx"), MarkdownPage, is_page=True),
        Kind("text", (".txt", ".text"), TextPage, is_page=True),
        Kind("wxr", (".xml", ".wxr"), lambda file, _, fields: WordPressExport(file, fields)),
        Kind("ghost", (".json",), lambda file, _, fields: GhostExport(file, fields)),
    )
}


def kind_by_name(name: str) -> Kind | None:
    """The kind that the ending of a file's name tells."""
    plain = name.lower().removesuffix(".gz")
    return next((kind for kind in KINDS.values() if plain.endswith(kind.suffixes)), None)


def kind_of(file: InputFile, head: bytes) -> Kind:
    """The kind by the name where it tells, but for JSON and XML, which are told apart by what they hold.

    What is plainly JSON, Parquet or a WordPress export is read as such under the name of a table, too.

    A file without a telling name, and standard input, are told by their content; what looks like
    nothing else is plain text. Raises SourceUnreadable for feeds and sitemaps.
    """
    start = head.lstrip(_BLANKS)
    named = kind_by_name(file.file_name)
    if start.startswith(b"PAR1"):
        return KINDS["parquet"]
    if named is not None and named.name in {"csv", "tsv", "parquet"} and _is_other(start):
        named = None
    if named is not None and named.name not in {"jsonl", "json", "wxr"}:
        has_fields = named.name in {"html", "text"} and _FRONT_MATTER.match(start)
        return KINDS["markdown"] if has_fields else named  # Hugo and Jekyll keep pages of HTML, too
    if start.startswith(b"<"):
        return _kind_of_markup(file, start, named)
    if _GHOST.match(start):
        return KINDS["ghost"]
    if start[:1] in {b"[", b"{"}:
        is_one = not _is_lines(start, named) and (start[:1] == b"[" or _is_one_object(start, named))
        return KINDS["json" if is_one else "jsonl"]
    return named or _kind_of_text(head, start)


def _kind_of_text(head: bytes, start: bytes) -> Kind:
    if _FRONT_MATTER.match(start):
        return KINDS["markdown"]
    return KINDS["csv" if looks_delimited(decode(head)[0]) else "text"]


def _kind_of_markup(file: InputFile, start: bytes, named: Kind | None) -> Kind:
    if _WXR.search(start):
        return KINDS["wxr"]
    feed = _FEED.search(start, 0, 2_000)
    if _HTML.search(start, 0, 2_000) and not feed:
        return KINDS["html"]
    if feed:
        raise SourceUnreadable(
            f"{file.name}: this is a feed or a sitemap, not an export of WordPress; "
            "give its address as a source in semsearch.toml, or export articles in another format"
        )
    if named is not None and named.name == "wxr":
        raise SourceUnreadable(
            f"{file.name}: XML of no kind that is known; give a WordPress export, or convert it to JSON Lines"
        )
    return named or KINDS["text"]


def _is_other(start: bytes) -> bool:
    """Whether what is called a table is plainly JSON or a WordPress export."""
    return bool(_JSON.match(start) or (start.startswith(b"<") and _WXR.search(start)))


def _is_lines(start: bytes, named: Kind | None) -> bool:
    """Whether whole objects stand each on a line of its own, even where the first line is damaged."""
    lines = [line.strip() for line in start.split(b"\n", _LINES_TRIED)[:_LINES_TRIED]]
    lines = [line for line in lines if line]
    objects = sum(_is_object(line) for line in lines[1:])
    parts = sum(line.endswith(b",") or line in {b"[", b"]", b"{", b"}"} for line in lines)
    return objects > parts and (objects > 1 or (named is not None and named.name == "jsonl"))


def _is_object(line: bytes) -> bool:
    if not (line.startswith(b"{") and line.endswith(b"}")):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_one_object(start: bytes, named: Kind | None) -> bool:
    """Whether what begins with a brace is one object over all of the file rather than one on each line."""
    first, newline, rest = start.partition(b"\n")
    if first.strip() == b"{" or not first.rstrip().endswith(b"}"):
        # Cut off by the bound of the head, or broken over several lines.
        return bool(newline) or (named is not None and named.name == "json")
    return not rest.strip() and named is not None and named.name == "json"


def page_id(relative: PurePath) -> str:
    """The id that a path gives: without the endings, and without ``index``, which stands for its folder."""
    name = relative.name[: -len(".gz")] if relative.name.lower().endswith(".gz") else relative.name
    stem = PurePath(name).stem
    parts = (
        relative.parent.parts if stem == "index" and relative.parent.parts else (*relative.parent.parts, stem)
    )
    return "/".join(parts)
