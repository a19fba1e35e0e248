"""The desk's rules, as a browser without scripts uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.rules import Rule
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.search.conftest import an_article
from tests.service.conftest import wait_ready

FORM = {
    "action": "pin", "articles": "a1", "position": "1", "factor": "1.5", "holds_for": "query",
    "query": "ferry", "under": "", "enabled": "on", "note": "",
}  # fmt: skip
ODD = Article("x/<b>\u202e?#", "<script>alert(1)</script> ferry storm", "ferry storm rescue in Merrow")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over twelve articles and an odd one; each test begins without rules."""
    settings = Settings(indexes=tmp_path_factory.mktemp("desk-rules"), index="news")
    engine = Engine(settings, encoder=HashingEncoder(128))
    engine.ensure()
    engine.add_articles([*(an_article(number) for number in range(12)), ODD])
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def signed_in(engine: Engine) -> Iterator[TestClient]:
    """A browser of somebody called Ada."""
    key = KeyFile(engine.settings.indexes).create("write", name="Ada")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as client:
        wait_ready(client)
        client.post("/desk/sign-in", data={"key": key})
        yield client


@pytest.fixture
def client(signed_in: TestClient, engine: Engine) -> TestClient:
    """The browser, and no rule."""
    for kept in engine.rules.all():
        engine.rules.delete(kept.rule.id, "tests")
    return signed_in


def sent(client: TestClient, path: str = "/desk/rules/new", **fields: str) -> tuple[int, str]:
    """Status and text of the page that a form leads to."""
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', client.get("/desk/rules/new").text)
    assert token
    answer = client.post(path, data={"form_token": token[1], **fields})
    return answer.status_code, answer.text


def found(client: TestClient, query: str = "ferry") -> list[str]:
    """The ids that a reader gets."""
    return [hit["id"] for hit in client.get("/v1/search", params={"q": query}).json()["hits"]]


def test_from_a_search_to_a_rule(client: TestClient, engine: Engine) -> None:
    """Search, press a button, see both lists, save: readers have it, and the table shows it."""
    page = client.get("/desk/rules?q=ferry").text
    assert "Readers who look for “<bdi>ferry</bdi>” get" in page
    assert "None so far" in page
    form = client.get("/desk/rules/new?article=a1&q=ferry&action=pin").text
    assert 'value="pin" checked' in form
    assert ">a1</textarea>" in form
    assert 'value="ferry"' in form
    plain = found(client)
    status, seen = sent(client, do="preview", **FORM)
    assert 200 == status
    assert "As it is" in seen
    assert "new here" in seen
    assert plain == found(client), "a preview keeps nothing"
    status, listed = sent(client, do="save", **{**FORM, "note": "<i>why</i>"})
    assert (200, True) == (status, "Saved." in listed)
    assert "the query “<bdi>ferry</bdi>”" in listed
    assert "&lt;i&gt;why&lt;/i&gt;" in listed
    assert ["a1", *plain] == found(client)
    kept = engine.rules.all()[0]
    assert ("Ada", True) == (kept.made_by, kept.rule.id.startswith("pin-ferry-"))
    assert "pinned" in client.get("/desk/rules?q=ferry").text


def test_a_rule_is_changed_switched_deleted_and_put_back(client: TestClient, engine: Engine) -> None:
    """Under its id; the history tells each step, and goes back to any."""
    engine.rules.put(Rule("r", "pin", "query", ("a1", "gone"), query="ferry", position=2), "Ben")
    page = client.get("/desk/rules/r").text
    assert "a1\ngone</textarea>" in page
    assert "Made: Pin" in page
    assert "not in the index: <bdi>gone</bdi>" in client.get("/desk/rules").text
    sent(client, do="save", **{**FORM, "id": "r", "action": "hide", "articles": "a0", "holds_for": "search"})
    assert ("hide", ("a0",), None) == (
        (rule := engine.rules.get("r").rule).action, rule.articles, rule.query,
    )  # fmt: skip
    assert "a0" not in found(client)
    sent(client, "/desk/rules/r/switch")
    assert not engine.rules.get("r").rule.enabled
    assert "a0" in found(client)
    sent(client, "/desk/rules/r/switch", enabled="on")
    assert engine.rules.get("r").rule.enabled
    assert "Removed." in sent(client, "/desk/rules/r/delete")[1]
    page = client.get("/desk/rules/r").text
    assert "is deleted" in page
    first = min(int(one) for one in re.findall(r'name="change" value="(\d+)"', page))
    assert 200 == sent(client, "/desk/rules/r/restore", change=str(first))[0]
    assert "a1" == found(client)[1]
    everything = client.get("/desk/rules/history").text
    assert all(
        word in everything for word in ("Ben", "Ada", "Deleted: Hide", "Changed: <del>Pin", "switched off")
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"articles": ""}, "Articles: give the ids to pin"),
        ({"position": "first"}, "Place: give a whole number"),
        ({"position": "0"}, "Place: give 1 or more"),
        ({"action": "boost", "factor": "much"}, "Factor: give a number"),
        ({"action": "boost", "factor": "1,0"}, "Factor: 1 changes nothing"),
        ({"action": "bury"}, "What it does: give one of"),
        ({"holds_for": "there"}, "Where it holds: give one of"),
        ({"query": ""}, "Query: "),
        ({"holds_for": "article"}, "Article of the list: "),
        ({"expires_at": "soon"}, "Until: give an ISO 8601 date"),
        ({"starts_at": "2026-02-01T10:00", "expires_at": "2026-02-01T10:00"}, "Until: give a time after"),
        ({"section": "Local"}, "Or all of: a pin names its articles"),
        ({"note": "x" * 1001}, "Note: give at most 1000 characters"),
        ({"holds_for": "related", "do": "preview"}, "Give a query, or the id of an article"),
    ],
)
def test_what_is_wrong_is_told_above_the_form_which_stays_filled(
    client: TestClient, engine: Engine, changed: dict[str, str], words: str
) -> None:
    """By the labels of the fields; nothing is kept."""
    fields = {**FORM, "do": "save", "note": "kept words", **changed}
    status, page = sent(client, **fields)
    assert 422 == status
    assert words in unescape(page)
    assert fields["note"] in page
    assert [] == engine.rules.all()


