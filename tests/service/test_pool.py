"""The bounded threads and their line."""

from __future__ import annotations

import subprocess
import sys
import threading

import anyio
import pytest

from semsearch.service.errors import Overloaded
from semsearch.service.pool import Pool


def test_never_more_than_allowed() -> None:
    """However many ask, only as many calls run at once as there are threads, and all are answered."""
    running, most = 0, 0
    guard = threading.Lock()
    step = threading.Barrier(2, timeout=10)

    def job() -> int:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        step.wait()
        with guard:
            running -= 1
        return 1

    async def ask() -> list[int]:
        pool, results = Pool(threads=2, max_waiting=100), []

        async def one() -> None:
            results.append(await pool.run(job))

        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(one)
        assert (0, 0) == (pool.running, pool.waiting)
        return results

    assert [1] * 20 == anyio.run(ask)
    assert 2 == most


def test_who_has_left_costs_no_thread() -> None:
    """A caller that hung up while it waited is not served."""
    gate = threading.Event()
    ran: list[str] = []

    async def gone() -> bool:
        return True

    async def ask() -> None:
        pool = Pool(threads=1, max_waiting=1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pool.run, lambda: gate.wait(10))
            await anyio.wait_all_tasks_blocked()

            async def late() -> None:
                with pytest.raises(Overloaded):
                    await pool.run(lambda: ran.append("late"), gone)

            tasks.start_soon(late)
            await anyio.wait_all_tasks_blocked()
            assert (1, 1) == (pool.running, pool.waiting)
            with pytest.raises(Overloaded, match="try again"):
                await pool.run(lambda: ran.append("refused"))
            gate.set()
        await pool.run(lambda: ran.append("next"))

    anyio.run(ask)
    assert ["next"] == ran


def test_an_error_frees_the_thread() -> None:
    """What a call raises comes out, and the thread is free again."""

    async def ask() -> int:
        pool = Pool(threads=1, max_waiting=0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await pool.run(lambda: 1 // 0)
        return await pool.run(lambda: 7)

    assert 7 == anyio.run(ask)


def test_the_app_is_light_to_import() -> None:
    """Importing the app loads no model library and no index library: the process answers at once."""
    code = (
        "import sys, semsearch.service.app;"
        "print(sorted({'torch', 'faiss', 'tantivy', 'transformers', 'openvino'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
