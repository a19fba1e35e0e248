"""The desk's coverage check, as a browser without scripts uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.editorial.shared_text import SharedRun
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.desk_coverage import side
from semsearch.settings import Settings
from tests.editorial.test_coverage import BRIDGE, CUP, FERRY
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready
from tests.service.test_coverage import ADDRESS, ARTICLES

PATH = "/desk/coverage"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A browser that is signed in, over an index that no test changes."""
    folder = tmp_path_factory.mktemp("desk-coverage")
    engine = Engine(Settings(indexes=folder), encoder=HashingEncoder())
    engine.add_articles([*ARTICLES, Article("a/b ü", "Bridge closed for cars", BRIDGE)])
    key = KeyFile(folder).create("write")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.post("/desk/sign-in", data={"key": key})
        yield found
    engine.close()


def sent(client: TestClient, status: int = 200, **fields: str) -> str:
    """The page that the form leads to."""
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', client.get(PATH).text)
    assert token
    answer = client.post(PATH, data={"form_token": token[1], **fields})
    assert status == answer.status_code
    assert "style=" not in answer.text
    return answer.text


def test_the_form_is_empty_and_in_the_menu(client: TestClient) -> None:
    """A first visit tells what the page is for."""
    page = client.get(PATH).text
    assert "Has this news run?" in page
    assert f'<a href="{PATH}" aria-current="page">Coverage check</a>' in page
    assert "The closest articles" not in page


def test_a_draft_whose_half_has_run(client: TestClient) -> None:
    """Verdict, what is new, and both passages with what they share marked; the form stays filled."""
    page = sent(client, text=f"{BRIDGE}\n\n{FERRY}", title="Ferry")
    assert 'id="verdict">Partly covered</h2>' in page
    assert f'<blockquote class="passage" dir="auto">{FERRY}</blockquote>' in page
    assert page.count("<mark>Buses take the road by the harbour") >= 2  # the draft, and the article
    assert '<li class="chip" dir="auto">midnight</li>' in page
    assert 'value="Ferry"' in page
    assert f"{FERRY}</textarea>" in page
    assert "of 30 January 2026" in page


def test_a_copy_and_a_new_text(client: TestClient) -> None:
    """A copy is called one; a new text has no list of what is new."""
    page = sent(client, text=BRIDGE)
    assert 'id="verdict">Covered</h2>' in page
    assert '<span class="badge bad">the same text</span>' in page
    page = sent(client, text="Astronomers photographed seven faint comets beyond Neptune.")
    assert 'id="verdict">New</h2>' in page
    assert "What is new" not in page


@pytest.mark.parametrize("place", ["bridge", ADDRESS, "http://testserver/articles/bridge"])
def test_an_article_in_place_of_a_text(client: TestClient, place: str) -> None:
    """By its id, its address or that of its page; its copy stands beside it."""
    page = sent(client, place=place)
    assert 'Of <a dir="auto" href="/articles/bridge">Bridge closed</a>, beside all other articles.' in page
    assert "Bridge closed for cars" in page


def test_the_way_from_a_story(client: TestClient) -> None:
    """The link under a story leads to the check of its article, whatever its id."""
    story = client.get("/desk/stories/a%2Fb%20%C3%BC").text
    found = re.search(r'href="(/desk/coverage[^"]*)"[^>]*>Check its coverage', story)
    assert found
    page = client.get(unescape(found[1])).text
    assert "Bridge closed for cars</a>, beside all other articles." in page


def test_filters_of_the_form(client: TestClient) -> None:
    """Values stand between commas; the form shows them again."""
    page = sent(client, text=BRIDGE, section="Local, Sport", published_after="2026-01-30")
    assert 'value="Local, Sport"' in page
    assert "<details open>" in page
    assert "Bridge closed for cars" not in page


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({}, 422, "There is no text: paste a draft, or give the address or id of an article."),
        ({"text": "..."}, 422, "Text has 3 characters and no word; paste the text of the draft"),
        ({"text": "a word", "place": "bridge"}, 422, "Give a text, or an address or id, not both."),
        (
            {"place": "bridge", "title": "T"},
            422,
            "A headline goes with a text; an article of the archive has its own.",
        ),
        ({"place": "nobody"}, 404, "The archive has no article"),
        ({"place": "https://x.example/y"}, 404, "paste its text instead: nothing is fetched"),
        ({"place": "javascript://x/%0Aalert(1)"}, 422, "Give an http or https address of the archive"),
        ({"text": "a word", "published_after": "soon"}, 422, "Ran on or after: give an ISO 8601 date"),
        ({"title": "T" * 1_001, "text": "a word"}, 422, "Headline: give at most 1000 characters"),
    ],
)
def test_what_is_wrong_stands_above_the_form(
    client: TestClient, fields: dict[str, str], status: int, words: str
) -> None:
    """In its own words, and the form stays filled."""
    page = unescape(sent(client, status, **fields))
    assert words in re.findall(r'<p class="wrong"[^>]*>([^<]*)</p>', page)[0]
    for value in fields.values():
        assert value in page


def test_hostile_texts_are_harmless(client: TestClient) -> None:
    """Scripts of drafts, titles and addresses are text, or gone."""
    page = sent(
        client, text=f"{CUP} <script>alert(3)</script> <b onclick=alert(4)>x</b>", title="<script>a</script>T"
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</a>" in page
    assert [] == re.findall(
        r"<script(?! src=\"/static/)|<img|<b |javascript:", page.partition("<textarea")[0]
    )


def test_a_form_without_its_token_is_refused(client: TestClient) -> None:
    """As all forms of the desk."""
    assert 403 == client.post(PATH, data={"text": "a word"}).status_code


def test_marks_are_cut_to_their_passage() -> None:
    """Runs that begin before it or end behind it are marked as far as they lie in it."""
    run = SharedRun(0, 6, 0, 6, 6)
    found = side("abcdefghij", (4, 8), [(run.start, run.end), (7, 10), (0, 3), (8, 9)])
    assert ("efgh", ((0, 2), (3, 4))) == (found.text, found.marks)
