"""The messages to webhooks, in the file of the saved searches: what waits, what came, what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from semsearch.index.saved_store import SavedStore
from semsearch.index.saved_types import Delivery, DeliveryState
from semsearch.index.store_schema import from_micros, to_micros

KEPT_DAYS = 30  # of messages that were delivered or given up
_COLUMNS = "id, search, article, body, state, tries, status, problem, created, next"
_FIELDS = tuple(field.name for field in fields(Delivery))  # in the order of the columns


def due(store: SavedStore, now: datetime, *, limit: int = 100) -> list[Delivery]:
    """The messages whose time has come, at most one of each search, the longest waiting first."""
    query = (
        f"SELECT {_COLUMNS}, MIN(next) FROM deliveries WHERE state='pending' AND next <= ? "
        "GROUP BY search ORDER BY next LIMIT ?"
    )
    with store.reading() as connection:
        return [_delivery(row[:-1]) for row in connection.execute(query, (to_micros(now), limit))]


def add(store: SavedStore, message: str, search_id: str, body: bytes) -> None:
    """Put one message in line that belongs to no match: a test."""
    now = to_micros(datetime.now(UTC))
    with store.writing() as connection:
        values = (message, search_id, "", body, "pending", 0, 0, "", now, now)
        connection.execute("INSERT INTO deliveries VALUES (?,?,?,?,?,?,?,?,?,?)", values)


def tried(
    store: SavedStore,
    delivery: Delivery,
    state: DeliveryState,
    *,
    status: int = 0,
    problem: str = "",
    next_at: datetime,
) -> None:
    """Note what came of a try, and remove what ended long ago."""
    with store.writing() as connection:
        connection.execute(
            "UPDATE deliveries SET state=?, tries=?, status=?, problem=?, next=? WHERE id=?",
            (state, delivery.tries + 1, status, problem, to_micros(next_at), delivery.id),
        )
        old = to_micros(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
        connection.execute("DELETE FROM deliveries WHERE state!='pending' AND created < ?", (old,))


def held(
    store: SavedStore, delivery: Delivery, state: DeliveryState, *, problem: str, next_at: datetime
) -> None:
    """Note that a message was not tried, and why."""
    with store.writing() as connection:
        connection.execute(
            "UPDATE deliveries SET state=?, problem=?, next=? WHERE id=?",
            (state, problem, to_micros(next_at), delivery.id),
        )


def log_of(store: SavedStore, search_id: str, *, limit: int = 100) -> list[Delivery]:
    """The messages of a search, the newest first."""
    query = f"SELECT {_COLUMNS} FROM deliveries WHERE search=? ORDER BY created DESC, rowid DESC LIMIT ?"
    with store.reading() as connection:
        return [_delivery(row) for row in connection.execute(query, (search_id, limit))]


def _delivery(row: Sequence[Any]) -> Delivery:
    made: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    return Delivery(**{**made, **{name: from_micros(made[name]) for name in ("created_at", "next_at")}})
