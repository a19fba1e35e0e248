"""Small meaningful stand-ins for tests: an encoder whose vectors follow the words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from semsearch.encoder.protocol import EncoderInfo, Vectors

WORD = re.compile(r"\w+")


class HashingEncoder:
    """Bag of hashed words as a unit vector: same words, same vector; shared words, near vectors.

    ``encoded`` counts the passages that were encoded, so that a test can tell what a cache saved.
    """

    def __init__(self, dimension: int = 64, *, name: str = "hashing", max_tokens: int = 32) -> None:
        fingerprint = hashlib.sha256(f"{name}:{dimension}:{max_tokens}".encode()).hexdigest()[:32]
        self.info = EncoderInfo(name, fingerprint, dimension, max_tokens)
        self.encoded = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages; counts them."""
        self.encoded += len(texts)
        return self._encode(texts)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """A token is a word."""
        return [[match.span() for match in WORD.finditer(text)] for text in texts]

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.info.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in WORD.findall(text.lower()):
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                place = int.from_bytes(digest, "big")
                vectors[row, place % self.info.dimension] += 1 if place >> 63 else -1
            if not vectors[row].any():
                vectors[row, 0] = 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
