"""Ids of articles in addresses, which web servers change under way.

An id may be an address itself. nginx, for one, makes one slash of two, also of %2F%2F, drops an empty part at
the end, and decodes what it hands on by a variable. So an id that is not known is tried in its other
spellings: reading finds the article, and writing never makes a second one under the changed id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from semsearch.errors import ArticleNotFound

if TYPE_CHECKING:
    from semsearch.engine import Engine

Found = TypeVar("Found")

_ONE_SLASH = re.compile(r"(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]*):/(?=[^/])")
_ONE_SLASH_OF_WEB = re.compile(r"^(https?):/(?=[^/])", re.IGNORECASE)
_CODE = re.compile(r"%[0-9A-F]{2}")
_KEPT = "/:?&=#+@!$'()*,;~[]"  # characters that stand in addresses as they are
_ARTICLES = b"/v1/articles/"
# An id with a question mark that nobody encoded: the rest of it stands in the query.
_TORN = re.compile(rb"(.*?)(/related(?:\.html)?)(?:\?(.*))?", re.DOTALL)
_ENDS = (b"/related", b"/related.html")


def as_named(find: Callable[[str], Found], article_id: str) -> Found:
    """What ``find`` gives for an id, or for its first other spelling that it knows; else ArticleNotFound."""
    try:
        return find(article_id)
    except ArticleNotFound:
        for other in spellings(article_id):
            try:
                return find(other)
            except ArticleNotFound:
                continue
        raise


def spellings(article_id: str) -> Iterator[str]:
    """Other ids that may have been meant, the likeliest first."""
    encoded = quote(article_id, safe=_KEPT, errors="replace")
    decoded = unquote(article_id)
    small = _CODE.sub(lambda code: code[0].lower(), encoded)
    seen = {article_id}
    for text in (article_id, decoded, encoded, small):
        whole = _ONE_SLASH.sub(r"\1://", text)
        for one in (whole, whole + "/" if "://" in whole else whole, text):
            if one not in seen:
                seen.add(one)
                yield one


def id_to_write(engine: Engine, article_id: str) -> str:
    """The id to write to: an address with one slash gets back its second, unless exactly this is an id."""
    whole = _ONE_SLASH_OF_WEB.sub(r"\1://", article_id)
    if whole != article_id:
        try:
            return engine.show(article_id, hidden=True).id
        except ArticleNotFound:
            return whole
    return article_id


def mended(raw_path: bytes, query: bytes) -> tuple[bytes, bytes] | None:
    """Path and query of a related list whose id was torn at a question mark; None where it was not."""
    if not raw_path.startswith(_ARTICLES) or raw_path.endswith(_ENDS) or b"/related" not in query:
        return None
    found = _TORN.fullmatch(query)
    return (raw_path + b"%3F" + found[1] + found[2], found[3] or b"") if found else None
