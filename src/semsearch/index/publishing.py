"""Makes generations live, carries live changes over, rolls back, verifies and prunes."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from semsearch.articles import Article
from semsearch.errors import EncoderMismatch, IndexNotFound, SemsearchError
from semsearch.index.builder import parts_of
from semsearch.index.embedded import GroupRule, put_grouped
from semsearch.index.files import storage_errors, tree_bytes
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import OpenGeneration, check_files
from semsearch.index.locks import is_held
from semsearch.index.manifest import NAME, read_manifest
from semsearch.index.protocol import PreparedArticle
from semsearch.index.replay import live_row
from semsearch.index.store import Store, last_change
from semsearch.index.store_writer import StoreWriter
from semsearch.index.verifying import store_problems

Reencode = Callable[[Article], PreparedArticle]


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """One generation as an operator sees it; ``note`` says what is wrong with it, if anything."""

    id: str
    created_at: datetime | None
    articles: int
    passages: int
    encoder: str
    bytes: int
    live: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a full check of one generation found; no problems means it is sound."""

    generation: str
    files: int
    articles: int
    passages: int
    problems: tuple[str, ...]


def publish(
    folder: IndexFolder,
    generation: str,
    *,
    find_group: GroupRule | None = None,
    reencode: Reencode | None = None,
) -> int:
    """Make a generation live by one atomic rename; returns how many live changes were carried to it.

    Changes that the present live generation took and the new one has not are carried over first, so
    that neither a rebuild nor a roll back loses an article. Where the encoders differ, ``reencode``
    makes the vectors anew. Raises EncoderMismatch without it, IndexCorrupt if the generation is damaged.
    """
    folder.require(generation)
    target = folder.generation_path(generation)
    manifest = read_manifest(target)
    check_files(target, manifest)
    with folder.write_lock():
        carried = 0
        with contextlib.suppress(IndexNotFound):
            live = folder.current()
            if live != generation and live in folder.generations():
                carried = _Carrier(folder, find_group, reencode).carry(live, generation)
        folder.set_current(generation)
    return carried


@dataclass(frozen=True, slots=True)
class _Carrier:
    """Takes live changes from one generation to another, with their numbers."""

    folder: IndexFolder
    find_group: GroupRule | None
    reencode: Reencode | None

    def carry(self, source: str, target: str) -> int:
        """Apply to ``target`` what ``source`` took since; returns how many articles that touched."""
        store = Store(self._store_path(source))
        try:
            with (
                store.connection() as old,
                contextlib.closing(StoreWriter(self._store_path(target))) as writer,
                writer.transaction("carry") as transaction,
            ):
                changes = _changes_after(old, transaction.change)
                recode = self._recoding(source, target, len(changes)) if changes else None
                for change, article_id in changes:
                    live = live_row(old, article_id)
                    if live is None:
                        transaction.delete(article_id, change=change)
                    else:
                        prepared = recode(live.prepared.article) if recode else live.prepared
                        put_grouped(transaction, prepared, self.find_group, change=change)
                transaction.reach(last_change(old))
        finally:
            store.close()
        return len(changes)

    def _store_path(self, generation: str) -> Path:
        return parts_of(self.folder.generation_path(generation))[0]

    def _recoding(self, source: str, target: str, count: int) -> Reencode | None:
        """None where both generations have one encoder; else what makes the vectors anew."""
        old, new = (read_manifest(self.folder.generation_path(one)).encoder for one in (source, target))
        if old.fingerprint == new.fingerprint:
            return None
        if self.reencode is None:
            raise EncoderMismatch(
                f"{count} changes made since {target} was built are in {source}, whose encoder is another; "
                "set [encoder] to the one of the generation to make live, so that they can be encoded for it"
            )
        return self.reencode


def _changes_after(connection: sqlite3.Connection, change: int) -> list[tuple[int, str]]:
    """The last change of each article that was touched after ``change``, in order."""
    query = "SELECT MAX(change), article_id FROM changes WHERE change>? GROUP BY article_id ORDER BY 1"
    return [(int(number), str(article_id)) for number, article_id in connection.execute(query, (change,))]


def live_change(folder: IndexFolder) -> int:
    """The newest change number of the live generation."""
    store = Store(parts_of(folder.generation_path(folder.current()))[0])
    try:
        return store.last_change()
    finally:
        store.close()


def describe(folder: IndexFolder) -> list[GenerationInfo]:
    """All generations, oldest first; a damaged one is listed with a note."""
    live = ""
    with contextlib.suppress(SemsearchError):
        live = folder.current()
    found = []
    for generation in folder.generations():
        path = folder.generation_path(generation)
        size = tree_bytes(path)
        try:
            manifest = read_manifest(path)
        except SemsearchError as exc:
            found.append(GenerationInfo(generation, None, 0, 0, "", size, generation == live, str(exc)))
            continue
        found.append(
            GenerationInfo(
                generation,
                manifest.created_at,
                manifest.articles,
                manifest.passages,
                manifest.encoder.name,
                size,
                generation == live,
            )
        )
    return found


def verify(folder: IndexFolder, generation: str) -> VerifyReport:
    """Recompute every checksum and digest, and that the three parts hold the same articles."""
    path = folder.generation_path(folder.require(generation))
    problems: list[str] = []
    files = articles = passages = 0
    try:
        manifest = read_manifest(path)
        files = len(manifest.files)
        check_files(path, manifest, thorough=True)
        opened = OpenGeneration(folder, generation)
    except SemsearchError as exc:
        return VerifyReport(generation, files, articles, passages, (str(exc),))
    try:
        view = opened.refresh()
        counts = view.counts()
        articles, passages = counts.articles, counts.passages
        problems += store_problems(opened.store)
        held = opened.lexical.base_rows()
        if not np.array_equal(held, np.arange(manifest.articles)):
            problems.append(f"{path}/lexical holds {len(held)} articles, the store {manifest.articles}")
        if opened.base_passages != manifest.passages:
            problems.append(
                f"{path}/vectors.faiss holds {opened.base_passages} passages, the store {manifest.passages}"
            )
    except SemsearchError as exc:
        problems.append(str(exc))
    finally:
        opened.retire()
    return VerifyReport(generation, files, articles, passages, tuple(problems))


def prune(folder: IndexFolder, keep: int) -> list[str]:
    """Remove the oldest generations beyond ``keep``; never the live one nor one that is being read."""
    with folder.build_lock(), folder.write_lock():
        live = folder.current()
        removed = []
        for generation in folder.generations()[: -keep or None]:
            path = folder.generation_path(generation)
            if generation == live or ((path / NAME).exists() and is_held(path / NAME)):
                continue
            with storage_errors(path):
                doomed = path.with_name(f"{generation}.building")  # a kill half-way leaves no half generation
                path.rename(doomed)
                shutil.rmtree(doomed)
            removed.append(generation)
    return removed
