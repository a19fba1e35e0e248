"""An index of a few articles that tell a story each, by the fake encoder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

DAY = datetime(2026, 3, 1, tzinfo=UTC)
TOPICS = ("ferry storm rescue", "school budget vote", "drought reservoir water", "museum painting theft")
SECTIONS = ("Local", "Politics", "Environment", "Culture")
COUNT = 60


def an_article(number: int) -> Article:
    """Every fourth article is of one topic; each has a number of its own as a word."""
    topic = TOPICS[number % 4]
    return Article(
        id=f"a{number}",
        title=f"{topic} report{number}",
        body=f"In week{number} the {topic} went on in Merrow. It was matter number{number}, they said.",
        section=SECTIONS[number % 4],
        authors=(f"Writer {number % 3}",),
        tags=("even",) if number % 2 == 0 else ("odd",),
        published_at=DAY + timedelta(days=number),
    )


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """An engine over sixty articles, none of them changed by any test."""
    folder = tmp_path_factory.mktemp("search")
    engine = Engine(Settings(indexes=folder, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles([an_article(number) for number in range(COUNT)])
    engine.build([])
    yield engine
    engine.close()
