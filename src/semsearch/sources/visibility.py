"""From when until when readers may see the article of a record, and what it says of being published.

Every source comes through here (``article_from_record``). Of several fields the one that hides the
article wins: a story that is shown late does less harm than one that is shown too early.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from semsearch.errors import ArticleInvalid
from semsearch.sources.fieldmap import ALIASES, compared
from semsearch.sources.fields import FieldReader
from semsearch.sources.statuses import (
    SCHEDULED,
    UNPUBLISHED,
    is_nothing,
    is_scheduled,
    is_status,
    status_of,
    truth,
)

NOINDEX = "noindex"  # of pages that ask search engines to leave them out
_EMBARGOED = "embargoed"

# Fields that are true or false, as compared: what an article is where the field is true,
_HIDES = MappingProxyType(
    {
        "draft": "draft", "isdraft": "draft", "private": "private", "isprivate": "private",
        "hidden": "hidden", "ishidden": "hidden", "unlisted": "unlisted", "isunlisted": "unlisted",
        "unpublished": UNPUBLISHED, "isunpublished": UNPUBLISHED, "deleted": "deleted",
        "isdeleted": "deleted", "trashed": "trash", "istrashed": "trash", "archived": "archived",
        "isarchived": "archived", "withdrawn": "withdrawn", "disabled": "disabled",
        "isdisabled": "disabled", "protected": "password", "isprotected": "password",
        "passwordprotected": "password", "membersonly": "members", "subscribersonly": "members",
        "embargo": _EMBARGOED, "embargoed": _EMBARGOED, "isembargoed": _EMBARGOED,
        "isscheduled": SCHEDULED, NOINDEX: NOINDEX, "robotsnoindex": NOINDEX, "searchhidden": NOINDEX,
        "searchexclude": NOINDEX, "excludefromsearch": NOINDEX, "excludesearch": NOINDEX,
    }
)  # fmt: skip
# and where it is false.
_SHOWS = MappingProxyType(
    {
        "published": UNPUBLISHED, "ispublished": UNPUBLISHED, "publish": UNPUBLISHED, "live": UNPUBLISHED,
        "public": "private", "ispublic": "private", "visible": "hidden", "isvisible": "hidden",
        "active": "inactive", "isactive": "inactive", "online": "offline", "isonline": "offline",
        "enabled": "disabled", "isenabled": "disabled", "listed": "unlisted", "islisted": "unlisted",
        "approved": "pending", "isapproved": "pending", "search": NOINDEX, "searchable": NOINDEX,
        "indexable": NOINDEX,
    }
)  # fmt: skip
_PASSWORDS = frozenset({"password", "postpassword"})
_ROBOTS = frozenset({"robots", "metarobots", "robotsmeta", "xrobotstag"})
_MUST_BE_CLEAR = frozenset({"draft", "isdraft", "private", "isprivate"})
_CONTRADICTED = frozenset({"draft", "isdraft", "published", "ispublished", "publish", "unpublished"})
_STATUSES, _STARTS, _ENDS = (
    frozenset({compared(ours), *ALIASES[ours]}) for ours in ("status", "publish_at", "expires_at")
)
_DATED_FLAGS = frozenset({"embargo", "embargoed"})  # true or false in one system, a date in another
_LATE_YEAR = r"(?:210[1-9]|21[1-9]\d|2[2-9]\d\d|[3-9]\d{3})"
_BEYOND = re.compile(rf"(?<!\d){_LATE_YEAR}(?=[-/.]\d|$)|[/. -]{_LATE_YEAR}(?!\d)")
_YEAR = re.compile(r"(?<![\d.])(20\d\d|2100)(?!\d)")
_AFTER = re.compile(r"unavailable[_-]after\s*:\s*([^;]+)", re.I)
_AGENT = re.compile(r"\s*(?!unavailable)[\w-]+\s*:\s*(?=[a-z])", re.I)


@dataclass(slots=True)
class Visibility:
    """What a record says: a status that hides (None: none), the first and the last moment, fields read."""

    status: str | None = None
    published_at: datetime | None = None
    expires_at: datetime | None = None
    used: set[str] = field(default_factory=set)


def read_visibility(
    record: Mapping[str, object], reader: FieldReader, published_at: datetime | None
) -> Visibility:
    """Read every field of the record that says who may see its article, and when.

    A date of publication to come is kept as the date of the article, whatever field names it.
    """
    reading = _Reading(record, reader)
    for name, value in record.items():
        if not is_nothing(value):
            reading.take(name, compared(str(name)), value)
        elif compared(str(name)) in _STATUSES | _STARTS | _ENDS | _HIDES.keys() | _PASSWORDS:
            reading.used.add(name)
    written = record.get("published_at")
    if published_at is None and (_is_beyond(written) or names_coming_year(written)):
        reading.hide("published_at", SCHEDULED)
    return reading.finish(published_at)


class _Reading:
    """Collects what the fields of one record say."""

    def __init__(self, record: Mapping[str, object], reader: FieldReader) -> None:
        self._record = record
        self._reader = reader
        self._hiding: list[tuple[str, str]] = []  # field and status
        self._published = ""  # a field that says so
        self._starts: list[datetime] = []
        self._ends: list[datetime] = []
        self.used: set[str] = set()

    def take(self, name: str, key: str, value: object) -> None:
        """Read one field that is not empty; ``key`` is its name as compared."""
        if key in _STATUSES:
            self._status(name, value)
        elif key in _STARTS or (key in _DATED_FLAGS and truth(value) is None):
            self._start(name, value)
        elif key in _ENDS:
            self._end(name, value)
        elif key in _PASSWORDS:
            self.used.add(name)
            if truth(value) is not False:
                self.hide(name, "password")
        elif key in _ROBOTS:
            self._robots(name, value)
        elif key in _HIDES or key in _SHOWS:
            self._flag(name, key, value)

    def hide(self, name: str, status: str) -> None:
        """One field that hides the article."""
        self._hiding.append((name, status))

    def finish(self, published_at: datetime | None) -> Visibility:
        """All of it together: the date governs what is only scheduled, and the last of several dates."""
        dates = [*self._starts, *([published_at] if published_at else [])]
        hiding = [
            (name, status)
            for name, status in self._hiding
            if not (dates and is_scheduled(status)) and not (self._starts and status == _EMBARGOED)
        ]
        if hiding and self._published and compared(hiding[0][0]) in _CONTRADICTED:
            name, status = hiding[0]
            self._reader.note(
                name, f"says '{status}' though '{self._published}' says published; hidden", self._record[name]
            )
        return Visibility(
            status=hiding[0][1] if hiding else None,
            published_at=max(dates, default=None),
            expires_at=min(self._ends, default=None),
            used=self.used,
        )

    def _status(self, name: str, value: object) -> None:
        self.used.add(name)
        status, problem = status_of(value)
        if problem:
            self._reader.note(name, problem, value)
        if status is None:
            self._published = name
        else:
            self.hide(name, status)

    def _flag(self, name: str, key: str, value: object) -> None:
        if key == "search" and isinstance(value, Mapping):  # MkDocs: search: {exclude: true}
            value = False if truth(value.get("exclude")) else None
        said = truth(value)
        if said is not None:
            self.used.add(name)
            if said == (key in _HIDES):
                self.hide(name, _HIDES.get(key) or _SHOWS[key])
            elif key in {"published", "ispublished", "publish"}:
                self._published = name
        elif is_status(value) and key in _CONTRADICTED | _MUST_BE_CLEAR:  # published: draft
            self._status(name, value)
        elif key in _MUST_BE_CLEAR:
            self.used.add(name)
            self._reader.note(name, "neither true nor false; readers do not see the article", value)
            self.hide(name, _HIDES[key])

    def _start(self, name: str, value: object) -> None:
        if truth(value) is not None:
            return
        self.used.add(name)
        try:
            self._starts.append(self._reader.read_date(name, value))
        except ArticleInvalid as fault:
            problem = f"{fault.problem}; readers do not see the article until this can be read ({fault.hint})"
            self._reader.note(name, problem, value)
            self.hide(name, _EMBARGOED if compared(name) in _DATED_FLAGS else "held back")

    def _end(self, name: str, value: object) -> None:
        if truth(value) is not None or _is_beyond(value):  # for ever
            self.used.add(name)
        elif (moment := self._reader.moment(name)) is not None:
            self.used.add(name)
            self._ends.append(moment)

    def _robots(self, name: str, value: object) -> None:
        for directive in _directives(value):
            if re.search(r"(?<![\w-])(?:noindex|none)(?![\w-])", directive, re.I):
                self.used.add(name)
                self.hide(name, NOINDEX)
            if after := _AFTER.search(directive):
                self.used.add(name)
                try:
                    self._ends.append(self._reader.read_date(name, after[1].strip()))
                except ArticleInvalid as fault:
                    self._reader.note(name, f"{fault.problem}; left out ({fault.hint})", after[1])


def _directives(value: object) -> Iterator[str]:
    """What is said to all robots; what is said to one of them by name is not for us."""
    if isinstance(value, str):
        if not _AGENT.match(value):
            yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _directives(one)
    elif isinstance(value, Mapping):
        said = value.get("index")
        if truth(said) is False or said == NOINDEX or truth(value.get(NOINDEX)):
            yield NOINDEX


def names_coming_year(value: object) -> bool:
    """Whether a date that cannot be read names a year after this one: its article must not appear at once.

    One of this year may have run already, and most have; so it is shown, without a date, and that is noted.
    """
    return any(int(year) > datetime.now(UTC).year for year in _YEAR.findall(str(value)[:200]))


def _is_beyond(value: object) -> bool:
    """Whether a date lies after the years that are read, as 9999-12-31, which stands for never."""
    if isinstance(value, str):
        return _BEYOND.search(value[:40]) is not None and re.match(r"[\d\s:TZ./+-]+$", value[:40]) is not None
    year = getattr(value, "year", 0)
    return isinstance(year, int) and year > 2100