def test_filters_factors_and_times_are_read_as_people_write_them(client: TestClient, engine: Engine) -> None:
    """Values between commas, a decimal comma, times in UTC; and shown again as they are kept."""
    fields = {"action": "boost", "articles": "", "factor": "0,5", "section": "Local, Culture", "tag": "odd"}
    times = {"starts_at": "2026-01-02T03:04", "expires_at": "2999-01-02T03:04", "holds_for": "everywhere"}
    assert 200 == sent(client, do="save", **{**FORM, **fields, **times})[0]
    rule = engine.rules.all()[0].rule
    assert (0.5, ("Local", "Culture"), ("odd",)) == (rule.factor, rule.filter.sections, rule.filter.tags)
    page = client.get(f"/desk/rules/{rule.id}").text
    assert all(one in page for one in ('value="0.5"', 'value="Local, Culture"', 'value="2026-01-02T03:04"'))
    listed = unescape(client.get("/desk/rules?state=active").text)
    assert "Bury all of section" in listed
    assert "until 2 January 2999, 03:04 UTC" in listed


def test_a_preview_of_what_holds_everywhere_is_seen_where_one_likes(client: TestClient) -> None:
    """The newest articles, another query, or the list under an article; and what cannot be shown."""
    hide = {**FORM, "action": "hide", "articles": "a11\ngone", "holds_for": "everywhere", "do": "preview"}
    newest = sent(client, **hide)[1]
    assert "The newest articles" in newest
    assert "no longer shown" in newest
    assert "gone</bdi>: the index has no such article" in newest
    assert "Readers who look for “<bdi>storm</bdi>”" in sent(client, **hide, see="storm")[1]
    assert "Under <bdi>ferry storm rescue report4</bdi>" in sent(client, **hide, see_under="a4")[1]
    assert "does not hold here" in sent(client, **{**FORM, "do": "preview", "see": "school"})[1]


def test_odd_articles_and_queries_are_harmless(client: TestClient, engine: Engine) -> None:
    """Markup in titles, ids and queries is text; every link to it works."""
    query = "ferry \u202e<script>alert(1)</script>"
    page = client.get("/desk/rules", params={"q": query}).text
    assert "<script>alert" not in page
    under = client.get(f"/desk/rules?under={quote(ODD.id, safe='')}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ferry storm</bdi> stands" in under
    fields = {**FORM, "articles": ODD.id, "query": query, "do": "save"}
    status, listed = sent(client, **fields)
    assert 200 == status
    assert "<script>alert" not in listed + client.get("/desk/rules/history").text
    assert ODD.id == found(client, query)[0]
    kept = engine.rules.all()[0].rule.id
    assert "<script>alert" not in client.get(f"/desk/rules/{kept}").text
    for path in ("/desk/rules/none", "/desk/rules/..%2fx", "/desk/rules/%F0%9F%9A%A2"):
        assert 404 == client.get(path).status_code, path
    assert 200 == client.get("/desk/rules?page=-1&state=%3Cb%3E&under=none").status_code


def test_pages_of_the_table(client: TestClient, engine: Engine) -> None:
    """Fifty a page, those changed last first; a state narrows them."""
    for number in range(60):
        engine.rules.put(
            Rule(f"r{number:02}", "hide", "search", (f"n{number}",), enabled=number % 2 == 0), "x"
        )
    first, second = (client.get(f"/desk/rules?page={page}").text for page in (1, 2))
    assert "60 rules" in first
    assert (50, 10) == tuple(page.count("Switch o") for page in (first, second))
    assert "/desk/rules/r59" in first
    assert "/desk/rules/r00" in second
    off = client.get("/desk/rules?state=off").text
    assert (30, 0) == (off.count("Switch on"), off.count("Switch off"))


def test_a_form_of_another_site_changes_nothing(client: TestClient, engine: Engine) -> None:
    """Without the token of this session each of them is refused; without a key one has to sign in."""
    engine.rules.put(Rule("r", "hide", "search", ("a0",)), "x")
    for path in ("/desk/rules/new", "/desk/rules/r/delete", "/desk/rules/r/switch", "/desk/rules/r/restore"):
        assert 403 == client.post(path, data={**FORM, "do": "save", "form_token": "0" * 64}).status_code
    assert ["r"] == [one.rule.id for one in engine.rules.all()]
    with TestClient(client.app) as stranger:
        wait_ready(stranger)
        for path in ("/desk/rules", "/desk/rules/new", "/desk/rules/r", "/desk/rules/history"):
            answer = stranger.get(path, follow_redirects=False)
            assert (303, True) == (answer.status_code, answer.headers["location"].startswith("/desk/sign-in"))
