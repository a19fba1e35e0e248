"""Events are added only, only where they are switched on, and hold nothing about a reader."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.index.events import Event, EventStore
from semsearch.service.event_intake import A_SECOND, AT_ONCE, EventIntake
from semsearch.settings import Settings
from tests.service.conftest import Serve
from tests.service.fakes import FakeEngine

CLICK = {"kind": "click", "article_id": "a", "related_id": "b", "position": 2}
SEARCH = {"kind": "search", "query": "school", "results": 0}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with events switched on."""
    made = Settings(indexes=tmp_path)
    return replace(made, service=replace(made.service, events=True))


@pytest.fixture
def client(engine: FakeEngine, serve: Serve, settings: Settings) -> TestClient:
    """A client of an app that takes events."""
    return serve(engine, settings=settings)


def kept(settings: Settings) -> list[Event]:
    """What lies in the file, without its times."""
    store = EventStore(settings.indexes / settings.index / "events.db")
    try:
        return [replace(event, at=None) for event in store.read()]
    finally:
        store.close()


def test_kept(client: TestClient, settings: Settings) -> None:
    """A batch is kept as it was sent, with the time of this clock."""
    response = client.post("/v1/events", json={"events": [CLICK, SEARCH]})
    assert (204, b"") == (response.status_code, response.content)
    assert [Event("click", "a", "b", 2), Event("search", query="school", results=0)] == kept(settings)


def test_beacon(client: TestClient, settings: Settings) -> None:
    """A beacon's text/plain is read as JSON; no cookie is ever set."""
    body = json.dumps({"events": [CLICK]})
    response = client.post("/v1/events", content=body, headers={"Content-Type": "text/plain;charset=UTF-8"})
    assert 204 == response.status_code
    assert "set-cookie" not in response.headers
    assert 1 == len(kept(settings))


def test_off(engine: FakeEngine, serve: Serve, tmp_path: Path) -> None:
    """Unless switched on, nothing is kept and no file is made."""
    response = serve(engine, settings=Settings(indexes=tmp_path)).post("/v1/events", json={"events": [CLICK]})
    assert (404, "events_off") == (response.status_code, response.json()["code"])
    assert [] == list(tmp_path.rglob("events.db"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"[]", "JSON object"),
        (b'{"events": []}', "events"),
        (json.dumps({"events": [CLICK] * 51}).encode(), "at most 50"),
        (b'{"events": [{"kind": "view"}]}', "click"),
        (b'{"events": [{"kind": "search"}]}', "needs its query"),
        (b'{"events": [{"kind": "click", "article_id": "a"}]}', "related_id and position"),
        (b'{"events": [{"kind": "click", "related_id": "a", "position": 1}]}', "article_id or the query"),
        (b'{"events": [{"kind": "search", "query": "x", "ip": "10.0.0.1"}]}', "no such parameter"),
        (b'{"events": [{"kind": "search", "query": "x", "results": -1}]}', "0 or more"),
        (b'{"events": [{"kind": "search", "query": "\\ud800"}]}', "not JSON"),
    ],
)
def test_bad_batches(client: TestClient, settings: Settings, body: bytes, words: str) -> None:
    """A batch that is not as described is refused whole, in words."""
    response = client.post("/v1/events", content=body)
    assert 422 == response.status_code
    assert words in response.text
    assert [] == kept(settings)


def test_too_large(client: TestClient) -> None:
    """A body that no beacon carries is refused."""
    body = json.dumps({"events": [{"kind": "search", "query": "x" * 2000}] * 40})
    assert 413 == client.post("/v1/events", content=body).status_code


