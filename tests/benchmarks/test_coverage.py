"""What the benchmark of the coverage check makes of drafts and counts."""

from __future__ import annotations

from benchmarks.coverage import reworded, table, thresholds, verdicts

from semsearch.editorial.shared_text import shared_runs, spell

TEXT = (
    "The council of the town said on Monday that the old bridge over the river is to be closed for repairs "
    "until spring because engineers found deep cracks in two stone pillars during routine checks."
)


def counted(kind: str, verdict: str, *, total: float = 0.0, shared: float = 0.0) -> dict[str, object]:
    """A case as it is kept."""
    kept = {"collection": "c", "part": "all", "kind": kind, "verdict": verdict, "copy": "none"}
    return {**kept, "sum": total, "most_shared": shared}


def test_hardly_six_words_in_a_row_stay() -> None:
    """A reworded text shares no long run with its original, and keeps its telling words."""
    made = reworded(TEXT)
    assert [] == shared_runs(spell(TEXT), spell(made))
    assert {"council", "bridge", "cracks", "pillars"} <= set(made.split())


def test_verdicts_are_counted_by_kind() -> None:
    """A story told partly covered or covered is right, a half told covered is not."""
    rows = [counted("story", "covered"), counted("story", "new"), counted("half", "covered")]
    found = verdicts(rows)
    assert [("story", 2, 0.5), ("half", 1, 0.0)] == [
        (one["kind"], one["drafts"], one["right"]) for one in found
    ]
    assert "| c, all | story | 2 | 50% | 0% | 50% | 50% |" == table(found).splitlines()[2]


def test_other_sums_are_tried() -> None:
    """What stands word for word counts at any sum."""
    rows = [
        counted("story", "partly", total=0.95),
        counted("story", "partly", shared=0.2),
        counted("new", "new", total=0.91),
    ]
    found = {one["sum"]: (one["stories_found"], one["new_told_new"]) for one in thresholds(rows)}
    assert (1.0, 0.0) == found[0.9]
    assert (1.0, 1.0) == found[0.93]
    assert (0.5, 1.0) == found[1.0]
