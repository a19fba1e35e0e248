"""Hashes of files: right, remembered, and renewed when a file changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from semsearch.encoder.hashing import FileHashes, write_atomically


def test_hash_is_sha256(tmp_path: Path):
    """The hash is the file's SHA-256."""
    file = tmp_path / "a"
    file.write_bytes(b"weights")
    assert hashlib.sha256(b"weights").hexdigest() == FileHashes(None).sha256(file)


def test_hash_is_remembered_by_another_object(tmp_path: Path, monkeypatch):
    """A later start does not read the file again."""
    file = tmp_path / "a"
    file.write_bytes(b"weights")
    first = FileHashes(tmp_path / "cache").sha256(file)
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert first == FileHashes(tmp_path / "cache").sha256(file)


def test_changed_file_is_hashed_again(tmp_path: Path):
    """Another content of the same size has another hash, as its time differs."""
    file = tmp_path / "a"
    file.write_bytes(b"weights")
    hashes = FileHashes(tmp_path / "cache")
    before = hashes.sha256(file)
    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(1, 1))
    assert before != hashes.sha256(file)


def test_damaged_memory_is_ignored(tmp_path: Path):
    """A memory file that is no JSON costs nothing but hashing again."""
    (tmp_path / "file-hashes.json").write_text("{broken")
    file = tmp_path / "a"
    file.write_bytes(b"x")
    assert hashlib.sha256(b"x").hexdigest() == FileHashes(tmp_path).sha256(file)


def test_memory_that_cannot_be_written_is_no_fault(tmp_path: Path):
    """Where the folder cannot be made, hashes are still right."""
    (tmp_path / "file").write_bytes(b"x")
    assert hashlib.sha256(b"x").hexdigest() == FileHashes(tmp_path / "file" / "sub").sha256(tmp_path / "file")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch):
    """A write that fails at the rename leaves the old content and nothing beside it."""
    file = tmp_path / "a"
    file.write_bytes(b"old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, b"new")
    assert {"a": b"old"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
