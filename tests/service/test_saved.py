"""Saved searches over HTTP, on a real index with an encoder whose vectors follow the words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service import saved_work
from semsearch.service.app import create_app
from semsearch.service.schemas_saved import (
    DeliveriesAnswer,
    MatchesAnswer,
    PreviewAnswer,
    SavedSearchAnswer,
    SavedSearchesAnswer,
)
from semsearch.settings import Settings
from tests.editorial.receiver import receiving
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
SCHOOLS = {"name": "Schools", "meaning": "village school closes", "threshold": 0.5}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine over an index with one article about a school."""
    monkeypatch.setattr(saved_work, "LOOK_SECONDS", 0.05)
    options = ServiceOptions(webhook_hosts="127.0.0.1", site_name="The Post")
    made = Engine(Settings(indexes=tmp_path / "indexes", service=options), encoder=HashingEncoder())
    made.add_articles([school("old")])
    yield made
    made.close()


@pytest.fixture
def client(engine: Engine) -> Iterator[TestClient]:
    """A client with a key of scope write that is called Ann."""
    key = KeyFile(engine.settings.indexes).create("write", name="Ann")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.headers["Authorization"] = f"Bearer {key}"
        yield found


def school(article_id: str, title: str = "A village school closes", **values: Any) -> Article:
    """An article that the search finds."""
    return Article(article_id, title, "The council decided.", published_at=datetime.now(UTC), **values)


