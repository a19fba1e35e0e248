"""What every encoder offers, whatever runs behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Backend = Literal["auto", "torch", "onnx", "onnx-int8"]


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """Which encoder made the vectors of an index.

    ``fingerprint`` is a hash of all that changes a vector: weights, tokenizer, pooling, prompts,
    window. Two back ends of one model share it only where their vectors were proven equal enough.
    ``max_tokens`` is the model's window; ``reserved_tokens`` of it go to special tokens and to the
    passage prompt, so a passage may really hold ``passage_tokens``.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int
    reserved_tokens: int = 0

    @property
    def label(self) -> str:
        """How answers name it: its name and the head of its fingerprint."""
        return f"{self.name}/{self.fingerprint[:8]}"

    @property
    def passage_tokens(self) -> int:
        """Most tokens of its own that a passage may have without being cut by the encoder."""
        return self.max_tokens - self.reserved_tokens


class Encoder(Protocol):
    """Turns texts into unit vectors (rows of float32, length 1), the same for the same text.

    A text that the model does not know at all (an alphabet that is in none of its tokens, emoji) has a
    vector of zeros, which is near to nothing.
    """

    @property
    def info(self) -> EncoderInfo:
        """Name, fingerprint, dimension and window of this encoder."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension), in the order given."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), in the order given."""
        ...

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, without special tokens, uncut."""
        ...
