"""The digest of what sources are read from: another wherever reading could give something else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from semsearch.sources.content import content_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one of them in a folder, and a hidden one."""
    made = tmp_path / "articles"
    (made / "more").mkdir(parents=True)
    (made / "a.jsonl").write_text('{"id": 1, "title": "One"}\n', "utf-8")
    (made / "more" / "b.jsonl").write_text('{"id": 2, "title": "Two"}\n', "utf-8")
    (made / ".hidden.jsonl").write_text("{}", "utf-8")
    return made


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte": lambda folder: (folder / "a.jsonl").write_text('{"id": 1, "title": "Ona"}\n', "utf-8"),
    "a name": lambda folder: (folder / "more" / "b.jsonl").rename(folder / "more" / "c.jsonl"),
    "two contents": lambda folder: (folder / "a.jsonl").rename(folder / "z.jsonl"),
    "one more": lambda folder: (folder / "c.jsonl").write_text("", "utf-8"),
    "one less": lambda folder: (folder / "a.jsonl").unlink(),
    "a link that is passed over": lambda folder: (folder / "d.jsonl").symlink_to("nowhere"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_below_a_folder_changes_it(folder, change):
    """Whatever is read, or told when it is passed over."""
    before = content_digest([str(folder)])
    assert before is not None
    assert before == content_digest([str(folder)])
    change(folder)
    assert before != content_digest([str(folder)]) is not None


def test_what_is_not_read_does_not_count(folder):
    """Hidden files, and when a file was written."""
    before = content_digest([str(folder)])
    (folder / ".hidden.jsonl").write_text("[]", "utf-8")
    os.utime(folder / "a.jsonl", (1, 1))
    assert before == content_digest([str(folder)])


def test_how_it_is_read_counts(folder):
    """Which sources in which order, of which kind, with which names of fields."""
    one, two = str(folder / "a.jsonl"), str(folder / "more" / "b.jsonl")
    found = [
        content_digest(*given)
        for given in (
            ([one], None, {}),
            ([two], None, {}),
            ([one, two], None, {}),
            ([two, one], None, {}),
            ([one], "jsonl", {}),
            ([one], None, {"title": "Headline"}),
        )
    ]
    assert len({*found, None}) == len(found) + 1
    assert found[0] == content_digest([one])


def test_what_cannot_be_read_twice_has_none(folder):
    """Standard input, a pipe, what is not there, and a file without permission."""
    os.mkfifo(folder / "pipe")
    for odd in ("-", str(folder / "pipe"), str(folder / "missing"), "https://news.example/a", "\0"):
        assert content_digest([str(folder / "a.jsonl"), odd]) is None
