"""What of a draft has run, over a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semsearch.articles import Article, Filter
from semsearch.duplicates import are_copies, signature
from semsearch.editorial.coverage import Coverage, check_coverage
from semsearch.editorial.draft import DraftSource, read_draft
from semsearch.engine import Engine
from tests.index.making import engine_at

BRIDGE = (
    "The old bridge over the river was closed on Monday after engineers found cracks in two of its pillars. "
    "Buses take the road by the harbour until the spring, said the mayor of the town."
)
FERRY = "Meanwhile a ferry with forty seats crosses every hour from six in the morning to midnight for free."
QUAY = (
    "Masons laid the last granite of the quay on Friday, eleven months after a storm in January broke it. "
    "Nets dry there again, and the auction of herring returns in March."
)
CUP = "Nobody scored in the final, which was played in the rain."


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over an index of a bridge, a cup and a dozen others, which no test changes."""
    made = engine_at(tmp_path_factory.mktemp("coverage"))
    made.add_articles(
        [
            Article("bridge", "Bridge closed", BRIDGE, section="Local"),
            Article("cup", "Cup final", CUP),
            Article("quay", "Quay rebuilt", f"{QUAY} Fishermen cheered.\n\nSign up for our newsletter."),
            Article("quay-too", "Quay rebuilt", QUAY),
            *(
                Article(f"other-{one}", f"Notice {one}", f"word{one} thing{one} matter{one}")
                for one in range(12)
            ),
        ]
    )
    yield made
    made.close()


def checked(
    engine: Engine,
    text: str | None = None,
    *,
    title: str = "",
    article_id: str | None = None,
    where: Filter | None = None,
    limit: int = 10,
) -> Coverage:
    """The draft beside what the engine's index holds."""
    source = DraftSource(text=text, title=title, article_id=article_id)
    with engine.index.snapshot() as view:
        draft = read_draft(view, engine.encoder, source)
        return check_coverage(view, draft, where=where, limit=limit)


def test_boilerplate_of_an_article_is_no_news(engine: Engine) -> None:
    """What the site puts under each article is no word of the draft, be it new or not."""
    found = checked(engine, article_id="quay")
    assert ["quay-too"] == [one.article.id for one in found.articles if one.same_news]
    assert {"Fishermen", "cheered"} == set(found.new_words)


def test_a_copy_is_covered(engine: Engine) -> None:
    """The text of an article comes first, as its exact copy, with every word of it shared."""
    found = checked(engine, BRIDGE, title="Another headline")
    first = found.articles[0]
    assert ("covered", "bridge", "exact", 1.0) == (
        found.verdict,
        first.article.id,
        first.copy,
        first.shared_words,
    )
    assert first.same_news
    assert ((), 0.0) == (found.new, found.signals.new)
    assert [(0, len(BRIDGE) - 1, 0, len(BRIDGE) - 1)] == [
        (run.start, run.end, run.other_start, run.other_end) for run in first.shared
    ]
    assert all(one.has_run and one.article and "bridge" == one.article.id for one in found.passages)


def test_an_edited_copy_is_a_near_one(engine: Engine) -> None:
    """A word changed here and there leaves a copy of the text."""
    edited = BRIDGE.replace("Monday", "Tuesday")
    found = checked(engine, edited)
    assert ("covered", "near") == (found.verdict, found.articles[0].copy)
    assert ("Tuesday",) == found.new_words


def test_what_is_new_in_a_draft_is_shown(engine: Engine) -> None:
    """Of a draft whose first half ran, the second half has not run, and its words are told."""
    draft = f"{BRIDGE}\n\n{FERRY}"
    found = checked(engine, draft)
    assert "partly" == found.verdict
    assert round(len(BRIDGE.split()) / len(draft.split()), 4) == found.signals.shared
    assert [FERRY] == [draft[start:end] for start, end in found.new]
    assert round(len(FERRY.split()) / len(draft.split()), 4) == found.signals.new
    assert {"ferry", "midnight"} <= set(found.new_words)
    not_run = [draft[one.start : one.end] for one in found.passages if not one.has_run]
    assert all(FERRY.endswith(one[-20:]) for one in not_run)
    assert len(not_run) == found.signals.passages - found.signals.run > 0


def test_a_new_text_shares_nothing(engine: Engine) -> None:
    """Articles are near to anything, but nothing is said to be shared that is not."""
    found = checked(engine, FERRY)
    assert "unsure" == found.verdict  # few words, few articles, and vectors of a stand-in encoder
    assert (0, 0.0, 0.0) == (
        found.signals.same,
        found.signals.shared,
        found.signals.telling,
    )
    assert {()} == {one.shared for one in found.articles}
    assert not any(one.same_news or one.copy != "none" for one in found.articles)
    assert [None] == [one.article for one in found.passages]
    assert () == found.new_words
    assert ([(0, len(FERRY))], 1.0) == (list(found.new), found.signals.new)


