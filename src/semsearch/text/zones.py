"""The names and offsets of time zones; a name that several zones have is read only where it is certain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_NAMES = {
    "utc": 0, "gmt": 0, "z": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120,
    "eet": 120, "mez": 60, "mesz": 120, "eest": 180, "msk": 180, "msd": 240, "edt": -240,
    "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480,
    "akdt": -480, "akst": -540, "hst": -600, "adt": -180, "ndt": -150, "brt": -180, "jst": 540, "kst": 540,
    "hkt": 480, "sgt": 480, "ict": 420, "wib": 420, "pkt": 300, "npt": 345, "sast": 120, "eat": 180,
    "trt": 180, "idt": 180, "aest": 600, "aedt": 660, "acst": 570, "acdt": 630, "awst": 480,
    "nzst": 720, "nzdt": 780,
}  # fmt: skip
_PLACES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"
}  # fmt: skip
# Names of several zones: the offset that the language of the text makes certain, by its code or region.
_BY_LANGUAGE = {
    "ist": {"he": 120, "ga": 60, "en-ie": 60, "en-in": 330}
    | dict.fromkeys(("hi", "bn", "ta", "te", "mr", "gu", "kn", "ml", "pa", "or", "as", "ur-in"), 330),
}
_NOT_IN = {"cst": ("zh", "es-cu", "en-au"), "est": ("en-au",), "pst": ("fil", "tl", "en-ph"), "bst": ("bn",)}
_NAMED = re.compile(
    r"(?P<name>[a-z]{1,4})(?P<rest>[+-]\d{1,2}:?(?:\d{2})?)?(?:\s*\[[\w/+-]+\])?"
    r"|(?P<offset>[+-]\d{2}:?(?:\d{2})?)(?:\s+[a-z]{2,5}|\s*\[[\w/+-]+\])?"
    r"|(?P<place>[a-z]+(?:/[a-z_-]+){1,2})",
    re.I,
)


class ZoneUnknown(ValueError):  # noqa: N818  named for what happened
    """A time zone that is not known, or a name that several zones have."""


def zone_named(name: str) -> tzinfo:
    """The time zone of an IANA name such as Europe/Berlin; raises ZoneUnknown."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name.casefold() in {"", "utc"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:  # OSError: the name of a folder
        raise ZoneUnknown(f"there is no time zone '{name[:80]}'") from fault


def looks_like_zone(text: str) -> bool:
    """Whether a text has the form of a zone: +02:00, CEST, GMT+2, Europe/Berlin, +0200 CEST."""
    return _NAMED.fullmatch(text) is not None


def zone_of(text: str, moment: datetime, home: tzinfo, language: str) -> tzinfo:
    """The zone that stands behind a time; ``home`` is that of the site, which knows its own names.

    ``moment`` is the time without its zone, ``language`` the code of the text's. Raises ZoneUnknown.
    """
    match = _NAMED.fullmatch(text)
    if match is None:
        raise ZoneUnknown(f"the time zone '{text}' is not known")
    name = (match["name"] or "").lower()
    if match["place"]:
        return zone_named(match["place"])
    if match["offset"] or (match["rest"] and name in {"gmt", "utc"}):
        return offset(match["offset"] or match["rest"])
    if match["rest"]:
        raise ZoneUnknown(f"the time zone '{text}' is not known or means several")
    if (own := _own_offset(name, moment, home)) is not None:
        return timezone(own)
    if name in _PLACES:
        return zone_named(_PLACES[name])
    language = language.casefold().replace("_", "-")
    codes = (language, language.partition("-")[0])
    by_language = _BY_LANGUAGE.get(name, {})
    minutes = next((by_language[code] for code in codes if code in by_language), _NAMES.get(name))
    if minutes is None or any(code in _NOT_IN.get(name, ()) for code in codes):
        raise ZoneUnknown(f"the time zone '{text}' is not known or means several")
    return timezone(timedelta(minutes=minutes))


def offset(text: str) -> timezone:
    """The zone of an offset: Z, +02:00, +0200, -5."""
    digits = re.sub(r"\D", "", text)
    if text.upper() == "Z":
        return UTC
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    sign = -1 if text.startswith("-") else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _own_offset(name: str, moment: datetime, home: tzinfo) -> timedelta | None:
    """The offset of a name that the site's own zone has, in summer or in winter."""
    if home is UTC:
        return None
    for month in (1, 7):
        local = datetime(moment.year, month, 1, tzinfo=home)
        if (local.tzname() or "").casefold() == name:
            return local.utcoffset()
    return None
