"""The vector of a query, made by a thread beside while the query's words are looked up."""

from __future__ import annotations

import time
from concurrent.futures import Executor, Future

from semsearch.encoder.protocol import Encoder, Vectors


class QueryVector:
    """A unit vector that is being made; whoever reads it first waits for what is left of that.

    Without ``beside`` it is made when it is first read. ``waited`` is seconds that readers waited.
    """

    def __init__(self, encoder: Encoder, text: str, beside: Executor | None = None) -> None:
        self._encoder = encoder
        self._text = text
        self._made: Future[Vectors] | None = beside.submit(self._encode) if beside is not None else None
        self._vector: Vectors | None = None
        self.waited = 0.0

    def read(self) -> Vectors:
        """The vector, shape (dimension,); raises what the encoder raises."""
        if self._vector is None:
            begun = time.perf_counter()
            self._vector = self._encode() if self._made is None else self._made.result()
            self.waited += time.perf_counter() - begun
        return self._vector

    def _encode(self) -> Vectors:
        vector: Vectors = self._encoder.encode_queries([self._text])[0]
        return vector
