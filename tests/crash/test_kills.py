"""An index survives SIGKILL at any instant and at every named step."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest

from tests.crash.harness import REPOSITORY, Rounds

KILLS = int(os.environ.get("SEMSEARCH_CRASH_KILLS", "12"))
STEPS_A_ROUND = int(os.environ.get("SEMSEARCH_CRASH_STEPS", "12"))

pytestmark = pytest.mark.slow


def named_steps(folder) -> list[str]:
    """Every step that a run of the child reaches, once."""
    log = folder / "steps.txt"
    environ = os.environ | {
        "SEMSEARCH_FAILPOINT_LOG": str(log),
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/src:{REPOSITORY}/cli",
    }
    command = [sys.executable, "-m", "tests.crash.child", str(folder / "i"), str(folder / "l"), "1", "30"]
    subprocess.run(command, env=environ, cwd=REPOSITORY, check=True, timeout=120)
    return sorted(set(log.read_text().split()))


def test_killed_at_random_instants_nothing_acknowledged_is_lost(tmp_path):
    """After every kill the index opens, verifies, and holds what was acknowledged."""
    rounds = Rounds(tmp_path / "indexes")
    rng = random.Random(20261125)
    for seed in range(1, KILLS + 1):
        rounds.run(seed, after=rng.uniform(0.0, 0.8))
    assert KILLS == rounds.kills + rounds.ended
    assert rounds.kills > KILLS // 2
    print(f"{rounds.kills} kills at random instants, {rounds.operations} operations acknowledged")


def test_killed_at_every_named_step_nothing_acknowledged_is_lost(tmp_path):
    """Before and after each write, rename, fsync and commit."""
    steps = named_steps(tmp_path)
    assert len(steps) > 30
    chosen = random.Random(7).sample(steps, min(STEPS_A_ROUND, len(steps)))
    rounds = Rounds(tmp_path / "indexes")
    for seed, step in enumerate(chosen, 1000):
        rounds.run(seed, failpoint=f"{step}@{1 + seed % 3}")
    assert rounds.kills > 0
    print(f"{rounds.kills} kills at {len(chosen)} of {len(steps)} named steps")


def test_killed_while_a_generation_is_copied_nothing_is_lost(tmp_path):
    """Before and after its first file, one in the middle and the last."""
    steps = [step for step in named_steps(tmp_path) if step.startswith("copy:")]
    assert ["copy:file:after", "copy:file:before"] == steps
    rounds = Rounds(tmp_path / "indexes")
    cut = [
        rounds.run(seed, failpoint=f"{step}@{times}")
        for seed, (step, times) in enumerate([(step, times) for step in steps for times in (1, 4, 9)], 2000)
    ]
    assert {"rebuild"} == {*cut} - {None}
    assert rounds.kills > 2
