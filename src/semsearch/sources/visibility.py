"""From when until when readers may see the article of a record, and what it says of being published.

Every source comes through here (``article_from_record``). Of several fields the one that hides the
article wins: a story that is shown late does less harm than one that is shown too early.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from semsearch.sources.fieldmap import compared
from semsearch.sources.fields import FieldReader
from semsearch.sources.statuses import (
    SCHEDULED,
    UNPUBLISHED,
    WORKFLOW,
    is_nothing,
    is_scheduled,
    is_status,
    known_status,
    small_number,
    status_of,
    truth,
)
from semsearch.sources.visibility_dates import VisibilityDates, is_beyond, names_coming_year
from semsearch.sources.visibility_fields import (
    CASUALTIES,
    CONTRADICTED,
    DATED_ENDS,
    DATED_STARTS,
    EMBARGOED,
    GROUPS,
    HIDES,
    HTTP_HEADERS,
    IF_KNOWN,
    LIVE,
    MUST_BE_CLEAR,
    NOINDEX,
    PASSWORDS,
    PUBLISHED,
    ROBOTS,
    SHOWS,
    STATUSES,
    WINDOWS,
    is_typo3_time,
    numbers_of,
    says_when,
)

_SANITY_DRAFT = re.compile(r"drafts\.\S|versions\.[^.\s]+\.\S")  # or a version for a release to come
_DEEPEST = 3  # groups within groups
_NO_PAGE = frozenset(
    {("render", "never"), ("render", "false"), ("render", "link"), ("list", "never"), ("list", "false")}
)
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
        elif _is_ours(compared(str(name))):
            reading.used.add(name)
    written = record.get("published_at")
    if published_at is None and (is_beyond(written) or names_coming_year(written)):
        reading.hide("published_at", SCHEDULED)
    for name in ("id", "_id"):
        if _SANITY_DRAFT.match(str(record.get(name))):
            reading.hide(name, "draft")
    return reading.finish(published_at)


def why_no_page(record: Mapping[str, object]) -> str | None:
    """Why a site makes no page of this record, in words: Hugo's build and headless, or a permalink of false.

    Hugo reads its names and words in any case.
    """
    fields = {str(name).lower(): value for name, value in record.items()}
    if truth(fields.get("headless")):
        return "a headless page of Hugo, which is no page of the site"
    for name in ("build", "_build"):
        build = fields.get(name)
        said = {
            (str(part).lower(), str(value).strip().lower())
            for part, value in (build.items() if isinstance(build, Mapping) else ())
        }
        for part, value in sorted(said & _NO_PAGE):
            return f"a page with {name}.{part} {value}, which its site does not show"
    if any(str(fields.get(name, "")).strip().lower() == "false" for name in ("permalink", "url")):
        return "a page with permalink false, which its site does not write"
    return None


def _is_ours(key: str) -> bool:
    return key in STATUSES or key in HIDES or key in PASSWORDS or says_when(key) in {"start", "end"}


class _Reading:
    """Collects what the fields of one record say."""

    def __init__(self, record: Mapping[str, object], reader: FieldReader) -> None:
        self._record = record
        self._reader = reader
        self._keys = frozenset(compared(str(name)) for name in record)
        self._hiding: list[tuple[str, str, object]] = []  # field, status and value
        self._published = ""  # a field that says so
        self.used: set[str] = set()
        self._dates = VisibilityDates(reader, self.used, self.hide)
        if reason := why_no_page(record):
            reader.note("", f"{reason}; readers do not see the article", "")
            self.hide("build", UNPUBLISHED)

    def take(self, name: str, key: str, value: object, depth: int = 0) -> None:
        """Read one field that is not empty; ``key`` is its name as compared, ``depth`` how deep it stands."""
        when = says_when(key)
        if key in STATUSES:
            self._status(name, key, value, sure=depth == 0)
        elif key in IF_KNOWN:
            self._if_known(name, key, value)
        elif key in PASSWORDS:
            self.used.add(name.partition(".")[0])
            if truth(value) is not False:
                self.hide(name, "password")
        elif key in ROBOTS:
            self._robots(name, value)
        elif key in HIDES or key in SHOWS:
            self._flag(name, key, value)
        elif is_typo3_time(name.rpartition(".")[2], value, self._keys):
            self._dates.take(name, "start" if key == "starttime" else "end", value)
        elif when:
            self._dates.take(name, when, value)
        elif key in GROUPS and isinstance(value, Mapping) and depth < _DEEPEST:
            self._group(name, key, value, depth)

    def hide(self, name: str, status: str, value: object = None) -> None:
        """One field that hides the article."""
        self._hiding.append((name, status, value))

    def finish(self, published_at: datetime | None) -> Visibility:
        """All of it together: the date governs what is only scheduled, and the last of several dates."""
        starts = self._dates.starts
        dates = [*starts, *([published_at] if published_at else [])]
        hiding = [
            (name, status, value)
            for name, status, value in self._hiding
            if not (dates and is_scheduled(status)) and not (starts and status == EMBARGOED)
        ]
        if hiding and self._published and compared(hiding[0][0]) in CONTRADICTED:
            name, status, value = hiding[0]
            said = f"says '{status}' though '{self._published}' says published; hidden"
            self._reader.note(name, said, value)
        return Visibility(
            status=hiding[0][1] if hiding else None,
            published_at=max(dates, default=None),
            expires_at=min(self._dates.ends, default=None),
            used=self.used,
        )

    def _status(self, name: str, key: str, value: object, *, sure: bool) -> None:
        number, numbers = small_number(value), numbers_of(key, self._keys)
        if number is not None and number in numbers:
            status, problem = numbers[number], ""
        elif sure:
            status, problem = status_of(value)
        else:  # in an object of which it is not sure that it speaks of the article
            status, problem = known_status(value, WORKFLOW), ""
            if status is None:
                return
        self.used.add(name)
        if problem:
            self._reader.note(name, problem, value)
        if status is None:
            self._published = name
        else:
            self.hide(name, status, value)

    def _if_known(self, name: str, key: str, value: object) -> None:
        number = small_number(value)
        status = UNPUBLISHED if value is False else known_status(value, IF_KNOWN[key])
        if status is None and number is not None:
            status = numbers_of(key, self._keys).get(number)
        if status is not None:
            self.used.add(name)
            self.hide(name, status, value)

    def _flag(self, name: str, key: str, value: object) -> None:
        if isinstance(value, (list, tuple)):
            if {True, False} <= {truth(one) for one in value}:
                self._reader.note(name, "given several times; the one that hides the article counts", value)
            for one in value:
                if not isinstance(one, (list, tuple)):
                    self._flag(name, key, one)
            return
        if key == "search" and isinstance(value, Mapping):  # MkDocs: search: {exclude: true}
            value = False if truth(value.get("exclude")) else None
        said = truth(value)
        if said is None:
            self._no_flag(name, key, value)
            return
        self.used.add(name)
        is_other = (key in LIVE and self._is_live_blog()) or (key == "killed" and self._keys & CASUALTIES)
        if said == (key in HIDES) and not is_other:
            self.hide(name, HIDES.get(key) or SHOWS[key], value)
        elif key in PUBLISHED:
            self._published = name

    def _no_flag(self, name: str, key: str, value: object) -> None:
        """Read a field that should be true or false and is neither: a status, or a date, or anything."""
        if key in CONTRADICTED | MUST_BE_CLEAR and (is_status(value) or small_number(value) is not None):
            self._status(name, key, value, sure=True)  # published: draft
        elif key in DATED_STARTS:
            self._dates.take(name, "start", value)
        elif key in DATED_ENDS:
            self._dates.take(name, "perhaps end", value)
        elif key in MUST_BE_CLEAR:
            self.used.add(name)
            self._reader.note(name, "neither true nor false; readers do not see the article", value)
            self.hide(name, HIDES[key], value)
        elif says_when(key) == "ahead":
            self._dates.take(name, "ahead", value)

    def _is_live_blog(self) -> bool:
        words = (*self._keys, *(value[:80] for value in self._record.values() if isinstance(value, str)))
        return any("liveblog" in compared(word) for word in words)

    def _group(self, name: str, key: str, value: Mapping[object, object], depth: int) -> None:
        """Read the fields of an object: of search engines, of a system, of a time to be published."""
        if key.startswith("seo"):
            self._robots(name, value)
        is_answer = not HTTP_HEADERS.isdisjoint(compared(str(inner)) for inner in value)  # to a crawler
        for inner, one in value.items():
            within = compared(str(inner))
            if key in WINDOWS and within in {
                "start",
                "starts",
                "from",
                "begin",
                "end",
                "ends",
                "until",
                "to",
            }:
                within = f"publish{within}"
            if not is_nothing(one) and not (is_answer and within == "expires"):
                self.take(f"{name}.{inner}", within, one, depth + 1)

    def _robots(self, name: str, value: object) -> None:
        for directive in _directives(value):
            if re.search(r"(?<![\w-])(?:noindex|none)(?![\w-])", directive, re.I):
                self.used.add(name)
                self.hide(name, NOINDEX)
            if after := _AFTER.search(directive):
                self._dates.take(name, "end", after[1].strip())


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
