"""The desk's index page on a real index: what it shows, and who may change what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile, Scope
from semsearch.service.app import create_app
from semsearch.service.desk_index import share_done
from semsearch.service.tasks import Task
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

SignIn = Callable[[Scope], TestClient]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an index of one article."""
    made = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    made.add_articles([Article(id="one", title="A bridge opens", body="The bridge is open.")])
    yield made
    made.close()


@pytest.fixture
def browser(engine: Engine, tmp_path: Path) -> Iterator[SignIn]:
    """Signs a browser in with a key of a scope."""
    with TestClient(create_app(engine.settings, engine=engine)) as client:
        wait_ready(client)

        def sign_in(scope: Scope) -> TestClient:
            key = KeyFile(tmp_path).create(scope)[1]
            assert 200 == client.post("/desk/sign-in", data={"key": key}).status_code
            return client

        yield sign_in


def token(client: TestClient) -> str:
    """The token in the forms of the page."""
    found = re.findall(r'name="form_token" value="([0-9a-f]{64})"', client.get("/desk/index").text)
    return str(found[0])


def test_figures_are_those_of_the_index(browser: SignIn, engine: Engine) -> None:
    """What the page says is what the engine says; who may not change anything gets no buttons."""
    text = browser("write").get("/desk/index").text
    assert engine.status().generation in text
    assert "<dd>1 added, 0 deleted</dd>" in text
    assert "Rebuild now" not in text
    assert "style=" not in text


def test_only_admins_change_it(browser: SignIn, engine: Engine) -> None:
    """With scope write neither form does anything, even with a right token."""
    client = browser("write")
    before = engine.status().generation
    for action in ("rebuild", "activate"):
        sent = {"form_token": token(client), "generation": before, "sure": "yes"}
        assert 403 == client.post(f"/desk/index/{action}", data=sent).status_code
    assert before == engine.status().generation


def test_a_rebuild_and_back(browser: SignIn, engine: Engine) -> None:
    """The button builds a new generation; the one before is live again once the box is ticked."""
    client = browser("admin")
    before = engine.status().generation
    text = client.post("/desk/index/rebuild", data={"form_token": token(client)}).text
    assert "The rebuild has begun." in text
    for _ in range(1000):
        if engine.status().generation != before:
            break
        time.sleep(0.01)
    assert before != engine.status().generation

    sent = {"form_token": token(client), "generation": before}
    assert 422 == client.post("/desk/index/activate", data=sent).status_code
    assert before != engine.status().generation
    text = client.post("/desk/index/activate", data={**sent, "sure": "yes"}).text
    assert "The generation is live." in text
    assert before == engine.status().generation


def test_without_the_token_nothing_happens(browser: SignIn, engine: Engine) -> None:
    """A form that the page did not give is refused."""
    client = browser("admin")
    assert 403 == client.post("/desk/index/rebuild", data={"form_token": "0" * 64}).status_code
    assert 1 == len(engine.generations())


def test_an_unknown_generation(browser: SignIn) -> None:
    """It is 404, in words."""
    client = browser("admin")
    sent = {"form_token": token(client), "generation": "000009-<b>", "sure": "yes"}
    response = client.post("/desk/index/activate", data=sent)
    assert 404 == response.status_code
    assert "<b>" not in response.text


@pytest.mark.parametrize(
    ("progress", "state", "share"),
    [
        ({"done": 1, "total": 3}, "running", 33),
        ({"done": 5, "total": 3}, "running", 100),
        ({"done": 1, "total": None}, "running", None),
        ({"done": 1, "total": 0}, "running", None),
        ({"done": 3, "total": 3}, "done", None),
        (None, "queued", None),
    ],
)
def test_how_far_a_task_is(progress: dict[str, object] | None, state: str, share: int | None) -> None:
    """In percent, where there is something to measure by."""
    task = Task("t", "rebuild", state, "2026-01-01T00:00:00Z", progress=progress)  # type: ignore[arg-type]
    assert share == share_done(task)
