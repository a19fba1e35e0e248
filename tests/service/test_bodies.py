"""Bodies and addresses that nobody means: refused early, in few words, over the real server."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service.app import create_app
from semsearch.service.schemas import Problem
from semsearch.settings import Settings
from tests.service.fakes import FakeEngine, an_article
from tests.service.real_server import ask, serving

SECONDS = 2.0  # the promise for any request, however it is made; what is refused takes milliseconds
KEPT = ServiceOptions()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys are."""
    return tmp_path_factory.mktemp("indexes")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    """A key that opens everything."""
    return KeyFile(folder).create("admin")[1]


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """A server that asks readers for nothing."""
    with serving(Settings(indexes=folder), FakeEngine([an_article(n) for n in range(12)])) as found:
        yield found


def refused(port: int, path: str, body: Any, key: str = "") -> dict[str, Any]:
    """The problem that a body is refused with: small, quick and in the one shape."""
    started = time.monotonic()
    status, _, answer = ask(port, "POST", path, body, {"X-API-Key": key} if key else None)
    assert time.monotonic() - started < SECONDS
    found: dict[str, Any] = json.loads(answer)
    Problem.model_validate(found)
    assert len(found["detail"]) <= 10
    assert len(answer) < 10_000
    return {"status": status, **found}


def many(count: int, stem: str = "limit") -> dict[str, int]:
    """An object of many unknown names, each near a known one."""
    return {f"{stem}{number}": 1 for number in range(count)}


def deep(levels: int) -> bytes:
    """Lists in lists."""
    return b'{"q": ' + b"[" * levels + b"]" * levels + b"}"


WRONG: dict[str, Any] = {
    "many names": many(10_000),
    "long names": {"x" * 200_000: 1},
    "names within names": {"section": [many(5_000)]},
    "a long list": {"exclude_ids": list(range(30_000))},
    "a list of wrong values": {"exclude_ids": [1] * 1_000},
    "a long text": {"q": "word " * 40_000},
    "a long text of another kind": {"limit": "9" * 200_000},
    "a long number": b'{"limit": ' + b"9" * 100_000 + b"}",
    "a great number": b'{"limit": 1e999, "min_score": NaN, "offset": -123456789012345678901234567890}',
    "deep": deep(60),
    "deeper": deep(100_000),
    "no object": [many(1_000)] * 5,
    "no JSON": b'{"q": "' + b"x" * 200_000,
    "no UTF-8": b'{"q": "\xff\xfe"}',
    "half a character": b'{"\\ud800": 1, "q": "\\udfff"}',
    "a text": json.dumps("x" * 200_000).encode(),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize(
    "path", ["/v1/search", "/v1/related", "/v1/editor/coverage-check", "/v1/rules/preview"]
)
def test_wrong_bodies(port: int, key: str, path: str, name: str) -> None:
    """Whatever is wrong with a body, the answer is a small 422."""
    assert 422 == refused(port, path, WRONG[name], key)["status"]


@pytest.mark.parametrize("path", ["/v1/search", "/v1/related"])
def test_very_many_names(port: int, path: str) -> None:
    """A body of millions of bytes made of unknown names is refused at once, and nobody waits for it."""
    body = json.dumps(many(400_000)).encode()
    assert (413, "body_too_large") == tuple(refused(port, path, body)[name] for name in ("status", "code"))
    body = json.dumps(many(100_000)).encode()
    assert refused(port, path, body)["status"] == (422 if path == "/v1/related" else 413)
    assert 200 == ask(port, "GET", "/health/live")[0]


@pytest.mark.parametrize(
    "query", ["&".join(f"p{n}={n}" for n in range(4_000)), "&" * 50_000, "limit=1&" * 3_000]
)
def test_very_many_parameters(port: int, query: str) -> None:
    """An address with thousands of parameters is refused before it is taken apart; pages and API alike."""
    for path in ("/v1/search", "/", "/v1/suggest"):
        status, _, body = ask(port, "GET", f"{path}?{query}")
        assert (422, "too_many_parameters") == (status, json.loads(body)["code"])


def test_long_names_in_an_address(port: int) -> None:
    """A name and a value of an address are shown cut."""
    status, _, body = ask(port, "GET", f"/v1/search?{'x' * 20_000}={'y' * 20_000}")
    assert 422 == status
    assert len(body) < 1_000


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v1/search", KEPT.max_query_bytes),
        ("/v1/related", KEPT.max_text_bytes),
        ("/v1/editor/coverage-check", KEPT.max_text_bytes),
        ("/v1/editor/link-suggestions", KEPT.max_text_bytes),
        ("/v1/rules/preview", KEPT.max_query_bytes),
        ("/v1/saved-searches/preview", KEPT.max_query_bytes),
    ],
)
def test_limits_of_bodies(port: int, key: str, path: str, most: int, chunked: bool) -> None:
    """Each route takes what it needs; a larger body is refused while it comes, and the limit is named."""
    content = b'{"q": "' + b"x" * most + b'"}'
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sending:
        if chunked:
            sending.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            for start in range(0, len(content), 50_000):
                part = content[start : start + 50_000]
                sending.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        else:
            sending.sendall(f"{head}Content-Length: {len(content) * 10}\r\n\r\n".encode())
        answer = b""
        while not answer.endswith(b"}") and (part := sending.recv(65536)):  # before the body has ended
            answer += part
    assert answer.startswith(b"HTTP/1.1 413")
    assert f"{most:,} bytes" in answer.decode()


