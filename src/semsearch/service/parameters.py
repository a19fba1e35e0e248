"""What may be asked over HTTP: query parameters and JSON bodies, each described, none ignored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from semsearch.articles import Collapse, FacetField, Fallback, Mode, Sort, Window
from semsearch.search.types import MAX_DEPTH, MAX_LIMIT, MAX_QUERY_CHARACTERS, MAX_TEXT_CHARACTERS

MAX_VALUES = 100  # values of one filter
MAX_IDS = 1000  # ids in one list; about what fits in an address of 64 kB

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE_FOR_PLUS = re.compile(r"(T.*) (\d\d:?\d\d)$")


def clean_text(text: str) -> str:
    """The text without control characters: no tokenizer or index wants them."""
    return _UNPRINTABLE.sub(" ", text)


def parse_moment(value: object) -> object:
    """An ISO 8601 date or time as UTC; a date alone is its first instant; without a zone it is UTC.

    A ``+`` that an address turned into a space is put back. Raises ValueError for anything else,
    numbers of seconds among it, since "2026" would otherwise be a moment in 1970.
    """
    if value is None:
        return None
    problem = "give an ISO 8601 date or time, such as 2026-01-31 or 2026-01-31T12:00:00Z"
    if not isinstance(value, str):
        raise ValueError(problem)
    try:
        moment = datetime.fromisoformat(_SPACE_FOR_PLUS.sub(r"\1+\2", value.strip()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(problem) from None


def split_commas(value: object) -> object:
    """``["section,author"]`` as ``["section", "author"]``, each once."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return value
    return list(dict.fromkeys(part.strip() for item in value for part in item.split(",")))


Query = Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS), AfterValidator(clean_text)]
Text = Annotated[str, Field(max_length=MAX_TEXT_CHARACTERS), AfterValidator(clean_text)]
Value = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(clean_text)]
Values = Annotated[list[Value], Field(max_length=MAX_VALUES)]
ArticleId = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(clean_text)]
ArticleIds = Annotated[list[ArticleId], Field(max_length=MAX_IDS)]
Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment, json_schema_input_type=str),
    Field(json_schema_extra={"format": "date-time"}),
]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
FacetFields = Annotated[list[FacetField], BeforeValidator(split_commas)]


class Filters(BaseModel):
    """Which articles may be found: fields are joined with AND, the values of one field with OR."""

    model_config = ConfigDict(extra="forbid")

    section: Values | None = Field(
        None, description="Only these sections; repeatable, case does not matter.", examples=[["Politics"]]
    )
    author: Values | None = Field(
        None, description="Only articles by one of these authors; repeatable.", examples=[["Ada Marsh"]]
    )
    tag: Values | None = Field(
        None, description="Only articles with one of these tags; repeatable.", examples=[["budget"]]
    )
    language: Values | None = Field(
        None, description="Only these languages, as the articles name them; repeatable.", examples=[["en"]]
    )
    source: Values | None = Field(
        None, description="Only articles from one of these sources; repeatable.", examples=[["wire"]]
    )
    published_after: Moment | None = Field(
        None,
        description="Only articles published at this moment or later (ISO 8601; UTC where no zone is given). "
        "Articles without a date never pass.",
        examples=["2026-01-01"],
    )
    published_before: Moment | None = Field(
        None,
        description="Only articles published before this moment (ISO 8601; the moment itself is left out).",
        examples=["2026-02-01T00:00:00Z"],
    )
    exclude_ids: ArticleIds | None = Field(
        None, description="Articles never to show: already on the page, already read.", examples=[["a-17"]]
    )


class SearchQuery(Filters):
    """The parameters of a search in an address."""

    q: Query = Field(
        "",
        description="What to look for. Quotes make a phrase, a leading minus excludes a word; "
        "empty gives the newest articles that pass the filters.",
        examples=["court rules on voting rights"],
    )
    mode: Mode = Field(
        "hybrid",
        description="By meaning and words, by meaning alone, or by words alone.",
        examples=["hybrid"],
    )
    semantic_ratio: Fraction | None = Field(
        None,
        description="Weight of meaning against words in hybrid mode; left out: the setting.",
        examples=[0.5],
    )
    limit: int = Field(10, ge=1, le=MAX_LIMIT, description="Hits a page.", examples=[10])
    offset: int = Field(
        0,
        ge=0,
        le=MAX_DEPTH - 1,
        description=f"Hits to skip; offset and limit together reach at most {MAX_DEPTH:,}.",
        examples=[0],
    )
    facets: FacetFields | None = Field(
        None,
        description="Fields whose values are counted over all matches; repeatable or joined by commas.",
        examples=[["section", "author"]],
    )
    sort: Sort = Field("relevance", description="Order of the hits.", examples=["relevance"])
    recency_half_life: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] | None = Field(
        None, description="Days after which an article counts half as recent.", examples=[30]
    )
    recency_weight: Fraction | None = Field(
        None, description="How much recency counts in the score.", examples=[0.2]
    )
    diversity: Fraction = Field(
        0.0, description="0 ranks by relevance alone, 1 spreads the hits as far as it can.", examples=[0.3]
    )
    collapse: Collapse = Field(
        "none",
        description="Fold copies of one text, or one story, into its best hit.",
        examples=["duplicate"],
    )
    min_score: Fraction | None = Field(None, description="Leave out hits with a lower score.", examples=[0.3])
    explain: bool = Field(False, description="Tell how each score was made.", examples=[False])


class SearchBody(SearchQuery):
    """The same search as a JSON body."""

    model_config = ConfigDict(strict=True, json_schema_extra={"additionalProperties": False})


class RelatedQuery(Filters):
    """The parameters of a related list in an address."""

    language: Values | None = Field(
        None,
        description="Only these languages; own is that of the article. Left out: the article's own language "
        "where enough articles are in it, and never its translation.",
        examples=[["own"]],
    )
    limit: int = Field(5, ge=1, le=MAX_LIMIT, description="Articles to show.", examples=[5])
    window: Window = Field(
        "any",
        description="Any time; articles older than this one (background); or the newest first in time.",
        examples=["past"],
    )
    fallback: Fallback = Field(
        "recent",
        description="How a short list is filled: newest of the section, newest of all, or not at all.",
        examples=["recent"],
    )
    diversity: Fraction | None = Field(
        None, description="0 lists the nearest alone, 1 spreads them; left out: the setting.", examples=[0.3]
    )
    explain: bool = Field(False, description="Tell how each score was made.", examples=[False])


class RelatedBody(RelatedQuery):
    """A related list of an article, of a free text, or of several articles: exactly one of them."""

    model_config = ConfigDict(strict=True, json_schema_extra={"additionalProperties": False})

    id: ArticleId | None = Field(
        None, description="The article whose neighbours are wanted.", examples=["a-17"]
    )
    text: Text | None = Field(
        None,
        description="A text, such as a draft, whose neighbours are wanted.",
        examples=["The court ruled…"],
    )
    positive: ArticleIds | None = Field(
        None, description="Articles whose common neighbours are wanted.", examples=[["a-17", "a-18"]]
    )
    negative: ArticleIds | None = Field(
        None, description="Articles to keep away from (with positive).", examples=[["a-19"]]
    )
