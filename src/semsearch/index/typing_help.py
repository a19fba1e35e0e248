"""What typing help needs of one generation: its titles, names and words; a file, and live changes."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.articles import FacetField
from semsearch.errors import IndexCorrupt
from semsearch.index.files import storage_errors
from semsearch.index.names import MAX_TYPED, NameIndex, Slot
from semsearch.index.protocol import PreparedArticle, Rows
from semsearch.index.vocabulary import Vocabulary, WordCounter
from semsearch.text.words import errors_allowed, name_words

TYPING = "typing.npz"
_NEAR_READ = 20  # near words that one mistyped word is read as, at most


class TypingBuilder:
    """Counts the words and titles of a build; ``save`` writes them."""

    def __init__(self) -> None:
        self._titles = NameIndex()
        self._words = WordCounter()

    def add(self, row: int, prepared: PreparedArticle) -> None:
        """Add one article; rows must ascend."""
        self._titles.add(row, prepared.article.title)
        self._words.add(prepared.article.title, prepared.kept_text)

    def save(self, path: Path) -> None:
        """Write one file; raises StorageFailed."""
        titles = self._titles.frozen()
        arrays = titles.save("titles") | self._words.vocabulary(titles.words).save()
        with storage_errors(path), path.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub takes the names for options


class TypingHelp:
    """Titles, words and values of an open generation; read at first use, live rows appended.

    One thread may append while others read. A generation that was built without the file has only the
    values of its fields and what was added since.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._loaded: tuple[NameIndex, Vocabulary] | None = None
        self._values: dict[FacetField, tuple[int, NameIndex]] = {}

    def append(self, row: int, prepared: PreparedArticle) -> None:
        """Add one live row; rows must ascend."""
        self.titles.add(row, prepared.article.title)
        self.words.add(prepared.article.title, prepared.kept_text)

    @property
    def titles(self) -> NameIndex:
        """The titles, by row."""
        return self._load()[0]

    @property
    def words(self) -> Vocabulary:
        """The words of titles and texts."""
        return self._load()[1]

    def values(self, name: FacetField, labels: Sequence[str]) -> NameIndex:
        """The values of one field by their places in ``labels``, which only ever grows."""
        with self._guard:
            known, index = self._values.get(name, (0, NameIndex()))
            if known == 0 and labels:
                known, index = len(labels), NameIndex.of(labels)
            for number in range(known, len(labels)):
                index.add(number, labels[number])
            self._values[name] = (max(known, len(labels)), index)
            return index

    def _load(self) -> tuple[NameIndex, Vocabulary]:
        if self._loaded is None:
            with self._guard:
                if self._loaded is None:
                    self._loaded = _read(self._path)
        return self._loaded


def _read(path: Path) -> tuple[NameIndex, Vocabulary]:
    if not path.exists():  # built before there was typing help; the manifest says what must be there
        return NameIndex(), Vocabulary()
    try:
        with np.load(path) as stored:
            arrays: Mapping[str, npt.NDArray[Any]] = {name: stored[name] for name in stored.files}
        return NameIndex.load(arrays, "titles"), Vocabulary.load(arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as exc:
        raise IndexCorrupt(
            f"{path} cannot be read ({exc}); roll back to an earlier generation "
            "(semsearch index rollback) or build the index again"
        ) from exc


def fitting(index: NameIndex, typed: str, *, upto: int, mend: bool) -> Iterator[Rows]:
    """Numbers of the names that fit what was typed, in the three lots of ``NameIndex.find``.

    With ``mend``, words that no name holds are read as near ones; where each word is held, but never
    all of them by one name, each is read as near ones too. Nothing is found where nothing is to be mended.
    """
    slots = read_typed(typed)
    if not mend:
        yield from index.find(slots, upto=upto)
        return
    missing = [not index.holds(slot) for slot in slots]
    if not any(missing):
        if len(slots) < 2 or any(len(lot) for lot in index.find(slots, upto=upto)):
            return
        missing = [True] * len(slots)
    mended = [_mended(index, slot) if lacking else slot for slot, lacking in zip(slots, missing, strict=True)]
    yield from index.find(mended, upto=upto)


def read_typed(typed: str) -> list[Slot]:
    """The typed words; the last is a beginning unless a blank follows it."""
    words = name_words(typed)[:MAX_TYPED]
    last = -1 if typed[-1:].isspace() else len(words) - 1
    return [[(word, at == last)] for at, word in enumerate(words)]


def _mended(index: NameIndex, slot: Slot) -> Slot:
    word, beginning = slot[0]
    near = index.near(word, errors_allowed(len(word)), beginning=beginning)[:_NEAR_READ]
    return [*slot, *((one, beginning) for one in near if one != word)]
