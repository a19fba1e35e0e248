"""Messages to a real receiver that fails in every way, on a clock of the test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.editorial.signing import key_of, new_secret, signature
from semsearch.editorial.webhooks import HELD, HELD_DAYS, PAUSES, TRIES, deliver_due, send_test
from semsearch.errors import InputError, RuleNotFound
from semsearch.index.folder import IndexFolder
from semsearch.index.saved_deliveries import log_of
from semsearch.index.saved_store import SavedStore
from semsearch.index.saved_types import Found, SavedSearch, Webhook
from semsearch.sources.remote.posting import Poster
from tests.editorial.receiver import Receiver, receiving

SECRET = new_secret()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver at a port of its own."""
    with receiving() as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SavedStore]:
    """An empty store."""
    made = SavedStore(IndexFolder(tmp_path, "news"))
    yield made
    made.close()


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(seconds=1)

    def __call__(self) -> datetime:
        return self.now


def save(store: SavedStore, url: str, secret: str = SECRET) -> None:
    """A search with a webhook, and one test message in line."""
    store.put(SavedSearch("s", "Schools", "schools", 0.5, webhook=Webhook(url, secret)))
    send_test(store, "s")


def deliver(store: SavedStore, clock: Clock, *, private: bool = True, seconds: float = 5.0) -> int:
    """One round."""
    poster = Poster(frozenset({"127.0.0.1"} if private else ()), seconds=seconds)
    try:
        return deliver_due(store, poster, now=clock)
    finally:
        poster.close()


def test_signed_as_standard_webhooks_says(store: SavedStore, receiver: Receiver) -> None:
    """The receiver verifies id, time and body with the secret alone, and reads a test message."""
    clock = Clock()
    save(store, f"{receiver.url}/hook")
    assert 1 == deliver(store, clock)
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected == headers["webhook-signature"]
    assert str(int(clock.now.timestamp())) == headers["webhook-timestamp"]
    assert ("saved_search.test", {"search": "s", "name": "Schools"}) == (
        json.loads(body)["type"],
        json.loads(body)["data"],
    )
    done = log_of(store, "s")[0]
    assert ("delivered", 1, 204, "") == (done.state, done.tries, done.status, done.problem)
    assert 0 == deliver(store, clock)


