"""Between HTTP and the coverage check: a request to a job, what was found to JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from semsearch.editorial.verdict import (
    MOST_NEW,
    POSSIBLE_NEWS,
    SAME_NEWS,
    SENTENCE_HELD,
    SHARED_HALF,
    SHARED_NEWS,
    SHORT_DRAFT,
    SMALL_ARCHIVE,
)
from semsearch.service.convert import Json, article_head, filter_of, index_note

if TYPE_CHECKING:
    from semsearch.editorial.coverage import Compared, Coverage, PassageRun
    from semsearch.editorial.draft import Draft
    from semsearch.engine import Engine
    from semsearch.service.schemas_coverage import CoverageBody

LIMITS = {
    "same_news": SAME_NEWS,
    "shared_news": SHARED_NEWS,
    "sentence_held": SENTENCE_HELD,
    "sentence_shared": SHARED_HALF,
    "most_new": MOST_NEW,
    "possible_news": POSSIBLE_NEWS,
    "small_archive": SMALL_ARCHIVE,
    "short_draft": SHORT_DRAFT,
}


def coverage_job(body: CoverageBody) -> Callable[[Engine], Coverage]:
    """The job that checks what a body brings; raises InputError unless it is exactly one draft."""
    from semsearch.service.schemas_editor import source_of

    source, where = source_of(body), filter_of(body)
    return lambda engine: engine.coverage(source, where=where, limit=body.limit)


def coverage_answer(found: Coverage, *, request_id: str, took_ms: float) -> Json:
    """The body of the answer, as ``schemas_coverage.CoverageAnswer`` describes it."""
    return {"request_id": request_id, **coverage_record(found), "took_ms": round(took_ms, 1)}


def coverage_record(found: Coverage) -> Json:
    """What was found, without how it was asked: the command line shows the same."""
    draft, signals = found.draft, found.signals
    return {
        "index": index_note(found.generation, found.encoder),
        "draft": {
            "id": draft.article.id if draft.article else None,
            "title": draft.title,
            "text": draft.text,
        },
        "verdict": found.verdict,
        "reasons": list(found.reasons),
        "signals": {
            "nearness": signals.nearness,
            "words": signals.words,
            "same_news": signals.same,
            "new": signals.new,
            "telling": signals.telling,
            "shared": signals.shared,
            "passages": signals.passages,
            "passages_run": signals.run,
            "archive": signals.archive,
            "length": signals.length,
        },
        "limits": LIMITS,
        "articles": [_compared(draft, one) for one in found.articles],
        "passages": [_passage(draft, one) for one in found.passages],
        "shared": [list(span) for span in found.shared],
        "new": [_part(draft.text, *span) for span in found.new],
        "new_words": list(found.new_words),
    }


def _compared(draft: Draft, one: Compared) -> Json:
    return {
        **article_head(one.article),
        "score": one.score,
        "words": one.words,
        "same_news": one.same_news,
        "copy": one.copy,
        "shared_words": one.shared_words,
        "pair": {
            "draft": _part(draft.text, *one.draft),
            "article": _part(one.article.body, *one.passage),
        },
        "shared": [
            {
                "start": run.start,
                "end": run.end,
                "article_start": run.other_start,
                "article_end": run.other_end,
                "words": run.words,
            }
            for run in one.shared
        ],
    }


def _passage(draft: Draft, one: PassageRun) -> Json:
    return {
        **_part(draft.text, one.start, one.end),
        "has_run": one.has_run,
        "score": one.score,
        "shared": one.shared,
        "new": one.new,
        "article_id": one.article.id if one.article else None,
    }


def _part(text: str, start: int, end: int) -> Json:
    return {"start": start, "end": end, "text": text[start:end]}
