"""The desk's index page: how it stands, its work, its sources, and the buttons to rebuild it and go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import Response

from semsearch.errors import InputError
from semsearch.service.desk import Desk, desk_router
from semsearch.service.desk_sources import Followed, followed_sources
from semsearch.service.routes_indexes import known_status, start_rebuild

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.index.publishing import GenerationInfo
    from semsearch.service.tasks import Task
    from semsearch.status import IndexStatus

PATH = "/desk/index"
TASKS = 8
MEGABYTE = 1_000_000

router = desk_router()


@dataclass(frozen=True, slots=True)
class State:
    """The index for the page; ``status`` is None where the live generation cannot be read."""

    name: str
    status: IndexStatus | None
    generations: tuple[GenerationInfo, ...]
    sources: tuple[Followed, ...]


@router.get(PATH)
async def index(desk: Desk) -> Response:
    """The live generation, the others, the sources that it follows, and the newest tasks."""
    state = await desk.service.operate(_state)
    tasks = (await desk.run(desk.service.tasks.all))[:TASKS]
    return desk.render(
        "desk_index.html",
        state=state,
        megabytes=_megabytes(state.status),
        tasks=[(task, share_done(task)) for task in tasks],
        busy=any(not task.ended for task in tasks),
        may_change=desk.key.covers("admin"),
    )


@router.post(PATH + "/rebuild")
async def rebuild(desk: Desk) -> Response:
    """Begin a rebuild; needs scope admin."""
    desk.need("admin")
    await desk.form()
    await desk.run(lambda: start_rebuild(desk.service, None))
    return desk.go(PATH, said="rebuilding")


@router.post(PATH + "/activate")
async def activate(desk: Desk) -> Response:
    """Make another generation live; needs scope admin, and the box ticked that says it is meant."""
    desk.need("admin")
    form = await desk.form()
    generation = form.get("generation")
    if form.get("sure") != "yes":
        raise InputError(f"tick the box beside generation {generation} first: readers see it at once")
    await desk.service.operate(lambda engine: engine.activate(generation))
    return desk.go(PATH, said="activated")


def share_done(task: Task) -> int | None:
    """How much of a running task is done in percent; None where that is not known or over."""
    progress = task.progress or {}
    done, total = progress.get("done"), progress.get("total")
    if task.ended or not isinstance(done, int) or not isinstance(total, int) or total <= 0:
        return None
    return min(100, 100 * done // total)


def _state(engine: Engine) -> State:
    return State(
        engine.settings.index,
        known_status(engine),
        tuple(engine.generations()),
        followed_sources(engine),
    )


def _megabytes(status: IndexStatus | None) -> int:
    return round(sum(status.bytes_on_disk.values()) / MEGABYTE) if status else 0
