"""The coverage check over HTTP, on a real index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.schemas_coverage import CoverageAnswer
from semsearch.settings import Settings
from tests.editorial.test_coverage import BRIDGE, CUP, FERRY
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready

PATH = "/v1/editor/coverage-check"
ADDRESS = "https://news.example/bridge"
ARTICLES = [
    Article(
        "bridge",
        "Bridge closed",
        BRIDGE,
        url=ADDRESS,
        published_at=datetime(2026, 1, 30, tzinfo=UTC),
        section="Local",
        authors=("Ada Marsh",),
    ),
    Article(
        "evil", "<script>alert(1)</script>", f"{CUP} \u202e<img src=x onerror=alert(2)>", url="javascript:x"
    ),
    *(Article(f"other-{one}", f"Notice {one}", f"word{one} thing{one} matter{one}") for one in range(12)),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A program with a key, over an index that no test changes."""
    folder = tmp_path_factory.mktemp("coverage")
    engine = Engine(Settings(indexes=folder), encoder=HashingEncoder())
    engine.add_articles(ARTICLES)
    key = KeyFile(folder).create("write")[1]
    with TestClient(create_app(engine.settings, engine=engine)) as found:
        wait_ready(found)
        found.headers["Authorization"] = f"Bearer {key}"
        yield found
    engine.close()


def checked(client: TestClient, **body: object) -> CoverageAnswer:
    """What the service says of a draft; it is what the document promises."""
    response = client.post(PATH, json=body)
    assert 200 == response.status_code, response.text
    assert "no-store" == response.headers["cache-control"]
    return CoverageAnswer.model_validate_json(response.text)


def test_a_draft_whose_half_has_run(client: TestClient) -> None:
    """The verdict, its reasons, the article with both passages, and the new half by its place."""
    text = f"{BRIDGE}\n\n{FERRY}"
    found = checked(client, text=text, title="Ferry instead of bridge")
    assert ("partly", text, "Ferry instead of bridge") == (found.verdict, found.draft.text, found.draft.title)
    first = found.articles[0]
    assert ("bridge", ADDRESS, "Local", True) == (first.id, first.url, first.section, first.same_news)
    assert first.pair.article.text == BRIDGE[first.pair.article.start : first.pair.article.end] != ""
    assert first.pair.draft.text == text[first.pair.draft.start : first.pair.draft.end]
    (run,) = first.shared
    assert BRIDGE[:-1] == text[run.start : run.end] == BRIDGE[run.article_start : run.article_end]
    assert [[run.start, run.end]] == found.shared
    assert [FERRY] == [one.text for one in found.new]
    assert all(one.text == text[one.start : one.end] for one in [*found.new, *found.passages])
    assert "“Bridge closed” of 30 January 2026" in found.reasons[0]
    assert found.signals.passages == len(found.passages) > found.signals.passages_run > 0


def test_what_is_new_altogether(client: TestClient) -> None:
    """The reason tells the nearest article and how far it is from the same news."""
    found = checked(client, text=FERRY)
    assert ("new", [FERRY]) == (found.verdict, [one.text for one in found.new])
    (reason,) = found.reasons
    assert reason.startswith("No article is about the same news. The nearest is “")
    total = found.signals.nearness + found.signals.words
    assert total < found.limits.same_news
    assert f"add up to {total:.2f}, less than {found.limits.same_news}." in reason


def test_an_article_by_id_and_by_address(client: TestClient) -> None:
    """Both give the same, without the article itself."""
    by_id = checked(client, id="bridge")
    by_address = checked(client, url=f"{ADDRESS}?utm_source=x")
    assert by_id.articles == by_address.articles
    assert ("bridge", BRIDGE) == (by_id.draft.id, by_id.draft.text)
    assert "bridge" not in [one.id for one in by_id.articles]


def test_filters_and_ids_narrow_the_archive(client: TestClient) -> None:
    """As in a search; with nothing left everything is new."""
    assert ["bridge"] == [one.id for one in checked(client, text=BRIDGE, section=["local"]).articles]
    assert [] == checked(client, text=BRIDGE, section=["Local"], exclude_ids=["bridge"]).articles
    early = checked(client, text=BRIDGE, published_before="2026-01-01")
    assert (["The archive has nothing that it could be compared with."], "new") == (
        early.reasons,
        early.verdict,
    )
    assert 1 == len(checked(client, text=BRIDGE, limit=1).articles)


def test_addresses_that_run_scripts_are_not_told(client: TestClient) -> None:
    """Titles stand as they are, for whoever shows them to escape."""
    first = checked(client, text=CUP).articles[0]
    assert ("evil", None, "<script>alert(1)</script>") == (first.id, first.url, first.title)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "give exactly one of text, id and url; none of them came"),
        ({"text": "a word", "id": "bridge"}, 422, "give exactly one of text, id and url; text and id came"),
        ({"id": "bridge", "title": "T"}, 422, "title goes with text; an article found by its id has its own"),
        ({"text": " \n"}, 422, "text has 2 characters and no word; paste the text of the draft"),
        ({"text": "a" * 200_001}, 422, "text: give at most 200000 characters"),
        ({"text": "a word", "limit": 51}, 422, "limit: give 50 or less"),
        ({"text": "a word", "limit": 0}, 422, "limit: give 1 or more"),
        ({"text": 7}, 422, "text: give a text"),
        (
            {"text": "a word", "sektion": ["Local"]},
            422,
            "sektion: no such parameter; did you mean 'section'?",
        ),
        ({"text": "a word", "published_after": "soon"}, 422, "published_after: give an ISO 8601 date"),
        ({"url": "bridge"}, 422, "url is 'bridge'; give an http or https address"),
        ({"id": "nobody"}, 404, "the archive has no article 'nobody'; give another id, or paste its text"),
        ({"url": "https://x.example/y"}, 404, "paste its text instead: nothing is fetched"),
    ],
)
def test_what_cannot_be_checked(client: TestClient, body: dict[str, object], status: int, words: str) -> None:
    """Each wrong field is named with what to give."""
    response = client.post(PATH, json=body)
    assert status == response.status_code
    assert words in response.json()["message"]


def test_half_characters_and_long_titles_are_harmless(client: TestClient) -> None:
    """Half a surrogate pair is told; what reads from right to left, and a long title, is checked."""
    body = b'{"text": "a \\ud83d word"}'
    broken = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert (422, True) == (broken.status_code, "whole Unicode characters" in broken.json()["message"])
    assert "new" == checked(client, text="مرحبا بالعالم", title="ا" * 300).verdict


def test_an_address_takes_no_parameters(client: TestClient) -> None:
    """What is asked stands in the body."""
    assert 422 == client.post(f"{PATH}?limit=3", json={"text": "a word"}).status_code
