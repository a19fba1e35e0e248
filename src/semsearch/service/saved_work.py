"""What a service does for saved searches beside its requests: match what arrives, and send messages.

Every worker and every service of an index looks once a second whether there is something to do; locks
see to it that one of them does it. A program that changes the index needs to know nothing of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from semsearch.errors import IndexBusy, InputError, SemsearchError
from semsearch.index.saved_types import FILE

if TYPE_CHECKING:
    from semsearch.editorial.saved_searches import SavedSearches
    from semsearch.engine import Engine
    from semsearch.options import ServiceOptions
    from semsearch.settings import Settings
    from semsearch.sources.remote.posting import Poster

log = logging.getLogger("semsearch.service")

LOOK_SECONDS = 1.0
CLOSE_SECONDS = 12.0  # a message under way is over by then


class SavedWork:
    """The saved searches of one service; two threads work on them from ``start`` to ``close``."""

    def __init__(self, settings: Settings, engine: Callable[[], Engine]) -> None:
        self._settings = settings
        self._engine = engine
        self._file = settings.indexes / settings.index / FILE
        self._guard = threading.Lock()
        self._made: SavedSearches | None = None
        self._poster: Poster | None = None
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def any(self) -> bool:
        """Whether anything was ever saved: what reads makes no file."""
        return self._file.is_file()

    def searches(self) -> SavedSearches:
        """The saved searches, opened once; raises StorageFailed, IndexCorrupt."""
        with self._guard:
            if self._made is None:
                self._made = self._engine().saved_searches()
            return self._made

    def start(self) -> None:
        """Begin to match and to send."""
        for name, step in (("matching", self._match), ("delivering", self._deliver)):
            thread = threading.Thread(
                target=self._loop, args=(name, step), name=f"semsearch-{name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """End after the step under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)
        if self._made is not None and not any(thread.is_alive() for thread in self._threads):
            self._made.store.close()
            if self._poster is not None:
                self._poster.close()

    def _loop(self, name: str, step: Callable[[SavedSearches], object]) -> None:
        said = ""
        while not self._stop.wait(LOOK_SECONDS):
            try:
                if self.any:
                    searches = self.searches()
                    with suppress(IndexBusy), searches.store.lock(name):
                        step(searches)
                said = ""
            except SemsearchError as error:
                if str(error) != said:
                    log.warning("%s saved searches: %s", name, error)
                said = str(error)
            except Exception as error:
                if repr(error) != said:
                    log.exception("%s saved searches failed", name)
                said = repr(error)

    @staticmethod
    def _match(searches: SavedSearches) -> None:
        searches.match_new()

    def _deliver(self, searches: SavedSearches) -> None:
        from semsearch.editorial.webhooks import deliver_due
        from semsearch.sources.remote.posting import Poster

        if self._poster is None:
            self._poster = Poster(private_hosts(self._settings.service))
        shown = searches.is_shown
        while deliver_due(searches.store, self._poster, is_shown=shown) and not self._stop.is_set():
            pass


def private_hosts(options: ServiceOptions) -> frozenset[str]:
    """The hosts of private networks that webhooks may go to."""
    return frozenset(one.strip().lower() for one in options.webhook_hosts.split(",") if one.strip())


def check_webhook(url: str, options: ServiceOptions) -> None:
    """Raise InputError for an address that no message would ever go to."""
    from semsearch.editorial.checking import check_url
    from semsearch.sources.remote.posting import may_reach

    check_url(url)
    if not may_reach(url, private_hosts(options)):
        raise InputError(
            f"webhook.url is {url[:80]!r}, a private or special address; give a public one, or if "
            "it is your own, name its host in service.webhook_hosts"
        )
