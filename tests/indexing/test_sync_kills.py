"""A sync that is killed at any step loses nothing and leaves nothing behind that the site has not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.indexing.syncing import Follower
from tests.indexing.test_sync_wordpress import options, oracle
from tests.sources.remote.servers import serving
from tests.sources.remote.wordpress_site import WordPressSite

ROOT = Path(__file__).resolve().parents[2]
STEPS = [
    "commit:put:before@2",
    "commit:put:after@1",
    "commit:put:after@2",
    "source-state:before@1",
    "source-state:after@2",
    "source-state:before@3",
    "commit:delete:before@1",
    "commit:delete:after@1",
]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_loses_nothing(tmp_path, step):
    """In the first sync or, for deletions, in a later one; the next run makes both sides equal."""
    site = WordPressSite()
    site.fill(230)
    follower = Follower(tmp_path)
    with serving(site.answer) as server:
        site.origin = server.url
        if "delete" in step:
            follower.sync("site", options(server))
            site.now += timedelta(days=1)
            site.delete(17)
            site.delete(18)
            site.edit(19, title="Edited")
        command = [sys.executable, "-m", "tests.indexing.sync_child", str(tmp_path), server.url]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"SEMSEARCH_FAILPOINT": step}, check=False)
        assert -signal.SIGKILL == done.returncode
        site.now += timedelta(hours=3)
        site.edit(40, title="Edited after the kill")
        site.delete(41)
        report = follower.sync("site", options(server))
        assert report.fault is None
        assert oracle(site) == follower.held()
        follower.sync("site", options(server))
        assert oracle(site) == follower.held()
    follower.engine.close()
