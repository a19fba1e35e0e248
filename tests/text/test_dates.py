"""Dates as publishers write them: read to UTC, or refused with a reason; never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import ArticleInvalid
from semsearch.text import parse_date

NOON = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-01T12:30:00Z",
        "2024-03-01t12:30:00z",
        "2024-03-01T12:30Z",
        "2024-03-01T13:30:00+01:00",
        "2024-03-01T13:30:00+0100",
        "2024-03-01T13:30+01",
        "2024-03-01T12:30:00.000Z",
        "2024-03-01T12:30:00,000Z",
        "2024-03-01 12:30:00",
        "2024-03-01 12:30",
        "2024-03-01 12:30:00 UTC",
        "2024-03-01 13:30:00 +01:00",
        "20240301T123000Z",
        "20240301T1230",
        "202403011230",
        "20240301123000",
        "2024/03/01 12:30",
        "2024.03.01 12:30",
        "2024-3-1 12:30",
        "Fri, 01 Mar 2024 12:30:00 +0000",
        "Fri, 1 Mar 2024 12:30:00 GMT",
        "01 Mar 24 07:30 EST",
        "1709296200",
        "1709296200000",
        "1709296200000000",
        1709296200,
        1709296200.0,
        1709296200000,
        "March 1, 2024, 12:30 pm",
        "Mar. 1, 2024 12:30 p.m.",
        "1 March 2024 12:30",
        "1st of March 2024, 12:30",
        "01-Mar-2024 12:30:00",
        "12:30 PM, Fri March 1, 2024",
        "Friday, March 1, 2024 at 7:30 AM EST",
        "March 1, 2024 7:30 am ET",
        "Fri Mar 01 2024 13:30:00 GMT+0100 (Central European Standard Time)",
        "Fri Mar 01 12:30:00 +0000 2024",
        "Fri Mar  1 12:30:00 2024",
        "  2024-03-01T12:30:00Z\n",
        "1 mar 2024 12:30",
        "2024-03-01T12:30:00+00:00",
        "\ufeff2024-03-01 12:30",
        "12:30\u202fPM, March 1, 2024",
    ],
)
def test_one_moment_in_many_forms(written):
    """ISO 8601 and its relatives, RFC 2822, numbers and English forms mean the same moment."""
    assert NOON == parse_date(written)


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-01",
        "20240301",
        "2024/3/1",
        "2024-W09-5",
        "1 March 2024",
        "March 1, 2024",
        "1st March, 2024",
        "01-Mar-2024",
        "Friday, March 1, 2024",
        "2024 March 1",
        "2024-03-01Z",
        date(2024, 3, 1),
        "2024-02-29T24:00:00Z",
        datetime(2024, 3, 1),
    ],
)
def test_a_day_alone_is_its_midnight(written):
    """A date without a time is 00:00 UTC."""
    assert datetime(2024, 3, 1, tzinfo=UTC) == parse_date(written)


@pytest.mark.parametrize(
    ("written", "day"),
    [("13/04/2024", (2024, 4, 13)), ("04/13/2024", (2024, 4, 13)), ("03.03.2024", (2024, 3, 3))],
)
def test_plain_numbers_are_read_where_they_mean_one_day(written, day):
    """Day and month are told apart by a number above 12, or need not be when they are equal."""
    assert datetime(*day, tzinfo=UTC) == parse_date(written)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("03/04/2024", "two days"),
        ("3-4-2024", "two days"),
        ("3/4/24", "several days"),
        ("yesterday", "relative"),
        ("2 hours ago", "relative"),
        ("last Friday", "relative"),
        ("2024", "no day"),
        ("2024-03", "no day"),
        ("March 2024", "no day"),
        ("2024-02-30", "calendar"),
        ("2024-13-01", "calendar"),
        ("0000-00-00 00:00:00", "calendar"),
        ("0024-03-01", "year"),
        ("2924-03-01", "year"),
        ("", "empty"),
        ("soon", "can be read"),
        ("2024-03-01 25:00", "can be read"),
        ("2024-03-01 12:99", "can be read"),
        ("2024-03-01 foo", "can be read"),
        ("1 March 2024 3", "can be read"),
        ("5 March 1 2024", "can be read"),
        ("March 1, 2024, 5 pm IST", "time zone"),
        ("2024-03-01T12:30:00+99:00", "calendar"),
        (0, "no time since"),
        (-5, "no time since"),
        (1e30, "no time since"),
        (10**400, "no time since"),
        (float("nan"), "no time since"),
        (float("inf"), "no time since"),
        (True, "bool"),
        (None, "NoneType"),
        ([2024], "list"),
        ("9" * 5_000, "can be read"),
        ("1/2/3/4", "can be read"),
    ],
)
def test_what_is_no_clear_date_is_refused(written, problem):
    """Ambiguous, relative, incomplete and impossible dates are refused with the reason."""
    with pytest.raises(ArticleInvalid, match=problem):
        parse_date(written)


@given(st.text() | st.from_regex(r"[0-9/:. +TZ-]{0,30}", fullmatch=True))
def test_no_text_breaks_it(written):
    """Any text gives a moment in UTC or ArticleInvalid."""
    try:
        moment = parse_date(written)
    except ArticleInvalid:
        return
    assert timedelta(0) == moment.utcoffset()


@given(
    st.datetimes(datetime(1650, 1, 1), datetime(2099, 1, 1)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_iso_8601_is_read_exactly(moment, zone):
    """What Python writes as ISO 8601 is read back to the microsecond."""
    moment = moment.replace(tzinfo=zone)

    assert moment == parse_date(moment.isoformat())
    assert moment.replace(microsecond=0) == parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S %z"))
