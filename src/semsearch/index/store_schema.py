"""How articles lie in SQLite: the tables, how they changed, and the way between an Article and its columns.

Rows are versions: an update adds a row and marks the old one ``removed``, so whoever reads by row
number sees the version that was found, whatever is written meanwhile.

The tables of the first release are ``SCHEMA``; each later change is one of ``STEPS``, and SQLite's
``user_version`` counts the steps that a file has taken. A file of an earlier release is read as it is:
what it lacks is put before it in memory (``read_as_current``). It takes the steps (``migrate``) in the
transaction of its first live change, never before: until then its checksum holds.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from semsearch.articles import Article
from semsearch.errors import IndexCorrupt

SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles(
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, title TEXT NOT NULL, url TEXT,
    published INTEGER, updated INTEGER, section TEXT, authors TEXT NOT NULL, tags TEXT NOT NULL,
    language TEXT, source TEXT, image TEXT, extra TEXT NOT NULL, kept TEXT NOT NULL,
    duplicate_group INTEGER NOT NULL, story INTEGER NOT NULL, signature BLOB NOT NULL,
    first_passage INTEGER NOT NULL, passages INTEGER NOT NULL,
    added INTEGER NOT NULL, removed INTEGER, digest BLOB NOT NULL);
CREATE UNIQUE INDEX articles_live ON articles(id) WHERE removed IS NULL;
CREATE INDEX articles_added ON articles(added);
CREATE INDEX articles_removed ON articles(removed) WHERE removed IS NOT NULL;
CREATE INDEX articles_group ON articles(duplicate_group);
CREATE INDEX articles_story ON articles(story);
CREATE INDEX articles_url ON articles(url) WHERE url IS NOT NULL;
CREATE TABLE bodies(row INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE passages(
    passage INTEGER PRIMARY KEY, row INTEGER NOT NULL, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, vector BLOB);
CREATE TABLE changes(
    change INTEGER PRIMARY KEY, kind TEXT NOT NULL, article_id TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE bands(band INTEGER NOT NULL, row INTEGER NOT NULL);
CREATE INDEX bands_band ON bands(band);
CREATE INDEX bands_row ON bands(row);
CREATE TABLE boilerplate(hash BLOB NOT NULL, detail TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the tables: columns that ``articles`` got, and new tables, each with its SQL.

    ``derived`` gives the value of a new column for a row that was written before.
    """

    columns: Mapping[str, str]
    tables: Mapping[str, str]
    derived: Mapping[str, str] = field(default_factory=dict)


STEPS = (
    Step(
        {"status": "TEXT", "expires": "INTEGER", "origin": "TEXT NOT NULL DEFAULT ''"},
        # Articles that were deleted and have not come back: a build from files must not bring them back.
        {"deleted": "article_id TEXT PRIMARY KEY, at INTEGER NOT NULL"},
        # Rows of a build have their vectors elsewhere; the others came live, and shall outlive a build.
        {
            "origin": "CASE WHEN EXISTS (SELECT 1 FROM main.passages WHERE passage=first_passage AND "
            "vector IS NOT NULL) THEN 'api' ELSE '' END"
        },
    ),
)
CURRENT = len(STEPS)

_FIRST_COLUMNS = (
    "row, id, title, url, published, updated, section, authors, tags, language, source, image, extra, "
    "kept, duplicate_group, story, signature, first_passage, passages, added, removed, digest"
)
ARTICLE_COLUMNS = ", ".join([_FIRST_COLUMNS, *(name for step in STEPS for name in step.columns)])


def version_of(connection: sqlite3.Connection) -> int:
    """How many of the steps a store has taken."""
    return int(connection.execute("PRAGMA main.user_version").fetchone()[0])


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of a new store."""
    connection.executescript(SCHEMA)
    migrate(connection)


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that a store lacks; part of the transaction that is open, if one is."""
    version = version_of(connection)
    if version >= CURRENT:
        return
    for step in STEPS[version:]:
        for name, kind in step.columns.items():
            connection.execute(f"ALTER TABLE main.articles ADD COLUMN {name} {kind}")
        for name, value in step.derived.items():
            connection.execute(f"UPDATE main.articles SET {name}={value}")
        for name, columns in step.tables.items():
            connection.execute(f"CREATE TABLE main.{name}({columns}) WITHOUT ROWID")
    connection.execute(f"PRAGMA main.user_version={CURRENT}")


