"""The desk: who gets in, and what holds for all of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.desk import COOKIE
from semsearch.service.desk_login import path_within
from semsearch.settings import Settings
from tests.service.conftest import wait_ready
from tests.service.fakes import FakeEngine, an_article

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFile:
    """The keys of the service."""
    return KeyFile(tmp_path)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser that nobody signed in with."""
    app = create_app(Settings(indexes=tmp_path), engine=FakeEngine([an_article(1)]))  # type: ignore[arg-type]
    with TestClient(app) as found:
        wait_ready(found)
        yield found


def sign_in(client: TestClient, key: str, path: str = "/desk") -> str:
    """Sign in, and give the text of the page that comes then."""
    response = client.post("/desk/sign-in", data={"key": key, "next": path})
    assert 200 == response.status_code, response.text
    return response.text


def test_without_a_key_the_form_comes_first(client: TestClient) -> None:
    """Whoever is not signed in is led to the form, which says how to make a key where there is none."""
    response = client.get("/desk", follow_redirects=False)
    assert (303, "/desk/sign-in?next=/desk") == (response.status_code, response.headers["location"])
    assert "semsearch keys create --scope write" in client.get("/desk").text


def test_a_key_opens_the_desk(client: TestClient, keys: KeyFile) -> None:
    """The home shows the newest articles; no page is kept or listed, and no script within it runs."""
    _, key = keys.create("write", name="Ada")
    assert an_article(1).title in sign_in(client, key)
    response = client.get("/desk")
    assert ("no-store", "noindex, nofollow") == (
        response.headers["Cache-Control"],
        response.headers["X-Robots-Tag"],
    )
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert len(response.content) < 50_000


def test_the_cookie_is_for_this_server_alone(client: TestClient, keys: KeyFile) -> None:
    """No script reads it, no other site sends it, and only the desk is sent it."""
    response = client.post("/desk/sign-in", data={"key": keys.create("write")[1]}, follow_redirects=False)
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/desk", "max-age=43200"))
    assert "secure" not in cookie  # the test asks over plain http


def test_over_https_the_cookie_stays_there(
    client: TestClient, keys: KeyFile, caplog: pytest.LogCaptureFixture
) -> None:
    """Served over https it is never sent without; the key stands in no line of the log."""
    caplog.set_level("DEBUG")
    key = keys.create("write")[1]
    sent = {"key": key}
    response = client.post("https://testserver/desk/sign-in", data=sent, follow_redirects=False)
    assert "; secure" in response.headers["set-cookie"].lower()
    assert key not in caplog.text


@pytest.mark.parametrize("key", ["", "no-key", HOSTILE, "ssk_" + "a" * 43, "é" * 50])
def test_a_wrong_key_opens_nothing(client: TestClient, keys: KeyFile, key: str) -> None:
    """The answer says so and repeats nothing of what was typed."""
    keys.create("write")
    response = client.post("/desk/sign-in", data={"key": key})
    assert 403 == response.status_code
    assert HOSTILE not in response.text
    assert COOKIE not in client.cookies


def test_a_narrow_key_opens_nothing(client: TestClient, keys: KeyFile) -> None:
    """A key to search with is none to edit with."""
    assert 403 == client.post("/desk/sign-in", data={"key": keys.create("search")[1]}).status_code


def test_a_revoked_key_is_out_at_once(client: TestClient, keys: KeyFile) -> None:
    """The next page asks for another key."""
    made, key = keys.create("write")
    sign_in(client, key)
    keys.revoke(made.id)
    response = client.get("/desk")
    assert "/desk/sign-in" == response.url.path
    assert "opens nothing here any more" in response.text


def test_sign_out_needs_the_form_of_this_session(client: TestClient, keys: KeyFile) -> None:
    """A form without its token changes nothing; the form of the page signs out."""
    page = sign_in(client, keys.create("write")[1])
    assert 403 == client.post("/desk/sign-out", data={"form_token": "0" * 64}).status_code
    assert 403 == client.post("/desk/sign-out").status_code
    assert COOKIE in client.cookies

    token = re.findall(r'name="form_token" value="([0-9a-f]{64})"', page)[0]
    response = client.post("/desk/sign-out", data={"form_token": token})
    assert "You are signed out." in response.text
    assert COOKIE not in client.cookies


def test_a_form_of_another_site_is_refused(client: TestClient, keys: KeyFile) -> None:
    """Even with a right key in it."""
    response = client.post(
        "/desk/sign-in",
        data={"key": keys.create("write")[1]},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert 403 == response.status_code
    assert COOKIE not in client.cookies


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/desk", "/desk"),
        ("/desk/rules?id=1", "/desk/rules?id=1"),
        ("", "/desk"),
        ("https://evil.example/desk", "/desk"),
        ("//evil.example", "/desk"),
        ("/desk\\@evil.example", "/desk"),
        ("/desktop", "/desk"),
        ("/desk/sign-out", "/desk"),
        ("/desk/\r\nX: y", "/desk"),
        ("/desk/é", "/desk"),
    ],
)
def test_only_the_desk_follows_the_form(given: str, path: str) -> None:
    """No address of another site, and nothing that signs out again."""
    assert path == path_within(given)
