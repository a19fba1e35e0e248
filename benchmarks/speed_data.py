"""The articles, queries and cheap vectors of the speed measurements.

A hundred thousand articles cannot be embedded within a short run, so for searches the vectors are cheap: the
mean of the model's own word embeddings, mapped by least squares onto the real embeddings of 20,000 texts
(cosine .73 to the real ones of texts that the map has not seen; a real query meets its first, tenth and
hundredth neighbour at .53, .46, .38 where real vectors have .56, .45, .34). Queries are really encoded.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.corpora import DATA, WORK, load, records
from benchmarks.vectors_data import SAMPLE, _texts, real_sample
from semsearch.encoder.protocol import Encoder, EncoderInfo, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FITTED = 20_000  # of the real embeddings; the others tell how good the map is
_TOGETHER = 2_000


class CheapEncoder:
    """An encoder whose vectors lie like the real model's and cost a hundredth; the info is the real one's."""

    def __init__(self, real: Encoder) -> None:
        self._real = real
        words, weights, self._map = _fitted()
        self._words = words * weights[:, None]
        self._weights = weights

    @property
    def info(self) -> EncoderInfo:
        """The real encoder's, so that an index of cheap vectors opens with it."""
        return self._real.info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension)."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension)."""
        window = self.info.passage_tokens
        bags = np.stack([_bag(ids[:window], self._words, self._weights) for ids in _ids(texts)])
        return _unit(bags @ self._map[:-1] + self._map[-1])

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The real encoder's tokens."""
        return self._real.token_spans(texts)


def shuffled() -> list[dict[str, Any]]:
    """All articles of the collection, in one order that mixes its parts."""
    found = list(records(DATA / "scale" / "articles.jsonl.gz"))
    random.Random(7).shuffle(found)
    return found


def write_articles(path: Path, articles: Sequence[dict[str, Any]]) -> None:
    """JSON Lines, as every system reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in articles), "utf-8")


def collection(name: str) -> list[dict[str, Any]]:
    """The articles of a judged collection."""
    return list(records(load(name).articles))


def headlines(articles: Sequence[dict[str, Any]], count: int) -> list[str]:
    """Titles of articles that are in no index, each once: what readers are made to look for."""
    titles = dict.fromkeys(str(one["title"]).strip() for one in articles if one.get("title"))
    return list(islice((one for one in titles if 15 <= len(one) <= 120), count))


def tokens(encoder: Encoder, texts: Sequence[str]) -> int:
    """Tokens that a model reads of texts, cut to its window, with its special tokens."""
    info = encoder.info
    spans = encoder.token_spans(list(texts))
    return sum(min(len(found) + info.reserved_tokens, info.max_tokens) for found in spans)


def _fitted() -> tuple[Vectors, Vectors, Vectors]:
    """Word embeddings, their weights by rarity, and the map onto real embeddings; made once."""
    path = WORK / "speed" / "cheap.npz"
    if not path.exists():
        words = _word_embeddings()
        texts, sample = list(_texts())[:SAMPLE], real_sample(None)
        found = list(_ids(texts))
        held = np.ones(len(words))
        for ids in found:
            held[list(set(ids))] += 1
        weights = np.log(len(texts) / held).astype(np.float32)
        bags = np.stack([_bag(ids, words * weights[:, None], weights) for ids in found[:FITTED]])
        known = np.column_stack([bags, np.ones(len(bags), np.float32)])
        square = known.T @ known + 1e-3 * np.eye(known.shape[1], dtype=np.float32)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, words=words, weights=weights, map=np.linalg.solve(square, known.T @ sample[:FITTED]))
    stored = np.load(path)
    return stored["words"], stored["weights"], stored["map"].astype(np.float32)


def model_folder() -> Path:
    """The folder of the packaged model, as plain sentence-transformers loads it."""
    from semsearch.encoder.hashing import FileHashes
    from semsearch.encoder.model_files import find_model
    from semsearch.options import EncoderOptions

    return find_model(EncoderOptions(), FileHashes(None)).folder


def _word_embeddings() -> Vectors:
    from safetensors.numpy import load_file

    weights = load_file(model_folder() / "model.safetensors")
    return np.asarray(next(value for name, value in weights.items() if "word_embeddings" in name), np.float32)


def _ids(texts: Sequence[str]) -> Iterator[list[int]]:
    tokenizer = _tokenizer()
    for start in range(0, len(texts), _TOGETHER):
        part = list(texts[start : start + _TOGETHER])
        yield from (found.ids or [0] for found in tokenizer.encode_batch_fast(part, add_special_tokens=False))


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _bag(ids: Sequence[int], words: Vectors, weights: Vectors) -> Vectors:
    """The weighted mean of the word embeddings (``words`` are weighted already)."""
    rows = np.asarray(ids, np.int64)
    mean: Vectors = words[rows].sum(axis=0) / max(float(weights[rows].sum()), 1e-6)
    return mean


def _unit(vectors: Vectors) -> Vectors:
    units: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(
        np.float32
    )
    return units
