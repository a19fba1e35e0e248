"""One record means one article, whichever way it comes in: by a file, an import, a PUT, or an addition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.routes_write import article_of
from semsearch.settings import Settings
from semsearch.sources.fieldmap import ALIASES
from semsearch.sources.files import InputFile
from semsearch.sources.jsonl import JsonLines
from semsearch.sources.report import Report
from tests.browser.serving import running
from tests.fakes import HashingEncoder

MOMENT = "2026-03-12T09:30:00Z"
RECORDS: dict[str, dict[str, Any]] = {
    "usual": {
        "title": "Dated",
        "body": "Body.",
        "date": "2026-03-12",
        "category": "Sport",
        "byline": "By Ann Ode",
    },
    "headline": {
        "headline": "Dated",
        "text": "Body.",
        "pubDate": "Thu, 12 Mar 2026 09:30:00 GMT",
        "link": "x.example/a",
    },
    "seconds": {
        "Title": "Dated",
        "Content": "Body.",
        "Published At": 1773307800,
        "tags": "sea; harbour, sea",
    },
    "milliseconds": {"title": "Dated", "timestamp": 1773307800000, "author": {"name": "Ann Ode"}},
    "objects": {
        "title": "Dated",
        "published": MOMENT,
        "authors": [{"name": "Ann Ode"}, "Ben Orr"],
        "categories": [{"name": "Sport"}, {"name": "Sea"}],
        "keywords": ["sea"],
        "image": {"url": "/a.jpg"},
    },
    "words": {
        "post_title": "Dated",
        "post_content": "<p>Body.</p>",
        "datePublished": "March 12, 2026, 9:30 am",
    },
    "draft": {
        "title": "Dated",
        "post_status": "Draft",
        "modified": MOMENT,
        "standfirst": "Lead.",
        "body": "Body.",
    },
    "scheduled": {"title": "Dated", "published": True, "date": "2099-01-02", "unpublish_at": "2099-02-02"},
    "conflict": {
        "title": "Ours",
        "headline": "Theirs",
        "published_at": MOMENT,
        "date": "2020-01-01",
        "motif": {"n": 1},
    },
    "unreadable": {
        "title": "Dated",
        "date": "03/04/2026",
        "lang": "Klingonisch?",
        "url": "javascript:x",
        "status": "odd",
    },
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over an index of one article, with a name of its own in the field map."""
    given = Settings(indexes=tmp_path_factory.mktemp("same") / "indexes", fields={"section": "Ressort"})
    made = Engine(given, encoder=HashingEncoder())
    made.add_articles([Article(id="first", title="Harbour opens", body="The harbour opened on Monday.")])
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[httpx.Client]:
    """A client of the real server, with a key of scope write."""
    key = KeyFile(engine.settings.indexes).create("write")[1]
    with (
        running(create_app(engine.settings, engine=engine)) as address,
        httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30) as found,
    ):
        for _ in range(200):
            if found.get("/health/ready").status_code == 200:
                break
        yield found


def stored(engine: Engine, article_id: str) -> Article:
    """The article as the index holds it, under one id."""
    return replace(engine.show(article_id, hidden=True), id="same")


def send(client: httpx.Client, record: dict[str, Any], article_id: str) -> dict[str, Any]:
    """The answer to a PUT."""
    answer = client.put(f"/v1/articles/{quote(article_id, safe='')}", content=json.dumps(record))
    assert 201 == answer.status_code, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("name", RECORDS)
def test_one_record_is_one_article_by_every_way(
    name: str, engine: Engine, client: httpx.Client, tmp_path: Path
) -> None:
    """Field by field as stored: by PUT, by an import, by an addition and by a file that is built from."""
    record = RECORDS[name]
    put = send(client, record, f"{name}-put")
    line = json.dumps({"id": f"{name}-import", **record})
    imported = client.post("/v1/articles/import?wait=true", content=line).json()
    assert ["added"] == [one["outcome"] for one in imported["results"]]
    path = tmp_path / "more.jsonl"
    path.write_text(json.dumps({"id": f"{name}-add", **record}))
    engine.add([str(path)])
    (from_file,) = JsonLines(InputFile(path, "x"), None).articles(Report())

    by_put = stored(engine, f"{name}-put")
    assert by_put == stored(engine, f"{name}-import")
    assert by_put == stored(engine, f"{name}-add")
    assert by_put == replace(from_file, id="same", language=by_put.language)
    assert put["notes"] == imported["results"][0]["notes"]


