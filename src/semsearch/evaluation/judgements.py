"""Reading queries, relevance judgements and groups of articles, with errors that name file and line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from semsearch.errors import JudgementsInvalid

Qrels = Mapping[str, Mapping[str, int]]
"""Judgements: query id -> article id -> grade; 1 and more is relevant, higher is better."""

Groups = Mapping[str, str]
"""Which group (story, event, topic) an article belongs to: article id -> group id."""

_QRELS_HINT = "give query<TAB>article<TAB>grade, or the four columns of TREC: query 0 article grade"
_HEADER_WORDS = {"grade", "score", "relevance", "rel"}  # last column of a header line, as in BEIR files


@dataclass(frozen=True, slots=True)
class Query:
    """One query of an evaluation."""

    id: str
    text: str


def load_queries(path: Path) -> list[Query]:
    """Queries of a file with one JSON object ``{"id": …, "text": …}`` a line (``.gz`` may be packed).

    Other keys are ignored and an id may be a whole number. Raises JudgementsInvalid with file and
    line for broken JSON, a missing or empty field, an id given twice, and a file without queries.
    """
    queries: dict[str, Query] = {}
    for place, line in _lines(path):
        record = _json_object(place, line)
        query = Query(_query_id(place, record), _query_text(place, record))
        if query.id in queries:
            _fail(place, f"query id '{query.id}' was given before", "give each query its own id")
        queries[query.id] = query
    if not queries:
        _fail(str(path), "no query in this file", 'give one {"id": "…", "text": "…"} a line')
    return list(queries.values())


def load_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Judgements of a file of ``query<TAB>article<TAB>grade`` or of TREC's ``query 0 article grade``.

    Columns are split at tabs where a line has tabs, else at blanks; a header in the first line is
    skipped. A grade is a whole number; 0 and less is not relevant. Raises JudgementsInvalid with
    file and line for another form, two grades of one pair, and a file without judgements.
    """
    qrels: dict[str, dict[str, int]] = {}
    for number, (place, line) in enumerate(_lines(path)):
        columns = _columns(line)
        if len(columns) not in (3, 4):
            _fail(place, f"{len(columns)} columns in {line!r}", _QRELS_HINT)
        if number == 0 and columns[-1].lower() in _HEADER_WORDS:
            continue
        query, article, grade = columns[0], columns[-2], _grade(place, columns[-1])
        known = qrels.setdefault(query, {}).setdefault(article, grade)
        if known != grade:
            problem = f"query '{query}', article '{article}' has grade {grade} here and {known} above"
            _fail(place, problem, "keep one of the two")
    if not qrels:
        _fail(str(path), "no judgement in this file", _QRELS_HINT)
    return qrels


def load_groups(path: Path) -> dict[str, str]:
    """Groups of a file of ``article<TAB>group`` lines: stories, events, topics.

    Raises JudgementsInvalid with file and line for another form, for an article in two groups, and
    for a file without groups.
    """
    hint = "give article<TAB>story, one a line"
    groups: dict[str, str] = {}
    for place, line in _lines(path):
        columns = _columns(line)
        if len(columns) != 2:
            _fail(place, f"{len(columns)} columns in {line!r}", hint)
        article, group = columns
        known = groups.setdefault(article, group)
        if known != group:
            problem = f"article '{article}' is in group '{group}' here and in '{known}' above"
            _fail(place, problem, "keep one of the two")
    if not groups:
        _fail(str(path), "no group in this file", hint)
    return groups


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """(file:line, text) of each line that is not blank."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                place = f"{path}:{number}"
                line = _decoded(place, raw)
                if line.strip():
                    yield place, line
    except (OSError, EOFError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise JudgementsInvalid(f"{path}: cannot be read: {reason}; check the path and its rights") from exc


def _decoded(place: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as exc:
        raise JudgementsInvalid(f"{place}: not UTF-8 ({exc.reason}); save the file as UTF-8") from exc


def _columns(line: str) -> list[str]:
    parts = line.split("\t") if "\t" in line else line.split()
    return [part.strip() for part in parts if part.strip()]


def _grade(place: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        _fail(place, f"grade is '{value}'", "give a whole number: 0 not relevant, 1 or more relevant")


def _json_object(place: str, line: str) -> dict[str, object]:
    hint = 'give one JSON object a line: {"id": "…", "text": "…"}'
    try:
        record = json.loads(line)
    except ValueError as exc:
        raise JudgementsInvalid(f"{place}: not JSON ({exc}); {hint}") from exc
    if not isinstance(record, dict):
        _fail(place, f"a {type(record).__name__} where an object is needed", hint)
    return record


def _query_id(place: str, record: Mapping[str, object]) -> str:
    value = record.get("id")
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
        _fail(place, f"field 'id' is {value!r}", "give each query an id")
    return str(value).strip()


def _query_text(place: str, record: Mapping[str, object]) -> str:
    value = record.get("text")
    if not isinstance(value, str) or not value.strip():
        _fail(place, f"field 'text' is {value!r}", "give what a reader would type")
    return value.strip()


def _fail(place: str, problem: str, hint: str) -> NoReturn:
    raise JudgementsInvalid(f"{place}: {problem}; {hint}")
