"""The app factory: ``uvicorn --factory semsearch.service.app:create_app``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from semsearch import __version__
from semsearch.service import (
    desk_pages,
    errors,
    fragments,
    pages,
    routes_articles,
    routes_coverage,
    routes_editor,
    routes_events,
    routes_indexes,
    routes_links,
    routes_operate,
    routes_rules,
    routes_saved,
    routes_search,
    routes_suggest,
    routes_write,
    widget,
)
from semsearch.service.addressing import Addressed, Rules
from semsearch.service.auth import needs
from semsearch.service.guarded import STATE as LIMITS
from semsearch.service.guarded import limits_of
from semsearch.service.middleware import Envelope
from semsearch.service.openapi import describe_all
from semsearch.service.rates import Gate, Rates
from semsearch.service.state import Service
from semsearch.settings import Settings, load_settings

if TYPE_CHECKING:
    from semsearch.engine import Engine

DESCRIPTION = """Semantic search and related articles for a news site.

Every error has one shape: `code` for programs, `message` for people, `detail` for the fields at fault.
Unknown parameters are refused, never ignored. GET never changes anything.

What changes something needs a key, sent as `Authorization: Bearer KEY` or `X-API-Key: KEY`.
The scopes nest: `search` reads (where readers need a key), `write` also changes articles,
`admin` also the index.
"""
TAGS = [
    {"name": "search", "description": "What readers look for."},
    {"name": "related", "description": "The list under an article: You May Also Like."},
    {"name": "articles", "description": "Articles as they are stored."},
    {"name": "write", "description": "Articles as they change, and tasks: scope write."},
    {"name": "editor", "description": "What editors ask of the archive: scope write."},
    {"name": "index", "description": "Generations and rebuilds: scope admin."},
    {"name": "events", "description": "What readers saw and clicked, where it is switched on."},
    {"name": "operate", "description": "Health, version and metrics."},
]


def create_app(settings: Settings | None = None, *, engine: Engine | None = None) -> FastAPI:
    """An app over one index.

    Without ``settings`` they come from semsearch.toml and the environment (SettingsInvalid is raised
    for bad ones). Without ``engine`` the lifespan makes, opens and closes one; a given one is opened
    there and stays the caller's to close.
    """
    settings = settings or load_settings()
    options = settings.service
    rules, rates = Rules(options), Rates(options)
    service = Service(settings, engine)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(service.follow)
            try:
                await service.before_listening()
                yield {LIMITS: limits_of(options)}
            finally:
                tasks.cancel_scope.cancel()
        await run_sync(service.close)

    app = FastAPI(
        title="semsearch",
        version=__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        openapi_url=None,  # pages.py answers it, with the address of this service
        docs_url=None,  # its scripts come from another server; pages.py has one of our own
        redoc_url=None,
        redirect_slashes=False,  # an id may end in a slash
    )
    app.state.service = service
    errors.install(app)
    readers = [Depends(needs("search"))] if options.require_key else []
    for router in (
        routes_search.router,
        routes_suggest.router,
        fragments.router,
        routes_articles.router,
        routes_events.router,
    ):
        app.include_router(router, dependencies=readers)
    for router in (
        routes_editor.router,
        routes_coverage.router,
        routes_links.router,
        routes_rules.router,
        routes_saved.router,
        routes_write.router,
        routes_indexes.reading,
        routes_indexes.router,
        routes_operate.router,
    ):
        app.include_router(router)
    app.include_router(widget.router)
    pages.install(app, readers)
    desk_pages.install(app)
    describe_all(app, readers=options.require_key)
    app.state.rates = rates
    app.add_middleware(Gate, rates=rates, keys=service.keys)
    if origins := [one.strip().rstrip("/") for one in options.cors_origins.split(",") if one.strip()]:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key", "X-Request-ID"],
            expose_headers=["ETag", "Server-Timing", "X-Request-ID"],
            max_age=3600,
        )
    app.add_middleware(
        Envelope,
        metrics=service.metrics,
        max_body=options.max_body_bytes,
        private=options.require_key,
    )
    app.add_middleware(Addressed, rules=rules)
    return app
