"""The plain pages: search at ``/``, one article at ``/articles/{id}``; they work without JavaScript.

Articles hold plain text (HTML is taken off where they are read), so escaping everything is the whole of
making them safe: a tag that is left in a text is shown as text, never as markup.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request
from fastapi.params import Depends
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.staticfiles import StaticFiles

from semsearch import __version__
from semsearch.articles import Article
from semsearch.errors import ArticleNotFound, SemsearchError
from semsearch.options import ServiceOptions
from semsearch.search.types import RelatedRequest, SearchResponse
from semsearch.service import views
from semsearch.service.addressing import address_of, prefix_of
from semsearch.service.article_ids import as_named
from semsearch.service.asked import Asked
from semsearch.service.convert import empty_related, safe_url, to_json
from semsearch.service.errors import status_of, validation_detail
from semsearch.service.lookup import finder
from semsearch.service.reading import in_query
from semsearch.service.state import service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

log = logging.getLogger("semsearch.service")

HERE = Path(__file__).parent
RELATED_ON_PAGE = 5
CACHE = "no-cache"
NOT_NOW = "The search is being made ready and cannot answer yet. Nothing is lost: try again in a moment."
NO_ARTICLE = "There is no article at this address. It may have been taken away, or the address may be wrong."
LABELS = {"q": "The search", "published_after": "From", "published_before": "Until"}

router = APIRouter(include_in_schema=False)
described = APIRouter(include_in_schema=False)  # open to all, as the API's own description should be


def install(app: FastAPI, dependencies: Sequence[Depends] = ()) -> None:
    """Add the pages, their style sheet and their templates to an app."""
    app.state.templates = _templates(app.state.service.settings.service)
    app.include_router(described)
    app.include_router(router, dependencies=list(dependencies))
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")


def _templates(options: ServiceOptions) -> Environment:
    """The templates: everything is escaped, and a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(version=__version__, site=options.site_name, events=options.events)
    made.filters.update(
        marked=views.marked,
        day=views.day,
        prose=views.prose,
        sentence=views.sentence,
        summary=views.summary,
        language_tag=views.language_tag,
        safe_url=safe_url,
        article_path=views.article_path,
        coverage_path=views.coverage_path,
        query_path=views.query_path,
        similar_path=views.similar_path,
        story_path=views.story_path,
        topic_path=views.topic_path,
    )
    return made


def page(request: Request, name: str, status: int = 200, **values: object) -> Response:
    """A template as a page."""
    return HTMLResponse(
        rendered(request, name, **values).encode("utf-8", "replace"),
        status,
        headers={"Cache-Control": CACHE if status == 200 else "no-store"},
    )


def rendered(request: Request, name: str, **values: object) -> str:
    """The HTML of a template."""
    templates: Environment = request.app.state.templates
    return templates.get_template(name).render(root=prefix_of(request), **values)


@router.get("/")
async def search_page(request: Request) -> Response:
    """A search box; what was found, or what is similar; or, when nothing is asked, the newest articles."""
    asked = Asked.of(request.query_params)
    try:
        found = await service_of(request).call(finder(asked), request)
    except ValidationError as error:
        detail = validation_detail(in_query(error))
        words = "; ".join(f"{LABELS.get(item['field'], item['field'])}: {item['problem']}" for item in detail)
        # Only the words are kept: a filter that cannot be would fail every search after this one.
        kept = Asked(q=asked.q)
        return page(request, "message.html", 422, asked=kept, title="That did not work", words=words)
    except SemsearchError as error:
        return failed(request, asked, error)
    return page(request, "search.html", asked=asked, found=found)


def failed(request: Request, asked: Asked, error: SemsearchError) -> Response:
    """A calm page instead of what was asked; what is our own fault is logged, and says when to come back."""
    status = status_of(error)
    if status < 500:
        title = "Not found" if status == 404 else "That did not work"
        return page(request, "message.html", status, asked=asked, title=title, words=str(error))
    log.warning("%s: %s (request %s)", request.url.path, error, request.state.request_id)
    made = page(
        request, "message.html", status, asked=asked, title="Just a moment", words=NOT_NOW, again=True
    )
    made.headers["Retry-After"] = "5"
    return made


@described.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """What programs may ask, and where."""
    servers = [{"url": address_of(request).base or "/"}]
    return Response(to_json({**request.app.openapi(), "servers": servers}), media_type="application/json")


@router.get("/docs")
async def docs_page(request: Request) -> Response:
    """The API for people: made from the OpenAPI document, with nothing from other servers."""
    return page(request, "docs.html", asked=Asked(), api=request.app.openapi())


@router.get("/articles/{article_id:path}")
async def article_page(request: Request, article_id: str) -> Response:
    """An article with its "You May Also Like" list, which never keeps the article from showing."""

    def job(engine: Engine) -> tuple[Article, SearchResponse]:
        article = as_named(engine.show, article_id)
        asked = RelatedRequest(article_id=article.id, limit=RELATED_ON_PAGE)
        try:
            return article, engine.searcher.related(asked)
        except Exception:
            log.exception("related list of a page failed (request %s)", request.state.request_id)
            return article, empty_related(asked, "failed")

    asked = Asked()
    try:
        article, related = await service_of(request).call(job, request)
    except ArticleNotFound:
        return page(request, "message.html", 404, asked=asked, title="Not found", words=NO_ARTICLE)
    except SemsearchError as error:
        return failed(request, asked, error)
    paragraphs = [part.strip() for part in article.body.split("\n\n") if part.strip()]
    return page(
        request,
        "article.html",
        asked=asked,
        article=article,
        paragraphs=paragraphs,
        base=address_of(request).base,
        related=related,
    )
