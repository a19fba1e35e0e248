"""A polite rate: so many requests a second to each host, never more."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """Waits before a request until its host may be asked again; ``rate`` is requests a second."""

    def __init__(self, rate: float, *, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._least = 1.0 / rate
        self._sleep = sleep
        self._clock = clock
        self._delays: dict[str, float] = {}
        self._next: dict[str, float] = {}

    def slow_down(self, host: str, delay: float) -> None:
        """Keep at least ``delay`` seconds between two requests to a host."""
        self._delays[host] = max(delay, self._delays.get(host, 0.0))

    def wait(self, host: str) -> None:
        """Sleep until the host may be asked, and count this request."""
        left = self._next.get(host, 0.0) - self._clock()
        if left > 0:
            self._sleep(left)
        self._next[host] = self._clock() + max(self._least, self._delays.get(host, 0.0))
