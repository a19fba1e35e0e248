"""What is answered over HTTP, for the OpenAPI document and the tests; answers are made in ``convert``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of all answers: no field beyond those described."""

    model_config = ConfigDict(extra="forbid")


class Problem(Answer):
    """The one shape of every error."""

    code: str = Field(description="A stable word for programs.", examples=["query_invalid"])
    message: str = Field(
        description="What happened and what to do, for people.", examples=["limit is 0; give 1 to 1000"]
    )
    detail: list[ProblemDetail] = Field(
        description="The fields at fault, where there are any.",
        examples=[[{"field": "limit", "problem": "give 1 or more", "value": "0"}]],
    )


class ProblemDetail(Answer):
    """One field at fault."""

    field: str = Field(description="Name of the parameter or field.", examples=["limit"])
    problem: str = Field(description="What is wrong with it.", examples=["give 1 or more"])
    value: str | None = Field(None, description="What was given, cut to 80 characters.", examples=["0"])


class IndexNote(Answer):
    """Which index answered."""

    generation: str | None = Field(
        description="Id of the generation that answered; null where none is ready.",
        examples=["20260131T120000-1"],
    )
    encoder: str | None = Field(
        description="Name and fingerprint of the encoder.", examples=["all-MiniLM-L6-v2/1f2e3d4c"]
    )


class SnippetAnswer(Answer):
    """The part of an article that answers best."""

    text: str = Field(
        description="Plain text; escape it before it goes into a page.",
        examples=["The court ruled on Friday…"],
    )
    highlights: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(
        description="Start and end of each highlight, in characters (code points) of text.",
        examples=[[[4, 9]]],
    )
    offset: int | None = Field(
        description="Where text starts in the body; null where it is the title.", examples=[0]
    )


class DuplicatesAnswer(Answer):
    """Copies that were folded into a hit."""

    count: int = Field(description="How many copies.", examples=[3])
    ids: list[str] = Field(description="Their ids.", examples=[["a-21", "a-22", "a-23"]])


class ArticleHead(Answer):
    """What every list shows of an article."""

    id: str = Field(description="The article's id.", examples=["a-17"])
    title: str = Field(
        description="Its title, plain text; may be empty.", examples=["Court rules on voting rights"]
    )
    url: str | None = Field(
        description="Its address, only ever http or https.", examples=["https://news.example/a-17"]
    )
    published_at: datetime | None = Field(
        description="When it was published, UTC.", examples=["2026-01-31T12:00:00Z"]
    )
    section: str | None = Field(description="Its section.", examples=["Politics"])
    author: str | None = Field(description="Its authors as one text.", examples=["Ada Marsh, Ben Okoro"])
    authors: list[str] = Field(description="Its authors.", examples=[["Ada Marsh", "Ben Okoro"]])
    source: str | None = Field(description="Where it came from.", examples=["wire"])
    language: str | None = Field(description="Its language.", examples=["en"])
    image: str | None = Field(
        description="Address of its picture, only ever http or https.",
        examples=["https://news.example/a-17.jpg"],
    )


class HitAnswer(ArticleHead):
    """One article found."""

    rank: int = Field(description="Place in the whole list, from 1.", examples=[1])
    score: float = Field(description="0 to 1, higher is better.", examples=[0.83])
    snippet: SnippetAnswer | None = Field(description="The part that answers best.")
    duplicates: DuplicatesAnswer | None = Field(description="Copies folded into this hit.")
    reason: str | None = Field(
        description="Why it is in a related list, in words for readers.", examples=["Same court case"]
    )
    filled: bool = Field(description="True where it only fills a list that was too short.", examples=[False])
    pinned: bool = Field(description="True where an editor put it in its place.", examples=[False])
    explain: dict[str, Any] | None = Field(
        description="How the score was made, where asked for: the fused parts, and what each step added.",
        examples=[
            {"semantic": 0.71, "lexical": 0.4, "fused": 0.555, "steps": {"feedback": 0.031}, "score": 0.586}
        ],
    )


class FallbackAnswer(Answer):
    """Why a related list is not (only) of related articles."""

    kind: Literal["section", "recent", "none"] = Field(
        description="What it was filled with.", examples=["recent"]
    )
    reason: Literal["article_missing", "index_not_ready", "too_few", "failed"] = Field(
        description="Why.", examples=["article_missing"]
    )
    filled: int = Field(description="How many of the hits are fillers.", examples=[5])


