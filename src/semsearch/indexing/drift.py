"""Sees whether the index still holds what a source gave it: rebuilt, rolled back or changed by hand."""

from __future__ import annotations

import numpy as np

from semsearch.articles import Filter
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.source_state import Item, SourceState
from semsearch.index.store_schema import digest_of

_STEP = 512


def settle_drift(index: EmbeddedIndex, state: SourceState, identity: str) -> str:
    """Forget what the index lost or holds in another version; returns what happened, "" for nothing.

    After that a full look at the source brings everything back. Costs nothing while nobody but the
    sync itself changed the index.
    """
    if state.fact("identity") not in {"", identity}:
        state.begin_anew()
        return "its settings name another place than the last time: all of it is read again"
    with index.snapshot(hidden=True) as view:
        generation, change = view.generation, view.counts().change
        if state.fact("index") == f"{generation}:{change}":
            return ""
        live: set[str] = set()
        rows = view.matching(Filter())
        for start in range(0, len(rows), _STEP):
            live.update(view.ids(rows[start : start + _STEP]))
        items = list(state.items())
        missing = [item for item in items if item.article_id not in live]
        lost = [item for item in missing if item.digest]  # one that was only claimed was never in
        changed: list[Item] = []
        if state.fact("index").partition(":")[0] != generation:
            held = [item for item in items if item.article_id in live and item.digest]
            for start in range(0, len(held), _STEP):
                part = held[start : start + _STEP]
                found = np.array([view.row_of(item.article_id) for item in part], np.int64)
                changed += _differing(part, [digest_of(article) for article in view.articles(found)])
    unstamped = {item.key: "" for item in changed}
    anew = bool(lost or changed)
    state.store(gone=[item.key for item in missing], stamps=unstamped, cursor={} if anew else None)
    if not anew:
        return ""
    count = len(lost) + len(changed)
    return f"the index no longer has {count:,} of its articles as they were: all of it is looked at again"


def remember_index(index: EmbeddedIndex, state: SourceState, identity: str) -> None:
    """Note the state of the index that this sync leaves."""
    with index.snapshot(hidden=True) as view:
        state.store(facts={"index": f"{view.generation}:{view.counts().change}", "identity": identity})


def _differing(items: list[Item], digests: list[bytes]) -> list[Item]:
    return [item for item, digest in zip(items, digests, strict=True) if item.digest != digest]
