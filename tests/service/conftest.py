"""An app over the fake engine, started and ready."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from semsearch.engine import Engine
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.service.fakes import FakeEngine, an_article

Serve = Callable[..., TestClient]


def wait_ready(client: TestClient) -> None:
    """Wait until the app is ready; fails after ten seconds."""
    for _ in range(1000):
        if client.get("/health/ready").status_code == 200:
            return
        time.sleep(0.01)
    raise AssertionError(client.get("/health/ready").text)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts an app over an engine and gives a client of it; all are stopped at the end."""
    with ExitStack() as stack:

        def start(
            engine: FakeEngine | Engine, *, ready: bool = True, settings: Settings | None = None
        ) -> TestClient:
            app = create_app(settings or engine.settings, engine=engine)  # type: ignore[arg-type]
            client = stack.enter_context(TestClient(app))
            if ready:
                wait_ready(client)
            return client

        yield start


@pytest.fixture
def engine() -> FakeEngine:
    """An engine with twelve articles: six about courts, six about football."""
    return FakeEngine([an_article(number) for number in range(12)])


@pytest.fixture
def client(engine: FakeEngine | Engine, serve: Serve) -> TestClient:
    """A client of a ready app over ``engine``, which a test module may replace."""
    return serve(engine)


def raw_get(client: TestClient, raw_path: str) -> dict[str, object]:
    """The JSON at a path that is sent as it stands and decoded once, as a server does (TestClient: twice)."""
    sent: list[dict[str, object]] = []

    async def ask() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, object]) -> None:
            sent.append(dict(message))

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": unquote(raw_path),
            "raw_path": raw_path.encode("ascii"),
            "query_string": b"",
            "headers": [],
            "app": client.app,
        }
        await client.app(scope, receive, send)

    assert client.portal is not None
    client.portal.call(ask)
    body = b"".join(part.get("body", b"") for part in sent)  # type: ignore[misc]
    return dict(json.loads(body))
