"""A process that changes an index until it is killed; it logs what it begins and what is acknowledged.

Run as ``python -m tests.crash.child ROOT LOG SEED STEPS``. Every line of the log is one JSON object:
``{"begin": [kind, ...]}`` before an operation and ``{"done": true}`` once it is acknowledged.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
from pathlib import Path

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import GenerationNotFound
from semsearch.settings import Settings
from tests.fakes import HashingEncoder

WORDS = ("harbour ferry storm council vote school budget strike rescue market trial drought").split(" ")


def article(number: int, version: int) -> Article:
    """The text of one version of one article; the version is a word of it."""
    rng = random.Random(number * 1000 + version)
    body = " ".join(rng.choice(WORDS) for _ in range(12))
    title = f"{rng.choice(WORDS)} v{version}"
    return Article(id=f"a{number}", title=title, body=f"{body} n{number}v{version}.", language="en")


def main(root: Path, log: Path, seed: int, steps: int) -> None:
    """Change the index at random, ``steps`` times."""
    rng = random.Random(seed)
    engine = Engine(Settings(indexes=root, index="news"), encoder=HashingEncoder())
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(entry: dict[str, object]) -> None:
        os.write(handle, (json.dumps(entry) + "\n").encode())

    for step in range(steps):
        kind = rng.choices(["put", "delete", "rebuild", "rollback", "prune"], [8, 4, 2, 1, 1])[0]
        version = seed * 100 + step
        numbers = rng.sample(range(25), rng.randint(1, 4))
        write({"begin": [kind, version, numbers]})
        if kind == "put":
            engine.add_articles([article(number, version) for number in numbers])
        elif kind == "delete":
            engine.ensure()
            engine.delete([f"a{number}" for number in numbers])
        elif kind == "rebuild":
            engine.ensure()
            for _ in range(2):  # the second time nothing is new
                engine.build([])
        elif kind == "rollback":
            engine.ensure()
            with contextlib.suppress(GenerationNotFound):
                engine.rollback()
        else:
            engine.ensure()
            engine.prune(2)
        write({"done": True})
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
