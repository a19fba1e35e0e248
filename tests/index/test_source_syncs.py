"""How the last sync of each source ended, read back from its state."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from semsearch.index.folder import IndexFolder
from semsearch.index.source_state import SourceState
from semsearch.index.source_syncs import MOST_FAULT, LastSync, last_syncs, record_sync

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> IndexFolder:
    """The folder of an index that nothing was taken into."""
    return IndexFolder(tmp_path, "news")


def recorded(folder: IndexFolder, *syncs: LastSync) -> tuple[LastSync, ...]:
    """What is read back after these."""
    for sync in syncs:
        with SourceState(folder, sync.source) as state:
            record_sync(state, sync)
    return last_syncs(folder)


def test_nothing_was_synced(folder: IndexFolder) -> None:
    """Then there is nothing, and nothing is made."""
    assert () == last_syncs(folder)
    assert not (folder.path / "sources").exists()


def test_each_source_has_its_own(folder: IndexFolder) -> None:
    """In the order of their names, with all that was stored."""
    wire = LastSync("wire", MONDAY, MONDAY, added=3, changed=2, deleted=1, rejected=4, kept=5)
    blog = LastSync("blog", TUESDAY, TUESDAY)
    assert (blog, wire) == recorded(folder, wire, blog)


def test_the_last_good_one_stays_known(folder: IndexFolder) -> None:
    """A sync that broke off has its fault and its time, beside the time of the one that did not."""
    (found,) = recorded(
        folder, LastSync("s", MONDAY, MONDAY), LastSync("s", TUESDAY, None, fault="x" * 5_000)
    )
    assert LastSync("s", TUESDAY, MONDAY, fault="x" * MOST_FAULT) == found


@pytest.mark.parametrize("fact", ["", "{}", "[]", "no JSON", '{"ended_at": "soon"}', '{"added": "many"}'])
def test_what_is_not_known(folder: IndexFolder, fact: str) -> None:
    """A state of an older version, or one that nobody can read, gives the name alone."""
    with SourceState(folder, "s") as state:
        state.store(facts={"last_sync": fact})
    assert (LastSync("s"),) == last_syncs(folder)


def test_a_damaged_state_is_told(folder: IndexFolder) -> None:
    """Of one source; the others are read."""
    recorded(folder, LastSync("good", MONDAY, MONDAY))
    (folder.path / "sources" / "bad.db").write_bytes(b"no database at all" * 100)
    bad, good = last_syncs(folder)
    assert ("bad", True, MONDAY) == (bad.source, "is damaged" in bad.fault, good.good_at)
