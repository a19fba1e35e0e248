"""HTTP connections within limits: how many, how slow, and how many requests at a time.

uvicorn's own protocol has no time-out for headers and bodies, and what it refuses costs as much as an
answer. Here a request beyond the limit is answered from ready bytes as soon as its
headers are read, so that the event loop stays free for those that are answered, and for /health/live.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from dataclasses import dataclass
from typing import Literal, cast
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

from semsearch.options import ServiceOptions
from semsearch.service.parsing import PacedProtocol
from semsearch.service.ready import ALIVE, BUSY, HEAD_TOO_LARGE, TOO_SLOW, UNREADABLE, Ready, is_fragment

log = logging.getLogger("semsearch.service")

STATE = "limits"  # where the lifespan of the app puts them
MAX_DROPPED = 16 * 2**20  # bytes of a body that are read after its answer, so that the answer arrives
LINGER_SECONDS = 2.0  # the same in time, after which the connection is cut
SWEEP_SECONDS = 0.5  # how often connections are looked at
STALLED_SECONDS = 30.0  # for which a caller may take nothing of its answer
MAX_UNSENT = 128 * 2**20  # bytes of answers that wait for slow callers; beyond it the slowest is cut
MUCH_UNSENT = 64 * 1024  # bytes of one connection from which these are counted
LEAST_RATE = 1024  # bytes a second of a body, over body_seconds
RESERVED_FILES = 128  # descriptors for the index and its files
PACE_SECONDS = 0.005  # between two refusals: callers that come again at once do not fill the event loop
LONGEST_PACE = 1.0  # for which a refusal waits at most
LIVE = b"/health/live"
SPARED = (b"/health/ready", b"/metrics")  # asked for by machines: refused at twice the limit

Phase = Literal["head", "body", "answer", "idle", "refused"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker takes."""

    requests: int = 64
    connections: int = 1000
    head_seconds: float = 10.0
    body_seconds: float = 20.0