def until(ask: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until something is so; fails after ``seconds``."""
    ends = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < ends
        time.sleep(0.02)


def matched(client: TestClient, search: str = "schools") -> list[str]:
    """The ids of a search's matches."""
    answer = client.get(f"/v1/saved-searches/{search}/matches")
    assert 200 == answer.status_code, answer.text
    return [one["id"] for one in MatchesAnswer.model_validate(answer.json()).model_dump()["matches"]]


class TestLife:
    def test_saved_listed_changed_deleted(self, client: TestClient) -> None:
        """A search is made by a key's name, listed, replaced and deleted; what is not there is 404."""
        assert [] == client.get("/v1/saved-searches").json()["searches"]
        made = client.put("/v1/saved-searches/schools", json=SCHOOLS)
        assert (201, "Ann") == (made.status_code, SavedSearchAnswer.model_validate(made.json()).made_by)
        again = client.put(
            "/v1/saved-searches/schools", json={**SCHOOLS, "section": ["Local"], "words": ["é"]}
        )
        assert (200, ["Local"], ["é"]) == (
            again.status_code,
            again.json()["section"],
            again.json()["words"],
        )
        assert made.json()["feed"] == again.json()["feed"]
        listed = SavedSearchesAnswer.model_validate(client.get("/v1/saved-searches").json())
        assert ["schools"] == [one.id for one in listed.searches]
        assert 204 == client.delete("/v1/saved-searches/schools").status_code
        for answer in (
            client.get("/v1/saved-searches/schools"),
            client.delete("/v1/saved-searches/schools"),
            client.get("/v1/saved-searches/schools/matches"),
            client.get("/v1/saved-searches/schools/feed.atom"),
            client.get("/v1/saved-searches/schools/deliveries"),
            client.post("/v1/saved-searches/schools/test"),
        ):
            assert (404, "rule_not_found") == (answer.status_code, answer.json()["code"])

    def test_needs_scope_write(self, client: TestClient, engine: Engine) -> None:
        """Without a key 401, with one that only searches 403."""
        client.headers.pop("Authorization")
        assert 401 == client.get("/v1/saved-searches").status_code
        assert 401 == client.put("/v1/saved-searches/s", json=SCHOOLS).status_code
        client.headers["X-API-Key"] = KeyFile(engine.settings.indexes).create("search")[1]
        assert 403 == client.post("/v1/saved-searches/preview", json={"meaning": "x"}).status_code

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"threshold": 1.5}, "threshold"),
            ({"threshold": "0.5"}, "threshold"),
            ({"meaning": ""}, "meaning"),
            ({"meaning": " \t"}, "meaning"),
            ({"name": "x" * 201}, "name"),
            ({"name": "half \ud800"}, "name"),
            ({"words": ["---"]}, "words"),
            ({"words": ["w"] * 21}, "words"),
            ({"section": []}, "section"),
            ({"colour": "red"}, "colour"),
            ({"webhook": {"url": "javascript:alert(1)"}}, "webhook.url"),
            ({"webhook": {"url": "https://user:pw@news.example/"}}, "webhook.url"),
            ({"webhook": {"url": "https://news.example/", "secret": "hunter2hunter2"}}, "webhook.secret"),
        ],
    )
    def test_what_cannot_be(self, client: TestClient, change: dict[str, Any], field: str) -> None:
        """Each wrong field is named; nothing is saved; a secret is not repeated."""
        content = json.dumps({**SCHOOLS, **change})
        answer = client.put(
            "/v1/saved-searches/s", content=content, headers={"Content-Type": "application/json"}
        )
        assert 422 == answer.status_code, answer.text
        assert field in answer.json()["message"]
        assert "hunter2" not in answer.text
        assert [] == client.get("/v1/saved-searches").json()["searches"]

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.7.7/hook",
            "http://10.1.2.3/",
            "https://[::1]/",
            "http://[::ffff:192.168.0.9]:8080/",
            "http://localhost:9000/",
            "http://news.localhost/",
            "http://news..example/",
            "http://xn--/",
            "http://xn--a-/",
            "http://" + "n" * 64 + ".example/",
            "http://１０.0.0.1/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://3232235777/",
        ],
    )
    def test_webhooks_that_no_message_would_reach(self, client: TestClient, url: str) -> None:
        """They are refused at once, with the address and what to give; nothing is saved."""
        answer = client.put("/v1/saved-searches/s", json={**SCHOOLS, "webhook": {"url": url}})
        assert 422 == answer.status_code, answer.text
        message = answer.json()["message"]
        assert message.startswith("webhook.url is ")
        assert "; give " in message
        assert [] == client.get("/v1/saved-searches").json()["searches"]

    @pytest.mark.parametrize(
        "url",
        [
            "https://news.example/hook",
            "https://nachrichten-köln.example/",
            "http://xn--nachrichten-kln-gtb.example./",
            "http://8.8.4.4:8080/",
            "http://127.0.0.1:1/",
            "https://a_b.example:8443/x?y=z",
        ],
    )
    def test_webhooks_that_may_be_reached(self, client: TestClient, url: str) -> None:
        """Names of all scripts, public addresses, and those that the settings name."""
        answer = client.put("/v1/saved-searches/s", json={**SCHOOLS, "webhook": {"url": url}})
        assert 201 == answer.status_code, answer.text

    def test_ids(self, client: TestClient) -> None:
        """An id is plain."""
        answer = client.put("/v1/saved-searches/a b", json=SCHOOLS)
        assert (422, True) == (answer.status_code, "id is 'a b'" in answer.json()["message"])


