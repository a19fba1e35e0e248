"""Editors' rules over HTTP, as programs and editors use them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from semsearch import engine as engine_module
from semsearch.engine import Engine
from semsearch.index import rules_store
from semsearch.keys import KeyFile
from semsearch.rules import Rule
from semsearch.service import schemas_rules
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import an_article
from tests.service.conftest import wait_ready

Json = dict[str, Any]
PIN: Json = {"action": "pin", "articles": ["a1"], "query": "ferry"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over twelve articles; each test begins without rules."""
    folder = tmp_path_factory.mktemp("rules")
    engine = Engine(Settings(indexes=folder, index="news"), encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles([an_article(number) for number in range(12)])
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def served(engine: Engine) -> Iterator[tuple[TestClient, str]]:
    """A client, and the key of somebody called Ada."""
    _, key = KeyFile(engine.settings.indexes).create("write", name="Ada")
    with TestClient(create_app(engine.settings, engine=engine)) as client:
        wait_ready(client)
        yield client, key


@pytest.fixture
def client(served: tuple[TestClient, str], engine: Engine) -> TestClient:
    """A client that shows Ada's key, and no rule."""
    client, key = served
    client.headers["X-API-Key"] = key
    for kept in engine.rules.all():
        engine.rules.delete(kept.rule.id, "tests")
    return client


def ids(client: TestClient, address: str) -> list[str]:
    """The ids of a list."""
    answer = client.get(address)
    assert 200 == answer.status_code, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def test_a_rule_is_made_read_changed_and_deleted(client: TestClient) -> None:
    """201, 200 and what is kept; the answers are as the document describes them."""
    made = client.put("/v1/rules/school.closure:1", json={**PIN, "note": "the explainer <b>"})
    assert 201 == made.status_code, made.text
    answer = schemas_rules.RuleAnswer.model_validate(made.json())
    assert ("active", [], "Ada", "Ada") == (answer.state, answer.missing, answer.made_by, answer.changed_by)
    assert ("query", "exact", 1, None) == (answer.holds_for, answer.match, answer.position, answer.factor)
    assert "the explainer <b>" == answer.note
    assert made.json() == client.get("/v1/rules/school.closure:1").json()
    assert "a1" == ids(client, "/v1/search?q=Ferry")[0]

    changed = client.put(
        "/v1/rules/school.closure:1", json={**PIN, "articles": ["gone", "a2"], "position": 3}
    )
    assert (200, ["gone"]) == (changed.status_code, changed.json()["missing"])
    assert ("", "a2") == (changed.json()["note"], ids(client, "/v1/search?q=ferry")[2])
    listed = schemas_rules.RulesAnswer.model_validate(client.get("/v1/rules").json())
    assert (1, "school.closure:1") == (listed.total, listed.rules[0].id)

    gone = client.delete("/v1/rules/school.closure:1")
    assert (200, "deleted") == (gone.status_code, gone.json()["kind"])
    assert "a2" not in ids(client, "/v1/search?q=ferry")[:3]
    for answer_ in (client.get("/v1/rules/school.closure:1"), client.delete("/v1/rules/school.closure:1")):
        assert (404, "rule_not_found") == (answer_.status_code, answer_.json()["code"])


def test_a_put_that_changes_nothing_is_no_change(client: TestClient) -> None:
    """The same again: 200, and the history has one entry."""
    client.put("/v1/rules/same", json=PIN)
    again = client.put("/v1/rules/same", json={**PIN, "holds_for": "query", "match": "exact", "id": "same"})
    assert 200 == again.status_code
    assert (
        again.json()["change"] == client.get("/v1/rules/same/history?limit=1").json()["changes"][0]["change"]
    )


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({}, "action", "missing"),
        ({**PIN, "postion": 2}, "postion", "'position'"),
        ({**PIN, "position": "2"}, "position", "whole number"),
        ({**PIN, "position": 0}, "position", "1 or more"),
        ({**PIN, "position": 10**30}, "position", "100 or less"),
        ({**PIN, "articles": "a1"}, "articles", "list"),
        ({**PIN, "articles": [1]}, "articles.0", "text"),
        ({**PIN, "articles": []}, "articles", "ids to pin"),
        ({**PIN, "articles": ["x"] * 101}, "articles", "at most 100"),
        ({**PIN, "action": "bury"}, "action", "'boost'"),
        ({**PIN, "action": "boost"}, "factor", "above 1 lifts"),
        ({**PIN, "action": "boost", "factor": 0}, "factor", "0.01 or more"),
        ({**PIN, "query": None}, "holds_for", "everywhere"),
        ({**PIN, "under": "a2"}, "holds_for", "both given"),
        ({**PIN, "holds_for": "search"}, "query", "leave it out"),
        ({**PIN, "expires_at": "soon"}, "expires_at", "ISO 8601"),
        ({**PIN, "expires_at": 1800000000}, "expires_at", "ISO 8601"),
        ({**PIN, "starts_at": "2026-02-01", "expires_at": "2026-01-01"}, "expires_at", "after the start"),
        ({**PIN, "note": "\ud800"}, "note", "surrogate"),
        ({**PIN, "note": "x" * 1001}, "note", "at most 1000"),
        ({**PIN, "id": "another"}, "id", "'bad'"),
        ({**PIN, "filter": {"language": ["en"]}}, "filter.language", "no such"),
        ({"action": "hide", "holds_for": "search", "filter": {}}, "filter", "section, author, tag, source"),
        ([], "body", "JSON object"),
    ],
)
def test_each_wrong_field_is_named(client: TestClient, body: object, field: str, hint: str) -> None:
    """422 in the one shape of errors: the field, the value, what to give; nothing is kept."""
    answer = client.put(
        "/v1/rules/bad", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert 422 == answer.status_code, answer.text
    assert field == answer.json()["detail"][0]["field"]
    assert hint in answer.json()["message"]
    assert 404 == client.get("/v1/rules/bad").status_code


@pytest.mark.parametrize("rule_id", ["two%20words", "%E2%80%AEx", "-x", "x" * 101, "history", "preview"])
def test_an_id_that_is_none_is_refused(client: TestClient, rule_id: str) -> None:
    """Ids stand in addresses, logs and tables: they are plain."""
    answer = client.put(f"/v1/rules/{rule_id}", json=PIN)
    assert (422, "rule_invalid", "id") == (
        answer.status_code, answer.json()["code"], answer.json()["detail"][0]["field"],
    )  # fmt: skip


def test_odd_texts_are_harmless(client: TestClient) -> None:
    """Right-to-left marks, markup and emoji come back as they were; control characters do not."""
    odd = {
        "action": "hide",
        "articles": ["a\u202e9", "javascript:alert(1)", "🚢" * 100],
        "query": "\x00féRRy\x1b",
    }
    made = client.put("/v1/rules/odd", json={**odd, "match": "words"})
    assert (201, odd["articles"], "féRRy") == (
        made.status_code,
        made.json()["articles"],
        made.json()["query"],
    )
    assert odd["articles"] == made.json()["missing"]


def test_who_may(served: tuple[TestClient, str], engine: Engine) -> None:
    """All of it needs a key of scope write."""
    client, _ = served
    _, reader = KeyFile(engine.settings.indexes).create("search")
    del client.headers["X-API-Key"]
    calls = [
        ("GET", "/v1/rules"), ("GET", "/v1/rules/r"), ("PUT", "/v1/rules/r"), ("DELETE", "/v1/rules/r"),
        ("GET", "/v1/rules/history"), ("GET", "/v1/rules/r/history"), ("POST", "/v1/rules/preview"),
        ("POST", "/v1/rules/r/restore"),
    ]  # fmt: skip
    for method, path in calls:
        assert 401 == client.request(method, path, json={}).status_code, path
        assert 403 == client.request(method, path, json={}, headers={"X-API-Key": reader}).status_code, path


def test_hides_hold_in_every_list_and_the_article_can_still_be_read(client: TestClient) -> None:
    """Search, related, fragment, suggestions, facets; but by its id it is there."""
    client.put("/v1/rules/quiet", json={"action": "hide", "articles": ["a0"], "holds_for": "everywhere"})
    for mode in ("hybrid", "semantic", "lexical"):
        answer = client.get(f"/v1/search?q=ferry&mode={mode}&facets=section&limit=50").json()
        assert "a0" not in [hit["id"] for hit in answer["hits"]]
        assert answer["facets"]["section"]["Local"] == sum(
            hit["section"] == "Local" for hit in answer["hits"]
        )
    assert "a0" not in ids(client, "/v1/search?limit=50")
    assert "a0" not in ids(client, "/v1/articles/a4/related?limit=11")
    assert "/a0" not in client.get("/v1/articles/a4/related.html?limit=11").text
    assert "report0" not in client.get("/v1/suggest?q=ferry%20storm").text
    assert (200, 200) == (client.get("/v1/articles/a0").status_code, client.get("/articles/a0").status_code)


def test_answers_that_a_rule_changes_are_not_confirmed(client: TestClient) -> None:
    """An ETag holds until a rule is changed, or begins or ends by the clock."""
    addresses = ("/v1/search?q=ferry", "/v1/articles/a4/related", "/v1/articles/a4/related.html")

    def confirmed() -> list[int]:
        found = [client.get(one, headers={"If-None-Match": tags[one]}).status_code for one in addresses]
        tags.update({one: client.get(one).headers["ETag"] for one in addresses})
        return found

    tags = {one: client.get(one).headers["ETag"] for one in addresses}
    assert [304] * 3 == confirmed()
    client.put("/v1/rules/p", json={**PIN, "holds_for": "everywhere", "query": None})
    assert [200] * 3 == confirmed()
    assert [304] * 3 == confirmed()
    client.delete("/v1/rules/p")
    assert [200] * 3 == confirmed()


def test_answers_change_when_a_rule_begins_and_ends(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock alone, nobody having changed anything."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    rule = Rule("t", "pin", "search", ("a1",), starts_at=noon, expires_at=noon + timedelta(minutes=1))
    engine.rules.put(rule, "tests")
    tags = []
    for seconds in (-1, 0, 30, 60, 61):
        moment = (noon + timedelta(seconds=seconds)).timestamp()
        monkeypatch.setattr(engine_module.time, "time", lambda moment=moment: moment)
        tags.append(client.get("/v1/search?q=ferry").headers["ETag"])
    assert tags[0] != tags[1] == tags[2] != tags[3] == tags[4]


def test_a_preview_shows_what_would_move_and_keeps_nothing(client: TestClient) -> None:
    """Both lists, each hit with its place in the other; problems with the reason."""
    body = {"rule": {**PIN, "articles": ["a1", "gone"], "position": 2}, "limit": 4}
    answer = client.post("/v1/rules/preview", json=body)
    assert 200 == answer.status_code, answer.text
    found = schemas_rules.RulePreviewAnswer.model_validate(answer.json())
    assert ("ferry", None, True) == (found.q, found.article_id, found.holds)
    assert [(1, 1, False), (2, None, True), (3, 2, False), (4, 3, False)] == [
        (hit.rank, hit.was, hit.pinned) for hit in found.after
    ]
    assert [1, 3, 4] == [hit.was for hit in found.before]
    assert [("gone", "the index has no such article (any more)")] == [
        (p.id, p.problem) for p in found.problems
    ]
    assert found.total_before + 1 == found.total_after
    assert {"rules": [], "total": 0} == client.get("/v1/rules").json()

    client.put("/v1/rules/p", json=PIN)
    hidden = {"rule": {"id": "p", "action": "hide", "articles": ["a1"], "under": "a5"}, "article_id": "a5"}
    found = schemas_rules.RulePreviewAnswer.model_validate(
        client.post("/v1/rules/preview", json=hidden).json()
    )
    assert "a1" in [hit.id for hit in found.before]
    assert "a1" not in [hit.id for hit in found.after]
    nowhere = client.post("/v1/rules/preview", json={"rule": {**PIN, "query": None, "holds_for": "search"}})
    assert (422, "query_invalid") == (nowhere.status_code, nowhere.json()["code"])
    for wrong in ({}, {"rule": {}}, {"rule": PIN, "limit": 51}, {"rule": PIN, "q": "x" * 3000}):
        assert 422 == client.post("/v1/rules/preview", json=wrong).status_code


def test_history_tells_who_did_what_and_a_version_is_put_back(client: TestClient, engine: Engine) -> None:
    """Old and new value, newest first, page by page; and back again."""
    _, key = KeyFile(engine.settings.indexes).create("admin", name="Ben")
    client.put("/v1/rules/h", json=PIN)
    client.put("/v1/rules/h", json={**PIN, "position": 4}, headers={"X-API-Key": key})
    client.delete("/v1/rules/h")
    found = schemas_rules.HistoryAnswer.model_validate(client.get("/v1/rules/h/history").json())
    assert [("deleted", "Ada"), ("changed", "Ben"), ("made", "Ada")] == [
        (c.kind, c.by) for c in found.changes[:3]
    ]
    deleted, changed, made = found.changes[:3]
    assert deleted.before == changed.after
    assert (1, 4, None) == (changed.before.position, changed.after.position, made.before)
    every = client.get(f"/v1/rules/history?limit=2&before={deleted.change}").json()
    assert [changed.change, made.change] == [one["change"] for one in every["changes"]]

    back = client.post("/v1/rules/h/restore", json={"change": made.change})
    assert (200, 1, "Ada") == (back.status_code, back.json()["position"], back.json()["made_by"])
    again = client.post("/v1/rules/h/restore", json={"change": deleted.change})
    assert 4 == again.json()["position"]
    for rule_id, body, status in (("h", {"change": 10**9}, 404), ("other", {"change": made.change}, 404)):
        assert status == client.post(f"/v1/rules/{rule_id}/restore", json=body).status_code
    for body in ({}, {"change": "1"}, {"change": 0}, {"change": 1, "by": "me"}):
        assert 422 == client.post("/v1/rules/h/restore", json=body).status_code
    assert 404 == client.get("/v1/rules/never/history").status_code


def test_rules_are_listed_by_state_and_page(client: TestClient) -> None:
    """Active, scheduled, expired and off ones, those changed last first."""
    client.put("/v1/rules/r1", json=PIN)
    client.put("/v1/rules/r2", json={**PIN, "starts_at": "2999-01-01"})
    client.put("/v1/rules/r3", json={**PIN, "expires_at": "2001-01-01T00:00:00Z"})
    client.put("/v1/rules/r4", json={**PIN, "enabled": False})
    for state, rule_id in (("active", "r1"), ("scheduled", "r2"), ("expired", "r3"), ("off", "r4")):
        found = client.get(f"/v1/rules?state={state}").json()
        assert (1, [(rule_id, state)]) == (
            found["total"],
            [(one["id"], one["state"]) for one in found["rules"]],
        )
    page = client.get("/v1/rules?limit=2&offset=1").json()
    assert (4, ["r3", "r2"]) == (page["total"], [one["id"] for one in page["rules"]])
    for wrong in ("state=sleeping", "limit=0", "limit=1001", "offset=-1", "page=2"):
        assert 422 == client.get(f"/v1/rules?{wrong}").status_code, wrong


def test_there_is_room_for_so_many_rules(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many is refused with the number and what to do."""
    monkeypatch.setattr(rules_store, "MAX_RULES", 1)
    assert 201 == client.put("/v1/rules/r1", json=PIN).status_code
    refused = client.put("/v1/rules/r2", json=PIN)
    assert 422 == refused.status_code
    assert "delete some" in refused.json()["message"]


def test_another_process_changes_a_rule(client: TestClient, engine: Engine) -> None:
    """As the command line does beside a running service: the next search has it."""
    code = (
        "import sys; from pathlib import Path; from semsearch.rules import Rule\n"
        "from semsearch.index.rules_store import RuleStore\n"
        "RuleStore(Path(sys.argv[1])).put(Rule('o', 'pin', 'query', ('a3',), query='ferry'), 'cli')"
    )
    subprocess.run([sys.executable, "-c", code, str(engine.rules.path)], check=True, timeout=60)
    assert "a3" == ids(client, "/v1/search?q=ferry")[0]


def test_rules_can_be_kept_before_there_is_an_index(tmp_path: Path) -> None:
    """A service over an empty folder takes them; what they name cannot be told yet."""
    settings = Settings(indexes=tmp_path, index="news")
    _, key = KeyFile(tmp_path).create("write")
    engine = Engine(settings, encoder=HashingEncoder(128))
    with TestClient(create_app(settings, engine=engine), headers={"X-API-Key": key}) as client:
        made = client.put("/v1/rules/early", json=PIN)
        assert (201, None) == (made.status_code, made.json()["missing"])
        assert 200 == client.put("/v1/articles/a1", json={"title": "School vote"}).status_code // 100 * 100
        assert ["a1"] == ids(client, "/v1/search?q=ferry")
        assert [] == client.get("/v1/rules/early").json()["missing"]
    engine.close()
