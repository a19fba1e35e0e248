"""Saved searches: what editors are told of as it arrives."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from semsearch.errors import RuleNotFound
from semsearch.index.saved_types import Counts, SavedSearch, unknown_search
from semsearch.options import ServiceOptions
from semsearch.service.addressing import address_of
from semsearch.service.answers import NOT_MODIFIED, json_response, not_modified, problems
from semsearch.service.auth import needs, secured, shown_key, who
from semsearch.service.bodies import JsonRoute
from semsearch.service.reading import described, read_query
from semsearch.service.routes_write import NoQuery
from semsearch.service.saved_convert import (
    atom,
    delivery_json,
    found_json,
    match_json,
    search_json,
    search_of,
    where_of,
)
from semsearch.service.saved_work import check_webhook
from semsearch.service.schemas_saved import (
    DeliveriesAnswer,
    FeedQuery,
    MatchesAnswer,
    MatchesQuery,
    PreviewAnswer,
    PreviewBody,
    SavedSearchAnswer,
    SavedSearchBody,
    SavedSearchesAnswer,
    SentAnswer,
)
from semsearch.service.state import Service, etag_matches, service_of

if TYPE_CHECKING:
    from semsearch.editorial.saved_searches import SavedSearches
    from semsearch.index.saved_store import SavedStore

router = APIRouter(route_class=JsonRoute, tags=["editor"])

LOCKED = [Depends(needs("write"))]
FEED_ENTRIES = 100
FEED_CACHE = "private, no-cache"
Result = TypeVar("Result")
SearchId = Annotated[str, Path(description="The search's id.", examples=["village-schools"])]


@router.put(
    "/v1/saved-searches/{search_id}",
    operation_id="put_saved_search",
    summary="Save a search",
    response_model=SavedSearchAnswer,
    responses={
        201: {"model": SavedSearchAnswer, "description": "It is new."},
        **problems(401, 403, 413, 422, 500, 503, 507),
    },
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def put_search(request: Request, search_id: SearchId, body: SavedSearchBody) -> Response:
    """Add or replace a saved search: it finds what arrives or changes from now on. Scope write."""
    read_query(NoQuery, request.query_params)
    service = service_of(request)
    by = who(request)

    def job() -> tuple[bool, SavedSearch, Counts]:
        saved = service.saved.searches()
        new = save(saved, search_id, body, made_by=by, options=service.settings.service)
        return new, saved.store.search(search_id), saved.store.counts().get(search_id, Counts())

    new, search, counts = await service.write(lambda _engine: job())
    response = json_response(search_json(search, counts))
    response.status_code = 201 if new else 200
    return response


@router.delete(
    "/v1/saved-searches/{search_id}",
    operation_id="delete_saved_search",
    summary="Delete a saved search",
    status_code=204,
    response_class=Response,
    responses=problems(401, 403, 404, 422, 500, 503, 507),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def delete_search(request: Request, search_id: SearchId) -> Response:
    """Delete a saved search with its matches and the messages that wait. Scope write."""
    read_query(NoQuery, request.query_params)
    await stored(service_of(request), search_id, lambda store: store.delete(search_id))
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.get(
    "/v1/saved-searches",
    operation_id="saved_searches",
    summary="All saved searches",
    response_model=SavedSearchesAnswer,
    responses=problems(401, 403, 500, 503),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def searches(request: Request) -> Response:
    """List all saved searches by name, with how many matches each has. Scope write."""
    read_query(NoQuery, request.query_params)
    found = await all_searches(service_of(request))
    return json_response({"searches": [search_json(search, counts) for search, counts in found]})


@router.get(
    "/v1/saved-searches/{search_id}",
    operation_id="saved_search",
    summary="One saved search",
    response_model=SavedSearchAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def search(request: Request, search_id: SearchId) -> Response:
    """Show a saved search; the secret of its webhook is never told. Scope write."""
    read_query(NoQuery, request.query_params)

    def job(store: SavedStore) -> tuple[SavedSearch, Counts]:
        return store.search(search_id), store.counts().get(search_id, Counts())

    return json_response(search_json(*await stored(service_of(request), search_id, job)))


@router.get(
    "/v1/saved-searches/{search_id}/matches",
    operation_id="saved_search_matches",
    summary="What a saved search found",
    response_model=MatchesAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    dependencies=LOCKED,
    openapi_extra=secured(described(MatchesQuery)),
)
async def matches(request: Request, search_id: SearchId) -> Response:
    """List what a saved search found, the newest first, each article as it was then. Scope write.

    Articles that readers cannot see now are left out: withdrawn, expired or deleted ones.
    """
    asked = read_query(MatchesQuery, request.query_params)
    service = service_of(request)

    def job(store: SavedStore) -> dict[str, object]:
        store.search(search_id)
        found = service.saved.searches().matches(search_id, limit=asked.limit, offset=asked.offset)
        return {
            "search": search_id,
            "matches": [match_json(one) for one in found.matches],
            "total": found.total,
            "limit": asked.limit,
            "offset": asked.offset,
        }

    return json_response(await stored(service, search_id, job))


@router.get(
    "/v1/saved-searches/{search_id}/feed.atom",
    operation_id="saved_search_feed",
    summary="What a saved search found, as a feed",
    response_class=Response,
    responses={
        200: {"content": {"application/atom+xml": {}}, "description": "An Atom feed."},
        **NOT_MODIFIED,
        **problems(401, 403, 404, 422, 500, 503),
    },
    openapi_extra=secured(described(FeedQuery)),
)
async def feed(request: Request, search_id: SearchId) -> Response:
    """Give the newest matches as Atom 1.0, for the token in the search's `feed` or a key with scope write."""
    asked = read_query(FeedQuery, request.query_params)
    service = service_of(request)
    given = asked.token.encode("utf-8", "replace")
    if not given:
        service.keys.check(shown_key(request.headers), "write")

    def job(store: SavedStore) -> bytes:
        search = store.search(search_id)
        if given and not hmac.compare_digest(given, search.feed_token.encode()):
            raise unknown_search(search_id)  # a wrong token learns nothing of what there is
        return atom(
            search,
            service.saved.searches().matches(search_id, limit=FEED_ENTRIES).matches,
            index=service.settings.index,
            site=service.settings.service.site_name,
            base=address_of(request).base,
        )

    body = await stored(service, search_id, job)
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if etag_matches(request.headers.get("if-none-match"), tag):
        return not_modified(tag, FEED_CACHE)
    headers = {"ETag": tag, "Cache-Control": FEED_CACHE}
    return Response(body, headers=headers, media_type="application/atom+xml")


