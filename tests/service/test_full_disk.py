"""A server that starts on a full or read-only disk answers as ever; writes wait until there is space."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.index.test_faults import mounted
from tests.service.test_backup import SERVE, Site, engine_over, lasting, made, with_matches
from tests.service.test_serve import running

READ = (
    "/v1/search?q=harbour&limit=50&facets=section",
    "/v1/articles/a-3",
    "/v1/articles/live-1",
    "/v1/articles/a-3/related",
    "/v1/suggest?q=gla",
    "/v1/rules",
    "/v1/rules/history",
    "/v1/saved-searches",
    "/v1/saved-searches/eruptions/matches",
    "/v1/saved-searches/eruptions/feed.atom",
    "/v1/indexes",
    "/v1/tasks",
    "/v1/editor/stories/a-3",
    "/health/ready",
)
HIDE = {"action": "hide", "articles": ["a-8"], "holds_for": "everywhere"}
ARTICLE = {"title": "A late harbour report", "body": "It came when there was space."}
SEARCH = {"name": "Late", "meaning": "late report", "threshold": 0.5}


@contextmanager
def serving(indexes: Path, folder: Path, key: str) -> Iterator[tuple[Site, subprocess.Popen[str]]]:
    """A server over the indexes, once it is ready; it may be killed meanwhile."""
    with running(SERVE.format(indexes=str(indexes)), folder) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, (folder / "log").read_text()
        yield Site(address, key), process


@contextmanager
def filled_up(disk: Path) -> Iterator[None]:
    """No byte and no name more fits on the disk; afterwards there is space again."""
    left = disk / "left"
    left.mkdir()
    with contextlib.suppress(OSError), open(left / "ballast", "wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    with contextlib.suppress(OSError):
        for number in range(100_000):
            (left / f"{number}").touch()
    found = os.statvfs(disk)
    assert (0, 0) == (found.f_bavail, found.f_favail)
    try:
        yield
    finally:
        free(disk)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """The disk without the right to write."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def writes(site: Site) -> list[tuple[int, str]]:
    """Status and code of an attempt at each kind of write."""
    asked = [
        site.ask("/v1/articles/late", method="PUT", body=ARTICLE),
        site.ask("/v1/articles/a-3", method="DELETE"),
        site.ask("/v1/rules/late", method="PUT", body=HIDE),
        site.ask("/v1/saved-searches/late", method="PUT", body=SEARCH),
        site.ask("/v1/indexes/rebuild", method="POST"),
    ]
    return [(status, answer.get("code", "") if isinstance(answer, dict) else "") for status, answer in asked]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
@pytest.mark.parametrize("refusing", [filled_up, read_only], ids=["full", "read-only"])
def test_a_restart_where_nothing_can_be_written_serves(tmp_path, refusing, end):
    """Search, rules, saved searches and status are as before; with space, writes are taken without a restart.

    Whatever the process before left: a clean end, or logs of SQLite that hold the last changes.
    """
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=24m,nr_inodes=400", "tmpfs") as disk:
        indexes = disk / "indexes"
        key = made(indexes)
        with serving(indexes, tmp_path, key) as (site, process):
            with_matches(site)
            before = {path: without_time(site.ask(path)) for path in READ}
            process.send_signal(end)
            process.wait(60)
        assert {200} == {status for status, _ in before.values()}
        with refusing(disk), serving(indexes, tmp_path, key) as (site, _):
            check_reads_and_writes(site, before)
            if refusing is filled_up:
                free(disk)
                check_space_again(site)
        with closing(engine_over(indexes)) as engine:
            assert () == engine.verify().problems
            assert (refusing is filled_up) == ("late" in {one.id for one in engine.live_articles()})


def check_reads_and_writes(site: Site, before: dict[str, tuple[int, object]]) -> None:
    """Everything reads as before, every write is refused in words, and nothing of them is there."""
    assert before == {path: without_time(site.ask(path)) for path in READ}
    refused = writes(site)
    assert {507} == {status for status, _ in refused}, refused
    assert {"storage_failed"} == {code for _, code in refused}
    assert 404 == site.ask("/v1/articles/late")[0]
    assert before == {path: without_time(site.ask(path)) for path in READ}


def free(disk: Path) -> None:
    """Remove what fills the disk."""
    for one in (disk / "left").iterdir():
        one.unlink()


def check_space_again(site: Site) -> None:
    """The same process takes writes, and follows its own."""
    assert 201 == site.ask("/v1/articles/late", method="PUT", body=ARTICLE)[0]
    assert 201 == site.ask("/v1/rules/late", method="PUT", body=HIDE)[0]
    assert 201 == site.ask("/v1/saved-searches/late", method="PUT", body=SEARCH)[0]
    hits = site.ask("/v1/search?q=harbour&limit=50")[1]["hits"]
    assert "late" in {hit["id"] for hit in hits}
    assert "a-8" not in json.dumps(site.ask("/v1/search?q=football&limit=50")[1]["hits"])
    names = {one["id"] for one in site.ask("/v1/saved-searches")[1]["searches"]}
    assert {"eruptions", "late"} == names


def without_time(answer: tuple[int, object]) -> tuple[int, object]:
    """An answer without what names the request, its server or its time."""
    return answer[0], lasting(answer[1])
