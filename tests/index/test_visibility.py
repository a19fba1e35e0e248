"""What a view for readers holds at a moment, against a list of articles that is filtered by hand."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from semsearch.articles import FACET_FIELDS, Article, Filter
from semsearch.engine import Engine
from semsearch.index.columns import field_values
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.protocol import LexicalQuery
from semsearch.index.view import View
from semsearch.indexing.threads import joining
from semsearch.options import VisibilityOptions
from semsearch.settings import Settings
from semsearch.text.words import folded_words
from tests.fakes import HashingEncoder

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATUSES = (None, None, None, "draft", "Live")
OWN = ("amber", "birch", "cedar", "dahlia", "ember", "fjord", "garnet", "hazel", "indigo", "juniper")
HIDE = VisibilityOptions()
OPTIONS = (
    HIDE,
    VisibilityOptions(published_statuses="online, LIVE"),
    VisibilityOptions(scheduled="show"),
    VisibilityOptions(expired="show"),
)
ALL = Filter()


class Clock:
    """A time that a test sets, in seconds after noon."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return NOON.timestamp() + self.seconds


def an_article(number: int, published: int | None, expires: int | None, status: str | None) -> Article:
    """An article with a word, tag, section and author that no other has; times in seconds after noon."""
    word = OWN[number]
    return Article(
        id=f"a{number}",
        title=f"Council meets on {word}stone",
        body=f"The council heard of {word}field and the harbour. They walked to the {word}fields.",
        url=f"https://news.example/{word}",
        section=f"{word}section",
        authors=("Ada Marsh", f"{word}writer"),
        tags=("harbour", f"{word}tag"),
        language="en" if number % 2 else "de",
        published_at=None if published is None else NOON + timedelta(seconds=published),
        expires_at=None if expires is None else NOON + timedelta(seconds=expires),
        status=status,
    )


