"""GET /v1/articles/{id}/related.html: the list under an article for sites that include it on the server."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator, Field

from semsearch.errors import InputError, SemsearchError
from semsearch.service.addressing import address_of
from semsearch.service.answers import NOT_MODIFIED, not_modified, related_list, tagged
from semsearch.service.convert import related_request
from semsearch.service.middleware import STRICT_POLICY
from semsearch.service.pages import rendered
from semsearch.service.parameters import RelatedQuery, clean_text
from semsearch.service.reading import described, read_query
from semsearch.service.routes_articles import ArticleIdInPath, article, is_part_of_id, related_cache

log = logging.getLogger("semsearch.service")
router = APIRouter()

NO_STORE = "no-store"


class FragmentQuery(RelatedQuery):
    """The parameters of a related list as HTML."""

    heading: Annotated[str, Field(max_length=200), AfterValidator(clean_text)] = Field(
        "You May Also Like", description="What stands over the list; empty: nothing.", examples=["Read on"]
    )


@router.get(
    "/v1/articles/{article_id:path}/related.html",
    operation_id="related_html",
    tags=["related"],
    summary="You May Also Like, as HTML to include",
    response_class=Response,
    responses={
        200: {"content": {"text/html": {}}, "description": "An aside element, or nothing at all."},
        **NOT_MODIFIED,
        422: {"content": {"text/html": {}}, "description": "A parameter is wrong; the body is empty."},
    },
    openapi_extra=described(FragmentQuery),
)
async def related_html(request: Request, article_id: ArticleIdInPath) -> Response:
    """List the articles nearest to one article as an `aside` element without script or style.

    Everything in it is escaped, and its classes begin with `semsearch-related`. It never fails a page:
    where the article or the index is missing, the answer is 200 and empty, and errors of every status
    have an empty body. A missing article is filled with recent ones only where `fallback` is asked for by
    name. To read what is wrong with a parameter, ask for the JSON list with it.
    """
    if is_part_of_id(request, "/related.html"):
        return await article(request, f"{article_id}/related.html")
    asked = read_query(FragmentQuery, request.query_params)
    wanted, base = related_request(asked, article_id), address_of(request).base
    try:
        tag, response, until = await tagged(
            request, lambda engine: related_list(engine, wanted), wanted, "fragment", asked.heading, base
        )
    except InputError:
        raise  # what was asked makes no sense: the status says so
    except SemsearchError as error:
        log.warning("related list as HTML: %s (request %s)", error, request.state.request_id)
        return _answer("", cache=NO_STORE)
    except Exception:
        log.exception("related list as HTML failed (request %s)", request.state.request_id)
        return _answer("", cache=NO_STORE)
    cache = related_cache(request, until)
    if response is None:
        return not_modified(tag, cache)
    missing = response.fallback is not None and response.fallback.reason == "article_missing"
    if not response.hits or (missing and "fallback" not in asked.model_fields_set):
        return _answer("", tag, cache=cache)
    html = rendered(request, "related.html", heading=asked.heading, hits=response.hits, base=base)
    return _answer(html, tag, cache=cache)


def _answer(html: str, tag: str | None = None, *, cache: str) -> Response:
    headers = {"Cache-Control": cache, "Content-Security-Policy": STRICT_POLICY}
    return HTMLResponse(
        html.encode("utf-8", "replace"), headers={**headers, **({"ETag": tag} if tag else {})}
    )
