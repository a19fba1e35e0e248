"""What was taken of each live source: its cursor and its keys, durable beside the generations.

``indexes/<name>/sources/<source>.db``. It is written after the articles that it speaks of are in the
index: a kill between the two shows an article once more, which changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType

from semsearch.index.failpoints import reach
from semsearch.index.files import storage_errors
from semsearch.index.folder import IndexFolder
from semsearch.index.locks import exclusive
from semsearch.index.sql_files import file_errors, open_file, tables, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items(
    key TEXT PRIMARY KEY, article_id TEXT NOT NULL, stamp TEXT NOT NULL, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_article ON items(article_id);
"""
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Item:
    """One key of a source: the article it gave ("" for none), its stamp, and its digest in the index.

    The digest is empty while an article is only claimed: on its way into the index.
    """

    key: str
    article_id: str
    stamp: str = ""
    digest: bytes = b""


class SourceState:
    """The stored state of one source; every write is one durable transaction. A context manager.

    Raises StorageFailed when the disk refuses, IndexCorrupt when the file is damaged.
    """

    def __init__(self, folder: IndexFolder, source: str) -> None:
        self._folder = folder.path / "sources"
        self._source = source
        self.path = self._folder / f"{source}.db"
        with storage_errors(self._folder):
            if not self.path.is_file():
                self._folder.mkdir(parents=True, exist_ok=True)
        with self._errors():
            self._connection = open_file(self.path, seconds=_BUSY_SECONDS, prepare=tables(_SCHEMA))

    def lock(self) -> AbstractContextManager[None]:
        """Hold while syncing: a second sync of the same source is told who holds it."""
        return exclusive(self._folder / f"{self._source}.lock", f"syncing source '{self._source}'")

    @property
    def cursor(self) -> Mapping[str, object]:
        """The last cursor stored; empty before the first."""
        found: Mapping[str, object] = json.loads(self.fact("cursor") or "{}")
        return found

    def fact(self, name: str) -> str:
        """One stored fact; "" where there is none."""
        with self._errors():
            row = self._connection.execute("SELECT value FROM facts WHERE name=?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def stamp(self, key: str) -> str | None:
        """The stamp of a key; None where it is not known."""
        with self._errors():
            row = self._connection.execute("SELECT stamp FROM items WHERE key=?", (key,)).fetchone()
        return str(row[0]) if row else None

    def item(self, key: str) -> Item | None:
        """What is stored of a key."""
        with self._errors():
            row = self._connection.execute("SELECT * FROM items WHERE key=?", (key,)).fetchone()
        return Item(*row) if row else None

    def keys(self) -> set[str]:
        """All known keys."""
        with self._errors():
            return {str(key) for (key,) in self._connection.execute("SELECT key FROM items")}

    def items(self) -> Iterator[Item]:
        """All keys that gave an article."""
        with self._errors():
            rows = self._connection.execute("SELECT * FROM items WHERE article_id != ''").fetchall()
        return (Item(*row) for row in rows)

    def article_ids(self, keys: Iterable[str] | None = None) -> set[str]:
        """The articles of all keys, or of these."""
        with self._errors():
            if keys is None:
                rows: Iterable[tuple[str]] = self._connection.execute("SELECT DISTINCT article_id FROM items")
            else:
                query = "SELECT article_id FROM items WHERE key=?"
                rows = [row for key in keys for row in self._connection.execute(query, (key,))]
            return {article_id for (article_id,) in rows if article_id}

    def owns(self, article_id: str, *, beside: str | None = None) -> bool:
        """Whether a key of this source gave this article (another key than ``beside``)."""
        with self._errors():
            query = "SELECT 1 FROM items WHERE article_id=? AND key IS NOT ? LIMIT 1"
            return self._connection.execute(query, (article_id, beside)).fetchone() is not None

    def store(
        self,
        items: Sequence[Item] = (),
        *,
        stamps: Mapping[str, str] | None = None,
        gone: Iterable[str] = (),
        facts: Mapping[str, str] | None = None,
        cursor: Mapping[str, object] | None = None,
    ) -> None:
        """Take keys in, renew ``stamps``, forget what is gone and move the cursor: all or nothing."""
        facts = dict(facts or {})
        if cursor is not None:
            facts["cursor"] = json.dumps(cursor)
        reach("source-state:before")
        with self._errors(), self._transaction() as connection:
            rows = [(item.key, item.article_id, item.stamp, item.digest) for item in items]
            connection.executemany("INSERT OR REPLACE INTO items VALUES (?,?,?,?)", rows)
            renewed = [(stamp, key) for key, stamp in (stamps or {}).items()]
            connection.executemany("UPDATE items SET stamp=? WHERE key=?", renewed)
            connection.executemany("DELETE FROM items WHERE key=?", [(key,) for key in gone])
            connection.executemany("INSERT OR REPLACE INTO facts VALUES (?,?)", list(facts.items()))
        reach("source-state:after")

    def claim(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Note keys that are new with the article that each is about to bring into the index.

        A kill in between leaves no article in the index that nobody would delete.
        """
        with self._errors(), self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO items VALUES (?,?,'',x'')", list(pairs))

    def repoint(self, article_id: str, to: str) -> None:
        """Let the keys of an article stand for another one, which took its place."""
        with self._errors(), self._transaction() as connection:
            connection.execute("UPDATE items SET article_id=? WHERE article_id=?", (to, article_id))

    def disown(self, article_id: str) -> None:
        """Keep the keys of an article that another source gives now, but as those of no article."""
        self.repoint(article_id, "")

    def begin_anew(self) -> None:
        """Forget the cursor and all stamps, so that everything is looked at again; the keys stay."""
        with self._errors(), self._transaction() as connection:
            connection.execute("DELETE FROM facts WHERE name='cursor'")
            connection.execute("UPDATE items SET stamp=''")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> SourceState:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with transaction(self._connection):
            yield self._connection

    def _errors(self) -> AbstractContextManager[None]:
        way_out = "remove it, and the next sync reads the whole source again"
        return file_errors(self.path, way_out, ValueError)


def source_names(folder: IndexFolder) -> list[str]:
    """The sources that something is stored of."""
    return sorted(path.stem for path in (folder.path / "sources").glob("*.db"))
