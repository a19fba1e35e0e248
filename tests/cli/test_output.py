"""What reaches a terminal is harmless and exact."""

import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from semsearch_cli.output import (
    clean,
    clean_lines,
    duration,
    iso,
    pairs,
    plain,
    say,
    show,
    show_json,
    size,
    table,
    tell,
)

EVIL = "a\x1b[31mred\x07\x9b2J\u202eevil\nnext\tx"


def test_clean_leaves_no_control_character():
    """Escape sequences, bells, both control sets and direction marks become one visible sign each."""
    assert "a\ufffd[31mred\ufffd\ufffd2J\ufffdevil next x" == clean(EVIL)


def test_clean_lines_keeps_line_breaks_only():
    """Lines stay lines; everything else harmful goes."""
    assert "one\ntwo\ufffd[0m" == clean_lines("one\ntwo\x1b[0m")


def test_say_prints_on_standard_output_and_tell_on_standard_error(capsys):
    """Results and words for the person never mix."""
    say("a result")
    tell("a word")
    assert ("a result\n", "a word\n") == capsys.readouterr()


def test_table_shows_square_brackets_and_emoji_codes_as_they_are(capsys):
    """A title is text, never rich markup."""
    show(table(("title", "#count"), [("[bold]Ban[/bold] :smile: [link=x]", 1234)]))
    out = capsys.readouterr().out
    assert "[bold]Ban[/bold] :smile: [link=x]" in out
    assert "1,234" in out


def test_table_has_no_raw_control_character(capsys):
    """Cells of a table are cleaned."""
    show(table(("title",), [(EVIL,)]), pairs({"name": EVIL}))
    assert not set("\x1b\x07\x9b\u202e") & set(capsys.readouterr().out)


def test_json_is_one_document_that_keeps_every_character(capsys):
    """JSON escapes what could harm a terminal, and reading it gives the text back."""
    show_json({"title": EVIL, "half": "\ud800", "plain": "Zürich “quoted”"})
    out = capsys.readouterr().out
    assert {"title": EVIL, "half": "\ud800", "plain": "Zürich “quoted”"} == json.loads(out)
    assert not set("\x1b\x07\x9b\u202e\ud800") & set(out)
    assert "Zürich “quoted”" in out


def test_json_is_ascii_where_standard_output_is_not_unicode(monkeypatch):
    """A terminal of another encoding still gets JSON that reads back the same."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", stream)
    show_json({"title": "Kraków"})
    stream.flush()
    assert {"title": "Kraków"} == json.loads(stream.buffer.getvalue().decode("ascii"))


@dataclass(frozen=True)
class Report:
    """A report as the engine gives."""

    file: Path | None
    at: datetime
    ids: tuple[str, ...]
    share: float


def test_plain_turns_reports_into_what_json_has():
    """Paths become text, times ISO 8601 in UTC, tuples lists, NaN null."""
    moment = datetime(2026, 1, 31, 8, tzinfo=UTC)
    expected = {"file": "a/b", "at": "2026-01-31T08:00:00Z", "ids": ["x"], "share": None}
    assert expected == plain(Report(Path("a/b"), moment, ("x",), float("nan")))


def test_plain_takes_numbers_of_numpy():
    """Scores may be numpy's; JSON gets Python's."""
    assert [0.5, [1, 2], 3] == plain([np.float32(0.5), np.array([1, 2]), np.int64(3)])


def test_iso_turns_zones_into_utc():
    """A time with an offset is written in UTC."""
    moment = datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=1)))
    assert "2026-01-31T08:00:00Z" == iso(moment)
    assert None is iso(None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (12.3, "12 s"),
        (119.4, "119 s"),
        (180, "3 min"),
        (3130, "52 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_duration_is_said_as_people_do(seconds, words):
    """Seconds up to two minutes, minutes up to two hours, then hours."""
    assert words == duration(seconds)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "2 kB"),
        (90_900_000, "91 MB"),
        (2.5e9, "2.5 GB"),
        (3.2e12, "3200.0 GB"),
    ],
)
def test_size_is_said_in_powers_of_1000(count, words):
    """Bytes as disks count them."""
    assert words == size(count)
