"""Read the dates that publishers write, to UTC; what could mean two days is refused, never guessed.

What one date leaves open (which number is the day, which zone) the habits of its source may say: a setting,
the other dates of its column, the language of its text. ``read_date`` tells where it relied on those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal, NoReturn

from semsearch.errors import ArticleInvalid
from semsearch.text.date_words import in_english
from semsearch.text.hygiene import clean_line
from semsearch.text.zones import ZoneUnknown, looks_like_zone, offset, zone_named, zone_of

DateOrder = Literal["", "dmy", "mdy", "ymd"]

_EARLIEST_YEAR, _LATEST_YEAR = 1600, 2100  # the first newspaper is of 1605
_HINT = "write it like 2024-03-01T12:30:00Z"
_ORDER_HINT = 'write year-month-day, like 2024-03-01, or set date_order = "dmy" or "mdy"'
_IN_WORDS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {
    name[:length]: number for number, name in enumerate(_MONTH_NAMES, 1) for length in (3, len(name))
} | {"sept": 9}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_GAP = r"[\s,./-]+"

_TIME = re.compile(
    r"""(?<![\d:.+-])(?P<hour>\d{1,2})
        (?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?
        \s*(?P<half>[ap]\.?m\b\.?)?(?![\d:])""",
    re.I | re.X,
)
_WEEKDAY = re.compile(r"\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b\.?,?", re.I)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})")
_NUMBERS = re.compile(
    r"(?<![\w:.])(?P<first>\d{1,2})(?P<gap>[-/.])\s?(?P<second>\d{1,2})(?P=gap)\s?(?P<third>\d{4}|\d{2})(?![\d:])"
    r"(?!\.\d)"
)
_NAMED = (
    re.compile(
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?{_GAP}{_MONTH}{_GAP}(?P<year>\d{{4}}|\d{{2}})", re.I
    ),
    re.compile(rf"{_MONTH}{_GAP}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_GAP}(?P<year>\d{{4}})", re.I),
    re.compile(rf"(?P<year>\d{{4}}){_GAP}{_MONTH}{_GAP}(?P<day>\d{{1,2}})", re.I),
)
_COMPACT = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?", re.I
)
_DAY_IN_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})", re.I)  # xs:date
_WEEK_DATE = re.compile(r"\d{4}-?W\d{2}-?\d")
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})")
_DOT_NET = re.compile(r"/?\\?/?Date\((-?\d+)(?:[+-]\d{4})?\)\\?/?")
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?")
_FIRST_SERIAL, _LAST_SERIAL = 25_569, 73_050  # 1970 to 2099: fewer days would be counted from 1970
_DAY_ZERO = datetime(1899, 12, 30)

# Languages that write 3 April as 03/04; English does both, so its region has to say so.
_DAY_FIRST = frozenset(
    (
        "de", "fr", "es", "it", "pt", "nl", "da", "nb", "nn", "no", "fi", "pl", "cs", "sk", "sl", "hr",
        "sr", "ro", "tr", "ru", "uk", "bg", "el", "ca", "id", "vi", "ar", "he", "en-gb",
        "en-ie", "en-au", "en-nz", "en-in", "en-za",
    )
)  # fmt: skip
_MONTH_FIRST = frozenset({"en-us", "en-ph", "fil"})
_YEAR_BEFORE = frozenset({"zh", "ja", "ko", "hu", "lt"})


@dataclass(frozen=True, slots=True)
class DateHabits:
    """How a source writes what its dates leave open; without any of it such dates are refused.

    ``order`` is what the operator says, ``columns`` the order of the other dates beside it by what stands
    between their numbers ("" where they contradict each other), ``language`` the code of the text's.
    ``zone`` is that of times without one. ``serials`` says that days may be counted as Excel does.
    """

    order: DateOrder = ""
    zone: tzinfo = UTC
    language: str = ""
    serials: bool = False
    columns: Mapping[str, DateOrder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A moment in UTC; ``guess`` says what was concluded rather than written ("" for nothing)."""

    moment: datetime
    guess: str = ""


_NO_HABITS = DateHabits()


def parse_date(value: object, habits: DateHabits = _NO_HABITS) -> datetime:
    """The moment a publisher's date means, aware and in UTC; a time without a zone is in that of ``habits``.

    Read: ISO 8601 and its relatives, RFC 2822, seconds or milliseconds since 1970 as number or digits, and
    forms with the month's name in many languages (``March 1, 2024, 5:04 pm EST``, ``1. März 2024``).
    A day without a time is its midnight in UTC or, where this is later, in the zone: so it stays the same
    day in UTC, and nothing appears before its day. Raises ArticleInvalid for anything else: relative words,
    a month without a day, 03/04/2024 where nothing tells the order, years outside 1600 to 2100.
    """
    return read_date(value, habits).moment


def read_date(value: object, habits: DateHabits = _NO_HABITS) -> ReadDate:
    """As ``parse_date``, and what was concluded from the habits of the source."""
    try:
        if isinstance(value, datetime):
            return ReadDate(_checked(value if value.tzinfo else value.replace(tzinfo=habits.zone), value))
        if isinstance(value, date):
            return ReadDate(_checked(_midnight(value, habits.zone), value))
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            _refuse(f"a date cannot be read from {type(value).__name__}", value)
        if not isinstance(value, str):
            return _Reader(habits, value).number(value)
        text = clean_line(value[:200]).replace("−", "-")
        return _Reader(habits, value).text(text)
    except (ValueError, OverflowError) as fault:
        raise ArticleInvalid("not a date of the calendar", value=value, hint=_HINT) from fault


def orders_of(value: object) -> tuple[str, frozenset[DateOrder]] | None:
    """Of a date in numbers whose year does not stand first: what is between them, and its possible orders."""
    match = _NUMBERS.search(value[:100]) if isinstance(value, str) else None
    return None if match is None else (match["gap"], frozenset(_days(match)))


def habits_from(*, date_order: DateOrder = "", time_zone: str = "", language: str = "") -> DateHabits:
    """Habits as settings have them; raises ZoneUnknown for a zone that is none."""
    return DateHabits(date_order, zone_named(time_zone), language)


def day_in_words(moment: datetime) -> str:
    """A date for people, in UTC: 3 May 2016."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B} {utc.year}"


def _refuse(problem: str, value: object, hint: str = _HINT) -> NoReturn:
    raise ArticleInvalid(problem, value=value, hint=hint)


def _checked(moment: datetime, value: object) -> datetime:
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        _refuse(f"the year is not between {_EARLIEST_YEAR} and {_LATEST_YEAR}", value)
    return moment.astimezone(UTC)


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The later one of the day's midnights in UTC and in the zone."""
    return max(datetime(day.year, day.month, day.day, tzinfo=one) for one in (UTC, zone))


def _days(match: re.Match[str]) -> dict[DateOrder, date]:
    """The days that three numbers can mean, by the order that each supposes."""
    first, second, third = (int(match[name]) for name in ("first", "second", "third"))
    found: dict[DateOrder, date] = {}
    parts: dict[DateOrder, tuple[int, int, int]] = {}
    if len(match["third"]) == 2:
        year = _whole_year(third)
        parts["ymd"] = (_whole_year(first), second, third)
    else:
        year = third
    parts |= {"dmy": (year, second, first), "mdy": (year, first, second)}
    for order, numbers in parts.items():
        try:
            found[order] = date(*numbers)
        except ValueError:
            continue
    return found


def _whole_year(year: int) -> int:
    """A year of two digits, as RFC 2822 reads it (section 4.3)."""
    return year + (2000 if year < 50 else 1900)


def _order_of_language(language: str) -> DateOrder:
    """The order in which a language writes its dates; "" where it has none of its own."""
    code = language.strip().casefold().replace("_", "-")
    for one in (code, code.partition("-")[0]):
        if one in _DAY_FIRST:
            return "dmy"
        if one in _MONTH_FIRST:
            return "mdy"
        if one in _YEAR_BEFORE:
            return "ymd"
    return ""


class _Reader:
    """Reads one date; ``value`` is as it was given, for what is refused."""

    def __init__(self, habits: DateHabits, value: object) -> None:
        self._habits = habits
        self._value = value
        self._guess = ""

    def number(self, number: float) -> ReadDate:
        """A number: time since 1970, a day in digits as 20240301, or days as Excel counts them."""
        if isinstance(number, float) and number != number:  # noqa: PLR0124
            _refuse("the number is no time since 1970 in seconds or milliseconds", number)
        if 1e4 <= number < 1e15 and number == int(number):
            text = str(int(number))
            if (_SERIAL.fullmatch(text) and self._habits.serials) or _is_day_in_digits(text):
                return self.text(text)
        elif self._habits.serials and _FIRST_SERIAL <= number < _LAST_SERIAL:
            return self._serial(number)
        return ReadDate(self._from_epoch(number))

    def text(self, text: str) -> ReadDate:
        """A date in words and digits."""
        if not text:
            _refuse("the date is empty", self._value, "leave the field out or " + _HINT)
        if self._habits.serials and (serial := _SERIAL.fullmatch(text)):
            return self._serial(float(f"{serial[1]}.{serial[2] or 0}"))
        if epoch := _DOT_NET.fullmatch(text):
            return ReadDate(self._from_epoch(float(epoch[1])))
        moment = self._from_digits(text) or self._from_words(text)
        return ReadDate(_checked(moment, self._value), self._guess)

    def _serial(self, days: float) -> ReadDate:
        if not _FIRST_SERIAL <= days < _LAST_SERIAL:
            _refuse("not a date that can be read", self._value)
        moment = _DAY_ZERO + timedelta(seconds=round(days * 86_400))
        guess = "a number of days, as Excel keeps dates; read as a date"
        if days == int(days):
            return ReadDate(_checked(_midnight(moment.date(), self._habits.zone), self._value), guess)
        return ReadDate(_checked(moment.replace(tzinfo=self._habits.zone), self._value), guess)

    def _from_epoch(self, number: float) -> datetime:
        """Seconds, milli-, micro- or nanoseconds since 1970, told apart by size; 1973 to 2100 only."""
        for scale in (1, 1_000, 1_000_000, 1_000_000_000):
            if 1e8 * scale <= number < 4.2e9 * scale:
                return _checked(datetime.fromtimestamp(number / scale, UTC), self._value)
        return _refuse("the number is no time since 1970 in seconds or milliseconds", self._value)

    def _from_digits(self, text: str) -> datetime | None:
        """A date in digits alone, or in one of the forms of ISO 8601 without a month; None for others."""
        zone = self._habits.zone
        if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}|\d{15,16}|\d{18,19}", text) and not _is_compact_minute(
            text
        ):
            if len(text) == 10 and _is_short_minute(text):
                _refuse("ten digits that can be seconds since 1970 or a year of two digits", self._value)
            return self._from_epoch(float(text))
        if compact := _COMPACT.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups()[:6])
            if compact[4] is None and compact[7] is None:
                return _midnight(date(year, month, day), zone)
            zone = offset(compact[7]) if compact[7] else zone
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        if zoned := _DAY_IN_ZONE.fullmatch(text):
            return datetime.fromisoformat(zoned[1]).replace(tzinfo=offset(zoned[2]))
        counted = _day_without_month(text)
        return None if counted is None else _midnight(counted, zone)

    def _from_words(self, text: str) -> datetime:
        """Find the day, then require that all the rest is one time, one zone and a weekday."""
        text = re.sub(r"\s*\([^()]*\)$", "", text)  # JavaScript: GMT+0100 (Central European Time)
        fault: ZoneUnknown | None = None
        try:
            found = self._plain(_WEEKDAY.sub(" ", text).strip())
        except ZoneUnknown as unknown:  # or the name of a day in another language
            found, fault = None, unknown
        if found is None and (translated := in_english(text)) != text:
            try:
                found = self._plain(_WEEKDAY.sub(" ", translated).strip())
            except ZoneUnknown as unknown:
                fault = unknown
        if found is None and fault is not None:
            _refuse(str(fault), self._value, 'write it like +01:00, or set time_zone = "Area/City"')
        return found or _explain(text, self._value)

    def _plain(self, text: str) -> datetime | None:
        """The moment that an English text means; None where it is none. Raises ZoneUnknown."""
        if re.match(r"\d{4}-\d{1,2}-\d{1,2}T", text, re.I):
            text = re.sub("T", " ", text, count=1, flags=re.I)
        day, rest = self._take_day(text)
        clock, zone = _take_time(rest)
        if day is None:
            day, clock, zone = self._take_split_day(text)  # Fri Mar 01 12:30:00 +0000 2024
        if day is None or clock is None:
            return None
        if clock == timedelta(0) and not zone and not re.search(r"\d", rest):
            return _midnight(day, self._habits.zone)
        return self._in_zone(datetime(day.year, day.month, day.day) + clock, zone)

    def _take_day(self, text: str) -> tuple[date | None, str]:
        """The day written in the text, and the text without it."""
        for pattern in (_YEAR_FIRST, *_NAMED):
            match = re.search(rf"(?<![\w:.]){pattern.pattern}(?![\d])", text, re.I)
            if match is None:
                continue
            year = int(match["year"])
            if len(match["year"]) == 2:
                year = _whole_year(year)
            month = _MONTHS.get(match["month"].lower()) or int(match["month"])
            return date(year, month, int(match["day"])), _without(text, match)
        if match := _NUMBERS.search(text):
            return self._decided(match), _without(text, match)
        return None, text

    def _decided(self, match: re.Match[str]) -> date:
        """The day that three numbers mean, by whatever decides their order."""
        days, gap, habits = _days(match), match["gap"], self._habits
        if not days:
            raise ValueError("no day of the calendar")
        if len(set(days.values())) == 1:
            return next(iter(days.values()))
        if habits.order in days:
            return days[habits.order]
        column = habits.columns.get(gap)
        if column and column in days:
            self._guess = (
                ""
                if (gap, column) == (".", "dmy")
                else (
                    "a date that can mean several days; read as the other dates beside it are written, "
                    + _IN_WORDS[column]
                )
            )
            return days[column]
        language = _order_of_language(habits.language)
        if gap == ".":  # wherever dots are used, the day stands first, but where the year does
            dotted: DateOrder = "ymd" if language == "ymd" else "dmy"
            if dotted in days:
                return days[dotted]
        if column is None and language in days and len(match["third"]) == 4:
            self._guess = (
                "a date that can mean several days; read in the order of its language, " + _IN_WORDS[language]
            )
            return days[language]
        several = "two days" if len(days) == 2 else "several days"
        beside = ", and the other dates beside it are written both ways" if column == "" else ""
        return _refuse(f"this can mean {several}{beside}", match[0], _ORDER_HINT)

    def _take_split_day(self, text: str) -> tuple[date | None, timedelta | None, str]:
        """The asctime order, where the time and zone stand between day and year."""
        match = re.fullmatch(
            rf"({_MONTH}\s+\d{{1,2}})\s+(\d{{1,2}}:\d{{2}}(?::\d{{2}})?.*?)\s+(\d{{4}})", text, re.I
        )
        if match is None:
            return None, None, ""
        day, rest = self._take_day(f"{match[1]} {match[4]}")
        clock, zone = _take_time(match[3])
        return (day, clock, zone) if not rest.strip() else (None, None, "")

    def _in_zone(self, moment: datetime, zone: str) -> datetime:
        if not zone:
            return moment.replace(tzinfo=self._habits.zone)
        return moment.replace(tzinfo=zone_of(zone, moment, self._habits.zone, self._habits.language))


