"""The live sources of the index for the desk: when each was synced, what came of it and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from semsearch.index.source_syncs import LastSync, last_syncs

if TYPE_CHECKING:
    from semsearch.engine import Engine

SYNC = "semsearch articles sync"


@dataclass(frozen=True, slots=True)
class Followed:
    """A source with its state in a word, how grave that is (good, warn, bad) and what to do.

    ``command`` is the command that does it, or empty.
    """

    last: LastSync
    kind: str
    state: str
    grave: str
    advice: str
    command: str = ""


def followed_sources(engine: Engine) -> tuple[Followed, ...]:
    """The sources of the settings, and those that were synced before, by name."""
    known = {one.source: one for one in last_syncs(engine.folder)}
    named = engine.settings.sources
    return tuple(
        _followed(known.get(name), name, named[name].kind if name in named else None)
        for name in sorted({*known, *named})
    )


def _followed(last: LastSync | None, name: str, kind: str | None) -> Followed:
    """``kind`` is None for a source that the settings do not name."""
    command = f"{SYNC} {name}"
    if last is None:
        return Followed(LastSync(name), kind or "", "never", "warn", "Read it for the first time:", command)
    if kind is None:
        words = "The settings of this service no longer name it. Its articles stay until they are deleted."
        return Followed(last, "", "not followed", "warn", words)
    return _ended(last, kind, command)


def _ended(last: LastSync, kind: str, command: str) -> Followed:
    if last.fault and last.ended_at is None:
        return Followed(last, kind, "not readable", "bad", "Do what the error says, then:", command)
    if last.fault:
        return Followed(last, kind, "broke off", "bad", "What was read is kept. Go on from there:", command)
    if last.ended_at is None:
        words = "It was synced before times were kept; the next sync tells them:"
        return Followed(last, kind, "not known", "warn", words, command)
    if last.kept:
        words = f"{last.kept:,} of its articles are gone at once, so none was deleted. If that is right:"
        return Followed(last, kind, "held back", "warn", words, f"{command} --allow-mass-delete")
    return Followed(last, kind, "done", "good", "")