class SearchAnswer(Answer):
    """What a search or a related list found."""

    request_id: str = Field(description="The X-Request-ID of this request.", examples=["6f1c2a"])
    index: IndexNote = Field(description="Which index answered.")
    hits: list[HitAnswer] = Field(description="Best first; empty where nothing matches.")
    total: int = Field(description="Articles that match, over all pages.", examples=[57])
    total_is_exact: bool = Field(description="False where total is a lower bound.", examples=[True])
    facets: dict[str, dict[str, int]] = Field(
        description="Counts over all matches, most frequent first.", examples=[{"section": {"Politics": 21}}]
    )
    limit: int = Field(description="Hits a page, as asked.", examples=[10])
    offset: int = Field(description="Hits skipped, as asked.", examples=[0])
    took_ms: float = Field(description="Milliseconds from request to answer.", examples=[14.2])
    fallback: FallbackAnswer | None = Field(description="How a related list was filled; else null.")
    did_you_mean: str | None = Field(
        description="A likelier spelling of the query.", examples=["voting rights"]
    )
    nothing_relevant: bool = Field(
        description="Even the best hits are unlikely to answer the query.", examples=[False]
    )
    nothing_asked: bool = Field(
        description="The query holds no word. The hits are the newest articles that pass the filters; "
        "a query of signs alone (emoji, punctuation) without filters has none.",
        examples=[False],
    )


class StoryAnswer(Answer):
    """The articles about one event, in the order of time."""

    id: str = Field(description="The id of the article that began it.", examples=["a-17"])
    first: datetime | None = Field(description="When it began, UTC.", examples=["2026-01-31T12:00:00Z"])
    latest: datetime | None = Field(description="When it last went on.", examples=["2026-02-03T09:00:00Z"])
    copies: int = Field(description="Copies of one text that were folded away.", examples=[2])
    articles: list[ArticleHead] = Field(description="Oldest first, one of each text.")


class ArticleAnswer(ArticleHead):
    """A whole article."""

    body: str = Field(
        description="Plain text; paragraphs are separated by a blank line.", examples=["The court…"]
    )
    updated_at: datetime | None = Field(
        description="When it was last changed, UTC.", examples=["2026-01-31T13:00:00Z"]
    )
    tags: list[str] = Field(description="Its tags.", examples=[["courts", "elections"]])
    status: str | None = Field(
        description="Null for a published article; of a hidden one its publisher's word (draft, private).",
        examples=[None, "draft"],
    )
    expires_at: datetime | None = Field(
        description="From when readers do not see it, UTC.", examples=["2027-01-31T12:00:00Z"]
    )
    extra: dict[str, Any] = Field(
        description="Whatever else its publisher sent along.", examples=[{"desk": "national"}]
    )
    visible: bool = Field(
        description="True where readers can see it now; false only in answers to a key of scope write.",
        examples=[True],
    )
    visible_from: datetime | None = Field(
        description="When readers will see a scheduled article, UTC; null where they see it, or where its "
        "status or expiry keeps it from them.",
        examples=["2026-02-01T06:00:00Z"],
    )


class LiveAnswer(Answer):
    """The process runs."""

    status: Literal["ok"] = Field(description="Always ok.", examples=["ok"])


class ReadyAnswer(Answer):
    """Whether searches can be answered."""

    ready: bool = Field(description="True where searches can be answered.", examples=[True])
    reason: str | None = Field(
        description="Why not, or why only an older generation.",
        examples=["loading the index and the encoder"],
    )
    generation: str | None = Field(description="The generation that serves.", examples=["20260131T120000-1"])
    serving_last_good: bool = Field(
        description="True where the newest generation cannot be used and the one before serves.",
        examples=[False],
    )
    encoder: str | None = Field(description="The encoder in use.", examples=["all-MiniLM-L6-v2"])
    articles: int = Field(description="Articles that can be found.", examples=[12000])


class VersionAnswer(Answer):
    """What runs here."""

    name: str = Field(description="Always semsearch.", examples=["semsearch"])
    version: str = Field(description="Version of semsearch.", examples=["0.1.0"])
    python: str = Field(description="Version of Python.", examples=["3.11.7"])
