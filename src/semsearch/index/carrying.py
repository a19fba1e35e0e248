"""Carries live changes from generation to generation, so that none is lost whichever becomes live.

Change numbers grow over all generations of an index. A generation's journal holds the changes that it
took while it was live; those that a build folded into its base stand in the journal of the one before.
So the changes that a generation has not seen are found in the journals of all of them together.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from semsearch.articles import Article
from semsearch.errors import EncoderMismatch, IndexCorrupt, IndexFault, SemsearchError
from semsearch.index.builder import parts_of
from semsearch.index.embedded import Joining, put_joined
from semsearch.index.folder import IndexFolder
from semsearch.index.manifest import read_manifest
from semsearch.index.protocol import PreparedArticle
from semsearch.index.replay import row_added_by
from semsearch.index.store import Store
from semsearch.index.store_writer import StoreWriter

Reencode = Callable[[Article], PreparedArticle]
_MATES = 100  # articles of a story that are looked for in another generation


@dataclass(frozen=True, slots=True)
class Published:
    """A generation made live: how many articles later changes touched in it, and what could not be read."""

    generation: str
    carried: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    number: int
    kind: str
    article_id: str
    generation: str


def carry_changes(
    folder: IndexFolder, target: str, joining: Joining | None, reencode: Reencode | None
) -> Published:
    """Apply to ``target``, in one transaction, the last change of every article that it has not seen.

    A generation whose store is damaged is passed over, with a note. The caller holds the write lock.
    Raises EncoderMismatch where vectors must be made anew and ``reencode`` is None.
    """
    path = parts_of(folder.generation_path(target))[0]
    with (
        contextlib.closing(StoreWriter(path)) as writer,
        writer.transaction("carry") as transaction,
        _stores(folder, target) as (stores, notes),
    ):
        newest, changes = _unseen(stores, transaction.change, notes)
        carried = 0
        for change in changes:
            if change.kind == "delete":
                transaction.delete(change.article_id, change=change.number)
                carried += 1
                continue
            recode = _recoding(folder, change, target, reencode)
            try:
                prepared, mates = _prepared(stores[change.generation], change, recode)
            except IndexCorrupt as exc:  # a damaged store gives what it can, the rest is named
                notes.append(
                    f"the change {change.number} of article '{change.article_id}' in generation "
                    f"{change.generation} could not be carried, add the article again: {exc}"
                )
                continue
            put_joined(transaction, prepared, joining, mates, change=change.number)
            carried += 1
        transaction.reach(newest)
    return Published(target, carried, tuple(notes))


@contextlib.contextmanager
def _stores(folder: IndexFolder, target: str) -> Iterator[tuple[dict[str, Store], list[str]]]:
    """The stores of all other generations that can be opened."""
    opened: dict[str, Store] = {}
    notes: list[str] = []
    try:
        for generation in folder.generations():
            if generation != target:
                try:
                    opened[generation] = Store(parts_of(folder.generation_path(generation))[0])
                except SemsearchError as exc:
                    notes.append(_lost(generation, exc))
        yield opened, notes
    finally:
        for store in opened.values():
            store.close()


def _unseen(stores: Mapping[str, Store], seen: int, notes: list[str]) -> tuple[int, list[_Change]]:
    """The newest change number, and the last change of each article after ``seen``, in order."""
    last: dict[str, _Change] = {}
    newest = seen
    query = "SELECT change, kind, article_id FROM changes WHERE change>? ORDER BY change"
    for generation, store in stores.items():
        try:
            with store.connection() as connection:
                for number, kind, article_id in connection.execute(query, (seen,)):
                    known = last.get(article_id)
                    if known is None or number > known.number:
                        last[article_id] = _Change(number, kind, article_id, generation)
            newest = max(newest, store.last_change())
        except SemsearchError as exc:
            notes.append(_lost(generation, exc))
    return newest, sorted(last.values(), key=lambda change: change.number)


def _prepared(store: Store, change: _Change, recode: Reencode | None) -> tuple[PreparedArticle, list[str]]:
    """The article of a change, and the ids of others in its story, the oldest rows first."""
    with store.connection() as connection:
        row = row_added_by(connection, change.article_id, change.number)
        query = "SELECT id FROM articles WHERE story=? AND id<>? ORDER BY row LIMIT ?"
        found = connection.execute(query, (row.story, change.article_id, _MATES))
        mates = [str(one[0]) for one in found] if row.story >= 0 else []
    return (recode(row.prepared.article) if recode else row.prepared), mates


def _recoding(
    folder: IndexFolder, change: _Change, target: str, reencode: Reencode | None
) -> Reencode | None:
    """None where the change was made under the target's encoder; else what makes its vectors anew."""
    try:
        old = read_manifest(folder.generation_path(change.generation)).encoder.fingerprint
    except IndexFault:  # nobody can say which encoder it was
        old = ""
    if old == read_manifest(folder.generation_path(target)).encoder.fingerprint:
        return None
    if reencode is None:
        raise EncoderMismatch(
            f"changes made since {target} was built are in {change.generation}, whose encoder is another; "
            "set [encoder] to the one of the generation to make live, so that they can be encoded for it"
        )
    return reencode


def _lost(generation: str, exc: SemsearchError) -> str:
    return f"live changes of generation {generation}, if it has any of its own, could not be carried: {exc}"
