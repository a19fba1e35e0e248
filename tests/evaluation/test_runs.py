"""Runs and TREC run files."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import pytest

from semsearch.errors import JudgementsInvalid, StorageFailed
from semsearch.evaluation import Query, Run, evaluate, read_run, run_queries, write_run


def ids(run: Run, query: str) -> list[str]:
    """Articles of a query, best first."""
    return [article for article, _ in run.results[query]]


def test_scores_order_a_run() -> None:
    """A run from scores is ordered by score; ties stand by id from z to a, as trec_eval has them."""
    run = Run.from_scores({"q": {"a": 0.5, "c": 0.5, "b": 0.9, "d": 0.5 + 1e-12}})
    assert ["b", "d", "c", "a"] == ids(run, "q")


def test_rankings_keep_their_order_in_every_tool(tmp_path: Path) -> None:
    """A ranking with ties and rising scores is read back in its own order, by us and by ir_measures."""
    ranking = [("a", 0.0), ("b", 0.0), ("c", 0.9), ("d", 0.1), ("e", -1.0)]
    run = Run.from_rankings({"q": ranking})
    assert ["a", "b", "c", "d", "e"] == ids(run, "q")
    write_run(run, tmp_path / "run.trec")
    assert run.results == read_run(tmp_path / "run.trec").results
    qrels = [ir_measures.Qrel("q", "b", 1)]
    theirs = ir_measures.calc_aggregate(
        [ir_measures.RR], qrels, list(ir_measures.read_trec_run(str(tmp_path / "run.trec")))
    )
    assert 0.5 == theirs[ir_measures.RR] == evaluate(run, {"q": {"b": 1}}).means["MRR"]


def test_untied_scores_are_kept() -> None:
    """Scores that fall by themselves are not touched beyond float32."""
    assert (("a", 0.75), ("b", 0.5)) == Run.from_rankings({"q": [("a", 0.75), ("b", 0.5)]}).results["q"]


def test_asking_makes_a_run() -> None:
    """run_queries asks each text once, tells of progress, and keeps empty answers."""
    answers = {"one": [("a", 1.0)], "none": []}
    told: list[tuple[int, int]] = []
    run = run_queries(
        lambda text: answers[text],
        [Query("1", "one"), Query("2", "none")],
        name="words",
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert {"1": (("a", 1.0),), "2": ()} == dict(run.results)
    assert [(1, 2), (2, 2)] == told


def test_an_article_twice_is_refused() -> None:
    """A list with one article twice would count it twice; it is refused by name."""
    with pytest.raises(JudgementsInvalid, match="query 'q': article 'a' stands twice"):
        Run.from_rankings({"q": [("a", 1.0), ("a", 0.5)]})


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 1e39])
def test_scores_must_be_finite(score: float) -> None:
    """A score that has no place in an order is refused."""
    with pytest.raises(JudgementsInvalid, match="query 'q', article 'a'"):
        Run.from_scores({"q": {"a": score}})


@pytest.mark.parametrize(("query", "article"), [("q 1", "a"), ("q", "a b"), ("q", "a\u00a0b"), ("q", "")])
def test_ids_with_blanks_are_refused(tmp_path: Path, query: str, article: str) -> None:
    """A run file cannot hold an id with a blank: nothing is written and the id is named."""
    with pytest.raises(JudgementsInvalid, match="has a blank"):
        write_run(Run.from_scores({query: {article: 1.0}}), tmp_path / "run.trec")
    assert [] == list(tmp_path.iterdir())


def test_a_run_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is a clear error."""
    with pytest.raises(StorageFailed, match="No such file"):
        write_run(Run.from_scores({"q": {"a": 1.0}}), tmp_path / "none" / "run.trec")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q Q0 a 1 0.5\n", ":1: 5 columns"),
        ("q Q0 a 1 0.5 t\n\nq Q0 b 2 x t\n", ":3: score is 'x'"),
        ("q Q0 a 1 0.5 t\nq Q0 a 2 0.4 t\n", ":2: article 'a' stands twice in query 'q'"),
    ],
)
def test_bad_runs_are_named(tmp_path: Path, text: str, said: str) -> None:
    """A run file that cannot be used says where and what."""
    path = tmp_path / "run.trec"
    path.write_text(text)
    with pytest.raises(JudgementsInvalid) as caught:
        read_run(path)
    assert said in str(caught.value)


def test_a_name_becomes_the_tag(tmp_path: Path) -> None:
    """A run's name is its tag, with blanks joined."""
    write_run(Run.from_scores({"q": {"a": 0.25}}, name="hybrid 0.5"), tmp_path / "r")
    assert "q Q0 a 1 0.25 hybrid_0.5\n" == (tmp_path / "r").read_text()
    assert "hybrid_0.5" == read_run(tmp_path / "r").name
