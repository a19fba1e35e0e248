"""Measures against the library ir_measures (which runs trec_eval's own code)."""

from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, P, R, nDCG

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation import Run, evaluate

PAIRS = {"nDCG@10": nDCG @ 10, "nDCG@2": nDCG @ 2, "recall@100": R @ 100, "recall@3": R @ 3, "MRR": RR}
PAIRS |= {"P@10": P @ 10, "P@3": P @ 3}

QUERIES = st.sampled_from(["q1", "q2", "q3", "q4"])
ARTICLES = st.sampled_from([f"d{number}" for number in range(15)] + ["é", "Z"])
SCORES = st.sampled_from([0.0, 0.25, 0.5, 0.5 + 1e-9, 1.0, -3.0])
GRADES = st.integers(0, 4)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(QUERIES, st.dictionaries(ARTICLES, GRADES, min_size=1), min_size=1),
    st.dictionaries(QUERIES, st.dictionaries(ARTICLES, SCORES)),
)
def test_measures_are_those_of_trec_eval(
    qrels: dict[str, dict[str, int]], scores: dict[str, dict[str, float]]
) -> None:
    """Means and per-query values equal ir_measures': ties, missing queries, unjudged and grade 0."""
    if not qrels.keys() & scores.keys():
        scores["q1"], qrels["q1"] = {"d1": 0.5}, {"d1": 1}
    ours = evaluate(Run.from_scores(scores), qrels, tuple(PAIRS))
    theirs = ir_measures.calc(list(PAIRS.values()), qrels, scores)
    for name, measure in PAIRS.items():
        assert ours.means[name] == pytest.approx(theirs.aggregated[measure], abs=1e-12), name
    values = {(row.query_id, row.measure): row.value for row in theirs.per_query}
    for name, measure in PAIRS.items():
        for query, value in ours.per_query[name].items():
            assert value == pytest.approx(values[query, measure], abs=1e-12), (name, query)


def test_by_hand() -> None:
    """One query worked out on paper: grades 0, 3, unjudged, 1 in this order; one of grade 2 not found."""
    run = Run.from_rankings({"q": [("a", 4), ("b", 3), ("x", 2), ("c", 1)]})
    got = evaluate(run, {"q": {"a": 0, "b": 3, "c": 1, "d": 2}}, ("nDCG@10", "recall@100", "MRR", "P@10"))
    gain = 3 / 1.584962500721156 + 1 / 2.321928094887362
    ideal = 3 / 1 + 2 / 1.584962500721156 + 1 / 2
    assert gain / ideal == pytest.approx(got.means["nDCG@10"])
    assert 2 / 3 == pytest.approx(got.means["recall@100"])
    assert 0.5 == got.means["MRR"]
    assert 0.2 == got.means["P@10"]
    assert 0.75 == got.judged_at_10


def test_every_judged_query_counts() -> None:
    """Queries without an answer or without anything relevant count 0 and are named; unjudged ones do not."""
    run = Run.from_scores({"good": {"a": 1}, "empty": {}, "hopeless": {"a": 1}, "unjudged": {"a": 1}})
    qrels = {"good": {"a": 1}, "empty": {"a": 1}, "absent": {"a": 2}, "hopeless": {"a": 0, "b": -1}}
    got = evaluate(run, qrels)
    assert 0.25 == got.means["nDCG@10"]
    assert 4 == got.queries
    assert ("empty", "absent") == got.unanswered
    assert ("hopeless",) == got.hopeless
    assert ("unjudged",) == got.unjudged


def test_negative_grades_are_not_relevant() -> None:
    """A grade below 0 (spam, in TREC) takes nothing away and is not relevant."""
    run = Run.from_rankings({"q": [("spam", 2), ("a", 1)]})
    got = evaluate(run, {"q": {"spam": -2, "a": 1}})
    assert 1 / 1.584962500721156 == pytest.approx(got.means["nDCG@10"])
    assert 0.5 == got.means["MRR"]


@pytest.mark.parametrize("name", ["ndcg@10", "nDCG", "recall@0", "P@", "MAP", "MRR@x", "nDCG@10 "])
def test_unknown_measures_are_named(name: str) -> None:
    """A measure that is not known is refused and the known ones are told."""
    with pytest.raises(JudgementsInvalid, match="give nDCG@k"):
        evaluate(Run.from_scores({"q": {"a": 1}}), {"q": {"a": 1}}, (name,))


def test_strangers_are_refused() -> None:
    """A run and judgements without a common query would score 0; that is told instead, with both ids."""
    with pytest.raises(JudgementsInvalid, match=r"such as 'q1'\).*such as '1'"):
        evaluate(Run.from_scores({"q1": {"a": 1}}), {"1": {"a": 1}})
    with pytest.raises(JudgementsInvalid, match="no judgements"):
        evaluate(Run.from_scores({"q1": {"a": 1}}), {})
