"""What goes into the lexical index, its field weights and its sizes; no tantivy here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, isfinite

from semsearch.articles import FACET_FIELDS, FacetField, Filter
from semsearch.errors import SettingsInvalid
from semsearch.index.lexical_analysis import ANALYSIS_VERSION

# The fields whose words are searched and scored, in the order in which they are reported.
TEXT_FIELDS = ("title", "body", "author")
# Title, body and authors word by word as they are written, for what stands in quotes; adds to no score.
WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """One article version as the lexical index sees it.

    ``body`` has the site's boilerplate taken out already; ``published`` is in whole seconds since
    1970 (UTC) or None; ``language`` is a code such as ``de`` or ``en-GB`` and chooses the stemmer.
    """

    article_id: str
    title: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    source: str | None = None
    published: int | None = None

    def keywords(self) -> dict[FacetField, tuple[str, ...]]:
        """The comparable values of each filter field, each once."""
        values: dict[FacetField, tuple[str, ...]] = {
            "section": (self.section or "",),
            "author": self.authors,
            "tag": self.tags,
            "language": (self.language or "",),
            "source": (self.source or "",),
        }
        return {name: comparable(values[name]) for name in FACET_FIELDS}


@dataclass(frozen=True, slots=True)
class LexicalWeights:
    """How much a word counts by where it stands; factors on the BM25 score of a field, given at search time.

    A weight of 0 leaves what matches as it is and adds nothing to the score. The defaults are the
    best of a sweep over news and abstracts: a short title has high scores of its own already, so a
    title weight of 2 was worse than 0.75 on both. Raises SettingsInvalid for a weight that is negative
    or not a number.
    """

    title: float = 0.75
    body: float = 1.0
    author: float = 0.5

    def __post_init__(self) -> None:
        for name in TEXT_FIELDS:
            if not (isfinite(self.of(name)) and self.of(name) >= 0):
                raise SettingsInvalid(f"lexical weight '{name}' is {self.of(name)}; give 0 or more")

    def of(self, name: str) -> float:
        """The weight of a text field."""
        weight: float = getattr(self, name)
        return weight


@dataclass(frozen=True, slots=True)
class LexicalStats:
    """Sizes of a built lexical index.

    ``terms`` counts those of each text field, extra ones among them, ``languages`` the articles by stemmer
    ("" is none); ``analysis`` is the version of the analysis that made them.
    """

    articles: int
    terms: Mapping[str, int]
    languages: Mapping[str, int]
    default_language: str
    analysis: int = ANALYSIS_VERSION

    def average(self, name: str) -> float:
        """Average number of terms of a text field over all articles; 0 for an empty index."""
        return self.terms.get(name, 0) / self.articles if self.articles else 0.0


def comparable(values: tuple[str, ...]) -> tuple[str, ...]:
    """Forms of values in which case does not count, each once, without empty ones, in the order given."""
    return tuple(dict.fromkeys(value.casefold() for value in values if value))


def filter_values(where: Filter) -> dict[FacetField, tuple[str, ...]]:
    """The comparable values of each field that a filter restricts; an empty tuple matches nothing."""
    given: dict[FacetField, tuple[str, ...] | None] = {
        "section": where.sections,
        "author": where.authors,
        "tag": where.tags,
        "language": where.languages,
        "source": where.sources,
    }
    return {name: comparable(values) for name, values in given.items() if values is not None}


def filter_seconds(where: Filter) -> tuple[int | None, int | None]:
    """The first whole second that passes a filter's dates and the first after them that does not."""
    return _whole_seconds(where.published_after), _whole_seconds(where.published_before)


def _whole_seconds(moment: datetime | None) -> int | None:
    # Rounding up is right at both ends: of whole seconds s, s >= 10.5 is s >= 11 and s < 10.5 is s < 11.
    if moment is None:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return ceil(aware.timestamp())
