"""The last few results of something dear, for many threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Results by their key; beyond ``most`` the one made first goes. Two threads may make the same one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Key, Value] = {}
        self._guard = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The result of a key, made where it is not remembered."""
        known = self.known(key)
        return self.keep(key, make()) if known is None else known

    def known(self, key: Key) -> Value | None:
        """The result of a key, None where it is not remembered."""
        with self._guard:
            return self._held.get(key)

    def keep(self, key: Key, value: Value) -> Value:
        """Remember a result, and return it, or the one that another thread was first to make."""
        with self._guard:
            if len(self._held) >= self._most:
                self._held.pop(next(iter(self._held)))
            return self._held.setdefault(key, value)
