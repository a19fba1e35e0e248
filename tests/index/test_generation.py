"""An open generation: followed by its readers, closed by the last of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from semsearch.articles import Article
from semsearch.index.generation import OpenGeneration
from semsearch.index.locks import is_held
from tests.index.making import article, engine_at, filled, live_ids


def test_a_retired_generation_lives_until_its_last_reader_leaves(tmp_path):
    """A request sees one generation from start to end; nobody new gets the old one."""
    engine = filled(tmp_path, 1)
    view = engine.index.snapshot()
    old = view.generation
    manifest: Path = engine.folder.generation_path(old) / "manifest.json"
    engine.build([])
    with engine.index.snapshot() as newer:
        assert old < newer.generation
    assert is_held(manifest)
    assert 6 == view.counts().articles
    with view:
        pass
    assert not is_held(manifest)
    engine.close()


def test_a_closed_generation_takes_no_new_readers(tmp_path):
    """``acquire`` says no; releasing and retiring twice does no harm."""
    engine = filled(tmp_path, 1)
    opened = OpenGeneration(engine.folder, engine.folder.current())
    assert opened.acquire()
    opened.retire()
    opened.retire()
    assert opened.acquire()
    opened.release()
    opened.release()
    assert not opened.acquire()
    engine.close()


def test_two_processes_see_each_others_changes_in_order(tmp_path):
    """Each is visible to the other's next request."""
    one = filled(tmp_path, 1)
    two = engine_at(tmp_path)
    for number in range(20, 24):
        writer, reader = (one, two) if number % 2 else (two, one)
        writer.add_articles([article(number, 1)])
        assert f"a{number}" in live_ids(reader)
        writer.delete([f"a{number - 20}"])
        assert f"a{number - 20}" not in live_ids(reader)
    one.close()
    two.close()


def test_swaps_leave_no_generation_open(tmp_path):
    """Old ones are let go, so that memory and files do not grow."""
    engine = filled(tmp_path, 1, 2)
    older, newer = engine.folder.generations()
    for round_ in range(10):
        target, other = (older, newer) if round_ % 2 else (newer, older)
        engine.activate(target)
        live_ids(engine)
        assert is_held(engine.folder.generation_path(target) / "manifest.json")
        assert not is_held(engine.folder.generation_path(other) / "manifest.json")
    engine.close()
    assert not is_held(engine.folder.generation_path(newer) / "manifest.json")


def test_rows_in_other_languages_are_those_whose_articles_are(tmp_path):
    """Asked again, for other languages, and by a later reader who sees more articles: as by hand."""
    codes = ["en", "en-GB", "de", None, "pl", "de-AT"]

    def spoken(number: int, code: str | None) -> Article:
        if code is None:  # and nothing to tell it by
            return Article(f"a{number}", "1 2 3")
        return replace(article(number, 1), language=code)

    engine = engine_at(tmp_path)
    engine.add_articles([spoken(number, code) for number, code in enumerate(codes)])
    for added in (None, "fr", "en"):
        if added:
            codes.append(added)
            engine.add_articles([spoken(len(codes) - 1, added)])
        with engine.index.snapshot() as view:
            rows = np.array([view.row_of(f"a{number}") for number in range(len(codes))])
            for read in ({"en"}, {"de", "en"}, {"en"}, set()):
                expected = [code is not None and code[:2] not in read for code in codes]
                assert expected == view.in_other_languages(rows, read).tolist()
    engine.close()
