"""What docs/sources.md says of kinds, names and the field map is so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from semsearch.errors import SourceUnreadable
from semsearch.settings import load_settings
from semsearch.sources import unpacking, zip_archive
from semsearch.sources.fieldmap import ALIASES, usual_name
from semsearch.sources.html_page import MOST_PAGE_BYTES
from semsearch.sources.kinds import KINDS
from semsearch.sources.markdown import MarkdownPage
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, MAX_RECORD_BYTES
from tests.sources.making import read_back

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text("utf-8")
TESTED = dict(re.findall(r"<!-- tested: [^>]*-->\n```(csv|toml|sh)\n(.*?)```", PAGE, re.S))


def test_the_table_of_kinds_is_complete():
    """Every kind with its endings, in the order in which an error names them."""
    rows = re.findall(r"^\| `(\w+)` \| (\.[^|]+?) \|", PAGE, re.M)
    assert [(kind.name, " ".join(kind.suffixes)) for kind in KINDS.values()] == rows


def test_the_names_are_known():
    """Every name in the table of names stands for the field of its row, and every field has a row."""
    rows = re.findall(r"^\| `(\w+)` \| ([^.|`]+) \|$", PAGE, re.M)
    assert list(ALIASES) == [field for field, _ in rows]
    for field, names in rows:
        for name in names.split(", "):
            assert (name, field) == (name, (usual_name(name) or "").replace("authors", "author"))


def test_the_bounds_are_as_said():
    """The numbers of the last chapter."""
    assert (64 * 2**20, 200) == (unpacking.UNBOUNDED_BYTES, unpacking.MOST_RATIO)
    assert 2_000_000 == zip_archive.MOST_MEMBERS
    assert (64 * 2**20, 10_000_000) == (MAX_RECORD_BYTES, MAX_BODY_CHARACTERS)
    assert (20_000_000, 4_000_000) == (MOST_PAGE_BYTES, MarkdownPage.most_bytes)


def example(folder):
    """The files of the example as a reader would write them."""
    (folder / "export.csv").write_text(TESTED["csv"], "utf-8")
    (folder / "semsearch.toml").write_text(TESTED["toml"], "utf-8")


def test_the_example_of_the_field_map_is_read(tmp_path):
    """With the map the rows are articles; without it the error leads to the map."""
    example(tmp_path)
    settings = load_settings(tmp_path / "semsearch.toml", {})
    found, report = read_back(tmp_path / "export.csv", fields=dict(settings.fields))
    assert (["17", "18"], 0) == (list(found), report.tally().rejected)
    one = found["17"]
    assert ("Frost im Mai", "Wetter") == (one.title, one.section)
    assert "2024-05-03T04:00:00+00:00" == one.published_at.isoformat()
    with pytest.raises(SourceUnreadable, match=r"the id is missing; the record has Ref, .*say in \[fields\]"):
        read_back(tmp_path / "export.csv")


@pytest.mark.model
@pytest.mark.slow
def test_the_commands_of_the_example_run(tmp_path):
    """As a reader would type them, with the real model."""
    example(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEMSEARCH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", TESTED["sh"]],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "2 articles" in done.stdout
    assert "Frost im Mai" in done.stdout
