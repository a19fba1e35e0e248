"""A snapshot is a whole backup: asked over HTTP before and after, a real server answers the same."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.index.events import Event, EventStore
from semsearch.index.source_state import Item, SourceState
from semsearch.index.source_syncs import LastSync, last_syncs, record_sync
from semsearch.keys import KeyFile
from semsearch.rules import Rule
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.test_serve import running

TOPICS = ("harbour", "volcano", "election", "football", "glacier")
SERVE = """
    import functools
    import semsearch.engine
    from pathlib import Path
    from semsearch.options import ServiceOptions
    from semsearch.service.serve import serve
    from semsearch.settings import Settings
    from tests.fakes import HashingEncoder

    semsearch.engine.Engine = functools.partial(semsearch.engine.Engine, encoder=HashingEncoder())
    settings = Settings(indexes=Path({indexes!r}), service=ServiceOptions(events=True))
    serve(settings, port=0, ready_callback=lambda address: print(address, flush=True))
"""
# Every address that is read, with what it is asked; those that cannot be the same again have None.
ASKED: dict[str, tuple[str, ...] | None] = {
    "/v1/search": (
        "?q=harbour&limit=50&facets=section",
        "?q=volcano&mode=lexical&explain=true",
        "?limit=50&sort=oldest",
        "?q=glacier&mode=semantic",
    ),
    "/v1/suggest": ("?q=gla", "?q=h"),
    "/v1/articles/{article_id}/related.html": ("a-3",),
    "/v1/articles/{article_id}/related": ("a-3", "a-7", "a-1"),
    "/v1/articles/{article_id}": ("a-3", "a-7", "a-2", "live-1"),
    "/v1/editor/stories/{article_id}": ("a-3", "a-2"),
    "/v1/rules": ("",),
    "/v1/rules/history": ("",),
    "/v1/rules/{rule_id}": ("retracted", "first"),
    "/v1/rules/{rule_id}/history": ("first", "dropped"),
    "/v1/saved-searches/{search_id}": ("eruptions",),
    "/v1/saved-searches": ("",),
    "/v1/saved-searches/{search_id}/matches": ("eruptions",),
    "/v1/saved-searches/{search_id}/feed.atom": ("eruptions",),
    "/v1/saved-searches/{search_id}/deliveries": ("eruptions",),
    "/v1/indexes": ("",),
    "/v1/tasks": None,  # long work of one machine
    "/v1/tasks/{task_id}": None,
    "/health/live": ("",),
    "/health/ready": ("",),
    "/version": ("",),
    "/metrics": None,
}
POSTED = {
    "/v1/related": {"text": "Lava ran down the volcano into the harbour."},
    "/v1/editor/coverage-check": {"text": "The volcano news 6. The harbour was closed for a day."},
    "/v1/editor/link-suggestions": {"text": "The glacier news and the election report 7 were read."},
}
# What may differ: names of generations, moments at which things were asked or built, and counts of them.
PASSING = {
    "request_id",
    "generation",
    "generations",
    "took_ms",
    "created_at",
    "seconds",
}


@dataclass
class Site:
    """A server under test, asked with a key of scope admin."""

    address: str
    key: str

    def ask(self, path: str, *, method: str = "GET", body: object = None) -> tuple[int, Any]:
        """Status and answer, JSON read."""
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content = error.code, error.read()
        try:
            return status, json.loads(content)
        except ValueError:
            return status, content.decode()

    def everything(self) -> dict[str, tuple[int, Any]]:
        """All answers, without what may differ."""
        document = self.ask("/openapi.json")[1]
        known = {path for path, operations in document["paths"].items() if "get" in operations}
        assert known == ASKED.keys()
        found: dict[str, tuple[int, Any]] = {}
        for path, asked in ASKED.items():
            for one in asked or ():
                where = re.sub(r"\{\w+\}", one, path) if "{" in path else path + one
                found[where] = self.ask(where)
        for path, body in POSTED.items():
            found[f"POST {path}"] = self.ask(path, method="POST", body=body)
        assert {200} == {status for where, (status, _) in found.items() if "a-2" not in where}
        return {where: (status, lasting(answer)) for where, (status, answer) in found.items()}


def lasting(answer: object) -> object:
    """An answer without what may differ, numbers as they are shown."""
    if isinstance(answer, dict):
        return {name: lasting(value) for name, value in answer.items() if name not in PASSING}
    if isinstance(answer, list):
        return [lasting(one) for one in answer]
    if isinstance(answer, str):
        return re.sub(r"\d{6}-\d{8}T\d{6}Z|127\.0\.0\.1:\d+|\?g=\w+", "…", answer)
    return round(answer, 4) if isinstance(answer, float) else answer


@contextmanager
def served(indexes: Path, folder: Path, key: str) -> Iterator[Site]:
    """A server over the indexes, once it is ready."""
    with running(SERVE.format(indexes=str(indexes)), folder) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, (folder / "log").read_text()
        yield Site(address, key)


def made(indexes: Path) -> str:
    """An archive with all that an index can hold; returns a key of scope admin."""
    settings = Settings(indexes=indexes)
    with closing(Engine(settings, encoder=HashingEncoder())) as engine:
        source = indexes.with_name("articles.jsonl")
        lines = [
            {
                "id": f"a-{number}",
                "title": f"{TOPICS[number % 5].title()} report {number}",
                "body": f"The {TOPICS[number % 5]} news {number}. It was read in the town.",
                "section": "News" if number % 2 else "World",
                "published_at": f"2026-01-{number % 28 + 1:02d}T08:00:00Z",
            }
            for number in range(30)
        ]
        source.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        engine.build([str(source)])
        engine.add_articles([Article(id="live-1", title="A ferry in the harbour", body="It came by night.")])
        engine.add_articles([Article(id="a-7", title="Election report 7, corrected", body="Another text.")])
        engine.delete(["a-2"])
        engine.rules.put(Rule("retracted", "hide", articles=("a-6",), holds_for="everywhere"), "Ada")
        for factor in (2.0, 3.0):
            first = Rule("first", "boost", articles=("a-1",), holds_for="everywhere", factor=factor)
            engine.rules.put(first, "Ben")
        engine.rules.put(Rule("dropped", "hide", articles=("a-9",), holds_for="search"), "Ada")
        engine.rules.delete("dropped", "Ben")
        with SourceState(engine.folder, "site") as state:
            state.store([Item("k1", "a-3", "s1", b"12345678")], cursor={"page": 4})
            record_sync(state, LastSync("site", ended_at=datetime(2026, 2, 1, tzinfo=UTC), added=7))
        events = EventStore(engine.folder.path / "events.db")
        events.add([Event("search", query="harbour", results=3)])
        events.close()
    return KeyFile(indexes).create("admin")[1]


def with_matches(site: Site) -> None:
    """A saved search that has found an article."""
    search = {"name": "Eruptions", "meaning": "volcano erupts lava", "threshold": 0.2}
    assert 201 == site.ask("/v1/saved-searches/eruptions", method="PUT", body=search)[0]
    article = {"title": "Volcano erupts", "body": "Lava ran down the volcano."}
    assert 201 == site.ask("/v1/articles/eruption", method="PUT", body=article)[0]
    until = time.monotonic() + 60
    while not site.ask("/v1/saved-searches/eruptions/matches")[1]["matches"]:
        assert time.monotonic() < until, "the saved search found nothing"
        time.sleep(0.1)


def engine_over(indexes: Path) -> Engine:
    """An engine of another process, as the command line makes it."""
    return Engine(Settings(indexes=indexes), encoder=HashingEncoder())


def test_what_a_server_answers_is_the_same_after_snapshot_loss_and_restore(tmp_path: Path) -> None:
    """On an empty disk: every address, rules, saved searches with matches, sources, events and keys."""
    indexes, backup = tmp_path / "indexes", tmp_path / "backup.tar.gz"
    key = made(indexes)
    with served(indexes, tmp_path, key) as site:
        with_matches(site)
        with closing(engine_over(indexes)) as engine:
            archived = engine.snapshot(backup, with_events=True, with_keys=True)
        before = site.everything()
    assert (2, ("site",), 1, 1) == (
        archived.beside.rules,
        archived.beside.sources,
        archived.beside.saved_searches,
        archived.beside.matches,
    )
    assert 0o600 == backup.stat().st_mode & 0o777  # it holds secrets of webhooks
    shutil.rmtree(indexes)
    with closing(engine_over(indexes)) as engine:
        restored = engine.restore(backup)
        assert archived.beside == restored.beside
        assert (("site", 7),) == tuple((one.source, one.added) for one in last_syncs(engine.folder))
        with SourceState(engine.folder, "site") as state:
            assert {"page": 4} == state.cursor
    with served(indexes, tmp_path, key) as site:
        assert before == site.everything()
        assert "a-6" not in json.dumps(site.ask("/v1/search?q=volcano&limit=50")[1]["hits"])


def test_a_running_server_follows_a_restore(tmp_path: Path) -> None:
    """Articles, rules and saved searches of the snapshot, without a restart; later rules are named."""
    indexes, backup = tmp_path / "indexes", tmp_path / "backup.tar"
    key = made(indexes)
    with served(indexes, tmp_path, key) as site:
        with_matches(site)
        with closing(engine_over(indexes)) as engine:
            engine.snapshot(backup)
            before = site.everything()
            late = {"action": "hide", "articles": ["a-3"], "holds_for": "everywhere"}
            assert 201 == site.ask("/v1/rules/late", method="PUT", body=late)[0]
            assert 200 == site.ask("/v1/rules/retracted", method="DELETE")[0]
            assert 204 == site.ask("/v1/saved-searches/eruptions", method="DELETE")[0]
            assert 200 == site.ask("/v1/articles/a-4", method="DELETE")[0]
            assert 404 == site.ask("/v1/articles/a-4")[0]
            restored = engine.restore(backup)
        after = site.everything()
        counts = [answers["/v1/indexes"][1]["status"].pop("change") for answers in (before, after)]
        assert counts[0] < counts[1]  # no number of a change is given twice
        assert before == after
        said = " ".join(restored.notes)
        assert "late" in said
        assert "hid articles" in said
        aside = [one.name.partition(".before-restore-")[0] for one in restored.set_aside]
        assert ["rules.db", "saved.db", "site.db"] == sorted(aside)
        rule = {"action": "hide", "articles": ["a-8"], "holds_for": "everywhere"}
        assert 201 == site.ask("/v1/rules/after", method="PUT", body=rule)[0]
        assert "a-8" not in json.dumps(site.ask("/v1/search?q=football&limit=50")[1]["hits"])


def test_a_folder_that_is_lost_under_a_server_takes_no_article(tmp_path: Path) -> None:
    """It answers on from memory and says so; the writer is told the way out, and nothing new is made."""
    indexes = tmp_path / "indexes"
    key = made(indexes)
    with served(indexes, tmp_path, key) as site:
        shutil.rmtree(indexes / "default")
        article = {"title": "The only one", "body": "An archive of one article."}
        status, told = site.ask("/v1/articles/only", method="PUT", body=article)
        assert (503, "index_lost") == (status, told["code"])
        assert "index restore" in told["message"]
        assert str(indexes) not in told["message"]
        status, ready = site.ask("/health/ready")
        assert (200, True) == (status, ready["serving_last_good"])
        assert ready["reason"]
        assert site.ask("/v1/search?q=harbour")[1]["hits"]
        hits = site.ask("/v1/search?q=volcano&limit=50")[1]["hits"]
        assert not {"a-6", "only"} & {hit["id"] for hit in hits}  # what rules hid stays hidden
        assert not (indexes / "default" / "generations").exists()
