"""What a long piece of work tells while it runs, and what it reports when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from semsearch.index.protocol import Changed

Stage = Literal["read", "embed", "write", "verify", "publish"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: ``done`` of ``total`` articles (None: not known yet) after ``seconds``."""

    stage: Stage
    done: int
    total: int | None
    note: str = ""
    seconds: float = 0.0


OnProgress = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """For callers who do not want to hear."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made and what it could not take; ``embedded`` and ``reused`` count passages.

    ``lost`` counts the records that did not become articles (rejected, or in files that cannot be read), at
    least so many where not ``lost_is_exact``; ``unread`` names files that are not empty and gave no article.
    ``same_as`` is the generation since which nothing was new, where that is so: its files were copied, or
    it is ``generation`` itself and stays live.
    """

    generation: str
    articles: int
    passages: int
    rejected: int
    rejects_file: Path | None
    embedded: int
    reused: int
    seconds: float
    notes: tuple[str, ...]
    same_as: str | None = None
    lost: int = 0
    lost_is_exact: bool = True
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What became of live changes; ``results`` has one entry an article."""

    added: int
    updated: int
    unchanged: int
    stale: int
    deleted: int
    missing: int
    rejected: int
    rejects_file: Path | None
    results: tuple[Changed, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    lost: int = 0
    lost_is_exact: bool = True
    unread: tuple[str, ...] = ()
