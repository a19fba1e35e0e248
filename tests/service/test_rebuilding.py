"""A rebuild in a process of its own: what it says, how it fails, and that it ends with the service."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import EncoderMismatch, IndexBusy, SemsearchError
from semsearch.keys import KeyFile
from semsearch.service.app import create_app
from semsearch.service.background import Stop
from semsearch.service.errors import Stopped
from semsearch.service.rebuilding import check_fingerprint, follow
from semsearch.service.tasks import Record, TaskFolder
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.conftest import wait_ready


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A task."""
    made = TaskFolder(tmp_path / "tasks").create("rebuild")
    yield made
    made.discard()


def command(code: str) -> list[str]:
    """A process that runs some code."""
    return [sys.executable, "-c", textwrap.dedent(code)]


def test_progress_and_result(record: Record) -> None:
    """Both are heard, among other things that libraries print and in pieces of any size."""
    code = """
        import sys
        print("Loading weights", 7, "[]")
        print('{"progress": {"stage": "embed", "done": 3, "total": 9, "note": "x"}}', flush=True)
        sys.stdout.write('{"resul'); sys.stdout.flush()
        print('t": {"generation": "g"}}')
    """
    assert {"generation": "g"} == follow(command(code), os.environ, record, Stop())
    assert {"stage": "embed", "done": 3, "total": 9, "note": "x"} == record.task.progress


def test_errors(record: Record) -> None:
    """An error comes out as what it was; a process that ends without a word is told as that."""
    busy = """print('{"error": {"code": "index_busy", "message": "who holds it"}}')"""
    with pytest.raises(IndexBusy, match="who holds it"):
        follow(command(busy), os.environ, record, Stop())
    with pytest.raises(SemsearchError, match="exit 3"):
        follow(command("raise SystemExit(3)"), os.environ, record, Stop())


def test_stop(record: Record, tmp_path: Path) -> None:
    """When the service stops, the process ends too, though it says nothing."""
    stop = Stop()
    stop.now()
    code = f"""
        import os, time
        open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """
    begun = time.monotonic()
    with pytest.raises(Stopped):
        follow(command(code), os.environ, record, stop)
    assert time.monotonic() - begun < 50
    if (tmp_path / "pid").exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def test_another_encoder_builds_nothing() -> None:
    """After an upgrade under a running service the rebuild is refused, not published to be unsearchable."""
    info = HashingEncoder().info
    check_fingerprint(info, info.fingerprint)
    with pytest.raises(EncoderMismatch, match="restart the service"):
        check_fingerprint(info, "another")


@pytest.mark.slow
@pytest.mark.model
def test_a_service_of_its_own_rebuilds(tmp_path: Path) -> None:
    """The whole way with the packaged model: rebuilt in another process, followed by this one."""
    settings = Settings(indexes=tmp_path)
    engine = Engine(settings)
    engine.add_articles([Article(id="a", title="Council closes village school")])
    engine.close()
    key = KeyFile(tmp_path).create("admin")[1]
    with TestClient(create_app(settings), headers={"X-API-Key": key}) as client:
        wait_ready_slowly(client)
        before = client.get("/v1/search?q=school").json()["index"]["generation"]
        where = client.post("/v1/indexes/rebuild?keep=1").headers["Location"]
        while (task := client.get(where).json())["state"] not in {"done", "failed"}:
            time.sleep(0.05)
        assert "done" == task["state"], task
        after = client.get("/v1/search?q=school").json()
        assert task["result"]["generation"] == after["index"]["generation"] != before
        assert ["a"] == [hit["id"] for hit in after["hits"]]
        assert 0 == task["result"]["embedded"]


def wait_ready_slowly(client: TestClient) -> None:
    """Wait for a model to load; fails after two minutes."""
    until = time.monotonic() + 120
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < until, client.get("/health/ready").text
        time.sleep(0.1)
    wait_ready(client)
