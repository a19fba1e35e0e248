"""Vectors by the million that lie as real ones do: drawn around the embeddings of real news texts.

A story is a real embedding, popular as by a log-normal law. An article lies around its story, and each of
its passages around the article. What sets them apart are steps between neighbours of the real sample, so
that noise has the local shape of real embeddings: their directions, and how many of them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.corpora import DATA, WORK

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

SAMPLE = 22_000  # real texts: the last 2,000 are queries only
QUERIES = 2_000
_CHARACTERS = 400  # about 64 tokens: title and lead
_NEIGHBOURS = 6
_BLOCK = 50_000
# Real queries meet neighbours at .50, .42, .32 (first, tenth, hundredth of 20,000), as against .56, .45, .34
# in the real sample: a little harder than life.
_ARTICLE_STEP = 0.55
_PASSAGE_STEP = 0.35
_MOST_PASSAGES = 5


def real_sample(given: Path | None) -> Vectors:
    """Embeddings of real texts of ../shared/data/scale, made once (about five minutes on two cores)."""
    path = given or WORK / "vectors-real.npy"
    if not path.exists():
        from semsearch.encoder.factory import load_encoder

        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, load_encoder().encode_passages(list(_texts())))
    return np.asarray(np.load(path), np.float32)


def _texts() -> Iterator[str]:
    with gzip.open(DATA / "scale" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 5 == 0 and number < 5 * SAMPLE:
                article = json.loads(line)
                yield f"{article.get('title') or ''}. {article.get('body') or ''}"[:_CHARACTERS]


class Synthesis:
    """Draws passages of articles; the same for the same sample, wherever it starts."""

    def __init__(self, sample: Vectors) -> None:
        self.stories = sample
        self._near = _neighbours(sample)
        popularity = np.random.default_rng(0).lognormal(0, 1, len(sample))
        self._popularity = np.cumsum(popularity / popularity.sum())

    def blocks(self, passages: int) -> Iterator[tuple[Vectors, Rows, Rows]]:
        """Blocks of (vectors, article row of each passage from 0 in the block, story of each article)."""
        for start in range(0, passages, _BLOCK):
            yield self._block(min(_BLOCK, passages - start), np.random.default_rng([7, start]))

    def _block(self, count: int, draw: np.random.Generator) -> tuple[Vectors, Rows, Rows]:
        sizes = draw.integers(1, _MOST_PASSAGES + 1, count)
        rows = np.repeat(np.arange(count), sizes)[:count]
        articles = int(rows[-1]) + 1
        stories = np.searchsorted(self._popularity, draw.random(articles)).clip(0, len(self.stories) - 1)
        heads = self.stories[stories] + self._steps(articles, _ARTICLE_STEP, draw)
        vectors = heads[rows] + self._steps(count, _PASSAGE_STEP, draw)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32), rows, stories

    def _steps(self, count: int, size: float, draw: np.random.Generator) -> Vectors:
        """The sum of two real steps from a text to a neighbour, each of random sign and length."""
        total = np.zeros((count, self.stories.shape[1]), np.float32)
        for _ in range(2):
            origin = draw.integers(0, len(self.stories), count)
            target = self._near[origin, draw.integers(0, _NEIGHBOURS, count)]
            length = (draw.standard_normal(count) * size / np.sqrt(2)).astype(np.float32)
            total += length[:, None] * (self.stories[target] - self.stories[origin])
        return total


def _neighbours(sample: Vectors) -> Rows:
    near = np.empty((len(sample), _NEIGHBOURS), np.int64)
    for start in range(0, len(sample), 1_000):
        products = sample[start : start + 1_000] @ sample.T
        products[np.arange(len(products)), start + np.arange(len(products))] = -2
        near[start : start + 1_000] = np.argpartition(-products, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    return near
