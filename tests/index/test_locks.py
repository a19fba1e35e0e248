"""Locks between processes: who holds them is said, death lets go, a full or shared disk does not matter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from semsearch.errors import IndexBusy, StorageFailed
from semsearch.index.locks import SharedHold, exclusive, is_held
from tests.crash.harness import REPOSITORY
from tests.index.making import engine_at

HOLDER = """
import sys, time
from pathlib import Path
from semsearch.index.folder import IndexFolder
with IndexFolder(Path(sys.argv[1]), "news").build_lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_builder_is_told_the_process_that_builds_and_death_lets_go(tmp_path):
    """Process id, what it does and since when; SIGKILL frees the lock."""
    engine = engine_at(tmp_path)
    engine.ensure()
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as child:
        assert "held\n" == child.stdout.readline()
        try:
            with pytest.raises(IndexBusy, match=f"process {child.pid} is building index 'news' since 20"):
                engine.build([])
        finally:
            child.kill()
            child.wait()
    engine.build([])
    engine.close()


def test_a_lock_is_free_after_its_block_and_after_an_error_in_it(tmp_path):
    """And its file says nothing any more."""
    path = tmp_path / "some.lock"
    with pytest.raises(ZeroDivisionError), exclusive(path, "failing"):
        _ = 1 / 0
    with exclusive(path, "going on"):
        assert str(os.getpid()) in path.read_text("utf-8")
    assert "" == path.read_text("utf-8")


def test_an_error_of_the_system_inside_the_block_is_not_blamed_on_the_lock(tmp_path):
    """It comes out as it is."""
    with pytest.raises(FileNotFoundError), exclusive(tmp_path / "some.lock", "reading"):
        (tmp_path / "missing").read_bytes()


def test_a_lock_in_a_missing_folder_is_an_error_in_words(tmp_path):
    """It names the file."""
    with (
        pytest.raises(StorageFailed, match=r"some\.lock: No such file"),
        exclusive(tmp_path / "x/some.lock", "w"),
    ):
        pass


def test_a_holder_that_cannot_be_read_is_still_a_holder(tmp_path):
    """Where the file says nothing, another process is all that is known."""
    path = tmp_path / "some.lock"
    with exclusive(path, "one"):
        path.write_text("{", "utf-8")
        with pytest.raises(IndexBusy, match="another process holds it"), exclusive(path, "two"):
            pass


def test_shared_holds_keep_a_file_held_until_the_last_is_released(tmp_path):
    """Releasing twice is harmless."""
    path = tmp_path / "manifest.json"
    path.touch()
    one, two = SharedHold(path), SharedHold(path)
    one.release()
    one.release()
    assert is_held(path)
    two.release()
    assert not is_held(path)
