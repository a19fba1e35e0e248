"""The tour for a WordPress site works word for word, with the real model and a site on loopback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from semsearch.settings import load_settings
from semsearch.sources.remote.making import check_all
from tests.docs.settings_table import README
from tests.sources.remote.servers import serving
from tests.sources.remote.wordpress_site import WordPressSite

TOUR = README.parent / "docs" / "wordpress.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


def run(code, folder):
    """What a block of the tour prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEMSEARCH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.mark.model
@pytest.mark.slow
def test_the_tour_word_for_word(tmp_path):
    """Up to the two commands that go on for ever; only the address is another."""
    site = WordPressSite()
    site.fill(60)
    blocks = [(kind, code) for kind, code in BLOCK.findall(TOUR.read_text("utf-8")) if kind in {"toml", "sh"}]
    outputs = []
    with serving(site.answer) as server:
        site.origin = server.url
        for kind, code in blocks:
            if "semsearch serve" in code:
                break
            if kind == "toml":
                settings = code.replace("https://news.example", server.url) + "allow_private = true\n"
                (tmp_path / "semsearch.toml").write_text(settings, "utf-8")
            else:
                outputs.append(run(code, tmp_path))
    synced, built, found, related = outputs
    assert synced.startswith("site: 60 added, 0 changed")
    assert "60 articles" in built
    assert "the town & its roads" in found
    assert "Report 4" in related


def test_the_settings_of_the_tour_are_settings(tmp_path):
    """Every table of it is read and could work."""
    tables = [code for kind, code in BLOCK.findall(TOUR.read_text("utf-8")) if kind == "toml"]
    (tmp_path / "semsearch.toml").write_text("".join(tables), "utf-8")
    sources = load_settings(tmp_path / "semsearch.toml", {}).sources
    assert {"site", "agency", "magazine", "archive", "export"} == sources.keys()
    check_all(sources, {"SITE_PASSWORD": "x", "ARCHIVE_URL": "sqlite://"})
