"""Locks between processes: the kernel lets go of them when their holder dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from semsearch.errors import IndexBusy
from semsearch.index.files import storage_errors


@contextmanager
def exclusive(path: Path, what: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file ``path`` alone; raises IndexBusy naming the holder after ``wait_seconds``.

    ``what`` says in words what the holder does ("building index 'news'").
    """
    with storage_errors(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        with storage_errors(path):
            _acquire(handle, path, wait_seconds)
        _write_holder(handle, what)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
        os.close(handle)  # lets go of the lock


def _write_holder(handle: int, what: str) -> None:
    """Say who holds it; a full disk must not keep anyone from deleting or pruning."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    holder = json.dumps({"pid": os.getpid(), "since": now, "what": what})
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, holder.encode(), 0)


def _acquire(handle: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as exc:
            if time.monotonic() >= deadline:
                raise IndexBusy(_holder(path)) from exc
            time.sleep(0.005)


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text("utf-8"))
        who = f"process {held['pid']} is {held['what']} since {held['since']}"
    except (OSError, ValueError, KeyError):
        who = "another process holds it"
    return f"{path.parent} is locked: {who}; wait for it to end, or stop it"


class SharedHold:
    """Keeps a generation from being pruned while it is read; let go by ``release`` or by death."""

    def __init__(self, path: Path) -> None:
        with storage_errors(path):
            self._handle = os.open(path, os.O_RDONLY)
            fcntl.flock(self._handle, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go; harmless when done twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def is_held(path: Path) -> bool:
    """Whether any process holds ``path`` shared or alone."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
