"""Settings come from a file, variables and options, and each is checked wherever it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from semsearch.errors import IndexNotFound, SettingsInvalid
from semsearch.index.folder import IndexFolder
from semsearch.settings import Settings, load_settings

REFUSED = (
    *("", " ", "a ", " a", ".", "..", "...", ".hidden", "-x"),
    *("keys.json", "KEYS.JSON", "keys.lock", "rules.db", "rules.db-wal", "README.md", "news.tar.gz", "x.tmp"),
    *("a/b", "/abs", "../up", "a\\b", "a:b", "a\0b", "a\nb", "a\x1bb", "a\u202eb", "a\udce9"),
    *("x" * 101, "ü" * 51, "a."),
)


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_is_no_index_is_refused_wherever_it_comes_from(name: str, tmp_path: Path) -> None:
    """As an option, as a variable, in the file and from a program; the error says what may stand there."""
    with pytest.raises(SettingsInvalid, match=r"index name .* cannot be used: .*; give letters"):
        load_settings(environ={}, index=name)
    with pytest.raises(SettingsInvalid, match="cannot be used"):
        load_settings(environ={"SEMSEARCH_INDEX": name})
    with pytest.raises(SettingsInvalid, match="cannot be used"):
        Settings(index=name)
    if name.isprintable() and "\\" not in name:
        file = tmp_path / "semsearch.toml"
        file.write_text(f'index = "{name}"\n', "utf-8")
        with pytest.raises(SettingsInvalid, match="cannot be used"):
            load_settings(file, environ={})


@pytest.mark.parametrize(
    "name",
    ["default", "news-2024", "news_2024", "_old", "news.2024", "Zeitung", "日報", "my site", "x" * 100],
)
def test_plain_names_are_names(name: str) -> None:
    """Letters of any script, digits, points and blanks within."""
    assert name == Settings(index=name).index


def test_a_file_in_the_place_of_an_index_stays_what_it_is(tmp_path: Path) -> None:
    """Neither a search nor a build takes it for an index."""
    (tmp_path / "news").write_text("mine")
    folder = IndexFolder(tmp_path, "news")
    for act in (folder.current, folder.create):
        with pytest.raises(IndexNotFound, match="is a file and cannot be the folder of an index"):
            act()
    assert "mine" == (tmp_path / "news").read_text()


def test_how_dates_are_written_is_said_for_the_site_and_for_each_source(tmp_path: Path) -> None:
    """A source has the site's habits where it has none of its own; a variable says them, too."""
    file = tmp_path / "semsearch.toml"
    file.write_text(
        'time_zone = "Europe/Oslo"\ndate_order = "dmy"\n'
        '[sources.own]\nkind = "feed"\ntime_zone = "Asia/Tokyo"\n[sources.plain]\nkind = "feed"\n'
    )
    settings = load_settings(file, environ={"SEMSEARCH_DATE_ORDER": "mdy"})
    assert ("mdy", "Europe/Oslo") == (settings.dates().order, str(settings.dates().zone))
    sources = settings.live_sources()
    assert ("mdy", "Asia/Tokyo") == (sources["own"].date_order, sources["own"].time_zone)
    assert ("mdy", "Europe/Oslo") == (sources["plain"].date_order, sources["plain"].time_zone)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('time_zone = "Europe/Atlantis"', r"time_zone.*Europe/Atlantis.*give a name like Europe/Berlin"),
        ('time_zone = "../../etc/passwd"', "give a name like Europe/Berlin"),
        ('time_zone = "Europe"', "give a name like Europe/Berlin"),
        ('date_order = "day first"', "give one of .*dmy, mdy, ymd"),
    ],
)
def test_habits_that_are_none_are_refused(setting: str, told: str, tmp_path: Path) -> None:
    """With the value and what may stand there."""
    file = tmp_path / "semsearch.toml"
    file.write_text(setting)
    with pytest.raises(SettingsInvalid, match=told):
        load_settings(file, environ={})
