"""BM25 as tantivy computes it, for the articles and the statistics that tantivy does not hold.

Source: tantivy's ``query/bm25.rs`` (k1 1.2, b 0.75, Lucene's idf) and ``fieldnorm/code.rs``: field
lengths are kept in one byte, exact up to 40 and on a logarithmic scale above, as Lucene's SmallFloat.
"""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import numpy.typing as npt

K1 = 1.2
B = 0.75

Floats = npt.NDArray[np.float64]


def idf(frequency: int, articles: int) -> float:
    """Weight of a term that stands in ``frequency`` of ``articles`` articles; always above 0."""
    return log(1 + (articles - frequency + 0.5) / (frequency + 0.5))


def best_score(inverse_frequency: float) -> float:
    """The score that a term nears when it is all that a field holds: no article passes it."""
    return inverse_frequency * (K1 + 1)


def scores(inverse_frequency: float, counts: Floats, lengths: Floats, average: float) -> Floats:
    """BM25 of one term or phrase in one field: ``counts`` of it and ``lengths`` in terms, an article each."""
    norm = K1 * (1 - B + B * lengths / average)
    return best_score(inverse_frequency) * counts / (counts + norm)


def kept_length(length: int) -> int:
    """The length that an index remembers of a field of ``length`` terms."""
    return int(_LENGTHS[np.searchsorted(_LENGTHS, length, side="right") - 1])


def _lengths() -> npt.NDArray[Any]:
    kept = []
    for code in range(256):
        rest = code - 24
        if rest < 8:
            kept.append(code)
        else:
            kept.append(24 + ((rest & 7 | 8) << ((rest >> 3) - 1)))
    return np.array(kept, np.int64)


_LENGTHS = _lengths()
