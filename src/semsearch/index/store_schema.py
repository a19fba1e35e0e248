"""How articles lie in SQLite: the tables, and the way between an Article and its columns.

Rows are versions: an update adds a row and marks the old one ``removed``, so whoever reads by row
number sees the version that was found, whatever is written meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
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

ARTICLE_COLUMNS = (
    "row, id, title, url, published, updated, section, authors, tags, language, source, image, extra, "
    "kept, duplicate_group, story, signature, first_passage, passages, added, removed, digest"
)

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
    """The columns from ``id`` to ``extra``, in the order of the table."""
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
    )


def article_digest(columns: tuple[object, ...], body: str) -> bytes:
    """Eight bytes over all that the publisher wrote: tells a change, and a damaged row."""
    content = json.dumps([*columns, body], ensure_ascii=False)
    return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def digest_of(article: Article) -> bytes:
    """The digest of an article as it would be stored."""
    return article_digest(article_columns(article), article.body)


def article_from(record: sqlite3.Row, body: str | None, place: str) -> Article:
    """The article of a stored row; raises IndexCorrupt naming ``place`` if the row is damaged."""
    columns = tuple(record[name] for name in _CONTENT_COLUMNS)
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
    )


_CONTENT_COLUMNS = (
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
)


def kept_to_text(kept: tuple[tuple[int, int], ...]) -> str:
    """Spans as JSON."""
    return json.dumps(kept)


def kept_from_text(text: str) -> tuple[tuple[int, int], ...]:
    """Spans from JSON."""
    return tuple((start, end) for start, end in json.loads(text))
