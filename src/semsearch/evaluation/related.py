"""Measuring "You May Also Like" lists against groups of articles that belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation.judgements import Groups
from semsearch.evaluation.measures import Evaluation, evaluate
from semsearch.evaluation.runs import ProgressFunction, Run

RelatedFunction = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class RelatedEvaluation:
    """Measures of related lists; the queries of ``evaluation`` are the articles asked for.

    ``with_itself`` are articles whose own list holds them; ``with_copies`` those whose list holds
    two copies of one text, or a copy of the article; ``short`` those with fewer hits than asked.
    ``copies`` counts the hits too many over all lists (0 and empty where no copies were told).
    """

    evaluation: Evaluation
    articles: int
    copies: int
    with_copies: tuple[str, ...]
    with_itself: tuple[str, ...]
    short: tuple[str, ...]


def evaluate_related(
    related: RelatedFunction,
    groups: Groups,
    *,
    k: int = 10,
    copies: Mapping[str, Hashable] | None = None,
    limit: int | None = None,
    on_progress: ProgressFunction | None = None,
) -> RelatedEvaluation:
    """Ask for the related list of every article whose group has others; those others are relevant.

    Measures are ``recall@k`` and ``nDCG@k``, ``MRR`` and ``P@k`` over the first ``k`` of each list.
    ``copies`` gives articles that hold copies of one text the same value; an article that it does
    not name has no copy. ``limit`` asks only that many articles, spread over the groups file;
    ``on_progress`` gets (done, total).
    Raises JudgementsInvalid where no group has two articles; errors of ``related`` go through.
    """
    members = _members(groups)
    qrels = {
        article: {other: 1 for other in members[group] if other != article}
        for article, group in groups.items()
        if len(members[group]) > 1
    }
    if not qrels:
        raise JudgementsInvalid(
            f"none of the {len(members)} groups has two articles; give what belongs together one group"
        )
    seeds = _spread(list(qrels), limit)
    lists: dict[str, list[str]] = {}
    for done, article in enumerate(seeds, 1):
        lists[article] = list(related(article))[:k]
        if on_progress is not None:
            on_progress(done, len(seeds))
    run = Run.from_rankings(
        {article: [(hit, 1 / rank) for rank, hit in enumerate(hits, 1)] for article, hits in lists.items()},
        name="related",
    )
    measures = (f"recall@{k}", f"nDCG@{k}", "MRR", f"P@{k}")
    extra = {article: _copies(article, hits, copies or {}) for article, hits in lists.items()}
    return RelatedEvaluation(
        evaluation=evaluate(run, {article: qrels[article] for article in seeds}, measures),
        articles=len(seeds),
        copies=sum(extra.values()),
        with_copies=tuple(article for article, count in extra.items() if count),
        with_itself=tuple(article for article, hits in lists.items() if article in hits),
        short=tuple(article for article, hits in lists.items() if len(hits) < k),
    )


def _members(groups: Groups) -> Mapping[str, list[str]]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for article, group in groups.items():
        members[group].append(article)
    return members


def _spread(ids: list[str], limit: int | None) -> list[str]:
    if limit is None or limit >= len(ids):
        return ids
    return [ids[place * len(ids) // limit] for place in range(limit)]


def _copies(article: str, hits: Sequence[str], copies: Mapping[str, Hashable]) -> int:
    """How many hits repeat the text of the article or of a hit above."""
    seen = {copies[article]} if article in copies else set()
    extra = 0
    for hit in hits:
        if hit == article or hit not in copies:
            continue
        extra += copies[hit] in seen
        seen.add(copies[hit])
    return extra
