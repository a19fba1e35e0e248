"""Measuring and comparing from the command line."""

import json

import pytest

from tests.cli.conftest import write_lines


@pytest.fixture
def judged(built, home):
    """An index with two queries and their judgements."""
    write_lines(
        home / "queries.jsonl", [{"id": "q1", "text": "village school"}, {"id": "q2", "text": "bank rates"}]
    )
    (home / "qrels.tsv").write_text("q1\tschool\t2\nq1\tmarch\t1\nq2\trates\t1\n", "utf-8")
    return built


def test_run_prints_the_measures_as_json_and_writes_a_run(judged, home):
    """One object with nDCG@10, recall@100 and MRR; the run has the six columns of TREC."""
    outcome = judged(
        "eval", "run", "--queries", "queries.jsonl", "--qrels", "qrels.tsv", "--run-out", "out.run"
    )
    assert 0 == outcome.code, outcome.err
    found = outcome.json()
    assert ("hybrid", 2, 1.0, 1.0) == (found["mode"], found["queries"], found["recall@100"], found["MRR"])
    assert 0.9 < found["nDCG@10"] <= 1
    first = (home / "out.run").read_text("utf-8").splitlines()[0].split()
    assert ["q1", "Q0", "1", "semsearch-hybrid"] == [first[0], first[1], first[3], first[5]]


def test_run_of_several_modes_is_an_object_a_line_and_a_run_file_each(judged, home):
    """Modes come in a fixed order, each once."""
    modes = ("--mode", "lexical", "--mode", "semantic,lexical")
    arguments = (
        "--queries",
        "queries.jsonl",
        "--qrels",
        "qrels.tsv",
        "--run-out",
        "out.run",
        "--measure",
        "P@1",
    )
    outcome = judged("eval", "run", *arguments, *modes)
    found = [json.loads(line) for line in outcome.out.splitlines()]
    assert ["semantic", "lexical"] == [one["mode"] for one in found]
    assert {"P@1"} == {key for one in found for key in one if "@" in key}
    assert (home / "out.lexical.run").is_file()
    assert (home / "out.semantic.run").is_file()


def test_run_as_a_table(judged):
    """For people the same figures stand in columns."""
    outcome = judged("eval", "run", "--queries", "queries.jsonl", "--qrels", "qrels.tsv", "--format", "table")
    assert "nDCG@10" in outcome.out
    assert "1.0000" in outcome.out


@pytest.mark.parametrize("missing", ["queries", "qrels"])
def test_a_file_that_is_not_there_is_named(judged, missing):
    """Both are checked before a search is made."""
    files = {"queries": "queries.jsonl", "qrels": "qrels.tsv", missing: "nowhere.txt"}
    outcome = judged("eval", "run", "--queries", files["queries"], "--qrels", files["qrels"])
    assert (1, "") == (outcome.code, outcome.out)
    assert "nowhere.txt" in outcome.err


def test_compare_says_which_is_better_and_whether_it_may_be_chance(call, home):
    """Two runs of two queries: better by far, but two queries prove nothing."""
    (home / "qrels.tsv").write_text("q1\ta\t1\nq2\tb\t1\n", "utf-8")
    (home / "a.run").write_text("q1 Q0 x 1 2 t\nq1 Q0 a 2 1 t\nq2 Q0 b 1 1 t\n", "utf-8")
    (home / "b.run").write_text("q1 Q0 a 1 2 t\nq1 Q0 x 2 1 t\nq2 Q0 b 1 1 t\n", "utf-8")
    arguments = ("eval", "compare", "a.run", "b.run", "--qrels", "qrels.tsv", "--measure", "MRR")
    found = call(*arguments, "--format", "json").json()
    assert (False, 0.75, 1.0, 1) == (
        found["significant"],
        found["mean_a"],
        found["mean_b"],
        len(found["wins"]),
    )
    out = call(*arguments).out
    assert "may well be chance" in out
    assert "B is better: 1 queries" in out


def test_related_lists_are_measured_against_stories(built, home):
    """Recall of the story's others, and no copy or the article itself in any list."""
    (home / "stories.tsv").write_text("school\ts1\nmarch\ts1\nrates\ts2\n", "utf-8")
    outcome = built("eval", "related", "--stories", "stories.tsv", "--limit", "5")
    assert 0 == outcome.code, outcome.err
    found = outcome.json()
    assert (2, 0, 0) == (
        found["articles"],
        found["lists_with_copies"],
        found["lists_with_the_article_itself"],
    )
    assert 0 <= found["recall@5"] <= 1
    (home / "alone.tsv").write_text("school\ts1\nmarch\ts2\n", "utf-8")
    outcome = built("eval", "related", "--stories", "alone.tsv")
    assert 1 == outcome.code
    assert "two articles" in outcome.err


def test_the_story_of_an_article_is_listed(built):
    """As a table and as JSON; an unknown id is a clear error."""
    outcome = built("story", "school", "--format", "json")
    assert "school" in [one["id"] for one in outcome.json()["articles"]]
    assert "Story" in built("story", "school").out
    outcome = built("story", "nobody")
    assert (1, True) == (outcome.code, "nobody" in outcome.err)