def _day_without_month(text: str) -> date | None:
    """A day by its week, 2024-W41-3, or by its number in the year, 2024-283; None for other texts."""
    if _WEEK_DATE.fullmatch(text):
        return date.fromisoformat(text)
    counted = _DAY_OF_YEAR.fullmatch(text)
    if counted is None:
        return None
    day = date(int(counted[1]), 1, 1) + timedelta(days=int(counted[2]) - 1)
    if day.year != int(counted[1]):
        raise ValueError("a day that the year does not have")
    return day


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " + text[match.end() :]


def _is_compact_minute(text: str) -> bool:
    """Whether twelve digits are 202403011230 rather than milliseconds of the last century."""
    return len(text) == 12 and text[:2] in {"19", "20"} and 1 <= int(text[4:6]) <= 12


def _is_short_minute(text: str) -> bool:
    """Whether ten digits that would be seconds to come can be 2403011230, too."""
    parts = [int(text[at : at + 2]) for at in range(0, 10, 2)]
    is_moment = 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31 and parts[3] <= 23 and parts[4] <= 59
    return is_moment and float(text) > datetime.now(UTC).timestamp() + 366 * 86_400


def _is_day_in_digits(text: str) -> bool:
    """Whether the digits of a number are 20240301 or 20240301123000."""
    return len(text) in {8, 14} and text[:2] in {"16", "17", "18", "19", "20"}


def _take_time(text: str) -> tuple[timedelta | None, str]:
    """The time of day (none written: midnight) and the zone; None when anything else is left."""
    text = re.sub(r"^[\s,T-]+|[\s,]+$", "", re.sub(r"\bat\b|[|•·]", " ", text, flags=re.I))
    if not text:
        return timedelta(0), ""
    match = _TIME.match(text) or _TIME.search(text)
    if match is None or (match["minute"] is None and not match["half"] and not text[match.end() :].strip()):
        return None, ""
    rest = (text[: match.start()] + " " + text[match.end() :]).strip(" ,")
    if rest and not looks_like_zone(rest):
        return None, ""
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            return None, ""
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None, ""
    fraction = float(f"0.{match['fraction'] or 0}")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59) + fraction), rest


def _explain(text: str, value: object) -> NoReturn:
    lowered = text.lower()
    if re.search(r"\b(yesterday|today|tomorrow|now|ago|last|next|just)\b", lowered):
        _refuse("a relative date means another day every day", value)
    if re.fullmatch(r"\d{4}([-/.]\d{1,2})?", text) or re.fullmatch(rf"{_MONTH}\s+\d{{4}}", text, re.I):
        _refuse("the date has no day", value)
    _refuse("not a date that can be read", value)