@contextmanager
def an_index(
    built: Sequence[Article], clock: Callable[[], float], options: VisibilityOptions = HIDE
) -> Iterator[tuple[Engine, EmbeddedIndex]]:
    """An index of these articles whose readers go by a clock of the test."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Settings(indexes=Path(folder)), encoder=HashingEncoder())
        engine.add_articles(built)
        engine.build([])
        index = EmbeddedIndex(engine.folder, joining=joining(), visibility=options, clock=clock)
        try:
            yield engine, index
        finally:
            index.close()
            engine.close()


def is_seen(article: Article, now: float, options: VisibilityOptions) -> bool:
    """Whether readers see an article, said in another way than the index says it."""
    moment = datetime.fromtimestamp(now, UTC)
    if article.status and article.status.casefold() not in options.published_statuses.casefold():
        return False
    early = article.published_at is not None and article.published_at > moment
    late = article.expires_at is not None and article.expires_at <= moment
    return not (early and options.scheduled == "hide") and not (late and options.expired == "hide")


def ids_of(view: View, rows: np.ndarray) -> list[str]:
    """The ids of rows, sorted."""
    return sorted(view.ids(rows))


def check(view: View, articles: Sequence[Article], now: float, options: VisibilityOptions) -> None:
    """Every way to ask the view gives what the list of articles gives."""
    seen = [one for one in articles if is_seen(one, now, options)]
    expected = sorted(one.id for one in seen)
    hidden = sorted({one.id for one in articles} - set(expected))
    rows = view.matching(ALL)
    assert (expected, hidden) == (ids_of(view, rows), ids_of(view, view.hidden_rows()))
    counts = view.counts()
    dates = [one.published_at for one in seen if one.published_at]
    assert (len(seen), len(hidden)) == (counts.articles, counts.hidden) == (view.articles_alive, len(hidden))
    assert (min(dates, default=None), max(dates, default=None)) == (
        counts.published_from,
        counts.published_to,
    )
    assert Counter(one.language for one in seen) == Counter(dict(counts.languages))
    for name in FACET_FIELDS:
        values = Counter(value for one in seen for value in field_values(one)[name])
        assert values == Counter(view.facets(rows, [name])[name])
        assert set(values) == {one.text for one in next(iter(view.complete_values(name, "")), [])}
    everything = len(articles) + 5
    by_date = view.ids(view.by_date(ALL, oldest_first=True, limit=everything, offset=0))
    dated = [one for one in by_date if next(a for a in seen if a.id == one).published_at]
    assert expected == sorted(by_date)
    assert dated == sorted(dated, key=lambda one: next(a.published_at for a in seen if a.id == one))
    vector = HashingEncoder().encode_queries(["council harbour"])[0]
    assert expected == ids_of(view, view.vector_candidates(vector, limit=everything, where=ALL).rows)
    found = view.lexical_candidates(LexicalQuery(words=("council",)), limit=everything, where=ALL)
    assert (expected, len(expected)) == (ids_of(view, found.rows), found.total)
    assert expected == ids_of(view, view.lexical_rows(LexicalQuery(words=("harbour",)), where=ALL))
    if seen:
        group = int(view.duplicate_groups(rows[:1])[0])
        story = int(view.stories(rows[:1])[0])
        assert set(ids_of(view, view.group_members(group, where=ALL))) <= set(expected)
        assert set(ids_of(view, view.story_members(story, where=ALL))) <= set(expected)
        excluded = Filter(exclude_ids=(*hidden, expected[0]))
        assert expected[1:] == ids_of(view, view.matching(excluded))
    assert (
        [] == view.matching(Filter(sections=tuple(f"{OWN[int(one[1:])]}section" for one in hidden))).tolist()
    )
    words = set().union(*(folded_words(f"{one.title} {one.body}") for one in seen))
    for one in articles:
        word, shown = OWN[int(one.id[1:])], one.id in expected
        assert shown == (view.row_of(one.id) >= 0) == (view.row_at(f"https://news.example/{word}/") >= 0)
        assert shown == any(view.ids(lot) == [one.id] for lot in view.complete_titles(f"{word}s"))
        assert {completed.text.lower() for completed in view.complete_words(word, limit=9)} <= words
        assert shown or not view.near_words(f"{word}stome", distance=1)
        assert shown == (
            view.lexical_candidates(LexicalQuery((f"{word}field",)), limit=1, where=ALL).total > 0
        )


MOMENT = st.one_of(st.none(), st.integers(-20, 20))
DRAWN = st.tuples(MOMENT, MOMENT, st.sampled_from(STATUSES))


@settings(
    max_examples=40,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # an example takes half a second: too slow to shrink
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    drawn=st.lists(DRAWN, min_size=4, max_size=8),
    options=st.sampled_from(OPTIONS),
    steps=st.lists(
        st.one_of(
            st.integers(-25, 25),
            st.tuples(st.integers(0, len(OWN) - 1), DRAWN),
            st.tuples(st.integers(0, len(OWN) - 1), st.none()),
        ),
        min_size=4,
        max_size=12,
    ),
)
def test_a_view_holds_what_readers_may_see_at_its_moment(drawn, options, steps):
    """Whatever the dates and states, whenever asked, in live changes too and when the clock goes back."""
    clock = Clock()
    articles = {number: an_article(number, *one) for number, one in enumerate(drawn)}
    with an_index(list(articles.values()), clock, options) as (engine, index):
        for step in (0, *steps):
            if isinstance(step, int):
                clock.seconds = float(step)
            else:
                number, change = step
                if change is None:
                    engine.delete([f"a{number}"])
                    articles.pop(number, None)
                else:
                    articles[number] = an_article(number, *change)
                    engine.add_articles([articles[number]])
            with index.snapshot() as view:
                check(view, list(articles.values()), clock(), options)
            with index.snapshot(hidden=True) as whole:
                assert sorted(one.id for one in articles.values()) == ids_of(whole, whole.matching(ALL))
                assert not len(whole.hidden_rows())


def test_what_is_seen_changes_at_the_instant_and_not_a_moment_before():
    """The first instant of an article is that of its publication; at that of its expiry it is gone."""
    clock = Clock()
    with an_index([an_article(0, 10, 20, None), an_article(1, None, None, None)], clock) as (_, index):
        for seconds, seen in ((9.999, False), (10.0, True), (19.999, True), (20.0, False), (15.0, True)):
            clock.seconds = seconds
            with index.snapshot() as view:
                assert seen == (view.row_of("a0") >= 0), seconds


def test_a_view_says_since_when_and_until_when_it_holds():
    """The moments around now at which an article of the index appears or goes; none are infinite."""
    clock = Clock()
    given = [an_article(0, 10, 20, None), an_article(1, -5, None, None), an_article(2, 5, 30, "draft")]
    with an_index(given, clock) as (_, index):
        for seconds, since, until in ((0, -5, 10), (10, 10, 20), (25, 20, None), (-9, None, -5)):
            clock.seconds = seconds
            with index.snapshot() as view:
                expected = [np.nan if one is None else NOON.timestamp() + one for one in (since, until)]
                found = [one if np.isfinite(one) else np.nan for one in (view.shown_since, view.shown_until)]
                np.testing.assert_equal(found, expected)


def test_a_view_is_made_once_for_as_long_as_it_holds():
    """Nothing is counted anew for each reader; a moment, a change and a clock that goes back make another."""
    clock = Clock()
    with an_index([an_article(0, 10, None, None)], clock) as (engine, index):
        views = []
        for seconds in (1.0, 9.0, 10.0, 99.0, 3.0):
            clock.seconds = seconds
            with index.snapshot() as view:
                views.append(view)
        engine.add_articles([an_article(1, None, None, None)])
        with index.snapshot() as view:
            views.append(view)
    same = [one is other for one, other in itertools.pairwise(views)]
    assert [True, False, True, False, False] == same


def test_a_view_in_use_stays_as_it_is():
    """A request that began before an article's time goes on without it."""
    clock = Clock()
    with an_index([an_article(0, 10, None, None)], clock) as (_, index), index.snapshot() as view:
        clock.seconds = 11
        with index.snapshot() as newer:
            assert (0, 1) == (view.counts().articles, newer.counts().articles)
        assert not len(view.matching(ALL))


