"""How the last sync of each source ended: kept beside its cursor, for those who look after the index."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from semsearch.errors import SemsearchError
from semsearch.index.folder import IndexFolder
from semsearch.index.source_state import SourceState, source_names

MOST_FAULT = 1_000  # characters of an error that are kept
_FACT = "last_sync"


@dataclass(frozen=True, slots=True)
class LastSync:
    """The last sync of a source: when it ended, when the last one did that broke off nowhere, and its counts.

    ``fault`` says why it broke off or why its state cannot be read, ``kept`` counts deletions refused.
    Both times are None where nothing is known of them.
    """

    source: str
    ended_at: datetime | None = None
    good_at: datetime | None = None
    added: int = 0
    changed: int = 0
    deleted: int = 0
    rejected: int = 0
    kept: int = 0
    fault: str = ""


def record_sync(state: SourceState, sync: LastSync) -> None:
    """Keep how a sync ended; ``good_at`` of the one before stays where this one has none."""
    known = _read(sync.source, state.fact(_FACT))
    good_at = sync.good_at or known.good_at
    told = asdict(sync) | {"fault": sync.fault[:MOST_FAULT]}
    told |= {"ended_at": _words(sync.ended_at), "good_at": _words(good_at)}
    state.store(facts={_FACT: json.dumps(told)})


def last_syncs(folder: IndexFolder) -> tuple[LastSync, ...]:
    """How the last sync of each source ended that something is stored of, by name."""
    return tuple(_last(folder, name) for name in source_names(folder))


def _last(folder: IndexFolder, name: str) -> LastSync:
    try:
        with SourceState(folder, name) as state:
            return _read(name, state.fact(_FACT))
    except SemsearchError as fault:
        return LastSync(name, fault=str(fault))


def _read(name: str, fact: str) -> LastSync:
    """What was stored; the name alone where it is nothing or of another version."""
    try:
        told: Mapping[str, object] = json.loads(fact or "{}")
        return LastSync(
            name,
            ended_at=_moment(told.get("ended_at")),
            good_at=_moment(told.get("good_at")),
            added=_count(told.get("added")),
            changed=_count(told.get("changed")),
            deleted=_count(told.get("deleted")),
            rejected=_count(told.get("rejected")),
            kept=_count(told.get("kept")),
            fault=str(told.get("fault", "")),
        )
    except (ValueError, AttributeError):
        return LastSync(name)


def _words(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


def _moment(words: object) -> datetime | None:
    return datetime.fromisoformat(str(words)) if words else None


def _count(value: object) -> int:
    return int(str(value or 0))
