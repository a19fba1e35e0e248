"""What of a draft has run, over a real index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from semsearch.articles import Article, Filter
from semsearch.editorial.coverage import MAX_TEXT, Coverage, compare
from semsearch.engine import Engine
from semsearch.errors import InputError
from tests.index.making import engine_at

BRIDGE = (
    "The old bridge over the river was closed on Monday after engineers found cracks in two of its pillars. "
    "Buses take the road by the harbour until the spring, said the mayor of the town."
)
FERRY = "Meanwhile a ferry with forty seats crosses every hour from six in the morning to midnight for free."


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an index of two articles."""
    made = engine_at(tmp_path)
    made.add_articles(
        [
            Article("bridge", "Bridge closed", BRIDGE, section="Local"),
            Article("cup", "Cup final", "Nobody scored in the final, which was played in the rain."),
        ]
    )
    yield made
    made.close()


def checked(
    engine: Engine,
    text: str,
    *,
    title: str = "",
    where: Filter | None = None,
    exclude_ids: Sequence[str] = (),
) -> Coverage:
    """The draft beside what the engine's index holds."""
    with engine.index.snapshot() as view:
        return compare(view, engine.encoder, text, title=title, where=where, exclude_ids=exclude_ids)


def test_a_copy_is_told_and_all_of_it_is_shared(engine: Engine) -> None:
    """The text of an article comes first, as its copy, with every word of it shared."""
    found = checked(engine, BRIDGE, title="Another headline")
    first = found.articles[0]
    assert ("bridge", True, 1.0, ()) == (first.article.id, first.copy, found.shared, found.unshared)
    assert [(0, len(BRIDGE) - 1, 0, len(BRIDGE) - 1)] == [
        (run.start, run.end, run.other_start, run.other_end) for run in first.shared
    ]


def test_what_is_new_in_a_draft_is_shown(engine: Engine) -> None:
    """Of a draft whose first half ran, the second half is unshared and counts against the share."""
    draft = f"{BRIDGE}\n\n{FERRY}"
    found = checked(engine, draft)
    assert round(len(BRIDGE.split()) / len(draft.split()), 4) == found.shared
    assert found.unshared
    assert all(draft[start:end] in FERRY for start, end in found.unshared)


def test_a_new_text_shares_nothing(engine: Engine) -> None:
    """Articles are near to anything, but nothing is said to be shared that is not."""
    found = checked(engine, FERRY)
    assert 0.0 == found.shared
    assert [(), ()] == [one.shared for one in found.articles]
    assert [False, False] == [one.copy for one in found.articles]
    assert FERRY.endswith(FERRY[found.unshared[-1][0] : found.unshared[-1][1]])


def test_filters_and_ids_leave_articles_out(engine: Engine) -> None:
    """A published article is not found by itself, nor by a filter that it does not pass."""
    assert ["cup"] == [one.article.id for one in checked(engine, BRIDGE, exclude_ids=["bridge"]).articles]
    local = checked(engine, BRIDGE, where=Filter(sections=("Local",)))
    assert ["bridge"] == [one.article.id for one in local.articles]
    assert () == checked(engine, BRIDGE, exclude_ids=["bridge"], where=Filter(sections=("Local",))).articles


def test_an_empty_archive_holds_nothing(engine: Engine) -> None:
    """Without articles nothing is near and nothing is shared."""
    engine.delete(["bridge", "cup"])
    found = checked(engine, BRIDGE)
    assert ((), 0.0) == (found.articles, found.shared)
    assert found.unshared


@pytest.mark.parametrize("text", ["", " \n", "a" * (MAX_TEXT + 1)])
def test_drafts_without_text_or_without_end_are_refused(engine: Engine, text: str) -> None:
    """An empty draft and one over the bound are told with their length and the bound."""
    with pytest.raises(InputError, match=rf"text has {len(text):,} characters; give a draft of 1 to 200,000"):
        checked(engine, text)


@pytest.mark.parametrize(
    "text", ["one line", "\ud83d broken", "…", "مرحبا بالعالم", "東京で橋が閉鎖された。"]
)
def test_any_text_is_answered(engine: Engine, text: str) -> None:
    """Short, broken and foreign drafts share nothing with English articles."""
    assert 0.0 == checked(engine, text).shared