def test_keys_before_bodies(port: int) -> None:
    """Each route that needs a key refuses whoever has none before it reads a body; over all routes."""
    document = create_app(Settings()).openapi()
    locked = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "security" not in operation:
                continue
            locked += 1
            place = re.sub("{.*?}", "a-1", path)
            head = f"{method.upper()} {place} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            with socket.create_connection(("127.0.0.1", port), timeout=30) as sending:
                sending.sendall(f'{head}Content-Length: 90000000\r\n\r\n{{"title": "'.encode())
                assert sending.recv(4096).startswith(b"HTTP/1.1 401"), (method, path)
    assert locked > 25


def test_keys_before_bodies_where_readers_need_one(folder: Path) -> None:
    """The same holds for readers' routes where they need a key."""
    settings = Settings(indexes=folder, service=ServiceOptions(require_key=True, events=True))
    with serving(settings, FakeEngine([])) as port:
        for path in ("/v1/search", "/v1/related", "/v1/events"):
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            with socket.create_connection(("127.0.0.1", port), timeout=30) as sending:
                sending.sendall(f'{head}Content-Length: 60000\r\n\r\n{{"q": "'.encode())
                assert sending.recv(4096).startswith(b"HTTP/1.1 401"), path


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/v1/search", {"query": "court"}, "no such parameter; did you mean 'q'?"),
        ("/v1/search", {"after": "2026"}, "no such parameter; did you mean 'published_after'?"),
        ("/v1/search", {"published-before": "2026"}, "no such parameter; did you mean 'published_before'?"),
        ("/v1/search", {"lmit": 1}, "no such parameter; did you mean 'limit'?"),
        ("/v1/search", {"page": 2}, "no such parameter; did you mean 'offset'?"),
        ("/v1/search", {"zzzz": 2}, "no such parameter"),
        ("/v1/search", {"positive": []}, "no such parameter"),  # a name of another route
        ("/v1/related", {"positives": []}, "no such parameter; did you mean 'positive'?"),
        ("/v1/related", {"query": "x"}, "no such parameter"),  # it takes no q
    ],
)
def test_hints_can_be_followed(port: int, path: str, body: dict[str, Any], problem: str) -> None:
    """A hint names what can be given there, by body and by address, and never the name that came."""
    assert [problem] == [one["problem"] for one in refused(port, path, body)["detail"]]
    if path == "/v1/search":
        answer = ask(port, "GET", f"{path}?{next(iter(body))}=1")[2]
        assert [problem] == [one["problem"] for one in json.loads(answer)["detail"]]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"])
def test_values_are_shown_as_they_came(port: int, kind: str) -> None:
    """Nothing of an answer is written as Python writes it."""
    content = b'[true, null, "caf\xc3\xa9"]'
    answer = ask(port, "POST", "/v1/search", content, {"Content-Type": kind})[2]
    assert '[true, null, "café"]' == json.loads(answer)["detail"][0]["value"]
    assert "application/json" in json.loads(answer)["detail"][0]["problem"]


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "application/json"])
def test_broken_json_is_told_whatever_its_kind(port: int, kind: str) -> None:
    """Where it breaks, and not only that Content-Type is missing, as in curl without -H."""
    head = f"Content-Type: {kind}\r\n" if kind else ""
    body = '{"q": "court", "limit": }'
    head = f"Host: x\r\nConnection: close\r\n{head}Content-Length: {len(body)}\r\n"
    sent = f"POST /v1/search HTTP/1.1\r\n{head}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall((sent + body).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"HTTP/1.1 422" in answer
    assert b"not JSON: Expecting value at character 24" in answer
