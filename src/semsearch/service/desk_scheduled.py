"""The desk's list of what readers do not see: scheduled, unpublished and expired articles."""

from __future__ import annotations

from fastapi.responses import Response

from semsearch.search.hidden import KINDS, HiddenKind
from semsearch.service.desk import Desk, desk_router
from semsearch.service.desk_fields import digits_of

PATH = "/desk/scheduled"
ON_PAGE = 50

router = desk_router()


@router.get(PATH)
async def scheduled(desk: Desk) -> Response:
    """One kind of hidden articles, a page at a time, with the number of each kind."""
    given = desk.request.query_params
    kind: HiddenKind = next((one for one in KINDS if one == given.get("kind")), KINDS[0])
    page = max(1, digits_of(given.get("page", ""), 8) or 1)
    begin = (page - 1) * ON_PAGE
    found = await desk.call(lambda engine: engine.hidden(kind, limit=ON_PAGE, offset=begin))
    return desk.render(
        "desk_scheduled.html",
        found=found,
        kinds=KINDS,
        page=page,
        more=found.counts[kind] > begin + ON_PAGE,
        visibility=desk.service.settings.visibility,
    )
