"""Read the dates that publishers write, to UTC; what could mean two days is refused, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NoReturn

from semsearch.errors import ArticleInvalid
from semsearch.text.hygiene import clean_line

_EARLIEST_YEAR, _LATEST_YEAR = 1600, 2100  # the first newspaper is of 1605
_HINT = "write it like 2024-03-01T12:30:00Z"

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
_ZONE_NAMES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "eet": 120,
    "eest": 180, "msk": 180, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420,
    "pdt": -420, "pst": -480, "akdt": -480, "akst": -540, "hst": -600, "jst": 540, "kst": 540, "hkt": 480,
    "sgt": 480, "aest": 600, "aedt": 660, "acst": 570, "awst": 480, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"
}  # fmt: skip
_ZONE = re.compile(
    r"(?:(?<=\d)|(?<=\d\s)|(?<=[ap]m)|(?<=[ap]m\s)|(?<=m\.\s)|(?<=\s))"
    r"(?:(?P<name>[a-z]{1,4})(?![a-z])(?P<rest>[+-]\d{1,2}:?(?:\d{2})?)?|(?P<offset>[+-]\d{2}:?(?:\d{2})?))"
    r"(?=\s|$|,|\))",
    re.I,
)
_WEEKDAY = re.compile(r"\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b\.?,?", re.I)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<gap>[-/.])(?P<month>\d{1,2})(?P=gap)(?P<day>\d{1,2})")
_NUMBERS = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4})")
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


def parse_date(value: object) -> datetime:
    """The moment a publisher's date means, aware and in UTC; a date without a zone is taken as UTC.

    Read: ISO 8601 and its relatives, RFC 2822, seconds or milliseconds since 1970 as number or digits,
    and English forms with the month's name (``March 1, 2024, 5:04 pm EST``). Raises ArticleInvalid for
    anything else: relative words, a month without a day, 03/04/2024, years outside 1600 to 2100.
    """
    if isinstance(value, datetime):
        return _checked(value if value.tzinfo else value.replace(tzinfo=UTC), value)
    if isinstance(value, date):
        return _checked(datetime(value.year, value.month, value.day, tzinfo=UTC), value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        _refuse(f"a date cannot be read from {type(value).__name__}", value)
    if not isinstance(value, str):
        return _from_epoch(value, value)
    text = clean_line(value[:200]).replace("−", "-")
    try:
        return _checked(_from_text(text, value), value)
    except (ValueError, OverflowError) as fault:
        raise ArticleInvalid("not a date of the calendar", value=value, hint=_HINT) from fault


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


def _from_epoch(number: float, value: object) -> datetime:
    """Seconds, milliseconds or microseconds since 1970, told apart by size; 1973 to 2100 only."""
    for scale in (1, 1_000, 1_000_000):
        if 1e8 * scale <= number < 4.2e9 * scale:
            return _checked(datetime.fromtimestamp(number / scale, UTC), value)
    return _refuse("the number is no time since 1970 in seconds or milliseconds", value)


def _from_text(text: str, value: object) -> datetime:
    if not text:
        _refuse("the date is empty", value, "leave the field out or " + _HINT)
    if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}|\d{15,16}", text) and not _is_compact_minute(text):
        return _from_epoch(float(text), value)
    if compact := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups()[:6])
        zone = _offset(compact[7]) if compact[7] else UTC
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    if zoned := _DAY_IN_ZONE.fullmatch(text):
        return datetime.fromisoformat(zoned[1]).replace(tzinfo=_offset(zoned[2]))
    if _WEEK_DATE.fullmatch(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return _from_words(text, value)


def _is_compact_minute(text: str) -> bool:
    """Whether twelve digits are 202403011230 rather than milliseconds of the last century."""
    return len(text) == 12 and text[:2] in {"19", "20"} and 1 <= int(text[4:6]) <= 12


def _from_words(text: str, value: object) -> datetime:
    """Find the day, then require that all the rest is one time, one zone and a weekday."""
    text = re.sub(r"\s*\([^()]*\)$", "", text)  # JavaScript: GMT+0100 (Central European Time)
    text = _WEEKDAY.sub(" ", text).strip()
    if re.match(r"\d{4}-\d{1,2}-\d{1,2}T", text, re.I):
        text = re.sub("T", " ", text, count=1, flags=re.I)
    day, rest = _take_day(text)
    clock, zone = _take_time(rest)
    if day is None:
        day, clock, zone = _take_split_day(text)  # Fri Mar 01 12:30:00 +0000 2024
    if day is None or clock is None:
        _explain(text, value)
    moment = datetime(day.year, day.month, day.day) + clock
    return _in_zone(moment, zone, value)


def _take_day(text: str) -> tuple[date | None, str]:
    """The day written in the text, and the text without it."""
    for pattern in (_YEAR_FIRST, *_NAMED, _NUMBERS):
        match = re.search(rf"(?<![\w:.]){pattern.pattern}(?![\d])", text, re.I)
        if match is None:
            continue
        parts = match.groupdict()
        year = int(parts["year"])
        if len(parts["year"]) == 2:  # RFC 2822, section 4.3
            year += 2000 if year < 50 else 1900
        if pattern is _NUMBERS:
            month, day = _month_and_day(int(parts["first"]), int(parts["second"]), match[0])
        else:
            month = _MONTHS.get(parts["month"].lower()) or int(parts["month"])
            day = int(parts["day"])
        return date(year, month, day), text[: match.start()] + " " + text[match.end() :]
    return None, text


def _month_and_day(first: int, second: int, written: str) -> tuple[int, int]:
    if first > 12 or first == second:
        return second, first
    if second > 12:
        return first, second
    return _refuse("this can mean two days", written, "write year-month-day, like 2024-03-01")


def _take_time(text: str) -> tuple[timedelta | None, str]:
    """The time of day (none written: midnight) and the zone; None when anything else is left."""
    text = re.sub(r"^[\s,T-]+|[\s,]+$", "", re.sub(r"\bat\b|[|•·]", " ", text, flags=re.I))
    if not text:
        return timedelta(0), ""
    match = _TIME.match(text) or _TIME.search(text)
    if match is None or (match["minute"] is None and not match["half"] and not text[match.end() :].strip()):
        return None, ""
    rest = (text[: match.start()] + " " + text[match.end() :]).strip(" ,")
    if rest and not _ZONE.fullmatch(" " + rest, 1):
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


def _take_split_day(text: str) -> tuple[date | None, timedelta | None, str]:
    """The asctime order, where the time and zone stand between day and year."""
    match = re.fullmatch(
        rf"({_MONTH}\s+\d{{1,2}})\s+(\d{{1,2}}:\d{{2}}(?::\d{{2}})?.*?)\s+(\d{{4}})", text, re.I
    )
    if match is None:
        return None, None, ""
    day, rest = _take_day(f"{match[1]} {match[4]}")
    clock, zone = _take_time(match[3])
    return (day, clock, zone) if not rest.strip() else (None, None, "")


def _offset(text: str) -> timezone:
    digits = re.sub(r"\D", "", text)
    if text.upper() == "Z":
        return UTC
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    sign = -1 if text.startswith("-") else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _in_zone(moment: datetime, zone: str, value: object) -> datetime:
    match = _ZONE.fullmatch(" " + zone, 1) if zone else None
    if match is None:
        return moment.replace(tzinfo=UTC)
    name = (match["name"] or "").lower()
    if match["offset"] or (match["rest"] and name in {"gmt", "utc"}):
        return moment.replace(tzinfo=_offset(match["offset"] or match["rest"]))
    if name in _PLACES:
        return moment.replace(tzinfo=_place(name, value))
    if name not in _ZONE_NAMES or match["rest"]:
        _refuse(f"the time zone '{zone}' is not known or means several", value)
    return moment.replace(tzinfo=timezone(timedelta(minutes=_ZONE_NAMES[name])))


def _place(name: str, value: object) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(_PLACES[name])
    except ZoneInfoNotFoundError:
        return _refuse(f"this machine has no time zone table for '{name.upper()}'", value)


def _explain(text: str, value: object) -> NoReturn:
    lowered = text.lower()
    if re.search(r"\b(yesterday|today|tomorrow|now|ago|last|next|just)\b", lowered):
        _refuse("a relative date means another day every day", value)
    if re.fullmatch(r"\d{4}([-/.]\d{1,2})?", text) or re.fullmatch(rf"{_MONTH}\s+\d{{4}}", text, re.I):
        _refuse("the date has no day", value)
    if re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text):
        _refuse("this can mean several days", value, "write year-month-day, like 2024-03-01")
    _refuse("not a date that can be read", value)
