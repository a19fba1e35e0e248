"""The embedded index: follows ``current``, takes live changes, publishes and rolls back generations."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from semsearch.articles import Article
from semsearch.errors import EncoderMismatch, IndexFault, IndexLost, IndexNotFound, SemsearchError
from semsearch.index.builder import STORE
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import OpenGeneration
from semsearch.index.lexical import LexicalWeights
from semsearch.index.manifest import NAME as MANIFEST
from semsearch.index.protocol import Changed, PreparedArticle
from semsearch.index.store_writer import StoreTransaction, StoreWriter
from semsearch.index.view import View
from semsearch.options import VisibilityOptions

GroupRule = Callable[[bytes, Sequence[tuple[int, bytes]]], int | None]
MatesRule = Callable[[View, Sequence[PreparedArticle]], list[list[str]]]
PATIENCE = 0.25  # seconds; opening a large generation takes longer, and readers shall not notice
_Marks = tuple[int | None, ...]
_UNKNOWN = (-1, -1)  # no stamp of a file
BATCH = 256  # articles a transaction: one fsync for all of them


class EmbeddedIndex:
    """A named index in a folder; safe for many threads and many processes.

    ``joining`` says how new articles join copies and stories; ``weights`` are those of the fields that
    words stand in; ``visibility`` says what readers may see, and ``clock`` when (seconds since 1970). With
    ``fall_back``, another sound generation is served where the live one is damaged or gone, and ``fault``
    says so.

    Raises IndexNotFound when nothing was published, IndexCorrupt when it cannot be opened.
    """

    def __init__(
        self,
        folder: IndexFolder,
        *,
        joining: Joining | None = None,
        weights: LexicalWeights | None = None,
        visibility: VisibilityOptions | None = None,
        fall_back: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._fault: str | None = None  # why the generation of ``current`` is not served, where that is so
        self._lost: str | None = None  # what is gone of the generation that is served
        self._missed: tuple[str, _Marks] | None = None  # the generation that could not be opened, as it was
        self._joining = joining
        self._opening = partial(OpenGeneration, folder, weights=weights, visibility=visibility, clock=clock)
        self._guard = threading.Lock()
        self._switching = threading.Lock()
        self._stamp = folder.current_stamp()
        self._opened = self._open_live(fall_back)
        self._held = _marks(self._opened.path)

    @property
    def fault(self) -> str | None:
        """Why what is served is not what ``current`` names, or no longer on disk; None where all is well."""
        return self._lost or self._fault

    def _open_live(self, fall_back: bool) -> OpenGeneration:
        try:
            generation = self.folder.current()
        except (IndexFault, IndexNotFound) as fault:  # ``current`` is lost or damaged
            if fall_back:
                opened = self._first_sound(reversed(self._known()))
                if opened is not None:
                    self._fault = f"serving generation {opened.id}: {fault}"
                    return opened
            raise
        return self._open(generation, fall_back)

    def _open(self, generation: str, fall_back: bool) -> OpenGeneration:
        """The generation, or with ``fall_back`` another that can be opened: the one before it, or any."""
        try:
            return self._opening(generation)
        except IndexFault as fault:
            if fall_back:
                known = self._known()
                older = [one for one in known if one < generation]
                newer = [one for one in known if one > generation]
                opened = self._first_sound([*reversed(older), *reversed(newer)])
                if opened is not None:
                    self._fault = f"serving generation {opened.id} instead of {generation}: {fault}"
                    self._missed = (generation, _marks(self.folder.generation_path(generation)))
                    return opened
            raise

    def _known(self) -> list[str]:
        with contextlib.suppress(IndexFault):
            return self.folder.generations()
        return []

    def _first_sound(self, generations: Iterable[str]) -> OpenGeneration | None:
        for one in generations:
            with contextlib.suppress(IndexFault):
                return self._opening(one)
        return None

    def snapshot(self, *, hidden: bool = False) -> View:
        """The newest consistent view; follows new generations, the changes of other processes and the clock.

        It holds what readers may see now; with ``hidden`` all that is there.
        """
        if self.folder.current_stamp() != self._stamp:
            self.follow()
        while True:
            opened = self._opened
            if opened.acquire():
                try:
                    return opened.refresh() if hidden else opened.for_readers()
                except BaseException:
                    opened.release()
                    raise

    def follow(self, *, wait: bool = False) -> None:
        """Open the generation that ``current`` names, if it is another; keep the old one on a fault.

        One thread opens it; others ``wait`` for it, or go on with the old one after a quarter of a second.
        """
        if not self._switching.acquire(timeout=-1 if wait else PATIENCE):
            return
        try:
            stamp = self.folder.current_stamp()
            if stamp == self._stamp:
                return
            try:
                generation = self.folder.current()
                if generation != self._opened.id:
                    self._missed = (generation, _marks(self.folder.generation_path(generation)))
                    self._switch(self._opening(generation))
                self._fault = self._missed = None
            except SemsearchError as exc:
                self._fault = f"still serving generation {self._opened.id}: {exc}"
            self._stamp = stamp
        finally:
            self._switching.release()

    def _switch(self, opened: OpenGeneration) -> None:
        old, self._opened = self._opened, opened
        self._held = _marks(opened.path)
        self._lost = None
        old.retire()

    def watch(self) -> None:
        """Notice that files are gone, or came back, though ``current`` says the same as before.

        What is open can be read on when its files are deleted, but what is written would be lost.
        """
        if (
            self._missed is not None
            and _marks(self.folder.generation_path(self._missed[0])) != self._missed[1]
        ):
            self._stamp = _UNKNOWN  # the generation that could not be opened was mended
            self.follow()
        opened = self._opened
        found = _marks(opened.path)
        if found == self._held:
            self._lost = None
            return
        self._lost = f"still serving generation {opened.id} from memory: files in {opened.path} are gone"
        if None not in found and self._switching.acquire(timeout=PATIENCE):
            try:
                if self._opened is opened:
                    self._switch(self._opening(opened.id))  # they came back, as other files
            except SemsearchError as exc:
                self._lost = f"still serving generation {opened.id} from memory: {exc}"
            finally:
                self._switching.release()

    def put(self, articles: Iterable[PreparedArticle], *, fingerprint: str | None = None) -> list[Changed]:
        """Add or replace articles, in transactions of 256; durable and visible when it returns.

        ``fingerprint`` is that of the encoder which made the vectors. Raises EncoderMismatch if the
        live generation has another, StorageFailed if the disk refuses (that batch is not applied).
        """
        results: list[Changed] = []
        batch: list[PreparedArticle] = []
        for prepared in articles:
            batch.append(prepared)
            if len(batch) == BATCH:
                results += self._put_batch(batch, fingerprint)
                batch = []
        return results + (self._put_batch(batch, fingerprint) if batch else [])

    def delete(self, article_ids: Iterable[str]) -> list[Changed]:
        """Delete articles; durable and gone when it returns."""
        ids = list(dict.fromkeys(article_ids))

        def apply(transaction: StoreTransaction) -> list[Changed]:
            return [transaction.delete(one) for one in ids]

        return self._write("delete", apply)

    def _put_batch(self, batch: Sequence[PreparedArticle], fingerprint: str | None) -> list[Changed]:
        with self.snapshot(hidden=True) as view:
            mates = self._joining.mates(view, batch) if self._joining else [[] for _ in batch]

        def apply(transaction: StoreTransaction) -> list[Changed]:
            live = self._opened.manifest.encoder
            if fingerprint is not None and fingerprint != live.fingerprint:
                raise EncoderMismatch(
                    f"generation {self._opened.id} holds vectors of '{live.name}' ({live.fingerprint[:12]}), "
                    f"the articles come with those of {fingerprint[:12]}; encode them again"
                )
            return [
                put_joined(transaction, prepared, self._joining, ids)
                for prepared, ids in zip(batch, mates, strict=True)
            ]

        return self._write("put", apply)

    def _write(self, name: str, apply: Callable[[StoreTransaction], list[Changed]]) -> list[Changed]:
        self.watch()
        if self._lost is not None:
            raise IndexLost(self.folder.name, self._opened.id)
        with self._guard, self.folder.write_lock():
            self.follow(wait=True)
            if self.folder.current() != self._opened.id:
                raise IndexFault(self.fault or "the live generation cannot be opened; see index verify")
            with (
                contextlib.closing(StoreWriter(self._opened.store.path)) as writer,
                writer.transaction(name) as transaction,
            ):
                results = apply(transaction)
            self._opened.refresh()
        return results

    def known(self, article_id: str, *, hidden: bool = False) -> Article | None:
        """The live article of an id that readers may see, with ``hidden`` any live one; or None."""
        with self.snapshot(hidden=hidden) as view:
            row = view.row_of(article_id)
            return view.articles(np.array([row]))[0] if row >= 0 else None

    @property
    def serving(self) -> str:
        """Id of the generation that is open."""
        return self._opened.id

    def close(self) -> None:
        """Let go of files and locks when the last request ends."""
        self._opened.retire()


def _marks(path: Path) -> _Marks:
    """What tells the files of a generation from others at their place: of the manifest and of the store."""
    found: list[int | None] = []
    for name in (MANIFEST, STORE):
        try:
            found.append(os.stat(path / name).st_ino)
        except OSError:
            found.append(None)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Joining:
    """How a new article joins others.

    ``group`` gives the duplicate group, from its signature and (group, signature of the group's first
    article) of those that it may belong to; ``mates`` gives, for each article of a batch, the ids of
    those whose story it joins: of a view's, or of earlier ones of the batch; none for a story of its own.
    """

    group: GroupRule
    mates: MatesRule


def put_joined(
    transaction: StoreTransaction,
    prepared: PreparedArticle,
    joining: Joining | None,
    mates: Sequence[str],
    *,
    change: int | None = None,
) -> Changed:
    """Put one article into the group of the text that it copies and into the story of its mates."""
    story = transaction.story_among(mates)  # before the put: an older version of it may be one of them
    near = transaction.similar(prepared.bands) if joining and prepared.bands else []
    changed = transaction.put(prepared, change=change)
    if changed.change and joining:
        row = transaction.last_row
        group = joining.group(prepared.signature, near) if near else None
        transaction.set_groups(
            row, duplicate_group=row if group is None else group, story=row if story < 0 else story
        )
    return changed
