"""The index as a whole: its generations, rebuilds, and which generation is live."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from pydantic import Field

from semsearch.errors import SemsearchError
from semsearch.index.locks import exclusive
from semsearch.service.answers import json_response, problems
from semsearch.service.auth import needs, secured
from semsearch.service.bodies import JsonRoute
from semsearch.service.convert import Json, utc_text
from semsearch.service.reading import described, read_query
from semsearch.service.routes_write import NoQuery, task_response
from semsearch.service.schemas_write import ActivatedAnswer, IndexAnswer, TaskAnswer
from semsearch.service.state import Service, service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.index.publishing import Activated, GenerationInfo
    from semsearch.status import IndexStatus

reading = APIRouter(route_class=JsonRoute, tags=["index"], dependencies=[Depends(needs("write"))])
router = APIRouter(route_class=JsonRoute, tags=["index"], dependencies=[Depends(needs("admin"))])


class RebuildQuery(NoQuery):
    """The parameters of a rebuild."""

    keep: int | None = Field(
        None,
        ge=1,
        description="When it is done, remove the oldest generations beyond this many that nobody reads "
        "any more; left out: none.",
        examples=[3],
    )
    fresh: bool = Field(
        False,
        description="Build every part anew even where no article is new; else the live generation's files "
        "are copied then.",
        examples=[True],
    )


@reading.get(
    "/v1/indexes",
    operation_id="indexes",
    summary="Generations and status",
    response_model=IndexAnswer,
    responses=problems(401, 403, 422, 500, 503),
    openapi_extra=secured(),
)
async def indexes(request: Request) -> Response:
    """Show the generations of the index and the figures of the live one. Scope write."""
    read_query(NoQuery, request.query_params)

    def job(engine: Engine) -> Json:
        status = known_status(engine)
        generations = [generation_answer(one) for one in engine.generations()]
        return {
            "name": engine.settings.index,
            "status": status_answer(status) if status else None,
            "generations": generations,
        }

    return json_response(await service_of(request).operate(job))


@router.post(
    "/v1/indexes/rebuild",
    operation_id="rebuild",
    summary="Build the index anew",
    response_model=TaskAnswer,
    status_code=202,
    responses=problems(401, 403, 409, 422, 500, 503, 507),
    openapi_extra=secured(described(RebuildQuery)),
)
async def rebuild(request: Request) -> Response:
    """Build a new generation from the live articles, in the background, and publish it. Scope admin.

    Searches go on; live changes made meanwhile are carried over. Where nothing was changed since the live
    generation was built, its files are copied, and the result names it in same_as. One at a time: else 409.
    """
    asked = read_query(RebuildQuery, request.query_params)
    service = service_of(request)
    task_id = await run_sync(lambda: start_rebuild(service, asked.keep, fresh=asked.fresh))
    return await task_response(service, task_id, started=True)


@router.post(
    "/v1/indexes/rollback",
    operation_id="rollback",
    summary="Go back to the generation before",
    response_model=ActivatedAnswer,
    responses=problems(401, 403, 404, 409, 422, 500, 503, 507),
    openapi_extra=secured(),
)
async def rollback(request: Request) -> Response:
    """Make the generation before the live one live, with the live changes made since. Scope admin.

    The answer says what was live before, which changes came along, and how the two differ.
    """
    read_query(NoQuery, request.query_params)
    info = await service_of(request).operate(lambda engine: engine.rollback())
    return json_response(activated_answer(info))


@router.post(
    "/v1/indexes/{generation}/activate",
    operation_id="activate",
    summary="Make a generation live",
    response_model=ActivatedAnswer,
    responses=problems(401, 403, 404, 409, 422, 500, 503, 507),
    openapi_extra=secured(),
)
async def activate(
    request: Request,
    generation: Annotated[
        str, Path(description="Id of the generation.", examples=["000002-20260131T120000Z"])
    ],
) -> Response:
    """Make this generation live, with the live changes made since it was built. Scope admin.

    The answer says what was live before, which changes came along, and how the two differ.
    """
    read_query(NoQuery, request.query_params)
    info = await service_of(request).operate(lambda engine: engine.activate(generation))
    return json_response(activated_answer(info))


def known_status(engine: Engine) -> IndexStatus | None:
    """The figures of the live generation; None where it is damaged, which its note tells."""
    with contextlib.suppress(SemsearchError):
        return engine.status()
    return None


def start_rebuild(service: Service, keep: int | None, *, fresh: bool = False) -> str:
    """Begin a rebuild and return its task's id; raises IndexBusy where one runs, in whatever process."""
    engine = service.engine
    folder = engine.folder
    held = contextlib.ExitStack()
    try:
        what = f"rebuilding index '{folder.name}'"
        held.enter_context(exclusive(folder.path / "rebuild.lock", what))
        with folder.build_lock():
            pass  # a build from the command line is told now, not by a task that fails
        record = service.tasks.create("rebuild")
        service.background.submit(record, service.rebuild_work(keep, fresh=fresh), held.pop_all().close)
    finally:
        held.close()
    return record.task.id


def generation_answer(info: GenerationInfo) -> Json:
    """A generation, as ``schemas_write.GenerationAnswer`` describes it."""
    return {**asdict(info), "created_at": utc_text(info.created_at)}


def activated_answer(info: Activated) -> Json:
    """A generation made live, as ``schemas_write.ActivatedAnswer`` describes it."""
    previous = None if info.previous is None else generation_answer(info.previous)
    return {**generation_answer(info), "previous": previous}


def status_answer(status: IndexStatus) -> Json:
    """The figures, as ``schemas_write.StatusAnswer`` describes them."""
    return {
        "generation": status.generation,
        "created_at": utc_text(status.created_at),
        "encoder": status.encoder.name,
        "articles": status.articles,
        "hidden": status.hidden,
        "passages": status.passages,
        "delta_articles": status.delta_articles,
        "deleted": status.deleted,
        "change": status.change,
        "advice": status.advice,
        "published_from": utc_text(status.published_from),
        "published_to": utc_text(status.published_to),
    }
