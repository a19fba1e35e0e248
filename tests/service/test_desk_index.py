"""The desk's index page on a real index: what it shows, and who may change what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.index.source_state import SourceState
from semsearch.index.source_syncs import LastSync, record_sync
from semsearch.keys import KeyFile, Scope
from semsearch.options import SourceOptions
from semsearch.service.app import create_app
from semsearch.service.desk_index import share_done
from semsearch.service.desk_sources import followed_sources
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
    assert "Sources" not in text
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


def test_sources_that_are_followed(tmp_path: Path) -> None:
    """When each was synced, what came of it, what to do: those of the settings and those synced before."""
    named = {
        name: SourceOptions(kind="feed", url="https://news.example/feed") for name in ("good", "late", "new")
    }
    made = Engine(Settings(indexes=tmp_path, sources=named), encoder=HashingEncoder())
    made.add_articles([Article(id="one", title="A bridge opens")])
    early, now = datetime(2026, 3, 2, 8, 5, tzinfo=UTC), datetime(2026, 3, 3, 9, 45, tzinfo=UTC)
    for last in (
        LastSync("good", now, now, added=1_200, changed=3, rejected=2),
        LastSync("late", now, early, fault="<b>https://news.example/feed answers 503"),
        LastSync("old", early, early, deleted=4),
    ):
        with SourceState(made.folder, last.source) as state:
            record_sync(state, last)
    with TestClient(create_app(made.settings, engine=made)) as client:
        wait_ready(client)
        client.post("/desk/sign-in", data={"key": KeyFile(tmp_path).create("write")[1]})
        page = client.get("/desk/index").text
    made.close()
    table = re.findall(r'aria-label="Sources">.*?</table>', page, re.DOTALL)[0]
    good, late, new, old = (
        re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row)) for row in table.split("<tr>")[2:]
    )
    assert " good feed 3 March 2026 , 09:45 UTC done 1,200 added, 3 changed" == good[:63]
    assert good.endswith(" 0 deleted, 2 rejected Nothing to do. ")
    assert "last good: 2 March 2026 , 08:05 UTC broke off" in late
    assert "&lt;b&gt;https://news.example/feed answers 503" in late
    assert "Go on from there: semsearch articles sync late" in late
    assert " new feed never Read it for the first time: semsearch articles sync new " == new
    assert "not followed 0 added, 0 changed, 4 deleted The settings of this service no longer name it." in old


def test_what_is_to_be_done_for_a_source(tmp_path: Path) -> None:
    """Refused deletions name their option; a state without times, or a damaged one, says so."""
    made = Engine(
        Settings(indexes=tmp_path, sources={"s": SourceOptions(kind="sql")}), encoder=HashingEncoder()
    )
    now = datetime(2026, 3, 3, tzinfo=UTC)
    with SourceState(made.folder, "s") as state:
        assert ("not known", "semsearch articles sync s") == seen(made)
        record_sync(state, LastSync("s", now, now, kept=7))
    assert ("held back", "semsearch articles sync s --allow-mass-delete") == seen(made)
    state.path.write_bytes(b"no database" * 100)
    assert ("not readable", "semsearch articles sync s") == seen(made)
    made.close()


def seen(engine: Engine) -> tuple[str, str]:
    """State and command of the only source."""
    (one,) = followed_sources(engine)
    return one.state, one.command


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
