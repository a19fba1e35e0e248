"""What was rejected or mended is counted by reason and kept in a file."""

from __future__ import annotations

import json

import pytest

from semsearch.errors import ArticleInvalid, StorageFailed
from semsearch.sources.protocol import Note, Rejected
from semsearch.sources.rejects import RejectsFile
from semsearch.sources.report import Report, Tally


def rejected(number=1, problem="the id is missing", raw="{}"):
    """A rejection at a line."""
    error = ArticleInvalid(problem, place=f"x:{number}", field="id", value=None, hint="give one")
    return Rejected(f"x:{number}", error, raw)


def test_an_empty_report():
    """Nothing read, nothing said."""
    assert Tally() == Report().tally()
    assert [] == Report().tally().notes()


def test_reasons_are_counted_with_the_first_examples():
    """Equal reasons are one line, most frequent first, with three examples at most."""
    report = Report()
    report.take()
    report.reject(rejected(0, "rare"))
    for number in range(1, 6):
        report.reject(rejected(number))
    report.warn(Note("x:9", "url", "left out", "'ftp://x'"))

    tally = report.tally()

    assert (1, 6, 1) == (tally.read, tally.rejected, tally.warned)
    assert [5, 1] == [reason.count for reason in tally.rejections]
    assert 3 == len(tally.rejections[0].examples)
    assert {
        "field 'id': the id is missing": 5,
        "field 'id': rare": 1,
        "field 'url': left out": 1,
    } == tally.by_reason
    assert "rejected 5 times: first x:1: field 'id': the id is missing; give one" == tally.notes()[0]
    assert "1 time: x:9: field 'url': left out (value 'ftp://x')" == tally.notes()[-1]


def test_endless_reasons_are_bounded():
    """Thousands of different reasons are counted together after the first 200."""
    report = Report()
    for number in range(1_000):
        report.reject(rejected(number, f"problem {number}"))

    assert 1_000 == report.tally().rejected
    assert 201 == len(report.tally().rejections)


def test_the_rejects_file_is_made_only_when_needed(tmp_path):
    """No rejection, no file, not even a folder."""
    with RejectsFile(tmp_path / "a" / "rejects.jsonl") as file:
        Report(file)

    assert not (tmp_path / "a").exists()


def test_rejections_can_be_mended_from_the_file(tmp_path):
    """Each line holds place, field, problem, value, hint and the article as it was given."""
    path = tmp_path / "a" / "rejects.jsonl"
    with RejectsFile(path) as file:
        Report(file).reject(rejected(raw='{"title": "caf\u00e9 \ud800"}'))
        Report(file).reject(rejected(2, raw="x" * 200_000))
    with RejectsFile(path) as file:
        file.write(rejected(3))

    rows = [json.loads(line) for line in path.read_text().splitlines()]

    assert {
        "place": "x:1", "field": "id", "problem": "the id is missing", "value": None, "hint": "give one",
        "raw": '{"title": "café \ufffd"}',
    } == rows[0]  # fmt: skip
    assert (100_000, True) == (len(rows[1]["raw"]), rows[1]["raw_cut"])
    assert "x:3" == rows[2]["place"]


def test_a_disk_that_refuses_is_said(tmp_path):
    """A folder that cannot be made is StorageFailed with the way out."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageFailed, match="cannot write the rejected articles"):
        RejectsFile(tmp_path / "file" / "rejects.jsonl").write(rejected())


def test_lost_records_are_counted_with_what_is_not_known():
    """A rejection may stand for many records, or for at least so many; files that gave nothing are named."""
    report = Report()
    error = ArticleInvalid("the names are unknown", place="x.csv:1")
    report.reject(Rejected("x.csv:1", error, "", count=16))
    assert (16, True, 16) == (report.tally().lost, report.tally().lost_is_exact, report.tally().rejected)
    assert ["rejected 16 times: x.csv:1: the names are unknown"] == report.tally().notes()

    report.reject(Rejected("y.xml:9", ArticleInvalid("cut off", place="y.xml:9"), "", count=0, exact=False))
    report.warn(Note("z.csv", "", "passed over", lost=1, unread=True))

    tally = report.tally()
    assert (17, False, ("z.csv",)) == (tally.lost, tally.lost_is_exact, tally.unread)
    assert "rejected an unknown number of records: y.xml:9: cut off" in tally.notes()


def test_a_line_of_the_rejects_file_says_for_how_many_it_stands(tmp_path):
    """Only where that is not one."""
    with RejectsFile(tmp_path / "rejects.jsonl") as file:
        file.write(rejected())
        file.write(Rejected("x:1", ArticleInvalid("cut off"), "", count=3, exact=False))
    one, many = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert "records" not in one
    assert (3, True) == (many["records"], many["at_least"])
