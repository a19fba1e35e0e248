"""The query is encoded beside the look-up of its words, with the same answer and the same errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from semsearch.errors import EncoderUnavailable
from semsearch.search.query_vector import QueryVector
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest
from tests.fakes import HashingEncoder
from tests.index.making import filled


class Watched(HashingEncoder):
    """Notes the thread that encodes queries."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []
        self.inside = lambda: None

    def encode_queries(self, texts):
        self.threads.append(threading.current_thread().name)
        self.inside()
        return super().encode_queries(texts)


def test_a_vector_made_beside_is_the_one_made_here():
    """Read twice, made once."""
    encoder = Watched()
    with ThreadPoolExecutor(1, "beside") as beside:
        made = QueryVector(encoder, "ferry strike", beside)
        assert made.read() is made.read()
    assert np.array_equal(QueryVector(encoder, "ferry strike").read(), made.read())
    assert ["beside_0", threading.current_thread().name] == encoder.threads
    assert made.waited >= 0


def test_without_a_thread_nothing_is_made_before_it_is_read():
    """A search by words may never ask."""
    encoder = Watched()
    QueryVector(encoder, "ferry strike")
    assert [] == encoder.threads


@pytest.fixture
def index(tmp_path):
    """Thirty articles."""
    engine = filled(tmp_path, 1, count=30)
    yield engine.index
    engine.close()


def test_one_search_at_a_time_has_a_thread_beside(index):
    """A search within another encodes in its own thread; both answer as one alone."""
    encoder = Watched()
    searcher = Searcher(index, encoder)
    request = SearchRequest(query="harbour ferry")
    alone = searcher.search(request)
    assert ["semsearch-encoding_0"] == encoder.threads
    inner = []

    def search_meanwhile() -> None:
        encoder.inside = lambda: None
        other = threading.Thread(target=lambda: inner.append(searcher.search(request)), name="other")
        other.start()
        other.join()

    encoder.inside = search_meanwhile
    outer = searcher.search(request)
    assert ["semsearch-encoding_0", "semsearch-encoding_0", "other"] == encoder.threads
    for found in (outer, inner[0]):
        assert [(hit.article.id, hit.score) for hit in alone.hits] == [
            (hit.article.id, hit.score) for hit in found.hits
        ]


def test_what_the_encoder_raises_comes_out_of_the_search(index):
    """Each time, and a search after that has its thread beside as before."""
    encoder = Watched()

    def fail() -> None:
        raise EncoderUnavailable("the model is gone")

    encoder.inside = fail
    searcher, request = Searcher(index, encoder), SearchRequest(query="harbour ferry")
    for _ in range(2):
        with pytest.raises(EncoderUnavailable, match="the model is gone"):
            searcher.search(request)
    encoder.inside = lambda: None
    searcher.search(request)
    assert ["semsearch-encoding_0"] * 3 == encoder.threads


def test_modes_other_than_hybrid_encode_where_they_are(index):
    """There is nothing to look up meanwhile."""
    encoder = Watched()
    Searcher(index, encoder).search(SearchRequest(query="harbour", mode="semantic"))
    assert [threading.current_thread().name] == encoder.threads
