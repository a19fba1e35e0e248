"""What editors bring over HTTP: a draft, or an article of the archive in its place."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from semsearch.editorial.draft import MAX_ADDRESS, MAX_TEXT, MAX_TITLE, DraftSource
from semsearch.service.parameters import ArticleId, Filters, clean_text

Title = Annotated[str, Field(max_length=MAX_TITLE), AfterValidator(clean_text)]
DraftText = Annotated[str, Field(max_length=MAX_TEXT)]
Address = Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS), AfterValidator(clean_text)]


class DraftBody(Filters):
    """A draft: exactly one of text, id and url; the filters say which articles it is laid beside."""

    model_config = ConfigDict(strict=True, json_schema_extra={"additionalProperties": False})

    title: Title = Field(
        "", description="The headline of the text, if it has one.", examples=["Council closes village school"]
    )
    text: DraftText | None = Field(
        None,
        description="The draft, as plain text or HTML, whose tags are taken out.",
        examples=["The school has too few pupils, the council said on Monday."],
    )
    id: ArticleId | None = Field(
        None, description="An article of the archive in place of a text.", examples=["a-17"]
    )
    url: Address | None = Field(
        None,
        description="The address of an article of the archive in place of a text; nothing is fetched.",
        examples=["https://news.example/a-17"],
    )


def source_of(body: DraftBody) -> DraftSource:
    """The source of a draft; raises InputError unless it is exactly one."""
    return DraftSource(text=body.text, title=body.title, article_id=body.id, url=body.url)
