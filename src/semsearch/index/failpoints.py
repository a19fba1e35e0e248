"""Named steps at which a test can kill this process, to prove that no instant loses anything.

``SEMSEARCH_FAILPOINT=rename:current:before`` kills at the first time that step is reached,
``SEMSEARCH_FAILPOINT=commit:put:after@3`` at the third. ``SEMSEARCH_FAILPOINT_LOG=FILE`` appends the
name of every step reached instead. Without these variables a step costs one comparison.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_TARGET = os.environ.get("SEMSEARCH_FAILPOINT", "")
_LOG = os.environ.get("SEMSEARCH_FAILPOINT_LOG", "")
_ACTIVE = bool(_TARGET or _LOG)
_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Say that the step ``name`` is reached; kills this process where a test asked for it."""
    if not _ACTIVE:
        return
    _reached[name] += 1
    if _LOG:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(f"{name}\n")
    target, _, times = _TARGET.partition("@")
    if target == name and _reached[name] == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
