"""The embedded index: follows ``current``, takes live changes, publishes and rolls back generations."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from semsearch.articles import Article
from semsearch.errors import EncoderMismatch, IndexCorrupt, IndexFault, SemsearchError
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import OpenGeneration
from semsearch.index.lexical import LexicalWeights
from semsearch.index.protocol import Changed, PreparedArticle
from semsearch.index.store_writer import StoreTransaction, StoreWriter
from semsearch.index.view import View

GroupRule = Callable[[bytes, Sequence[tuple[int, bytes]]], int | None]
MatesRule = Callable[[View, Sequence[PreparedArticle]], list[list[str]]]
PATIENCE = 0.25  # seconds; opening a large generation takes longer, and readers shall not notice
BATCH = 256  # articles a transaction: one fsync for all of them


class EmbeddedIndex:
    """A named index in a folder; safe for many threads and many processes.

    ``joining`` says how new articles join copies and stories; ``weights`` are those of the fields that
    words stand in. With ``fall_back``, an older good
    generation is served where the live one is damaged, and ``fault`` says so.

    Raises IndexNotFound when nothing was published, IndexCorrupt when it cannot be opened.
    """

    def __init__(
        self,
        folder: IndexFolder,
        *,
        joining: Joining | None = None,
        weights: LexicalWeights | None = None,
        fall_back: bool = False,
    ) -> None:
        self.folder = folder
        self.fault: str | None = None  # why a newer generation is not served, where that is so
        self._joining = joining
        self._weights = weights
        self._guard = threading.Lock()
        self._switching = threading.Lock()
        self._stamp = folder.current_stamp()
        self._opened = self._open_live(fall_back)

    def _open_live(self, fall_back: bool) -> OpenGeneration:
        try:
            generation = self.folder.current()
        except IndexCorrupt as fault:
            known = self.folder.generations()
            if not fall_back or not known:
                raise
            opened = self._open(known[-1], fall_back)
            self.fault = f"serving generation {opened.id}: {fault}"
            return opened
        return self._open(generation, fall_back)

    def _open(self, generation: str, fall_back: bool) -> OpenGeneration:
        """The generation, or with ``fall_back`` the newest older one that can be opened."""
        try:
            return OpenGeneration(self.folder, generation, weights=self._weights)
        except IndexFault as fault:
            older = [one for one in self.folder.generations() if one < generation]
            for one in reversed(older if fall_back else []):
                with contextlib.suppress(IndexFault):
                    opened = OpenGeneration(self.folder, one, weights=self._weights)
                    self.fault = f"serving generation {one} instead of {generation}: {fault}"
                    return opened
            raise

    def snapshot(self) -> View:
        """The newest consistent view; follows new generations and the changes of other processes."""
        if self.folder.current_stamp() != self._stamp:
            self.follow()
        while True:
            opened = self._opened
            if opened.acquire():
                try:
                    return opened.refresh()
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
                    self._switch(OpenGeneration(self.folder, generation, weights=self._weights))
                self.fault = None
            except SemsearchError as exc:
                self.fault = f"still serving generation {self._opened.id}: {exc}"
            self._stamp = stamp
        finally:
            self._switching.release()

    def _switch(self, opened: OpenGeneration) -> None:
        old, self._opened = self._opened, opened
        old.retire()

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
        with self.snapshot() as view:
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

    def known(self, article_id: str) -> Article | None:
        """The live article of an id, or None."""
        with self.snapshot() as view:
            row = view.row_of(article_id)
            return view.articles(np.array([row]))[0] if row >= 0 else None

    def close(self) -> None:
        """Let go of files and locks when the last request ends."""
        self._opened.retire()


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
