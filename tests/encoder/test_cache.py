"""The cache of embeddings: what was encoded once is never encoded again, whatever happens between."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from semsearch.encoder.cache import EmbeddingCache, encode_cached
from semsearch.errors import StorageFailed
from tests.fakes import HashingEncoder

TEXTS = [f"rain number {row}" for row in range(600)]


@pytest.fixture
def cache(tmp_path: Path):
    """An empty cache."""
    with EmbeddingCache(tmp_path / "embeddings.db") as opened:
        yield opened


def vectors(count: int, dimension: int = 4) -> np.ndarray:
    """Different vectors, exactly representable."""
    return np.arange(count * dimension, dtype=np.float32).reshape(count, dimension)


def test_unknown_texts_are_none(cache):
    """A text that was never put is None."""
    assert [None, None] == cache.get_many("f", ["a", "b"])
    assert [] == cache.get_many("f", [])


def test_vectors_come_back_bit_for_bit_in_order(cache):
    """Vectors come back as they were put, for more texts than one statement takes, in any order."""
    made = np.random.default_rng(1).normal(size=(1200, 8)).astype(np.float32)
    texts = [f"t{row}" for row in range(1200)]
    cache.put_many("f", texts, made)
    np.testing.assert_array_equal(made[::-1], np.stack(cache.get_many("f", texts[::-1])))


def test_encoders_do_not_mix(cache):
    """The same text under another fingerprint is unknown."""
    cache.put_many("f", ["a"], vectors(1))
    assert [None] == cache.get_many("g", ["a"])


def test_texts_that_are_nearly_equal_do_not_mix(cache):
    """Case, blanks, accents and lone surrogates make other texts."""
    texts = ["Rain", "rain", "rain ", "raïn", "rai\u0308n", "\ud800", ""]
    cache.put_many("f", texts, vectors(len(texts)))
    np.testing.assert_array_equal(vectors(len(texts)), np.stack(cache.get_many("f", texts)))


def test_prune_keeps_the_named(cache):
    """Only the vectors of the named encoders stay."""
    for name in "fgh":
        cache.put_many(name, ["a", "b"], vectors(2))
    assert 4 == cache.prune(["g"])
    assert [None] == cache.get_many("f", ["a"])
    assert cache.get_many("g", ["a"])[0] is not None
    assert 2 == cache.prune([])


def test_encode_cached_encodes_each_text_once(cache):
    """Equal texts are encoded once; what is known not at all; rows keep their order."""
    encoder = HashingEncoder()
    texts = ["rain", "snow", "rain", "wind"]
    first = encode_cached(encoder, cache, texts)
    np.testing.assert_array_equal(HashingEncoder().encode_passages(texts), first.vectors)
    assert (3, 1, 3) == (first.embedded, first.reused, encoder.encoded)
    again = encode_cached(encoder, cache, [*texts, "storm"])
    assert (1, 4, 4) == (again.embedded, again.reused, encoder.encoded)


def test_encode_cached_of_nothing(cache):
    """No texts give no rows of the right width."""
    assert (0, 64) == encode_cached(HashingEncoder(), cache, []).vectors.shape


def test_interrupted_build_resumes(cache):
    """What was encoded before an encoder failed is not encoded again; progress grows to the end."""

    class Failing(HashingEncoder):
        def encode_passages(self, texts):
            if self.encoded >= 256:
                raise KeyboardInterrupt
            return super().encode_passages(texts)

    with pytest.raises(KeyboardInterrupt):
        encode_cached(Failing(), cache, TEXTS)
    heard: list[int] = []
    done = encode_cached(HashingEncoder(), cache, TEXTS, heard.append)
    assert (600 - 256, 256) == (done.embedded, done.reused)
    assert heard == sorted(heard)
    assert 600 - 256 == heard[-1]


def test_vector_of_another_width_is_made_again(cache):
    """A damaged row costs its encoding and nothing else."""
    encoder = HashingEncoder()
    cache.put_many(encoder.info.fingerprint, ["rain"], vectors(1, 3))
    assert 1 == encode_cached(encoder, cache, ["rain"]).embedded
    assert 1 == encode_cached(encoder, cache, ["rain"]).reused


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_damaged_file_is_set_aside(tmp_path: Path, caplog, content):
    """A file that is no cache is kept aside, a new one begun, and the log says so."""
    path = tmp_path / "embeddings.db"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING), EmbeddingCache(path) as cache:
        cache.put_many("f", ["a"], vectors(1))
        assert cache.get_many("f", ["a"])[0] is not None
    assert "damaged" in caplog.text
    assert [content] == [each.read_bytes() for each in tmp_path.glob("*.damaged-*")]


def test_full_disk_is_a_clear_error(cache, tmp_path: Path):
    """When the disk refuses, StorageFailed names the file and says what to do; the cache reads on."""
    cache.put_many("f", ["a"], vectors(1))
    pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
    cache._connection.execute(f"PRAGMA max_page_count={pages}")  # SQLite's own "disk is full"
    with pytest.raises(StorageFailed, match=r"embeddings\.db: the disk is full; free some space"):
        cache.put_many("f", TEXTS, vectors(600, 384))
    np.testing.assert_array_equal(vectors(1)[0], cache.get_many("f", ["a"])[0])


def test_folder_that_does_not_exist_is_a_clear_error(tmp_path: Path):
    """A path that cannot be opened is StorageFailed, not a traceback of SQLite."""
    with pytest.raises(StorageFailed, match="none"):
        EmbeddingCache(tmp_path / "none" / "embeddings.db")


def _put(path: Path, worker: int) -> int:
    with EmbeddingCache(path) as cache:
        for row in range(20):
            cache.put_many("f", [f"{worker}-{row}"], vectors(1))
    return worker


def test_processes_at_once_lose_nothing(tmp_path: Path):
    """Three processes that open and write the same new file all succeed."""
    path = tmp_path / "embeddings.db"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert [0, 1, 2] == pool.starmap(_put, [(path, worker) for worker in range(3)])
    with EmbeddingCache(path) as cache:
        found = cache.get_many("f", [f"{worker}-{row}" for worker in range(3) for row in range(20)])
    assert all(vector is not None for vector in found)


def _put_and_die(path: Path) -> None:
    cache = EmbeddingCache(path)
    cache.put_many("f", ["kept"], vectors(1))
    cache._connection.execute("BEGIN IMMEDIATE")
    cache._connection.execute("INSERT INTO embeddings VALUES ('f', x'00', x'00000000')")
    os.kill(os.getpid(), signal.SIGKILL)


def test_kill_loses_only_what_was_not_put(tmp_path: Path):
    """After SIGKILL in the middle of a write the file opens, with all that was put and nothing half."""
    path = tmp_path / "embeddings.db"
    process = multiprocessing.get_context("spawn").Process(target=_put_and_die, args=(path,))
    process.start()
    process.join(60)
    assert -signal.SIGKILL == process.exitcode
    with EmbeddingCache(path) as cache:
        assert cache.get_many("f", ["kept"])[0] is not None
    with sqlite3.connect(path) as connection:
        assert 1 == connection.execute("SELECT COUNT(*) FROM embeddings").fetchone()[0]
    connection.close()
