"""Links to add over HTTP, on a real index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.rules import Rule
from semsearch.service.app import create_app
from semsearch.service.schemas_links import LinksAnswer
from semsearch.settings import Settings
from tests.editorial.test_links import DRAFT, MAYOR, NEWER, OLD, day, filler
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

PATH = "/v1/editor/link-suggestions"
EVIL = replace(MAYOR, url="javascript:alert(1)")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A program with a key, over forty articles about nothing and three about a bridge and a mayor."""
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(512, max_tokens=64))
    engine.add_articles([*(filler(number) for number in range(40)), OLD, NEWER, EVIL])
    key = KeyFile(tmp_path).create("write")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.headers["Authorization"] = f"Bearer {key}"
        yield found
    engine.close()


def engine_of(client: TestClient) -> Engine:
    """The engine that answers."""
    found = client.app.state.service.engine  # type: ignore[attr-defined]
    assert isinstance(found, Engine)
    return found


def test_links_of_a_pasted_draft(client: TestClient) -> None:
    """Each with its place, its article, a reason and the link as HTML; never an unsafe address."""
    response = client.post(PATH, json={"text": DRAFT, "min_confidence": 0.3})
    assert 200 == response.status_code
    answer = LinksAnswer.model_validate(response.json(), strict=False)
    assert (DRAFT, "") == (answer.text, answer.title)
    assert ["Zweller Bridge", "Berta Quoll"] == [answer.text[one.start : one.end] for one in answer.links]
    assert [
        '<a href="https://news.example/newer">Zweller Bridge</a>',
        '<a href="/articles/mayor">Berta Quoll</a>',
    ] == [one.html for one in answer.links]
    assert None is answer.links[1].article.url
    assert "Both name Zweller Bridge; ran 9 March 2020, the latest of 2 that fit" == answer.links[0].reason
    assert engine_of(client).index.snapshot().generation == answer.index.generation


def test_older_articles_of_an_article(client: TestClient) -> None:
    """By id and by address: the same, with the link to it; of a pasted draft there is no address yet."""
    draft = Article(
        "d/1", "Zweller Bridge is open again", DRAFT, url="https://news.example/d", published_at=day(20)
    )
    engine_of(client).add_articles([draft])
    by_id = client.post(PATH, json={"id": "d/1", "min_confidence": 0.3}).json()
    by_url = client.post(
        PATH, json={"url": "http://www.news.example/d?utm_source=x", "min_confidence": 0.3}
    ).json()
    assert {"old", "newer"} == {one["article"]["id"] for one in by_id["older"]}
    assert {'<a href="https://news.example/d">Zweller Bridge</a>'} == {one["html"] for one in by_id["older"]}
    assert (by_id["links"], by_id["older"]) == (by_url["links"], by_url["older"])
    pasted = client.post(
        PATH,
        json={
            "text": f"{DRAFT} It was fun.",
            "title": draft.title,
            "min_confidence": 0.3,
            "exclude_ids": ["d/1"],
        },
    ).json()
    assert {None} == {one["html"] for one in pasted["older"]}


def test_html_is_read_as_text_and_its_links_are_kept(client: TestClient) -> None:
    """Places count in the text of the answer; what is linked is left alone."""
    linked = DRAFT.replace("Zweller Bridge", '<a href="https://else.example/">Zweller Bridge</a>')
    answer = client.post(PATH, json={"text": f"<p>{linked}</p>", "min_confidence": 0.3}).json()
    assert DRAFT == answer["text"]
    assert ["Berta Quoll"] == [one["phrase"] for one in answer["links"]]


def test_what_editors_hide_is_not_linked(client: TestClient) -> None:
    """An article that is hidden everywhere leads nobody there."""
    engine = engine_of(client)
    rule = Rule("gone", "hide", "everywhere", articles=("newer", "mayor"))
    engine.rules.put(rule, by="test")
    answer = client.post(PATH, json={"text": DRAFT, "min_confidence": 0.3}).json()
    assert ["old"] == [one["article"]["id"] for one in answer["links"]]


def test_filters_and_bounds(client: TestClient) -> None:
    """The filters of a search choose what may be linked; 0 asks for none of a kind."""
    before = {"text": DRAFT, "published_before": "2020-03-04", "min_confidence": 0.3}
    assert ["old"] == [one["article"]["id"] for one in client.post(PATH, json=before).json()["links"]]
    none = client.post(PATH, json={"text": DRAFT, "limit": 0, "older": 0, "min_confidence": 0}).json()
    assert ([], []) == (none["links"], none["older"])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "exactly one of text, id and url"),
        ({"text": DRAFT, "id": "old"}, 422, "exactly one of text, id and url"),
        ({"id": "none"}, 404, "no article 'none'"),
        ({"url": "https://news.example/none"}, 404, "paste its text instead: nothing is fetched"),
        ({"url": "javascript:alert(1)"}, 422, "paste the text"),
        ({"text": " \n"}, 422, "no word"),
        ({"text": DRAFT, "limit": 21}, 422, "limit"),
        ({"text": DRAFT, "older": -1}, 422, "older"),
        ({"text": DRAFT, "min_confidence": 2}, 422, "min_confidence"),
        ({"text": "x" * 200_001}, 422, "text"),
        ({"text": DRAFT, "colour": "red"}, 422, "colour"),
    ],
)
def test_what_cannot_be_asked_is_told(
    client: TestClient, body: dict[str, object], status: int, words: str
) -> None:
    """The field, what is wrong with it, and a way out."""
    response = client.post(PATH, json=body)
    assert status == response.status_code
    assert words in response.text


@pytest.mark.parametrize(
    "text",
    ["\\ud83d Zweller Bridge", "مرحبا بالعالم", "<script>alert(1)</script>Zweller Bridge", "a" * 100_000],
)
def test_odd_drafts_are_answered(client: TestClient, text: str) -> None:
    """Other scripts, scripts and one endless word; half a character is told to be one."""
    response = client.post(
        PATH,
        content=f'{{"text": "{text}"}}'.encode("utf-8", "replace"),
        headers={"Content-Type": "application/json"},
    )
    if "\\ud83d" in text:
        assert (422, True) == (response.status_code, "half a surrogate pair" in response.text)
    else:
        assert 200 == response.status_code
        assert "<script>" not in response.json()["text"]


def test_dates_are_utc(client: TestClient) -> None:
    """As in every answer."""
    answer = client.post(PATH, json={"text": DRAFT, "min_confidence": 0.3}).json()
    moment = datetime(2020, 3, 9, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert moment == answer["links"][0]["article"]["published_at"]
