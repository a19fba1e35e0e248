"""What a rule would change, before it is kept: both lists, and why one of its articles is not shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from semsearch.articles import Mode
from semsearch.errors import QueryInvalid
from semsearch.index.protocol import Index, Snapshot
from semsearch.rules import Rule
from semsearch.ruleset import RuleSet
from semsearch.search.ruled import rows_of
from semsearch.search.searcher import Searcher
from semsearch.search.types import RelatedRequest, SearchRequest, SearchResponse


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The list as it is and as the rule would make it, as if it were in force already.

    ``query`` or ``article_id`` is what was asked. ``holds`` says whether the rule holds for it at all;
    ``problems`` name articles of the rule that it cannot show, each with the reason.
    """

    query: str | None
    article_id: str | None
    before: SearchResponse
    after: SearchResponse
    holds: bool
    problems: tuple[tuple[str, str], ...]


def preview(
    searcher: Searcher,
    index: Index,
    rules: RuleSet,
    rule: Rule,
    *,
    query: str | None = None,
    article_id: str | None = None,
    limit: int = 10,
    mode: Mode = "hybrid",
    now: float,
) -> RulePreview:
    """Ask for one list twice; what is asked is the rule's own query or article where neither is given.

    Raises QueryInvalid where the rule has none either.
    """
    if query is None and article_id is None:
        query, article_id = rule.query, rule.under
    if (query is None) == (article_id is None):
        raise QueryInvalid("give q or article_id, one of them: the list in which to see what the rule does")
    rule = replace(rule, starts_at=None, expires_at=None, enabled=True)
    changed = rules.with_rule(rule)
    if query is not None:
        asked = SearchRequest(query=query, limit=limit, mode=mode)
        before, after = (searcher.under(one).search(asked) for one in (rules, changed))
        held = (*changed.asked(query, now), *changed.standing("search", now))
    else:
        list_asked = RelatedRequest(article_id=article_id, limit=limit)
        before, after = (searcher.under(one).related(list_asked) for one in (rules, changed))
        held = (*changed.under(article_id, now), *changed.standing("related", now))
    shown = {hit.article.id for hit in after.hits}
    with index.snapshot() as snapshot, index.snapshot(hidden=True) as whole:
        problems = tuple(
            (one, problem)
            for one in rule.articles
            if one not in shown and (problem := problem_of(snapshot, whole, rule, one, held))
        )
    return RulePreview(query, article_id, before, after, rule in held, problems)


def problem_of(
    snapshot: Snapshot, whole: Snapshot, rule: Rule, article_id: str, held: tuple[Rule, ...]
) -> str | None:
    """Why a rule cannot do to an article, which is not shown, what it is for; None where nothing is wrong.

    ``whole`` is a snapshot with what readers may not see.
    """
    row = snapshot.row_of(article_id)
    if row < 0 <= whole.row_of(article_id):
        return "readers cannot see it now: it is scheduled, has expired or is not published"
    if row < 0:
        return "the index has no such article (any more)"
    if rule.action != "pin" or rule not in held:
        return None
    for other in held:
        if other.action == "hide" and row in rows_of(snapshot, other):
            return f"it is hidden by the rule '{other.id}'"
    return "its place is behind what is shown here, or it is the article itself or a copy of another"
