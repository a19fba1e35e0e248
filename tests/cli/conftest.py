"""A folder of its own for each test, and engines whose vectors follow the words."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from semsearch_cli import common
from semsearch_cli.app import run
from tests.fakes import HashingEncoder

ARTICLES = [
    {
        "id": "school",
        "title": "Council closes village school",
        "body": "The school has too few pupils, the council said on Monday.\n\nParents will appeal.",
        "section": "Local",
        "author": "Ann Ode",
        "published_at": "2026-01-30T08:00:00Z",
        "url": "https://news.example/school",
        "tags": ["education", "council"],
    },
    {
        "id": "march",
        "title": "Parents march against school closure",
        "body": "Two hundred parents walked to the town hall to keep the village school open.",
        "section": "Local",
        "published_at": "2026-02-02T17:30:00Z",
    },
    {
        "id": "rates",
        "title": "Central bank raises rates",
        "body": "Borrowing becomes dearer for the third time this year, the bank said.",
        "section": "Economy",
        "author": "Bo Rowe",
        "published_at": "2026-02-01",
    },
    {
        "id": "forged",
        "title": "A title [bold]with[/bold] \u001b[31mred\u001b[0m :smile:",
        "body": "Harmless text about gardens and roses.",
        "section": "Culture",
    },
]


@dataclass(frozen=True)
class Outcome:
    """What one call of the program left: exit code and both outputs."""

    code: int
    out: str
    err: str

    def json(self) -> object:
        """Standard output read as one JSON document."""
        return json.loads(self.out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder without settings in the environment."""
    for name in list(os.environ):
        if name.startswith("SEMSEARCH_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> HashingEncoder:
    """The encoder of every engine that a command makes."""
    from semsearch.engine import Engine

    made = HashingEncoder(256)
    monkeypatch.setattr(common, "make_engine", lambda settings: Engine(settings, encoder=made))
    return made


@pytest.fixture
def call(home: Path, encoder: HashingEncoder, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the program with arguments and say what came of it."""

    def invoke(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return invoke


@pytest.fixture
def articles(home: Path) -> Path:
    """A file with a handful of articles."""
    return write_lines(home / "articles.jsonl", ARTICLES)


@pytest.fixture
def built(call: Callable[..., Outcome], articles: Path) -> Callable[..., Outcome]:
    """The program beside an index of these articles."""
    outcome = call("index", "build", str(articles))
    assert 0 == outcome.code, outcome.err
    return call


def write_lines(path: Path, records: list[dict[str, object]]) -> Path:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path
