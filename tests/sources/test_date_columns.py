"""Dates that can mean two days are read as the others beside them, their language or a setting say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from semsearch.sources.opening import read_all
from semsearch.sources.report import Report
from semsearch.text.dates import DateHabits

GERMAN = "Der Stadtrat hat am Montag den neuen Haushalt beschlossen, wie ein Sprecher der Stadt mitteilte."
ENGLISH = "The town council has passed the new budget on Monday evening, a spokesman of the town told us."


def table(path, dates, *, texts=ENGLISH, column="published_at"):
    """A CSV with these dates."""
    rows = [f"{number};Title {number};{texts};{day}" for number, day in enumerate(dates)]
    path.write_text("\n".join([f"id;title;body;{column}", *rows]) + "\n")
    return path


def lines(path, dates, *, texts=ENGLISH, column="published_at"):
    """JSON Lines with these dates."""
    records = [
        {"id": number, "title": f"Title {number}", "body": texts, column: day}
        for number, day in enumerate(dates)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def days(path, **habits):
    """Month and day of each article, and the notes."""
    report = Report()
    found = read_all([str(path)], None, report, None, DateHabits(**habits))
    dates = [one.published_at for one in found]
    return [day and (day.month, day.day) for day in dates], "\n".join(report.tally().notes())


@pytest.fixture(params=[table, lines], ids=["csv", "jsonl"])
def written(request, tmp_path):
    """Writes a file of either kind."""
    return lambda dates, **more: request.param(
        tmp_path / f"news.{'csv' if request.param is table else 'jsonl'}", dates, **more
    )


def test_the_column_decides(written):
    """Wherever the telling date stands; and this is told."""
    found, notes = days(written(["03/04/2021", "04/03/2021", "25/03/2021"]))
    assert [(4, 3), (3, 4), (3, 25)] == found
    assert "2 times" in notes
    assert "day first" in notes
    found, _ = days(written(["03/25/2021", "03/04/2021"]))
    assert [(3, 25), (3, 4)] == found


def test_a_column_that_is_written_both_ways_decides_nothing(written):
    """What can be read is read; the rest has no date, and this is told."""
    found, notes = days(written(["25/03/2021", "03/25/2021", "03/04/2021"]))
    assert [(3, 25), (3, 25), None] == found
    assert "written both ways" in notes


def test_the_language_decides_where_the_column_does_not(written):
    """German puts the day first, English does both."""
    assert [(4, 3), (6, 5)] == days(written(["03/04/2021", "05/06/2021"], texts=GERMAN))[0]
    found, notes = days(written(["03/04/2021", "05/06/2021"]))
    assert [None, None] == found
    assert "date_order" in notes


def test_the_setting_decides_before_all(written):
    """And nothing is told then."""
    found, notes = days(written(["03/04/2021", "25/03/2021"], texts=GERMAN), order="mdy")
    assert ([(3, 4), (3, 25)], "") == (found, notes)


def test_dates_with_dots_need_no_others(written):
    """The day stands first."""
    assert ([(4, 3), (12, 1)], "") == days(written(["03.04.2021 10:15", "1.12.21"]))


def test_days_of_excel(written):
    """In columns of dates."""
    found, notes = days(written(["44289", "44289.5"]))
    assert [(4, 3), (4, 3)] == found
    assert "Excel" in notes


def test_the_zone_of_the_site(tmp_path):
    """Holds for times that name none."""
    path = lines(tmp_path / "news.jsonl", ["2021-07-03 09:00", "2021-07-03T09:00:00Z"])
    found = read_all([str(path)], None, Report(), None, DateHabits(zone=ZoneInfo("Europe/Paris")))
    assert [datetime(2021, 7, 3, hour, tzinfo=UTC) for hour in (7, 9)] == [one.published_at for one in found]


def test_another_column_tells_where_its_own_does_not(tmp_path):
    """One export is written by one program."""
    rows = "id,title,published_at,updated_at\n1,One,03/04/2021,25/04/2021\n2,Two,05/04/2021,06/04/2021\n"
    (tmp_path / "news.csv").write_text(rows)
    assert [(4, 3), (4, 5)] == days(tmp_path / "news.csv")[0]


def test_places_stay_those_of_the_records(tmp_path):
    """Though records behind a date were read before it."""
    path = lines(tmp_path / "news.jsonl", ["2021-04-03", "03/04/2021", "soon", "25/04/2021"])
    _, notes = days(path)
    assert f"{path}:2: field 'published_at'" in notes
    assert f"{path}:3: field 'published_at': not a date" in notes


def test_a_file_that_breaks_off_behind_such_a_date_gives_what_it_has(tmp_path):
    """The records before the damage are taken."""
    import gzip

    rows = [
        json.dumps({"id": number, "title": f"T {number * 7919}", "published_at": "03/04/2021"})
        for number in range(3_000)
    ]
    packed = gzip.compress("\n".join(rows).encode())
    (tmp_path / "news.jsonl.gz").write_bytes(packed[: len(packed) * 2 // 3])
    report = Report()
    found = list(read_all([str(tmp_path / "news.jsonl.gz")], None, report))
    assert 1_000 < len(found) < 3_000
    assert "cannot be read from here on" in "\n".join(report.tally().notes())


def test_a_field_whose_name_says_gmt_is_in_it(tmp_path):
    """Wherever the site is."""
    record = {
        "id": 1,
        "title": "One",
        "post_date_gmt": "2021-07-03 09:00:00",
        "post_date": "2021-07-03 11:00:00",
    }
    (tmp_path / "news.jsonl").write_text(json.dumps(record) + "\n")
    found = read_all([str(tmp_path)], None, Report(), None, DateHabits(zone=ZoneInfo("Europe/Paris")))
    assert [datetime(2021, 7, 3, 9, tzinfo=UTC)] == [one.published_at for one in found]
