"""The desk's saved searches: the list, a form that can be tried before it is saved, and what each found."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response
from pydantic import ValidationError

from semsearch.editorial.checking import DEFAULT_THRESHOLD, STRICTNESS, strictness_of
from semsearch.errors import InputError
from semsearch.index.saved_types import Counts, SavedSearch
from semsearch.service.addressing import address_of
from semsearch.service.desk import Desk, DeskPage, Form, desk_router, labelled, words_of
from semsearch.service.desk_fields import number_or_text, parts_of
from semsearch.service.reading import in_query
from semsearch.service.routes_saved import all_searches, save, stored
from semsearch.service.saved_convert import feed_path, search_of
from semsearch.service.schemas_saved import MAX_MATCHES, SavedSearchBody

if TYPE_CHECKING:
    from semsearch.editorial.saved_searches import Preview
    from semsearch.index.saved_store import SavedStore
    from semsearch.index.saved_types import Delivery, Match

PATH = "/desk/saved"
PREVIEW_DAYS = (7, 30, 365, 3650)
PREVIEW_SHOWN = 10
PAGE = 30
LISTS = ("section", "author", "tag", "language", "source")
LABELS = {
    "name": "Name",
    "meaning": "What it is about",
    "words": "Words that must stand in it",
    "threshold": "How near",
    "webhook.url": "Webhook",
    "webhook.secret": "Secret",
    **{name: name.capitalize() for name in LISTS},
}

router = desk_router()


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form: as it was typed, as a search has it, or as it begins."""

    id: str = ""
    name: str = ""
    meaning: str = ""
    words: str = ""
    threshold: str = str(DEFAULT_THRESHOLD)
    strictness: str = "normal"
    section: str = ""
    author: str = ""
    tag: str = ""
    language: str = ""
    source: str = ""
    webhook: str = ""
    enabled: bool = True
    days: int = PREVIEW_DAYS[1]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One search with what it found and what was told of it."""

    search: SavedSearch
    counts: Counts
    matches: tuple[Match, ...]
    deliveries: tuple[Delivery, ...]


@router.get(PATH)
async def saved(desk: Desk) -> Response:
    """All searches, and the form for a new one or for the one to ``edit``."""
    filled = Filled()
    if wanted := desk.request.query_params.get("edit", ""):
        filled = _filled((await _seen(desk, wanted)).search)
    return await _page(desk, filled)


@router.post(PATH)
async def send(desk: Desk) -> Response:
    """Try what is in the form, or save it; what is wrong is told above the form, which stays filled."""
    form = await desk.form()
    filled = _typed(form)
    try:
        body = SavedSearchBody.model_validate(_values(form, filled))
        if form.get("action") == "preview":
            tried = search_of("preview", _without_webhook(body), made_by=desk.who, known=None)
            days = filled.days
            preview = await desk.call(
                lambda _: desk.service.saved.searches().preview(tried, days=days, limit=PREVIEW_SHOWN)
            )
            return await _page(desk, filled, preview=preview)
        search_id = await _save(desk, filled.id, body)
    except ValidationError as error:
        words = words_of(in_query(error), LABELS)
        return await _page(desk, filled, words=words, status=422)
    except InputError as error:
        return await _page(desk, filled, words=[labelled(str(error), LABELS)], status=422)
    return desk.go(f"{PATH}/{search_id}", said="saved")


@router.get(PATH + "/{search_id}")
async def one(desk: Desk, search_id: str) -> Response:
    """What one search found, its feed, and how its webhook fares."""
    seen = await _seen(desk, search_id)
    feed = address_of(desk.request).base + feed_path(seen.search)
    strictness = strictness_of(seen.search.threshold)
    return desk.render(
        "desk_saved_one.html", seen=seen, feed=feed, lists=_lists(seen.search), strictness=strictness
    )


@router.post(PATH + "/{search_id}/delete")
async def delete(desk: Desk, search_id: str) -> Response:
    """Delete a search."""
    await desk.form()
    await stored(desk.service, search_id, lambda store: store.delete(search_id))
    return desk.go(PATH, said="removed")


@router.post(PATH + "/{search_id}/test")
async def try_webhook(desk: Desk, search_id: str) -> Response:
    """Send a test to its webhook."""
    from semsearch.editorial.webhooks import send_test

    await desk.form()
    await stored(desk.service, search_id, lambda store: send_test(store, search_id))
    return desk.go(f"{PATH}/{search_id}", said="sent")


async def _page(
    desk: DeskPage,
    filled: Filled,
    *,
    preview: Preview | None = None,
    words: list[str] | None = None,
    status: int = 200,
) -> Response:
    found = await all_searches(desk.service)
    kept = {"found": found, "filled": filled, "preview": preview, "words": words or []}
    return desk.render("desk_saved.html", status, lists=LISTS, days=PREVIEW_DAYS, levels=STRICTNESS, **kept)


async def _save(desk: DeskPage, search_id: str, body: SavedSearchBody) -> str:
    """Keep a search under its id, or under a new one; returns the id."""
    chosen = search_id or f"desk-{secrets.token_hex(4)}"
    saved = desk.service.saved
    options = desk.service.settings.service
    await desk.service.write(
        lambda _engine: save(saved.searches(), chosen, body, made_by=desk.who, options=options)
    )
    return chosen


async def _seen(desk: DeskPage, search_id: str) -> Seen:
    from semsearch.index.saved_deliveries import log_of

    def job(store: SavedStore) -> Seen:
        search = store.search(search_id)
        return Seen(
            search,
            store.counts().get(search_id, Counts()),
            desk.service.saved.searches().matches(search_id, limit=min(PAGE, MAX_MATCHES)).matches,
            tuple(log_of(store, search_id, limit=10)),
        )

    return await stored(desk.service, search_id, job)


def _without_webhook(body: SavedSearchBody) -> SavedSearchBody:
    """The same without its webhook: a preview tells nobody, and needs no secret."""
    return body.model_copy(update={"webhook": None})


def _typed(form: Form) -> Filled:
    texts: dict[str, Any] = {
        name: form.get(name) for name in ("id", "name", "meaning", "words", "threshold", "webhook", *LISTS)
    }
    strictness = form.get("strictness")
    if level := STRICTNESS.get(strictness):  # type: ignore[call-overload]  # what was typed may be no level
        texts["threshold"] = f"{level:g}"
    days = int(form.get("days")) if form.get("days") in map(str, PREVIEW_DAYS) else Filled().days
    return replace(
        Filled(**texts), strictness=strictness or "own", enabled=form.get("enabled") == "on", days=days
    )


def _values(form: Form, filled: Filled) -> Mapping[str, Any]:
    """What was typed as ``SavedSearchBody`` wants it; values of one field stand between commas."""
    hook = {"url": filled.webhook, "secret": form.get("secret") or None} if filled.webhook else None
    return {
        "name": filled.name,
        "meaning": filled.meaning,
        "words": parts_of(filled.words),
        "threshold": number_or_text(filled.threshold.replace(",", "."), float),
        "enabled": filled.enabled,
        "webhook": hook,
        **{name: parts_of(getattr(filled, name)) or None for name in LISTS},
    }


def _lists(search: SavedSearch) -> dict[str, Any]:
    where = search.where
    values = (where.sections, where.authors, where.tags, where.languages, where.sources)
    return {name: ", ".join(some) for name, some in zip(LISTS, values, strict=True) if some}


def _filled(search: SavedSearch) -> Filled:
    return Filled(
        id=search.id,
        name=search.name,
        meaning=search.meaning,
        words=", ".join(search.words),
        threshold=f"{search.threshold:g}",
        strictness=strictness_of(search.threshold) or "own",
        webhook=search.webhook.url if search.webhook else "",
        enabled=search.enabled,
        signed=bool(search.webhook and search.webhook.secret),
        **_lists(search),
    )
