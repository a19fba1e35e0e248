"""Saved searches over HTTP: what is sent, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from semsearch.editorial.checking import (
    DEFAULT_THRESHOLD,
    MAX_MEANING,
    MAX_NAME,
    MAX_URL,
    MAX_VALUES,
    MAX_WORD,
    MAX_WORDS,
    STRICTNESS,
    Strictness,
)
from semsearch.service.parameters import Fraction, clean_text
from semsearch.service.schemas import Answer

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(clean_text)]
Values = Annotated[list[Name], Field(min_length=1, max_length=MAX_VALUES)]
Word = Annotated[str, Field(min_length=1, max_length=MAX_WORD), AfterValidator(clean_text)]
MAX_MATCHES = 200
MAX_DAYS = 3650


class WebhookBody(BaseModel):
    """Where matches are sent as they are found."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL)] = Field(
        description="An http or https address; redirects are not followed, private addresses refused.",
        examples=["https://newsroom.example/hooks/semsearch"],
    )
    secret: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="`whsec_` and 24 to 64 bytes in base64; messages are signed with it. Left out: the one "
        "that was given before stays; empty: messages are not signed. It is never told again.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
    )


class Looked(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    meaning: Annotated[str, Field(min_length=1, max_length=MAX_MEANING), AfterValidator(clean_text)] = Field(
        description="What articles are to be about, in words of your own.",
        examples=["schools in villages that are to be closed"],
    )
    words: Annotated[list[Word], Field(max_length=MAX_WORDS)] = Field(
        [],
        description="Words and phrases that must all stand in the title or the text, whatever their case "
        "and accents, each as whole words.",
        examples=[["school"]],
    )
    threshold: Fraction = Field(
        DEFAULT_THRESHOLD,
        description="How near the best passage of an article must be, 0 to 1: the inner product of its "
        "vector and that of the meaning. Give this or strictness.",
        examples=[DEFAULT_THRESHOLD],
    )
    strictness: Strictness | None = Field(
        None,
        description="A level in place of a threshold: "
        + ", ".join(f"{name} is {least}" for name, least in STRICTNESS.items())
        + ".",
        examples=["normal"],
    )
    section: Values | None = Field(None, description="Only these sections.", examples=[["Local"]])
    author: Values | None = Field(None, description="Only by one of these.", examples=[["Ada Marsh"]])
    tag: Values | None = Field(None, description="Only with one of these tags.", examples=[["council"]])
    language: Values | None = Field(None, description="Only in these languages.", examples=[["en"]])
    source: Values | None = Field(None, description="Only from these sources.", examples=[["wire"]])

    @model_validator(mode="after")
    def _one_of_both(self) -> Looked:
        """The threshold is that of the level; both together must agree."""
        if self.strictness is not None:
            level = STRICTNESS[self.strictness]
            if "threshold" in self.model_fields_set and self.threshold != level:
                raise ValueError(
                    f"strictness '{self.strictness}' is a threshold of {level}, but threshold is "
                    f"{self.threshold}; give one of them"
                )
            self.threshold = level
        return self


class SavedSearchBody(Looked):
    """A saved search as it is sent."""

    name: Name = Field(description="What it is called.", examples=["Village schools"])
    webhook: WebhookBody | None = Field(None, description="Where matches are sent; null: nowhere.")
    enabled: bool = Field(True, description="Off, it finds nothing that arrives meanwhile.", examples=[True])


class PreviewBody(Looked):
    """A search to try on what is there."""

    days: Annotated[float, Field(gt=0, le=MAX_DAYS, allow_inf_nan=False)] = Field(
        30, description="Look at the articles published in so many days until now.", examples=[30]
    )
    limit: Annotated[int, Field(ge=1, le=MAX_MATCHES)] = Field(
        20, description="The best so many are shown.", examples=[20]
    )


class MatchesQuery(BaseModel):
    """The parameters of a list of matches."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(20, ge=1, le=MAX_MATCHES, description="Matches a page.", examples=[20])
    offset: int = Field(0, ge=0, le=10_000, description="Matches to skip.", examples=[0])


class FeedQuery(BaseModel):
    """The parameter of a feed."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(
        "",
        max_length=200,
        description="The token in the address of this feed; without it send a key.",
        examples=["k3v…"],
    )


class WebhookAnswer(Answer):
    """Where matches are sent; the secret is never told."""

    url: str = Field(description="The address.", examples=["https://newsroom.example/hooks/semsearch"])
    signed: bool = Field(description="Whether there is a secret to sign with.", examples=[True])


