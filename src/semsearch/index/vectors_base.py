"""The immutable vectors of a generation: open, score, and find the best rows."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from semsearch.errors import FormatTooNew, IndexCorrupt
from semsearch.index.protocol import Rows, Vectors
from semsearch.index.row_sets import distinct
from semsearch.index.vectors_codes import WAY_OUT, Codes, Mask, Scale, read_faiss
from semsearch.index.vectors_lists import EFFORTS, Effort, InvertedLists, reading_cost
from semsearch.index.vectors_select import Nearest, RowSpans, best_of_each, best_order

FORMAT = 1
FACTS = "vectors.json"
CODES = "vectors.faiss"

Kind = Literal["exact", "lists"]

_GATHERED = 2_000  # up to so many passages are scored one by one rather than by a scan with a filter


@dataclass(frozen=True, slots=True)
class VectorFacts:
    """What a vector index holds, kept beside it: opening checks the files against it."""

    kind: Kind
    dimension: int
    passages: int
    rows_checksum: int
    scale: dict[str, list[float]] | None
    files: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Write the facts; raises OSError."""
        (folder / FACTS).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> VectorFacts:
        """Read the facts. Raises IndexCorrupt or FormatTooNew."""
        path = folder / FACTS
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts["format"] > FORMAT:
                raise FormatTooNew(
                    f"{path} has format {facts['format']}, this semsearch reads up to {FORMAT}; upgrade it"
                )
            return cls(**facts)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise IndexCorrupt(f"{path} cannot be read: {exc}; {WAY_OUT}") from exc

    def check(self, folder: Path, *, dimension: int, passage_rows: Rows) -> None:
        """Raise IndexCorrupt unless files, dimension, count and rows are those of the build."""
        for name, size in self.files.items():
            path = folder / name
            found = path.stat().st_size if path.is_file() else 0
            if found != size:
                raise IndexCorrupt(f"{path} has {found:,} bytes, expected {size:,}; {WAY_OUT}")
        if (self.dimension, self.passages) != (dimension, len(passage_rows)):
            raise IndexCorrupt(
                f"{folder / CODES} holds {self.passages:,} vectors of dimension {self.dimension}, "
                f"expected {len(passage_rows):,} of dimension {dimension}; {WAY_OUT}"
            )
        if self.rows_checksum != rows_checksum(passage_rows):
            raise IndexCorrupt(
                f"{folder / CODES} was built for other articles than the store holds; {WAY_OUT}"
            )

    @staticmethod
    def scale_facts(scale: Scale | None) -> dict[str, list[float]] | None:
        """A scale as it is written; a float32 comes back from JSON to the last bit."""
        if scale is None:
            return None
        return {"offset": scale.offset.tolist(), "step": scale.step.tolist(), "radius": [scale.radius]}

    @property
    def code_scale(self) -> Scale | None:
        """How components became bytes; None where they are float32."""
        if self.scale is None:
            return None
        offset, step = (np.array(self.scale[name], np.float32) for name in ("offset", "step"))
        return Scale(offset, step, self.scale["radius"][0])


def rows_checksum(passage_rows: Rows) -> int:
    """A checksum of which passage belongs to which row."""
    return zlib.crc32(np.ascontiguousarray(passage_rows, "<i8").tobytes())


