"""One entry of a parsed RSS or Atom feed as a record under our names; pure.

Dates stay as they are written: what feedparser makes of those that it does not know is often another day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from semsearch.sources.html_clutter import host_of
from semsearch.sources.html_page import fragment_text
from semsearch.text import clean_text

_PICTURES = ("jpg", "jpeg", "png", "webp", "gif", "avif")


def record_from_entry(entry: Mapping[str, Any], feed: Mapping[str, Any], base: str) -> dict[str, object]:
    """Id, title, text, dates, authors, tags, image and publisher; ``base`` is the feed's address."""
    contents = [str(part.get("value") or "") for part in _list(entry.get("content"))]
    content = max(contents, key=len, default="")
    summary = str(entry.get("summary") or "")
    publisher = entry.get("source") or {}
    record: dict[str, object] = {
        "id": entry.get("id") or entry.get("link"),
        "title": entry.get("title"),
        "body": content or summary,
        "lead": summary if content and not _begins_with(content, summary) else None,
        "url": urljoin(base, str(entry["link"])) if entry.get("link") else None,
        "published_at": _written(entry, "published"),
        "updated_at": _written(entry, "updated"),
        "expires_at": _written(entry, "expired"),
        "draft": entry.get("app_draft") or entry.get("draft"),  # of the Atom Publishing Protocol
        "authors": [name for one in _list(entry.get("authors")) if (name := one.get("name"))],
        "tags": [term for one in _list(entry.get("tags")) if (term := one.get("label") or one.get("term"))],
        "language": entry.get("language") or feed.get("language"),
        "source": publisher.get("title") or feed.get("title"),
        "image": next((urljoin(base, address) for address in _images(entry)), None),
    }
    return {name: value for name, value in record.items() if value}


def plain_record(record: Mapping[str, object]) -> dict[str, object]:
    """The record of an entry with its text without buttons, sign-up boxes and what readers do not see."""
    body, site = record.get("body"), host_of(str(record.get("url") or ""))
    return {**record, "body": fragment_text(body, site=site)} if isinstance(body, str) else {**record}


def _begins_with(content: str, teaser: str) -> bool:
    """Whether a teaser is only the start of the text, cut anywhere."""
    words = " ".join(clean_text(teaser).rstrip(" .…[]").split())
    return " ".join(clean_text(content[: 4 * len(teaser) + 2000]).split()).startswith(words)


def _written(entry: Mapping[str, Any], field: str) -> str | None:
    """The date as it is written."""
    if field not in entry:  # asked for all the same, the parser would give another date
        return None
    return str(entry[field]).strip() or None


def _images(entry: Mapping[str, Any]) -> Iterator[str]:
    for one in (*_list(entry.get("enclosures")), *_list(entry.get("media_content"))):
        address = str(one.get("href") or one.get("url") or "")
        kind = str(one.get("type") or one.get("medium") or "")
        ending = address.partition("?")[0].rpartition(".")[2].lower()
        if address and (kind.startswith("image") or (not kind and ending in _PICTURES)):
            yield address
    for one in _list(entry.get("media_thumbnail")):
        if one.get("url"):
            yield str(one["url"])


def _list(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
