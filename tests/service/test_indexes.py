"""Rebuilds, generations and what is followed: two services over one folder, a real index."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.index.locks import exclusive
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.schemas_write import ActivatedAnswer, IndexAnswer, TaskAnswer
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

TOPICS = ("harbour", "volcano", "election", "football", "glacier")


def some(count: int, mark: str) -> list[Article]:
    """Articles of a few topics whose titles all carry one mark."""
    return [
        Article(
            id=f"a-{n}", title=f"{mark} {TOPICS[n % 5]} report {n}", body=f"The {TOPICS[n % 5]} news {n}."
        )
        for n in range(count)
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An index of twenty articles, and keys."""
    made = Settings(indexes=tmp_path / "indexes")
    engine = Engine(made, encoder=HashingEncoder())
    engine.add_articles(some(20, "first"))
    engine.close()
    return made


@pytest.fixture
def pair(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TestClient, TestClient]]:
    """Clients, with a key of scope admin, of two services that know nothing of each other."""
    monkeypatch.setattr("semsearch.service.state.FOLLOW_SECONDS", 3600)  # only requests follow
    key = KeyFile(settings.indexes).create("admin")[1]
    with ExitStack() as stack:
        clients = []
        for _ in range(2):
            engine = Engine(settings, encoder=HashingEncoder(), fall_back=True)
            client = stack.enter_context(TestClient(create_app(settings, engine=engine)))
            stack.callback(engine.close)
            wait_ready(client)
            client.headers["X-API-Key"] = key
            clients.append(client)
        yield clients[0], clients[1]


def generations(client: TestClient) -> list[str]:
    """Ids of all generations, oldest first."""
    return [one["id"] for one in client.get("/v1/indexes").json()["generations"]]


def live(client: TestClient) -> str:
    """The generation that answers."""
    return str(client.get("/v1/search?q=report").json()["index"]["generation"])


def rebuilt(client: TestClient, watcher: TestClient | None = None, query: str = "") -> dict[str, Any]:
    """Rebuild, wait for the end by ``watcher``, and give the result."""
    answer = client.post(f"/v1/indexes/rebuild{query}")
    assert 202 == answer.status_code, answer.text
    where = answer.headers["Location"]
    while (task := (watcher or client).get(where).json())["state"] in {"queued", "running"}:
        time.sleep(0.01)
    TaskAnswer.model_validate(task)
    assert "done" == task["state"], task
    return dict(task["result"])


def test_rebuild_is_seen_by_the_other(pair: tuple[TestClient, TestClient]) -> None:
    """Its task, its generation and its answers; what was live before is still there to go back to."""
    first, second = pair
    before = live(second)
    result = rebuilt(first, second)
    assert 20 == result["articles"]
    assert result["generation"] == live(second) == live(first) != before
    body = IndexAnswer.model_validate(second.get("/v1/indexes").json())
    assert [(before, False), (result["generation"], True)] == [(one.id, one.live) for one in body.generations]
    assert body.status is not None
    assert (20, 0) == (body.status.articles, body.status.delta_articles)

    assert 201 == first.put("/v1/articles/late", json={"title": "A late report"}).status_code
    told = ActivatedAnswer.model_validate(first.post("/v1/indexes/rollback").json())
    assert before == told.id == live(second)
    assert told.previous is not None
    assert (result["generation"], 21) == (told.previous.id, told.live_articles)
    assert told.compared is not None
    assert (0, 0, 0) == (told.compared.gone, told.compared.returned, told.compared.other)
    assert (21, 0, 0) == (told.carried.added, told.carried.updated, told.carried.deleted)
    nothing = first.post("/v1/indexes/rollback")
    assert (404, "generation_not_found") == (nothing.status_code, nothing.json()["code"])
    newest = result["generation"]
    assert newest == second.post(f"/v1/indexes/{newest}/activate").json()["id"] == live(first)
    assert 404 == first.post("/v1/indexes/000099-x/activate").status_code
    assert newest == live(second)  # so that nobody reads the one before any more
    assert [before] == rebuilt(first, query="?keep=2")["removed"]
    assert [newest, live(second)] == generations(second)


def test_a_rebuild_with_nothing_new_says_since_when(pair: tuple[TestClient, TestClient]) -> None:
    """It is a generation of its own, copied unless a fresh one is asked for; after a change all is built."""
    first, second = pair
    before = rebuilt(first)["generation"]
    copied = rebuilt(first, second)
    assert before == copied["same_as"] != copied["generation"] == live(second)
    assert any(before in note for note in copied["notes"])
    assert rebuilt(first, query="?fresh=true")["same_as"] is None
    assert 200 == second.delete("/v1/articles/a-1").status_code
    result = rebuilt(first)
    assert (None, 19) == (result["same_as"], result["articles"])
    assert 422 == first.post("/v1/indexes/rebuild?fresh=perhaps").status_code


def test_changes_are_seen_by_the_other_at_its_next_request(pair: tuple[TestClient, TestClient]) -> None:
    """Added, updated and deleted, back and forth; a kept ETag of before never confirms an answer."""
    tag = ""
    for number in range(6):
        writer, reader = pair if number % 2 else pair[::-1]
        title = f"Comet number{number}"
        assert writer.put("/v1/articles/comet", json={"title": title}).status_code < 300
        answer = reader.get("/v1/search?q=comet&mode=lexical", headers={"If-None-Match": tag})
        assert [title] == [hit["title"] for hit in answer.json()["hits"]]
        tag = answer.headers["ETag"]
    assert 200 == pair[0].delete("/v1/articles/comet").status_code
    assert [] == pair[1].get("/v1/search?q=comet&mode=lexical", headers={"If-None-Match": tag}).json()["hits"]


