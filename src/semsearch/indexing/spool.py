"""A file that holds articles between two readings: a build looks at the whole corpus before it cuts it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from semsearch.articles import Article
from semsearch.errors import StorageFailed
from semsearch.sources.records import record_from_article


def article_from_record(record: dict[str, Any]) -> Article:
    """The article of ``record_from_article``; for records that semsearch wrote itself, not for input."""
    return Article(
        id=record["id"],
        title=record.get("title", ""),
        body=record.get("body", ""),
        url=record.get("url"),
        published_at=_moment(record.get("published_at")),
        updated_at=_moment(record.get("updated_at")),
        section=record.get("section"),
        authors=tuple(record.get("author", ())),
        tags=tuple(record.get("tags", ())),
        language=record.get("language"),
        source=record.get("source"),
        image=record.get("image"),
        extra=record.get("extra", {}),
        status=record.get("status"),
        expires_at=_moment(record.get("expires_at")),
        origin=record.get("origin", ""),
    )


class Spool:
    """Articles written once, then read any number of times, then removed; memory stays small."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("w", encoding="utf-8")
        except OSError as exc:
            raise self._failed(exc) from exc
        self.count = 0
        self._digest = hashlib.sha256()

    def add(self, article: Article) -> None:
        """Write one article."""
        origin = {"origin": article.origin} if article.origin else {}  # the one field that no source may name
        line = json.dumps(record_from_article(article) | origin, sort_keys=True, default=str) + "\n"
        self._digest.update(line.encode())
        try:
            self._file.write(line)
        except OSError as exc:
            raise self._failed(exc) from exc
        self.count += 1

    def digest(self) -> str:
        """SHA-256 of the articles written so far, in their order, in hex."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Article]:
        try:
            self._file.flush()
        except OSError as exc:
            raise self._failed(exc) from exc
        with open(self._path, encoding="utf-8") as file:
            for line in file:
                yield article_from_record(json.loads(line))

    def close(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError):  # a full disk may refuse the last flush; the file goes anyway
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _failed(self, exc: OSError) -> StorageFailed:
        return StorageFailed(f"{self._path}: {exc.strerror}; free some space and run it again")


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
