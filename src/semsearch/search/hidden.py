"""What readers do not see: scheduled, unpublished and expired articles, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np

from semsearch.articles import Article
from semsearch.index.protocol import Floats, Rows, Snapshot

HiddenKind = Literal["scheduled", "unpublished", "expired"]
KINDS: tuple[HiddenKind, ...] = get_args(HiddenKind)


@dataclass(frozen=True, slots=True)
class HiddenArticle:
    """An article that readers do not see; ``at`` is when they will, or when it expired."""

    article: Article
    at: datetime | None


@dataclass(frozen=True, slots=True)
class HiddenPage:
    """Some of the hidden articles of one kind; ``counts`` has the number of all by kind."""

    kind: HiddenKind
    articles: tuple[HiddenArticle, ...]
    counts: Mapping[HiddenKind, int]


def hidden_page(snapshot: Snapshot, kind: HiddenKind, *, now: float, limit: int, offset: int) -> HiddenPage:
    """A page of one kind: scheduled ones soonest first, expired ones newest first, others latest first.

    ``snapshot`` is one for readers. An article that expires before it is published counts as expired.
    """
    hidden = snapshot.hidden_rows()
    starts, ends = snapshot.visible_spans(hidden)
    unpublished = np.isposinf(starts)
    expired = ~unpublished & (ends <= np.maximum(starts, now))
    lots = {"scheduled": ~unpublished & ~expired, "unpublished": unpublished, "expired": expired}
    orders = {"scheduled": starts, "unpublished": -hidden.astype(np.float64), "expired": -ends}
    chosen = np.flatnonzero(lots[kind])
    chosen = chosen[np.lexsort((hidden[chosen], orders[kind][chosen]))][offset : offset + limit]
    moments = ends if kind == "expired" else starts
    return HiddenPage(
        kind,
        tuple(_with_moments(snapshot, hidden[chosen], moments[chosen])),
        {one: int(np.count_nonzero(lots[one])) for one in KINDS},
    )


def _with_moments(snapshot: Snapshot, rows: Rows, moments: Floats) -> list[HiddenArticle]:
    return [
        HiddenArticle(article, datetime.fromtimestamp(moment, UTC) if np.isfinite(moment) else None)
        for article, moment in zip(snapshot.articles(rows), moments.tolist(), strict=True)
    ]