def test_a_form_of_a_word_that_hidden_articles_alone_hold_is_not_completed():
    """The lexical index knows stems: one word's other forms must not vouch for it."""
    clock = Clock()
    shown = [Article(f"s{n}", "A vote", "The minister resigned.") for n in range(3)]
    kept = [Article(f"h{n}", "A vote", "Two resignations, no resigning.", status="draft") for n in range(3)]
    with an_index([*shown, *kept], clock) as (engine, index):
        with index.snapshot() as view:
            assert ["resigned"] == [one.text for one in view.complete_words("resign", limit=5)]
            assert [] == view.near_words("resignetions", distance=1)
        engine.add_articles([replace(one, status=None) for one in kept])
        with index.snapshot() as view:
            words = {one.text for one in view.complete_words("resign", limit=5)}
            assert {"resigned", "resignations", "resigning"} == words


@pytest.mark.parametrize("other", ["deleted", "replaced"])
def test_a_word_that_went_with_its_articles_is_not_completed(other):
    """What was deleted, or stands in an earlier version of an article, is no word of the index."""
    clock = Clock()
    gone = [Article(f"g{n}", "A vote", "It was the Bluebellgate affair.") for n in range(3)]
    with an_index([*gone, Article("kept", "A vote", "A plain one.")], clock) as (engine, index):
        if other == "deleted":
            engine.delete([one.id for one in gone])
        else:
            engine.add_articles([replace(one, body="It was an affair.") for one in gone])
        with index.snapshot() as view:
            assert [] == view.complete_words("bluebell", limit=5)
            assert [] == view.near_words("bluebellgete", distance=1)


def test_without_takes_out_of_a_view_what_its_clock_left_in():
    """Both lack their rows, and the rows that the clock hid stay unknown."""
    clock = Clock()
    given = [an_article(0, -1, None, None), an_article(1, 10, None, None), an_article(2, -2, None, None)]
    with an_index(given, clock) as (_, index), index.snapshot() as view:
        reduced = view.without(np.array([view.row_of("a0")]))
        assert ["a2"] == ids_of(reduced, reduced.matching(ALL))
        assert (True, False) == (reduced.row_of("a0") >= 0, reduced.row_of("a1") >= 0)
        assert (view.shown_since, view.shown_until) == (reduced.shown_since, reduced.shown_until)
