"""The desk's story so far: find an article, then see its story on a timeline and in a table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import Response

from semsearch.search.types import SearchRequest
from semsearch.service.article_ids import as_named
from semsearch.service.desk import Desk, desk_router
from semsearch.service.desk_bars import bars
from semsearch.service.desk_fields import digits_of
from semsearch.service.desk_timeline import spans_of_time, timeline

if TYPE_CHECKING:
    from semsearch.articles import Hit
    from semsearch.engine import Engine
    from semsearch.search.timeline import Story

PATH = "/desk/stories"
FOUND = 10
MOST_CHARACTERS = 300  # of the words to find an article by
WRITERS = 8
ON_PAGE = 50  # articles of the table
MOST_DOTS = 60  # articles that are dots on a line; more are bars, so that a page stays small

router = desk_router()


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote how much of a story."""

    name: str
    articles: int


@router.get(PATH)
async def find(desk: Desk) -> Response:
    """The form to find an article by, and what it found."""
    asked = desk.request.query_params.get("q", "").strip()[:MOST_CHARACTERS]
    hits: tuple[Hit, ...] = ()
    if asked:

        def search(engine: Engine) -> tuple[Hit, ...]:
            return engine.searcher.search(SearchRequest(query=asked, limit=FOUND, collapse="story")).hits

        hits = await desk.call(search)
    return desk.render("desk_stories.html", asked=asked, hits=hits)


@router.get(PATH + "/{article_id:path}")
async def story(desk: Desk, article_id: str) -> Response:
    """The story of any of its articles; 404 for an id that is not in the index."""
    article_id, found = await desk.call(
        lambda engine: as_named(lambda one: (one, engine.searcher.story(one)), article_id)
    )
    pages = page_count(len(found.articles))
    page = page_of_table(found, article_id, desk.request.query_params.get("page", ""))
    begin = (page - 1) * ON_PAGE
    many = len(found.articles) > MOST_DOTS
    return desk.render(
        "desk_story.html",
        story=found,
        asked_id=article_id,
        shown=list(enumerate(found.articles, 1))[begin : begin + ON_PAGE],
        page=page,
        pages=pages,
        chart=None if many else timeline(found.articles),
        spans=bars(spans_of_time(found.articles)) if many else None,
        writers=writers(found),
    )


def page_count(articles: int) -> int:
    """How many pages the table of so many articles has; one at least."""
    return max(1, -(-articles // ON_PAGE))


def page_of_table(story: Story, article_id: str, asked: str) -> int:
    """The page that is asked for, from 1; else that on which the article stands."""
    if (number := digits_of(asked, 8)) is not None:
        return min(max(1, number), page_count(len(story.articles)))
    place = next((number for number, one in enumerate(story.articles) if one.id == article_id), 0)
    return place // ON_PAGE + 1


def writers(story: Story) -> tuple[Writer, ...]:
    """Who wrote most of a story, first those with most articles."""
    counted = Counter(name for article in story.articles for name in article.authors)
    return tuple(Writer(name, count) for name, count in counted.most_common(WRITERS))
