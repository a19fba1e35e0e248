"""Runs the engine's blocking calls in a bounded number of threads, with a bounded queue before them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from semsearch.service.errors import Overloaded

Result = TypeVar("Result")


def default_threads() -> int:
    """As many as cores, two to four: one waits for the disk while another computes.

    Python runs one thread at a time, so more of them wait for each other: on two cores four threads
    answered a tenth fewer searches a second than two (benchmarks/README.md, "What was changed for it").
    """
    return max(2, min(os.cpu_count() or 1, 4))


class Pool:
    """``threads`` calls at a time, ``max_waiting`` more in line; the next is refused at once."""

    def __init__(self, *, threads: int, max_waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._max_waiting = max_waiting

    @property
    def running(self) -> int:
        """Calls that run now."""
        return self._limiter.borrowed_tokens

    @property
    def waiting(self) -> int:
        """Calls in line."""
        return self._limiter.statistics().tasks_waiting

    async def run(
        self, call: Callable[[], Result], gone: Callable[[], Awaitable[bool]] | None = None
    ) -> Result:
        """The result of ``call``, run in a thread.

        ``gone`` is asked after a wait: a caller that has left costs no thread. Raises Overloaded
        when the line is full, and whatever the call raises.
        """
        limiter = self._limiter
        if limiter.borrowed_tokens < limiter.total_tokens:
            return await run_sync(call, limiter=limiter)
        if self.waiting >= self._max_waiting:
            raise Overloaded(
                f"{self.running} requests run and {self.waiting} wait, as many as this service allows; "
                "try again in a moment"
            )
        async with limiter:
            if gone is not None and await gone():
                raise Overloaded("the caller left before its turn")
            return await run_sync(call, limiter=anyio.CapacityLimiter(1))
