"""Takes events where they are switched on: not more a second than a site can mean, and off the event loop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from semsearch.errors import StorageFailed
from semsearch.settings import Settings

if TYPE_CHECKING:
    from semsearch.index.events import Event, EventStore

log = logging.getLogger("semsearch.service")

FILE = "events.db"
A_SECOND = 100.0  # events that one process takes in the long run
AT_ONCE = 1000.0  # and in one go after a quiet time
TIDY_SECONDS = 3600.0


class EventIntake:
    """Events of one index; its file is made when the first one comes."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = settings.service.events
        self.days = settings.service.events_days
        self.path = settings.indexes / settings.index / FILE
        self._clock = clock
        self._allowed, self._at = AT_ONCE, clock()
        self._tidied = float("-inf")
        self._guard = threading.Lock()
        self._store: EventStore | None = None

    def admit(self, count: int) -> bool:
        """Whether so many more may come now (a bucket that fills again with time)."""
        with self._guard:
            now = self._clock()
            self._allowed = min(AT_ONCE, self._allowed + (now - self._at) * A_SECOND)
            self._at = now
            if count > self._allowed:
                return False
            self._allowed -= count
            return True

    def add(self, events: Sequence[Event]) -> None:
        """Keep events; raises StorageFailed."""
        self.store().add(events)

    def note(self, event: Event) -> None:
        """Keep one event of our own where they are kept; never raises, since no answer may fail by it."""
        try:
            if self.on and self.admit(1):
                self.add([event])
        except StorageFailed as error:
            log.warning("an event is lost: %s", error)

    def tidy(self) -> None:
        """Once an hour remove what is too old, even where nothing comes any more; never raises."""
        if self._clock() - self._tidied < TIDY_SECONDS or not self.path.exists():
            return
        self._tidied = self._clock()
        try:
            self.store().prune()
        except StorageFailed as error:
            log.warning("old events stay for now: %s", error)

    def store(self) -> EventStore:
        """The open store, for whoever reads it; raises StorageFailed."""
        with self._guard:
            if self._store is None:
                from semsearch.index.events import EventStore

                self._store = EventStore(self.path, days=self.days)
            return self._store

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            if self._store is not None:
                self._store.close()
            self._store = None
