"""Processes that take turns: one system works while the others are stopped, so other load hits all alike."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
QUIET = {
    "PYTHONPATH": ":".join(str(ROOT / part) for part in ("", "src", "cli")),
    "HF_HUB_OFFLINE": "1",  # all are given the folder of the model
    "TRANSFORMERS_VERBOSITY": "error",
    "ANONYMIZED_TELEMETRY": "False",
    "TOKENIZERS_PARALLELISM": "true",  # else fast tokenizers use one core after a fork
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system lives: its name, its interpreter and a folder of its own."""

    system: str
    python: Path
    folder: Path


class Worker:
    """A system in a process of its own."""

    def __init__(self, place: Place, model: Path) -> None:
        self.name = place.system
        command = [str(place.python), "-m", "benchmarks.speed_worker", place.system]
        self._process = subprocess.Popen(
            [*command, str(place.folder), str(model)],
            cwd=ROOT,
            env={**os.environ, **QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not os.environ.get("SPEED_LOUD") else None,
            text=True,
        )

    def ask(self, what: str, **more: object) -> dict[str, Any]:
        """Tell the worker what to do, and wait for its answer."""
        self.send(what, **more)
        return self.answer()

    def send(self, what: str, **more: object) -> None:
        """Tell the worker what to do."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Its answer, when it is there."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} stopped; set SPEED_LOUD=1 to see why")
        found: dict[str, Any] = json.loads(line)
        return found

    def done_within(self, seconds: float) -> bool:
        """Whether an answer came within some seconds."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def pause(self, paused: bool) -> None:
        """Stop the process as it is, or let it go on."""
        self._process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)

    def close(self) -> None:
        """End the process."""
        self.pause(False)
        self._process.kill()
        self._process.wait()


@dataclass
class Turn:
    """The work of one system in turns: seconds awake, its last answer."""

    worker: Worker
    seconds: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)


def in_turns(workers: Sequence[Worker], slice_seconds: float, what: str, **more: object) -> dict[str, Turn]:
    """Let all do one thing, a slice of time each; what is counted is the time that each was awake."""
    turns = {worker.name: Turn(worker) for worker in workers}
    waiting = list(turns.values())
    for turn in waiting:
        turn.worker.send(what, **more)
        turn.worker.pause(True)
    while waiting:
        for turn in list(waiting):
            turn.worker.pause(False)
            begun = time.perf_counter()
            done = turn.worker.done_within(slice_seconds)
            turn.worker.pause(not done)
            turn.seconds += time.perf_counter() - begun
            if done:
                turn.answer = turn.worker.answer()
                waiting.remove(turn)
    return turns


def processor_seconds(pid: int) -> float:
    """Processor time of a process and its living children."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for one in (pid, *children(pid)):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def children(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    try:
        direct = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [one for child in direct for one in (child, *children(child))]


def resident_megabytes(pid: int) -> int:
    """Memory of a process and its children."""
    total = 0
    for one in (pid, *children(pid)):
        for line in Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                total += int(line.split()[1]) // 1024
    return total


def megabytes(folder: Path) -> float:
    """What the files of a folder take."""
    return round(sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6, 1)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server."""
    return {**os.environ, **QUIET, **more}
