"""The desk's page of saved searches, as a browser without scripts uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service import saved_work
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

FORM = {
    "name": "Schools",
    "meaning": "village school closes",
    "threshold": "0.5",
    "enabled": "on",
    "days": "30",
}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser that is signed in, over an index with one article about a school."""
    monkeypatch.setattr(saved_work, "LOOK_SECONDS", 0.05)
    engine = Engine(
        Settings(indexes=tmp_path / "indexes", service=ServiceOptions(webhook_hosts="127.0.0.1:1")),
        encoder=HashingEncoder(),
    )
    engine.add_articles([Article("old", "A village school closes", published_at=datetime.now(UTC))])
    key = KeyFile(engine.settings.indexes).create("write", name="Ann")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.post("/desk/sign-in", data={"key": key})
        yield found
    engine.close()


def sent(client: TestClient, path: str = "/desk/saved", **fields: str) -> tuple[int, str, str]:
    """Status, text and path of the page that a form leads to."""
    page = client.get("/desk/saved").text
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', page)
    assert token
    answer = client.post(path, data={"form_token": token[1], **fields})
    return answer.status_code, answer.text, answer.url.path


def test_try_save_find_change_delete(client: TestClient) -> None:
    """A search is tried, saved, finds what arrives, is changed under its id, and deleted."""
    status, text, _ = sent(client, action="preview", **FORM)
    assert (200, True) == (status, "It would have found 1 article<" in text)
    assert 'value="Schools"' in text
    assert [] == client.get("/desk/saved").text.split("found, ")[1:]
    status, text, path = sent(client, action="save", **FORM)
    assert (200, True, True) == (status, path.startswith("/desk/saved/desk-"), "made by" in text)
    assert "feed.atom?token=" in text
    headers = {"Authorization": f"Bearer {client.cookies['semsearch_desk']}"}
    record = {"title": "A village school closes <script>alert(1)</script>", "body": "In \u202espring."}
    client.put("/v1/articles/new", json=record, headers=headers)
    ends = time.monotonic() + 15
    while "1 found, 1 in the last 24 hours" not in client.get(path).text:
        assert time.monotonic() < ends
        time.sleep(0.02)
    assert "<script>alert" not in client.get(path).text
    assert "1 new<" in client.get("/desk/saved").text
    search_id = path.rpartition("/")[2]
    assert "village school closes</textarea>" in client.get(f"/desk/saved?edit={search_id}").text
    assert path == sent(client, action="save", id=search_id, **{**FORM, "name": "Other <b>name"})[2]
    assert "Other &lt;b&gt;name" in client.get("/desk/saved").text
    assert "/desk/saved" == sent(client, f"{path}/delete")[2]
    assert 404 == client.get(path).status_code


def test_wrong_values_stay_in_the_form(client: TestClient) -> None:
    """What is wrong is told by its label, and what was typed is still there; the secret is not."""
    status, text, _ = sent(client, action="save", **{**FORM, "threshold": "high", "meaning": "kept words"})
    assert (422, True, True) == (status, "How near: give a number" in text, "kept words</textarea>" in text)
    hook = {"webhook": "https://news.example/hook", "secret": "hunter2hunter2"}
    status, text, _ = sent(client, action="save", **FORM, **hook)
    assert (422, True, False) == (status, "Secret has 14 characters" in text, "hunter2" in text)
    assert "found, " not in client.get("/desk/saved").text


def test_webhook(client: TestClient) -> None:
    """A webhook is shown as signed, its secret nowhere; a test goes into its log; none without one."""
    path = sent(client, action="save", **FORM, webhook="https://127.0.0.1:1/hook", secret=SECRET)[2]
    assert 200 == sent(client, f"{path}/test")[0]
    text = client.get(path).text
    assert all(words in text for words in ("signed", "a test", "https://127.0.0.1:1/hook"))
    pages = (
        text + client.get("/desk/saved").text + client.get(f"/desk/saved?edit={path.rpartition('/')[2]}").text
    )
    assert SECRET[6:] not in pages
    bare = sent(client, action="save", **FORM)[2]
    assert 422 == sent(client, f"{bare}/test")[0]


def test_needs_a_key_and_a_token(client: TestClient) -> None:
    """A form without its token changes nothing; without a key the way leads to the sign in."""
    assert 403 == client.post("/desk/saved", data={**FORM, "action": "save"}).status_code
    client.cookies.clear()
    assert "/desk/sign-in" == client.get("/desk/saved").url.path


def test_a_level_is_chosen(client: TestClient) -> None:
    """A level counts before the number; a preview tells how many each level finds."""
    _, text, _ = sent(client, action="preview", **{**FORM, "strictness": "loose"})
    assert re.search(r"Loose: 1,\s+Normal: 1,\s+Strict: 1", " ".join(text.split()))
    assert re.search('value="loose" selected', text)
    assert 'name="threshold" dir="auto" value="0.45"' in text
    path = sent(client, action="save", **{**FORM, "strictness": "strict", "threshold": "0.1"})[2]
    assert "Strict: nearness 0.65 or more" in client.get(path).text
    edited = client.get(f"/desk/saved?edit={path.rpartition('/')[2]}").text
    assert 'value="strict" selected' in edited
    own = sent(client, action="save", **FORM)[2]
    assert "Nearness 0.5 or more" in client.get(own).text
