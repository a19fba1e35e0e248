"""Changes over HTTP, on a real index with an encoder whose vectors follow the words."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service import importing
from semsearch.service.app import create_app
from semsearch.service.schemas_write import ChangeAnswer, TaskAnswer
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an index of one article."""
    settings = Settings(indexes=tmp_path / "indexes", service=ServiceOptions(max_body_bytes=20_000))
    made = Engine(settings, encoder=HashingEncoder())
    made.add_articles([Article(id="first", title="Harbour opens", body="The harbour opened on Monday.")])
    yield made
    made.close()


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client with a key of scope write."""
    key = KeyFile(engine.settings.indexes).create("write")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.headers["Authorization"] = f"Bearer {key}"
        yield found


def found_ids(client: TestClient, query: str) -> list[str]:
    """Ids that a search by words finds."""
    answer = client.get("/v1/search", params={"q": query, "mode": "lexical"})
    return [hit["id"] for hit in answer.json()["hits"]]


def send(client: TestClient, content: bytes | str, path: str = "/v1/articles/import?wait=true") -> Any:
    """The answer to an import."""
    return client.post(path, content=content)


class TestPut:
    def test_life_of_an_article(self, client: TestClient) -> None:
        """Added, unchanged, updated, stale, deleted: each is told, and found as told at the next request."""
        outcomes = []
        changes = []
        for title, hour in (("Volcano", 12), ("Volcano", 12), ("Glacier", 13), ("Desert", 11)):
            record = {"title": title, "updated_at": f"2026-01-31T{hour}:00:00Z"}
            answer = client.put("/v1/articles/new%2F1", json=record)
            body = ChangeAnswer.model_validate(answer.json())
            assert "new/1" == body.id
            outcomes.append((answer.status_code, body.outcome))
            changes.append(body.change)
        assert [(201, "added"), (200, "unchanged"), (200, "updated"), (200, "stale")] == outcomes
        assert (None, None) == (changes[1], changes[3])
        assert changes[0] < changes[2]
        assert ([], ["new/1"], []) == tuple(
            found_ids(client, word) for word in ("volcano", "glacier", "desert")
        )

        deleted = client.delete("/v1/articles/new%2F1")
        assert (200, "deleted") == (deleted.status_code, deleted.json()["outcome"])
        assert [] == found_ids(client, "glacier")
        again = client.delete("/v1/articles/new%2F1")
        assert (404, "article_not_found") == (again.status_code, again.json()["code"])

    def test_every_change_has_another_etag(self, client: TestClient) -> None:
        """An answer of before a change is never confirmed after it, whatever the change."""
        seen = [client.get("/v1/search?q=harbour").headers["ETag"]]
        for method, path in [("PUT", "a"), ("PUT", "b"), ("DELETE", "a"), ("DELETE", "b")]:
            body = {"title": path} if method == "PUT" else None
            assert client.request(method, f"/v1/articles/{path}", json=body).status_code < 300
            answer = client.get("/v1/search?q=harbour", headers={"If-None-Match": ", ".join(seen)})
            assert 200 == answer.status_code
            seen.append(answer.headers["ETag"])
        assert len(seen) == len(set(seen))

    def test_id_of_the_body(self, client: TestClient) -> None:
        """It is left out, or that of the address, as text or number; another is refused with both."""
        assert 201 == client.put("/v1/articles/7", json={"id": 7, "title": "Seven"}).status_code
        refused = client.put("/v1/articles/7", json={"id": "8", "title": "Eight"})
        assert (422, "article_invalid") == (refused.status_code, refused.json()["code"])
        assert "'8'" in refused.json()["message"]
        assert "'7'" in refused.json()["message"]
        assert 404 == client.get("/v1/articles/8").status_code

    def test_what_was_mended_is_told(self, client: TestClient) -> None:
        """A date that is none is left out, and said; markup is taken off."""
        answer = client.put("/v1/articles/x", json={"title": "<b>Bold</b>", "published_at": "soon"})
        assert 201 == answer.status_code
        assert "published_at" in answer.json()["notes"][0]
        assert ("Bold", None) == tuple(
            client.get("/v1/articles/x").json()[name] for name in ("title", "published_at")
        )

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            (b"", "body"),
            (b"{", "body"),
            (b"[1]", "body"),
            (b'"text"', "body"),
            (b'{"title": NaN}', "body"),
            (b'{"title": "\xff"}', "body"),
            (b"{}", "title"),
            (b'{"title": ["x"]}', "title"),
            (b'{"body": 5}', "body"),
            (b'{"title": "x", "id": true}', "id"),
        ],
    )
    def test_what_cannot_be_taken(self, client: TestClient, body: bytes, field: str) -> None:
        """It is refused with the field at fault, and nothing is written."""
        answer = client.put("/v1/articles/bad", content=body)
        assert (422, "article_invalid") == (answer.status_code, answer.json()["code"])
        assert [field] == [item["field"] for item in answer.json()["detail"]]
        assert 404 == client.get("/v1/articles/bad").status_code

    def test_nested_too_deeply(self, client: TestClient) -> None:
        """It is refused like any other body that is none."""
        assert 422 == client.put("/v1/articles/bad", content=b"[" * 15_000).status_code

    def test_too_large(self, client: TestClient) -> None:
        """More than service.max_body_bytes is 413."""
        answer = client.put("/v1/articles/big", json={"title": "x", "body": "y" * 20_001})
        assert (413, "body_too_large") == (answer.status_code, answer.json()["code"])

    def test_unknown_parameters(self, client: TestClient) -> None:
        """They are refused, never ignored."""
        assert 422 == client.put("/v1/articles/a?force=1", json={"title": "x"}).status_code
        assert 422 == client.delete("/v1/articles/first?dry_run=1").status_code
        assert 200 == client.get("/v1/articles/first").status_code

    def test_related_is_no_article(self, client: TestClient) -> None:
        """The address of a related list takes no article, and says what it takes."""
        answer = client.put("/v1/articles/first/related", json={"title": "x"})
        assert 405 == answer.status_code
        assert "GET" in answer.headers["Allow"]


class TestImport:
    def test_each_line_has_its_result(self, client: TestClient, engine: Engine) -> None:
        """Good lines are written and bad ones told, in their order; empty lines are passed over."""
        lines = [
            '{"id": "a", "title": "Volcano erupts"}',
            "{broken",
            "",
            '{"id": "b"}',
            '{"id": "first", "title": "Harbour opens", "body": "The harbour opened on Monday."}',
            '{"id": "c", "title": "Glacier melts", "published_at": "soon"}',
            '{"id": "a", "title": "Volcano sleeps"}',
        ]
        answer = send(client, "\n".join(lines))
        task = TaskAnswer.model_validate(answer.json())
        assert (200, "import", "done") == (answer.status_code, task.kind, task.state)
        assert [
            (1, "a", "added"),
            (2, None, "rejected"),
            (4, "b", "rejected"),
            (5, "first", "unchanged"),
            (6, "c", "added"),
            (7, "a", "updated"),
        ] == [(one.line, one.id, one.outcome) for one in task.results]
        told = {one.line: (one.error or "") + " ".join(one.notes) for one in task.results}
        assert "line:4" in told[4]
        assert "title" in told[4]
        assert "published_at" in told[6]
        assert {"added": 2, "updated": 1, "unchanged": 1, "stale": 0, "rejected": 2, "lines": 7}.items() <= (
            task.result or {}
        ).items()
        assert (["a"], ["c"]) == (found_ids(client, "sleeps"), found_ids(client, "glacier"))
        left = {file.name for file in engine.folder.path.glob("tasks/*")}
        assert {f"{task.id}.json", f"{task.id}.results"} == left

    @pytest.mark.parametrize("content", ["{}", "[]", "no JSON", "{}\n{}\n"])
    def test_nothing_usable(self, client: TestClient, content: str) -> None:
        """A body without a usable line makes a task that is done and says why each line was rejected."""
        task = send(client, content).json()
        lines = content.count("\n") or 1
        assert ("done", lines) == (task["state"], task["result"]["rejected"])
        results = task["results"]
        assert list(range(1, lines + 1)) == [one["line"] for one in results]
        assert all(one["outcome"] == "rejected" and one["error"] for one in results)

    def test_without_waiting(self, client: TestClient) -> None:
        """It answers 202 with the task's address at once; the task ends by itself."""
        answer = send(client, '{"id": "a", "title": "Volcano"}', "/v1/articles/import")
        assert answer.status_code in {200, 202}
        where = answer.headers["Location"]
        while (task := client.get(where).json())["state"] not in {"done", "failed"}:
            pass
        assert ("done", 1) == (task["state"], task["result"]["added"])
        assert [task["id"]] == [one["id"] for one in client.get("/v1/tasks").json()["tasks"]]

    def test_gzip(self, client: TestClient) -> None:
        """Gzip is taken, also of several parts joined."""
        first, second = (gzip.compress(b'{"id": "%d", "title": "Number"}\n' % number) for number in (1, 2))
        assert 2 == send(client, first + second).json()["result"]["added"]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            gzip.compress(b'{"id": "1", "title": "x"}', mtime=0)[:-9],
            b"\x1f\x8bnonsense",
            gzip.compress(b"", mtime=0),
        ],
    )
    def test_no_body(self, client: TestClient, body: bytes) -> None:
        """Nothing, and gzip that is cut off or damaged, make no task."""
        assert 422 == send(client, body).status_code
        assert [] == client.get("/v1/tasks").json()["tasks"]

    def test_bounds(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """Too many bytes as sent, too many unpacked, and too many lines are refused."""
        assert 413 == send(client, b"x" * 20_001).status_code
        assert 413 == send(client, gzip.compress(b" " * 200_001)).status_code
        monkeypatch.setattr(importing, "MAX_LINES", 3)
        assert 422 == send(client, b"{}\n" * 4).status_code
        assert [] == client.get("/v1/tasks").json()["tasks"]

    def test_more_than_one_chunk(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """Results stay in order over many writes."""
        monkeypatch.setattr(importing, "CHUNK", 4)
        lines = [
            json.dumps({"id": str(n), "title": f"Number {n}"} if n % 3 else {"id": str(n)}) for n in range(30)
        ]
        task = send(client, "\n".join(lines)).json()
        assert list(range(1, 31)) == [one["line"] for one in task["results"]]
        assert [str(n) for n in range(30)] == [one["id"] for one in task["results"]]
        assert (20, 10) == (task["result"]["added"], task["result"]["rejected"])

    def test_a_fault_of_the_index_fails_the_task(
        self, client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was written before it keeps its results."""
        monkeypatch.setattr(importing, "CHUNK", 1)
        plain, calls = engine.add_articles, []

        def failing(articles: list[Article]) -> object:
            calls.append(1)
            if len(calls) == 2:
                raise OSError(28, "No space left")
            return plain(articles)

        monkeypatch.setattr(engine, "add_articles", failing)
        task = send(client, '{"id": "1", "title": "x"}\n{"id": "2", "title": "y"}').json()
        assert ("failed", "internal", None) == (task["state"], task["error"]["code"], task["result"])
        assert "No space" not in task["error"]["message"]
        assert ["1"] == [one["id"] for one in task["results"]]
