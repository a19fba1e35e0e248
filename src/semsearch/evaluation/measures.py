"""nDCG, recall, precision and reciprocal rank of a run, as trec_eval defines them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation.judgements import Qrels
from semsearch.evaluation.runs import Run

DEFAULT_MEASURES = ("nDCG@10", "recall@100", "MRR", "P@10")

_NAME = re.compile(r"(?P<kind>nDCG|recall|P|MRR)(?:@(?P<cutoff>[1-9]\d*))?")


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with its cutoff: ``nDCG@10``, ``recall@100``, ``P@5``, ``MRR`` or ``MRR@10``.

    Without a cutoff (MRR alone may have none) the whole list counts.
    """

    kind: str
    cutoff: int | None

    @classmethod
    def parse(cls, name: str) -> Measure:
        """The measure of a name. Raises JudgementsInvalid for a name that is not known."""
        match = _NAME.fullmatch(name)
        if match is None or (match["cutoff"] is None and match["kind"] != "MRR"):
            raise JudgementsInvalid(
                f"measure '{name}' is not known; give nDCG@k, recall@k, P@k, MRR or MRR@k"
            )
        return cls(match["kind"], int(match["cutoff"]) if match["cutoff"] else None)

    def value(self, ranked: Sequence[str], grades: Mapping[str, int]) -> float:
        """The value, 0 to 1, of one query's articles, best first; 0 where no article is relevant.

        nDCG is that of trec_eval (Järvelin and Kekäläinen 2002 with the grade itself as gain and a
        discount of log2(rank + 1)); articles without a judgement count as not relevant.
        """
        wanted = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
        if not wanted:
            return 0.0
        found = [max(0, grades.get(article, 0)) for article in ranked[: self.cutoff]]
        if self.kind == "nDCG":
            return _gain(found) / _gain(wanted[: self.cutoff])
        if self.kind == "MRR":
            return next((1 / rank for rank, grade in enumerate(found, 1) if grade), 0.0)
        relevant = sum(1 for grade in found if grade)
        # A short list is not a better one: precision divides by the cutoff, as trec_eval does.
        return relevant / (len(wanted) if self.kind == "recall" else self.cutoff or 1)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures of a run, each the mean over all judged queries, and the value of every query.

    ``means`` is measure -> mean and ``per_query`` measure -> query -> value, both 0 to 1. Every
    query with a judgement counts, as in ir_measures: one of ``unanswered`` (no result, or not in the
    run) and one of ``hopeless`` (nothing judged relevant) count 0. Queries of ``unjudged`` are in the
    run without any judgement and count nowhere. ``judged_at_10`` is the share of the first ten
    results that have a judgement: where it is low, a change may look worse than it is.
    """

    means: Mapping[str, float]
    per_query: Mapping[str, Mapping[str, float]]
    queries: int
    unanswered: tuple[str, ...]
    hopeless: tuple[str, ...]
    unjudged: tuple[str, ...]
    judged_at_10: float


def evaluate(run: Run, qrels: Qrels, measures: Sequence[str] = DEFAULT_MEASURES) -> Evaluation:
    """Measure a run against judgements.

    Raises JudgementsInvalid for an unknown measure, for no judgements, and where run and judgements
    have no query in common, which would give zeros that mean nothing.
    """
    parsed = {name: Measure.parse(name) for name in measures}
    if not qrels:
        raise JudgementsInvalid("there are no judgements; give a qrels file with at least one line")
    if not qrels.keys() & run.results.keys():
        raise JudgementsInvalid(
            f"none of the {len(run.results)} queries of the run (such as {_example(run.results)}) is among "
            f"the {len(qrels)} judged ones (such as {_example(qrels)}); give the qrels of these queries"
        )
    rankings = {query: [article for article, _ in run.results.get(query, ())] for query in qrels}
    per_query = {
        name: MappingProxyType({query: measure.value(rankings[query], qrels[query]) for query in qrels})
        for name, measure in parsed.items()
    }
    return Evaluation(
        means=MappingProxyType({name: math.fsum(of.values()) / len(of) for name, of in per_query.items()}),
        per_query=MappingProxyType(per_query),
        queries=len(qrels),
        unanswered=tuple(query for query, ranked in rankings.items() if not ranked),
        hopeless=tuple(query for query, grades in qrels.items() if max(grades.values(), default=0) <= 0),
        unjudged=tuple(query for query in run.results if query not in qrels),
        judged_at_10=_judged_share(rankings, qrels, 10),
    )


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _judged_share(rankings: Mapping[str, Sequence[str]], qrels: Qrels, cutoff: int) -> float:
    shown = sum(len(ranked[:cutoff]) for ranked in rankings.values())
    judged = sum(article in qrels[query] for query, ranked in rankings.items() for article in ranked[:cutoff])
    return judged / shown if shown else 0.0


def _example(ids: Mapping[str, object]) -> str:
    return f"'{next(iter(ids))}'" if ids else "none"