class TestMatches:
    def test_what_arrives_is_found_once(self, client: TestClient, engine: Engine) -> None:
        """Only what comes after the search; by the service, another process, and once for all versions."""
        client.put("/v1/saved-searches/schools", json=SCHOOLS)
        client.put("/v1/articles/web", json={"title": "Another village school closes"})
        until(lambda: matched(client) == ["web"])
        other = Engine(engine.settings, encoder=HashingEncoder())
        other.add_articles([school("cli", section="Local"), Article("far", "Football", "Nobody scored.")])
        until(lambda: matched(client) == ["cli", "web"])
        other.add_articles([school("cli", "A village school closes today")])
        other.build([])
        other.add_articles([school("last")])
        other.close()
        until(lambda: matched(client) == ["last", "cli", "web"])
        page = client.get("/v1/saved-searches/schools/matches?limit=1&offset=1").json()
        assert (["cli"], 3) == ([one["id"] for one in page["matches"]], page["total"])
        assert ("Local", "The council decided.") == (
            page["matches"][0]["section"],
            page["matches"][0]["passage"],
        )
        assert 3 == client.get("/v1/saved-searches/schools").json()["matches_last_day"]

    def test_words_filters_and_off(self, client: TestClient) -> None:
        """Words and filters narrow; a search that is off finds nothing."""
        for name, more in (
            ("all", {}),
            ("word", {"words": ["Überland"]}),
            ("local", {"section": ["LOCAL"]}),
            ("off", {"enabled": False}),
        ):
            assert 201 == client.put(f"/v1/saved-searches/{name}", json={**SCHOOLS, **more}).status_code
        client.put("/v1/articles/a", json={"title": "A village school closes", "section": "Local"})
        client.put("/v1/articles/b", json={"title": "A village school closes", "body": "In uberland."})
        until(lambda: matched(client, "all") == ["b", "a"])
        assert [["b"], ["a"], []] == [matched(client, name) for name in ("word", "local", "off")]

    def test_preview(self, client: TestClient) -> None:
        """A preview shows what there is, within its days, writes nothing and changes no match."""
        tried = {**SCHOOLS, "days": 7}
        tried.pop("name")
        answer = client.post("/v1/saved-searches/preview", json=tried)
        found = PreviewAnswer.model_validate(answer.json())
        assert (1, ["old"]) == (found.total, [one.id for one in found.matches])
        week_old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
        client.put("/v1/articles/old", json={"title": "A village school closes", "published_at": week_old})
        assert 0 == client.post("/v1/saved-searches/preview", json=tried).json()["total"]
        assert [] == client.get("/v1/saved-searches").json()["searches"]

    def test_preview_counts_each_level(self, client: TestClient) -> None:
        """The counts are the totals at those thresholds, whatever threshold is tried."""
        looked = {"meaning": "village school closes", "days": 7}
        for number in range(4):
            words = " ".join(["village school closes", *(f"other{number}x{n}" for n in range(3 * number))])
            client.put(
                f"/v1/articles/p{number}",
                json={"title": words, "published_at": datetime.now(UTC).isoformat()},
            )
        levels = client.post("/v1/saved-searches/preview", json={**looked, "threshold": 0.99}).json()[
            "levels"
        ]
        assert ["loose", "normal", "strict"] == list(levels)
        assert levels["loose"] >= levels["normal"] >= levels["strict"] > 0
        for name, count in levels.items():
            tried = {**looked, "strictness": name}
            assert count == client.post("/v1/saved-searches/preview", json=tried).json()["total"]

    def test_a_level_stands_for_its_threshold(self, client: TestClient) -> None:
        """Either may be given; an answer has both; two that differ are refused with both values."""
        kept = {name: value for name, value in SCHOOLS.items() if name != "threshold"}
        strict = client.put("/v1/saved-searches/s", json={**kept, "strictness": "strict"}).json()
        assert (0.65, "strict") == (strict["threshold"], strict["strictness"])
        own = client.put("/v1/saved-searches/s", json=SCHOOLS).json()
        assert (0.5, None) == (own["threshold"], own["strictness"])
        assert "normal" == client.put("/v1/saved-searches/s", json=kept).json()["strictness"]
        both = client.put("/v1/saved-searches/s", json={**kept, "strictness": "loose", "threshold": 0.45})
        assert 200 == both.status_code
        wrong = client.put("/v1/saved-searches/s", json={**kept, "strictness": "loose", "threshold": 0.7})
        assert 422 == wrong.status_code
        assert "'loose' is a threshold of 0.45, but threshold is 0.7" in wrong.text
        assert 422 == client.put("/v1/saved-searches/s", json={**kept, "strictness": "odd"}).status_code


