"""Kills the child at any instant and proves that nothing acknowledged was lost and nothing is half there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from semsearch.articles import Filter
from semsearch.engine import Engine
from semsearch.errors import IndexNotFound
from semsearch.index.protocol import LexicalQuery
from semsearch.settings import Settings
from tests.crash.child import article
from tests.fakes import HashingEncoder

REPOSITORY = Path(__file__).resolve().parents[2]
Model = dict[str, int]  # article id -> version


@dataclass
class Rounds:
    """One index that is killed again and again; ``model`` is what it must hold."""

    root: Path
    model: Model = field(default_factory=dict)
    kills: int = 0
    ended: int = 0
    operations: int = 0

    def run(
        self, seed: int, *, steps: int = 30, after: float | None = None, failpoint: str = ""
    ) -> str | None:
        """Run a child, kill it ``after`` seconds or at a failpoint, check; returns the operation cut."""
        log = self.root.parent / f"log-{seed}.jsonl"
        environ = os.environ | {
            "SEMSEARCH_FAILPOINT": failpoint,
            "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/src:{REPOSITORY}/cli",
        }
        command = [sys.executable, "-m", "tests.crash.child", str(self.root), str(log), str(seed), str(steps)]
        with subprocess.Popen(command, env=environ, cwd=REPOSITORY, stderr=subprocess.PIPE) as child:
            self._wait(child, log, after)
            _, errors = child.communicate(timeout=120)
        if child.returncode == 0:
            self.ended += 1
        elif child.returncode == -9:
            self.kills += 1
        else:
            raise AssertionError(f"the child failed by itself: {errors.decode()[-2000:]}")
        cut = self._follow(log)
        self._check(cut)
        return cut[0] if cut else None

    def _wait(self, child: subprocess.Popen[bytes], log: Path, after: float | None) -> None:
        if after is None:
            return
        while child.poll() is None and not _has_begun(log):  # imports take long: count from the first change
            time.sleep(0.005)
        time.sleep(after)
        if child.poll() is None:
            child.kill()

    def _follow(self, log: Path) -> list | None:
        """Apply all acknowledged operations to the model; the one that was cut, if any."""
        cut = None
        lines = log.read_text().splitlines() if log.exists() else []
        for line in lines:
            entry = json.loads(line)
            if "begin" in entry:
                cut = entry["begin"]
            else:
                self.operations += 1
                self.model = after_operation(self.model, cut)
                cut = None
        return cut

    def _check(self, cut: list | None) -> None:
        engine = Engine(Settings(indexes=self.root, index="news"), encoder=HashingEncoder())
        try:
            report = engine.verify()
        except IndexNotFound:
            assert not self.model, f"the index is gone, it held {self.model}"
            return
        assert () == report.problems
        held = state_of(engine)
        allowed = [self.model] + ([after_operation(self.model, cut)] if cut else [])
        assert held in allowed, f"after {cut}: holds {held}, should hold one of {allowed}"
        self.model = held
        check_search(engine)
        engine.close()


def _has_begun(log: Path) -> bool:
    """Whether an operation was acknowledged already."""
    return log.exists() and b"done" in log.read_bytes()


def after_operation(model: Model, operation: list) -> Model:
    """What an operation makes of a model."""
    kind, version, numbers = operation
    changed = dict(model)
    for number in numbers:
        if kind == "put":
            changed[f"a{number}"] = version
        elif kind == "delete":
            changed.pop(f"a{number}", None)
    return changed


def state_of(engine: Engine) -> Model:
    """The version of every live article, each exactly once."""
    found: Model = {}
    for held in engine.live_articles():
        assert held.id not in found, f"{held.id} is there twice"
        version = int(held.title.rsplit(" v", 1)[1])
        assert article(int(held.id[1:]), version) == held
        found[held.id] = version
    return found


def check_search(engine: Engine) -> None:
    """Vectors, words and counts answer as a plain scan of the store's articles does."""
    articles = {one.id: one for one in engine.live_articles()}
    encoder = HashingEncoder()
    with engine.index.snapshot() as view:
        assert len(articles) == view.counts().articles
        query = encoder.encode_queries(["ferry rescue"])[0]
        found = view.vector_candidates(query, limit=100, where=Filter())
        assert set(articles) == set(view.ids(found.rows))
        texts = [f"{articles[one].title}\n{articles[one].body}" for one in view.ids(found.rows)]
        if texts:
            exact = encoder.encode_passages(texts) @ query
            assert np.allclose(exact, found.scores, atol=0.02)
        for word in ("ferry", "storm"):
            rows = view.lexical_rows(LexicalQuery(words=(word,)), where=Filter())
            expected = {i for i, one in articles.items() if word in f"{one.title} {one.body}".split()}
            assert expected == set(view.ids(rows))
