"""From passages to articles: which passages a row has, its best one, and the best rows in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semsearch.index.protocol import Rows, Scores


@dataclass(frozen=True, slots=True)
class Nearest:
    """Article rows, best first (or in the order asked), with score and number of their best passage.

    ``passages`` is -1 and ``scores`` 0 for a row that has no passage.
    """

    rows: Rows
    scores: Scores
    passages: Rows

    @classmethod
    def none(cls) -> Nearest:
        """No rows."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64))

    def head(self, limit: int) -> Nearest:
        """The first ``limit`` rows."""
        return Nearest(self.rows[:limit], self.scores[:limit], self.passages[:limit])

    def joined(self, other: Nearest) -> Nearest:
        """These rows, then those of another."""
        return Nearest(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.passages, other.passages]),
        )

    def extended(self, other: Nearest) -> Nearest:
        """These rows, then those of another that are not among them."""
        new = ~np.isin(other.rows, self.rows)
        return self.joined(Nearest(other.rows[new], other.scores[new], other.passages[new]))


class RowSpans:
    """Which passages each row has, from the ascending row number of each passage.

    ``first_row`` and ``first_passage`` shift both, for a delta that begins after a base. ``starts`` are the
    places of each row's passages, counted from 0 inside this part, and the end of the last.
    """

    def __init__(self, passage_rows: Rows, *, first_row: int = 0, first_passage: int = 0) -> None:
        self.first_row = first_row
        self.first_passage = first_passage
        self.count = len(passage_rows)
        self.row_count = int(passage_rows[-1]) + 1 - first_row if self.count else 0
        wanted = np.arange(first_row, first_row + self.row_count + 1)
        self.starts = np.searchsorted(passage_rows, wanted)
        self.filled = np.flatnonzero(np.diff(self.starts) > 0)  # rows that have passages, from 0

    def sizes(self, rows: Rows) -> Rows:
        """How many passages each row has; 0 for rows outside."""
        local = rows - self.first_row
        inside = (local >= 0) & (local < self.row_count)
        local = np.where(inside, local, 0)
        if not self.row_count:
            return np.zeros(len(rows), np.int64)
        return np.where(inside, self.starts[local + 1] - self.starts[local], 0)

    def passages(self, rows: Rows, sizes: Rows) -> Rows:
        """The passages of rows one after another, counted from 0 inside this part."""
        starts = self.starts[np.where(sizes > 0, rows - self.first_row, 0)] if self.row_count else 0 * rows
        ends = np.cumsum(sizes)
        return np.repeat(starts - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)


def best_of_each(scores: Scores, passages: Rows, sizes: Rows) -> tuple[Scores, Rows]:
    """Per row the best score and the first passage that has it; ``sizes`` must all be above 0."""
    if not len(sizes):
        return np.empty(0, np.float32), np.empty(0, np.int64)
    starts = np.cumsum(sizes) - sizes
    best = np.maximum.reduceat(scores, starts)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    places = np.flatnonzero(scores == best[owner])
    first = places[np.diff(owner[places], prepend=-1) > 0]
    return best, passages[first]


def best_order(rows: Rows, scores: Scores, limit: int) -> Rows:
    """Places of the ``limit`` best rows: score descending, then row ascending.

    A longer limit extends a shorter one, since rows that tie with the last one are told apart too.
    """
    places = np.arange(len(rows))
    if limit < len(rows):
        last = -np.partition(-scores, limit - 1)[limit - 1]
        places = np.flatnonzero(scores >= last)
    order = np.lexsort((rows[places], -scores[places]))
    return places[order[:limit]]
