"""GET /widget.js: the list under an article as an element that any page can use."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from semsearch.service.answers import not_modified
from semsearch.service.state import etag_matches, service_of

router = APIRouter(include_in_schema=False)

SOURCE = Path(__file__).parent / "static" / "widget.js"
OFF, ON = "const EVENTS = false;", "const EVENTS = true;"
CACHE = "public, max-age=3600, stale-while-revalidate=86400"
# Sites that isolate themselves (Cross-Origin-Embedder-Policy) load only scripts that say so.
HEADERS = {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}


@router.get("/widget.js")
async def widget(request: Request) -> Response:
    """The element; it reports what was seen and clicked only where events are kept."""
    script, tag = _script(events=service_of(request).settings.service.events)
    if etag_matches(request.headers.get("if-none-match"), tag):
        return not_modified(tag, CACHE)
    headers = {**HEADERS, "ETag": tag, "Cache-Control": CACHE}
    return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)


@cache
def _script(*, events: bool) -> tuple[bytes, str]:
    """The script and its ETag."""
    text = SOURCE.read_text("utf-8")
    script = (text.replace(OFF, ON) if events else text).encode()
    return script, f'"{hashlib.blake2b(script, digest_size=12).hexdigest()}"'
