"""Keys: made once, kept as hashes, seen and refused at once."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.errors import (
    InputError,
    KeyInvalid,
    KeyMissing,
    KeyNotFound,
    ScopeMissing,
    SettingsInvalid,
)
from semsearch.keys import SCOPES, KeyFile, Scope, parse_expiry

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def opens(keys: KeyFile, text: str, scope: Scope) -> bool:
    """Whether a key covers a scope."""
    try:
        keys.check(text, scope)
    except ScopeMissing:
        return False
    return True


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    """The file, which only its owner reads, holds no key; two keys are never the same."""
    keys = KeyFile(tmp_path / "indexes")
    _, first = keys.create("write", name="CMS")
    _, second = keys.create("write")
    text = keys.path.read_text("utf-8")
    assert first.startswith("ss_")
    assert 3 + 43 == len(first)
    assert first != second
    assert first[3:] not in text
    assert 0o600 == stat.S_IMODE(keys.path.stat().st_mode)
    assert [] == list(keys.path.parent.glob(".*"))


def test_scopes_nest(tmp_path: Path) -> None:
    """Admin covers write, write covers search; the error of the rest names both."""
    keys = KeyFile(tmp_path)
    shown = {scope: keys.create(scope)[1] for scope in SCOPES}
    allowed = {
        (held, wanted) for held, text in shown.items() for wanted in shown if opens(keys, text, wanted)
    }
    assert {
        ("search", "search"),
        ("write", "search"),
        ("write", "write"),
        ("admin", "search"),
        ("admin", "write"),
        ("admin", "admin"),
    } == allowed
    with pytest.raises(ScopeMissing, match="scope search; this needs scope write"):
        keys.check(shown["search"], "write")


def test_no_key_and_wrong_keys(tmp_path: Path) -> None:
    """Nothing, an unknown text, and a key that is only nearly right open nothing."""
    keys = KeyFile(tmp_path)
    for shown in (None, ""):
        with pytest.raises(KeyMissing, match="Authorization: Bearer"):
            keys.check(shown, "search")
    _, text = keys.create("admin")
    for wrong in (text[:-1], text + "x", text.swapcase(), "ss_", "\udcff", "é" * 5000):
        with pytest.raises(KeyInvalid):
            keys.check(wrong, "search")


def test_another_process_sees_changes_at_once(tmp_path: Path) -> None:
    """What one makes and revokes, another that has the file open knows at its next check."""
    running, command = KeyFile(tmp_path), KeyFile(tmp_path)
    assert not running.any_usable()
    key, text = command.create("search")
    assert key == running.check(text, "search")
    command.revoke(key.id)
    with pytest.raises(KeyInvalid, match="is revoked"):
        running.check(text, "search")
    assert not running.any_usable()
    assert "revoked" == running.keys()[0].state()


def test_expiry(tmp_path: Path) -> None:
    """A key opens until its end and not from it on; an end in the past is refused."""
    keys = KeyFile(tmp_path)
    key, text = keys.create("search", expires_at=datetime.now(UTC) + timedelta(days=1))
    assert key.expires_at is not None
    assert "usable" == key.state(key.expires_at - timedelta(seconds=1))
    assert "expired" == key.state(key.expires_at)
    content = json.loads(keys.path.read_text("utf-8"))
    content["keys"][0]["expires_at"] = "2026-01-01T00:00:00+00:00"
    keys.path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(KeyInvalid, match="is expired"):
        keys.check(text, "search")
    with pytest.raises(InputError, match="past"):
        keys.create("search", expires_at=NOW - timedelta(days=400))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90d", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("12H", datetime(2026, 2, 1, 0, tzinfo=UTC)),
        (" 2 w ", datetime(2026, 2, 14, 12, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T10:00:00+02:00", datetime(2027, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_times_of_expiry(text: str, moment: datetime) -> None:
    """Spans count from now; dates are UTC where they name no zone."""
    assert moment == parse_expiry(text, NOW)


@pytest.mark.parametrize("text", ["", "soon", "90", "d", "-1d", "99999w", "2027-13-01", "1e9d"])
def test_no_times_of_expiry(text: str) -> None:
    """Anything else is told with the value and what to give."""
    with pytest.raises(InputError, match="90d"):
        parse_expiry(text, datetime(9990, 1, 1, tzinfo=UTC))


def test_revoking_an_unknown_key_names_the_usable_ones(tmp_path: Path) -> None:
    """Revoking twice is harmless."""
    keys = KeyFile(tmp_path)
    key, _ = keys.create("search")
    with pytest.raises(KeyNotFound, match=key.id):
        keys.revoke("none")
    assert keys.revoke(key.id) == keys.revoke(key.id)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 2, "keys": []}', '{"format": 1, "keys": [{}]}']
)
def test_a_damaged_file_opens_nothing(tmp_path: Path, content: str) -> None:
    """It is told with its name, again and again, and never read as no keys or overwritten."""
    keys = KeyFile(tmp_path)
    _, text = keys.create("search")
    keys.path.write_text(content, "utf-8")
    for _ in range(2):
        with pytest.raises(SettingsInvalid, match=r"keys\.json"):
            keys.check(text, "search")
    with pytest.raises(SettingsInvalid):
        keys.create("search")
    assert content == keys.path.read_text("utf-8")


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    """Nobody overwrites what another has just made."""
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: KeyFile(tmp_path).create("search")[1], range(24)))
    keys = KeyFile(tmp_path)
    assert 24 == len({keys.check(text, "search").id for text in made})
