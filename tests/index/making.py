"""Engines over small indexes, and damage to their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from semsearch.encoder.hashing import write_atomically
from semsearch.engine import Engine
from semsearch.settings import Settings
from tests.crash.child import article
from tests.fakes import HashingEncoder

__all__ = ["article", "engine_at", "filled", "flip", "live_ids", "rewrite"]


def engine_at(root: Path, *, fall_back: bool = False, encoder: HashingEncoder | None = None) -> Engine:
    """An engine over the index `news` in a folder; its vectors follow the words."""
    settings = Settings(indexes=root, index="news")
    return Engine(settings, encoder=encoder or HashingEncoder(), fall_back=fall_back)


def filled(root: Path, *versions: int, count: int = 6, changed: Sequence[int] = ()) -> Engine:
    """An engine with one generation a version of ``count`` articles, and live changes on the last one."""
    engine = engine_at(root)
    for version in versions:
        engine.add_articles([article(number, version) for number in range(count)])
        engine.build([])
        live_ids(engine)  # follows, so that the empty generation before the first is let go
    engine.prune(len(versions))
    if changed:
        engine.add_articles([article(number, versions[-1] + 50) for number in changed])
    return engine


def flip(path: Path, offset: int, bit: int = 1) -> None:
    """Turn one bit of a file over, in place, as a disk does; its time changes too."""
    with path.open("r+b") as file:
        file.seek(offset)
        changed = file.read(1)[0] ^ bit
        file.seek(offset)
        file.write(bytes([changed]))


def rewrite(path: Path, content: bytes) -> None:
    """Give a file another content under its name.

    It is a new file: one cut short in place takes down a process that still has it mapped, and a
    thread of tantivy may for a moment after an index is opened or closed.
    """
    write_atomically(path, content)


def live_ids(engine: Engine) -> list[str]:
    """Ids of all live articles, sorted."""
    return sorted(one.id for one in engine.live_articles())
