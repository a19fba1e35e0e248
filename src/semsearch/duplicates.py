"""Copies of one text: signatures that survive small edits, and groups of articles that share one.

News travels by wire: the same text comes back with another headline, a byline, a cut tail, a corrected
figure. Two texts are called copies where

- their shingles of three words overlap: Jaccard similarity of at least 0.55, or one is contained in
  the other by 0.85 (a shortened copy); texts under 60 shingles need 0.8, for a template fills them;
- and their figures agree: four in five of the numbers of the text with fewer numbers are in the other, or
  all but one. This is what keeps apart two weeks of one market report, whose words are the same.

The figures were chosen by reading pairs of four news collections; see benchmarks/README.md.
"""

from __future__ import annotations

import functools
import hashlib
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]

COPY_SIMILARITY = 0.55  # Jaccard similarity of shingles from which two texts are copies
COPY_CONTAINMENT = 0.85  # share of the shorter text's shingles in the longer: a shortened copy
SHORT_COPY_SIMILARITY = 0.8  # the same for texts under LONG_TEXT shingles, which templates fill
SURE_SIMILARITY = 0.85  # from here on numbers may differ: a time stamp, an updated toll
LONG_TEXT = 60  # shingles from which a text is long enough to judge by overlap
CANDIDATE_SIMILARITY = 0.3  # below this an estimate of containment is noise

_VERSION = 1  # of the layout and the hash functions: signatures of another version match nothing
_EXACT, _SKETCH = 0, 1
_HEAD = struct.Struct("<BBII")  # version, kind, distinct shingles, distinct numbers
_PERMUTATIONS = 128  # standard error of a similarity of 0.55: 0.044
_BANDS, _BAND_WIDTH = (
    32,
    3,
)  # found as candidates: 0.58 of pairs at similarity 0.3, 0.95 at 0.45, 0.998 at 0.55
_NUMBERS = 32  # number hashes kept: articles with fewer numbers are compared exactly
_FEWEST_WORDS = 20  # texts with fewer are copies only where all words are equal
_MOST_CHARACTERS = 200_000  # more of a huge body adds time, not certainty
_NEIGHBOURS = 32  # copies looked for among so many earlier texts a band: bounds the work on templates

# Scripts without blanks between words: each sign stands for a word there.
_WORD = re.compile(r"[぀-ヿ㐀-鿿가-힯]|[^\W぀-ヿ㐀-鿿가-힯]+")
_NUMBER = re.compile(r"\d(?:[\d.,/:-]*\d)?")


@dataclass(frozen=True, slots=True)
class _Sketch:
    shingles: int
    values: Values
    number_count: int
    numbers: frozenset[int]


def signature(body: str, *, title: str = "") -> bytes:
    """The near-duplicate signature of an article's body without boilerplate; ``b""`` without any word.

    Long bodies give a MinHash of their shingles (datasketch, 128 permutations) and a sketch of their
    numbers, about 650 bytes; the title is left out, as copies change it. Bodies under 20 words give a
    hash of all words of title and body. The same text always gives the same bytes.
    """
    body = body[:_MOST_CHARACTERS].lower()
    words = _WORD.findall(body)
    if len(words) < _FEWEST_WORDS:
        words = _WORD.findall(title.lower()) + words
        if not words:
            return b""
        return (
            _HEAD.pack(_VERSION, _EXACT, 0, 0)
            + hashlib.blake2b(" ".join(words).encode(), digest_size=16).digest()
        )
    encoded = [word.encode() for word in words]
    shingles = set(map(b" ".join, zip(encoded, encoded[1:], encoded[2:], strict=False)))
    sketch = _empty_minhash().copy()
    sketch.update_batch(shingles)
    values: Values = sketch.hashvalues
    numbers = sorted({_number_hash(number) for number in _NUMBER.findall(body)})
    head = _HEAD.pack(_VERSION, _SKETCH, len(shingles), len(numbers))
    return head + values.astype("<u4").tobytes() + np.array(numbers[:_NUMBERS], "<u4").tobytes()


def similarity(a: bytes, b: bytes) -> float:
    """Estimated Jaccard similarity, 0 to 1, of the shingles of two texts; short texts have 1 or 0."""
    one, other = _read(a), _read(b)
    if one is None or other is None:
        return float(a == b and a != b"")
    return float(np.count_nonzero(one.values == other.values)) / _PERMUTATIONS


