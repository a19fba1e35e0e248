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
from typing import IO

from semsearch.errors import IndexBusy
from semsearch.index.files import storage_errors


@contextmanager
def exclusive(path: Path, what: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file ``path`` alone; raises IndexBusy naming the holder after ``wait_seconds``.

    ``what`` says in words what the holder does ("building index 'news'").
    """
    with storage_errors(path), open(path, "a+", encoding="utf-8") as file:
        _acquire(file, path, wait_seconds)
        file.seek(0)
        file.truncate()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        file.write(json.dumps({"pid": os.getpid(), "since": now, "what": what}))
        file.flush()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                file.seek(0)
                file.truncate()
            fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(file: IO[str], path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
