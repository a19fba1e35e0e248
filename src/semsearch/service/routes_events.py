"""POST /v1/events: what readers look for and click, without anything that tells who they are."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from semsearch.index.events import MAX_QUERY, Event
from semsearch.search.types import MAX_DEPTH, MAX_QUERY_CHARACTERS
from semsearch.service.answers import Responses, problems
from semsearch.service.bodies import JsonRoute
from semsearch.service.errors import problem
from semsearch.service.parameters import ArticleId, clean_text
from semsearch.service.schemas import Problem
from semsearch.service.state import service_of

router = APIRouter(route_class=JsonRoute, tags=["events"])

MAX_BATCH = 50
MAX_BYTES = 64 * 1024  # what browsers let a beacon carry


class EventBody(BaseModel):
    """One thing that happened on a page."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["impression", "click", "search"] = Field(
        description="A list was seen; an article of a list was clicked; something was looked for "
        "(searches of /v1/search are noted without this).",
        examples=["click"],
    )
    article_id: ArticleId | None = Field(
        None, description="The article under which the list stood.", examples=["a-17"]
    )
    related_id: ArticleId | None = Field(
        None, description="The article that was shown or clicked.", examples=["a-18"]
    )
    position: int | None = Field(
        None, ge=1, le=MAX_DEPTH, description="Its place in the list, from 1.", examples=[2]
    )
    query: Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS), AfterValidator(clean_text)] | None = Field(
        None,
        description=f"What was looked for; {MAX_QUERY} characters are kept.",
        examples=["school closure"],
    )
    results: int | None = Field(
        None, ge=0, le=10**9, description="How many articles a search found.", examples=[19]
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "search" and self.query is None:
            raise ValueError("a search needs its query")
        if self.kind != "search" and (self.related_id is None or self.position is None):
            raise ValueError(f"{self.kind} needs related_id and position")
        if self.kind != "search" and self.article_id is None and self.query is None:
            raise ValueError(f"{self.kind} needs the article_id or the query whose list it was")
        return self

    def event(self) -> Event:
        """The event as it is kept; it happened now: a caller's clock is never trusted."""
        return Event(self.kind, self.article_id, self.related_id, self.position, self.query, self.results)


class EventsBody(BaseModel):
    """A batch of events."""

    model_config = ConfigDict(extra="forbid")

    events: Annotated[list[EventBody], Field(min_length=1, max_length=MAX_BATCH)] = Field(
        description=f"What happened, at most {MAX_BATCH} at a time.",
        examples=[[{"kind": "click", "article_id": "a-17", "related_id": "a-18", "position": 2}]],
    )


BODY = {
    "requestBody": {
        "required": True,
        "description": "A batch of events. As text/plain it is read as JSON too: a beacon to another origin "
        "may send nothing else.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["events"],
                    "additionalProperties": False,
                    "properties": {
                        "events": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_BATCH,
                            "items": EventBody.model_json_schema(),
                        }
                    },
                }
            }
        },
    }
}
TOO_MANY: Responses = {429: {"model": Problem, "description": "More events than are taken; these are lost."}}


@router.post(
    "/v1/events",
    operation_id="add_events",
    summary="What readers saw and clicked",
    status_code=204,
    responses={**problems(404, 413, 422, 507), **TOO_MANY, 204: {"description": "They are kept."}},
    openapi_extra=BODY,
)
async def add_events(request: Request) -> Response:
    """Keep events: they can be added here, never read or changed.

    Off (404) unless `service.events` is true. Nothing about the reader is kept: no address, no cookie,
    no browser, only what the body says and the time.
    """
    intake = service_of(request).events
    if not intake.on:
        return problem(404, "events_off", "Events are not kept here; service.events = true keeps them.")
    text = await _read(request)
    if text is None:
        return problem(413, "body_too_large", f"Send at most {MAX_BYTES:,} bytes of events at a time.")
    try:
        batch = EventsBody.model_validate_json(text)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    if not intake.admit(len(batch.events)):
        message = "More events come than are taken; send fewer or later."
        return problem(429, "too_many_events", message, headers={"Retry-After": "10"})
    await run_sync(intake.add, [one.event() for one in batch.events])
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def _read(request: Request) -> bytes | None:
    """The body; None where it is too large."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            return None
    return body
