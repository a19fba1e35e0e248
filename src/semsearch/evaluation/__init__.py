"""Measuring search, related lists and stories against judgements, and comparing two ways of ranking."""

from __future__ import annotations

from semsearch.evaluation.clusters import ClusterEvaluation, evaluate_clusters
from semsearch.evaluation.comparison import Comparison, QueryDifference, compare, mean_interval
from semsearch.evaluation.judgements import Groups, Qrels, Query, load_groups, load_qrels, load_queries
from semsearch.evaluation.measures import DEFAULT_MEASURES, Evaluation, Measure, evaluate
from semsearch.evaluation.related import RelatedEvaluation, evaluate_related
from semsearch.evaluation.runs import Run, read_run, run_queries, write_run

__all__ = [
    "DEFAULT_MEASURES",
    "ClusterEvaluation",
    "Comparison",
    "Evaluation",
    "Groups",
    "Measure",
    "Qrels",
    "Query",
    "QueryDifference",
    "RelatedEvaluation",
    "Run",
    "compare",
    "evaluate",
    "evaluate_clusters",
    "evaluate_related",
    "load_groups",
    "load_qrels",
    "load_queries",
    "mean_interval",
    "read_run",
    "run_queries",
    "write_run",
]
