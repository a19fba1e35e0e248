"""Works on tasks in a few threads beside the requests, with a bounded line, and ends them in order."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping

from semsearch.errors import SemsearchError
from semsearch.service.errors import Overloaded, Stopped, code_of
from semsearch.service.tasks import Record

log = logging.getLogger("semsearch.service")

THREADS = 2  # a rebuild and an import side by side
MAX_WAITING = 16
CLOSE_SECONDS = 15.0  # for work under way to reach a safe point when the service stops

Work = Callable[[Record, "Stop"], Mapping[str, object]]
STOPPED = "the service was stopped; what was written stays: send the same again"


class Stop:
    """Asked between two steps of long work; raises Stopped when the service ends."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> None:
        """Go on, or raise Stopped."""
        if self._event.is_set():
            raise Stopped(STOPPED)

    def now(self) -> None:
        """From now on work stops at its next step."""
        self._event.set()


class Background:
    """Runs the work of tasks; its threads are started with the first and never keep a process alive."""

    def __init__(self, *, threads: int = THREADS, max_waiting: int = MAX_WAITING) -> None:
        self._line: queue.Queue[tuple[Record, Work, Callable[[], None]]] = queue.Queue(max_waiting)
        self._threads: list[threading.Thread] = []
        self._most = threads
        self._guard = threading.Lock()
        self._stop = Stop()
        self._closed = False

    def submit(self, record: Record, work: Work, release: Callable[[], None] = lambda: None) -> None:
        """Put a task in line; ``release`` is called when it has ended.

        Raises Overloaded when the line is full; the task is then gone, and ``release`` was called.
        """
        with self._guard:
            refused = ""
            if self._closed:
                refused = "the service is stopping"
            elif self._line.full():
                refused = f"{self._line.qsize()} tasks wait, as many as this service allows"
            if refused:
                record.discard()
                release()
                raise Overloaded(f"{refused}; try again in a moment")
            self._line.put_nowait((record, work, release))
            if len(self._threads) < self._most:
                name = f"semsearch-task-{len(self._threads)}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Stop work at its next safe point, mark what waits as failed, and wait for the threads.

        What takes longer is left to die with the process: every write is kill-proof, and its task
        then reads as interrupted.
        """
        with self._guard:
            self._closed = True
            self._stop.now()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        while not self._line.empty():
            record, _, release = self._line.get_nowait()
            record.failed("interrupted", STOPPED)
            release()

    def _run(self) -> None:
        while True:
            try:
                record, work, release = self._line.get(timeout=0.2)
            except queue.Empty:
                if self._closed:
                    return
                continue
            try:
                self._work(record, work)
            except Exception:
                log.exception("task %s cannot be recorded", record.task.id)
            finally:
                release()

    def _work(self, record: Record, work: Work) -> None:
        task = record.task
        begun = time.monotonic()
        try:
            self._stop()
            record.started()
            result = work(record, self._stop)
        except Stopped as stopped:
            record.failed("interrupted", str(stopped))
        except SemsearchError as error:
            record.failed(code_of(type(error)), str(error))
        except Exception as error:
            log.exception("task %s (%s) failed", task.id, task.kind)
            record.failed("internal", f"unexpected {type(error).__name__}; it was logged under the task's id")
        else:
            record.done(result)
        log.info("task %s (%s) %s in %.1f s", task.id, task.kind, record.task.state, time.monotonic() - begun)
