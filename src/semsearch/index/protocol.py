"""The one ``Index`` that searching and indexing speak to; the embedded generation implements it.

Rows are an implementation's internal keys of article versions (int64). A row never changes its
meaning inside a snapshot; -1 stands for none. No FAISS type, file path or SQL crosses this border.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, FacetField, Filter, Passage
from semsearch.encoder.protocol import EncoderInfo

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]
Outcome = Literal["added", "updated", "unchanged", "stale", "deleted", "missing"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Articles found by one retriever, best first, each article once.

    ``rows`` and ``scores`` have the same length; ``passages`` holds the number of the best passage
    (-1 where the retriever knows none); ``total`` counts all matches; ``exact`` says if it is exact.
    """

    rows: Rows
    scores: Scores
    passages: Rows
    total: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A query by words: any of ``words`` may match, all of ``phrases`` must, none of ``excluded`` may.

    ``optional`` words add to the score of what matches otherwise, and make nothing match by themselves.
    ``excluded`` holds words and phrases. With neither words nor phrases nothing matches. Those phrases and
    excluded ones that are ``quoted`` are meant as they are written, not by their stems. Where ``any_phrase``
    is true, one of the phrases will do; none of them may be quoted.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    quoted: frozenset[str] = frozenset()
    any_phrase: bool = False


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article ready to be indexed.

    ``kept`` are the spans of the body that are not site boilerplate (lexical text); ``vectors`` has
    one row a passage; ``signature`` is the near-duplicate signature (empty where not computed) and
    ``bands`` the keys under which near copies of it are found.
    """

    article: Article
    kept: tuple[tuple[int, int], ...]
    passages: tuple[Passage, ...]
    vectors: Vectors
    signature: bytes = b""
    bands: tuple[int, ...] = ()

    @property
    def kept_text(self) -> str:
        """The body without site boilerplate: what is searched by words."""
        return "\n\n".join(self.article.body[start:end] for start, end in self.kept)


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of one change: ``change`` is its number in the store (0 where nothing was written)."""

    article_id: str
    outcome: Outcome
    change: int = 0


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """Sizes of a snapshot: live articles and passages, and how much of them lies in the delta.

    ``hidden`` articles may not be seen by readers now; a snapshot for readers does not count them among
    ``articles``.
    """

    articles: int
    passages: int
    delta_articles: int
    deleted: int
    change: int
    hidden: int = 0
    published_from: datetime | None = None
    published_to: datetime | None = None
    languages: Mapping[str, int] = field(default_factory=dict)

    @property
    def counted(self) -> int:
        """The articles that ``document_frequency`` counts: the index of words knows hidden ones, too."""
        return self.articles + self.hidden


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word or a name as it is written, and the number of articles that it stands in."""

    text: str
    count: int


class Snapshot(Protocol):
    """One consistent view of an index, from the start of a request to its end; a context manager."""

    @property
    def generation(self) -> str:
        """Id of the generation that answers."""
        ...

    @property
    def encoder(self) -> EncoderInfo:
        """The encoder whose vectors this index holds."""
        ...

    @property
    def shown_since(self) -> float:
        """The last moment at which an article appeared or went by the clock (seconds since 1970)."""
        ...

    @property
    def shown_until(self) -> float:
        """The next such moment; infinity where none is known."""
        ...

    def hidden_rows(self) -> Rows:
        """The live rows that readers may not see now, ascending; none in a snapshot that holds them.

        Nothing else of this snapshot knows them, save ``articles``, ``ids`` and ``visible_spans``.
        """
        ...

    def visible_spans(self, rows: Rows) -> tuple[Floats, Floats]:
        """From when until when readers may see each row, in seconds since 1970; from infinity: never."""
        ...

    def counts(self) -> IndexCounts:
        """Live sizes of this snapshot."""
        ...

    def without(self, rows: Rows) -> Snapshot:
        """This view as it were if these rows were deleted, held by the same ``with`` as this one.

        ``row_of`` still knows them, and ``counts`` and ``document_frequency`` still count them.
        """
        ...

    def vector_candidates(
        self, vector: Vectors, *, limit: int, where: Filter, within: Rows | None = None
    ) -> Candidates:
        """The ``limit`` articles whose best passage is nearest to one unit vector (inner product).

        ``within`` narrows to these rows (None: no narrowing; empty: nothing). ``total`` counts the
        articles that were eligible.
        """
        ...

    def vector_scores(self, vector: Vectors, rows: Rows) -> Candidates:
        """Best passage and inner product of the given rows, in the order given."""
        ...

    def lexical_candidates(self, query: LexicalQuery, *, limit: int, where: Filter) -> Candidates:
        """The ``limit`` articles that match best by words (BM25), and the exact number of matches."""
        ...

    def lexical_scores(self, query: LexicalQuery, rows: Rows) -> Scores:
        """BM25 score of the given rows for a query, in the order given; 0 where it does not match."""
        ...

    def lexical_rows(self, query: LexicalQuery, *, where: Filter) -> Rows:
        """All rows that match a query by words, ascending: for counts and facets."""
        ...

    def title_rows(self, query: LexicalQuery, *, where: Filter, most: int) -> Rows:
        """The rows whose title holds every word and phrase, ascending; none where more than ``most`` do."""
        ...

    def matching(self, where: Filter) -> Rows:
        """All live rows that pass a filter, ascending."""
        ...

    def by_date(self, where: Filter, *, oldest_first: bool, limit: int, offset: int) -> Rows:
        """Rows that pass a filter by publication date; undated last; ties by id."""
        ...

    def facets(self, rows: Rows, fields: Sequence[FacetField]) -> dict[str, dict[str, int]]:
        """Exact counts of each value of each field over rows; most frequent first, ties by name."""
        ...

    def in_other_languages(self, rows: Rows, codes: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which of the rows are in a language that is known and is none of these."""
        ...

    def published(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Publication time of rows in seconds since 1970 (UTC); NaN where unknown."""
        ...

    def duplicate_groups(self, rows: Rows) -> Rows:
        """A number per row; rows that hold copies of one text have the same."""
        ...

    def group_members(self, group: int, *, where: Filter) -> Rows:
        """The live rows of one duplicate group that pass a filter, ascending."""
        ...

    def story_members(self, story: int, *, where: Filter) -> Rows:
        """The live rows of one story that pass a filter, ascending."""
        ...

    def stories(self, rows: Rows) -> Rows:
        """The story number of each row; -1 where it belongs to none."""
        ...

    def row_of(self, article_id: str) -> int:
        """The live row of an article, -1 where there is none."""
        ...

    def row_at(self, url: str) -> int:
        """The newest live row at an address, in whatever form it is written; -1 where there is none."""
        ...

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Id and address of each live article that has one."""
        ...

    def signed_alike(self, bands: Sequence[int], *, where: Filter) -> list[tuple[int, bytes]]:
        """Row and signature of the live articles that share most of a text's ``bands``, 64 at most."""
        ...

    def ids(self, rows: Rows) -> list[str]:
        """Article ids of rows, in the order given."""
        ...

    def articles(self, rows: Rows) -> list[Article]:
        """Whole articles of rows, in the order given."""
        ...

    def kept_texts(self, rows: Rows) -> list[str]:
        """The title and the body without site boilerplate of rows, in the order given."""
        ...

    def first_passages(self, rows: Rows) -> Rows:
        """The number of each row's first passage."""
        ...

    def passages(self, row: int) -> list[Passage]:
        """The passages of a row with their offsets (``text`` is the body's span)."""
        ...

    def passage_spans(self, passages: Rows) -> list[tuple[int, int]]:
        """The (start, end) in the body of each passage number; (0, 0) for -1."""
        ...

    def passage_vectors(self, row: int) -> Vectors:
        """Unit vectors of all passages of a row, in their order."""
        ...

    def document_frequency(self, words: Sequence[str]) -> list[int]:
        """In how many articles each word stands (after stemming), for choosing salient words."""
        ...

    def body_frequency(self, terms: Sequence[str]) -> list[int]:
        """In how many bodies each index term stands, those of removed articles among them; cheap."""
        ...

    def terms(self, text: str, language: str | None = None) -> list[str]:
        """The index terms of a text in a language (None: the index's own), repeats included."""
        ...

    def lexical_ideal(self, query: LexicalQuery) -> float:
        """The BM25 score of a perfect match, which no article can pass: for a scale from 0 to 1."""
        ...

    def analyse(self, text: str, wanted: Collection[str] | None = None) -> list[tuple[str, int, int]]:
        """The index terms of a text (or the wanted ones alone) with the span that each came from."""
        ...

    def complete_words(self, beginning: str, *, limit: int) -> list[WordCount]:
        """The corpus's words that begin so, without case and accents; the most frequent first."""
        ...

    def near_words(self, word: str, *, distance: int) -> list[tuple[WordCount, int]]:
        """The corpus's words that are at most so many typing errors away, each with its distance."""
        ...

    def complete_titles(self, typed: str, *, mend: bool = False) -> Iterator[Rows]:
        """Live rows whose title fits what was typed, in lots, each within the next, rows ascending.

        First titles that begin with it, then those that hold it as a phrase, then those that hold all of
        its words; the last word may be a beginning, unless a blank follows it. With ``mend``, words that
        no title holds are read as near ones.
        """
        ...

    def complete_values(
        self, name: FacetField, typed: str, *, mend: bool = False
    ) -> Iterator[list[WordCount]]:
        """The values of a field that fit what was typed, in the lots of ``complete_titles``.

        Each lot holds the most frequent first, none that no live article has; nothing typed fits all.
        """
        ...

    def __enter__(self) -> Snapshot: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Index(Protocol):
    """A named index that follows its live generation and takes changes."""

    def snapshot(self, *, hidden: bool = False) -> Snapshot:
        """The newest consistent view; held with ``with`` for the length of a request.

        It holds what readers may see now: no article that is scheduled, expired or not published. Those
        that write, or show editors what is to come, ask for the ``hidden`` ones, too.
        """
        ...

    def put(self, articles: Iterable[PreparedArticle]) -> list[Changed]:
        """Add or replace articles; durable when it returns, visible to the next snapshot."""
        ...

    def delete(self, article_ids: Iterable[str]) -> list[Changed]:
        """Delete articles; durable when it returns, gone from the next snapshot."""
        ...

    def close(self) -> None:
        """Let go of files and locks."""
        ...
