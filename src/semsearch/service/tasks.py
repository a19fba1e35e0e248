"""Long work as tasks: small files that every worker of the service reads, before and after a restart.

``<id>.json`` is the task, ``<id>.results`` a JSON line for each result, ``<id>.body`` what was sent, and
``<id>.lock`` is held by the process that works on it: the kernel lets go of it when that process dies,
and the task then reads as failed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Literal

from semsearch.errors import TaskNotFound
from semsearch.index.files import storage_errors, write_durably

Kind = Literal["import", "rebuild"]
State = Literal["queued", "running", "done", "failed"]

MAX_TASKS = 200
MAX_AGE = timedelta(days=7)
TOLD_EVERY = 0.25  # seconds between two words of progress
_ID = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}")
INTERRUPTED = {
    "code": "interrupted",
    "message": "the process that worked on it ended; what it had written stays: send the same again",
}


@dataclass(frozen=True, slots=True)
class Task:
    """One task as it is kept; ``progress`` and ``error`` are as ``schemas_write`` describes them."""

    id: str
    kind: Kind
    state: State
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    progress: Mapping[str, object] | None = None
    result: Mapping[str, object] | None = None
    error: Mapping[str, str] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed"}


class TaskFolder:
    """The tasks of one index; bounded in number and age."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, kind: Kind) -> Record:
        """A new task, held by this process; old ones are removed first."""
        with storage_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self._prune()
            now = datetime.now(UTC)
            name = f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(4)}"
            return Record(self.path, Task(name, kind, "queued", _written(now)))

    def read(self, task_id: str) -> Task:
        """A task as it is now; raises TaskNotFound."""
        task = self._load(task_id)
        if not task.ended and not self._held(task_id):
            task = self._load(task_id)  # it may have ended between the two looks
            if not task.ended:
                task = replace(task, state="failed", error=INTERRUPTED)
        return task

    def all(self) -> list[Task]:
        """All tasks, newest first."""
        found = []
        for task_id in reversed(self._ids()):
            with contextlib.suppress(TaskNotFound):
                found.append(self.read(task_id))
        return found

    def results(self, task_id: str) -> list[dict[str, Any]]:
        """The results of a task so far, one a line of what was sent."""
        found: list[dict[str, Any]] = []
        with (
            contextlib.suppress(FileNotFoundError, ValueError),  # none yet; a last line half written
            open(self.path / f"{task_id}.results", encoding="utf-8") as lines,
        ):
            for line in lines:
                found.append(json.loads(line))
        return found

    def _ids(self) -> list[str]:
        if not self.path.is_dir():
            return []
        return sorted(file.stem for file in self.path.glob("*.json") if _ID.fullmatch(file.stem))

    def _load(self, task_id: str) -> Task:
        if _ID.fullmatch(task_id):
            with contextlib.suppress(OSError, ValueError, TypeError):
                return Task(**json.loads((self.path / f"{task_id}.json").read_text("utf-8")))
        raise TaskNotFound(
            f"there is no task '{task_id[:80]}'; tasks are kept for {MAX_AGE.days} days, "
            f"the newest {MAX_TASKS} of them"
        )

    def _held(self, task_id: str) -> bool:
        try:
            with open(self.path / f"{task_id}.lock", "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not see each other
                return False
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True

    def _prune(self) -> None:
        """Remove what is too old or too much, and what dead processes left of bodies and locks."""
        oldest = f"{datetime.now(UTC) - MAX_AGE:%Y%m%dT%H%M%S%f}"
        ids = self._ids()
        for place, task_id in enumerate(ids):
            if self._held(task_id):
                continue
            if place < len(ids) - MAX_TASKS + 1 or task_id < oldest:
                for name in (f"{task_id}.json", f"{task_id}.results"):
                    (self.path / name).unlink(missing_ok=True)
            for name in (f"{task_id}.body", f"{task_id}.lock"):
                (self.path / name).unlink(missing_ok=True)


class Record:
    """A task that this process works on; for one thread at a time."""

    def __init__(self, folder: Path, task: Task) -> None:
        self.task = task
        self.body = folder / f"{task.id}.body"
        self.over = threading.Event()  # set when readers see that it has ended
        self._folder = folder
        self._told = 0.0
        self._lock: IO[bytes] | None = open(folder / f"{task.id}.lock", "wb")  # noqa: SIM115  held until the end
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        write_durably(self._file, self._text())

    def started(self) -> None:
        """Work begins."""
        self._change(state="running", started_at=_written(datetime.now(UTC)))

    def tell(self, stage: str, done: int, total: int | None, note: str = "") -> None:
        """How far it is; written a few times a second at most."""
        if time.monotonic() - self._told >= TOLD_EVERY:
            self._told = time.monotonic()
            self._change(progress={"stage": stage, "done": done, "total": total, "note": note})

    def add_results(self, results: Iterable[Mapping[str, object]]) -> None:
        """Keep some results."""
        with open(self._folder / f"{self.task.id}.results", "a", encoding="utf-8") as file:
            file.writelines(json.dumps(result) + "\n" for result in results)

    def done(self, result: Mapping[str, object]) -> None:
        """All is done."""
        self._end("done", result=result)

    def failed(self, code: str, message: str) -> None:
        """It came to nothing more."""
        self._end("failed", error={"code": code, "message": message})

    def discard(self) -> None:
        """As if it had never been."""
        self._file.unlink(missing_ok=True)
        self._let_go()

    @property
    def _file(self) -> Path:
        return self._folder / f"{self.task.id}.json"

    def _end(self, state: State, **values: object) -> None:
        if self._lock is None:
            return
        try:
            self.task = replace(self.task, state=state, ended_at=_written(datetime.now(UTC)), **values)  # type: ignore[arg-type]
            with storage_errors(self._file):
                write_durably(self._file, self._text())
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self.body.unlink(missing_ok=True)
        if self._lock is not None:
            (self._folder / f"{self.task.id}.lock").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None
        self.over.set()

    def _change(self, **values: object) -> None:
        """Tell the readers; it need not be durable, since only this process can go on with it."""
        self.task = replace(self.task, **values)  # type: ignore[arg-type]
        temporary = self._file.with_name(f".{self._file.name}")
        with storage_errors(self._file):
            temporary.write_text(self._text(), "utf-8")
            os.replace(temporary, self._file)

    def _text(self) -> str:
        return json.dumps(asdict(self.task))


def without_results(tasks: Sequence[Task]) -> list[dict[str, object]]:
    """Tasks as JSON, as a list shows them."""
    return [asdict(task) for task in tasks]


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
