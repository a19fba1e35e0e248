"""Keys that programs show to the service: made once, kept only as hashes in ``<indexes>/keys.json``.

A key is 256 random bits, so a plain SHA-256 keeps it as safe as a slow password hash would: there is
nothing to guess from, and a slow hash would only cost every request. The file is replaced whole by one
atomic rename and can be read by its owner alone; a running service sees a change at its next request.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from semsearch.errors import InputError, KeyInvalid, KeyMissing, KeyNotFound, ScopeMissing, SettingsInvalid
from semsearch.index.files import rename_durably, storage_errors
from semsearch.index.locks import exclusive

Scope = Literal["search", "write", "admin"]
State = Literal["usable", "expired", "revoked"]

SCOPES: tuple[Scope, ...] = get_args(Scope)  # each covers those before it
FILE_NAME = "keys.json"
FORMAT = 1
PREFIX = "ss_"
KEY_BYTES = 32
MAX_NAME_CHARACTERS = 200
LOCK_SECONDS = 10.0
_SPAN = re.compile(r"(\d{1,5})\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is kept: ``hash`` is the SHA-256 of its text in hex, ``id`` names it to people."""

    id: str
    name: str
    scope: Scope
    hash: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def called(self) -> str:
        """What people call it: its name, or else its id."""
        return self.name or self.id

    def state(self, now: datetime | None = None) -> State:
        """Whether it opens anything now."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and (now or datetime.now(UTC)) >= self.expires_at:
            return "expired"
        return "usable"

    def covers(self, scope: Scope) -> bool:
        """Whether its scope is the wanted one or a wider one."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class KeyFile:
    """All keys of an installation; safe for many threads and processes.

    Raises SettingsInvalid when the file is damaged: then no key opens anything.
    """

    def __init__(self, indexes: Path) -> None:
        self.path = indexes / FILE_NAME
        self._stamp: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def keys(self) -> tuple[Key, ...]:
        """All keys, oldest first, read again only when the file has changed."""
        stamp = self._look()
        if stamp != self._stamp:
            self._keys = self._read() if stamp else ()
            self._stamp = stamp
        return self._keys

    def any_usable(self) -> bool:
        """Whether there is a key that opens something."""
        return any(key.state() == "usable" for key in self.keys())

    def check(self, shown: str | None, scope: Scope) -> Key:
        """The key that was shown; raises KeyMissing, KeyInvalid or ScopeMissing.

        It is compared with every key there is, each in constant time, so that the time of an answer
        tells nothing of the keys. Writes nothing.
        """
        if not shown:
            raise KeyMissing(
                f"this needs a key with scope {scope}; "
                "send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"
            )
        hashed = hash_of(shown)
        found = None
        for key in self.keys():
            if hmac.compare_digest(key.hash, hashed):
                found = key
        if found is None:
            raise KeyInvalid("the key is not known here; make one with: semsearch keys create")
        state = found.state()
        if state != "usable":
            raise KeyInvalid(f"key {found.id} is {state}; make another with: semsearch keys create")
        if not found.covers(scope):
            raise ScopeMissing(f"key {found.id} has scope {found.scope}; this needs scope {scope}")
        return found

    def create(self, scope: Scope, *, name: str = "", expires_at: datetime | None = None) -> tuple[Key, str]:
        """A new key and its text, which is kept nowhere; raises InputError for values that make no sense."""
        now = datetime.now(UTC).replace(microsecond=0)
        if scope not in SCOPES:
            raise InputError(f"scope is {scope!r}; give one of {', '.join(SCOPES)}")
        if len(name) > MAX_NAME_CHARACTERS:
            raise InputError(f"the name has {len(name)} characters; give at most {MAX_NAME_CHARACTERS}")
        if expires_at is not None and expires_at <= now:
            raise InputError(
                f"the key would expire at {expires_at.isoformat()}, which is past; give a later date"
            )
        text = PREFIX + secrets.token_urlsafe(KEY_BYTES)
        with self._lock():
            known = self._read() if self.path.exists() else ()
            key = Key(_new_id(known), name, scope, hash_of(text), now, expires_at)
            self._write((*known, key))
        return key, text

    def revoke(self, key_id: str) -> Key:
        """Make a key open nothing any more, for good; raises KeyNotFound."""
        with self._lock():
            known = self._read() if self.path.exists() else ()
            found = next((key for key in known if key.id == key_id), None)
            if found is None:
                names = ", ".join(key.id for key in known if key.state() == "usable") or "none"
                raise KeyNotFound(f"there is no key '{key_id}'; usable keys: {names}")
            if found.revoked_at is None:
                changed = replace(found, revoked_at=datetime.now(UTC).replace(microsecond=0))
                self._write([changed if key is found else key for key in known])
                found = changed
        return found

    def _lock(self) -> AbstractContextManager[None]:
        with storage_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        return exclusive(self.path.with_name("keys.lock"), "changing keys", wait_seconds=LOCK_SECONDS)

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._damaged(str(exc)) from exc
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _read(self) -> tuple[Key, ...]:
        try:
            content = json.loads(self.path.read_text("utf-8"))
            if content["format"] != FORMAT:
                raise self._damaged(f"format {content['format']}, this version knows {FORMAT}")
            return tuple(_key_from(record) for record in content["keys"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise self._damaged(f"{type(exc).__name__}: {exc}") from exc

    def _write(self, keys: object) -> None:
        assert isinstance(keys, list | tuple)
        content = json.dumps({"format": FORMAT, "keys": [_record_from(key) for key in keys]}, indent=1)
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with storage_errors(self.path):
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", encoding="utf-8") as file:
                file.write(content + "\n")
                file.flush()
                os.fsync(file.fileno())
            rename_durably(temporary, self.path)

    def _damaged(self, reason: str) -> SettingsInvalid:
        return SettingsInvalid(
            f"{self.path} cannot be used ({reason}); restore it, or remove it and make new keys with: "
            "semsearch keys create"
        )


def hash_of(text: str) -> str:
    """SHA-256 of a key's text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def parse_expiry(text: str, now: datetime | None = None) -> datetime:
    """``90d``, ``12h``, ``4w``, or an ISO 8601 date or time (UTC where no zone is given), as a moment.

    A date alone is its first instant. Raises InputError for anything else.
    """
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span:
            start = (now or datetime.now(UTC)).replace(microsecond=0)
            return start + int(span[1]) * _UNITS[span[2]]
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError(
            f"'{text}' is no time of expiry; give a span such as 90d, 12h or 4w, or a date such as 2027-01-31"
        ) from None


def _new_id(known: tuple[Key, ...]) -> str:
    taken = {key.id for key in known}
    while (made := secrets.token_hex(4)) in taken:
        pass
    return made


def _record_from(key: Key) -> dict[str, object]:
    record = asdict(key)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in record.items()
    }


def _key_from(record: dict[str, Any]) -> Key:
    moments = {
        name: datetime.fromisoformat(record[name]) if record[name] is not None else None
        for name in ("created_at", "expires_at", "revoked_at")
    }
    if record["scope"] not in SCOPES or not re.fullmatch(r"[0-9a-f]{64}", record["hash"]):
        raise ValueError(f"key {record['id']} has no usable scope and hash")
    return Key(**{**record, **moments})
