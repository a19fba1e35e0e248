"""Links to add over HTTP: what is sent, and what is answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from semsearch.editorial.links import FLOOR, LIMIT, MOST_LINKS
from semsearch.service.parameters import Fraction
from semsearch.service.schemas import Answer, ArticleHead, IndexNote
from semsearch.service.schemas_editor import DraftBody

Count = Annotated[int, Field(ge=0, le=MOST_LINKS)]


class LinksBody(DraftBody):
    """A draft whose links are wanted; the filters say which articles may be linked."""

    limit: Count = Field(LIMIT, description="Links at most; 0 for none.", examples=[LIMIT])
    older: Count = Field(
        LIMIT, description="Older articles at most that should link to it; 0 for none.", examples=[LIMIT]
    )
    min_confidence: Fraction = Field(
        FLOOR, description="Leave out suggestions with a lower confidence.", examples=[FLOOR]
    )


class LinkAnswer(Answer):
    """A phrase and the article that it should lead to."""

    start: int = Field(description="Where the phrase begins, in characters of text.", examples=[41])
    end: int = Field(description="Where it ends.", examples=[55])
    phrase: str = Field(description="The words to link.", examples=["Kyoto Protocol"])
    sentence: str = Field(
        description="The sentence that they stand in.", examples=["The Kyoto Protocol ended in 2012."]
    )
    reason: str = Field(description="Why, in words.", examples=["Both name Kyoto Protocol; ran 3 May 2016"])
    confidence: float = Field(description="0 to 1, higher is better.", examples=[0.72])
    href: str | None = Field(
        description="Where the link leads: the address of the article; where it has none, its page here. "
        "Null for a draft that is in no archive.",
        examples=["https://news.example/a-17"],
    )
    html: str | None = Field(
        description="The link as HTML, ready to be pasted; null without href.",
        examples=['<a href="https://news.example/a-17">Kyoto Protocol</a>'],
    )
    article: ArticleHead = Field(description="The article that the link leads to.")


class OlderLinkAnswer(LinkAnswer):
    """An older article, and the phrase in it that should lead to the draft."""

    start: int = Field(
        description="Where the phrase begins, in characters of the body of the older article.", examples=[41]
    )
    article: ArticleHead = Field(description="The older article, in which the link is to be added.")


class LinksAnswer(Answer):
    """Links to add to a draft, and older articles that should link to it."""

    request_id: str = Field(description="The X-Request-ID of this request.", examples=["6f1c2a"])
    index: IndexNote = Field(description="Which index answered.")
    title: str = Field(description="The headline of the draft.", examples=["Climate talks end"])
    text: str = Field(
        description="The draft as it was read: plain text, whose characters the places of links count. "
        "Of a text without tags and links these are the places in what was sent.",
        examples=["The Kyoto Protocol ended in 2012."],
    )
    links: list[LinkAnswer] = Field(description="In the order of the text; empty where nothing fits.")
    older: list[OlderLinkAnswer] = Field(description="Best first; empty where nothing fits.")
    took_ms: float = Field(description="Milliseconds from request to answer.", examples=[412.5])
