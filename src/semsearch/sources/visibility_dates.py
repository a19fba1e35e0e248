"""The dates of a record from which, and until which, readers may see its article."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from semsearch.errors import ArticleInvalid
from semsearch.sources.fieldmap import compared
from semsearch.sources.fields import FieldReader, date_within
from semsearch.sources.statuses import is_nothing, truth
from semsearch.sources.visibility_fields import DATED_STARTS, EMBARGOED

_POSTED = "posted"
_LATE_YEAR = r"(?:210[1-9]|21[1-9]\d|2[2-9]\d\d|[3-9]\d{3})"
_BEYOND = re.compile(rf"(?<!\d){_LATE_YEAR}(?=[-/.]\d|$)|[/. -]{_LATE_YEAR}(?!\d)")
_YEAR = re.compile(r"(?<![\d.])(20\d\d|2100)(?!\d)")
_ANY_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?!\d)")


class VisibilityDates:
    """Collects the dates of one record; ``used`` gets the fields read, ``hide`` hears of those that hide."""

    def __init__(self, reader: FieldReader, used: set[str], hide: Callable[[str, str, object], None]) -> None:
        self._reader = reader
        self._used = used
        self._hide = hide
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []

    def take(self, name: str, when: str, value: object) -> None:
        """Read a date that says this (as in ``says_when``).

        One that may be of something else counts only where it hides the article.
        """
        if when == "start":
            self._start(name, value)
        elif when == "end":
            self._end(name, value)
        elif truth(value) is None:
            try:
                moment = self._reader.read_date(name, date_within(value))
            except ArticleInvalid:
                if when == "ahead" and (is_beyond(value) or names_coming_year(value)):
                    self._start(name, value)
                return
            if when == "perhaps end" and moment.year > 1970:
                self._used.add(name)
                self.ends.append(moment)
            elif compared(name) == _POSTED:  # not a usual name of ours: it tells that Textpattern wrote it
                self._used.add(name)
                self.starts.append(moment)
            elif when == "ahead" and moment > datetime.now(UTC):
                self._used.add(name)
                self._reader.note(name, "a date to come; readers see the article from then on", value)
                self.starts.append(moment)

    def _start(self, name: str, value: object) -> None:
        if truth(value) is not None:
            return
        self._used.add(name)
        try:
            self.starts.append(self._reader.read_date(name, date_within(value)))
        except ArticleInvalid as fault:
            problem = f"{fault.problem}; readers do not see the article until this can be read ({fault.hint})"
            self._reader.note(name, problem, value)
            self._hide(name, EMBARGOED if compared(name) in DATED_STARTS else "held back", value)

    def _end(self, name: str, value: object) -> None:
        for one in value if isinstance(value, (list, tuple)) else (value,):
            date = date_within(one)
            if truth(date) is not None or is_nothing(date) or is_beyond(date):  # for ever
                self._used.add(name)
                continue
            try:
                moment = self._reader.read_date(name, date)
            except ArticleInvalid as fault:
                self._unread_end(name, one, fault)
                continue
            self._used.add(name)
            if moment.year > 1970:  # else a zero, read as a time
                self.ends.append(moment)

    def _unread_end(self, name: str, value: object, fault: ArticleInvalid) -> None:
        """An end that cannot be read has come where every year in it is over."""
        years = [int(year) for year in _ANY_YEAR.findall(str(value)[:200])]
        if years and max(years) < datetime.now(UTC).year:
            problem = f"{fault.problem}, but its year is over; readers do not see the article ({fault.hint})"
            self._hide(name, "expired", value)
        else:
            problem = f"{fault.problem}; left out ({fault.hint})"
        self._reader.note(name, problem, value)


def names_coming_year(value: object) -> bool:
    """Whether a date that cannot be read names a year after this one: its article must not appear at once.

    One of this year may have run already, and most have; so it is shown, without a date, and that is noted.
    """
    return any(int(year) > datetime.now(UTC).year for year in _YEAR.findall(str(value)[:200]))


def is_beyond(value: object) -> bool:
    """Whether a date lies after the years that are read, as 9999-12-31, which stands for never."""
    if isinstance(value, str):
        return _BEYOND.search(value[:40]) is not None and re.match(r"[\d\s:TZ./+-]+$", value[:40]) is not None
    year = getattr(value, "year", 0)
    return isinstance(year, int) and year > 2100