def limits_of(options: ServiceOptions) -> Limits:
    """The limits of a service, with room left for the files that it opens."""
    files = open_more_files()
    most = max(16, min(options.max_connections, files - min(RESERVED_FILES, files // 2)))
    return Limits(options.max_requests, most, options.header_seconds, options.body_seconds)


def open_more_files() -> int:
    """Let this process open as many files as it may; returns how many that are."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 512
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (ValueError, OSError):
            log.debug("the limit of open files stays %d", soft)
    return 65_536 if soft == resource.RLIM_INFINITY else soft


# Threads that rank hold Python's lock for this long before the event loop gets it, at each of the system
# calls that it makes. With Python's own 5 ms, 400 callers kept a new connection waiting for seconds.
SWITCH_SECONDS = 0.0005


class Guard:
    """The connections of one server: which can be dropped, and which send a body."""

    def __init__(self, limits: Limits, state: ServerState) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self.limits = limits
        self._state = state
        self.heads: dict[GuardedProtocol, None] = {}  # no whole request yet, oldest first
        self.idle: dict[GuardedProtocol, None] = {}  # kept for a next request, oldest first
        self.receiving: dict[GuardedProtocol, None] = {}  # a body comes, oldest first
        self.ending: dict[GuardedProtocol, None] = {}  # refused, oldest first
        self.refused = 0
        self._next_refusal = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> int:
        """Requests that have come whole and are being answered."""
        return len(self._state.tasks) - len(self.receiving)

    def full(self) -> bool:
        """Whether there are more connections than are taken."""
        return len(self._state.connections) > self.limits.connections

    def make_room(self, newest: GuardedProtocol) -> bool:
        """Drop the connection that is missed least; False where all of them are being answered."""
        for waiting in (self.ending, self.heads, self.idle, self.receiving):
            victim = next(iter(waiting), None)
            if victim is not None and victim is not newest:
                waiting.pop(victim)
                victim.transport.abort()
                return True
        return False

    def forget(self, one: GuardedProtocol) -> None:
        """A connection waits for nothing any more."""
        for waiting in (self.ending, self.heads, self.idle, self.receiving):
            waiting.pop(one, None)

    def bound_unsent(self, answered: GuardedProtocol) -> None:
        """Cut the connections that have longest taken nothing while too many bytes wait to be sent."""
        if answered.unsent < MUCH_UNSENT:
            return
        waiting = [
            (cast(GuardedProtocol, one), cast(GuardedProtocol, one).unsent) for one in self._state.connections
        ]
        total = sum(size for _, size in waiting)
        for one, size in sorted(waiting, key=lambda pair: pair[0].unsent_since):
            if total <= MAX_UNSENT:
                return
            if size >= MUCH_UNSENT:
                one.transport.abort()
                total -= size

    def pace(self) -> float:
        """Seconds until the next refusal may be sent."""
        now = time.monotonic()
        self.refused += 1
        self._next_refusal = min(max(now, self._next_refusal + PACE_SECONDS), now + LONGEST_PACE)
        return self._next_refusal - now

    def watch(self) -> None:
        """Look at all connections every SWEEP_SECONDS while there are any."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        if self.refused:
            log.warning("%d requests refused: %d are being answered", self.refused, self.busy)
            self.refused = 0
        now = time.monotonic()
        for one in list(self._state.connections):
            cast(GuardedProtocol, one).check(now)
        if self._state.connections:
            self.watch()


_GUARDS: WeakKeyDictionary[ServerState, Guard] = WeakKeyDictionary()


class GuardedProtocol(PacedProtocol):
    """A connection within the limits that the app's lifespan gives."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if need be in the place of one that waits for nothing."""
        super().connection_made(transport)
        limits = self.app_state.get(STATE) or Limits()
        self._guard = _GUARDS.get(self.server_state) or _GUARDS.setdefault(
            self.server_state, Guard(limits, self.server_state)
        )
        self._phase: Phase = "head"
        self._since = self._unsent_since = time.monotonic()
        self._got = 0  # bytes of the body since the last look
        self._dropped = self._unsent = 0
        self._told = self._whole = False  # of a refusal: it is written; the request has come whole
        self._parting = b""  # the refusal that follows the answers before it
        self._guard.heads[self] = None
        self._guard.watch()
        if self._guard.full() and not self._guard.make_room(self):
            self.refuse(BUSY)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._guard.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as many as the limits allow."""
        if self._phase == "refused" or (self._phase == "body" and self.cycle.response_complete):
            self._dropped += len(data)
            if self._dropped > MAX_DROPPED:
                self.transport.abort()
                return
        elif self._phase == "idle":
            self._enter("head")
        super().data_received(data)

    def take_request(self) -> None:
        """Let the app answer, or refuse without asking it."""
        if self._phase == "refused":
            return
        first = self.cycle is None or self.cycle.response_complete
        if first and (answer := self._ready_answer()) is not None:
            self.refuse(answer)
            return
        self._enter("body")
        if not first:  # no task of its own yet
            self._guard.receiving.pop(self)
        super().take_request()

    def take_body(self, body: bytes) -> None:
        """A part of the body; of a refused request it goes nowhere."""
        self._got += len(body)
        if self._phase != "refused":
            super().take_body(body)

    def request_complete(self) -> None:
        """The request has come whole."""
        if self._phase == "refused":
            self._whole = True
            if self._told:
                self.transport.close()
            return
        super().request_complete()
        self._dropped = 0
        self._enter("idle" if self.cycle.response_complete else "answer")

    def on_response_complete(self) -> None:
        """The answer is written; of a body that still comes the rest is read and dropped."""
        last = not self.pipeline
        super().on_response_complete()
        self._guard.bound_unsent(self)
        if self._parting:
            if last:
                self._enter("refused")
                self._end_with(self._parting)
        elif self._phase == "body" and self.cycle.response_complete:
            self._guard.receiving.pop(self, None)
            self._guard.ending[self] = None
        elif self.cycle.response_complete and not self.pipeline:
            self._enter("idle")

    @property
    def unsent(self) -> int:
        """Bytes that were written and that the caller has not taken."""
        return self.transport.get_write_buffer_size()

    @property
    def unsent_since(self) -> float:
        """When the caller last took some of them."""
        return self._unsent_since

    def check(self, now: float) -> None:
        """Cut the connection where it is too slow."""
        limits, waited = self._guard.limits, now - self._since
        if self._stalled(now):
            self.transport.abort()
        elif self._phase == "refused":
            if waited > LINGER_SECONDS:
                self.transport.abort()
        elif self._phase == "head":
            if waited > limits.head_seconds:
                self.refuse(TOO_SLOW)
        elif self._phase == "body" and waited > limits.body_seconds:
            if self._got < LEAST_RATE * waited and not self.flow.read_paused:
                self.refuse(TOO_SLOW)
            else:
                self._since, self._got = now, 0

    def _ready_answer(self) -> Ready | None:
        """What is answered without the app."""
        guard = self._guard
        busy, most = guard.busy, guard.limits.requests
        if busy < most:
            return None
        path = self.url.partition(b"?")[0]
        if path == LIVE:
            return ALIVE
        if path in SPARED and busy < 2 * most:
            return None
        return BUSY

    def _enter(self, phase: Phase) -> None:
        guard = self._guard
        guard.forget(self)
        self._phase, self._since, self._got = phase, time.monotonic(), 0
        if phase == "head":
            guard.heads[self] = None
        elif phase == "idle":
            guard.idle[self] = None
        elif phase == "body":
            guard.receiving[self] = None
        elif phase == "refused":
            guard.ending[self] = None

    def refuse(self, answer: Ready) -> None:
        """Answer from ready bytes and end the connection once the caller has sent what it was sending.

        A connection that is closed while bytes wait to be read is reset, and the caller may lose the answer.
        Requests before the one that is refused are answered first.
        """
        self.deaf = self.deaf or answer in {HEAD_TOO_LARGE, UNREADABLE}  # where it ends is not known
        if self._phase == "refused" or self._parting:
            return
        method = self.parser.get_method() if self.part != "none" else b""
        head_only, reads = method == b"HEAD", method in {b"HEAD", b"GET"}
        blank = reads and is_fragment(self.url if self.part == "body" else bytes(self.line))
        data = answer.bytes_for(head_only=head_only, blank=blank)
        unanswered = self.cycle is not None and not self.cycle.response_complete
        taken = self._phase == "body" and self.part == "body"  # the app has it, or it waits for others
        queued = taken and bool(self.pipeline) and self.pipeline[0][0] is self.cycle
        if queued:
            self.pipeline.popleft()
        if queued or (unanswered and not taken):
            self._parting = data
            self.flow.hold()
            return
        begun = taken and self.cycle is not None and self.cycle.response_started
        self._enter("refused")
        if unanswered:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.is_closing():
            return
        if begun:
            self.transport.abort()
        elif answer is BUSY and (seconds := self._guard.pace()):
            asyncio.get_running_loop().call_later(seconds, self._end_with, data)
        else:
            self._end_with(data)

    def _end_with(self, data: bytes) -> None:
        """Write the last bytes of a connection; it is closed at the end of the request, or soon."""
        if self.transport.is_closing():
            return
        self._since = time.monotonic()
        self.transport.write(data)
        self._told = True
        if self._whole:
            self.transport.close()
        elif self.transport.can_write_eof():
            self.transport.write_eof()

    def _stalled(self, now: float) -> bool:
        """Whether the caller has long taken nothing of what was written."""
        size = self.unsent
        if size == 0 or size < self._unsent or self._unsent == 0:
            self._unsent_since = now
        self._unsent = size
        return size > 0 and now - self._unsent_since > STALLED_SECONDS