@router.get(
    "/v1/saved-searches/{search_id}/deliveries",
    operation_id="saved_search_deliveries",
    summary="What was sent to a webhook",
    response_model=DeliveriesAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def deliveries(request: Request, search_id: SearchId) -> Response:
    """List the messages of a saved search, the newest first, with what became of each. Scope write."""
    from semsearch.index.saved_deliveries import log_of

    read_query(NoQuery, request.query_params)

    def job(store: SavedStore) -> dict[str, object]:
        store.search(search_id)
        return {"deliveries": [delivery_json(one) for one in log_of(store, search_id)]}

    return json_response(await stored(service_of(request), search_id, job))


@router.post(
    "/v1/saved-searches/{search_id}/test",
    operation_id="test_saved_search",
    summary="Send a test to a webhook",
    response_model=SentAnswer,
    status_code=202,
    responses=problems(401, 403, 404, 422, 500, 503, 507),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def send_test(request: Request, search_id: SearchId) -> Response:
    """Send a message of type `saved_search.test`; the deliveries tell what became of it. Scope write."""
    from semsearch.editorial.webhooks import send_test as send

    read_query(NoQuery, request.query_params)
    message = await stored(service_of(request), search_id, lambda store: send(store, search_id))
    response = json_response({"id": message})
    response.status_code = 202
    return response


@router.post(
    "/v1/saved-searches/preview",
    operation_id="preview_saved_search",
    summary="What a search would have found",
    response_model=PreviewAnswer,
    responses=problems(401, 403, 413, 422, 500, 503),
    dependencies=LOCKED,
    openapi_extra=secured(),
)
async def preview(request: Request, body: PreviewBody) -> Response:
    """Try a search on the articles of the last days: nothing is saved, nobody is told. Scope write."""
    read_query(NoQuery, request.query_params)
    service = service_of(request)
    tried = SavedSearch("preview", "preview", body.meaning, body.threshold, tuple(body.words), where_of(body))

    def job() -> dict[str, object]:
        found = service.saved.searches().preview(tried, days=body.days, limit=body.limit)
        matches = [found_json(one) for one in found.found]
        return {"total": found.total, "matches": matches, "levels": dict(found.levels)}

    return json_response(await service.for_editors(lambda _engine: job(), request))


def save(
    saved: SavedSearches, search_id: str, body: SavedSearchBody, *, made_by: str, options: ServiceOptions
) -> bool:
    """Keep what a body describes, and say if it is new; a secret that it leaves out stays."""
    if body.webhook is not None:
        check_webhook(body.webhook.url, options)
    known = None
    with contextlib.suppress(RuleNotFound):
        known = saved.store.search(search_id)
    return saved.put(search_of(search_id, body, made_by=made_by, known=known))


async def all_searches(service: Service) -> list[tuple[SavedSearch, Counts]]:
    """All searches with their counts, by name."""

    def job() -> list[tuple[SavedSearch, Counts]]:
        if not service.saved.any:
            return []
        store = service.saved.searches().store
        counts = store.counts()
        return [(one, counts.get(one.id, Counts())) for one in store.searches()]

    return await service.for_editors(lambda _engine: job())


async def stored(service: Service, search_id: str, job: Callable[[SavedStore], Result]) -> Result:
    """The result of a job on the store; raises RuleNotFound where nothing was ever saved."""

    def work() -> Result:
        if not service.saved.any:
            raise unknown_search(search_id)
        return job(service.saved.searches().store)

    return await service.for_editors(lambda _engine: work())
