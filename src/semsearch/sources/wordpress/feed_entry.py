"""An entry of a feed that WordPress wrote: the same text as its REST interface and its export give."""

from __future__ import annotations

import re
from collections.abc import Mapping

from semsearch.sources.wordpress.excerpts import without_more_link, written_lead
from semsearch.sources.wordpress.text import wordpress_line, wordpress_text

# "The post TITLE first appeared on SITE.", which plugins put below every entry.
_FIRST_APPEARED = re.compile(
    r"<p>\s*The post\s+<a\b(?:(?!</p>).){0,2000}\bappeared first on\s(?:(?!</p>).){0,1000}</p>", re.S
)
_APPEARED_LINE = re.compile(r"\s*The post [^\n]{1,500} (?:appeared first|first appeared) on [^\n]{1,200}\Z")
_PASSWORD_FORM = re.compile(r"<form\b[^<>]{0,1000}(?:action=postpass|post-password-form)", re.I)
_NO_SECTION = frozenset({"uncategorized", "uncategorised"})


def is_wordpress_feed(feed: Mapping[str, object]) -> bool:
    """Whether a feed says that WordPress wrote it."""
    return "wordpress" in f"{feed.get('generator') or ''} {feed.get('generator_detail') or ''}".lower()


def cleaned_record(record: Mapping[str, object]) -> dict[str, object]:
    """The record of an entry with title, text and lead as of the post itself; pure.

    Of a post behind a password a feed gives the form that asks for it.
    """
    if _PASSWORD_FORM.search(str(record.get("body") or "")):
        locked = {name: value for name, value in record.items() if name not in {"body", "lead"}}
        return {**locked, "title": wordpress_line(record.get("title")), "status": "password"}
    language = str(record.get("language") or "")
    url = str(record.get("url") or "")
    content, excerpt = (_FIRST_APPEARED.sub("", str(record.get(name) or "")) for name in ("body", "lead"))
    body = _without_end(wordpress_text(without_more_link(content, url), language))
    cleaned = {
        **record,
        "title": wordpress_line(record.get("title"), language),
        "body": body,
        "lead": _without_end(written_lead(excerpt, content, body, url=url, language=language)),
        "tags": [tag for tag in _list(record.get("tags")) if str(tag).casefold() not in _NO_SECTION],
    }
    return {name: value for name, value in cleaned.items() if value}


def _without_end(text: str) -> str:
    return _APPEARED_LINE.sub("", text)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