class SavedSearchAnswer(Answer):
    """A saved search as it is kept."""

    id: str = Field(description="Its id.", examples=["village-schools"])
    name: str = Field(description="What it is called.", examples=["Village schools"])
    meaning: str = Field(description="What is looked for.", examples=["schools in villages"])
    words: list[str] = Field(description="Words that must stand in an article.", examples=[["school"]])
    threshold: float = Field(description="Nearness from which on it matches.", examples=[0.55])
    strictness: Strictness | None = Field(
        description="The level that the threshold is; null for another number.", examples=["normal"]
    )
    section: list[str] | None = Field(description="Its filter of sections.", examples=[["Local"]])
    author: list[str] | None = Field(description="Its filter of authors.", examples=[None])
    tag: list[str] | None = Field(description="Its filter of tags.", examples=[None])
    language: list[str] | None = Field(description="Its filter of languages.", examples=[None])
    source: list[str] | None = Field(description="Its filter of sources.", examples=[None])
    webhook: WebhookAnswer | None = Field(description="Where matches are sent.")
    enabled: bool = Field(description="Whether it finds what arrives.", examples=[True])
    made_by: str = Field(description="Name or id of the key that made it.", examples=["Ann"])
    feed: str = Field(
        description="Address of its Atom feed, with a token that opens this feed alone.",
        examples=["/v1/saved-searches/village-schools/feed.atom?token=k3v…"],
    )
    created_at: datetime = Field(description="When it was made, UTC.", examples=["2026-01-31T12:00:00Z"])
    updated_at: datetime = Field(description="When it was changed.", examples=["2026-01-31T12:00:00Z"])
    matches: int = Field(description="Matches that are kept, 1,000 at most.", examples=[12])
    matches_last_day: int = Field(description="Those of the last 24 hours.", examples=[2])


class SavedSearchesAnswer(Answer):
    """All saved searches."""

    searches: list[SavedSearchAnswer] = Field(description="By name.")


class FoundAnswer(Answer):
    """An article that a search finds, as it was when it was found."""

    id: str = Field(description="The article's id.", examples=["a-17"])
    title: str = Field(description="Its title.", examples=["Council closes village school"])
    url: str | None = Field(description="Its address, only ever http or https.", examples=[None])
    section: str | None = Field(description="Its section.", examples=["Local"])
    author: str | None = Field(description="Its authors.", examples=["Ada Marsh"])
    published_at: datetime | None = Field(description="UTC.", examples=["2026-01-31T12:00:00Z"])
    score: float = Field(description="How near, 0 to 1.", examples=[0.61])
    passage: str = Field(description="The passage that was nearest.", examples=["The school has…"])


class MatchAnswer(FoundAnswer):
    """A match."""

    matched_at: datetime = Field(description="When it was found.", examples=["2026-01-31T12:00:01Z"])


class MatchesAnswer(Answer):
    """What a saved search found."""

    search: str = Field(description="The search's id.", examples=["village-schools"])
    matches: list[MatchAnswer] = Field(description="Newest first; an article once.")
    total: int = Field(description="All that are kept.", examples=[12])
    limit: int = Field(description="Matches a page.", examples=[20])
    offset: int = Field(description="Matches skipped.", examples=[0])


class PreviewAnswer(Answer):
    """What a search would have found."""

    total: int = Field(description="How many articles.", examples=[7])
    matches: list[FoundAnswer] = Field(description="The best of them.")
    levels: dict[Strictness, int] = Field(
        description="How many it would have been at each strictness.",
        examples=[{"loose": 19, "normal": 7, "strict": 1}],
    )


class DeliveryAnswer(Answer):
    """One message to the webhook."""

    id: str = Field(description="Sent as `webhook-id`, the same at each try.", examples=["msg_1f2e"])
    article: str | None = Field(description="The article; null for a test.", examples=["a-17"])
    state: Literal["pending", "delivered", "failed"] = Field(
        description="failed: given up after eight tries.", examples=["delivered"]
    )
    tries: int = Field(description="How often it was tried.", examples=[1])
    status: int | None = Field(description="The last HTTP status; null where none came.", examples=[200])
    problem: str = Field(description="What went wrong last.", examples=[""])
    created_at: datetime = Field(description="UTC.", examples=["2026-01-31T12:00:00Z"])
    next_at: datetime | None = Field(description="When it is tried next.", examples=[None])


class DeliveriesAnswer(Answer):
    """The messages of a search."""

    deliveries: list[DeliveryAnswer] = Field(description="Newest first, 100 at most.")


class SentAnswer(Answer):
    """A test message that is on its way."""

    id: str = Field(description="Its id, for the list of deliveries.", examples=["msg_1f2e"])
