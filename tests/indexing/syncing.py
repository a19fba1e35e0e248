"""An engine that follows sources on loopback without waiting, and what its index holds."""

from __future__ import annotations

from pathlib import Path

from semsearch.indexing.changes import Changes
from semsearch.indexing.sync import Sync, SyncReport
from semsearch.options import SourceOptions
from semsearch.sources.remote.client import Fetcher, Policy
from semsearch.sources.remote.making import open_remote
from tests.index.making import engine_at
from tests.sources.remote.servers import Waits


class Follower:
    """Syncs sources into an index of its own; ``waits`` knows every wait that was asked for."""

    def __init__(self, root: Path) -> None:
        self.engine = engine_at(root)
        self.engine.ensure()
        self.waits = Waits()

    def fetcher(self, policy: Policy) -> Fetcher:
        """A fetcher that never really waits."""
        return Fetcher(policy, sleep=self.waits.sleep, clock=self.waits.clock)

    def sync(self, name: str, options: SourceOptions, **knobs: object) -> SyncReport:
        """Take one source in."""
        engine = self.engine
        changes = Changes(engine.index, engine.encoder, engine.settings.passages)
        with open_remote(name, options, make_fetcher=self.fetcher, environ={}) as source:
            return Sync(engine.index, changes, **knobs).run(name, source)

    def held(self) -> dict[str, tuple[str, str]]:
        """What the index holds: title and body by id."""
        return {one.id: (one.title, one.body) for one in self.engine.live_articles()}


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    """Added, changed, unchanged, deleted, rejected."""
    return report.added, report.changed, report.unchanged, report.deleted, report.rejected
