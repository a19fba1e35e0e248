"""Chunks are prepared ahead: in order, as one by one, and the next is cut while one is encoded."""

from __future__ import annotations

import threading
from itertools import chain

import numpy as np
import pytest

from semsearch.boilerplate import Boilerplate
from semsearch.encoder.cache import EmbeddingCache
from semsearch.indexing.preparing import Preparer, prepare_ahead
from semsearch.options import PassageOptions
from tests.fakes import HashingEncoder
from tests.index.making import article

NO_BOILERPLATE = Boilerplate.from_rows([])
CHUNKS = [[article(number, 1) for number in range(start, start + 5)] for start in range(0, 20, 5)]


def preparer(cache: EmbeddingCache, encoder: HashingEncoder) -> Preparer:
    """One without boilerplate."""
    return Preparer(encoder, cache, PassageOptions(), NO_BOILERPLATE)


@pytest.fixture
def cache(tmp_path):
    """An empty cache."""
    with EmbeddingCache(tmp_path / "cache.db") as opened:
        yield opened


def test_ahead_gives_what_one_by_one_gives(cache, tmp_path):
    """The same articles, passages, vectors and counts, in the same chunks (oracle)."""
    ahead = preparer(cache, HashingEncoder())
    found = list(prepare_ahead(ahead, CHUNKS))
    with EmbeddingCache(tmp_path / "other.db") as other:
        slow = preparer(other, HashingEncoder())
        wanted = [slow.prepare(chunk) for chunk in CHUNKS]
        assert (slow.embedded, slow.reused, slow.languages) == (ahead.embedded, ahead.reused, ahead.languages)
    assert [len(chunk) for chunk in wanted] == [len(chunk) for chunk in found]
    for one, other_one in zip(chain(*found), chain(*wanted), strict=True):
        assert one.article == other_one.article
        assert (one.kept, one.passages, one.signature, one.bands) == (
            other_one.kept,
            other_one.passages,
            other_one.signature,
            other_one.bands,
        )
        assert np.array_equal(one.vectors, other_one.vectors)


def test_nothing_gives_nothing(cache):
    """No chunk, no answer."""
    assert [] == list(prepare_ahead(preparer(cache, HashingEncoder()), []))


class Waiting(HashingEncoder):
    """Encodes nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def encode_passages(self, texts):
        assert self.go.wait(30), "the next chunk was not asked for while this one was encoded"
        return super().encode_passages(texts)


def test_the_next_chunk_is_cut_while_one_is_encoded(cache):
    """The first chunk's encoding ends only once the second has been asked for."""
    encoder = Waiting()

    def asked():
        yield CHUNKS[0]
        encoder.go.set()
        yield CHUNKS[1]

    assert 2 == len(list(prepare_ahead(preparer(cache, encoder), asked())))


class Breaking(HashingEncoder):
    """Breaks down at its second chunk."""

    def encode_passages(self, texts):
        if self.encoded:
            raise MemoryError
        return super().encode_passages(texts)


def test_what_the_encoder_raises_comes_out_in_the_thread_that_asks(cache):
    """The chunk before is whole."""
    asked = prepare_ahead(preparer(cache, Breaking()), CHUNKS)
    assert 5 == len(next(asked))
    with pytest.raises(MemoryError):
        next(asked)


def test_whoever_stops_asking_leaves_no_thread(cache):
    """A build that breaks ends the thread beside it."""
    asked = prepare_ahead(preparer(cache, HashingEncoder()), CHUNKS)
    next(asked)
    asked.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("semsearch-embedding")]
