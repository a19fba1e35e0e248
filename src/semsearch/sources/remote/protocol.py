"""What a live source tells: one step after the other, in an order that can be broken off anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Protocol

from semsearch.articles import Article
from semsearch.sources.protocol import Reporter

Cursor = Mapping[str, object]  # plain JSON values; what it means is the source's own business


@dataclass(frozen=True, slots=True)
class Got:
    """An article as it is now; ``key`` is what the source calls it, ``stamp`` tells a later change.

    ``article`` is None where nothing could be taken: its stamp is kept, so that it is not asked for again,
    and the version before stays, unless ``is_none`` says that this is no article (any more).
    ``own_address`` says that the article's address is its own, and not one of several articles.
    """

    key: str
    article: Article | None
    stamp: str = ""
    is_none: bool = False
    own_address: bool = True


@dataclass(frozen=True, slots=True)
class Same:
    """The source has this key still, unchanged; a ``stamp`` takes the place of the one that is known."""

    key: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The source says that it has this key no more."""

    key: str


@dataclass(frozen=True, slots=True)
class Listed:
    """All keys that the source has, read without a fault: what is known beside them is gone."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reached:
    """Everything before this step is told; the next run may begin from ``cursor`` once it is stored."""

    cursor: Cursor
    done: int = 0
    total: int | None = None


Step = Got | Same | Gone | Listed | Reached


class Known(Protocol):
    """What was stored of a source: the cursor of its last step, and the stamp of each of its keys."""

    @property
    def cursor(self) -> Cursor:
        """The last cursor that was reached; empty before the first run."""

    def stamp(self, key: str) -> str | None:
        """The stamp of a key; None where the key is not known."""

    def keys(self) -> Set[str]:
        """All keys that are known."""


class RemoteSource(Protocol):
    """Where articles live and change."""

    @property
    def identity(self) -> str:
        """What it reads; a cursor of another identity means nothing to it."""

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """What is new, changed or gone since the cursor of ``known``; all there is where it is empty.

        What cannot be taken goes to ``report``. Raises SourceUnreadable where it cannot go on: the steps
        before hold, and the next run goes on after the last Reached.
        """
