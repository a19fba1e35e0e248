"""Between editors' rules and JSON, as ``schemas_rules`` describes it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from semsearch.errors import SemsearchError
from semsearch.rules import KeptRule, Rule, RuleChange, rule_from, rule_record, wrong
from semsearch.search.ruled import missing_ids
from semsearch.service.convert import Json, utc_text

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.search.rule_preview import RulePreview
    from semsearch.search.types import SearchResponse
    from semsearch.service.schemas_rules import RuleBody

# What answers say of a rule beside the rule itself: left out where an answer is sent back.
ANSWERED = frozenset({"state", "missing", "made_by", "made_at", "changed_by", "changed_at", "change"})
UNNAMED = "preview-of-a-rule"  # the id of a rule that is previewed before it has one


def rule_of(body: RuleBody, rule_id: str) -> Rule:
    """The rule of a body under the id of the address; raises RuleInvalid."""
    if body.id is not None and body.id != rule_id:
        raise wrong("id", f"the address says '{rule_id}'; leave it out, or give the same", body.id)
    return rule_from({**body.model_dump(), "id": rule_id})


def kept_answers(engine: Engine, kept: list[KeptRule]) -> list[Json]:
    """Rules with their state now, and what they name that is gone."""
    missing: dict[str, tuple[str, ...]] | None = None
    with contextlib.suppress(SemsearchError), engine.index.snapshot(hidden=True) as snapshot:
        missing = {one.rule.id: missing_ids(snapshot, one.rule) for one in kept}
    now = datetime.now(UTC)
    return [
        {
            **rule_record(one.rule),
            "state": one.rule.state(now),
            "missing": None if missing is None else list(missing[one.rule.id]),
            "made_by": one.made_by,
            "made_at": utc_text(one.made_at),
            "changed_by": one.changed_by,
            "changed_at": utc_text(one.changed_at),
            "change": one.change,
        }
        for one in kept
    ]


def change_record(change: RuleChange) -> Json:
    """One change of the history."""
    return {
        "change": change.change,
        "id": change.id,
        "at": utc_text(change.at),
        "by": change.by,
        "kind": change.kind,
        "before": rule_record(change.before) if change.before else None,
        "after": rule_record(change.after) if change.after else None,
    }


def preview_answer(found: RulePreview) -> Json:
    """Both lists of a preview."""
    return {
        "q": found.query,
        "article_id": found.article_id,
        "holds": found.holds,
        "before": listed(found.before, found.after),
        "after": listed(found.after, found.before),
        "total_before": found.before.total,
        "total_after": found.after.total,
        "problems": [{"id": one, "problem": problem} for one, problem in found.problems],
    }


def listed(response: SearchResponse, other: SearchResponse) -> list[Json]:
    """One list of a preview, each hit with its place in the other."""
    ranks = {hit.article.id: hit.rank for hit in other.hits}
    return [
        {
            "id": hit.article.id,
            "title": hit.article.title,
            "published_at": utc_text(hit.article.published_at),
            "section": hit.article.section,
            "rank": hit.rank,
            "score": hit.score,
            "pinned": hit.pinned,
            "was": ranks.get(hit.article.id),
        }
        for hit in response.hits
    ]
