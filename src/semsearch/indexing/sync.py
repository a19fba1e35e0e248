"""Makes the index hold what a live source holds: new, changed and deleted articles, resumable anywhere."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from semsearch.articles import from_sync
from semsearch.errors import IndexBusy, SettingsInvalid, SourceUnreadable
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.source_state import SourceState, source_names
from semsearch.index.source_syncs import LastSync, record_sync
from semsearch.indexing.changes import Changes
from semsearch.indexing.drift import remember_index, settle_drift
from semsearch.indexing.folding import Folding
from semsearch.indexing.progress import OnProgress, Progress, ignore
from semsearch.indexing.taking import Taking, Tally
from semsearch.options import SourceOptions
from semsearch.sources.rejects import RejectsFile
from semsearch.sources.remote.protocol import Gone, Listed, Reached, RemoteSource
from semsearch.sources.report import Report

MASS = 0.5  # a larger share of a source's articles is never deleted at once unasked


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What became of one source; ``fault`` says why it broke off, ``kept`` counts deletions refused."""

    source: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    rejected: int = 0
    kept: int = 0
    rejects_file: Path | None = None
    fault: str | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Sync:
    """Takes one source after the other into an open index; what is in is durable, whatever comes after.

    A source that fails is told in its report and never raises. With ``full`` all of it is read, whatever
    is known; ``allow_mass_delete`` lets more than half of a source's articles go at once. ``sources`` are
    all that there are: of one that is no more, an article may be taken over (None: all that ever were).
    Those ``apart`` keep their articles, whatever others have at the same addresses.
    """

    def __init__(
        self,
        index: EmbeddedIndex,
        changes: Changes,
        *,
        sources: Collection[str] | None = None,
        apart: Collection[str] = (),
        full: bool = False,
        allow_mass_delete: bool = False,
        on_progress: OnProgress = ignore,
    ) -> None:
        self._index = index
        self._changes = changes
        self._sources = sources
        self._apart = apart
        self._full = full
        self._allow_mass_delete = allow_mass_delete
        self._on_progress = on_progress

    def run(self, name: str, source: RemoteSource) -> SyncReport:
        """Sync one source; raises StorageFailed, EncoderMismatch."""
        with SourceState(self._index.folder, name) as state, ExitStack() as held:
            try:
                held.enter_context(state.lock())
            except IndexBusy as exc:
                return SyncReport(name, fault=str(exc))
            return self._run(name, source, state)

    def _run(self, name: str, source: RemoteSource, state: SourceState) -> SyncReport:
        begun = time.monotonic()
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        with ExitStack() as stack:
            rejects = RejectsFile(self._index.folder.rejects / f"{stamp}-{name}.jsonl")
            report = Report(stack.enter_context(rejects))
            tally = Tally()
            others = [
                stack.enter_context(SourceState(self._index.folder, other))
                for other in source_names(self._index.folder)
                if other != name and (self._sources is None or other in self._sources)
            ]
            folding = Folding(
                self._index,
                state,
                others,
                report,
                kind=source.identity.split(" ")[0],
                name=name,
                sources=self._sources,
                apart=self._apart,
            )
            fault = self._take(
                state,
                source,
                Taking(
                    self._index,
                    self._changes.coming_from(from_sync(name)),
                    state,
                    others=others,
                    report=report,
                    tally=tally,
                    folding=folding,
                ),
                name,
            )
            told = report.tally()
        result = SyncReport(
            source=name,
            added=tally.outcomes.get("added", 0),
            changed=tally.outcomes.get("updated", 0),
            unchanged=tally.unchanged + tally.outcomes.get("unchanged", 0) + tally.outcomes.get("stale", 0),
            deleted=tally.outcomes.get("deleted", 0),
            rejected=told.rejected,
            kept=tally.kept,
            rejects_file=rejects.path if told.rejected else None,
            fault=fault,
            notes=(*tally.notes, *told.notes()),
            seconds=time.monotonic() - begun,
        )
        record_sync(state, _ended(result))
        return result

    def _take(self, state: SourceState, source: RemoteSource, taking: Taking, name: str) -> str | None:
        """Take all steps; returns why it broke off, or None."""
        tally, gone = taking.tally, set[str]()
        if reason := settle_drift(self._index, state, source.identity):
            tally.notes.append(reason)
        if self._full:
            state.begin_anew()
        begun = time.monotonic()
        fault: str | None = None
        try:
            for step in source.steps(state, taking.report):
                taking.take(step)
                if isinstance(step, Gone):
                    gone.add(step.key)
                elif isinstance(step, Listed):
                    gone |= state.keys() - step.keys
                elif isinstance(step, Reached):
                    self._on_progress(Progress("read", step.done, step.total, name, time.monotonic() - begun))
        except SourceUnreadable as exc:
            fault = str(exc)
        taking.flush(None)
        self._delete(state, gone, tally)
        remember_index(self._index, state, source.identity)
        return fault

    def _delete(self, state: SourceState, gone: set[str], tally: Tally) -> None:
        """Delete the articles of keys that are gone, unless another key of the source gives them too."""
        going = state.article_ids(gone)
        staying = state.article_ids(state.keys() - gone) if going else set()
        going -= staying
        if len(going) > MASS * (len(going) + len(staying)) and not self._allow_mass_delete:
            tally.kept = len(going)
            tally.notes.append(
                f"{len(going):,} of its {len(going) + len(staying):,} articles are gone from the source at "
                "once: refused, since a source that fails looks so; if it is right, run it again with "
                "--allow-mass-delete"
            )
            return
        for changed in self._index.delete(sorted(going)) if going else ():
            tally.count(changed.outcome)
        if gone:
            state.store(gone=gone)


def _ended(report: SyncReport) -> LastSync:
    now = datetime.now(UTC)
    return LastSync(
        report.source,
        ended_at=now,
        good_at=None if report.fault else now,
        added=report.added,
        changed=report.changed,
        deleted=report.deleted,
        rejected=report.rejected,
        kept=report.kept,
        fault=report.fault or "",
    )


def chosen(sources: Mapping[str, SourceOptions], names: Sequence[str]) -> dict[str, SourceOptions]:
    """The sources of these names, all without any; raises SettingsInvalid where there is none such."""
    if not sources:
        raise SettingsInvalid(
            'no source is set; put a table like [sources.site] with kind = "wordpress" and url = '
            '"https://news.example" into semsearch.toml'
        )
    for name in names:
        if name not in sources:
            raise SettingsInvalid(
                f"there is no source '{name}' in the settings; there are: {', '.join(sources)}"
            )
    return {name: sources[name] for name in names or sources}
