"""The desk's links to add: a draft with its phrases marked, the article for each; older articles below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapi.responses import Response
from markupsafe import Markup, escape

from semsearch.editorial.links import FLOOR, LIMIT
from semsearch.service.desk import Desk, DeskPage, desk_router
from semsearch.service.desk_draft import (
    Answered,
    FilledDraft,
    answered,
    draft_values,
    place_asked,
    typed_draft,
)
from semsearch.service.links_convert import href_of, link_html, links_job
from semsearch.service.schemas_links import LinksBody

if TYPE_CHECKING:
    from semsearch.articles import Article
    from semsearch.editorial.links import Link, Links
    from semsearch.engine import Engine

PATH = "/desk/links"
LIMITS = (3, 5, 10, 20)
FLOORS = ((0.4, "More, less sure"), (FLOOR, "In between"), (0.6, "Fewer, surer"))
AROUND = 120  # characters shown before and after a phrase of an older article

router = desk_router()


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form: a draft, how many links are wanted and how sure they must be."""

    draft: FilledDraft
    limit: int = LIMIT
    floor: float = FLOOR


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
    """The form; with ``id`` the links of an article of the archive."""
    place = place_asked(desk)
    filled = Filled(FilledDraft(place=place))
    return await _found(desk, filled) if place else _page(desk, filled, Answered())


@router.post(PATH)
async def find(desk: Desk) -> Response:
    """Links of the draft in the form; what is wrong is told above the form, which stays filled."""
    sent = await desk.form()
    limits = {str(one): one for one in LIMITS}
    floors = {str(one): one for one, _ in FLOORS}
    filled = Filled(
        typed_draft(sent),
        limits.get(sent.get("limit"), LIMIT),
        floors.get(sent.get("floor"), FLOOR),
    )
    return await _found(desk, filled)


async def _found(desk: DeskPage, filled: Filled) -> Response:
    knobs = {"limit": filled.limit, "min_confidence": filled.floor}

    def job_of() -> Callable[[Engine], Links]:
        return links_job(LinksBody.model_validate({**draft_values(filled.draft), **knobs}))

    return _page(desk, filled, await answered(desk, job_of))


def _page(desk: DeskPage, filled: Filled, answer: Answered[Links]) -> Response:
    found = answer.found
    return desk.render(
        "desk_links.html",
        answer.status,
        filled=filled,
        found=found,
        words=answer.words,
        limits=LIMITS,
        floors=FLOORS,
        paragraphs=list(paragraphs(found)) if found else [],
        links=[_shown(number, one, one.article) for number, one in enumerate(found.links, 1)]
        if found
        else [],
        older=[_around(one, found.draft.article) for one in found.older] if found else [],
    )


def paragraphs(found: Links) -> Iterator[Markup]:
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
        yield Markup("").join([*pieces, escape(text[at:end])])
        begin = end + 2


def _mark(number: int, phrase: str) -> Markup:
    words = '<a class="spot" id="phrase-{}" href="#link-{}"><mark>{}</mark><sup>{}</sup></a>'
    return Markup(words).format(number, number, phrase, number)


def _shown(number: int, link: Link, leads_to: Article | None) -> Shown:
    return Shown(number, link, link_html(link.phrase, href_of(leads_to)) if leads_to else None)


def _around(link: Link, draft: Article | None) -> Shown:
    """With the words around the phrase, cut between words, within its paragraph."""
    body = link.article.body
    before = body[: link.start].rpartition("\n\n")[2]
    after = body[link.end :].partition("\n\n")[0]
    if len(before) > AROUND:
        before = "…" + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + "…"
    return replace(_shown(0, link, draft), before=before, after=after)
