"""Vectors by the million that lie as real ones do: drawn around the embeddings of real news texts.

A story is a real embedding, popular as by a log-normal law. An article lies around its story, and each of
its passages around the article. What sets them apart are steps between neighbours of the real sample, so
that noise has the local shape of real embeddings: their directions, and how many of them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.corpora import DATA, WORK

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Masks = dict[str, npt.NDArray[np.bool_] | None]

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
RANDOM_SHARES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0.0001)
SUBJECT_SHARES = (0.5, 0.1, 0.02, 0.002)  # all articles of the stories nearest to some other subject


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn set (its vectors lie in ``raw.npy``): filters by name, and the best articles under each."""

    rows: Rows
    masks: Masks
    truth: dict[str, Rows]

    @property
    def articles(self) -> int:
        """How many articles there are."""
        return int(self.rows[-1]) + 1


def drawn(folder: Path, size: int, sample: Vectors, queries: Vectors, limit: int) -> Drawn:
    """The set of so many passages in ``folder``: drawn before with as many queries, or now."""
    known = folder / f"truth-{len(queries)}-{limit}.npz"
    if not known.exists():
        _draw(folder, size, Synthesis(sample), queries)
    masks = _masks(np.load(folder / "stories.npy"), sample)
    if not known.exists():
        np.savez(known, **_truth(folder / "best.npy", masks, limit))
    with np.load(known) as truth:
        return Drawn(np.load(folder / "rows.npy"), masks, {name: truth[name] for name in masks})


def _draw(folder: Path, size: int, synthesis: Synthesis, queries: Vectors) -> None:
    """Write vectors, the article of each, the story of each article, each query's score of each article."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, stories, bests = [], [], []
    articles = 0
    shape = (size, synthesis.stories.shape[1])
    with (folder / "raw.npy").open("wb") as file:  # not mapped: pages written would count as our memory
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for block, local, told in synthesis.blocks(size):
            file.write(block.tobytes())
            firsts = np.flatnonzero(np.diff(local, prepend=-1))
            bests.append(np.maximum.reduceat(queries @ block.T, firsts, axis=1))
            rows.append(local + articles)
            stories.append(told)
            articles += len(told)
    np.save(folder / "rows.npy", np.concatenate(rows))
    np.save(folder / "stories.npy", np.concatenate(stories))
    np.save(folder / "best.npy", np.concatenate(bests, axis=1))


def _truth(path: Path, masks: Masks, limit: int) -> dict[str, Any]:
    """Per filter the ``limit`` best articles of each query, in no order; the scores are removed."""
    best = np.load(path, mmap_mode="r")
    truth: dict[str, Any] = {}
    for name, mask in masks.items():
        allowed = np.arange(best.shape[1]) if mask is None else np.flatnonzero(mask)
        count = min(limit, len(allowed))
        chosen = np.empty((len(best), count), np.int64)
        for query, scores in enumerate(best):
            kept = scores[allowed]
            chosen[query] = allowed[np.argpartition(-kept, count - 1)[:count]] if count else []
        truth[name] = chosen
    path.unlink()
    return truth


def _masks(stories: Rows, centres: Vectors) -> Masks:
    draw = np.random.default_rng(3)
    masks: Masks = {"none": None, "1% deleted": draw.random(len(stories)) >= 0.01}
    for share in RANDOM_SHARES:
        masks[f"random {share:.2%}"] = draw.random(len(stories)) < share
    for share in SUBJECT_SHARES:
        nearness = (centres @ centres[draw.integers(len(centres))])[stories]
        masks[f"subject {share:.1%}"] = nearness >= np.quantile(nearness, 1 - share)
    return masks


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
