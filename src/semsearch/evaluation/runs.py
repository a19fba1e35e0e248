"""Runs: what a search returned for each query, made by asking and kept in TREC run files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from semsearch.errors import JudgementsInvalid, StorageFailed
from semsearch.evaluation.judgements import Query

Ranked = tuple[tuple[str, float], ...]
SearchFunction = Callable[[str], Sequence[tuple[str, float]]]
ProgressFunction = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """Ranked articles of each query: query id -> (article id, score), best first, each article once.

    Made by ``from_scores``, ``from_rankings`` or ``read_run``, so that its order is always the one
    that trec_eval would see: by score in float32, ties by article id from z to a.
    """

    results: Mapping[str, Ranked]
    name: str = "semsearch"

    @classmethod
    def from_scores(cls, scores: Mapping[str, Mapping[str, float]], *, name: str = "semsearch") -> Run:
        """A run ordered by its scores. Raises JudgementsInvalid for a score that is not finite."""
        results = {query: _ordered(query, articles.items()) for query, articles in scores.items()}
        return cls(MappingProxyType(results), name)

    @classmethod
    def from_rankings(
        cls, rankings: Mapping[str, Sequence[tuple[str, float]]], *, name: str = "semsearch"
    ) -> Run:
        """A run that keeps the order given, whatever the scores.

        A score that does not fall is lowered by the least step of float32, so that every tool that
        reads the run sees this order. Raises JudgementsInvalid for an article twice in one list and
        for a score that is not finite.
        """
        results = {query: _falling(query, ranking) for query, ranking in rankings.items()}
        return cls(MappingProxyType(results), name)


def run_queries(
    search: SearchFunction,
    queries: Sequence[Query],
    *,
    name: str = "semsearch",
    on_progress: ProgressFunction | None = None,
) -> Run:
    """Ask ``search`` each query's text and keep the (article id, score) lists in the order they came.

    ``on_progress`` gets (done, total) after each query. Errors of ``search`` go through.
    """
    rankings: dict[str, Sequence[tuple[str, float]]] = {}
    for done, query in enumerate(queries, 1):
        rankings[query.id] = search(query.text)
        if on_progress is not None:
            on_progress(done, len(queries))
    return Run.from_rankings(rankings, name=name)


def write_run(run: Run, path: Path) -> None:
    """Write a TREC run file: ``query Q0 article rank score tag``, ranks from 1.

    The columns of that form are separated by blanks, so ids with blanks are refused, before anything
    is written, with JudgementsInvalid. Raises StorageFailed where the file cannot be written.
    """
    tag = "_".join(run.name.split()) or "semsearch"
    lines = []
    for query, ranked in run.results.items():
        _check_id("query", query)
        for rank, (article, score) in enumerate(ranked, 1):
            _check_id("article", article)
            lines.append(f"{query} Q0 {article} {rank} {score:.9g} {tag}\n")
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text("".join(lines), encoding="utf-8")
        os.replace(part, path)
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise StorageFailed(f"{path}: run cannot be written: {exc.strerror}; give another --run-out") from exc


def read_run(path: Path) -> Run:
    """Read a TREC run file; as in trec_eval the rank column is ignored and the scores decide.

    Raises JudgementsInvalid with file and line for another form or an article twice in one query.
    """
    scores: dict[str, dict[str, float]] = {}
    tag = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise JudgementsInvalid(f"{path}: cannot be read: {exc}; give a TREC run file") from exc
    for number, line in enumerate(text.splitlines(), 1):
        columns = line.split()
        if not columns:
            continue
        place = f"{path}:{number}"
        if len(columns) != 6:
            hint = "give six, as in TREC: query Q0 article rank score tag"
            raise JudgementsInvalid(f"{place}: {len(columns)} columns in {line!r}; {hint}")
        query, _, article, _, score, tag = columns
        ranked = scores.setdefault(query, {})
        if article in ranked:
            raise JudgementsInvalid(f"{place}: article '{article}' stands twice in query '{query}'; keep one")
        ranked[article] = _number(place, score)
    return Run.from_scores(scores, name=tag or "semsearch")


def _number(place: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise JudgementsInvalid(f"{place}: score is '{value}'; give a number") from None


def _ordered(query: str, scored: Iterable[tuple[str, float]]) -> Ranked:
    single = ((article, _single(query, article, score)) for article, score in scored)
    # trec_eval breaks ties by id, descending, so that a run cannot win by the order it was written in.
    return tuple(sorted(single, key=lambda pair: (pair[1], pair[0]), reverse=True))


def _falling(query: str, ranking: Sequence[tuple[str, float]]) -> Ranked:
    ranked: dict[str, float] = {}
    above = np.float32(np.inf)
    for article, score in ranking:
        if article in ranked:
            raise JudgementsInvalid(
                f"query '{query}': article '{article}' stands twice in the results; a search gives each once"
            )
        above = min(
            np.float32(_single(query, article, score)), np.nextafter(above, -np.inf, dtype=np.float32)
        )
        ranked[article] = float(above)
    return tuple(ranked.items())


def _single(query: str, article: str, score: float) -> float:
    """A score as float32 holds it: trec_eval and its kin compare in single precision."""
    with np.errstate(over="ignore"):
        value = float(np.float32(score))
    if not np.isfinite(value):
        raise JudgementsInvalid(
            f"query '{query}', article '{article}': score is {score}; give finite numbers"
        )
    return value


def _check_id(kind: str, value: str) -> None:
    if not value or value.split() != [value]:
        raise JudgementsInvalid(
            f"{kind} id {value!r} has a blank, which a TREC run file cannot hold; "
            f"evaluate without writing a run, or give the {kind} an id without blanks"
        )
