"""One published generation, open: its immutable base, and the live changes replayed on top."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from semsearch.articles import visible_span
from semsearch.errors import DimensionMismatch, IndexCorrupt
from semsearch.index.builder import lexical_document, parts_of
from semsearch.index.columns import Columns, GrowingArray, RowNumbers, Spans
from semsearch.index.files import sha256, storage_errors, write_durably
from semsearch.index.folder import IndexFolder
from semsearch.index.lexical import LexicalBase, LexicalIndex, LexicalWeights
from semsearch.index.locks import SharedHold
from semsearch.index.manifest import NAME, Manifest, read_manifest
from semsearch.index.protocol import PreparedArticle, Rows
from semsearch.index.replay import LiveRow, live_rows_after, removed_after
from semsearch.index.store import Store
from semsearch.index.typing_help import TYPING, TypingHelp
from semsearch.index.vectors import VectorIndex
from semsearch.index.view import View
from semsearch.options import VisibilityOptions

_STAMP = ".verified"


class OpenGeneration:
    """A generation that is read by any number of threads and follows its store.

    Raises IndexCorrupt, FormatTooNew or StorageFailed when it cannot be opened.
    """

    def __init__(
        self,
        folder: IndexFolder,
        generation: str,
        *,
        weights: LexicalWeights | None = None,
        visibility: VisibilityOptions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.id = generation
        self._visibility = visibility or VisibilityOptions()
        self._clock = clock
        self.weights = weights or LexicalWeights()
        self.path = folder.generation_path(generation)
        self.manifest = read_manifest(self.path)
        check_files(self.path, self.manifest)
        store_path, lexical_path, columns_path = parts_of(self.path)
        self.columns = Columns.load(columns_path)
        self._check_counts()
        spans = self.columns.spans(self._visibility, len(self.columns))
        self.starts, self._ends = GrowingArray(spans.starts), GrowingArray(spans.ends)
        dimension = self.manifest.encoder.dimension
        passage_rows = self.columns.passage_row.view().copy()
        self.vectors = VectorIndex.open(self.path, dimension=dimension, passage_rows=passage_rows)
        self.lexical = LexicalIndex(LexicalBase(lexical_path))
        self.typing = TypingHelp(self.path / TYPING)
        self.store = Store(store_path)
        self._hold = SharedHold(self.path / NAME)
        self._guard = threading.Lock()
        self._users = 0
        self._retired = False
        self._version = -1
        self._reached = self.manifest.change
        self._dead: set[int] = set()
        self._view = self._make_view()
        self._readers: tuple[View, View, float] = (self._view, self._view, np.inf)  # as of never
        self.refresh()

    def _check_counts(self) -> None:
        held = (len(self.columns), len(self.columns.passage_row))
        named = (self.manifest.articles, self.manifest.passages)
        if held != named:
            raise IndexCorrupt(
                f"{self.path}: the columns hold {held[0]} articles and {held[1]} passages, "
                f"the manifest names {named[0]} and {named[1]}; {WAYS_OUT}"
            )

    @property
    def base_passages(self) -> int:
        """Passages in the immutable vector index."""
        return self.vectors.base.codes.count

    def refresh(self) -> View:
        """The newest view: replays what the store has committed since the last call."""
        version = self.store.version()
        if version == self._version:
            return self._view
        with self._guard:
            if version != self._version:
                self._replay()
                self._version = version
            return self._view

    def for_readers(self) -> View:
        """The newest view without what readers may not see now."""
        whole, now = self.refresh(), self._clock()
        of, view, made = self._readers
        if of is whole and made <= now < view.shown_until:
            return view
        with self._guard:
            view = whole.at(now)
            self._readers = (whole, view, now)
            return view

    def spans(self, rows: int) -> Spans:
        """From when until when each of the first rows may be seen."""
        return Spans(self.starts.view(rows), self._ends.view(rows))

    def _replay(self) -> None:
        with self.store.connection(consistent=True) as connection:
            added = live_rows_after(connection, self._reached, len(self.columns))
            removed, change = removed_after(connection, self._reached)
        if change == self._reached:
            return
        for live in added:
            self._append(live)
        self._dead.update(removed)
        self._reached = change
        self._view = self._make_view()

    def _append(self, live: LiveRow) -> None:
        prepared: PreparedArticle = live.prepared
        numbers = RowNumbers(live.duplicate_group, live.story, live.first_passage, len(prepared.passages))
        row = len(self.columns)
        try:
            self.vectors.append(prepared.vectors, np.full(len(prepared.passages), row, np.int64))
        except (DimensionMismatch, ValueError) as exc:
            raise IndexCorrupt(
                f"{self.store.path}: '{prepared.article.id}' has damaged vectors ({exc}); {WAYS_OUT}"
            ) from exc
        self.lexical.append(row, lexical_document(prepared))
        self.typing.append(row, prepared)
        starts, ends = visible_span(prepared.article, self._visibility)
        self.starts.append([starts])
        self._ends.append([ends])
        self.columns.append(prepared.article, numbers)

    def _make_view(self) -> View:
        dead: Rows = np.array(sorted(self._dead), np.int64)
        return View(self, dead, self._reached)

    def acquire(self) -> bool:
        """Count one more user; False when the generation was closed already."""
        with self._guard:
            if self._retired and not self._users:
                return False
            self._users += 1
            return True

    def release(self) -> None:
        """One user less; the last one of a retired generation closes it."""
        with self._guard:
            self._users -= 1
            close = self._retired and not self._users
        if close:
            self._close()

    def retire(self) -> None:
        """No new users will come; closes now or with the last user."""
        with self._guard:
            if self._retired:
                return
            self._retired = True
            close = not self._users
        if close:
            self._close()

    def _close(self) -> None:
        self.store.close()
        self._hold.release()


def check_files(path: Path, manifest: Manifest, *, thorough: bool = False) -> None:
    """Raise IndexCorrupt unless every file of the manifest is there and has its checksum.

    A file whose size, time and inode are as they were at the last full check is not read again,
    unless ``thorough``. The store is compared only while it holds no live changes.
    """
    known = {} if thorough else _read_stamp(path)
    stamp: dict[str, list[int]] = {}
    for name, expected in manifest.files.items():
        file = path / name
        try:
            found = file.stat()
        except OSError as exc:
            raise IndexCorrupt(f"{file} is missing; {WAYS_OUT}") from exc
        now = [found.st_size, found.st_mtime_ns, found.st_ino]
        stamp[name] = now
        if known.get(name) == now or (name == "store.db" and _has_live_changes(path, manifest)):
            continue
        if found.st_size != expected.bytes:
            raise IndexCorrupt(f"{file} has {found.st_size} bytes, should have {expected.bytes}; {WAYS_OUT}")
        with storage_errors(file):
            actual = sha256(file)
        if actual != expected.sha256:
            raise IndexCorrupt(
                f"{file} has checksum {actual[:12]}…, should have {expected.sha256[:12]}…; {WAYS_OUT}"
            )
    if stamp != known:
        with contextlib.suppress(Exception):  # a read-only folder only costs time at the next open
            write_durably(path / _STAMP, json.dumps(stamp))


WAYS_OUT = "roll back to an earlier generation (semsearch index rollback) or build the index again"


def _read_stamp(path: Path) -> dict[str, list[int]]:
    try:
        known = json.loads((path / _STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _has_live_changes(path: Path, manifest: Manifest) -> bool:
    """Whether the store was written to after the build; its rows then guard themselves by digests."""
    wal = path / "store.db-wal"
    if wal.exists() and os.path.getsize(wal):
        return True
    store = Store(path / "store.db")
    try:
        return store.last_change() != manifest.change
    finally:
        store.close()
