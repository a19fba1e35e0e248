"""The home of the desk: what is new, how the index stands, and where the tools are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import Response

from semsearch.search.types import SearchRequest
from semsearch.service.desk import HOME, Desk, desk_router

if TYPE_CHECKING:
    from semsearch.articles import Hit
    from semsearch.engine import Engine

NEWEST = 8

router = desk_router()


@router.get(HOME)
async def home(desk: Desk) -> Response:
    """The newest articles, one line on the index, and the tools."""
    newest = await desk.call(_newest)
    ready = await desk.service.readiness()
    working = sum(not task.ended for task in await desk.run(desk.service.tasks.all))
    return desk.render("desk_home.html", newest=newest, ready=ready, working=working)


def _newest(engine: Engine) -> tuple[Hit, ...]:
    return engine.searcher.search(SearchRequest(sort="newest", limit=NEWEST)).hits
