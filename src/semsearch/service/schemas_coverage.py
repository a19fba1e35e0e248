"""The coverage check over HTTP: what is sent, and what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from semsearch.editorial.coverage import MAX_SHOWN
from semsearch.editorial.verdict import (
    COMPARED,
    MOST_NEW,
    POSSIBLE_NEWS,
    SAME_NEWS,
    SENTENCE_HELD,
    SHARED_HALF,
    SHARED_NEWS,
    SHORT_DRAFT,
    SMALL_ARCHIVE,
)
from semsearch.service.schemas import Answer, ArticleHead, IndexNote
from semsearch.service.schemas_editor import DraftBody

Span = Annotated[list[int], Field(min_length=2, max_length=2)]


class CoverageBody(DraftBody):
    """A draft to lay beside the archive."""

    limit: int = Field(
        COMPARED,
        ge=1,
        le=MAX_SHOWN,
        description="Articles to show; the verdict is the same for any number.",
        examples=[COMPARED],
    )


class CheckedDraft(Answer):
    """The draft as it was read: spans are in characters (code points) of its text."""

    id: str | None = Field(
        description="The article of the archive that it is; null for a pasted text.", examples=[None]
    )
    title: str = Field(description="Its title.", examples=["Council closes village school"])
    text: str = Field(description="Its text without tags.", examples=["The school has too few pupils."])


class SignalsAnswer(Answer):
    """What the verdict goes by."""

    nearness: float = Field(
        description="Of the article that is nearest by both: the inner product of its best passage and that "
        "of the draft.",
        examples=[0.81],
    )
    words: float = Field(
        description="Of the same article: what the rarest words of the draft score in it, as a share of the "
        "best score that they could give.",
        examples=[0.24],
    )
    same_news: int = Field(description="Articles about the same news, ten at most.", examples=[3])
    new: float = Field(
        description="Part of the words of the draft in new sentences; 1 where there is no such article.",
        examples=[0.31],
    )
    telling: float = Field(
        description="Part of the names, figures and rare words of the draft, by weight, that stand in these.",
        examples=[0.62],
    )
    shared: float = Field(
        description="Part of the words of the draft that stand in an article word for word, six or more in "
        "a row.",
        examples=[0.17],
    )
    passages: int = Field(description="Passages of the draft.", examples=[6])
    passages_run: int = Field(description="Those that have run.", examples=[4])
    archive: int = Field(description="Articles that the draft was compared with.", examples=[12000])
    length: int = Field(description="Words of the draft.", examples=[420])


class LimitsAnswer(Answer):
    """The numbers that the signals are held against; measured, and the same for all drafts."""

    same_news: float = Field(
        description="An article is about the same news from this sum of nearness and words on.",
        examples=[SAME_NEWS],
    )
    shared_news: float = Field(
        description="Or where it holds this part of the words of the draft word for word.",
        examples=[SHARED_NEWS],
    )
    sentence_held: float = Field(
        description="A sentence is new where less than this part of its names, figures and rare words, by "
        "weight, stands in such articles,",
        examples=[SENTENCE_HELD],
    )
    sentence_shared: float = Field(
        description="And less than this part of its words stands word for word.", examples=[SHARED_HALF]
    )
    most_new: float = Field(
        description="Covered: at most this part of the words lies in new sentences.", examples=[MOST_NEW]
    )
    possible_news: float = Field(
        description="Unsure instead of new from this sum of nearness and words on where evidence is thin:",
        examples=[POSSIBLE_NEWS],
    )
    small_archive: int = Field(description="In an archive of fewer articles,", examples=[SMALL_ARCHIVE])
    short_draft: int = Field(description="Or for a draft of fewer words.", examples=[SHORT_DRAFT])


class PartAnswer(Answer):
    """A part of a text."""

    start: int = Field(description="Where it starts.", examples=[0])
    end: int = Field(description="Where it ends.", examples=[58])
    text: str = Field(
        description="Its characters.", examples=["The school has too few pupils, the council said on Monday."]
    )


class PairAnswer(Answer):
    """The two passages that are nearest to each other."""

    draft: PartAnswer = Field(description="That of the draft.")
    article: PartAnswer = Field(description="That of the body of the article.")


class RunAnswer(Answer):
    """A run of words in both texts."""

    start: int = Field(description="Where it starts in the text of the draft.", examples=[0])
    end: int = Field(description="Where it ends there.", examples=[29])
    article_start: int = Field(description="Where it starts in the body of the article.", examples=[212])
    article_end: int = Field(description="Where it ends there.", examples=[241])
    words: int = Field(description="How many words it has.", examples=[6])


class ComparedAnswer(ArticleHead):
    """An article beside the draft."""

    score: float = Field(description="How near the nearest passages are, up to 1.", examples=[0.81])
    words: float = Field(description="The rarest words of the draft in it, 0 to 1.", examples=[0.24])
    same_news: bool = Field(description="Whether it is about the same news.", examples=[True])
    copy_of_it: Literal["exact", "near", "none"] = Field(
        alias="copy", description="Whether its text is a copy of the draft.", examples=["none"]
    )
    shared_words: float = Field(
        description="Part of the words of the draft that it holds word for word.", examples=[0.17]
    )
    pair: PairAnswer = Field(description="The closest passages, to be shown side by side.")
    shared: list[RunAnswer] = Field(description="What both have word for word, in the order of the draft.")


class DraftPassageAnswer(PartAnswer):
    """A passage of the draft."""

    has_run: bool = Field(description="Whether it has run.", examples=[True])
    score: float = Field(
        description="How near the nearest passage about the same news is; 0 where there is none.",
        examples=[0.78],
    )
    shared: float = Field(description="Part of its words that stand word for word.", examples=[0.2])
    new: float = Field(description="Part of its words that lie in new sentences.", examples=[0.0])
    article_id: str | None = Field(
        description="The article about the same news that is nearest to it.", examples=["a-17"]
    )


class CoverageAnswer(Answer):
    """What of a draft has run."""

    request_id: str = Field(description="The X-Request-ID of this request.", examples=["6f1c2a"])
    index: IndexNote = Field(description="Which index answered.")
    draft: CheckedDraft = Field(description="The draft as it was read.")
    verdict: Literal["new", "partly", "covered", "unsure"] = Field(
        description="new: no article is about the same news; covered: hardly a sentence is new; partly: some "
        "are; unsure: an article may be about the same news, and archive or draft are too small to tell.",
        examples=["partly"],
    )
    reasons: list[str] = Field(
        description="Why, in sentences for editors.",
        examples=[["4 of 6 passages have run, most of it in “Council closes school” of 3 May 2026."]],
    )
    signals: SignalsAnswer = Field(description="The numbers that the verdict goes by.")
    limits: LimitsAnswer = Field(description="The numbers that these are held against.")
    articles: list[ComparedAnswer] = Field(description="Copies first, then the nearest.")
    passages: list[DraftPassageAnswer] = Field(description="The passages of the draft, in its order.")
    shared: list[Span] = Field(
        description="Spans of the draft that stand in one of the articles word for word.",
        examples=[[[0, 29]]],
    )
    new: list[PartAnswer] = Field(
        description="The new sentences of the draft, of its first 20,000 characters; all of it where the "
        "verdict is new."
    )
    new_words: list[str] = Field(
        description="Names, figures and rare words that no article about the same news holds.",
        examples=[["Quetta", "2027"]],
    )
    took_ms: float = Field(description="Milliseconds from request to answer.", examples=[142.0])