def test_too_many(client: TestClient) -> None:
    """A flood is refused, with the time to wait."""
    batch = {"events": [SEARCH] * 50}
    answers = [client.post("/v1/events", json=batch) for _ in range(40)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert {"10"} == {one.headers["Retry-After"] for one in refused}


def test_cannot_be_read(client: TestClient) -> None:
    """There is no way to read or remove events over this address."""
    assert {405} == {client.request(method, "/v1/events").status_code for method in ("GET", "PUT", "DELETE")}


def test_bucket(settings: Settings) -> None:
    """So many at once, then so many a second."""
    now = 0.0
    intake = EventIntake(settings, clock=lambda: now)
    assert intake.admit(int(AT_ONCE))
    assert not intake.admit(1)
    now = 0.5
    assert not intake.admit(int(A_SECOND))
    assert intake.admit(int(A_SECOND / 2))
    now = 1e6
    assert not intake.admit(int(AT_ONCE) + 1)


def test_searches_of_programs_are_kept(client: TestClient, settings: Settings) -> None:
    """What was looked for, with how much was found: once a search, not for each of its pages."""
    assert 200 == client.get("/v1/search", params={"q": "court", "limit": 2}).status_code
    assert 200 == client.get("/v1/search", params={"q": "court", "limit": 2, "offset": 2}).status_code
    assert 200 == client.get("/v1/search").status_code
    assert 422 == client.get("/v1/search", params={"q": "court", "limit": -1}).status_code
    assert 200 == client.post("/v1/search", json={"q": "zeppelin"}).status_code
    wanted = [Event("search", query="court", results=6), Event("search", query="zeppelin", results=0)]
    assert wanted == kept(settings)


def test_a_search_that_is_remembered_counts(client: TestClient, settings: Settings) -> None:
    """What many look for is found once and noted each time."""
    for _ in range(3):
        assert 200 == client.get("/v1/search", params={"q": "court"}).status_code
    assert [Event("search", query="court", results=6)] * 3 == kept(settings)


def test_an_answer_that_is_known_is_no_search(client: TestClient, settings: Settings) -> None:
    """304 searches nothing, so it counts as nothing."""
    tag = client.get("/v1/search", params={"q": "court"}).headers["etag"]
    again = client.get("/v1/search", params={"q": "court"}, headers={"If-None-Match": tag})
    assert (304, 1) == (again.status_code, len(kept(settings)))


def test_who_asks_for_privacy_is_not_noted(client: TestClient, settings: Settings) -> None:
    """Global Privacy Control holds for searches of programs as it does for those of pages."""
    assert 200 == client.get("/v1/search", params={"q": "court"}, headers={"Sec-GPC": "1"}).status_code
    assert [] == kept(settings)


def test_searches_are_not_kept_where_events_are_off(engine: FakeEngine, serve: Serve, tmp_path: Path) -> None:
    """Unless switched on, a search writes nothing."""
    assert 200 == serve(engine, settings=Settings(indexes=tmp_path)).get("/v1/search?q=court").status_code
    assert [] == list(tmp_path.rglob("events.db"))


def test_a_disk_that_refuses_harms_no_search(client: TestClient, settings: Settings) -> None:
    """The event is lost, the answer is not."""
    (settings.indexes / settings.index / "events.db").mkdir(parents=True)
    assert 6 == client.get("/v1/search", params={"q": "court"}).json()["total"]


@pytest.mark.parametrize("on", [True, False])
def test_old_events_go_though_none_come(settings: Settings, on: bool) -> None:
    """Once an hour, also where events have been switched off; where there is no file, none is made."""
    now = 0.0
    settings = replace(settings, service=replace(settings.service, events=on, events_days=7))
    intake = EventIntake(settings, clock=lambda: now)
    intake.tidy()
    assert not intake.path.exists()
    days = [8, 8, 6]
    store = EventStore(intake.path, days=100)
    store.add([Event("search", query="x", at=datetime.now(UTC) - timedelta(days=one)) for one in days])
    intake.tidy()
    assert ["x"] == [one.query for one in store.read()]
    store.add([Event("search", query="y", at=datetime.now(UTC) - timedelta(days=8))])
    now = 3599.0
    intake.tidy()
    assert 2 == len(store.read())
    now = 3600.0
    intake.tidy()
    assert 1 == len(store.read())
    intake.close()
    store.close()
