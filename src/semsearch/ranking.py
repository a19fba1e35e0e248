"""From the candidates of two retrievers to one ranked list: pure functions over arrays.

Scores live on one scale from 0 to 1. Meaning: the inner product of query and best passage, stretched
from [floor, ceiling] to [0, 1]. Words: BM25 as a share of what a perfect match would score. Both are
functions of the query and the article alone, so an article's score does not depend on what else was
found, pages never repeat or skip, and ``min_score`` means the same for every query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles in their final order: ``scores`` fall; parts are kept to explain them.

    ``steps`` names what changed the scores since the parts were fused, each with what it added.
    """

    rows: Ints
    scores: Floats
    semantic: Floats
    lexical: Floats
    passages: Ints
    steps: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: Ints | slice) -> Ranked:
        """The same list, cut or reordered by places."""
        return Ranked(
            self.rows[places],
            self.scores[places],
            self.semantic[places],
            self.lexical[places],
            self.passages[places],
            {name: added[places] for name, added in self.steps.items()},
        )

    def rescored(self, step: str, scores: Floats) -> Ranked:
        """The same articles in the same order with other scores; ``step`` says why they changed."""
        added = scores - self.scores + self.steps.get(step, 0.0)
        return replace(self, scores=scores, steps={**self.steps, step: added})

    def followed_by(self, second: Ranked) -> Ranked:
        """One list after the other."""
        names = dict.fromkeys((*self.steps, *second.steps))
        nothing, after = np.zeros(len(self)), np.zeros(len(second))
        return Ranked(
            np.concatenate([self.rows, second.rows]),
            np.concatenate([self.scores, second.scores]),
            np.concatenate([self.semantic, second.semantic]),
            np.concatenate([self.lexical, second.lexical]),
            np.concatenate([self.passages, second.passages]),
            {
                name: np.concatenate([self.steps.get(name, nothing), second.steps.get(name, after)])
                for name in names
            },
        )

    def explanation(self, place: int) -> dict[str, object]:
        """How the score of a place was made: ``fused`` and what the ``steps`` added make the ``score``.

        Parts lie between 0 and 1; None stands for what was not asked.
        """
        steps = {name: float(added[place]) for name, added in self.steps.items()}
        fused = float(self.scores[place]) - sum(steps.values())
        return {
            "semantic": _shown(self.semantic[place]),
            "lexical": _shown(self.lexical[place]),
            "fused": _shown(fused),
            "steps": {name: _shown(added) for name, added in steps.items() if _shown(added)},
            "score": _shown(self.scores[place]),
        }


def _shown(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def unit(vector: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """The vector at length 1."""
    scaled: npt.NDArray[np.float32] = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
    return scaled


def mean_vector(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The mean of an article's passage vectors, at length 1."""
    return unit(vectors.mean(axis=0))


def moved(ranked: Ranked, place: int, to: int) -> Ranked:
    """The list with the article at ``place`` moved up to the place ``to``."""
    places = [one for one in range(len(ranked)) if one != place]
    places.insert(to, place)
    return ranked.take(np.array(places, np.int64))


def stretch(values: npt.ArrayLike, low: float, high: float) -> Floats:
    """Map [low, high] linearly to [0, 1], cut at both ends."""
    given = np.asarray(values, np.float64)
    return np.clip((given - low) / (high - low), 0.0, 1.0)


def fuse(semantic: Floats, lexical: Floats, ratio: float) -> Floats:
    """Weighted sum of both parts; ``ratio`` is the weight of meaning.

    A convex combination of normalised scores: Bruch et al. 2022, "An Analysis of Fusion Functions for
    Hybrid Retrieval", found it better than reciprocal ranks, in and out of domain.
    """
    return ratio * semantic + (1.0 - ratio) * lexical


def lift(scores: Floats, lifted: npt.NDArray[np.bool_], share: float) -> Floats:
    """Move the ``lifted`` scores up by a share of their way to the best of all; their order stays."""
    best = float(scores.max()) if len(scores) else 0.0
    return np.where(lifted, scores + share * (best - scores), scores)


def order(scores: Floats, rows: Ints) -> Ints:
    """Places by falling score; ties by row, so that equal inputs give equal lists."""
    return np.lexsort((rows, -scores)).astype(np.int64)


def decay(age_days: Floats, half_life: float) -> Floats:
    """1 for now or the future, 1/2 after each half-life; 0 for an unknown age (NaN)."""
    faded = np.power(0.5, np.maximum(age_days, 0.0) / half_life)
    return np.where(np.isnan(age_days), 0.0, faded)


def with_recency(scores: Floats, age_days: Floats, *, half_life: float, weight: float) -> Floats:
    """Blend each score with its faded self: ``weight`` 0 changes nothing, 1 lets age decide fully."""
    return scores * (1.0 - weight + weight * decay(age_days, half_life))


def first_of_each(groups: Ints) -> Ints:
    """Places of the first member of each group, in order."""
    _, places = np.unique(groups, return_index=True)
    return np.sort(places).astype(np.int64)


def diversify(scores: Floats, similarity: Floats, weight: float, limit: int) -> Ints:
    """Places in the order of maximal marginal relevance (Carbonell and Goldstein 1998).

    ``similarity`` is square, 0 to 1; ``weight`` 0 keeps the order of scores, 1 looks at novelty only.
    Greedy, so a longer limit extends a shorter one.
    """
    count = min(limit, len(scores))
    chosen: list[int] = []
    left = np.ones(len(scores), np.bool_)
    nearest = np.zeros(len(scores))
    for _ in range(count):
        gains = np.where(left, (1.0 - weight) * scores - weight * nearest, -np.inf)
        best = int(np.argmax(gains))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, similarity[best])
    return np.array(chosen, np.int64)


def interleave(first: Ints, second: Ints, seen: Ints) -> Ints:
    """Rows of two lists by their better rank, each once, without those seen; prefix-stable."""
    rank_of: dict[int, tuple[int, int]] = {}
    for which, rows in enumerate((first, second)):
        for rank, row in enumerate(rows.tolist()):
            rank_of.setdefault(row, (rank, which))
            rank_of[row] = min(rank_of[row], (rank, which))
    for row in seen.tolist():
        rank_of.pop(row, None)
    return np.array(sorted(rank_of, key=lambda row: rank_of[row]), np.int64)
