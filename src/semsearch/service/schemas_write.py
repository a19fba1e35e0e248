"""What is answered to those who change the index, for the OpenAPI document and the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from semsearch.service.schemas import Answer

Moment = Annotated[datetime, Field(examples=["2026-01-31T12:00:00Z"])]


class ArticleBody(BaseModel):
    """An article as JSON: one of title and body is needed, all else is optional; HTML is taken off."""

    model_config = ConfigDict(extra="allow")

    id: str = Field("", description="The id of the address, or left out.", examples=["a-17"])
    title: str = Field("", description="At most 2,000 characters.", examples=["Court rules on voting rights"])
    body: str | list[str] = Field(
        "", description="Text, or a list of paragraphs.", examples=["The court ruled on Friday…"]
    )
    lead: str = Field("", description="The first paragraph, where the body has it not.", examples=["…"])
    url: str = Field("", description="Its address.", examples=["https://news.example/a-17"])
    published_at: str = Field(
        "",
        description="ISO 8601; until then readers do not see it.",
        examples=["2026-01-31T12:00:00Z"],
    )
    updated_at: str = Field(
        "",
        description="ISO 8601; an article older than the one in the index changes nothing.",
        examples=["2026-01-31T13:00:00Z"],
    )
    status: str = Field(
        "",
        description="published (the default), or why readers do not see it: draft, private…",
        examples=["published"],
    )
    expires_at: str = Field(
        "", description="ISO 8601; from then on readers do not see it.", examples=["2027-01-31T12:00:00Z"]
    )
    section: str = Field("", description="Its section.", examples=["Politics"])
    author: str | list[str] = Field("", description="Its author or authors.", examples=[["Ada Marsh"]])
    tags: list[str] = Field([], description="Its tags.", examples=[["courts"]])
    language: str = Field("", description="Its language.", examples=["en"])
    source: str = Field("", description="Where it came from.", examples=["wire"])
    image: str = Field("", description="Address of its picture.", examples=["https://news.example/a.jpg"])
    wordpress: dict[str, Any] = Field(
        {},
        description="A post as the REST interface of WordPress gives it with _embed, in place of the other "
        "fields: it is read as a sync of the site reads it. Fields beside it replace what it says.",
        examples=[{"id": 17, "title": {"rendered": "Court rules"}, "content": {"rendered": "<p>…</p>"}}],
    )
    extra: dict[str, Any] = Field({}, description="Whatever else.", examples=[{"desk": "national"}])


class ChangeAnswer(Answer):
    """What became of an article; it is durable, and searches see it."""

    id: str = Field(description="The article's id.", examples=["a-17"])
    outcome: Literal["added", "updated", "unchanged", "stale", "deleted"] = Field(
        description="stale: the index has a newer one by updated_at, which stays.", examples=["added"]
    )
    change: int | None = Field(
        description="Number of the change; null where nothing was written.", examples=[118]
    )
    notes: list[str] = Field(
        description="What was mended or left out, in words.",
        examples=[["field 'published_at': not a date; left out (value 'soon')"]],
    )


class LineAnswer(Answer):
    """What became of one line of an import."""

    line: int = Field(description="Number of the line, from 1.", examples=[12])
    id: str | None = Field(description="The article's id, where it could be read.", examples=["a-17"])
    outcome: Literal["added", "updated", "unchanged", "stale", "rejected"] = Field(
        description="rejected: error says why; the other lines are not touched by it.", examples=["added"]
    )
    change: int | None = Field(
        description="Number of the change; null where nothing was written.", examples=[118]
    )
    error: str | None = Field(
        description="Why it was rejected: place, field, value, what to do.",
        examples=["line:12: field 'title': title and body are both missing or empty"],
    )
    notes: list[str] = Field(description="What was mended or left out, in words.", examples=[[]])


class ProgressAnswer(Answer):
    """How far a task is."""

    stage: Literal["read", "embed", "write", "verify", "publish"] = Field(
        description="What it does now.", examples=["embed"]
    )
    done: int = Field(description="Articles or lines of this stage that are done.", examples=[1200])
    total: int | None = Field(description="Of how many; null where not known yet.", examples=[5000])
    note: str = Field(description="More in words.", examples=["3 passages embedded, 1197 known"])


class TaskError(Answer):
    """Why a task failed."""

    code: str = Field(description="A stable word for programs.", examples=["interrupted"])
    message: str = Field(description="What happened and what to do.", examples=["the service was stopped"])


class TaskHead(Answer):
    """A task as a list shows it."""

    id: str = Field(description="The task's id.", examples=["20260131T120000000000Z-1f2e3d4c"])
    kind: Literal["import", "rebuild"] = Field(description="What it is.", examples=["import"])
    state: Literal["queued", "running", "done", "failed"] = Field(
        description="Where it stands; failed with code interrupted where its process ended.",
        examples=["running"],
    )
    created_at: Moment = Field(description="When it was asked for, UTC.")
    started_at: Moment | None = Field(description="When it began.", examples=["2026-01-31T12:00:01Z"])
    ended_at: Moment | None = Field(description="When it ended.", examples=["2026-01-31T12:00:09Z"])
    progress: ProgressAnswer | None = Field(description="How far it is, or was at its last word.")
    result: dict[str, Any] | None = Field(
        description="What came of it: counts of an import, figures of a rebuild; null until it is done.",
        examples=[{"lines": 3, "added": 2, "updated": 0, "unchanged": 0, "stale": 0, "rejected": 1}],
    )
    error: TaskError | None = Field(description="Why it failed; else null.")


class TaskAnswer(TaskHead):
    """A task with the results of an import so far, one for each line."""

    results: list[LineAnswer] = Field(description="In the order of the lines; empty for a rebuild.")


class TasksAnswer(Answer):
    """All tasks that are kept."""

    tasks: list[TaskHead] = Field(description="Newest first, without the results of lines.")


class GenerationAnswer(Answer):
    """One generation of the index."""

    id: str = Field(description="Its id.", examples=["000002-20260131T120000Z"])
    created_at: datetime | None = Field(
        description="When it was built, UTC.", examples=["2026-01-31T12:00:00Z"]
    )
    articles: int = Field(description="Articles when it was built.", examples=[12000])
    passages: int = Field(description="Passages when it was built.", examples=[31000])
    encoder: str = Field(description="The encoder of its vectors.", examples=["all-MiniLM-L6-v2"])
    bytes: int = Field(description="Its size on disk.", examples=[90000000])
    live: bool = Field(description="Whether searches are to use it.", examples=[True])
    note: str = Field(description="What is wrong with it, if anything.", examples=[""])


class CarriedAnswer(Answer):
    """Live changes made since the generation was built, all of which it holds."""

    added: int = Field(description="Articles added.", examples=[3])
    updated: int = Field(description="Articles updated.", examples=[1])
    deleted: int = Field(description="Articles deleted.", examples=[2])


class ComparedAnswer(Answer):
    """How its live articles differ from those of the generation that was live before."""

    gone: int = Field(description="Articles that are in it no more.", examples=[4])
    returned: int = Field(description="Articles that only it has.", examples=[0])
    other: int = Field(description="Articles in another version.", examples=[7])
    gone_ids: list[str] = Field(description="Ids of some that are gone.", examples=[["a-17"]])


class ActivatedAnswer(GenerationAnswer):
    """A generation made live, and what that changed."""

    live_articles: int = Field(description="Articles that it holds now.", examples=[12003])
    previous: GenerationAnswer | None = Field(description="What was live before; null where nothing was.")
    carried: CarriedAnswer
    compared: ComparedAnswer | None = Field(description="Null where one of the two cannot be read.")


class StatusAnswer(Answer):
    """The live generation in figures."""

    generation: str = Field(description="Id of the generation.", examples=["000002-20260131T120000Z"])
    created_at: datetime = Field(description="When it was built, UTC.", examples=["2026-01-31T12:00:00Z"])
    encoder: str = Field(description="Its encoder.", examples=["all-MiniLM-L6-v2"])
    articles: int = Field(description="Articles in the index, hidden ones too.", examples=[12010])
    hidden: int = Field(
        description="How many of them readers do not see now: scheduled, expired or not published.",
        examples=[4],
    )
    passages: int = Field(description="Passages in the index.", examples=[31020])
    delta_articles: int = Field(description="Articles added since it was built.", examples=[12])
    deleted: int = Field(description="Articles deleted or replaced since then.", examples=[2])
    change: int = Field(description="Number of the last change.", examples=[118])
    advice: str | None = Field(
        description="What to do, if anything.", examples=["rebuild with 'semsearch index build'"]
    )
    published_from: datetime | None = Field(
        description="The oldest article.", examples=["2019-01-01T00:00:00Z"]
    )
    published_to: datetime | None = Field(
        description="The newest article.", examples=["2026-01-31T12:00:00Z"]
    )


class IndexAnswer(Answer):
    """The index of this service: its generations and the figures of the live one."""

    name: str = Field(description="Its name.", examples=["default"])
    status: StatusAnswer | None = Field(description="Null where no generation can be opened.")
    generations: list[GenerationAnswer] = Field(description="Oldest first.")
