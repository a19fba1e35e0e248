"""The service over a real index, with an encoder whose vectors follow the words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.service.app import create_app
from semsearch.service.schemas import ArticleAnswer, SearchAnswer, StoryAnswer
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

TOPICS = {
    "Politics": "The senate passed the budget after a long debate about taxes and spending",
    "Sport": "The keeper saved a penalty and the striker scored twice in the football final",
    "Science": "Astronomers measured the orbit of a distant planet with a new telescope",
}


def articles() -> Iterator[dict[str, object]]:
    """Ten articles a topic, a day apart; the last of each is a copy of its first."""
    for section, text in TOPICS.items():
        for number in range(10):
            kept = 0 if number == 9 else number
            yield {
                "id": f"{section.lower()}/{number}",
                "title": f"{section} report {kept}",
                "body": f"{text}: report number {kept} gives more detail on item{kept} and place{kept}.",
                "published_at": f"2026-01-{number + 1:02d}T12:00:00Z",
                "section": section,
                "author": "Ada Marsh" if number % 2 else "Ben Okoro",
            }


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over a small index that was built from a file."""
    folder = tmp_path_factory.mktemp("service")
    source = folder / "news.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in articles()), "utf-8")
    made = Engine(Settings(indexes=folder / "indexes"), encoder=HashingEncoder())
    made.build([str(source)])
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[TestClient]:
    """A client of a ready app over that index."""
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        yield found


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_search(client: TestClient, mode: str) -> None:
    """Each mode finds the right topic; the answer is as described."""
    body = client.get("/v1/search", params={"q": "penalty striker", "mode": mode, "facets": "section"}).json()
    SearchAnswer.model_validate(body)
    assert {"Sport"} == {hit["section"] for hit in body["hits"][:5]}
    assert all("<" not in hit["snippet"]["text"] for hit in body["hits"] if hit["snippet"])
    for hit in body["hits"]:
        for start, end in (hit["snippet"] or {"highlights": []})["highlights"]:
            assert 0 <= start < end <= len(hit["snippet"]["text"])


def test_filters_and_paging(client: TestClient) -> None:
    """A filtered search is complete, and its pages repeat and skip nothing."""
    seen: list[str] = []
    for offset in range(0, 12, 4):
        body = client.get(
            "/v1/search", params={"q": "report", "section": "Science", "limit": 4, "offset": offset}
        ).json()
        assert (10, True) == (body["total"], body["total_is_exact"])
        seen += [hit["id"] for hit in body["hits"]]
    assert sorted(f"science/{number}" for number in range(10)) == sorted(seen)


def test_newest_first_without_words(client: TestClient) -> None:
    """An empty query lists the newest articles that pass the filters."""
    body = client.get("/v1/search", params={"published_before": "2026-01-03", "section": "Sport"}).json()
    assert ["sport/1", "sport/0"] == [hit["id"] for hit in body["hits"]]


def test_article(client: TestClient) -> None:
    """An article comes back whole, by an id with a slash."""
    body = client.get("/v1/articles/politics%2F3").json()
    ArticleAnswer.model_validate(body)
    assert ("politics/3", "Ben Okoro" if 3 % 2 == 0 else "Ada Marsh") == (body["id"], body["author"])


def test_related(client: TestClient) -> None:
    """The list is of the same topic, without the article and without its copy."""
    body = client.get("/v1/articles/sport%2F0/related?limit=5").json()
    SearchAnswer.model_validate(body)
    ids = [hit["id"] for hit in body["hits"]]
    assert 5 == len(set(ids))
    assert all(name.startswith("sport/") for name in ids)
    assert not {"sport/0", "sport/9"} & set(ids)


def test_related_to_a_missing_article(client: TestClient) -> None:
    """A missing article gives the newest articles and says so."""
    body = client.get("/v1/articles/none/related?limit=3").json()
    assert (3, "article_missing") == (len(body["hits"]), body["fallback"]["reason"])


def test_the_story_so_far(client: TestClient, engine: Engine) -> None:
    """With a key of scope write: the articles of one event, oldest first."""
    from semsearch.keys import KeyFile

    assert 401 == client.get("/v1/editor/stories/sport/3").status_code
    headers = {"X-API-Key": KeyFile(engine.settings.indexes).create("write")[1]}
    body = client.get("/v1/editor/stories/sport/3", headers=headers).json()
    StoryAnswer.model_validate(body)
    dates = [one["published_at"] for one in body["articles"]]
    assert sorted(dates) == dates
    assert "sport/3" in [one["id"] for one in body["articles"]]
    assert 404 == client.get("/v1/editor/stories/nobody", headers=headers).status_code


