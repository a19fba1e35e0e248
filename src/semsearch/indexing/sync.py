"""Makes the index hold what a live source holds: new, changed and deleted articles, resumable anywhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid, SettingsInvalid, SourceUnreadable
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.source_state import Item, SourceState, source_names
from semsearch.index.store_schema import digest_of
from semsearch.indexing.changes import Changes
from semsearch.indexing.drift import remember_index, settle_drift
from semsearch.indexing.progress import OnProgress, Progress, ignore
from semsearch.options import SourceOptions
from semsearch.sources.protocol import Rejected
from semsearch.sources.rejects import RejectsFile
from semsearch.sources.remote.protocol import Gone, Got, Listed, Reached, RemoteSource, Same, Step
from semsearch.sources.report import Report

BATCH = 256  # articles between two writes, where the source itself does not say sooner
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


@dataclass(slots=True)
class _Tally:
    outcomes: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    seen: int = 0
    kept: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


class Sync:
    """Takes one source after the other into an open index; what is in is durable, whatever comes after.

    A source that fails is told in its report and never raises. With ``full`` all of it is read, whatever
    is known; ``allow_mass_delete`` lets more than half of a source's articles go at once.
    """

    def __init__(
        self,
        index: EmbeddedIndex,
        changes: Changes,
        *,
        full: bool = False,
        allow_mass_delete: bool = False,
        on_progress: OnProgress = ignore,
    ) -> None:
        self._index = index
        self._changes = changes
        self._full = full
        self._allow_mass_delete = allow_mass_delete
        self._on_progress = on_progress

    def run(self, name: str, source: RemoteSource) -> SyncReport:
        """Sync one source; raises IndexBusy if another process syncs it, StorageFailed, EncoderMismatch."""
        begun = time.monotonic()
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        with ExitStack() as stack:
            state = stack.enter_context(SourceState(self._index.folder, name))
            stack.enter_context(state.lock())
            rejects = RejectsFile(self._index.folder.path / "rejects" / f"{stamp}-{name}.jsonl")
            report = Report(stack.enter_context(rejects))
            tally = _Tally()
            others = [
                stack.enter_context(SourceState(self._index.folder, other))
                for other in source_names(self._index.folder)
                if other != name
            ]
            fault = self._take(
                state,
                source,
                _Taking(self._index, self._changes, state, others=others, report=report, tally=tally),
                name,
            )
            told = report.tally()
        return SyncReport(
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

    def _take(self, state: SourceState, source: RemoteSource, taking: _Taking, name: str) -> str | None:
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

    def _delete(self, state: SourceState, gone: set[str], tally: _Tally) -> None:
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


class _Taking:
    """Collects articles, and writes them to the index first and to the state of the source second."""

    def __init__(
        self,
        index: EmbeddedIndex,
        changes: Changes,
        state: SourceState,
        *,
        others: Sequence[SourceState],
        report: Report,
        tally: _Tally,
    ) -> None:
        self._index = index
        self._changes = changes
        self._state = state
        self._others = others
        self.report = report
        self.tally = tally
        self._waiting: list[Got] = []
        self._stamps: dict[str, str] = {}

    def take(self, step: Step) -> None:
        """Take one step."""
        if isinstance(step, Got):
            self._waiting.append(step)
            if len(self._waiting) >= BATCH:
                self.flush(None)
        elif isinstance(step, Same):
            self.tally.unchanged += 1
            if step.stamp:
                self._stamps[step.key] = step.stamp
        elif isinstance(step, Reached):
            self.flush(step)

    def flush(self, reached: Reached | None) -> None:
        """Make all that was taken durable, then move the cursor."""
        taken = [self._checked(step) for step in self._waiting]
        self._waiting = []
        latest = {article.id: article for _, article in taken if article is not None}
        for changed in self._changes.put(latest.values()) if latest else ():
            self.tally.count(changed.outcome)
        items = [self._item(step, article) for step, article in taken]
        self._drop_former(items)
        if items or reached or self._stamps:
            cursor = reached.cursor if reached else None
            self._state.store(items, stamps=self._stamps, cursor=cursor)
        self._stamps = {}

    def _item(self, step: Got, article: Article | None) -> Item:
        if article is not None:
            return Item(step.key, article.id, step.stamp, digest_of(article))
        if step.is_none:
            return Item(step.key, "", step.stamp)
        held = self._state.item(step.key)  # a version that cannot be taken leaves the one before
        return (
            Item(step.key, held.article_id, step.stamp, held.digest)
            if held
            else Item(step.key, "", step.stamp)
        )

    def _drop_former(self, items: Sequence[Item]) -> None:
        """Delete what keys gave before under another id, unless another key gives it too."""
        now = {item.article_id for item in items}
        former = {
            held.article_id
            for item in items
            if (held := self._state.item(item.key))
            and held.article_id not in {"", *now}
            and not self._state.owns(held.article_id, beside=item.key)
        }
        if former:
            self._index.delete(sorted(former))

    def _checked(self, step: Got) -> tuple[Got, Article | None]:
        """The step and its article, None where another source gave an article of this id."""
        article = step.article
        if article is not None and any(other.owns(article.id) for other in self._others):
            error = ArticleInvalid(
                "another source gives an article of this id",
                place=article.url or step.key, field="id", value=article.id,
                hint='set id_prefix = "…" in the settings of one of the two sources',
            )  # fmt: skip
            self.report.reject(Rejected(error.place, error, ""))
            return step, None
        if article is not None:
            self.report.take()
        return step, article


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
