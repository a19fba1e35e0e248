"""Gives freed memory back to the system: an old generation's, which the allocator would keep."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache
from typing import Any


def give_back() -> None:
    """Collect cycles and let the C library return free pages; takes some milliseconds.

    Without it, a process that follows a hundred generations keeps the holes that each one left.
    """
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], Any] | None:
    try:
        found: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim  # glibc alone has it
    except (AttributeError, OSError):
        return None
    return found
