"""The desk's story so far: the chart and the table tell the same, on a real index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.search.timeline import Story
from semsearch.service.app import create_app
from semsearch.service.desk_story import ON_PAGE, page_of_table
from semsearch.service.desk_timeline import (
    MARGIN,
    MOST_STACKED,
    SPANS,
    STEP,
    WIDTH,
    spans_of_time,
    timeline,
)
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
WORDS = "the council votes on the bridge over the river"


def bridge(number: int, **values: object) -> Article:
    """One article of the story of a bridge, a day after the one before."""
    kept = {
        "id": f"bridge/{number} ü?",
        "title": f"Bridge vote, day {number} <b>",
        "body": f"{WORDS} {number}",
        "published_at": BEGIN + timedelta(days=number),
        "authors": ("Ada Marsh" if number % 2 else "Ben Okoro",),
    }
    return Article(**{**kept, **values})  # type: ignore[arg-type]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser that is signed in, on an index of four articles of one story and another."""
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    engine.add_articles([bridge(number) for number in range(4)])
    engine.add_articles([bridge(9, id="other", title="Football", body="a goal in the last minute")])
    key = KeyFile(tmp_path).create("write")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.post("/desk/sign-in", data={"key": key})
        yield found
    engine.close()


def test_a_story_is_found_and_shown(client: TestClient) -> None:
    """The search leads to the story; each article stands in the table once and on the chart once."""
    page = client.get("/desk/stories", params={"q": WORDS}).text
    path = re.findall(r'href="(/desk/stories/bridge[^"]*)"', page)[0]
    text = client.get(path).text
    assert [f"Bridge vote, day {number} &lt;b&gt;" for number in range(4)] == re.findall(
        r'<a href="/articles/bridge[^"]*">([^<]*)</a>', text
    )
    assert 4 == text.count("<circle")
    assert 1 == text.count('class="dot here"')
    assert "4 articles" in text
    assert "<bdi>Ada Marsh</bdi>: 2" in text
    assert "style=" not in text


def test_a_story_of_one(client: TestClient) -> None:
    """It is said that nothing else belongs to it, and there is no chart."""
    text = client.get("/desk/stories/other").text
    assert "Nothing else in the archive belongs to it so far." in text
    assert '<a href="/desk/coverage?id=other">coverage check</a>' in text
    assert "<svg" not in text


@pytest.mark.parametrize("wanted", ["nobody", "a/b/c", "<script>", "é" * 300])
def test_an_unknown_article(client: TestClient, wanted: str) -> None:
    """It is 404, in words, and harmless."""
    response = client.get(f"/desk/stories/{quote(wanted, safe='')}")
    assert 404 == response.status_code
    assert "<script>" not in response.text.replace('<script src="/static/', "")


def test_nothing_found(client: TestClient) -> None:
    """Words that nothing answers are shown as they were typed, and harmless."""
    text = client.get("/desk/stories", params={"q": '"zzz <script>"'}).text
    assert "<script>" not in text


class TestTimeline:
    def test_places_are_in_proportion(self) -> None:
        """The first and the last stand at the ends, one in the middle of the time in the middle."""
        chart = timeline([bridge(0), bridge(2), bridge(4)])
        assert chart is not None
        assert [MARGIN, WIDTH / 2, WIDTH - MARGIN] == [dot.x for dot in chart.dots]
        assert ("1 Mar", "5 Mar") == (chart.ticks[0].label, chart.ticks[-1].label)

    def test_no_dot_covers_another(self) -> None:
        """Articles of one minute are stacked, as high as the chart may grow."""
        many = [bridge(0, id=str(number)) for number in range(MOST_STACKED)] + [bridge(5)]
        chart = timeline(many)
        assert chart is not None
        for number, one in enumerate(chart.dots):
            for other in chart.dots[:number]:
                assert abs(one.x - other.x) >= STEP or abs(one.y - other.y) >= STEP
        assert all(0 < dot.y < chart.base for dot in chart.dots)

    @pytest.mark.parametrize(("days", "label"), [(0.5, "20:00"), (20, "21 Mar"), (900, "Aug 2028")])
    def test_marks_are_as_fine_as_the_story_is_short(self, days: float, label: str) -> None:
        """Hours, days or months."""
        chart = timeline([bridge(0), bridge(0, published_at=BEGIN + timedelta(days=days))])
        assert chart is not None
        assert label == chart.ticks[-1].label

    def test_without_dates(self) -> None:
        """Undated articles are counted; fewer than two with a date are no chart."""
        undated = bridge(0, published_at=None)
        assert timeline([]) is None
        assert timeline([undated, bridge(1)]) is None
        chart = timeline([bridge(1), bridge(2), undated])
        assert chart is not None
        assert 1 == chart.undated

    def test_spans_of_a_long_story(self) -> None:
        """Each dated article counts in the span of its time, as counting one by one gives; the ends too."""
        days = [0, 0, 1, 3, 3.99, 4, 20, 39, 40]
        articles = [bridge(0, published_at=BEGIN + timedelta(days=day)) for day in days]
        found = spans_of_time([*articles, bridge(1, published_at=None)])
        wanted = [sum(int(min(day, 39)) == number for day in days) for number in range(SPANS)]
        assert wanted == [one.value for one in found]
        assert "1 Mar to 2 Mar: 2" == found[0].words
        assert [] == spans_of_time([])


def a_story(count: int) -> Story:
    """A story of so many articles with long titles."""
    return Story("bridge", tuple(bridge(number, title="A long title " * 8) for number in range(count)), 0)


@pytest.mark.parametrize(
    ("asked", "page"),
    [("", 3), ("1", 1), ("2", 2), ("0", 1), ("99", 3), ("x", 3), ("-1", 3), ("²", 3), ("9" * 5000, 3)],
)
def test_the_page_of_the_table(asked: str, page: int) -> None:
    """The one asked for, within those that there are; else that on which the article stands."""
    story = a_story(2 * ON_PAGE + 1)
    assert page == page_of_table(story, story.articles[-1].id, asked)
    assert 1 == page_of_table(story, "a copy that was folded away", "")


def test_a_long_story_is_a_small_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars for its dots, a table in pages of fifty, links between them, and never more than 50 kB."""
    story = a_story(620)
    engine = client.app.state.service.engine  # type: ignore[attr-defined]
    monkeypatch.setattr(engine.searcher, "story", lambda _id: story)
    path = f"/desk/stories/{quote(story.articles[60].id, safe='')}"
    response = client.get(path)
    assert len(response.content) < 50_000
    assert "Page 2 of 13" in response.text
    assert "<circle" not in response.text
    numbers = re.findall(r'<td class="number" data-name="No.">(\d+)</td>', response.text)
    assert [str(number) for number in range(51, 101)] == numbers
    later = re.findall(r'rel="next" href="([^"]+)"', response.text)[0]
    assert "Page 3 of 13" in client.get(later).text