def test_one_rebuild_at_a_time(pair: tuple[TestClient, TestClient], settings: Settings) -> None:
    """Who asks while one runs, in whatever process, is told who holds it; no task is left."""
    engine = Engine(settings, encoder=HashingEncoder())
    for lock in ("rebuild.lock", "build.lock"):
        with exclusive(engine.folder.path / lock, "doing a test"):
            busy = pair[0].post("/v1/indexes/rebuild")
        assert (409, "index_busy") == (busy.status_code, busy.json()["code"])
        assert "doing a test" in busy.json()["message"]
    assert [] == pair[1].get("/v1/tasks").json()["tasks"]
    rebuilt(pair[0])
    rebuilt(pair[1])


class Hammer(threading.Thread):
    """Searches without a pause and keeps what does not fit one generation."""

    def __init__(self, client: TestClient) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.answers = 0
        self.wrong: list[object] = []
        self._client = client

    def run(self) -> None:
        """Search until told to stop."""
        while not self.done.is_set():
            answer = self._client.get("/v1/search?q=report&limit=50&facets=section")
            self.answers += 1
            if answer.status_code != 200:
                self.wrong.append((answer.status_code, answer.text))
                continue
            marks = {hit["title"].split()[0] for hit in answer.json()["hits"]}
            body = answer.json()
            if len(body["hits"]) != 20 or body["total"] != 20 or len(marks) != 1:
                self.wrong.append((body["total"], len(body["hits"]), marks))


def test_no_failed_and_no_mixed_answer(
    pair: tuple[TestClient, TestClient], settings: Settings, tmp_path: Path
) -> None:
    """While generations with other articles are published, every answer is of exactly one of them."""
    hammers = [Hammer(client) for client in pair]
    for hammer in hammers:
        hammer.start()
    builder = Engine(settings, encoder=HashingEncoder())
    for number in range(4):
        builder_source(builder, tmp_path / f"{number}.jsonl", some(20, f"mark{number}"))
        seen = hammers[0].answers
        while hammers[0].answers < seen + 5:
            time.sleep(0.01)
    for hammer in hammers:
        hammer.done.set()
        hammer.join(30)
        assert [] == hammer.wrong
        assert hammer.answers >= 20
    assert {"mark3"} == {
        hit["title"].split()[0] for hit in pair[1].get("/v1/search?q=report&limit=50").json()["hits"]
    }
    builder.close()


def builder_source(engine: Engine, path: Path, articles: list[Article]) -> None:
    """Build a generation of just these articles."""
    path.write_text(
        "".join(json.dumps({"id": a.id, "title": a.title, "body": a.body}) + "\n" for a in articles), "utf-8"
    )
    engine.build([str(path)], drop_others=True)


def open_files() -> int:
    """Files that this process holds open."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.slow
def test_old_generations_are_released(pair: tuple[TestClient, TestClient]) -> None:
    """Thirty swaps leave no file open: neither of those that are switched back to, nor of new ones."""
    first, second = pair
    rebuilt(first)
    two = generations(first)
    counts = []
    for number in range(30):
        assert 200 == first.post(f"/v1/indexes/{two[number % 2]}/activate").status_code
        assert two[number % 2] == live(first) == live(second)
        counts.append(open_files())
    assert max(counts[5:]) <= max(counts[:5]), counts


def test_the_last_good_generation_is_served(pair: tuple[TestClient, TestClient], settings: Settings) -> None:
    """A live generation that is damaged is not followed; readiness says so, and going back mends it."""
    first, second = pair
    good = live(first)
    folder = Engine(settings).folder
    builder = Engine(settings, encoder=HashingEncoder())
    bad = builder.build([]).generation
    builder.close()
    assert 200 == first.post("/v1/indexes/rollback").status_code
    damaged = folder.generation_path(bad) / "manifest.json"
    content = damaged.read_bytes()
    damaged.write_bytes(content[: len(content) // 2])

    refused = first.post(f"/v1/indexes/{bad}/activate")
    assert 503 == refused.status_code
    assert str(settings.indexes) not in refused.text

    folder.set_current(bad)
    for client in pair:
        assert good == live(client)
        ready = client.get("/health/ready")
        assert (200, True, good) == (
            ready.status_code,
            ready.json()["serving_last_good"],
            ready.json()["generation"],
        )
        assert good in ready.json()["reason"]
    shown = {one["id"]: one["note"] for one in second.get("/v1/indexes").json()["generations"]}
    assert ("", True) == (shown[good], bool(shown[bad]))

    assert 200 == second.post(f"/v1/indexes/{good}/activate").status_code
    for client in pair:
        live(client)
        assert False is client.get("/health/ready").json()["serving_last_good"]


def test_the_first_article_of_a_site_makes_its_index(tmp_path: Path) -> None:
    """A service over an empty folder takes an article, and finds it at the next request."""
    settings = Settings(indexes=tmp_path / "indexes")
    settings.indexes.mkdir()
    key = KeyFile(settings.indexes).create("write")[1]
    engine = Engine(settings, encoder=HashingEncoder(), fall_back=True)
    with TestClient(create_app(settings, engine=engine)) as client:
        deadline = time.monotonic() + 30
        while "no index" not in str(client.get("/health/ready").json()["reason"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        article = {"title": "The harbour is open", "body": "Ships came in at dawn."}
        answer = client.put("/v1/articles/a-1", json=article, headers={"Authorization": f"Bearer {key}"})
        assert 201 == answer.status_code, answer.text
        found = client.get("/v1/search", params={"q": "harbour"}).json()
        assert ["a-1"] == [hit["id"] for hit in found["hits"]]
    engine.close()
