"""One system in a process of its own, told what to do by lines of JSON; used by ``benchmarks/speed.py``.

PYTHON -m benchmarks.speed_worker SYSTEM FOLDER MODEL
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.speed_systems import SYSTEMS, System


def main() -> None:
    """Answer each line with one line, until there are none."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    system = SYSTEMS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
    for line in sys.stdin:
        begun, used = time.perf_counter(), time.process_time()
        found = _done(system, json.loads(line))
        found["seconds"] = time.perf_counter() - begun
        found["processor"] = time.process_time() - used
        found["peak_mb"], found["resident_mb"] = _memory("VmHWM"), _memory("VmRSS")
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _done(system: System, asked: dict[str, Any]) -> dict[str, Any]:
    what = asked["do"]
    if what == "build":
        system.build(Path(asked["articles"]), Path(asked["vectors"]) if asked.get("vectors") else None)
    elif what == "embedded":
        return {"texts": list(getattr(system, "embedded", ()))}
    elif what == "ask":
        return _asked(system, asked["queries"], asked["limit"])
    else:
        getattr(system, what)()
    return {}


def _asked(system: System, queries: list[str], limit: int) -> dict[str, Any]:
    took, found = [], []
    for query in queries:
        begun = time.perf_counter()
        found.append(system.search(query, limit))
        took.append(1000 * (time.perf_counter() - begun))
    return {"ms": took, "found": found}


def _memory(name: str) -> int:
    """Megabytes, as Linux counts them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
