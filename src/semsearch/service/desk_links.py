"""The desk's links to add: a draft with its phrases marked, the article for each; older articles below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import Response
from markupsafe import Markup, escape
from pydantic import ValidationError

from semsearch.editorial.links import FLOOR, LIMIT
from semsearch.errors import InputError, NotFound
from semsearch.service.desk import Desk, DeskPage, desk_router, words_of
from semsearch.service.links_convert import href_of, link_html, links_job
from semsearch.service.reading import in_query
from semsearch.service.schemas_links import LinksBody

if TYPE_CHECKING:
    from semsearch.articles import Article
    from semsearch.editorial.links import Link, Links

PATH = "/desk/links"
LIMITS = (3, 5, 10, 20)
FLOORS = ((0.4, "More, less sure"), (FLOOR, "As measured"), (0.6, "Fewer, surer"))
LABELS = {"text": "Text", "title": "Headline", "id": "Article", "url": "Article", "limit": "Links at most"}
AROUND = 120  # characters shown before and after a phrase of an older article

router = desk_router()


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form: a draft, or the id or address of an ``article``."""

    title: str = ""
    text: str = ""
    article: str = ""
    limit: int = LIMIT
    floor: float = FLOOR


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the draft; ``marked`` has its phrases as links to their suggestions."""

    marked: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A suggestion ready to show: ``html`` is to be copied; ``before`` and ``after`` surround the phrase."""

    number: int
    link: Link
    html: str | None
    before: str = ""
    after: str = ""


@router.get(PATH)
async def form(desk: Desk) -> Response:
    """The form, and with ``article`` in the address the links of that article of the archive."""
    filled = Filled(article=desk.request.query_params.get("article", "").strip())
    return await _page(desk, filled) if filled.article else _render(desk, filled)


@router.post(PATH)
async def find(desk: Desk) -> Response:
    """Links of what is in the form; what is wrong is told above it, and it stays filled."""
    sent = await desk.form()
    limits = {str(one): one for one in LIMITS}
    floors = {str(one): one for one, _ in FLOORS}
    filled = Filled(
        title=sent.get("title"),
        text=sent.get("text"),
        article=sent.get("article"),
        limit=limits.get(sent.get("limit"), LIMIT),
        floor=floors.get(sent.get("floor"), FLOOR),
    )
    return await _page(desk, filled)


async def _page(desk: DeskPage, filled: Filled) -> Response:
    try:
        found = await desk.call(links_job(_asked(filled)))
    except ValidationError as error:
        return _render(desk, filled, 422, words=words_of(in_query(error), LABELS))
    except InputError as error:
        return _render(desk, filled, 422, words=[str(error)])
    except NotFound as error:
        return _render(desk, filled, 404, words=[str(error)])
    return _render(desk, filled, found=found)


def _asked(filled: Filled) -> LinksBody:
    """What was typed as ``LinksBody`` wants it; raises InputError for both or none."""
    if bool(filled.text) == bool(filled.article):
        problem = "Both a text and an article are given" if filled.text else "Nothing is given"
        raise InputError(f"{problem}: paste the text of a draft, or name an article of the archive.")
    named = "url" if "://" in filled.article else "id"
    draft = {"text": filled.text, "title": filled.title} if filled.text else {named: filled.article}
    return LinksBody.model_validate({**draft, "limit": filled.limit, "min_confidence": filled.floor})


def _render(
    desk: DeskPage,
    filled: Filled,
    status: int = 200,
    *,
    found: Links | None = None,
    words: Sequence[str] = (),
) -> Response:
    return desk.render(
        "desk_links.html",
        status,
        filled=filled,
        found=found,
        words=words,
        limits=LIMITS,
        floors=FLOORS,
        paragraphs=list(paragraphs(found)) if found else [],
        links=[_shown(number, one, one.article) for number, one in enumerate(found.links, 1)]
        if found
        else [],
        older=[_around(number, one, found.draft.article) for number, one in enumerate(found.older, 1)]
        if found
        else [],
    )


def paragraphs(found: Links) -> Iterator[Paragraph]:
    """The paragraphs of the draft, each phrase a link to the suggestion of its number."""
    text = found.draft.text
    begin = 0
    for part in text.split("\n\n"):
        end = begin + len(part)
        pieces: list[Markup] = []
        at = begin
        for number, one in enumerate(found.links, 1):
            if begin <= one.start and one.end <= end:
                pieces += [escape(text[at : one.start]), _mark(number, one.phrase)]
                at = one.end
        yield Paragraph(Markup("").join([*pieces, escape(text[at:end])]))
        begin = end + 2


def _mark(number: int, phrase: str) -> Markup:
    words = '<a class="spot" id="phrase-{}" href="#link-{}"><mark>{}</mark><sup>{}</sup></a>'
    return Markup(words).format(number, number, phrase, number)


def _shown(number: int, link: Link, leads_to: Article | None) -> Shown:
    return Shown(number, link, link_html(link.phrase, href_of(leads_to)) if leads_to else None)


def _around(number: int, link: Link, draft: Article | None) -> Shown:
    """With the words around the phrase, cut between words, within its paragraph."""
    body = link.article.body
    before = body[: link.start].rpartition("\n\n")[2]
    after = body[link.end :].partition("\n\n")[0]
    if len(before) > AROUND:
        before = "…" + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + "…"
    shown = _shown(number, link, draft)
    return Shown(number, link, shown.html, before, after)
