"""Patterns of the settings are matched in linear time, and what cannot be is refused at the start."""

from __future__ import annotations

import time

import pytest

from semsearch.errors import SettingsInvalid
from semsearch.options import SourceOptions
from semsearch.sources.remote.making import check_all
from semsearch.sources.remote.patterns import Pattern


@pytest.mark.parametrize("written", [r"(a+)+$", r"(a|aa)+$", r"(a*)*b", r"(.*a){25}$", r"^(\w+\s?)*$"])
def test_no_pattern_hangs_on_a_long_address(written):
    """Each of them takes Python's own matcher longer than a test can wait."""
    started = time.monotonic()
    assert not Pattern(written).found_in("https://a.example/" + "a" * 20_000 + "!")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("", True),
        ("/20[0-9]{2}/", True),
        (r"(?i)/NEWS/\d{4}", True),
        ("^https://b", False),
        ("(?P<x>ü)", True),
    ],
)
def test_usual_patterns_mean_what_they_mean_in_python(written, found):
    """Classes, flags, groups, anchors; letters beyond ASCII."""
    assert found is Pattern(written).found_in("https://a.example/news/2024/ü")


@pytest.mark.parametrize("key", ["include", "exclude"])
@pytest.mark.parametrize(
    "written", ["[", "*", "(?=a)b", "(?<!a)b", r"(a)\1", "((a{1000}){1000}){1000}", "a++"]
)
def test_what_cannot_be_matched_in_linear_time_is_refused_by_name(key, written):
    """The error names the source, the key, the pattern and what is allowed."""
    sources = {"site": SourceOptions(kind="sitemap", url="https://a.example/", **{key: written})}
    with pytest.raises(
        SettingsInvalid, match=rf"^\[sources\.site\] {key} is .* RE2's: as Python's, but without"
    ):
        check_all(sources)