class TestFeed:
    def test_atom(self, client: TestClient, engine: Engine) -> None:
        """Any reader with the address reads it: stable ids, escaped text, 304 while nothing is new."""
        made = client.put(
            "/v1/saved-searches/schools", json={**SCHOOLS, "name": "<b> & \u202eschools"}
        ).json()
        engine.add_articles([school("a/1", "A village school closes <script>", url="https://news.example/1")])
        until(lambda: matched(client))
        client.headers.pop("Authorization")
        answer = client.get(made["feed"])
        assert (200, "application/atom+xml") == (answer.status_code, answer.headers["content-type"])
        feed = ET.fromstring(answer.content)
        assert "<b> & \u202eschools" == feed.findtext(f"{ATOM}title")
        entry = feed.find(f"{ATOM}entry")
        assert entry is not None
        assert "A village school closes <script>" == entry.findtext(f"{ATOM}title")
        assert "https://news.example/1" == entry.find(f"{ATOM}link").get("href")  # type: ignore[union-attr]
        for name in ("id", "updated", "author"):
            assert feed.find(f"{ATOM}{name}") is not None
        assert entry.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
        etag = {"If-None-Match": answer.headers["etag"]}
        assert 304 == client.get(made["feed"], headers=etag).status_code
        engine.add_articles([school("b")])
        until(lambda: client.get(made["feed"], headers=etag).status_code == 200)
        ids = [one.text for one in ET.fromstring(client.get(made["feed"]).content).iter(f"{ATOM}id")]
        assert entry.findtext(f"{ATOM}id") == ids[-1]
        assert len(ids) == len(set(ids)) == 3

    def test_token(self, client: TestClient) -> None:
        """A token opens its own feed alone; a wrong one learns nothing; a key in a header does as well."""
        first = client.put("/v1/saved-searches/one", json=SCHOOLS).json()["feed"]
        client.put("/v1/saved-searches/two", json=SCHOOLS)
        assert 200 == client.get("/v1/saved-searches/two/feed.atom").status_code
        client.headers.pop("Authorization")
        token = first.partition("token=")[2]
        assert 200 == client.get(first).status_code
        assert 404 == client.get(f"/v1/saved-searches/two/feed.atom?token={token}").status_code
        assert 401 == client.get("/v1/saved-searches/one/feed.atom").status_code
        assert 401 == client.get(f"/v1/saved-searches/one?token={token}").status_code


class TestWebhook:
    def test_match_and_test_are_sent(self, client: TestClient) -> None:
        """A match and a test reach the receiver, though it fails first; the secret never comes back."""
        with receiving() as receiver:
            hook = {"url": f"{receiver.url}/hook", "secret": SECRET}
            made = client.put("/v1/saved-searches/schools", json={**SCHOOLS, "webhook": hook})
            assert {"url": hook["url"], "signed": True} == made.json()["webhook"]
            client.put("/v1/articles/a", json={"title": "A village school closes"})
            receiver.wait(1)
            data = json.loads(receiver.got[0][1])["data"]
            assert ("schools", "a", "A village school closes") == (
                data["search"],
                data["article"]["id"],
                data["article"]["title"],
            )
            kept = {**SCHOOLS, "webhook": {"url": hook["url"]}}
            assert client.put("/v1/saved-searches/schools", json=kept).json()["webhook"]["signed"]
            sent = client.post("/v1/saved-searches/schools/test")
            assert 202 == sent.status_code
            receiver.wait(2)
            assert sent.json()["id"] == receiver.got[1][0]["webhook-id"]
            assert "webhook-signature" in receiver.got[1][0]
            path = "/v1/saved-searches/schools/deliveries"
            until(lambda: all(one["state"] == "delivered" for one in client.get(path).json()["deliveries"]))
            log = DeliveriesAnswer.model_validate(client.get(path).json()).deliveries
            assert [(None, 204), ("a", 204)] == [(one.article, one.status) for one in log]
        pages = ("", "/schools", "/schools/matches", "/schools/deliveries", "/schools/feed.atom")
        assert [] == [page for page in pages if SECRET[6:] in client.get(f"/v1/saved-searches{page}").text]
