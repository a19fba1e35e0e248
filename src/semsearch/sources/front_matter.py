"""The fields in front of a Markdown page: YAML, TOML or JSON, as Hugo, Jekyll and Astro write them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time

from semsearch.errors import ArticleInvalid

_MOST = 100_000  # characters of front matter; YAML takes its time
_DEEPEST = 50  # brackets that stand open at once
_DOTTED = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{_DEEPEST}}}""")
_FENCED = re.compile(r"\ufeff?\s*?(---|\+\+\+)[ \t]*\n(.*?)(?:^|\n)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S)


def split_front_matter(text: str, place: str) -> tuple[Mapping[str, object], str]:
    """The fields and the text behind them; raises ArticleInvalid where the fields cannot be read."""
    text = text.replace("\r\n", "\n")
    if re.match(r"\ufeff?\s*\{", text):
        return _json(text.lstrip("\ufeff"))
    match = _FENCED.match(text[: _MOST + 100])
    if match is None:
        return {}, text
    fields = _yaml(match[2], place) if match[1] == "---" else _toml(match[2], place)
    return fields, text[match.end() :]


def _json(text: str) -> tuple[Mapping[str, object], str]:
    start = len(text) - len(text.lstrip())
    try:
        fields, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}, text  # a text that begins with a brace
    return (fields, text[end:]) if isinstance(fields, dict) else ({}, text)


def _toml(text: str, place: str) -> Mapping[str, object]:
    if _DOTTED.search(text):  # each part is a table within a table: time and memory grow with the square
        raise _broken("TOML", text, place, f"a name has more than {_DEEPEST} parts with dots between them")
    try:
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except RecursionError as fault:
        raise _broken("TOML", text, place, f"values are nested more than {_DEEPEST} deep") from fault
    except tomllib.TOMLDecodeError as fault:
        raise _broken("TOML", text, place, str(fault)) from fault


def _yaml(text: str, place: str) -> Mapping[str, object]:
    """Fields of YAML as text, lists and objects: no tag makes anything else of a value.

    Dates, numbers and words like ``no`` stay as written; the fields know better what they are. Anchors
    are refused: a few lines of them stand for gigabytes; so is deep nesting, which takes hours.
    """
    import yaml

    try:
        _refuse_what_grows(text, place)
        fields = yaml.load(text, yaml.BaseLoader)  # the loader that makes nothing but text, lists and objects
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise _broken("YAML", text, place, " ".join(str(fault).split())[:200]) from fault
    if fields in (None, ""):
        return {}
    if not isinstance(fields, dict):
        raise _broken("YAML", text, place, "it holds no names with values")
    return {
        str(name): value for name, value in fields.items() if value not in ("", "null", "~", "Null", "NULL")
    }


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
