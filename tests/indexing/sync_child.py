"""Syncs one WordPress site in a process of its own, which a test kills at a named step."""

from __future__ import annotations

import sys
from pathlib import Path

from semsearch.options import SourceOptions
from tests.indexing.syncing import Follower

if __name__ == "__main__":
    follower = Follower(Path(sys.argv[1]))
    follower.sync("site", SourceOptions(kind="wordpress", url=sys.argv[2], allow_private=True))
    follower.engine.close()
