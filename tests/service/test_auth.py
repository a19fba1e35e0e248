"""Who may do what: over every address of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.keys import SCOPES, KeyFile
from semsearch.options import ServiceOptions
from semsearch.service.app import create_app
from semsearch.service.schemas import Problem
from semsearch.settings import Settings
from tests.service.conftest import wait_ready
from tests.service.fakes import FakeEngine, an_article

WRITING = {
    "GET /v1/editor/stories/none": "write",
    "POST /v1/editor/coverage-check": "write",
    "POST /v1/editor/link-suggestions": "write",
    "PUT /v1/articles/a-1": "write",
    "DELETE /v1/articles/a-1": "write",
    "POST /v1/articles/import": "write",
    "GET /v1/tasks": "write",
    "GET /v1/tasks/none": "write",
    "GET /v1/indexes": "write",
    "POST /v1/indexes/rebuild": "admin",
    "POST /v1/indexes/rollback": "admin",
    "POST /v1/indexes/none/activate": "admin",
    "GET /v1/rules": "write",
    "GET /v1/rules/history": "write",
    "POST /v1/rules/preview": "write",
    "GET /v1/rules/none": "write",
    "PUT /v1/rules/none": "write",
    "DELETE /v1/rules/none": "write",
    "GET /v1/rules/none/history": "write",
    "POST /v1/rules/none/restore": "write",
    "GET /v1/saved-searches": "write",
    "POST /v1/saved-searches/preview": "write",
    "GET /v1/saved-searches/none": "write",
    "PUT /v1/saved-searches/none": "write",
    "DELETE /v1/saved-searches/none": "write",
    "GET /v1/saved-searches/none/matches": "write",
    "GET /v1/saved-searches/none/feed.atom": "write",
    "GET /v1/saved-searches/none/deliveries": "write",
    "POST /v1/saved-searches/none/test": "write",
}
READING = ("/v1/search", "/v1/articles/a-1", "/v1/articles/a-1/related", "/", "/articles/a-1")
OPEN = ("/health/live", "/health/ready", "/version", "/metrics", "/openapi.json", "/static/style.css")


def a_client(folder: Path, **options: object) -> TestClient:
    """A client of an app over the fake engine; keys lie in ``folder``."""
    settings = Settings(indexes=folder, service=ServiceOptions(**options))  # type: ignore[arg-type]
    return TestClient(create_app(settings, engine=FakeEngine([an_article(1)])))  # type: ignore[arg-type]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An app that asks readers for nothing."""
    with a_client(tmp_path) as found:
        wait_ready(found)
        yield found


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[TestClient]:
    """An app that asks readers for a key too."""
    with a_client(tmp_path, require_key=True) as found:
        wait_ready(found)
        yield found


@pytest.mark.parametrize(("call", "needed"), WRITING.items())
def test_writing_always_needs_a_key(client: TestClient, tmp_path: Path, call: str, needed: str) -> None:
    """Without one, with a wrong one, and with a narrower scope it is refused before anything is read."""
    method, path = call.split()
    missing = client.request(method, path, content=b"nonsense")
    assert (401, "key_missing") == (missing.status_code, missing.json()["code"])
    assert 'Bearer realm="semsearch"' == missing.headers["WWW-Authenticate"]
    Problem.model_validate(missing.json())

    wrong = client.request(method, path, headers={"Authorization": "Bearer ss_wrong"})
    assert (401, "key_invalid") == (wrong.status_code, wrong.json()["code"])
    assert "invalid_token" in wrong.headers["WWW-Authenticate"]

    for scope in SCOPES:
        key = KeyFile(tmp_path).create(scope)[1]
        answer = client.request(method, path, headers={"X-API-Key": key}, content=b"{")
        if SCOPES.index(scope) < SCOPES.index(needed):  # type: ignore[arg-type]
            assert (403, "scope_missing") == (answer.status_code, answer.json()["code"])
            assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
            assert f"scope {needed}" in answer.json()["message"]
        else:
            assert answer.status_code not in {401, 403}


def test_every_operation_that_changes_something_is_in_this_test(client: TestClient) -> None:
    """No address slips in that takes changes without a key."""
    open_to_readers = {"POST /v1/search", "POST /v1/related", "POST /v1/events"}  # events are off by default
    known = {re.sub(r"/(a-1|none)\b", "/{}", call) for call in WRITING} | open_to_readers
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            call = f"{method.upper()} {re.sub('{.*?}', '{}', path)}"
            assert call in known or method == "get", call
            assert (call in known - open_to_readers) == ("security" in operation), call


@pytest.mark.parametrize("path", READING)
def test_readers_need_no_key_unless_told(
    client: TestClient, closed: TestClient, tmp_path: Path, path: str
) -> None:
    """With service.require_key they do, and no cache that people share keeps an answer."""
    assert 200 == client.get(path).status_code
    assert "private" not in client.get(path).headers["Cache-Control"]

    refused = closed.get(path)
    assert (401, "no-store") == (refused.status_code, refused.headers["Cache-Control"])
    key = KeyFile(tmp_path).create("search")[1]
    answer = closed.get(path, headers={"Authorization": f"bearer  {key}"})
    assert 200 == answer.status_code
    cache = answer.headers["Cache-Control"]
    assert "private" in cache
    assert "public" not in cache


@pytest.mark.parametrize("path", OPEN)
def test_health_needs_no_key(closed: TestClient, path: str) -> None:
    """What tells nothing of the articles is open to load balancers and monitors."""
    assert 200 == closed.get(path).status_code


def test_a_revoked_key_is_refused_at_the_next_request(closed: TestClient, tmp_path: Path) -> None:
    """So is one whose file was damaged: nothing opens then, and nothing of the file is told."""
    keys = KeyFile(tmp_path)
    key, text = keys.create("search")
    headers = {"X-API-Key": text}
    assert 200 == closed.get("/v1/search", headers=headers).status_code
    keys.revoke(key.id)
    assert 401 == closed.get("/v1/search", headers=headers).status_code
    keys.path.write_text("damaged", "utf-8")
    broken = closed.get("/v1/search", headers=headers)
    assert 500 == broken.status_code
    assert str(tmp_path) not in broken.text


def test_document_names_the_ways_to_send_a_key(closed: TestClient) -> None:
    """Where readers need a key, reading is marked too."""
    document = closed.get("/openapi.json").json()
    assert {"bearer", "header"} == set(document["components"]["securitySchemes"])
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert path.startswith("/v1/") == ("security" in operation)


def test_settings_of_the_service_are_used(tmp_path: Path) -> None:
    """Origins, the largest body and the threads come from the settings."""
    options = {"cors_origins": "https://a.example, https://b.example/", "max_body_bytes": 100, "threads": 1}
    with a_client(tmp_path, **options) as client:
        wait_ready(client)
        for origin in ("https://a.example", "https://b.example", "https://c.example"):
            allowed = client.get("/version", headers={"Origin": origin}).headers.get(
                "Access-Control-Allow-Origin"
            )
            assert (origin if "c." not in origin else None) == allowed
        assert 413 == client.post("/v1/search", content=b" " * 101).status_code
        assert 1 == client.app.state.service._reading._limiter.total_tokens  # type: ignore[attr-defined]