def test_an_honest_no(client: TestClient) -> None:
    """A query that nothing answers says so beside its nearest hits."""
    assert client.get("/v1/search", params={"q": "crochet sourdough"}).json()["nothing_relevant"]
    assert not client.get("/v1/search", params={"q": "penalty striker"}).json()["nothing_relevant"]


def test_live_change(client: TestClient, engine: Engine) -> None:
    """A change is found at once, and an ETag of before it no longer holds."""
    before = client.get("/v1/search?q=volcano")
    engine.add_articles([Article(id="new", title="Volcano erupts", body="A volcano erupted at dawn.")])
    tag = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/v1/search?q=volcano", headers=tag)
    assert 200 == after.status_code
    assert "new" == after.json()["hits"][0]["id"]

    engine.delete(["new"])
    assert 404 == client.get("/v1/articles/new").status_code
    assert "new" not in [hit["id"] for hit in client.get("/v1/search?q=volcano").json()["hits"]]


def test_pages(client: TestClient) -> None:
    """The pages show what the API finds."""
    assert "Sport report" in client.get("/?q=penalty").text
    page = client.get("/articles/sport%2F0").text
    assert "You May Also Like" in page
    assert 200 == client.get("/?section=Science&page=1").status_code


def test_metrics(client: TestClient) -> None:
    """The metrics show the index's sizes."""
    text = client.get("/metrics").text
    assert "semsearch_ready 1.0" in text
    assert "semsearch_index_articles 30.0" in text


def test_an_idle_service_lets_go_of_an_old_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It follows what another process publishes, though nobody asks it anything."""
    monkeypatch.setattr("semsearch.service.state.FOLLOW_SECONDS", 0.05)
    served = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    served.add_articles([Article(id="one", title="Ferry news")])
    old = served.status().generation
    other = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    with TestClient(create_app(served.settings, engine=served)) as client:
        wait_ready(client)
        other.build([])
        other.follow()
        until = time.monotonic() + 30
        removed: list[str] = []
        while not removed and time.monotonic() < until:
            removed = other.prune(1)
            time.sleep(0.02)
    assert [old] == removed
    other.close()
    served.close()


def test_no_index(tmp_path: Path) -> None:
    """Without an index the service starts, says what is missing, and picks the index up once it is there."""
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    with TestClient(create_app(engine.settings, engine=engine)) as client:
        while "loading" in (reason := client.get("/health/ready").json()["reason"]):
            pass
        assert "default" in reason
        assert 503 == client.get("/v1/search").status_code
        engine.add_articles([Article(id="one", title="One article")])
        wait_ready(client)
        assert ["one"] == [hit["id"] for hit in client.get("/v1/search").json()["hits"]]
    engine.close()


@pytest.mark.parametrize("query", ["🔥", "?!", "…"])
def test_signs_alone_ask_for_nothing(client: TestClient, query: str) -> None:
    """Neither the answer nor the page lists the whole archive; with a filter both list what passes."""
    answer = client.get("/v1/search", params={"q": query}).json()
    assert (True, 0, []) == (answer["nothing_asked"], answer["total"], answer["hits"])
    page = client.get("/", params={"q": query}).text
    assert "has no word to search for" in page
    assert 'class="hit"' not in page
    some = client.get("/v1/search", params={"q": query, "section": "Sport"}).json()
    assert (True, 10) == (some["nothing_asked"], some["total"])
    assert (
        "newest articles with these filters" in client.get("/", params={"q": query, "section": "Sport"}).text
    )
    assert not client.get("/v1/search", params={"q": "striker"}).json()["nothing_asked"]


def test_the_rest_of_a_list_is_headed_as_latest(client: TestClient) -> None:
    """What is not near stands under a heading of its own on the page, and is marked in the fragment."""
    few = {"limit": 20}
    hits = client.get("/v1/articles/sport/1/related", params=few).json()["hits"]
    filled = [hit for hit in hits if hit["filled"]]
    assert filled
    assert {"Latest"} == {hit["reason"] for hit in filled}
    fragment = client.get("/v1/articles/sport/1/related.html", params=few).text
    assert len(filled) == fragment.count("semsearch-related-filled")
    assert len(filled) == fragment.count(">Latest<")