def are_copies(a: bytes, b: bytes) -> bool:
    """Whether two signatures are of copies of one text, by the rule at the head of this module."""
    return _strength(a, b) > 0


def bands(of: bytes) -> tuple[int, ...]:
    """Keys of a signature, signed 64-bit: copies share at least one (nearly always), strangers hardly ever.

    Two texts can only be found as copies where a key is shared, so that a store finds the candidates
    of an article by an index on these keys. Empty for the empty signature.
    """
    sketch = _read(of)
    if sketch is not None:
        return tuple(int(key) for key in _band_keys(sketch.values[np.newaxis])[0])
    return (int.from_bytes(of[-8:], "little", signed=True),) if of else ()


def find_group(of: bytes, candidates: Iterable[tuple[int, bytes]]) -> int | None:
    """The group that a new article belongs to, or None where it is a copy of no candidate.

    ``candidates`` are (group number, signature of the group's representative): the article whose row
    is the group's number, or, where that was deleted, its smallest living row. The nearest wins, ties
    go to the smallest number.
    """
    best, group = 0.0, None
    for number, candidate in candidates:
        strength = _strength(of, candidate)
        if strength > best or (strength == best > 0 and group is not None and number < group):
            best, group = strength, number
    return group


class DuplicateGrouper:
    """Groups the copies of a whole corpus; each member is a copy of its group's first article.

    So there are no chains in which the ends have nothing in common. Memory: some 700 bytes an article.
    """

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._signatures: list[bytes] = []

    def add(self, row: int, of: bytes) -> None:
        """Take in an article's row and signature; an empty signature makes a group of one."""
        self._rows.append(row)
        self._signatures.append(of)

    def groups(self) -> Rows:
        """The group number of each article, in the order added: the smallest row of its group."""
        rows = np.array(self._rows, np.int64)
        order = np.argsort(rows, kind="stable")
        leaders = np.arange(len(rows))  # by place in row order: the first article of the group
        first = self._equal_ones(order, leaders)
        sketched = [(place, sketch) for place in first if (sketch := _read(self._signatures[order[place]]))]
        self._near_ones(order, leaders, sketched)
        grouped = np.empty(len(rows), np.int64)
        # An equal one follows its first, which may itself have joined a group.
        grouped[order] = rows[order][leaders[leaders]]
        return grouped

    def _equal_ones(self, order: npt.NDArray[np.intp], leaders: npt.NDArray[np.intp]) -> list[int]:
        """Join articles with the very same signature; the places of the first of each."""
        seen: dict[bytes, int] = {}
        for place, at in enumerate(order):
            if self._signatures[at]:
                leaders[place] = seen.setdefault(self._signatures[at], place)
        return list(seen.values())

    def _near_ones(
        self, order: npt.NDArray[np.intp], leaders: npt.NDArray[np.intp], sketched: list[tuple[int, _Sketch]]
    ) -> None:
        """Join each article, in row order, to the nearest leader among those its neighbours follow."""
        if len(sketched) < 2:
            return
        values = np.stack([sketch.values for _, sketch in sketched])
        places = np.array([place for place, _ in sketched])
        number_of = {place: number for number, (place, _) in enumerate(sketched)}
        later, earlier = _neighbours(values)
        starts = np.searchsorted(later, np.arange(len(places) + 1))
        for number in np.unique(later):
            near = earlier[starts[number] : starts[number + 1]]
            heads = np.array([number_of[place] for place in np.unique(leaders[places[near]])])
            alike = np.count_nonzero(values[heads] == values[number], axis=1) / _PERMUTATIONS
            heads = heads[alike >= CANDIDATE_SIMILARITY]
            group = find_group(
                self._signatures[order[places[number]]],
                ((int(places[head]), self._signatures[order[places[head]]]) for head in heads),
            )
            if group is not None:
                leaders[places[number]] = group