def test_scores_are_inner_products_of_the_passages_shown(engine: Engine) -> None:
    """Each article's score is that of its best pair of passages, by comparing all with all."""
    draft = f"{BRIDGE}\n\n{FERRY}\n\n{CUP}"
    found = checked(engine, draft, limit=50)
    encoder = engine.encoder
    with engine.index.snapshot() as view:
        mine = read_draft(view, encoder, DraftSource(text=draft))
        for one in found.articles:
            row = view.row_of(one.article.id)
            products = mine.vectors @ view.passage_vectors(row).T
            assert round(float(products.max()), 4) == one.score
            best, other = np.unravel_index(int(products.argmax()), products.shape)
            assert (mine.passages[best].start, mine.passages[best].end) == one.draft
            assert (view.passages(row)[other].start, view.passages(row)[other].end) == one.passage


def test_an_article_of_the_archive_is_not_beside_itself(engine: Engine) -> None:
    """It is left out without being named."""
    found = checked(engine, article_id="bridge")
    assert "new" == found.verdict
    assert "bridge" not in [one.article.id for one in found.articles]


def test_filters_and_ids_leave_articles_out(engine: Engine) -> None:
    """What a filter or a list of ids takes away counts for nothing, as a copy too."""
    without = checked(engine, BRIDGE, where=Filter(exclude_ids=("bridge", "nobody")))
    assert "bridge" not in [one.article.id for one in without.articles]
    local = checked(engine, BRIDGE, where=Filter(sections=("Local",)))
    assert ["bridge"] == [one.article.id for one in local.articles]
    none = checked(engine, BRIDGE, where=Filter(sections=("Local",), exclude_ids=("bridge",)))
    assert ((), "new", 0.0) == (none.articles, none.verdict, none.signals.nearness)


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_verdict_is_the_same_for_any_limit(engine: Engine, limit: int) -> None:
    """Only as many articles are shown; a longer list goes on where a shorter one ends."""
    draft = f"{BRIDGE}\n\n{FERRY}"
    usual, found = checked(engine, draft), checked(engine, draft, limit=limit)
    assert (usual.verdict, usual.signals, usual.passages) == (found.verdict, found.signals, found.passages)
    assert usual.articles[:limit] == found.articles[:10]
    assert len(found.articles) == min(limit, len(checked(engine, draft, limit=50).articles))


def test_copies_are_found_as_comparing_each_article_does(tmp_path: Path) -> None:
    """By the signatures of the index: as by signing every article anew, as far as filters let them."""
    words = [f"word{one}" for one in range(120)]
    texts = [
        " ".join(words[: 120 - 8 * cut] + [f"new{cut}x{one}" for one in range(8 * cut)]) for cut in range(12)
    ]
    engine = engine_at(tmp_path)
    engine.add_articles(
        [
            Article(str(place), f"Title {place}", text, section="ab"[place % 2])
            for place, text in enumerate(texts)
        ]
    )
    signed = signature(texts[0], title="Title")
    wanted = {str(place) for place, text in enumerate(texts) if are_copies(signed, signature(text))}
    assert 2 <= len(wanted) < len(texts)
    found = checked(engine, texts[0], title="Title", limit=50)
    assert wanted == {one.article.id for one in found.articles if one.copy != "none"}
    assert wanted == {one.article.id for one in found.articles[: len(wanted)]}
    some = checked(engine, texts[0], where=Filter(sections=("a",)), limit=50)
    assert {one for one in wanted if int(one) % 2 == 0} == {
        one.article.id for one in some.articles if one.copy != "none"
    }
    engine.delete(["0"])
    assert wanted - {"0"} == {
        one.article.id for one in checked(engine, texts[0], limit=50).articles if one.copy != "none"
    }
    engine.close()


def test_an_empty_archive_holds_nothing(tmp_path: Path) -> None:
    """Without articles nothing is near and everything is new."""
    engine = engine_at(tmp_path)
    engine.add_articles([Article("bridge", "Bridge closed", BRIDGE)])
    engine.delete(["bridge"])
    found = checked(engine, BRIDGE)
    engine.close()
    assert ((), "new", 0) == (found.articles, found.verdict, found.signals.run)


@pytest.mark.parametrize(
    "text", ["one line", "\ud83d broken", "7", "مرحبا بالعالم", "東京で橋が閉鎖された。", "word " * 5_000]
)
def test_any_text_is_answered(engine: Engine, text: str) -> None:
    """Short, broken, foreign and long drafts share nothing with these articles."""
    found = checked(engine, text)
    assert ("new", 0.0) == (found.verdict, found.signals.shared)


def test_of_huge_articles_a_bounded_part_is_compared(engine, monkeypatch):
    """A check reads no more of an archive of huge texts than its bounds say, and still knows the copy."""
    from semsearch.editorial import coverage

    read: list[int] = []
    spell = coverage.spell

    def counted(text: str) -> object:
        read.append(len(text))
        return spell(text)

    monkeypatch.setattr(coverage, "spell", counted)
    for name, value in {"READ_NEAREST": 60, "READ_JUDGED": 40, "READ_SHOWN": 30}.items():
        monkeypatch.setattr(coverage, name, value)
    found = checked(engine, BRIDGE)
    assert max(read[1:]) <= 60
    assert "exact" == next(one.copy for one in found.articles if one.article.id == "bridge")
