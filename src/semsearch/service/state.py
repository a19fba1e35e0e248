"""What the requests of one app share: settings, engine, threads, counts; opened by the lifespan."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Request

from semsearch import __version__
from semsearch.errors import IndexNotFound, SemsearchError
from semsearch.keys import KeyFile
from semsearch.service.answer_memory import AnswerMemory
from semsearch.service.background import Background, Work
from semsearch.service.errors import NotReady
from semsearch.service.event_intake import EventIntake
from semsearch.service.metrics import IndexFacts, Metrics
from semsearch.service.pool import Pool, default_threads
from semsearch.service.rebuilding import in_process, in_thread
from semsearch.service.saved_work import SavedWork
from semsearch.service.tasks import TaskFolder

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.settings import Settings

log = logging.getLogger("semsearch.service")

Result = TypeVar("Result")

FOLLOW_SECONDS = 2.0  # an idle worker lets go of an old generation after so long
LOADING_SECONDS = 20.0  # a worker among others listens after so long at the latest, to say what it waits for
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)  # pauses between tries to open an index; the last is kept
WRITE_THREADS = 2  # one writes while the next is encoded
EDITOR_THREADS = 2  # a draft takes ten times what a search does: readers need not wait for it
ETAG_SECONDS = 3600  # recency moves scores with the clock: an answer is never confirmed for longer


class Service:
    """The shared state of one app.

    The engine is opened in a thread, and again every few seconds while that fails, so that a broken
    or missing index never stops the start and a mended one is picked up.
    """

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        self.settings = settings
        self.metrics = Metrics()
        options = settings.service
        self.answers = AnswerMemory(options.remembered_answers)
        self._reading = Pool(threads=options.threads or default_threads(), max_waiting=options.max_waiting)
        self.keys = KeyFile(settings.indexes)
        self.tasks = TaskFolder(settings.indexes / settings.index / "tasks")
        self.background = Background()
        self.events = EventIntake(settings)
        self.saved = SavedWork(settings, lambda: self.engine)
        self._editing = Pool(threads=EDITOR_THREADS, max_waiting=options.max_waiting)
        self._writing = Pool(threads=WRITE_THREADS, max_waiting=options.max_waiting)
        self._watch = Pool(threads=2, max_waiting=16)  # health is asked even when all else is busy
        self._engine = engine
        self._owned = engine is None
        self._opened = False
        self._tried = anyio.Event()
        self._salt = repr((__version__, settings))
        self._fault: str = "loading the index and the encoder"
        self._fault_error: SemsearchError | None = None

    @property
    def engine(self) -> Engine:
        """The open engine; raises NotReady, or what keeps it from opening."""
        if self._opened and self._engine is not None:
            return self._engine
        if self._fault_error is not None:
            raise self._fault_error
        raise NotReady(f"not ready: {self._fault}")

    @property
    def running(self) -> int:
        """Calls of readers and editors that run now."""
        return self._reading.running + self._editing.running

    @property
    def waiting(self) -> int:
        """Calls of readers and editors in line."""
        return self._reading.waiting + self._editing.waiting

    async def call(self, job: Callable[[Engine], Result], request: Request | None = None) -> Result:
        """The result of a job on the engine, run off the event loop; raises NotReady or Overloaded."""
        return await self._run(self._reading, job, request)

    async def for_editors(self, job: Callable[[Engine], Result], request: Request | None = None) -> Result:
        """The same for what editors ask, which may take long: it takes no thread from readers."""
        return await self._run(self._editing, job, request)

    async def write(self, job: Callable[[Engine], Result]) -> Result:
        """The result of a job that changes articles; it takes no thread from searches.

        The first article of a site makes its index: a service over an empty folder takes it.
        """
        if isinstance(self._fault_error, IndexNotFound) and self._engine is not None:
            await self._writing.run(self._engine.ensure)
            await self._writing.run(self._open)
            self._opened, self._fault_error = True, None
        return await self._run(self._writing, job)

    async def operate(self, job: Callable[[Engine], Result]) -> Result:
        """The result of a job on the folder of the index, which need not be one that can be opened."""
        engine = self._engine
        if engine is None:
            raise NotReady(f"not ready: {self._fault}")
        return await self._writing.run(lambda: job(engine))

    def rebuild_work(self, keep: int | None, *, fresh: bool = False) -> Work:
        """How this service rebuilds: in a process of its own, unless it was given an engine."""
        engine = self.engine
        if self._owned:
            return in_process(self.settings, engine, keep, fresh=fresh)
        return in_thread(engine, keep, fresh=fresh)

    def etag(self, engine: Engine, *asked: object) -> str:
        """A weak ETag of an answer: index, change, clock, rules, hour, version, settings and request.

        It is taken before the answer is made, so at worst it is older than the answer and the next
        request asks again; it never confirms an old answer.
        """
        return self.etag_until(engine, *asked)[0]

    def etag_until(self, engine: Engine, *asked: object) -> tuple[str, float]:
        """The ETag, and the moment at which an article of the index appears or goes by the clock."""
        with engine.index.snapshot() as snapshot:
            index = (snapshot.generation, snapshot.counts().change, snapshot.shown_since)
            known = (*index, engine.rules_stamp())
            until = snapshot.shown_until
        key = repr((self._salt, known, int(time.time() // ETAG_SECONDS), asked))
        return f'W/"{hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=12).hexdigest()}"', until

    async def open(self) -> None:
        """Open the engine, trying again until it can be; returns when it is open."""
        tries = 0
        while not self._opened:
            try:
                await run_sync(self._open, abandon_on_cancel=True)
                self._opened, self._fault_error = True, None
                log.info("ready: index '%s'", self.settings.index)
            except SemsearchError as error:
                self._failed(str(error), error, tries)
            except Exception as error:
                log.exception("the index cannot be opened")
                self._failed(f"unexpected {type(error).__name__}; see the log", None, tries)
            self._tried.set()
            if not self._opened:
                await anyio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
                tries += 1

    async def before_listening(self) -> None:
        """Where others answer meanwhile, wait until this worker can, or has found that it cannot.

        A worker that is started anew would else refuse its share of the requests while it loads.
        """
        if self.settings.service.workers > 1:
            with anyio.move_on_after(LOADING_SECONDS):
                await self._tried.wait()

    async def follow(self) -> None:
        """Open the engine, then take over what others publish, though nobody asks anything."""
        await self.open()
        self.saved.start()
        while True:
            await anyio.sleep(FOLLOW_SECONDS)
            try:
                await self._watch.run(self.engine.follow)
                await self._watch.run(self.events.tidy)
            except Exception:
                log.exception("the live generation cannot be followed")

    async def _run(
        self, pool: Pool, job: Callable[[Engine], Result], request: Request | None = None
    ) -> Result:
        engine = self.engine
        return await pool.run(lambda: job(engine), request.is_disconnected if request else None)

    def _open(self) -> None:
        if self._engine is None:
            from semsearch.engine import Engine

            self._engine = Engine(self.settings, fall_back=True)
        self._engine.warm()

    def _failed(self, reason: str, error: SemsearchError | None, tries: int) -> None:
        if tries == 0 or reason != self._fault:
            log.warning("not ready: %s", reason)
        self._fault, self._fault_error = reason, error

    def close(self) -> None:
        """End tasks in order; close the engine, if this service made it."""
        self.background.close()
        self.saved.close()
        self.events.close()
        if self._owned and self._engine is not None:
            self._engine.close()

    async def readiness(self) -> dict[str, object]:
        """Whether searches can be answered, as ``schemas.ReadyAnswer`` describes it."""
        answer: dict[str, object] = {
            "ready": False,
            "reason": self._fault,
            "generation": None,
            "serving_last_good": False,
            "encoder": None,
            "articles": 0,
        }
        engine = self._engine
        if not self._opened or engine is None:
            return answer
        try:
            ready = await self._watch.run(engine.ready)
        except Exception as error:
            log.exception("readiness cannot be told")
            return {**answer, "reason": f"unexpected {type(error).__name__}; see the log"}
        return {name: getattr(ready, name) for name in answer}

    async def facts(self) -> IndexFacts:
        """What the metrics show of the index; never raises."""
        engine = self._engine
        if not self._opened or engine is None:
            return IndexFacts(ready=False)
        try:
            return await self._watch.run(lambda: index_facts(engine))
        except Exception:
            log.exception("the index's figures cannot be read")
            return IndexFacts(ready=False)


def index_facts(engine: Engine) -> IndexFacts:
    """Generation and sizes of the live snapshot."""
    with engine.index.snapshot() as snapshot:
        counts = snapshot.counts()
        return IndexFacts(
            True,
            snapshot.generation,
            counts.articles,
            counts.passages,
            counts.delta_articles,
            counts.change,
        )


def etag_matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names this ETag (weak comparison, RFC 9110 section 8.8.3.2)."""
    if not header:
        return False
    bare = tag.removeprefix("W/")
    return any(part.strip() == "*" or part.strip().removeprefix("W/") == bare for part in header.split(","))


def service_of(request: Request) -> Service:
    """The shared state of the app that a request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service
