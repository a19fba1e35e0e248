"""Stories of a live index against those of a rebuild."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from semsearch.articles import Article
from tests.indexing.test_build import engine_at, stories

FIRST = 8
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
EVENTS = (
    "ferry strike harbour captains union talks wages crossing Eastport",
    "quake village rescue Lima survivors tremor hospital",
    "telescope comet orbit astronomers Oslo night launch",
    "budget council vote library cuts mayor",
)
FILLING = "report officials morning people region week statement office house road water school".split()


def takes(count: int, seed: int) -> list[Article]:
    """Articles about a few events, in order of publication; some without a date."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        words = EVENTS[number % len(EVENTS)].split()
        rng.shuffle(words)
        body = " ".join([*words[:6], *rng.choices(FILLING, k=10), *words[:5]])
        at = None if number > count - 4 else BEGIN + timedelta(days=number / 2)
        found.append(Article(id=f"a{number}", title=" ".join(words[:3]), body=body, published_at=at))
    return found


def dated(folder, articles: list[Article]) -> str:
    """A file of articles with their dates."""
    path = folder / "dated.jsonl"
    records = [
        {"id": one.id, "title": one.title, "body": one.body}
        | ({"published_at": one.published_at.isoformat()} if one.published_at else {})
        for one in articles
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return str(path)


def parted(numbers: list[int]) -> list[int]:
    """Each story as the place of its first article."""
    return [numbers.index(one) for one in numbers]


@pytest.mark.parametrize("batch", [1, 7])
def test_articles_that_come_live_find_the_stories_of_a_build(tmp_path, batch):
    """One by one or several at once, after a first build that knew the words."""
    articles = takes(40, seed=batch)
    ids = [one.id for one in articles]
    built, live = engine_at(tmp_path / "built"), engine_at(tmp_path / "live")
    built.build([dated(tmp_path, articles)])
    live.build([dated(tmp_path, articles[:FIRST])])
    for start in range(FIRST, len(articles), batch):
        live.add_articles(articles[start : start + batch])
    expected, actual = parted(stories(built, *ids)), parted(stories(live, *ids))
    live.close()
    built.close()
    assert [number % len(EVENTS) for number in range(40)] == expected == actual


def test_a_live_article_joins_the_story_of_the_nearest_that_ran_within_its_days(tmp_path):
    """The same text eight days later begins a story of its own."""
    first = [
        Article(id=f"f{n}", title="Filling", body=f"{FILLING[n % 12]} {FILLING[n % 5]} item {n}")
        for n in range(12)
    ]
    lima = Article(id="lima", title="Quake", body=f"{EVENTS[1]} Lima", published_at=BEGIN)
    engine = engine_at(tmp_path)
    engine.build([dated(tmp_path, [*first, lima])])
    same = Article(id="same", title="Quake", body=f"{EVENTS[1]} again Lima", published_at=BEGIN)
    late = Article(id="late", title="Quake", body=EVENTS[1], published_at=BEGIN + timedelta(days=8))
    engine.add_articles([same, late])
    of_lima, of_same, of_late = stories(engine, "lima", "same", "late")
    engine.close()
    assert of_lima == of_same != of_late