def read_as_current(connection: sqlite3.Connection) -> int:
    """Let a connection read a store as one of today, whatever steps it lacks; returns its version.

    SQLite looks a name up among temporary tables and views first, so these stand before the file's own.
    Call it again when another connection may have taken the steps.
    """
    version = version_of(connection)
    for step in STEPS:
        for name in step.tables:
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    connection.execute("DROP VIEW IF EXISTS temp.articles")
    missing = STEPS[version:]
    if missing:
        kept = [_FIRST_COLUMNS, *(name for step in STEPS[:version] for name in step.columns)]
        lacking = [f"{step.derived.get(name, 'NULL')} AS {name}" for step in missing for name in step.columns]
        columns = ", ".join([*kept, *lacking])
        connection.execute(f"CREATE TEMP VIEW articles AS SELECT {columns} FROM main.articles")
        for step in missing:
            for name, columns in step.tables.items():
                connection.execute(f"CREATE TEMP TABLE {name}({columns})")
    return version


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SQLITE_MAX = 2**63 - 1


def to_micros(moment: datetime | None) -> int | None:
    """Microseconds since 1970 (UTC), exactly."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def from_micros(value: int | None) -> datetime | None:
    """The moment of ``to_micros``."""
    return None if value is None else _EPOCH + value * _MICROSECOND


def article_columns(article: Article) -> tuple[object, ...]:
    """The columns of the article's content, in the order of ``CONTENT_COLUMNS``."""
    return (
        article.id,
        article.title,
        article.url,
        to_micros(article.published_at),
        to_micros(article.updated_at),
        article.section,
        json.dumps(article.authors, ensure_ascii=False),
        json.dumps(article.tags, ensure_ascii=False),
        article.language,
        article.source,
        article.image,
        json.dumps(dict(article.extra), ensure_ascii=False, sort_keys=True, default=str),
        article.status,
        to_micros(article.expires_at),
    )


def article_digest(columns: tuple[object, ...], body: str) -> bytes:
    """Eight bytes over all that the publisher wrote: tells a change, and a damaged row.

    Columns that came with a step count only where they hold something, so that the digest of an article
    that has none of it is the same in every release.
    """
    first, later = columns[:_FIRST_CONTENT], columns[_FIRST_CONTENT:]
    names = CONTENT_COLUMNS[_FIRST_CONTENT:]
    held = {name: value for name, value in zip(names, later, strict=True) if value is not None}
    content = json.dumps([*first, body, *([held] if held else [])], ensure_ascii=False)
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def digest_of(article: Article) -> bytes:
    """The digest of an article as it would be stored."""
    return article_digest(article_columns(article), article.body)


def article_from(record: sqlite3.Row, body: str | None, place: str) -> Article:
    """The article of a stored row; raises IndexCorrupt naming ``place`` if the row is damaged."""
    columns = tuple(record[name] for name in CONTENT_COLUMNS)
    if body is None or article_digest(columns, body) != record["digest"]:
        raise IndexCorrupt(
            f"{place}: the stored article {record['id']!r} does not match its checksum; "
            "roll back to an earlier generation (semsearch index rollback) or build the index again"
        )
    return Article(
        id=record["id"],
        title=record["title"],
        body=body,
        url=record["url"],
        published_at=from_micros(record["published"]),
        updated_at=from_micros(record["updated"]),
        section=record["section"],
        authors=tuple(json.loads(record["authors"])),
        tags=tuple(json.loads(record["tags"])),
        language=record["language"],
        source=record["source"],
        image=record["image"],
        extra=json.loads(record["extra"]),
        status=record["status"],
        expires_at=from_micros(record["expires"]),
        origin=record["origin"],
    )


CONTENT_COLUMNS = (
    "id",
    "title",
    "url",
    "published",
    "updated",
    "section",
    "authors",
    "tags",
    "language",
    "source",
    "image",
    "extra",
    "status",
    "expires",
)
_FIRST_CONTENT = 12  # columns of the first release


def kept_to_text(kept: tuple[tuple[int, int], ...]) -> str:
    """Spans as JSON."""
    return json.dumps(kept)


def kept_from_text(text: str) -> tuple[tuple[int, int], ...]:
    """Spans from JSON."""
    return tuple((start, end) for start, end in json.loads(text))
