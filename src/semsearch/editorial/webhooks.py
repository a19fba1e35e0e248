"""Tells webhooks of matches: at least once, in patient tries that outlive the process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from semsearch.editorial.saved_searches import message_of
from semsearch.editorial.signing import headers
from semsearch.errors import InputError, RuleNotFound
from semsearch.index import saved_deliveries
from semsearch.index.saved_store import SavedStore
from semsearch.index.saved_types import Delivery, DeliveryState
from semsearch.sources.remote.posting import Poster, PostFailed

log = logging.getLogger("semsearch.editorial")

# Pauses after each failed try, as Standard Webhooks advises; after the last one a message is given up.
# They are kept beside the message, so that a restart goes on where it was: no loop in memory could.
PAUSES = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0)
TRIES = len(PAUSES) + 1
AT_A_TIME = 4
HELD = timedelta(seconds=30)  # until it is looked again whether readers can see the article of a message
HELD_DAYS = 30  # a message that waited so long for its article is given up


def send_test(store: SavedStore, search_id: str) -> str:
    """Put a test message in line, and return its id; raises RuleNotFound, InputError without a webhook."""
    search = store.search(search_id)
    if search.webhook is None:
        raise InputError(f"saved search '{search_id}' has no webhook; give it one first")
    message, body = message_of("saved_search.test", {"search": search.id, "name": search.name})
    saved_deliveries.add(store, message, search.id, body)
    return message


def deliver_due(
    store: SavedStore,
    poster: Poster,
    *,
    is_shown: Callable[[str], bool] = lambda _article_id: True,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Try each message whose time has come once, those of one search one after the other.

    A message about an article that readers cannot see now (``is_shown``) waits until they can.

    Returns how many were tried; the caller holds the lock ``delivering``. A kill between a message
    and the note of it sends it again, with the same id.
    """
    waiting = saved_deliveries.due(store, now())
    if not waiting:
        return 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda one: _try_or_hold(store, poster, one, is_shown, now), waiting))
    return len(waiting)


def _try_or_hold(
    store: SavedStore,
    poster: Poster,
    delivery: Delivery,
    is_shown: Callable[[str], bool],
    now: Callable[[], datetime],
) -> None:
    if not delivery.article_id or is_shown(delivery.article_id):
        _try(store, poster, delivery, now)
        return
    given_up = now() - delivery.created_at > timedelta(days=HELD_DAYS)
    problem = "not sent: the article was withdrawn, has expired or was deleted"
    state: DeliveryState = "failed" if given_up else "pending"
    saved_deliveries.held(store, delivery, state, problem=problem, next_at=now() + HELD)


def _try(store: SavedStore, poster: Poster, delivery: Delivery, now: Callable[[], datetime]) -> None:
    try:
        webhook = store.search(delivery.search_id).webhook
    except RuleNotFound:
        return  # its messages went with it
    status, problem = 0, ""
    if webhook is None:
        saved_deliveries.tried(store, delivery, "failed", problem="the webhook was taken off", next_at=now())
        return
    try:
        signed = headers(webhook.secret, delivery.id, int(now().timestamp()), delivery.body)
        status = poster.post(webhook.url, delivery.body, signed)
        if not 200 <= status < 300:
            problem = f"answered {status}" + ("; redirects are not followed" if 300 <= status < 400 else "")
    except (PostFailed, InputError) as exc:
        problem = str(exc)[:300]
    if not problem:
        saved_deliveries.tried(store, delivery, "delivered", status=status, next_at=now())
        return
    ended = delivery.tries + 1 >= TRIES
    pause = 0.0 if ended else PAUSES[delivery.tries]
    state: DeliveryState = "failed" if ended else "pending"
    log.info("message %s to the webhook of '%s': %s (%s)", delivery.id, delivery.search_id, problem, state)
    next_at = now() + timedelta(seconds=pause)
    saved_deliveries.tried(store, delivery, state, status=status, problem=problem, next_at=next_at)
