"""The desk's coverage check: a draft beside the archive, what has run of it and what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import Response

from semsearch.editorial.verdict import COMPARED, VERDICT_WORDS
from semsearch.service.coverage_convert import LIMITS, coverage_job
from semsearch.service.desk import Desk, DeskPage, desk_router
from semsearch.service.desk_draft import (
    Answered,
    FilledDraft,
    answered,
    draft_values,
    place_asked,
    typed_draft,
)
from semsearch.service.schemas_coverage import CoverageBody

if TYPE_CHECKING:
    from semsearch.editorial.coverage import Compared, Coverage
    from semsearch.engine import Engine

PATH = "/desk/coverage"
SHOWN = 8
OPEN = 4  # articles about the same news whose passages stand open side by side
MORE_RUNS = 5  # further runs of words that are quoted of an article

Span = tuple[int, int]

router = desk_router()


@dataclass(frozen=True, slots=True)
class Side:
    """A passage and the spans of it that the other side has, too."""

    text: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """An article beside the draft; ``more`` quotes what both have word for word elsewhere, longest first.

    ``left`` counts what is not quoted; ``open`` says that the passages are shown at once.
    """

    compared: Compared
    draft: Side
    article: Side
    more: tuple[str, ...]
    left: int
    open: bool


@router.get(PATH)
async def coverage(desk: Desk) -> Response:
    """The form; with ``id`` what of an article of the archive has run elsewhere."""
    place = place_asked(desk)
    return await _checked(desk, FilledDraft(place=place)) if place else _page(desk, FilledDraft(), Answered())


@router.post(PATH)
async def check(desk: Desk) -> Response:
    """Check the draft in the form; what is wrong is told above the form, which stays filled."""
    return await _checked(desk, typed_draft(await desk.form()))


async def _checked(desk: DeskPage, filled: FilledDraft) -> Response:
    def job_of() -> Callable[[Engine], Coverage]:
        return coverage_job(CoverageBody.model_validate({**draft_values(filled), "limit": SHOWN}))

    return _page(desk, filled, await answered(desk, job_of))


def _page(desk: DeskPage, filled: FilledDraft, answer: Answered[Coverage]) -> Response:
    found = answer.found
    return desk.render(
        "desk_coverage.html",
        answer.status,
        filled=filled,
        found=found,
        words=answer.words,
        limits=LIMITS,
        verdicts=VERDICT_WORDS,
        compared=COMPARED,
        beside=[beside(found, place) for place in range(len(found.articles))] if found else [],
        new=new_parts(found) if found else [],
    )


def beside(found: Coverage, place: int) -> Beside:
    """The article at a place: its nearest passage beside that of the draft, what both share marked."""
    one = found.articles[place]
    text, body = found.draft.text, one.article.body
    mine = [(run.start, run.end) for run in one.shared]
    theirs = [(run.other_start, run.other_end) for run in one.shared]
    outside = [run for run in one.shared if not _inside((run.start, run.end), one.draft)]
    longest = sorted(outside, key=lambda run: (-run.words, run.start))[:MORE_RUNS]
    return Beside(
        one,
        side(text, one.draft, mine),
        side(body, one.passage, theirs),
        tuple(text[run.start : run.end] for run in longest),
        len(outside) - len(longest),
        place == 0 or (one.same_news and place < OPEN),
    )


def side(text: str, span: Span, marks: Iterable[Span]) -> Side:
    """A span of a text with the marks that lie in it, cut to it."""
    start, end = span
    cut = [(max(begin, start) - start, min(stop, end) - start) for begin, stop in marks]
    return Side(text[start:end], tuple((begin, stop) for begin, stop in cut if begin < stop))


def new_parts(found: Coverage) -> list[str]:
    """The new sentences of the draft, those that follow each other in one text."""
    text = found.draft.text
    parts: list[Span] = []
    for start, end in found.new:
        if parts and not text[parts[-1][1] : start].strip():
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return [text[start:end] for start, end in parts]


def _inside(one: Span, other: Span) -> bool:
    """Whether two spans have a character in common."""
    return one[0] < other[1] and other[0] < one[1]
