"""Dates as publishers write them: read to UTC, or refused with a reason; never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import ArticleInvalid
from semsearch.text import parse_date
from semsearch.text.dates import DateHabits, habits_from, read_date
from semsearch.text.zones import ZoneUnknown

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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mo, 04 Mai 2015 09:15:00 +0200", "2015-05-04T07:15"),
        ("lun., 04 mai 2015 09:15:00 +0200", "2015-05-04T07:15"),
        ("mar. 05 mai 2015 09:15", "2015-05-05T09:15"),
        ("mar 5 maggio 2015, ore 9.15", "2015-05-05T09:15"),
        ("am 4. Mai 2015 um 9.15 Uhr", "2015-05-04T09:15"),
        ("Montag, 4. Mai 2015, 21:15 Uhr", "2015-05-04T21:15"),
        ("1er août 2015 à 9h15", "2015-08-01T09:15"),
        ("lundi 4 mai 2015 - 9 h 15", "2015-05-04T09:15"),
        ("4 de mayo de 2015, 9:15 p. m.", "2015-05-04T21:15"),
        ("4 de maio de 2015 às 21h", "2015-05-04T21:00"),
        ("ma 4 mei 2015 21:15 uur", "2015-05-04T21:15"),
        ("7 fevrier 2015", "2015-02-07T00:00"),
        ("4 мая 2015 г., 9:15", "2015-05-04T09:15"),
        ("2015年5月4日 9:15", "2015-05-04T09:15"),
        ("２０１５年５月４日（月） 午後９時１５分", "2015-05-04T21:15"),
        ("平成27年5月4日", "2015-05-04T00:00"),
        ("二〇一五年十二月二十四日", "2015-12-24T00:00"),
        ("2015년 5월 4일 오후 9:15", "2015-05-04T21:15"),
        ("2015. 5. 4.", "2015-05-04T00:00"),
        ("4.5.2015", "2015-05-04T00:00"),
        ("04.05.15", "2015-05-04T00:00"),
        ("4. 5. 2015 9:15", "2015-05-04T09:15"),
        ("25/12/99", "1999-12-25T00:00"),
        ("2015-124", "2015-05-04T00:00"),
        ("2015-05-04 09:15:00 +0800 CST", "2015-05-04T01:15"),
        ("2015-05-04T09:15:00+08:00[Asia/Shanghai]", "2015-05-04T01:15"),
        ("2015-05-04T09:15:00Z[UTC]", "2015-05-04T09:15"),
        ("4 maja 2015 r.", "2015-05-04T00:00"),
        ("2015-05-04 09:15 Europe/Berlin", "2015-05-04T07:15"),
        ("/Date(1430730900000)/", "2015-05-04T09:15"),
        ("1430730900000000000", "2015-05-04T09:15"),
        (20150504, "2015-05-04T00:00"),
        (20150504091500, "2015-05-04T09:15"),
        (20150504.0, "2015-05-04T00:00"),
        ("Mon, 04 May 2015 09:15:00 AEST", "2015-05-03T23:15"),
    ],
)
def test_dates_of_many_countries_mean_the_day_that_is_written(written, expected):
    """Months and days by name, scripts of their own, dots, digits and the forms of programs."""
    assert datetime.fromisoformat(expected).replace(tzinfo=UTC) == parse_date(written)


@pytest.mark.parametrize(
    "written",
    [
        "15年5月4日", "午前12時 2015年5月4日", "2015-366", "2015-000", "1.43E9", "2405041530", "5月4日",
        "04052015", "31.02.2015", "Mai 2015", "jeudi 9 mai", 41763, "41763", "04/05/15", "15/05/04",
    ],
)  # fmt: skip
def test_what_may_be_another_day_is_refused(written):
    """Years of unknown calendars, days that no year has, numbers that can be two things."""
    with pytest.raises(ArticleInvalid):
        parse_date(written)


def test_every_month_of_six_languages_is_known():
    """Whole and short, with and without accents, as Babel and so the Unicode CLDR has them."""
    from babel.dates import get_month_names

    for code in ("de", "fr", "es", "it", "pt", "nl"):
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=code).items():
                assert datetime(2023, number, 7, tzinfo=UTC) == parse_date(f"7 {name} 2023"), (code, name)


class TestHabits:
    @pytest.mark.parametrize(
        ("habits", "expected", "guess"),
        [
            (DateHabits(order="dmy"), (2015, 5, 4), ""),
            (DateHabits(order="mdy"), (2015, 4, 5), ""),
            (DateHabits(columns={"/": "mdy"}), (2015, 4, 5), "month first"),
            (DateHabits(language="fr"), (2015, 5, 4), "day first"),
            (DateHabits(language="en_US"), (2015, 4, 5), "month first"),
            (DateHabits(order="dmy", columns={"/": "mdy"}), (2015, 5, 4), ""),
            (DateHabits(language="de", columns={"/": "mdy"}), (2015, 4, 5), "month first"),
        ],
    )
    def test_what_decides_the_order(self, habits, expected, guess):
        """The setting, then the other dates of the column, then the language; what was concluded is told."""
        read = read_date("04/05/2015", habits)
        assert datetime(*expected, tzinfo=UTC) == read.moment
        assert read.guess.endswith(guess)
        assert bool(read.guess) == bool(guess)

    @pytest.mark.parametrize(
        "habits", [DateHabits(language="en"), DateHabits(columns={"/": ""}, language="de")]
    )
    def test_what_does_not_decide_it(self, habits):
        """English without a country; a column that is written both ways."""
        with pytest.raises(ArticleInvalid, match="two days"):
            parse_date("04/05/2015", habits)

    def test_a_dotted_date_follows_its_column_alone(self):
        """05.25.2015 beside it says that the month stands first."""
        assert datetime(2015, 4, 5, tzinfo=UTC) == parse_date("04.05.2015", DateHabits(columns={".": "mdy"}))
        assert datetime(2015, 5, 4, tzinfo=UTC) == parse_date("04.05.2015", DateHabits(columns={".": ""}))

    def test_days_as_excel_counts_them(self):
        """Where they may be; told; with a comma or a point."""
        habits = DateHabits(serials=True)
        read = read_date("42128", habits)
        assert (datetime(2015, 5, 4, tzinfo=UTC), True) == (read.moment, "Excel" in read.guess)
        for written in ("42128,75", "42128.75", 42128.75):
            assert datetime(2015, 5, 4, 18, tzinfo=UTC) == parse_date(written, habits)
        with pytest.raises(ArticleInvalid):
            parse_date("16559", habits)  # of 1945, or days since 1970

    def test_times_without_a_zone_are_in_that_of_the_source(self):
        """In summer and winter time; what names a zone keeps it."""
        habits = DateHabits(zone=ZoneInfo("Europe/Berlin"))
        assert datetime(2015, 7, 4, 7, tzinfo=UTC) == parse_date("2015-07-04 09:00", habits)
        assert datetime(2015, 1, 4, 8, tzinfo=UTC) == parse_date(datetime(2015, 1, 4, 9), habits)
        assert datetime(2015, 1, 4, 9, tzinfo=UTC) == parse_date("2015-01-04T09:00Z", habits)

    @pytest.mark.parametrize(
        ("zone", "hour"), [("Europe/Berlin", 0), ("America/New_York", 4), ("Pacific/Auckland", 0)]
    )
    def test_a_day_alone_stays_that_day_and_never_begins_early(self, zone, hour):
        """Its midnight in UTC or in the zone, whichever is later."""
        habits = DateHabits(zone=ZoneInfo(zone))
        for written in ("2015-07-04", "20150704", "4 July 2015", "04.07.2015", date(2015, 7, 4)):
            assert datetime(2015, 7, 4, hour, tzinfo=UTC) == parse_date(written, habits)

    @pytest.mark.parametrize(
        ("name", "habits", "hour"),
        [
            ("IST", DateHabits(language="hi"), 3.5),
            ("IST", DateHabits(language="he"), 7),
            ("IST", DateHabits(zone=ZoneInfo("Europe/Dublin")), 8),
            ("IST", DateHabits(), None),
            ("IST", DateHabits(language="en"), None),
            ("CST", DateHabits(language="en"), 15),
            ("CST", DateHabits(language="zh-CN"), None),
            ("CST", DateHabits(zone=ZoneInfo("Asia/Shanghai")), 1),
            ("EST", DateHabits(language="en-AU"), None),
        ],
    )
    def test_names_of_several_zones(self, name, habits, hour):
        """They are read where the site's zone or the language makes them certain."""
        written = f"Mon, 06 Jul 2015 09:00:00 {name}"
        if hour is None:
            with pytest.raises(ArticleInvalid, match="time zone"):
                parse_date(written, habits)
        else:
            assert datetime(2015, 7, 6, tzinfo=UTC) + timedelta(hours=hour) == parse_date(written, habits)

    def test_no_zone_of_that_name(self):
        """A setting that names none is refused."""
        with pytest.raises(ZoneUnknown, match="Mars/Olympus"):
            habits_from(time_zone="Mars/Olympus")
