"""Makes generations live, describes, verifies and prunes them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

import numpy as np

from semsearch.errors import EncoderMismatch, FormatTooNew, IndexCorrupt, IndexFault, SemsearchError
from semsearch.index.builder import parts_of
from semsearch.index.carrying import Published, Reencode, carry_changes
from semsearch.index.embedded import Joining
from semsearch.index.files import storage_errors, tree_bytes
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import OpenGeneration, check_files
from semsearch.index.locks import is_held
from semsearch.index.manifest import NAME, read_manifest
from semsearch.index.store import Store, connect, store_errors
from semsearch.index.verifying import store_problems


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
class Carried:
    """Live changes that a generation holds beyond what it was built with, its own and those of others."""

    added: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """How the live articles of a generation differ from those of the one that was live before it.

    ``gone`` were live and are in it no more, ``returned`` are in it alone, ``other`` are in both, as other
    versions. ``gone_ids`` are some of the first.
    """

    gone: int
    returned: int
    other: int
    gone_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activated(GenerationInfo):
    """A generation made live: what was live before, and what of later changes came along.

    ``live_articles`` counts those that it holds now. ``previous`` is None where nothing was live,
    ``compared`` None where the two cannot be compared, as one is damaged.
    """

    previous: GenerationInfo | None = None
    live_articles: int = 0
    carried: Carried = Carried()
    compared: Compared | None = None


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
    joining: Joining | None = None,
    reencode: Reencode | None = None,
) -> Published:
    """Make a generation live by one atomic rename, with all live changes that it has not seen.

    The changes are carried over first, so that neither a rebuild nor a roll back loses an article.
    Where they were made under another encoder, ``reencode`` makes the vectors anew. Raises EncoderMismatch
    without it, IndexCorrupt if the generation is damaged.
    """
    folder.require(generation)
    target = folder.generation_path(generation)
    check_files(target, read_manifest(target))
    with folder.write_lock():
        published = carry_changes(folder, generation, joining, reencode)
        folder.set_current(generation)
    return published


def activate(
    folder: IndexFolder,
    generation: str,
    *,
    joining: Joining | None = None,
    reencode: Reencode | None = None,
) -> Activated:
    """Make a generation live as ``publish`` does, and say what that changes."""
    before = ""
    with contextlib.suppress(SemsearchError):
        before = folder.current()
    published = publish(folder, generation, joining=joining, reencode=reencode)
    known = {one.id: one for one in describe(folder)}
    info = known[generation]
    compared = None
    if before != generation and before in known:
        with contextlib.suppress(SemsearchError):
            compared = compare(folder, before, generation)
    note = "; ".join([info.note, *published.notes]).strip("; ")
    told = {one.name: getattr(info, one.name) for one in fields(info)} | {"note": note}
    live, carried = _held(folder, generation)
    return Activated(
        **told, previous=known.get(before), live_articles=live, carried=carried, compared=compared
    )


def to_roll_back_to(folder: IndexFolder) -> str:
    """The generation before the live one; without one, the newest if the live one is damaged or gone.

    Raises GenerationNotFound where that leaves none.
    """
    live = folder.current()
    known = [one for one in folder.generations() if one != live]
    if not known or known[0] < live:
        return folder.before(live)
    try:
        path = folder.generation_path(live)
        check_files(path, read_manifest(path))
    except IndexFault:
        return known[-1]
    return folder.before(live)


def compare(folder: IndexFolder, before: str, after: str) -> Compared:
    """How the live articles of two generations differ; raises IndexCorrupt where one cannot be read."""
    paths = [parts_of(folder.generation_path(one))[0] for one in (before, after)]
    lacking = (
        "FROM {0}.articles AS one WHERE removed IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM {1}.articles AS two WHERE two.id=one.id AND two.removed IS NULL)"
    )
    gone, returned = lacking.format("main", "after"), lacking.format("after", "main")
    other = (
        "FROM main.articles AS one JOIN after.articles AS two ON two.id=one.id AND two.removed IS NULL "
        "WHERE one.removed IS NULL AND one.digest<>two.digest"
    )
    with contextlib.closing(connect(paths[0])) as connection, store_errors(paths[1]):
        connection.execute("ATTACH ? AS after", (paths[1].absolute().as_uri(),))
        counts = {
            name: int(connection.execute(f"SELECT COUNT(*) {one}").fetchone()[0])
            for name, one in (("gone", gone), ("returned", returned), ("other", other))
        }
        ids = connection.execute(f"SELECT id {gone} ORDER BY row LIMIT 5").fetchall()
    return Compared(**counts, gone_ids=tuple(str(one[0]) for one in ids))


def _held(folder: IndexFolder, generation: str) -> tuple[int, Carried]:
    """How many articles a generation holds now, and the live changes among them."""
    path = folder.generation_path(generation)
    built = read_manifest(path).change
    store = parts_of(path)[0]
    late = "SELECT id FROM main.articles WHERE added>? AND removed IS NULL"
    left = "SELECT id FROM main.articles WHERE removed>? AND added<=?"
    with contextlib.closing(connect(store)) as connection, store_errors(store):
        live = connection.execute("SELECT COUNT(*) FROM main.articles WHERE removed IS NULL").fetchone()[0]
        came = {str(one) for (one,) in connection.execute(late, (built,))}
        went = {str(one) for (one,) in connection.execute(left, (built, built))}
    return int(live), Carried(len(came - went), len(came & went), len(went - came))


def newest_change(folder: IndexFolder) -> int:
    """The newest change number of all generations that can be read; 0 where there is none."""
    newest = 0
    for generation in folder.generations():
        with contextlib.suppress(SemsearchError):  # a damaged one must not stop the build that replaces it
            store = Store(parts_of(folder.generation_path(generation))[0])
            with contextlib.closing(store):
                newest = max(newest, store.last_change())
    return newest


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


def prune(
    folder: IndexFolder,
    keep: int,
    *,
    joining: Joining | None = None,
    reencode: Callable[[str], Reencode] | None = None,
) -> list[str]:
    """Remove the oldest generations beyond ``keep``, up to the live one or one that is being read.

    Those that stay take over the changes that only a removed one remembers, so that going back to them
    loses nothing; where that cannot be (vectors of another encoder), nothing is removed. ``reencode``
    gives what makes vectors anew for a generation.
    """
    with folder.build_lock(), folder.write_lock():
        live = folder.current()
        doomed = _removable(folder, keep, live)
        for kept in folder.generations() if doomed else []:
            if kept in doomed or kept == live:
                continue
            try:
                carry_changes(folder, kept, joining, reencode(kept) if reencode else None)
            except EncoderMismatch:
                return []
            except (IndexCorrupt, FormatTooNew):  # nobody can go back to it
                continue
        for generation in doomed:
            path = folder.generation_path(generation)
            with storage_errors(path):
                dying = path.with_name(f"{generation}.building")  # a kill half-way leaves no half generation
                path.rename(dying)
                shutil.rmtree(dying)
    return doomed


def _removable(folder: IndexFolder, keep: int, live: str) -> list[str]:
    found: list[str] = []
    for generation in folder.generations()[: -keep or None]:
        path = folder.generation_path(generation)
        if generation == live or ((path / NAME).exists() and is_held(path / NAME)):
            break  # an older one may still need the changes that later ones hold
        found.append(generation)
    return found