def _strength(a: bytes, b: bytes) -> float:
    """0 where two texts are not copies; else how near they are, up to 1."""
    if a == b:
        return float(a != b"")
    one, other = _read(a), _read(b)
    if one is None or other is None:
        return 0.0
    alike = float(np.count_nonzero(one.values == other.values)) / _PERMUTATIONS
    if alike < CANDIDATE_SIMILARITY:
        return 0.0
    contained = _contained(alike, one.shingles, other.shingles)
    if min(one.shingles, other.shingles) < LONG_TEXT:
        copies = alike >= SHORT_COPY_SIMILARITY and _missing_numbers(one, other) < 0.5
    else:
        copies = alike >= COPY_SIMILARITY or contained >= COPY_CONTAINMENT
        copies = copies and (alike >= SURE_SIMILARITY or _numbers_agree(one, other))
    # A whole text is nearer than a part of one.
    return max(alike, contained * COPY_SIMILARITY) if copies else 0.0


def _numbers_agree(one: _Sketch, other: _Sketch) -> bool:
    return _missing_numbers(one, other) <= max(1.0, min(one.number_count, other.number_count) / 5)


def _missing_numbers(one: _Sketch, other: _Sketch) -> float:
    """How many numbers of the text with fewer are not in the other; estimated where there are many."""
    fewer = min(one.number_count, other.number_count)
    if max(one.number_count, other.number_count) <= _NUMBERS:
        return fewer - len(one.numbers & other.numbers)
    # The smallest hashes of a union are a fair sample of it (Cohen and Kaplan's bottom-k sketch).
    sample = sorted(one.numbers | other.numbers)[:_NUMBERS]
    alike = sum(number in one.numbers and number in other.numbers for number in sample) / max(1, len(sample))
    return fewer * (1 - _contained(alike, one.number_count, other.number_count))


def _contained(alike: float, one: int, other: int) -> float:
    """Share of the smaller of two sets that is in the other, from their Jaccard similarity and sizes."""
    fewer = min(one, other)
    # |A n B| = J |A u B| and |A u B| = |A| + |B| - |A n B|
    return min(1.0, alike * (one + other) / (1 + alike) / fewer) if fewer else 1.0


def _neighbours(values: Values) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs (later, earlier), by later, of signatures that share a band, each with its nearest before it."""
    count = len(values)
    keys = _band_keys(values)
    pairs = np.empty(0, np.int64)
    for band in range(_BANDS):
        by_key = np.argsort(keys[:, band], kind="stable")
        ordered = keys[by_key, band]
        found = [pairs]
        for step in range(1, min(_NEIGHBOURS, count - 1) + 1):
            same = np.flatnonzero(ordered[step:] == ordered[:-step])
            if not same.size:
                break
            found.append(by_key[same + step] * count + by_key[same])
        pairs = np.unique(np.concatenate(found))
    return pairs // count, pairs % count


def _band_keys(values: Values) -> Rows:
    """Keys of many signatures, shape (signatures, bands): splitmix64's finaliser over each band's values."""
    keys = np.broadcast_to(np.arange(1, _BANDS + 1, dtype=np.uint64), (len(values), _BANDS)).copy()
    for part in range(_BAND_WIDTH):
        keys ^= values[:, part : _BANDS * _BAND_WIDTH : _BAND_WIDTH].astype(np.uint64)
        keys += np.uint64(0x9E3779B97F4A7C15)
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        keys ^= keys >> np.uint64(31)
    return keys.view(np.int64)


def _read(of: bytes) -> _Sketch | None:
    """The sketch in a signature; None for one of a short text and for one of another version."""
    if len(of) < _HEAD.size:
        return None
    version, kind, shingles, number_count = _HEAD.unpack_from(of)
    if version != _VERSION or kind != _SKETCH:
        return None
    everything = np.frombuffer(of, "<u4", offset=_HEAD.size).astype(np.uint32)
    numbers = frozenset(everything[_PERMUTATIONS:].tolist())
    return _Sketch(shingles, everything[:_PERMUTATIONS], number_count, numbers)


def _number_hash(number: str) -> int:
    # Commas come and go: 2,000 and 2000. Not CRC-32: the smallest hashes must be a fair sample.
    return int.from_bytes(hashlib.blake2b(number.replace(",", "").encode(), digest_size=4).digest(), "little")


@functools.cache
def _empty_minhash() -> Any:  # noqa: ANN401 - datasketch has no types
    from datasketch import MinHash

    return MinHash(num_perm=_PERMUTATIONS, seed=1, hashfunc=zlib.crc32, scheme="affine32")
