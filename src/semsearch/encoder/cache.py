"""The cache of embeddings: a text is encoded once by an encoder, whatever is rebuilt after it."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from semsearch.encoder.protocol import Encoder, Vectors
from semsearch.errors import StorageFailed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings(
    fingerprint TEXT NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (fingerprint, text_hash)) WITHOUT ROWID;
"""
_BATCH = 500  # keys a statement
_CHUNK = 256  # texts encoded between two commits: a killed build loses at most these
_BUSY_SECONDS = 60.0
_LATIN = re.compile("[A-Za-z]")
_LEAST_FREE = 65_536  # bytes; SQLite's -shm file alone has half of that

log = logging.getLogger(__name__)


class EmbeddingCache:
    """Vectors by (encoder fingerprint, hash of the text) in one SQLite file; for several processes.

    It is only a cache: a file that cannot be read as one is set aside and begun anew, with a warning
    in the log. Raises StorageFailed when the disk refuses to write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        try:
            self._connection = _open(path)
        except sqlite3.OperationalError as exc:
            raise self._refused(exc) from exc
        except sqlite3.DatabaseError as exc:
            aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
            log.warning(
                "%s is damaged (%s); set aside as %s, texts are embedded again", path, exc, aside.name
            )
            self._set_aside(aside)
            self._connection = _open(path)

    def get_many(self, fingerprint: str, texts: Sequence[str]) -> list[Vectors | None]:
        """The vector of each text, None where it is not known, in the order given."""
        hashes = [text_hash(text) for text in texts]
        found: dict[bytes, Vectors] = {}
        with self._faults():
            for start in range(0, len(hashes), _BATCH):
                batch = hashes[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                query = (
                    f"SELECT text_hash, vector FROM embeddings WHERE fingerprint=? AND text_hash IN ({marks})"
                )
                for key, vector in self._connection.execute(query, (fingerprint, *batch)):
                    found[key] = np.frombuffer(vector, "<f4")
        return [found.get(key) for key in hashes]

    def put_many(self, fingerprint: str, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of texts; durable when it returns."""
        rows = [
            (fingerprint, text_hash(text), np.ascontiguousarray(vector, "<f4").tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with self._faults(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?,?,?)", rows)

    def prune(self, keep: Collection[str]) -> int:
        """Forget the vectors of all encoders but these; returns how many were forgotten."""
        marks = ",".join("?" * len(keep))
        query = f"DELETE FROM embeddings WHERE fingerprint NOT IN ({marks})"
        with self._faults(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            removed = self._connection.execute(query, tuple(keep)).rowcount
        with self._faults():
            self._connection.execute("VACUUM")
        return removed

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        with self._guard:
            try:
                yield
            except sqlite3.DatabaseError as exc:
                raise self._refused(exc) from exc

    def _refused(self, exc: sqlite3.DatabaseError) -> StorageFailed:
        reason = (
            "the disk is full; free some space"
            if "full" in str(exc) or _is_full(self._path.parent)
            else f"{exc}; check disk and permissions"
        )
        return StorageFailed(
            f"{self._path}: {reason}, and run it again: what was embedded until now is kept "
            "(the file is only a cache; it may be removed)"
        )

    def _set_aside(self, aside: Path) -> None:
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink()
        try:
            self._path.replace(aside)
        except OSError as exc:
            raise StorageFailed(f"{self._path} is damaged and cannot be moved: {exc.strerror}") from exc


def _is_full(folder: Path) -> bool:
    """Whether SQLite finds no place for its files there: it calls that an I/O error."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    nameless = disk.f_files > 0 and not disk.f_favail  # some file systems count no files
    return nameless or disk.f_bavail * disk.f_frsize < _LEAST_FREE


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of texts in their order, and how many were encoded now or known before."""

    vectors: Vectors
    embedded: int
    reused: int


def encode_cached(
    encoder: Encoder,
    cache: EmbeddingCache,
    texts: Sequence[str],
    on_encoded: Callable[[int], None] | None = None,
) -> Encoded:
    """Vectors of passages, shape (len(texts), dimension); only texts the cache does not know are encoded.

    Equal texts are encoded once. Every 256 texts are committed, so an interrupted build resumes.
    ``on_encoded`` hears how many texts have been encoded so far.
    """
    info = encoder.info
    # A vector of another length can only come from a damaged row: it is made again.
    known = [
        vector if vector is not None and vector.size == info.dimension else None
        for vector in cache.get_many(info.fingerprint, texts)
    ]
    missing = list(dict.fromkeys(text for text, vector in zip(texts, known, strict=True) if vector is None))
    new: dict[str, Vectors] = {}
    for start in range(0, len(missing), _CHUNK):
        chunk = missing[start : start + _CHUNK]
        vectors = encoder.encode_passages(chunk)
        cache.put_many(info.fingerprint, chunk, vectors)
        new.update(zip(chunk, vectors, strict=True))
        if on_encoded:
            on_encoded(len(new))
    if not texts:
        return Encoded(np.zeros((0, info.dimension), np.float32), 0, 0)
    rows = [new[text] if vector is None else vector for text, vector in zip(texts, known, strict=True)]
    return Encoded(np.stack(rows).astype(np.float32), len(missing), len(texts) - len(missing))


def text_hash(text: str) -> bytes:
    """Sixteen bytes that stand for a text.

    Texts without Latin letters have other ones than in releases whose encoders gave unknown texts vectors.
    """
    person = b"" if _LATIN.search(text) else b"known tokens"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=person).digest()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
        connection.execute("SELECT COUNT(*) FROM (SELECT 1 FROM embeddings LIMIT 1)").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
