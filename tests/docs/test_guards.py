"""docs/guards.md says of dates what the reader of dates does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semsearch.errors import ArticleInvalid
from semsearch.text.dates import DateHabits, parse_date

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "guards.md").read_text("utf-8")
TABLE = TEXT.partition("| written | read as |\n| --- | --- |\n")[2].partition("\n\n")[0]
ROWS = [re.split(r" \| ", line.strip("| ")) for line in TABLE.splitlines()]
WRITTEN = [
    (one.replace("… ", "Fri, 01 Mar 2024 07:30 "), "no date" not in meaning)
    for examples, meaning in ROWS
    for one in re.findall(r"`([^`]+)`", examples)
    if one != "… CST"  # read as RFC 2822 has it where no language speaks against it
]


@pytest.mark.parametrize(("written", "is_read"), WRITTEN)
def test_examples_of_dates(written, is_read):
    """What the table shows is read; what it says has no date is refused where nothing else tells."""
    if is_read:
        parse_date(written, DateHabits(serials=True))
    else:
        with pytest.raises(ArticleInvalid):
            parse_date(written)


def test_the_table_is_found():
    """So that the test above tests something."""
    assert len(WRITTEN) > 25
    assert 5 <= sum(not is_read for _, is_read in WRITTEN)
