"""Which articles the entries of a feed are: by their guids where these tell, else by address, else by title.

A guid tells nothing where it is a placeholder, or where entries of other addresses have it, too; an
address tells nothing where it is that of the site, or where entries of three titles share it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from semsearch.text import canonical_url, clean_line, same_page_key

Record = Mapping[str, object]

_PLACEHOLDERS = frozenset(
    {"", "n/a", "na", "none", "null", "nil", "undefined", "nan", "false", "true", "0", "-"}
)
_MANY = 3  # titles under one address: it is that of a list, or of a page with parts
_BY_ADDRESS = "the guid does not tell the entry from others; its address was taken for it"
_BY_TITLE = "neither guid nor address tells the entry from others; its title was taken for it"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry and the key of its article; ``problem`` says what its guid or address did not tell.

    ``own_address`` says that no other article of the feed has its address.
    """

    key: str
    record: Record
    own_address: bool
    problem: str = ""


def told_apart(
    records: Sequence[Record], home: str, moment: Callable[[Record], datetime | None]
) -> list[FeedEntry]:
    """The entries in their order, one for each article; ``home`` is the site's address as the feed names it.

    ``id`` of a record is its guid, or its address where it has none. Of several entries of one article the
    one of the latest ``moment`` counts, and the first of several alike.
    """
    by_title = _shared(records, _page, _title, _MANY) | {same_page_key(home) if home else ""}

    def tells(record: Record) -> bool:
        return _page(record) not in by_title and bool(urlsplit(str(record.get("url") or "")).path.strip("/"))

    guids = _shared(records, _guid, lambda one: _page(one) if tells(one) else _title(one), 2)
    entries: dict[str, FeedEntry] = {}
    for record in records:
        entry = _entry(record, guids, own_address=tells(record))
        held = entries.get(entry.key)
        if held is None or _is_later(moment(record), moment(held.record)):
            entries[entry.key] = entry
    return list(entries.values())


def _entry(record: Record, shared_guids: set[str], *, own_address: bool) -> FeedEntry:
    guid, url = _guid(record), str(record.get("url") or "")
    if guid.casefold() not in _PLACEHOLDERS and guid not in shared_guids:
        return FeedEntry(guid, record, own_address)
    if own_address:
        return FeedEntry(url, record, own_address, _BY_ADDRESS if guid else "")
    told = _title(record) or clean_line(str(record.get("body") or "")[:5_000])
    if not told:
        return FeedEntry(guid, record, own_address)
    digest = hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return FeedEntry(f"{canonical_url(url)}#{digest}", record, own_address, _BY_TITLE)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def _shared(
    records: Iterable[Record], of: Callable[[Record], str], by: Callable[[Record], str], least: int
) -> set[str]:
    """What so many entries have in common that differ otherwise."""
    found: dict[str, set[str]] = defaultdict(set)
    for record in records:
        found[of(record)].add(by(record))
    return {value for value, others in found.items() if len(others) >= least}


def _guid(record: Record) -> str:
    return " ".join(str(record.get("id") or "").split())


def _page(record: Record) -> str:
    return same_page_key(str(record["url"])) if record.get("url") else ""


def _title(record: Record) -> str:
    return clean_line(str(record.get("title") or "")[:2_000]).casefold()