def test_a_put_understands_what_files_do(engine: Engine, client: httpx.Client) -> None:
    """Date, section and author under other names are stored, and there is nothing to note."""
    answer = send(client, RECORDS["usual"], "usual")
    article = stored(engine, "usual")
    assert [] == answer["notes"]
    assert article.published_at is not None
    assert ("2026-03-12", "Sport", ("Ann Ode",)) == (
        article.published_at.date().isoformat(),
        article.section,
        article.authors,
    )


def test_what_is_only_kept_is_told(engine: Engine, client: httpx.Client) -> None:
    """Names of the contract win over others; these, and names that mean nothing, are kept and noted."""
    answer = send(client, RECORDS["conflict"], "conflict")
    article = stored(engine, "conflict")
    assert ("Ours", 2026) == (article.title, article.published_at and article.published_at.year)
    assert {"headline": "Theirs", "date": "2020-01-01", "motif": {"n": 1}} == dict(article.extra)
    notes = "\n".join(answer["notes"])
    for words in (
        "'headline': another name of 'title'",
        "'date': another name of",
        "'motif': not a known name",
    ):
        assert words in notes


def test_the_map_of_the_settings_holds_for_every_way(engine: Engine, client: httpx.Client) -> None:
    """A name of the publisher's own is understood in a PUT and an import too."""
    send(client, {"title": "Frost", "Ressort": "Wetter"}, "mapped")
    client.post(
        "/v1/articles/import?wait=true", content='{"id": "mapped2", "title": "F", "Ressort": "Wetter"}'
    )
    assert ("Wetter", "Wetter") == (stored(engine, "mapped").section, stored(engine, "mapped2").section)


def test_the_id_of_the_address_is_the_id(engine: Engine, client: httpx.Client) -> None:
    """Another key of the record is kept; another id is an error, as before."""
    send(client, {"title": "Frost", "guid": "urn:1"}, "by-address")
    assert {"guid": "urn:1"} == dict(stored(engine, "by-address").extra)
    answer = client.put("/v1/articles/by-address", content=json.dumps({"id": "other", "title": "Frost"}))
    assert 422 == answer.status_code


def test_an_article_shows_its_status_and_its_end(client: httpx.Client) -> None:
    """Null for what is simply published."""
    send(client, {"title": "Frost", "expires_at": "2099-01-02T06:00:00Z"}, "shown")
    found = client.get("/v1/articles/shown").json()
    assert (None, "2099-01-02T06:00:00Z") == (found["status"], found["expires_at"])


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**42)
    | st.text(max_size=40)
    | st.sampled_from([MOMENT, "2026-03-12", "draft", "publish", "https://a.example/x", "2099-01-01"])
    | st.lists(st.text(max_size=10), max_size=3)
    | st.fixed_dictionaries({"name": st.text(max_size=10)})
)
NAMES = sorted(
    {name for names in ALIASES.values() for name in names} | set(ALIASES) | {"draft", "desk", "summary"}
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.dictionaries(st.sampled_from([name for name in NAMES if name != "id"]), VALUES, max_size=6))
def test_any_names_and_types_mean_the_same_in_a_file_and_a_put(
    record: dict[str, Any], tmp_path: Path
) -> None:
    """The same article, or in both it cannot be taken."""
    record = {"title": "Frost", **{name: value for name, value in record.items() if name != "body"}}
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": "a", **record}))
    found = list(JsonLines(InputFile(path, "one.jsonl"), None).articles(Report()))
    try:
        put = [article_of(json.dumps(record).encode(), "a")[0]]
    except Exception:  # noqa: BLE001 - whatever it is, the file must be rejected too
        put = []
    assert found == put
