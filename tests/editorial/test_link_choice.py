"""Which of many possible links a text gets."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from semsearch.articles import Article
from semsearch.editorial.link_choice import LEAST_APART, Chosen, Option, choose
from semsearch.editorial.link_evidence import Evidence
from semsearch.editorial.wording import Phrase, Wording, read_wording

WORD = re.compile(r"\w+")
FILL = "Nothing of note was said here. " * 5
TEXT = f"{FILL}Kyoto came. {FILL}Berlin came. {FILL}Tokyo and Osaka came. {FILL}Paris came."


def wording(text: str = TEXT) -> Wording:
    """A text made ready; a term is a word."""
    return read_wording(lambda one: [(match[0], *match.span()) for match in WORD.finditer(one)], text)


def option(
    words: str, row: int, likely: float, *, year: int | None = 2020, story: int = -1, text: str = TEXT
) -> Option:
    """An option for words of the text, with about this confidence."""
    start = text.index(words)
    first = len(WORD.findall(text[:start]))
    phrase = Phrase(start, start + len(words), first, first + len(words.split()), True)
    published = datetime(year, 1, 1, tzinfo=UTC) if year else None
    evidence = Evidence(1, 0.6, 0.3 + 0.45 * likely**2, 1.0)
    return Option(phrase, row, Article(f"a-{row}", published_at=published), story, evidence)


def taken(
    options: list[Option], *, limit: int = 5, least: float = 0.5, text: str = TEXT
) -> list[tuple[str, int]]:
    """The words and rows of what is chosen."""
    found = choose(wording(text), options, limit=limit, least=least)
    return [(text[one.option.phrase.start : one.option.phrase.end], one.option.row) for one in found]


def test_the_likeliest_come_in_the_order_of_the_text() -> None:
    """The limit keeps the best; what is under the floor is never taken."""
    options = [
        option("Paris", 1, 0.9),
        option("Kyoto", 2, 0.8),
        option("Berlin", 3, 0.7),
        option("Osaka", 4, 0.4),
    ]
    assert [("Kyoto", 2), ("Paris", 1)] == taken(options, limit=2)
    assert [("Kyoto", 2), ("Berlin", 3), ("Paris", 1)] == taken(options)
    assert [] == taken(options, least=0.95)
    assert [] == taken(options, limit=0)
    assert [] == taken([option("Kyoto", 1, 0.0)], least=0.0)


def test_an_article_and_a_story_are_linked_once() -> None:
    """The likelier phrase has it; the other takes its next best where that is about as good."""
    assert [("Kyoto", 1)] == taken([option("Kyoto", 1, 0.9), option("Paris", 1, 0.8)])
    assert [("Kyoto", 1)] == taken([option("Kyoto", 1, 0.9, story=7), option("Paris", 2, 0.8, story=7)])
    others = [
        option("Kyoto", 1, 0.9),
        option("Paris", 1, 0.8),
        option("Paris", 2, 0.75),
        option("Paris", 3, 0.6),
    ]
    assert [("Kyoto", 1), ("Paris", 2)] == taken(others)
    assert [("Kyoto", 1)] == taken([one for one in others if one.row != 2])


def test_links_do_not_crowd() -> None:
    """One a sentence, and some words between two links."""
    assert [("Osaka", 2)] == taken([option("Tokyo", 1, 0.8), option("Osaka", 2, 0.9)])
    near = f"Kyoto came. {'x' * (LEAST_APART - 30)} fell. Berlin came. {FILL} Paris came."
    options = [
        option("Kyoto", 1, 0.9, text=near),
        option("Berlin", 2, 0.8, text=near),
        option("Paris", 3, 0.7, text=near),
    ]
    assert [("Kyoto", 1), ("Paris", 3)] == taken(options, text=near)


def test_words_within_linked_words_are_not_linked_again() -> None:
    """Tokyo and Osaka is one phrase with Tokyo, wherever that stands."""
    text = f"Tokyo and Osaka came. {FILL}Then Osaka left."
    later = option("Osaka left", 2, 0.8, text=text)
    short = Option(
        Phrase(later.phrase.start, later.phrase.start + 5, later.phrase.first, later.phrase.last - 1, True),
        2,
        later.article,
        -1,
        later.evidence,
    )
    assert [("Tokyo and Osaka", 1)] == taken([option("Tokyo and Osaka", 1, 0.9, text=text), short], text=text)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ((2019, 2021, 2020), (1, 3, True)),
        ((None, None, None), (0, 3, False)),
        ((None, 2001, None), (1, 3, True)),
    ],
)
def test_of_articles_that_fit_as_well_the_latest_is_taken(years, expected) -> None:
    """And it is told out of how many; without any date the best is."""
    options = [option("Kyoto", row, 0.9 - row / 1000, year=year) for row, year in enumerate(years)]
    options.append(option("Kyoto", 9, 0.6, year=2022))
    found = choose(wording(), options, limit=5, least=0.1)
    assert [expected] == [(one.option.row, one.fitting, one.newest) for one in found]
    assert isinstance(found[0], Chosen)


@pytest.mark.parametrize(
    ("rarity", "context", "headline", "expected"),
    [
        (0.0, 0.9, 1.0, 0.0),
        (0.9, 0.3, 1.0, 0.0),
        (0.9, -1.0, 1.0, 0.0),
        (0.6, 0.75, 1.0, 1.0),
        (1.0, 1.0, 0.0, 0.55),
    ],
)
def test_confidence_needs_every_part(rarity, context, headline, expected) -> None:
    """A phrase that stands everywhere and a sentence about something else lead nowhere."""
    assert expected == Evidence(3, rarity, context, headline).confidence