def test_known_signature() -> None:
    """The example of the specification's reference libraries comes out."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == made


def test_each_fault_is_tried_again(store: SavedStore, receiver: Receiver) -> None:
    """500, a cut connection and a redirect wait longer each time, with one id; then it comes."""
    clock = Clock()
    receiver.faults += ["500", "cut", "redirect"]
    save(store, receiver.url)
    seen = []
    for pause in PAUSES[:3]:
        assert (1, 0) == (deliver(store, clock), deliver(store, clock))
        one = log_of(store, "s")[0]
        seen.append((one.state, one.status))
        assert timedelta(seconds=pause) == one.next_at - clock.now
        clock.now = one.next_at
    assert [("pending", 500), ("pending", 0), ("pending", 302)] == seen
    assert 1 == deliver(store, clock)
    done = log_of(store, "s")[0]
    assert ("delivered", 4) == (done.state, done.tries)
    assert 1 == len({headers["webhook-id"] for headers, _ in receiver.got})
    assert 1 == len({body for _, body in receiver.got})
    assert {"/"} == set(receiver.paths)  # the redirect was not followed


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_no_answer_in_time(store: SavedStore, receiver: Receiver, fault: str) -> None:
    """Who answers too late, or a header at a time without an end, is left and tried again."""
    receiver.faults += [fault]
    save(store, receiver.url)
    assert 1 == deliver(store, Clock(), seconds=0.5)
    one = log_of(store, "s")[0]
    assert ("pending", 1, 0) == (one.state, one.tries, one.status)
    assert "Timeout" in one.problem


def test_given_up(store: SavedStore, receiver: Receiver) -> None:
    """After eight tries a message is failed, with its status, and is not sent again."""
    clock = Clock()
    receiver.faults += ["500"] * (TRIES + 1)
    save(store, receiver.url)
    for _ in range(TRIES):
        assert 1 == deliver(store, clock)
        clock.now = log_of(store, "s")[0].next_at
    clock.now += timedelta(days=9)
    assert 0 == deliver(store, clock)
    one = log_of(store, "s")[0]
    assert ("failed", TRIES, 500, "answered 500") == (one.state, one.tries, one.status, one.problem)
    assert 8 == TRIES == len(receiver.got)


def test_private_addresses_are_refused(store: SavedStore, receiver: Receiver) -> None:
    """A receiver on this machine is not reached unless the settings name it, and the log says so."""
    save(store, receiver.url)
    deliver(store, Clock(), private=False)
    assert [] == receiver.got
    assert "service.webhook_hosts" in log_of(store, "s")[0].problem


def test_survives_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    """What waited when the file was closed is sent when it is opened again."""
    folder = IndexFolder(tmp_path, "news")
    first = SavedStore(folder)
    save(first, receiver.url)
    first.close()
    second = SavedStore(folder)
    assert 1 == deliver(second, Clock())
    second.close()
    assert 1 == len(receiver.got)


def test_taken_off(store: SavedStore, receiver: Receiver) -> None:
    """Without its webhook a message is given up; with its search it is gone."""
    save(store, receiver.url)
    store.put(SavedSearch("s", "Schools", "schools", 0.5))
    deliver(store, Clock())
    given_up = log_of(store, "s")[0]
    assert ("failed", "the webhook was taken off") == (given_up.state, given_up.problem)
    with pytest.raises(InputError, match="has no webhook"):
        send_test(store, "s")
    store.delete("s")
    assert [] == log_of(store, "s")
    with pytest.raises(RuleNotFound):
        send_test(store, "s")


def test_unsigned_without_a_secret(store: SavedStore, receiver: Receiver) -> None:
    """A webhook without a secret gets its id and time, and no signature."""
    save(store, receiver.url, secret="")
    deliver(store, Clock())
    assert {"webhook-id", "webhook-timestamp"} == {
        name for name in receiver.got[0][0] if name.startswith("webhook-")
    }


@pytest.mark.parametrize("secret", ["short", "whsec_", "whsec_%%%", "whsec_" + "A" * 8, "whsec_" + "A" * 400])
def test_secrets_that_are_none(secret: str) -> None:
    """The error offers a good one and does not repeat what was given."""
    with pytest.raises(InputError) as caught:
        key_of(secret)
    offered = str(caught.value).rsplit(" ", 1)[1]
    assert 32 == len(key_of(offered))
    assert secret in {"whsec_", "whsec_AAAAAAAA"} or secret not in str(caught.value)


def test_a_message_about_a_hidden_article_waits(store: SavedStore, receiver: Receiver) -> None:
    """It is not sent while readers cannot see its article, and takes no try; then it is sent as ever."""
    clock, shown = Clock(), False
    store.put(SavedSearch("s", "Schools", "schools", 0.5, webhook=Webhook(receiver.url, SECRET)))
    found = Found("s", "a1", 0.9, "A school closes", "The council decided.")
    store.record({"a1": b"1"}, [(found, "msg_1", b"{}")])
    poster = Poster(frozenset({"127.0.0.1"}))

    def round_of() -> int:
        return deliver_due(store, poster, is_shown=lambda one: one == "a1" and shown, now=clock)

    assert (1, 0, []) == (round_of(), round_of(), receiver.got)
    one = log_of(store, "s")[0]
    assert ("pending", 0, HELD) == (one.state, one.tries, one.next_at - clock.now)
    assert "withdrawn" in one.problem
    clock.now, shown = one.next_at, True
    assert (1, 1) == (round_of(), len(receiver.got))
    done = log_of(store, "s")[0]
    assert ("delivered", 1, "") == (done.state, done.tries, done.problem)
    poster.close()


def test_a_message_about_an_article_that_stays_hidden_is_given_up(
    store: SavedStore, receiver: Receiver
) -> None:
    """Not for ever: after a month it counts as failed and is never sent."""
    clock = Clock()
    store.put(SavedSearch("s", "Schools", "schools", 0.5, webhook=Webhook(receiver.url, SECRET)))
    store.record({"a1": b"1"}, [(Found("s", "a1", 0.9, "A school", "Closed."), "msg_1", b"{}")])
    clock.now += timedelta(days=HELD_DAYS, seconds=1)
    poster = Poster(frozenset({"127.0.0.1"}))
    assert 1 == deliver_due(store, poster, is_shown=lambda _: False, now=clock)
    clock.now += timedelta(days=1)
    assert (0, []) == (deliver_due(store, poster, now=clock), receiver.got)
    assert "failed" == log_of(store, "s")[0].state
    poster.close()
