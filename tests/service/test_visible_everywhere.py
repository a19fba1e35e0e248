"""A service with two workers and a second process, before and after an article's time: every way to ask.

An article that is scheduled, and one that is about to expire, have a word each that nothing else holds. No
answer may hold the word of an article that readers cannot see, and all that list articles must hold that of
one that they can, by the clock alone: nothing is built or written in between.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.settings import Settings
from semsearch.sources.records import record_from_article
from semsearch_cli import common
from semsearch_cli.app import run
from semsearch_cli.serve import free_port
from tests.editorial.receiver import Receiver, receiving

pytestmark = [pytest.mark.slow, pytest.mark.model]

COMING, GOING = "zyzzyva", "quixotry"  # the words of the article that is scheduled, and of one that expires
TEXT = "The storm tore the harbour ferry from its pier, and the rescue took all night in Merrow bay."
EDITORS_OWN = re.compile(
    r"^/v1/rules(?!/preview)|^/v1/saved-searches/[^/]+/deliveries|^/desk/(rules|scheduled)"
)
SOON = 2.0  # seconds after its time in which an article must be everywhere
PATIENCE = 30.0  # for what another thread of a busy machine does


def ferry(number: int) -> Article:
    """An article of one story."""
    title = (
        "Harbour ferry adrift in storm",
        "Rescue of the ferry took all night",
        "Ferry pier to be rebuilt",
    )
    return Article(
        f"ferry-{number}",
        f"{title[number % 3]}, report {number}",
        f"{TEXT} Part {number}.",
        url=f"https://news.example/ferry/{number}",
        section="Local",
        authors=("Ada Marsh",),
        tags=("harbour",),
        published_at=datetime.now(UTC) - timedelta(hours=number + 1),
    )


def another(number: int) -> Article:
    """An article about something else."""
    words = ("school budget vote", "museum painting theft", "drought reservoir water")[number % 3]
    body = f"The {words} went on in week {number}, they said of matter {number}."
    return Article(f"b{number}", f"{words.title()} {number}", body, section="Other")


def telling(word: str, **times: datetime) -> Article:
    """An article of the story that has a word of its own in every field."""
    values: dict[str, object] = {"published_at": datetime.now(UTC) - timedelta(minutes=5), **times}
    return Article(
        f"{word}-17",
        f"{word.title()} Trust ferry adrift in storm",
        f"{TEXT} It was the {word.title()} Trust of Merrow, and the {word}.",
        url=f"https://news.example/{word}/17",
        section=f"{word} desk",
        authors=(f"{word} writer",),
        tags=(f"{word} tag",),
        source=f"{word} wire",
        **values,  # type: ignore[arg-type]
    )


@dataclass
class Answer:
    """What came, and when it was asked for and was there (seconds since 1970)."""

    status: int
    headers: Mapping[str, str]
    text: str
    asked: float
    came: float

    @property
    def kept_until(self) -> float:
        """Until when a cache may show it without asking."""
        ages = re.findall(r"(?:max-age|stale-while-revalidate)=(\d+)", self.headers.get("cache-control", ""))
        return self.asked + sum(map(int, ages))


@dataclass
class Site:
    """A service at work, its key, and the ways to ask it."""

    port: int
    root: Path
    key: str
    engine: Engine
    receiver: Receiver
    cookie: str = ""
    paths: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    feed: str = ""

    def ask(
        self, path: str, *, method: str = "GET", body: object = None, key: bool = False, tag: str = ""
    ) -> Answer:
        """One request on a connection of its own, so that any worker may get it."""
        headers = {"Connection": "close"}
        if key:
            headers["Authorization"] = f"Bearer {self.key}"
        if tag:
            headers["If-None-Match"] = tag
        if path.startswith("/desk") and self.cookie:
            headers["Cookie"] = self.cookie
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body), "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        asked = time.time()
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, text, asked, time.time())

    def requests(self) -> Iterator[tuple[str, Callable[..., Answer]]]:
        """Each way to ask, by its name; those of the OpenAPI document, the pages, the desk."""
        for path in self.addresses():
            for key in (False, True) if path.startswith("/v1") else (False,):
                if key and path in {f"/v1/articles/{word}-17" for word in (COMING, GOING)}:
                    continue  # an editor's program may see what is hidden
                yield f"GET {path}{' with a key' if key else ''}", self._get(path, key)
        for path, bodies in self.bodies().items():
            for number, body in enumerate(bodies):
                yield f"POST {path} {number}", self._post(path, body)

    def _get(self, path: str, key: bool) -> Callable[..., Answer]:
        return lambda tag="": self.ask(path, key=key, tag=tag)

    def _post(self, path: str, body: object) -> Callable[..., Answer]:
        return lambda tag="": self.ask(path, method="POST", body=body, key=True)

    def addresses(self) -> list[str]:
        """Every GET of the OpenAPI document with its parameters filled in, and every page."""
        ids = ["ferry-1", f"{COMING}-17", f"{GOING}-17"]
        given = {"article_id": ids, "search_id": ["ferries"], "rule_id": ["pin"], "task_id": ["none"]}
        made = []
        for path, operations in self.paths.items():
            if "get" not in operations:
                continue
            filled = [path]
            for name in re.findall(r"{(\w+)}", path):
                filled = [one.replace(f"{{{name}}}", value) for one in filled for value in given[name]]
            made += filled
        words = ("", "ferry storm", "latest on ferry", COMING, GOING, COMING[:5], '"harbour ferry"')
        for query in words:
            for more in (
                {"mode": "semantic", "limit": 50},
                {"mode": "lexical", "facets": "section,author,tag,source"},
                {"sort": "newest", "collapse": "duplicate", "explain": "true"},
                {"collapse": "story"},
            ):
                made.append(f"/v1/search?{urlencode({'q': query, **more})}")
            made.append(f"/v1/suggest?{urlencode({'q': query, 'limit': 50})}")
        for word in (COMING, GOING):
            made += [
                f"/v1/search?{urlencode({'q': 'ferry', name: f'{word} {value}'})}"
                for name, value in (
                    ("section", "desk"),
                    ("author", "writer"),
                    ("tag", "tag"),
                    ("source", "wire"),
                )
            ]
        for window in ("past", "latest"):
            made.append(f"/v1/articles/ferry-1/related?window={window}&limit=30&fallback=section")
        made += [self.feed, "/", "/?q=ferry+storm", f"/?q={COMING[:5]}", "/?like=ferry-1", "/?q=ferry&page=2"]
        made += ["/articles/ferry-1", "/docs", "/widget.js", "/desk", "/desk/stories?q=ferry"]
        made += ["/desk/stories/ferry-1", "/desk/saved", "/desk/saved/ferries", "/desk/coverage?id=ferry-1"]
        made += ["/desk/links?id=ferry-1", "/desk/readers", "/desk/index"]
        return made

    def bodies(self) -> dict[str, list[object]]:
        """What is asked with POST."""
        said = "The ferry must not sail again this winter. The {} Trust said so in Merrow after the storm."
        drafts = [said.format(word.title()) for word in (COMING, GOING)]
        rule = {"action": "boost", "holds_for": "search", "articles": ["ferry-2"], "factor": 2}
        meant = {"meaning": "ferry adrift in a storm", "threshold": 0.3}
        return {
            "/v1/search": [{"q": "ferry", "limit": 50}, {"q": ""}],
            "/v1/related": [
                {"text": TEXT, "limit": 30},
                {"positive": ["ferry-1", f"{COMING}-17"], "limit": 30},
            ],
            "/v1/editor/coverage-check": [{"text": TEXT, "limit": 50}, {"id": "ferry-1"}],
            "/v1/editor/link-suggestions": [{"text": one, "min_confidence": 0} for one in drafts],
            "/v1/rules/preview": [{"rule": rule, "q": "ferry", "limit": 50}],
            "/v1/saved-searches/preview": [{**meant, "days": 30, "limit": 50}],
        }

    def walk(self, tags: Mapping[str, str] = {}) -> dict[str, Answer]:
        """The answer to each way to ask; with the ETags of earlier ones where there are any."""
        return {name: send(tag=tags.get(name, "")) for name, send in self.requests()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``semsearch serve`` with two workers over an index that the test's own engine writes to."""
    root = tmp_path_factory.mktemp("visible")
    settings = Settings(indexes=root / "indexes")
    engine = Engine(settings)
    engine.add_articles([*map(ferry, range(6)), *map(another, range(18))])
    engine.build([])
    key = KeyFile(settings.indexes).create("admin")[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEMSEARCH_")}
    environment |= {
        "SEMSEARCH_INDEXES": str(settings.indexes),
        "SEMSEARCH_SERVICE_WEBHOOK_HOSTS": "127.0.0.1",
    }
    port = free_port("127.0.0.1", 21_000)
    program = str(Path(sys.executable).with_name("semsearch"))
    command = [program, "serve", "--port", str(port), "--workers", "2"]
    log = (root / "log").open("wb")
    with receiving() as receiver, log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
        try:
            made = Site(port, root, key, engine, receiver)
            started(made, process)
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            engine.close()


def started(site: Site, process: subprocess.Popen[bytes]) -> None:
    """Wait until both workers answer, then save a search, make a rule and sign in to the desk."""
    ends = time.monotonic() + 180
    good = 0
    while good < 12:  # one after the other, on connections of their own
        assert process.poll() is None, (site.root / "log").read_text("utf-8")
        assert time.monotonic() < ends
        try:
            good = good + 1 if site.ask("/health/ready").status == 200 else 0
        except OSError:
            good = 0
        time.sleep(0.1 if good else 0.5)
    search = {"name": "Ferries", "meaning": "ferry adrift in a storm", "threshold": 0.3}
    search["webhook"] = {"url": f"{site.receiver.url}/hook"}
    saved = site.ask("/v1/saved-searches/ferries", method="PUT", body=search, key=True)
    assert 201 == saved.status, saved.text
    site.feed = json.loads(saved.text)["feed"]
    rule = {"action": "pin", "holds_for": "query", "query": "ferry", "articles": [f"{COMING}-17"]}
    assert 201 == site.ask("/v1/rules/pin", method="PUT", body=rule, key=True).status
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/desk/sign-in", urlencode({"key": site.key}), form)
    response = connection.getresponse()
    site.cookie = response.getheader("set-cookie", "").partition(";")[0]
    assert site.cookie
    site.paths = json.loads(site.ask("/openapi.json").text)["paths"]


def holding(word: str, answers: Mapping[str, Answer]) -> set[str]:
    """The ways to ask whose answers hold a word, beside what editors themselves named and echoes."""
    found = set()
    for name, answer in answers.items():
        path = name.split(" ")[1]
        text = answer.text.casefold()
        if answer.status in {404, 422} or path == "/desk/saved/ferries":
            text = text.replace(f"{word}-17", "")  # of what was asked for, or in the log of messages
        shown = f"{word}-17" if path == "/v1/editor/link-suggestions" else word  # it shows the draft, too
        if shown in text and not EDITORS_OWN.search(path):
            found.add(name)
    return found


def scheduled(site: Site, commands: Commands) -> tuple[float, dict[str, Answer], list[set[str]]]:
    """Write both articles, and give their moment with all answers before it, and what commands said."""
    lead = 8.0
    while True:
        begun = time.time()
        moment = datetime.fromtimestamp(begun + lead, UTC)
        site.engine.add_articles([telling(COMING, published_at=moment), telling(GOING, expires_at=moment)])
        wait_for(lambda: GOING in site.ask(site.feed).text)
        answers = site.walk()
        told = [commands.holding(word) for word in (COMING, GOING)]
        if time.time() < moment.timestamp():
            return moment.timestamp(), answers, told
        lead = 2 * (time.time() - begun)  # this machine is busy
        site.engine.delete([f"{word}-17" for word in (COMING, GOING)])


def wait_for(done: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Until something is so; fails after a time."""
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.1)


# Every kind of answer that lists articles, so that a walk that asks nothing cannot pass.
LISTING = (
    "GET /v1/search?q=&mode=semantic&limit=50",
    "GET /v1/search?q=ferry+storm&mode=lexical&facets=section%2Cauthor%2Ctag%2Csource",
    "GET /v1/search?q=latest+on+ferry&mode=semantic&limit=50",
    "GET /v1/articles/ferry-1/related",
    "GET /v1/articles/ferry-1/related.html",
    "GET /v1/articles/ferry-1/related?window=latest&limit=30&fallback=section",
    "GET /v1/editor/stories/ferry-1 with a key",
    "GET /v1/saved-searches/ferries/matches with a key",
    "GET /",
    "GET /?q=ferry+storm",
    "GET /?like=ferry-1",
    "GET /articles/ferry-1",
    "GET /desk",
    "GET /desk/stories/ferry-1",
    "GET /desk/saved/ferries",
    "GET /desk/coverage?id=ferry-1",
    "POST /v1/search 0",
    "POST /v1/related 0",
    "POST /v1/editor/coverage-check 0",
    "POST /v1/rules/preview 0",
    "POST /v1/saved-searches/preview 0",
)


def listing(site: Site, word: str) -> set[str]:
    """The ways to ask whose answers must hold the word of an article that readers see."""
    own = {f"GET /v1/articles/{word}-17", f"GET /v1/search?q=ferry&section={word}+desk"}
    own |= {f"GET /v1/suggest?q={word}&limit=50", f"GET /v1/editor/stories/{word}-17 with a key"}
    link = f"POST /v1/editor/link-suggestions {(COMING, GOING).index(word)}"
    return {*LISTING, *own, link, f"GET {site.feed}"}


def test_both_articles_appear_and_go_by_the_clock(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP, in both workers, in caches, feeds and saved searches, and in a second process."""
    commands = Commands(site, monkeypatch)
    moment, before, told = scheduled(site, commands)
    assert set() == holding(COMING, before)
    assert listing(site, GOING) - holding(GOING, before) == set()
    assert [set(), set(commands.all(GOING))] == told
    late = {name: one.kept_until for name, one in before.items() if one.kept_until > moment and _varies(name)}
    assert {} == late  # no cache shows it for longer
    assert {200} == {one.status for name, one in before.items() if name.startswith("POST")}
    assert {200, 303, 307, 401, 404} >= {one.status for one in before.values()}

    time.sleep(max(0.0, moment + SOON - time.time()))
    tags = {name: one.headers["etag"] for name, one in before.items() if "etag" in one.headers}
    after = site.walk(tags)
    asked_later = {name for name in after if "saved" in name}  # a thread matches what appears
    assert listing(site, COMING) - asked_later - holding(COMING, after) == set()
    assert set() == holding(GOING, after)
    wait_for(lambda: listing(site, COMING) <= holding(COMING, site.walk()))
    assert (set(commands.all(COMING)), set()) == (commands.holding(COMING), commands.holding(GOING))
    site.receiver.wait(2)
    sent = [json.loads(body)["data"]["article"]["id"] for _, body in site.receiver.got]
    assert [f"{GOING}-17", f"{COMING}-17"] == sent


def _varies(name: str) -> bool:
    """Whether an answer is made from articles: the script and its like are not."""
    return not re.search(r"widget\.js|/docs|/static", name)


def test_a_withdrawn_article_is_gone_at_once_and_comes_back(site: Site) -> None:
    """PUT of a status that is not published takes it out in every worker; publishing it brings it back."""
    record = record_from_article(telling(COMING))

    def put(**state: str) -> None:
        answer = site.ask(f"/v1/articles/{COMING}-17", method="PUT", body={**record, **state}, key=True)
        assert answer.status in {200, 201}, answer.text

    put()
    wait_for(lambda: listing(site, COMING) <= holding(COMING, site.walk()))
    before = site.walk()
    tags = {name: one.headers["etag"] for name, one in before.items() if "etag" in one.headers}
    put(status="draft")
    for _ in range(3):
        assert set() == holding(COMING, site.walk(tags))
    put(status="published")
    again = site.walk(tags)
    same = {name for name, one in again.items() if one.status == 304}
    assert {f"GET {site.feed}"} >= {name for name in listing(site, COMING) if name in same}
    assert listing(site, COMING) - same <= holding(COMING, again)


def test_a_hidden_article_is_answered_like_an_unknown_one(site: Site) -> None:
    """Status, headers and words are the same but for the id; only a key with scope write sees more."""
    times = {"published_at": datetime.now(UTC) + timedelta(days=1)}
    site.engine.add_articles([telling(COMING, **times)])
    ends = ("", "/related", "/related.html", "/related?fallback=none", "/related?limit=3")
    paths = [*(f"/v1/articles/ID{end}" for end in ends), "/articles/ID", "/?like=ID", "/v1/editor/stories/ID"]
    for path in paths:
        known, unknown = (
            site.ask(path.replace("ID", one), key="editor" in path) for one in (f"{COMING}-17", "nothing-17")
        )
        assert _plain(known, f"{COMING}-17") == _plain(unknown, "nothing-17"), path
    for body in ({"id": "ID"}, {"url": f"http://127.0.0.1:{site.port}/articles/ID"}):
        for path in ("/v1/editor/coverage-check", "/v1/editor/link-suggestions"):
            filled = [
                json.loads(json.dumps(body).replace("ID", one)) for one in (f"{COMING}-17", "nothing-17")
            ]
            known, unknown = (site.ask(path, method="POST", body=one, key=True) for one in filled)
            assert _plain(known, f"{COMING}-17") == _plain(unknown, "nothing-17"), path
    seen = site.ask(f"/v1/articles/{COMING}-17", key=True)
    found = json.loads(seen.text)
    expected = times["published_at"].isoformat().replace("+00:00", "Z")
    assert (200, False, expected) == (seen.status, found["visible"], found["visible_from"])
    assert ("private, no-cache", True) == (
        seen.headers["cache-control"],
        "Authorization" in seen.headers["vary"],
    )
    plain = site.ask("/v1/articles/ferry-1")
    assert (True, None) == tuple(json.loads(plain.text)[name] for name in ("visible", "visible_from"))
    assert "Authorization" in plain.headers["vary"]
    desk = site.ask("/desk/scheduled").text
    assert f"{COMING.title()} Trust ferry adrift in storm" in desk
    status = json.loads(site.ask("/v1/indexes", key=True).text)["status"]
    assert 1 == status["hidden"] - (1 if GOING in site.ask("/desk/scheduled?kind=expired").text else 0)


def _plain(answer: Answer, article_id: str) -> tuple[int, dict[str, str], str]:
    """An answer without what differs from request to request."""
    own = {"date", "server-timing", "x-request-id", "etag", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    text = re.sub(r'"(request_id|took_ms)":("[^"]*"|[\d.]+)', "", answer.text)
    for one in (quote(article_id, safe=""), article_id):
        text = text.replace(one, "ID")
    return answer.status, headers, text


class Commands:
    """The command line as a process beside the service, with the encoder that the test has loaded."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        encoder = site.engine.encoder
        monkeypatch.setattr(common, "make_engine", lambda settings: Engine(settings, encoder=encoder))
        monkeypatch.chdir(site.root)
        self._draft = site.root / "draft.txt"
        self._draft.write_text(TEXT, "utf-8")
        self._patch = monkeypatch

    def all(self, word: str) -> dict[str, list[str]]:
        """Each command that lists articles, by its name."""
        draft = str(self._draft)
        return {
            "search": ["search", "ferry storm", "--limit", "50"],
            "newest": ["search", "", "--sort", "newest"],
            "words": ["search", word, "--mode", "lexical"],
            "related": ["related", "ferry-1", "--limit", "30"],
            "related to a text": ["related", "--text", draft, "--limit", "30"],
            "story": ["story", "ferry-1"],
            "coverage": ["coverage", draft, "--limit", "30"],
            "matches": ["saved", "matches", "ferries"],
        }

    def holding(self, word: str) -> set[str]:
        """The commands whose output holds a word."""
        return {name for name, command in self.all(word).items() if word in self._run(command).casefold()}

    def _run(self, command: list[str]) -> str:
        import contextlib
        import io

        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            assert 0 == run([*command, "--format", "json"]), command
        return out.getvalue()
