"""The app factory: ``uvicorn --factory semsearch.service.app:create_app``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from semsearch import __version__
from semsearch.service import errors, pages, routes_articles, routes_operate, routes_search, routes_suggest
from semsearch.service.middleware import Envelope
from semsearch.service.state import Service
from semsearch.settings import Settings, load_settings

if TYPE_CHECKING:
    from semsearch.engine import Engine

MAX_BODY_BYTES = 10_000_000

DESCRIPTION = """Semantic search and related articles for a news site.

Every error has one shape: `code` for programs, `message` for people, `detail` for the fields at fault.
Unknown parameters are refused, never ignored. GET never changes anything.
"""
TAGS = [
    {"name": "search", "description": "What readers look for."},
    {"name": "related", "description": "The list under an article: You May Also Like."},
    {"name": "articles", "description": "Articles as they are stored."},
    {"name": "operate", "description": "Health, version and metrics."},
]


def create_app(
    settings: Settings | None = None, *, engine: Engine | None = None, cors_origins: Sequence[str] = ()
) -> FastAPI:
    """An app over one index; pages of ``cors_origins`` may read from it in a browser.

    Without ``settings`` they come from semsearch.toml and the environment (SettingsInvalid is raised
    for bad ones). Without ``engine`` the lifespan makes, opens and closes one; a given one is opened
    there and stays the caller's to close.
    """
    service = Service(settings or load_settings(), engine)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(service.open)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
        service.close()

    app = FastAPI(
        title="semsearch",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        docs_url=None,  # its scripts come from another server; pages.py has one of our own
        redoc_url=None,
        redirect_slashes=False,  # an id may end in a slash
    )
    app.state.service = service
    errors.install(app)
    for router in (
        routes_search.router,
        routes_suggest.router,
        routes_articles.router,
        routes_operate.router,
    ):
        app.include_router(router)
    pages.install(app)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["ETag", "Server-Timing", "X-Request-ID"],
            max_age=3600,
        )
    app.add_middleware(Envelope, metrics=service.metrics, max_body=MAX_BODY_BYTES)
    return app
