"""How far a database was read: the newest ``updated_at``, in the type that its column has."""

from __future__ import annotations

import datetime as dt

OVERLAP = dt.timedelta(minutes=10)  # looked at again: a transaction may become visible after a later one
# What is before every value: a time for columns of times and dates, 0 for numbers.
EARLIEST: tuple[dt.datetime | int, ...] = (dt.datetime(1970, 1, 1), 0)
MILLISECONDS = 10**11  # seconds since 1970 reach this in the year 5138

Moment = dt.datetime | int | float | str


def cursor_of(newest: Moment | None, value: object) -> Moment | None:
    """The newer of two values of one column; what is no value of it changes nothing."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    if not isinstance(value, dt.datetime | int | float | str) or value == "":
        return newest
    try:
        return value if newest is None or value > newest else newest  # type: ignore[operator]
    except TypeError:  # the column changed its type
        return value


def overlapped(value: Moment) -> object:
    """The value some time before, as JSON keeps it; numbers are taken for seconds or milliseconds."""
    if isinstance(value, dt.datetime):
        return {"time": (value - OVERLAP).isoformat()}
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
        separator = value[10] if len(value) > 10 else " "
        text = (moment - OVERLAP).isoformat(sep=separator)
        return text.replace("+00:00", "Z") if value.endswith("Z") else text
    seconds = int(OVERLAP.total_seconds())
    return value - (1000 * seconds if value >= MILLISECONDS else seconds)


def cursor_from(stored: object) -> Moment | None:
    """What ``overlapped`` gave."""
    if isinstance(stored, dict):
        return dt.datetime.fromisoformat(str(stored["time"]))
    return stored if isinstance(stored, int | float | str) else None
