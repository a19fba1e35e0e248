"""Tasks: seen by every worker, bounded, ended in order, and failed where their process died."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from semsearch.errors import IndexBusy, TaskNotFound
from semsearch.service import tasks
from semsearch.service.background import Background, Stop
from semsearch.service.errors import Overloaded
from semsearch.service.tasks import Record, TaskFolder


@pytest.fixture
def folder(tmp_path: Path) -> TaskFolder:
    """No task yet."""
    return TaskFolder(tmp_path / "tasks")


def test_life_of_a_task(folder: TaskFolder) -> None:
    """Another worker reads each state, progress, results and result as they come."""
    other = TaskFolder(folder.path)
    assert [] == other.all()
    record = folder.create("import")
    task_id = record.task.id
    assert "queued" == other.read(task_id).state
    record.started()
    record.tell("write", 3, 10)
    assert ("running", {"stage": "write", "done": 3, "total": 10, "note": ""}) == (
        other.read(task_id).state,
        other.read(task_id).progress,
    )
    record.add_results([{"line": 1}])
    record.add_results([{"line": 2}])
    assert [{"line": 1}, {"line": 2}] == other.results(task_id)
    record.done({"added": 2})
    task = other.read(task_id)
    assert ("done", {"added": 2}, None) == (task.state, task.result, task.error)
    assert task.created_at <= str(task.started_at) <= str(task.ended_at)
    assert [task] == other.all()


def test_a_line_that_is_half_written_is_left_out(folder: TaskFolder) -> None:
    """A kill in the middle of a write costs the last result, not all of them."""
    record = folder.create("import")
    record.add_results([{"line": 1}])
    with (folder.path / f"{record.task.id}.results").open("a") as file:
        file.write('{"line": 2, "out')
    assert [{"line": 1}] == folder.results(record.task.id)
    record.discard()


@pytest.mark.parametrize("task_id", ["", "none", "../../keys", "20260131T120000000000Z-00000000", "a" * 5000])
def test_unknown_tasks(folder: TaskFolder, task_id: str) -> None:
    """They are not found, whatever they are called."""
    with pytest.raises(TaskNotFound):
        folder.read(task_id)
    folder.create("import").discard()
    with pytest.raises(TaskNotFound):
        folder.read(task_id)


KILLED = """
    import sys, time
    from pathlib import Path
    from semsearch.service.tasks import TaskFolder

    record = TaskFolder(Path(sys.argv[1])).create("import")
    record.body.write_text("what was sent")
    record.started()
    print(record.task.id, flush=True)
    time.sleep(60)
"""


def test_a_task_whose_process_died_has_failed(folder: TaskFolder) -> None:
    """While the process lives it runs; after SIGKILL it reads as interrupted, and the next task cleans up."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        task_id = process.stdout.readline().strip()
        assert "running" == folder.read(task_id).state
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    task = folder.read(task_id)
    assert "failed" == task.state
    assert task.error is not None
    assert "interrupted" == task.error["code"]
    folder.create("import").discard()
    assert [f"{task_id}.json"] == [file.name for file in folder.path.iterdir()]
    assert "failed" == folder.read(task_id).state


def test_tasks_are_bounded(folder: TaskFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest stay, up to a number and an age; one that runs is never removed."""
    monkeypatch.setattr(tasks, "MAX_TASKS", 4)
    running = folder.create("rebuild")
    made = []
    for _ in range(6):
        record = folder.create("import")
        record.add_results([{"line": 1}])
        record.done({})
        made.append(record.task.id)
    assert [*reversed(made[-4:]), running.task.id] == [task.id for task in folder.all()]
    running.done({})
    old = f"{datetime.now(UTC) - timedelta(days=8):%Y%m%dT%H%M%S%f}Z-00000000"
    for suffix in ("json", "results"):
        source = folder.path / f"{made[-1]}.{suffix}"
        (folder.path / f"{old}.{suffix}").write_text(source.read_text().replace(made[-1], old))
    assert old == folder.read(old).id
    folder.create("import").done({})
    with pytest.raises(TaskNotFound):
        folder.read(old)
    assert [] == list(folder.path.glob(f"{old}*"))


def finished(record: Record) -> None:
    """Wait for a task to end."""
    assert record.over.wait(30)


def raising(error: Exception) -> Callable[[Record, Stop], dict[str, object]]:
    """Work that fails."""

    def work(_record: Record, _stop: Stop) -> dict[str, object]:
        raise error

    return work


class TestBackground:
    def test_errors(self, folder: TaskFolder) -> None:
        """One of ours is told as it is, any other without its words; the threads go on, all is released."""
        background = Background(threads=1)
        released: list[int] = []
        ends = []
        for error in (IndexBusy("who holds it"), ValueError("secret")):
            record = folder.create("rebuild")
            background.submit(record, raising(error), lambda: released.append(1))
            finished(record)
            ends.append(folder.read(record.task.id).error)
        record = folder.create("rebuild")
        background.submit(record, lambda _record, _stop: {"well": True})
        finished(record)
        background.close()
        assert {"code": "index_busy", "message": "who holds it"} == ends[0]
        assert "internal" == ends[1]["code"]  # type: ignore[index]
        assert "secret" not in json.dumps(ends[1])
        assert {"well": True} == folder.read(record.task.id).result
        assert [1, 1] == released

    def test_full_line(self, folder: TaskFolder) -> None:
        """One too many is refused, leaves no task behind, and lets go of what it held."""
        gate = threading.Event()
        background = Background(threads=1, max_waiting=1)
        begun = threading.Event()

        def blocked(_record: Record, _stop: Stop) -> dict[str, object]:
            begun.set()
            assert gate.wait(30)
            return {}

        first = folder.create("import")
        background.submit(first, blocked)
        assert begun.wait(30)
        second = folder.create("import")
        background.submit(second, blocked)
        released: list[int] = []
        with pytest.raises(Overloaded, match="1 tasks wait"):
            background.submit(folder.create("import"), blocked, lambda: released.append(1))
        assert ([1], 2) == (released, len(folder.all()))
        gate.set()
        finished(second)
        background.close()
        assert ["done", "done"] == [task.state for task in folder.all()]

    def test_stop(self, folder: TaskFolder) -> None:
        """Work under way ends at its next step, what waits is marked, and nothing new is taken."""
        background = Background(threads=1)
        begun = threading.Event()

        def endless(_record: Record, stop: Stop) -> dict[str, object]:
            begun.set()
            while True:
                stop()

        released: list[int] = []
        records = [folder.create("import") for _ in range(3)]
        for record in records:
            background.submit(record, endless, lambda: released.append(1))
        assert begun.wait(30)
        background.close()
        for record in records:
            task = folder.read(record.task.id)
            assert ("failed", "interrupted") == (task.state, (task.error or {})["code"])
            assert task.ended_at
        assert [1, 1, 1] == released
        with pytest.raises(Overloaded, match="stopping"):
            background.submit(folder.create("import"), endless)
