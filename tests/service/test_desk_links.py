"""The desk's links to add, as a browser without scripts uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.editorial.test_links import DRAFT, MAYOR, NEWER, OLD, day, filler
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

PATH = "/desk/links"
HEADLINE = "Zweller Bridge is open again"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser that is signed in, over forty articles about nothing and three about a bridge and a mayor."""
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder(512, max_tokens=64))
    evil = replace(
        MAYOR, title='Mayor Quoll <img src=x onerror="alert(1)"> wins again', url="javascript:alert(1)"
    )
    draft = Article(
        "d/1 ü", HEADLINE, f"{DRAFT} It was fun.", url="https://news.example/d", published_at=day(20)
    )
    engine.add_articles([*(filler(number) for number in range(40)), OLD, NEWER, evil, draft])
    key = KeyFile(tmp_path).create("write", name="Ann")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.post("/desk/sign-in", data={"key": key})
        yield found
    engine.close()


def sent(client: TestClient, **fields: str) -> tuple[int, str]:
    """Status and text of the page that the form leads to."""
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', client.get(PATH).text)
    assert token
    answer = client.post(PATH, data={"form_token": token[1], "floor": "0.4", **fields})
    return answer.status_code, answer.text


def test_it_is_in_the_menu_and_asks_for_a_draft(client: TestClient) -> None:
    """A GET changes nothing and asks nothing."""
    page = client.get(PATH)
    assert 200 == page.status_code
    assert '<a href="/desk/links" aria-current="page">Links to add</a>' in page.text
    assert "<mark>" not in page.text


def test_phrases_are_marked_and_numbered(client: TestClient) -> None:
    """Each mark leads to its suggestion and back, with the article and the link to copy; all is escaped."""
    status, text = sent(client, text=DRAFT, title="A <b>bold</b> one")
    assert 200 == status
    assert 'id="phrase-1" href="#link-1"><mark>Zweller Bridge</mark><sup>1</sup></a>' in text
    assert 'id="link-1"' in text
    assert 'href="#phrase-1"' in text
    assert "Both name Zweller Bridge" in text
    copied = [unescape(one) for one in re.findall(r'<code class="copy"[^>]*>(.*?)</code>', text)]
    assert '<a href="/articles/mayor">Berta Quoll</a>' in copied
    assert not any("javascript" in one for one in copied)
    assert "<img" not in text
    assert "&lt;img src=x" in text


def test_the_draft_is_shown_whole(client: TestClient) -> None:
    """Without its marks and numbers the text on the page is the text that was sent."""
    _, text = sent(client, text=f"{DRAFT} 1 < 2 & so on.")
    shown = re.search(r'<div class="draft"[^>]*>(.*?)</div>', text, re.DOTALL)
    assert shown
    words = unescape(re.sub(r"<[^>]+>", "", re.sub(r"<sup>\d+</sup>", "", shown[1])))
    assert f"{DRAFT} 1 < 2 & so on.".split() == words.split()


def test_an_article_by_its_address(client: TestClient) -> None:
    """By the address of this page, by the form; older articles have the link to it."""
    by_id = client.get(PATH, params={"id": "d/1 ü"})
    assert 200 == by_id.status_code
    for status, text in (
        (by_id.status_code, by_id.text),
        sent(client, place="https://news.example/d?utm_source=x"),
        sent(client, place="d/1 ü"),
    ):
        assert 200 == status
        assert HEADLINE in text
        assert "<mark>Zweller Bridge</mark>" in text


def test_older_articles_are_listed(client: TestClient) -> None:
    """With the phrase in its words; a pasted draft has no address to copy yet."""
    _, text = sent(client, text=DRAFT, title=HEADLINE, floor="0.4")
    below = text.split('id="older"')[1]
    assert "Cracks had closed the <mark>Zweller Bridge</mark> over the river" in below
    assert 'class="copy"' not in below.split('id="form"')[0]
    _, without = sent(client, text=DRAFT)
    assert "found by the headline of the draft" in without


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 422, "There is no text: paste a draft"),
        ({"text": DRAFT, "place": "old"}, 422, "Give a text, or an address or id, not both."),
        ({"place": "none"}, 404, "no article &#39;none&#39;"),
        ({"place": "https://news.example/none"}, 404, "nothing is fetched"),
        ({"place": "javascript://alert(1)"}, 422, "paste the text"),
        ({"text": "…"}, 422, "no word"),
        ({"text": "x" * 200_001}, 422, "Text"),
        ({"text": DRAFT, "title": "x" * 1001}, 422, "Headline"),
    ],
)
def test_what_is_wrong_stands_above_the_form(
    client: TestClient, fields: dict[str, str], status: int, words: str
) -> None:
    """Which stays filled."""
    answered, text = sent(client, **fields)
    assert (status, True) == (answered, words in text)
    assert 'role="alert"' in text
    if fields.get("place"):
        assert f'value="{fields["place"]}"' in text


def test_strange_choices_are_the_usual_ones(client: TestClient) -> None:
    """A limit or floor that the form does not offer is not an error."""
    status, text = sent(client, text=DRAFT, limit="9999", floor="nan")
    assert 200 == status
    assert "<option selected>5</option>" in text


@pytest.mark.parametrize(
    "text", ["مرحبا بالعالم", "\N{RIGHT-TO-LEFT OVERRIDE}Zweller Bridge", "🙂 wow " * 90, "w" * 30_000]
)
def test_odd_drafts_are_shown(client: TestClient, text: str) -> None:
    """Whatever is pasted gives a page."""
    assert 200 == sent(client, text=text)[0]
