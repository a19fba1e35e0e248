"""What is said of a verdict: only what was counted, in whole sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from semsearch.articles import Article
from semsearch.editorial.coverage import Compared, Copy, PassageRun
from semsearch.editorial.coverage_reasons import named, reasons_for
from semsearch.editorial.verdict import Signals

DAY = datetime(2019, 5, 3, tzinfo=UTC)
FIRST = Article("a", "Bridge closed", published_at=DAY)
SECOND = Article("b", "Ferry runs")
SIGNALS = Signals(nearness=0.81, words=0.24, same=2, new=0.25, telling=0.62, shared=0.17, passages=6, run=4)


def compared(article: Article, *, copy: Copy = "none", same: bool = True) -> Compared:
    """An article beside a draft."""
    return Compared(article, 0.81, 0.24, (0, 1), (0, 1), (), 0.17, same, copy)


def passages(*articles: Article | None) -> list[PassageRun]:
    """A passage that has run for each article, one that has not for each None."""
    return [PassageRun(0, 1, one is not None, 0.8, 0.0, 0.0, one) for one in articles]


def reasons(signals: Signals, *run: Article | None, copies: tuple[Copy, ...] = ()) -> tuple[str, ...]:
    """The reasons of a draft that is partly covered."""
    articles = [compared(FIRST, copy=one) for one in copies] or [compared(FIRST), compared(SECOND)]
    return reasons_for("partly", signals, articles, passages(*run), ["Quetta", "2027"])


def test_passages_words_and_what_is_new() -> None:
    """The article with most passages is named; each number is told once."""
    assert (
        "4 of 6 passages have run, most of it in “Bridge closed” of 3 May 2019; "
        "2 articles are about the same news.",
        "25% of its words are in sentences that say what none of these articles says.",
        "17% of its words stand in an article word for word.",
        "62% of its names, figures and rare words, by weight, stand in articles about the same news; "
        "not yet: Quetta, 2027.",
    ) == reasons(SIGNALS, SECOND, FIRST, FIRST, None, FIRST, None)


@pytest.mark.parametrize(
    ("changed", "run", "sentence"),
    [
        (
            {"run": 2, "passages": 2},
            (FIRST, FIRST),
            "All 2 passages have run, in “Bridge closed” of 3 May 2019; ",
        ),
        (
            {"run": 1, "passages": 1, "same": 10},
            (FIRST,),
            "It has run, in “Bridge closed” of 3 May 2019; 10 or more articles are about the same news.",
        ),
        ({"run": 1, "passages": 2}, (None, SECOND), "1 of 2 passages has run, in “Ferry runs”; "),
        (
            {"run": 1, "passages": 1, "same": 1},
            (FIRST,),
            "It has run, in “Bridge closed” of 3 May 2019; 1 article is ",
        ),
        (
            {"run": 0, "passages": 1},
            (None,),
            "2 articles are about the same news, the nearest “Bridge closed” of 3 May 2019, but no whole ",
        ),
        (
            {"run": 0, "passages": 1, "same": 1},
            (None,),
            "1 article is about the same news, “Bridge closed” of 3 May 2019, but no ",
        ),
    ],
)
def test_one_and_many(changed: dict[str, int], run: tuple[Article | None, ...], sentence: str) -> None:
    """Each number has its verb."""
    assert reasons(replace(SIGNALS, **changed), *run)[0].startswith(sentence)  # type: ignore[arg-type]


def test_nothing_new_and_nothing_word_for_word() -> None:
    """What is nought is said as such, or not at all."""
    found = reasons(replace(SIGNALS, new=0.0, shared=0.0), FIRST)
    assert "No sentence of it is new." in found
    assert not any("word for word" in one for one in found)


def test_but_where_all_passages_have_run() -> None:
    """New sentences stand against it."""
    found = reasons(replace(SIGNALS, run=6), *([FIRST] * 6))
    assert found[1].startswith("But 25% of its words")


def test_copies_come_first_and_the_rest_are_counted() -> None:
    """Three are named."""
    found = reasons(SIGNALS, FIRST, copies=("exact", "near", "near", "near", "exact"))
    assert "“Bridge closed” of 3 May 2019 is the same text." == found[0]
    assert "“Bridge closed” of 3 May 2019 is a near copy." == found[1]
    assert "2 more are copies of it." == found[3]


def test_why_it_is_new() -> None:
    """The nearest is told with how far it is; an empty archive has none."""
    signals = replace(SIGNALS, nearness=0.6, words=0.1, same=0)
    (reason,) = reasons_for("new", signals, [compared(FIRST, same=False)], [], [])
    assert (
        "No article is about the same news. The nearest is “Bridge closed” of 3 May 2019: nearness 0.60 and "
        "rarest words 0.10 add up to 0.70, less than 0.93."
    ) == reason
    assert ("The archive has nothing that it could be compared with.",) == reasons_for(
        "new", signals, [], [], []
    )


def test_names_of_articles() -> None:
    """A long title is cut; without one the text begins, or the id stands."""
    assert "“" + "a" * 99 + "…”" == named(Article("x", "a" * 300))
    assert "“Two words”" == named(Article("x", body="Two\n\nwords"))
    assert "“x”" == named(Article("x"))


@pytest.mark.parametrize(
    ("changed", "thin"),
    [({"archive": 40}, "the archive has 40 articles"), ({"length": 30}, "the draft has 30 words")],
)
def test_what_is_unsure_says_what_it_lacks(changed: dict[str, int], thin: str) -> None:
    """The nearest article, both numbers with their sum, and what is too little."""
    signals = replace(SIGNALS, nearness=0.7, words=0.15, same=0, **changed)
    (words,) = reasons_for("unsure", signals, [compared(FIRST, same=False)], passages(None), [])
    assert words.startswith("“Bridge closed” of 3 May 2019 may be about the same news: nearness 0.70")
    assert "add up to 0.850" in words
    assert thin in words
