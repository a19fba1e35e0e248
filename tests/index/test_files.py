"""Durable steps on files."""

from __future__ import annotations

import errno

import pytest

from semsearch.errors import StorageFailed
from semsearch.index.files import sha256, storage_errors, tree_bytes, write_durably


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    """One name, the new content."""
    path = tmp_path / "current"
    for content in ("one\n", "two\n"):
        write_durably(path, content)
        assert content == path.read_text("utf-8")
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the file system is read-only; mount it writable"),
        (errno.EACCES, "permission denied; give this user write permission"),
        (errno.EFBIG, "raise the limit"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_refusals_of_the_disk_say_what_to_do_and_name_the_file(tmp_path, number, words):
    """The one the system names, else the one that was meant."""
    with pytest.raises(StorageFailed, match=f"meant: .*{words}"), storage_errors(tmp_path / "meant"):
        raise OSError(number, "Too many open files")
    with pytest.raises(StorageFailed, match=f"named: .*{words}"), storage_errors(tmp_path / "meant"):
        raise OSError(number, "Too many open files", str(tmp_path / "named"))


def test_checksums_and_sizes_are_those_of_the_content(tmp_path):
    """SHA-256 in hex; a folder's bytes are those of its files; nothing has none."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"abc")
    (tmp_path / "two").write_bytes(b"de")
    assert sha256(tmp_path / "a" / "one").startswith("ba7816bf8f01cfea")
    assert (5, 3, 0) == (
        tree_bytes(tmp_path),
        tree_bytes(tmp_path / "a" / "one"),
        tree_bytes(tmp_path / "no"),
    )
