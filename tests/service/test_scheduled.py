"""What editors see of articles that readers do not: on the desk, by key, and in figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.service.schemas import ArticleAnswer
from semsearch.service.schemas_write import IndexAnswer
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An index of one article that readers see, and some of each kind that they do not."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    made.add_articles([Article("shown", "Shown to all", "It is open.", published_at=NOW - HOUR)])
    later = [
        Article(f"later-{n}", f"Later <b>{n}</b>", "Soon.", published_at=NOW + n * HOUR) for n in range(1, 53)
    ]
    gone = [Article(f"gone-{n}", f"Gone {n}", "Once.", expires_at=NOW - n * HOUR) for n in range(1, 3)]
    made.add_articles([*reversed(later), *gone, Article("draft", "A draft", "Not yet.", status="pending")])
    yield made
    made.close()


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A key of scope write."""
    return KeyFile(tmp_path).create("write")[1]


def headings(text: str) -> list[str]:
    """The titles that a page of the desk lists."""
    return [part.partition("</strong>")[0].partition(">")[2] for part in text.split("<strong dir")[1:]]


def test_the_desk_lists_what_readers_do_not_see(client: TestClient, key: str) -> None:
    """The soonest first, a page at a time, each kind with its number; all of it escaped."""
    assert 303 == client.get("/desk/scheduled", follow_redirects=False).status_code
    client.post("/desk/sign-in", data={"key": key})
    first = client.get("/desk/scheduled").text
    assert [f"Later &lt;b&gt;{n}&lt;/b&gt;" for n in range(1, 51)] == headings(first)
    assert (NOW + HOUR).strftime("%H:%M:%S") in first
    for words in ("Scheduled 52", "Not published 1", "Expired 2"):
        assert words in first
    assert 2 == len(headings(client.get("/desk/scheduled?page=2").text))
    assert ["Gone 1", "Gone 2"] == headings(client.get("/desk/scheduled?kind=expired").text)
    drafts = client.get("/desk/scheduled?kind=unpublished").text
    assert ["A draft"] == headings(drafts)
    assert ">pending<" in drafts
    odd = client.get("/desk/scheduled?kind=<script>&page=-1")
    assert (200, headings(first)) == (odd.status_code, headings(odd.text))


def test_the_desk_says_how_many_are_hidden_and_lists_none_as_newest(client: TestClient, key: str) -> None:
    """The index page counts them and leads to the list; the home has what readers have."""
    client.post("/desk/sign-in", data={"key": key})
    assert 'href="/desk/scheduled">55</a>' in client.get("/desk/index").text
    home = client.get("/desk").text
    assert "Shown to all" in home
    assert "Later" not in home


def test_status_counts_hidden_articles(client: TestClient, key: str, engine: Engine) -> None:
    """In the figures for those who may write, and in the engine's own."""
    found = client.get("/v1/indexes", headers={"X-API-Key": key}).json()
    IndexAnswer.model_validate(found)
    assert (
        (56, 55) == (found["status"]["articles"], found["status"]["hidden"]) == (56, engine.status().hidden)
    )


@pytest.mark.parametrize("article_id", ["later-1", "gone-1", "draft"])
def test_a_key_that_may_write_opens_hidden_articles(client: TestClient, key: str, article_id: str) -> None:
    """They are marked, and no shared cache may keep them; every other caller gets what is said of none."""
    shown = client.get(f"/v1/articles/{article_id}", headers={"Authorization": f"Bearer {key}"})
    found = shown.json()
    ArticleAnswer.model_validate(found)
    expected = (NOW + HOUR).isoformat().replace("+00:00", "Z") if article_id == "later-1" else None
    assert (False, expected) == (found["visible"], found["visible_from"])
    assert "private, no-cache" == shown.headers["cache-control"]
    assert "Authorization, X-API-Key" == shown.headers["vary"]
    weak = KeyFile(client.app.state.service.settings.indexes).create("search")[1]
    unknown = client.get("/v1/articles/unknown")
    for headers in (
        {},
        {"X-API-Key": "nonsense"},
        {"X-API-Key": weak},
        {"If-None-Match": shown.headers["etag"]},
    ):
        refused = client.get(f"/v1/articles/{article_id}", headers=headers)
        assert 404 == refused.status_code
        assert unknown.json()["message"].replace("unknown", article_id) == refused.json()["message"]


def test_an_article_that_readers_see_is_marked_so(client: TestClient, key: str) -> None:
    """With a key and without; the two answers have ETags of their own."""
    one, other = (client.get("/v1/articles/shown", headers=h) for h in ({}, {"X-API-Key": key}))
    assert (True, None) == tuple(one.json()[name] for name in ("visible", "visible_from"))
    assert one.json() == other.json()
    assert ("no-cache", "private, no-cache") == (one.headers["cache-control"], other.headers["cache-control"])
    assert one.headers["etag"] != other.headers["etag"]
    again = client.get("/v1/articles/shown", headers={"If-None-Match": one.headers["etag"]})
    assert (304, "Authorization, X-API-Key") == (again.status_code, again.headers["vary"])
