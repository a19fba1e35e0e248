"""The fields in front of a Markdown page, as Hugo, Jekyll, Hexo, Astro and Pelican write them."""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from semsearch.errors import ArticleInvalid
from semsearch.sources.fieldmap import compared, usual_name
from semsearch.sources.statuses import is_status
from semsearch.sources.visibility_fields import says_visibility, says_when

if TYPE_CHECKING:
    import yaml

_MOST = 100_000  # characters of front matter; YAML takes its time
_DEEPEST = 50  # brackets that stand open at once
_OPENING = re.compile(
    r"\ufeff?\s*?(?P<fence>-{3,}|\+{3}|;{3,})(?P<language>yaml|yml|toml|json)?[ \t]*\n", re.I
)
_KEY = re.compile(r"""["']?([A-Za-z][\w.-]{0,60})["']?[ \t]*[:=](?=\s|$|["'\[{\d])""")
_HEADER = re.compile(r" {0,3}([A-Za-z][\w -]{0,60}):[ \t]*(.*)")
_FOLLOWING = re.compile(r"(?:\t| {2,})\S")
_LANGUAGES = {"-": "yaml", "+": "toml", ";": "json"}
_PLAIN_HEADERS = frozenset({"title", "status", "published_at"})  # one of them makes a header of a line
_NULLS = ("", "null", "~", "Null", "NULL")
_DOTTED = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{_DEEPEST}}}""")


def split_front_matter(text: str, place: str) -> tuple[Mapping[str, object], str]:
    """The fields and the text behind them; raises ArticleInvalid where the fields cannot be read.

    Fields that begin and never end are such, too: what they say of being published must not become text.
    """
    text = text.replace("\r\n", "\n")
    if re.match(r"\ufeff?\s*\{", text):
        return _json(text.lstrip("\ufeff"), place)
    opening = _OPENING.match(text)
    if opening is None:
        return _headers(text, place)
    fence, language = opening["fence"], (opening["language"] or "").lower()
    ends = rf"^(?:{re.escape(fence)}{'|[.]{3}' if fence[0] == '-' else ''})[ \t]*$\n?"
    closing = re.compile(ends, re.M).search(text, opening.end(), opening.end() + _MOST + 100)
    if closing is None:
        _refuse_unclosed(text, opening, place)
        return {}, text  # a line across the page
    written, body = text[opening.end() : closing.start()], text[closing.end() :]
    language = language or _LANGUAGES[fence[0]]
    if language == "toml":
        return fields_of_toml(written, place), body
    if language == "json" and not written.lstrip().startswith("{"):
        written = f"{{{written}}}"  # Hexo leaves the braces out
    return (_json_fields(written, place) if language == "json" else fields_of_yaml(written, place)), body


def _refuse_unclosed(text: str, opening: re.Match[str], place: str) -> None:
    """Raise ArticleInvalid if the lines behind a fence that is not closed are fields."""
    lines = text[opening.end() : opening.end() + _MOST].split("\n")
    keys: list[str] = []
    for line in lines:
        if key := _KEY.match(line.strip(" \t-")):
            keys.append(key[1])
        elif line.strip() and not line.lstrip().startswith(("#", "-", "{", "}")) and line[0] not in " \t":
            break
    known = [key for key in keys if usual_name(key) or says_visibility(key)]
    if known or len(keys) > 1 or opening["language"]:
        first = text.count("\n", 0, opening.start("fence")) + 1
        raise ArticleInvalid(
            f"the front matter begins on line {first} and is never closed",
            place=place, value=text[opening.start("fence") :][:80],
            hint=f"put {opening['fence']} on a line of its own behind the last field"
            + (f"; fields found: {', '.join(keys[:8])}" if keys else ""),
        )  # fmt: skip


def _headers(text: str, place: str) -> tuple[Mapping[str, object], str]:
    """Fields without a fence before them, up to a blank line or a fence (Pelican, MultiMarkdown, Hexo)."""
    start = len(text) - len(text.lstrip("\ufeff \n\t"))
    fields: dict[str, object] = {}
    last, end = "", start
    for line in text[start : start + _MOST].split("\n"):
        header = _HEADER.fullmatch(line)
        if header:
            last = header[1].strip()
            _add(fields, last, header[2].strip())
        elif last and _FOLLOWING.match(line):
            fields[last] = f"{fields[last]} {line.strip()}".strip()
        else:
            break
        end += len(line) + 1
    behind = re.compile(r"(?:-{3,}|;{3,}|[.]{3})[ \t]*(?:\n|\Z)").match(text, end)
    known = [name for name in fields if usual_name(name) or says_visibility(name)]
    if not any(_is_header(name, fields[name]) for name in known) or len(fields) > 2 * len(known):
        return {}, text  # a text of lines like "Anna: No!"
    if behind:
        return fields_of_yaml(text[start:end], place), text[behind.end() :]
    return {name: value for name, value in fields.items() if value not in _NULLS}, text[end:]


def _is_header(name: str, value: object) -> bool:
    """Whether a line alone is a header, and not a text like "Live: the storm reaches the coast"."""
    if usual_name(name) in _PLAIN_HEADERS:
        return True
    return says_visibility(name) and (is_status(value) or says_when(compared(name)) in {"start", "end"})


def _json(text: str, place: str) -> tuple[Mapping[str, object], str]:
    start = len(text) - len(text.lstrip())
    try:
        fields, end = _decoder().raw_decode(text, start)
    except (ValueError, RecursionError) as fault:
        if re.match(r"\s*\{\s*[\"'][\w .-]{1,60}[\"']\s*:", text):
            raise _broken("JSON", text.strip(), place, f"{fault}; is it closed?") from fault
        return {}, text  # a text that begins with a brace
    return (fields, text[end:]) if isinstance(fields, dict) else ({}, text)


def _json_fields(text: str, place: str) -> Mapping[str, object]:
    try:
        fields = _decoder().decode(text)
    except (ValueError, RecursionError) as fault:
        raise _broken("JSON", text, place, str(fault)) from fault
    if not isinstance(fields, dict):
        raise _broken("JSON", text, place, "it holds no names with values")
    return fields


@functools.cache
def _decoder() -> json.JSONDecoder:
    def joined(pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields: dict[str, object] = {}
        for name, value in pairs:
            _add(fields, name, value)
        return fields

    return json.JSONDecoder(object_pairs_hook=joined, strict=False)


def _add(fields: dict[str, object], name: str, value: object) -> None:
    """Add a field; of one that is given twice the last counts, or all, if it says who may see the page."""
    if name in fields and fields[name] != value and says_visibility(name):
        before = fields[name]
        value = [*(before if isinstance(before, list) else [before]), value]
    fields[name] = value


def fields_of_toml(text: str, place: str) -> Mapping[str, object]:
    """Fields of TOML; dates as text. Raises ArticleInvalid."""
    if _DOTTED.search(text):  # each part is a table within a table: time and memory grow with the square
        raise _broken("TOML", text, place, f"a name has more than {_DEEPEST} parts with dots between them")
    try:
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except RecursionError as fault:
        raise _broken("TOML", text, place, f"values are nested more than {_DEEPEST} deep") from fault
    except tomllib.TOMLDecodeError as fault:
        raise _broken("TOML", text, place, str(fault)) from fault


def fields_of_yaml(text: str, place: str) -> Mapping[str, object]:
    """Fields of YAML as text, lists and objects: no tag makes anything else of a value.

    Dates, numbers and words like ``no`` stay as written; the fields know better what they are. Anchors
    are refused: a few lines of them stand for gigabytes; so is deep nesting, which takes hours.
    """
    import yaml

    try:
        _refuse_what_grows(text, place)
        fields = yaml.load(text, _loader())  # that makes nothing but text, lists and objects
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise _broken("YAML", text, place, " ".join(str(fault).split())[:200]) from fault
    if fields in (None, ""):
        return {}
    if not isinstance(fields, dict):
        raise _broken("YAML", text, place, "it holds no names with values")
    return {str(name): value for name, value in fields.items() if value not in _NULLS}


@functools.cache
def _loader() -> type[yaml.BaseLoader]:
    import yaml

    class Loader(yaml.BaseLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, ARG002
            found: dict[str, object] = {}
            for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
                _add(
                    found,
                    str(self.construct_object(name, deep=True)),
                    self.construct_object(value, deep=True),
                )
            return found

    return Loader


def _refuse_what_grows(text: str, place: str) -> None:
    import yaml

    depth = 0
    for token in yaml.scan(text):
        if isinstance(token, (yaml.AliasToken, yaml.AnchorToken)):
            raise ArticleInvalid(
                "YAML anchors are not read in front matter", place=place, hint="write the values out"
            )
        depth += isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken))
        depth -= isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken))
        if depth > _DEEPEST:
            raise _broken("YAML", text, place, f"lists are nested more than {_DEEPEST} deep")


def _broken(language: str, text: str, place: str, why: str) -> ArticleInvalid:
    return ArticleInvalid(
        f"the front matter is not valid {language}", place=place, value=text[:80], hint=why or "mend it"
    )


def _plain(value: object) -> object:
    """Dates of TOML as text."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