class VectorBase:
    """Passages 0 to n-1 of a generation, memory-mapped; safe for many threads."""

    def __init__(
        self,
        facts: VectorFacts,
        codes: Codes,
        passage_rows: Rows,
        spans: RowSpans,
        lists: InvertedLists | None = None,
    ) -> None:
        self.facts = facts
        self.codes = codes
        self.spans = spans
        self._passage_rows = passage_rows
        self._lists = lists

    @classmethod
    def open(cls, folder: Path, *, dimension: int, passage_rows: Rows) -> VectorBase:
        """Open what ``build_vectors`` wrote; ``passage_rows`` (n,) is the article row of each passage.

        Raises IndexCorrupt for a missing, truncated or foreign file, FormatTooNew. A flipped bit is for
        the manifest's checksums to find: verify them before opening.
        """
        facts = VectorFacts.read(folder)
        facts.check(folder, dimension=dimension, passage_rows=passage_rows)
        codes = Codes(
            read_faiss(folder / CODES, dimension=dimension, count=len(passage_rows)), facts.code_scale
        )
        spans, lists = RowSpans(passage_rows), None
        if facts.kind == "lists":
            lists = InvertedLists.open(folder, dimension=dimension, spans=spans)
        return cls(facts, codes, passage_rows, spans, lists)

    @property
    def list_count(self) -> int:
        """How many inverted lists there are; 0 where the index is exact."""
        return self._lists.count if self._lists is not None else 0

    def best(self, vector: Vectors, limit: int, allowed: Mask | None) -> Nearest:
        """The ``limit`` best rows among those allowed (mask over rows; None: all).

        Where lists gave a part that another effort found better, that part keeps its place: scores may
        rise again there, so that a longer answer extends a shorter one.
        """
        if self._lists is None or not self.worth_lists(self._matches(allowed)):
            return self._exact(vector, limit, allowed)
        spread = self._lists.spread(allowed)
        found = Nearest.none()
        for effort in EFFORTS:
            nearest = self._by_lists(vector, effort, spread, allowed)
            if nearest is None:
                break
            found = found.extended(nearest)
            if limit <= len(found.rows):
                return found.head(limit)
        return found.extended(self._exact(vector, limit, allowed)).head(limit)

    def worth_lists(self, matches: float) -> bool:
        """Whether so many allowed passages are found sooner in lists than by scoring all of them."""
        return matches > reading_cost(matches, self.codes.count) if matches else False

    def _matches(self, allowed: Mask | None) -> float:
        """About how many passages are allowed; exact where all articles are of one length."""
        if allowed is None:
            return self.codes.count
        return np.count_nonzero(allowed) * self.codes.count / max(1, self.spans.row_count)

    def _by_lists(
        self, vector: Vectors, effort: Effort, spread: Vectors, allowed: Mask | None
    ) -> Nearest | None:
        """As many rows as the effort is good for; None where even a wide pool holds fewer."""
        if self._lists is None:
            return None
        while effort.pool <= self.codes.count:
            rows = self._lists.near(vector, effort, spread, allowed)
            if len(rows) >= effort.rows:
                return self.best_among(vector, effort.rows, rows, self.spans.sizes(rows))
            effort = effort.wider()
        return None

    def _exact(self, vector: Vectors, limit: int, allowed: Mask | None) -> Nearest:
        """The ``limit`` best of all allowed rows."""
        rows = self.spans.filled
        if allowed is not None:
            rows = np.flatnonzero(allowed)
            rows = rows[self.spans.sizes(rows) > 0]
        sizes = self.spans.sizes(rows)
        if int(sizes.sum()) > max(_GATHERED, self.codes.count // 4):
            found = self._scan(vector, limit, rows, sizes)
            if found is not None:
                return found
        return self.best_among(vector, limit, rows, sizes)

    def best_among(self, vector: Vectors, limit: int, rows: Rows, sizes: Rows) -> Nearest:
        """The ``limit`` best of some rows, each of which has passages, by scoring all of them."""
        whole = int(sizes.sum()) == self.codes.count
        passages = np.arange(self.codes.count) if whole else self.spans.passages(rows, sizes)
        scores = self.codes.scores(vector, None if whole else passages)
        best, places = best_of_each(scores, passages, sizes)
        order = best_order(rows, best, limit)
        return Nearest(rows[order], best[order], places[order])

    def _scan(self, vector: Vectors, limit: int, rows: Rows, sizes: Rows) -> Nearest | None:
        """The same by FAISS's faster scan, where it can be proven complete; else None.

        It is, once the worst passage that the scan returned lies below the last row of the answer:
        what it left out lies lower still, ties included.
        """
        allowed: Mask | None = None
        if len(rows) < len(self.spans.filled):
            allowed = np.zeros(self.codes.count, bool)
            allowed[self.spans.passages(rows, sizes)] = True
        count = max(4 * limit, 64)
        while count < self.codes.count // 4:
            passages, scores, error = self.codes.nearest(vector, count, allowed)
            found = distinct(self._passage_rows[passages])
            nearest = self.best_among(vector, limit, found, self.spans.sizes(found))
            if len(nearest.rows) == limit and scores[-1] + error < nearest.scores[-1]:
                return nearest
            count *= 4
        return None
