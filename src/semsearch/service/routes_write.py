"""Changes of single articles and imports: for keys with scope write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid, ArticleNotFound
from semsearch.service.answers import json_response, problems
from semsearch.service.article_ids import id_to_write
from semsearch.service.auth import needs, secured
from semsearch.service.bodies import JsonRoute
from semsearch.service.importing import UNPACKED_TIMES, Spooled, import_lines
from semsearch.service.reading import described, read_query
from semsearch.service.routes_articles import ArticleIdInPath, is_part_of_id
from semsearch.service.schemas_write import ArticleBody, ChangeAnswer, TaskAnswer, TasksAnswer
from semsearch.service.state import Service, service_of
from semsearch.service.tasks import Record, without_results
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.protocol import Note
from semsearch.sources.records import article_from_record
from semsearch.sources.wordpress.pushed import is_pushed, record_from_pushed
from semsearch.text.dates import DateHabits

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.index.protocol import Changed
    from semsearch.options import SourceOptions

router = APIRouter(route_class=JsonRoute, dependencies=[Depends(needs("write"))])

WAIT_SECONDS = 60.0
PIECE = 2**18

ARTICLE_BODY = {
    "required": True,
    "description": "The article; other systems' usual names (headline, date, byline) are understood as in "
    "files, and what is not is kept in extra and told in notes.",
    "content": {"application/json": {"schema": ArticleBody.model_json_schema()}},
}
LINES_BODY = {
    "required": True,
    "description": "JSON Lines, one article a line, each with its id, names as in PUT; plain or gzip.",
    "content": {
        "application/x-ndjson": {
            "schema": {"type": "string"},
            "example": '{"id": "a-17", "title": "Court rules on voting rights"}\n',
        }
    },
}


class NoQuery(BaseModel):
    """No parameters at all."""

    model_config = ConfigDict(extra="forbid")


class ImportQuery(NoQuery):
    """The parameters of an import."""

    wait: bool = Field(
        False,
        description=f"Answer when the import has ended, or after {WAIT_SECONDS:.0f} seconds.",
        examples=[True],
    )


@router.put(
    "/v1/articles/{article_id:path}",
    operation_id="put_article",
    tags=["write"],
    summary="Add or replace an article",
    response_model=ChangeAnswer,
    responses={
        201: {"model": ChangeAnswer, "description": "It is new."},
        **problems(401, 403, 404, 409, 413, 422, 500, 503, 507),
    },
    openapi_extra=secured({"requestBody": ARTICLE_BODY}),
)
async def put_article(request: Request, article_id: ArticleIdInPath) -> Response:
    """Write an article: it is durable, and every search finds it, when this answers. Scope write.

    One that is as it was changes nothing, nor does one older by `updated_at` than what is stored.
    An id such as `https:/x`, where a proxy made one slash of two, is read as `https://x`.
    """
    _refuse_related(request)
    read_query(NoQuery, request.query_params)
    body = await _body(request)

    def job(engine: Engine) -> tuple[Changed, tuple[Note, ...]]:
        settings, key = engine.settings, id_to_write(engine, article_id)
        article, notes = article_of(
            body, key, settings.fields, dates=settings.dates(), sources=settings.sources
        )
        return engine.add_articles([article])[0], notes

    changed, notes = await service_of(request).write(job)
    return change_answer(changed, notes)


@router.delete(
    "/v1/articles/{article_id:path}",
    operation_id="delete_article",
    tags=["write"],
    summary="Delete an article",
    response_model=ChangeAnswer,
    responses=problems(401, 403, 404, 409, 422, 500, 503, 507),
    openapi_extra=secured(),
)
async def delete_article(request: Request, article_id: ArticleIdInPath) -> Response:
    """Delete an article: no search, list or count has it any more when this answers. Scope write."""
    _refuse_related(request)
    read_query(NoQuery, request.query_params)
    changed = (
        await service_of(request).write(lambda engine: engine.delete([id_to_write(engine, article_id)]))
    )[0]
    if changed.outcome == "missing":
        raise ArticleNotFound(f"the index has no article '{article_id}'")
    return change_answer(changed, ())


@router.post(
    "/v1/articles/import",
    operation_id="import_articles",
    tags=["write"],
    summary="Add or replace many articles",
    response_model=TaskAnswer,
    status_code=202,
    responses={
        200: {"model": TaskAnswer, "description": "It has ended already (with wait)."},
        **problems(401, 403, 409, 413, 422, 500, 503, 507),
    },
    openapi_extra=secured({"requestBody": LINES_BODY, **described(ImportQuery)}),
)
async def import_articles(request: Request) -> Response:
    """Take JSON Lines and write them in the background; the task tells a result for each line. Scope write.

    A line that cannot be taken never stops the others. Sending the same lines again is harmless.
    """
    asked = read_query(ImportQuery, request.query_params)
    service = service_of(request)
    engine = service.engine  # not ready is told before the body is read
    record = await run_sync(service.tasks.create, "import")
    try:
        total = await _spool(request, record, service.settings.service.max_body_bytes)
    except BaseException:
        record.discard()
        raise
    service.background.submit(record, lambda task, stop: import_lines(engine, task, total, stop))
    if asked.wait:
        with anyio.move_on_after(WAIT_SECONDS):
            while not record.over.is_set():
                await anyio.sleep(0.02)
    return await task_response(service, record.task.id, started=True)


@router.get(
    "/v1/tasks",
    operation_id="tasks",
    tags=["write"],
    summary="All tasks",
    response_model=TasksAnswer,
    responses=problems(401, 403, 500),
    openapi_extra=secured(),
)
async def tasks(request: Request) -> Response:
    """List imports and rebuilds, newest first, of every worker and of before a restart. Scope write."""
    read_query(NoQuery, request.query_params)
    found = await run_sync(service_of(request).tasks.all)
    return json_response({"tasks": without_results(found)})


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="task",
    tags=["write"],
    summary="One task",
    response_model=TaskAnswer,
    responses=problems(401, 403, 404, 422, 500),
    openapi_extra=secured(),
)
async def task(
    request: Request,
    task_id: Annotated[str, Path(description="The task's id.", examples=["20260131T120000000000Z-1f2e3d4c"])],
) -> Response:
    """Show how far a task is and what came of it, with a result for each line of an import. Scope write."""
    read_query(NoQuery, request.query_params)
    return await task_response(service_of(request), task_id)


async def task_response(service: Service, task_id: str, *, started: bool = False) -> Response:
    """A task as an answer: 202 where it was just ``started`` and has not ended."""

    def look() -> tuple[dict[str, object], bool]:
        found = service.tasks.read(task_id)
        return {**without_results([found])[0], "results": service.tasks.results(task_id)}, found.ended

    body, ended = await run_sync(look)
    response = json_response(body, headers={"Location": f"/v1/tasks/{task_id}"} if started else None)
    response.status_code = 202 if started and not ended else 200
    return response


def article_of(
    body: bytes,
    article_id: str,
    fields: Mapping[str, str] | None = None,
    *,
    dates: DateHabits | None = None,
    sources: Mapping[str, SourceOptions] | None = None,
) -> tuple[Article, tuple[Note, ...]]:
    """The article of a JSON body under the id of the address; raises ArticleInvalid.

    Names are read as in files: first by the map ``fields``, then by what other systems usually call them.
    A post of WordPress is read as ``semsearch articles sync`` reads it.
    """
    record = _record(body)
    if is_pushed(record):
        ours = {**record_from_pushed(record, sources or {}), "id": article_id}
    else:
        ours = {**FieldMap(fields).apply({**record, "id": article_id}), "id": article_id}
    columns = DateColumns(replace(dates or DateHabits(), serials=True))  # as in a file of this record alone
    if columns.observe(ours):
        columns.read_language([ours])
    article, notes = article_from_record(ours, tell_unknown=True, dates=columns)
    given = record.get("id")
    if given is not None and given != article_id:
        other, _ = article_from_record({**ours, "id": given})
        if other.id != article.id:
            raise ArticleInvalid(
                f"the body's id is not '{article_id}', the id of the address",
                field="id",
                value=given,
                hint="leave it out, or give the same",
            )
    return article, notes


def change_answer(changed: Changed, notes: tuple[Note, ...]) -> Response:
    """What became of an article: 201 where it is new."""
    response = json_response(
        {
            "id": changed.article_id,
            "outcome": changed.outcome,
            "change": changed.change or None,
            "notes": [str(note) for note in notes],
        }
    )
    response.status_code = 201 if changed.outcome == "added" else 200
    return response


def _record(body: bytes) -> Mapping[str, Any]:
    hint = 'send one JSON object like {"title": "…", "body": "…"}'
    constants: list[str] = []
    try:
        record = json.loads(body.decode("utf-8"), parse_constant=constants.append)
    except UnicodeDecodeError as fault:
        odd = body[max(0, fault.start - 15) : fault.start + 15]
        raise ArticleInvalid("the body is not UTF-8", field="body", value=odd, hint=hint) from fault
    except json.JSONDecodeError as fault:
        near = fault.doc[max(0, fault.pos - 20) : fault.pos + 20]
        why = f"the body is not JSON: {fault.msg} at character {fault.pos}"
        raise ArticleInvalid(why, field="body", value=near, hint=hint) from fault
    except (RecursionError, ValueError) as fault:
        raise ArticleInvalid("the body is nested too deeply, or has a number too long", hint=hint) from fault
    if constants:
        raise ArticleInvalid(f"the body has {constants[0]}, which is no JSON", field="body", hint="give null")
    if not isinstance(record, dict):
        raise ArticleInvalid("the body is no object", field="body", value=record, hint=hint)
    return record


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400) from None


async def _spool(request: Request, record: Record, most: int) -> int:
    """The body into the task's file; returns how many lines it has."""
    with Spooled(record.body, most * UNPACKED_TIMES) as spooled:
        held = bytearray()
        try:
            async for part in request.stream():
                held += part
                if len(held) >= PIECE:
                    await run_sync(spooled.feed, bytes(held))
                    held.clear()
        except ClientDisconnect:
            raise HTTPException(400) from None
        if held:
            await run_sync(spooled.feed, bytes(held))
        return spooled.lines()


def _refuse_related(request: Request) -> None:
    """``…/related`` is a list, not an article, unless its slash came as %2F."""
    if request.url.path.endswith("/related") and not is_part_of_id(request, "/related"):
        raise HTTPException(405)
