"""What editors ask of the archive: the story so far."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from semsearch.service.answers import json_response, problems
from semsearch.service.article_ids import as_named
from semsearch.service.auth import needs, secured
from semsearch.service.bodies import JsonRoute
from semsearch.service.convert import story_answer
from semsearch.service.routes_articles import ArticleIdInPath
from semsearch.service.schemas import StoryAnswer
from semsearch.service.state import service_of

router = APIRouter(route_class=JsonRoute, tags=["editor"], dependencies=[Depends(needs("write"))])


@router.get(
    "/v1/editor/stories/{article_id:path}",
    operation_id="story",
    summary="The story so far",
    response_model=StoryAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    openapi_extra=secured(),
)
async def story(request: Request, article_id: ArticleIdInPath) -> Response:
    """List the articles of one story, oldest first, by the id of any of them. Scope write."""
    found = await service_of(request).for_editors(
        lambda engine: as_named(engine.searcher.story, article_id), request
    )
    return json_response(story_answer(found))
