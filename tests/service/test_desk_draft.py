"""The form that takes a draft: a headline that was pasted with its text is told from it."""

from __future__ import annotations

import pytest

from semsearch.service.desk import Form
from semsearch.service.desk_draft import typed_draft

BODY = "The council voted on Tuesday to shut the primary school in Fennick after pupil numbers fell."


def typed(text: str, title: str = "") -> tuple[str, str]:
    """Headline and text as the form has them afterwards."""
    filled = typed_draft(Form((("title", title), ("text", text))))
    return filled.title, filled.text


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", " \n \n\n"])
def test_a_pasted_headline_goes_into_its_field(gap):
    """Whatever the browser makes of line ends; the text begins behind it."""
    assert ("School shuts", BODY) == typed(f"\n School shuts{gap}{BODY}")


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"{BODY}\n\n{BODY}",
        f"School shuts\n{BODY}",
        "School shuts\n\nShort.",
        f"<h1>School shuts</h1>\n\n{BODY}",
        f"# School shuts\n\n{BODY}",
        f"By Ada Marsh:\n\n{BODY}",
        "",
    ],
)
def test_other_texts_stay_as_they_are(text):
    """A sentence, markup, a single line and what has no text after it are no headline."""
    assert ("", text) == typed(text)


def test_a_headline_that_was_typed_stays():
    """Then the first line is part of the text."""
    assert ("Mine", f"School shuts\n\n{BODY}") == typed(f"School shuts\n\n{BODY}", "Mine")


def test_a_long_line_of_blanks_costs_little():
    """A hostile text is looked at once."""
    text = "x" + " " * 100_000 + "x" * 100_000
    assert ("", text) == typed(text)
