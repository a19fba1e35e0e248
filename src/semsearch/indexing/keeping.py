"""What of the live index a build from files keeps, and how much of it the build would lose.

A build replaces what came from files. What was added since, over HTTP or otherwise, or came by a sync, is
newer truth than any export: it stays where the files lack it, and also where they hold another version of
it, unless theirs was updated later. What was deleted stays deleted, unless the files hold a later version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from semsearch.articles import FROM_FILES, Article, stronger_origin
from semsearch.errors import BuildRefused, IndexFault
from semsearch.index.store import LiveRecord, Store
from semsearch.index.store_schema import digest_of, to_micros
from semsearch.options import VisibilityOptions
from semsearch.sources.statuses import is_status

SHARE = 0.1  # of the live articles: a build that would lose more is refused, for a damaged file looks so
FEW = 2  # articles that a build may lose: small archives are edited by hand; none where a source is cut off
_NAMED = 5
_LOT = 256


@dataclass(frozen=True, slots=True)
class KeepingOptions:
    """``drop_others``: the files alone decide; ``allow_loss``: however much is lost."""

    drop_others: bool = False
    allow_loss: bool = False


class Keeping:
    """Joins the articles of files with what the live generation must not lose. Use it once.

    ``stores`` are those of the live generation, where it is known, and of the others, the newest first: the
    first that can be read is taken, for a lost or damaged one is no reason to forget what came otherwise.
    After ``joined`` was read to its end, ``notes`` says what was kept, ``deleted`` what is to stay deleted,
    and ``check`` refuses a build that would lose too much.
    """

    def __init__(
        self, stores: Sequence[Path], options: KeepingOptions, visibility: VisibilityOptions
    ) -> None:
        self._options = options
        self._visibility = visibility
        self._path: Path | None = None
        self._others: dict[str, LiveRecord] = {}  # what came live or by a sync
        self._live: dict[str, bool] = {}  # all ids, and whether the build has them
        self.deleted: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._unpublished: Counter[str] = Counter()
        self._withdrawn: dict[str, str] = {}  # live ones that the files hold unpublished, with their status
        self._still_deleted: list[str] = []
        self._fault = ""
        for path in stores:
            if self._read_live(path):
                break

    def _read_live(self, path: Path) -> bool:
        """Take what a generation holds; False, and why, where it cannot be read."""
        try:
            with closing(Store(path)) as store:
                for record in store.live():
                    self._live[record.article_id] = False
                    if record.origin not in {"", FROM_FILES} and not self._options.drop_others:
                        self._others[record.article_id] = record
                self.deleted = {} if self._options.drop_others else store.deleted()
        except IndexFault as exc:  # a build is the way out of a damaged index
            self._live.clear()
            self._others.clear()
            self._fault = self._fault or str(exc)
            return False
        self._path = path
        return True

    def joined(self, articles: Iterable[Article]) -> Iterator[Article]:
        """The articles of the files, then those that only the live generation has."""
        if self._path is None:
            yield from filter(None, map(self._published, articles))
            return
        with closing(Store(self._path)) as store:
            for article in articles:
                if (chosen := self._chosen(store, article)) is not None:
                    if chosen.id in self._live:
                        self._live[chosen.id] = True
                    yield chosen
                elif article.status and article.id in self._live:
                    self._withdrawn[article.id] = article.status
            rest = [one for one in self._others.values() if not self._live[one.article_id]]
            self._counts["kept"] = len(rest)
            for start in range(0, len(rest), _LOT):
                lot = rest[start : start + _LOT]
                self._live.update((one.article_id, True) for one in lot)
                yield from store.articles(np.array([one.row for one in lot], np.int64))

    def _chosen(self, store: Store, article: Article) -> Article | None:
        """The article of a file, the live version of it, or nothing."""
        updated = to_micros(article.updated_at)
        gone = self.deleted.get(article.id)
        if gone is not None and article.id not in self._live:
            if updated is None or updated <= gone:
                self._still_deleted.append(article.id)
                return None
            del self.deleted[article.id]
        other = self._others.get(article.id)
        if other is None:
            return self._published(article)
        if digest_of(article) != other.digest:
            known = other.updated if other.updated is not None else other.came
            if updated is None or known is None or updated <= known:
                self._counts["live version"] += 1
                return store.articles(np.array([other.row], np.int64))[0]
        chosen = self._published(article)
        return None if chosen is None else replace(chosen, origin=stronger_origin(FROM_FILES, other.origin))

    def _published(self, article: Article) -> Article | None:
        """The article as one from a file, None where its state keeps it from readers for good."""
        if article.status is not None and not self._visibility.is_published(article.status):
            self._unpublished[article.status] += 1
            self._others.pop(article.id, None)
            return None
        return replace(article, origin=FROM_FILES)

    def check(
        self, barren: Sequence[str] = (), notes: tuple[str, ...] = (), *, sources_are_whole: bool = True
    ) -> None:
        """Raise BuildRefused where the build would lose more than a share of what is live.

        Or any of it, where a source could not be read to its end (not ``sources_are_whole``), or where one
        that is not empty gave nothing (``barren``). An article that the sources withdraw by a usual word,
        such as draft, is not lost; one whose status nobody knows may be. ``notes`` say what was wrong with
        the sources.
        """
        if barren and not self._options.allow_loss:
            raise BuildRefused(
                f"{', '.join(barren)}: nothing could be read, though the source is not empty. The build is "
                "refused and the live index is as it was; mend the source or leave it out, or build with "
                "--allow-loss",
                notes=notes,
            )
        gone, doubtful = self._gone(), self._of_unknown_status()
        allowed = max(FEW, SHARE * len(self._live)) if sources_are_whole else 0
        if self._options.allow_loss or len(gone) + len(doubtful) <= allowed:
            return
        faults = []
        if gone:
            damage = "a damaged or incomplete source looks like this" if sources_are_whole else (
                "a source could not be read to its end, so they may be in it"
            )  # fmt: skip
            faults.append(f"{self._of_the_live(gone)} not in the sources ({_some(gone)}); {damage}")
        if doubtful:
            words = ", ".join(sorted({self._withdrawn[one] for one in doubtful})[:_NAMED])
            faults.append(
                f"{self._of_the_live(doubtful)} in the sources with a status of unknown meaning ({words}); "
                "if it means published, name it in [visibility] published_statuses in semsearch.toml"
            )
        raise BuildRefused(
            f"{'. '.join(faults)}. The build is refused and the live index is as it was; if these articles "
            "are to go, build again with --allow-loss",
            notes=notes,
        )

    def _gone(self) -> list[str]:
        """The live articles that the build does not have, and of which the sources say nothing."""
        return [one for one, there in self._live.items() if not there and one not in self._withdrawn]

    def _of_unknown_status(self) -> list[str]:
        return [
            one for one, status in self._withdrawn.items() if not self._live[one] and not is_status(status)
        ]

    def _of_the_live(self, some: Sequence[str]) -> str:
        return f"{len(some):,} of the {len(self._live):,} live articles {_are(len(some))}"

    def losses(self) -> list[str]:
        """Which live articles are missing from the build, in words, once ``check`` has allowed it."""
        gone = self._gone()
        if not gone:
            return []
        return [
            f"{self._of_the_live(gone)} not in the sources and no longer in the index ({_some(gone)}); "
            "semsearch index rollback brings the generation before back"
        ]

    def notes(self) -> list[str]:
        """What was kept, left out or left to the live index, in words."""
        notes = []
        if self._fault:
            kept = f"those of generation {self._path.parent.name}" if self._path else "none"
            notes.append(
                f"the live index could not be read; of the articles added since or by a sync, {kept} were "
                f"kept: {self._fault}"
            )
        if count := self._counts["kept"]:
            notes.append(
                f"{_articles(count)} added since or by a sync, not in the sources, "
                f"{_were(count)} kept (--drop-others leaves them out)"
            )
        if count := self._counts["live version"]:
            notes.append(
                f"{_articles(count)} of the sources {_were(count)} changed live or by a sync since and "
                f"{_are(count)} not dated later in the sources: the live version was kept (--drop-others "
                "takes that of the sources)"
            )
        if self._unpublished:
            states = ", ".join(f"{count:,} {status}" for status, count in self._unpublished.most_common())
            count = self._unpublished.total()
            notes.append(f"{_articles(count)} {_are(count)} not published and left out: {states}")
        if count := len(self._still_deleted):
            notes.append(
                f"{_articles(count)} of the sources {_were(count)} deleted from the index before and "
                f"{'stays' if count == 1 else 'stay'} deleted ({_some(self._still_deleted)}); semsearch "
                "articles add brings back what you add, --drop-others all of it"
            )
        return notes


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count:,} articles"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (", …" if len(ids) > _NAMED else "")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
