"""Takes the steps of a source in: first into the index, then into what is known of the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.source_state import Item, SourceState
from semsearch.index.store_schema import digest_of
from semsearch.indexing.changes import Changes
from semsearch.indexing.folding import Folding
from semsearch.sources.protocol import Rejected
from semsearch.sources.remote.protocol import Got, Reached, Same, Step
from semsearch.sources.report import Report

BATCH = 256  # articles between two writes, where the source itself does not say sooner


@dataclass(slots=True)
class Tally:
    """What became of the articles of one run."""

    outcomes: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    seen: int = 0
    kept: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Count one change of the index."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


class Taking:
    """Collects articles, and writes them to the index first and to the state of the source second."""

    def __init__(
        self,
        index: EmbeddedIndex,
        changes: Changes,
        state: SourceState,
        *,
        others: Sequence[SourceState],
        report: Report,
        tally: Tally,
        folding: Folding,
    ) -> None:
        self._index = index
        self._changes = changes
        self._state = state
        self._others = others
        self.report = report
        self.tally = tally
        self._folding = folding
        self._waiting: list[Got] = []
        self._stamps: dict[str, str] = {}

    def take(self, step: Step) -> None:
        """Take one step."""
        if isinstance(step, Got):
            self._waiting.append(step)
            if len(self._waiting) >= BATCH:
                self.flush(None)
        elif isinstance(step, Same):
            self.tally.unchanged += 1
            if step.stamp:
                self._stamps[step.key] = step.stamp
        elif isinstance(step, Reached):
            self.flush(step)

    def flush(self, reached: Reached | None) -> None:
        """Make all that was taken durable, then move the cursor."""
        folded = self._folding.fold([(step, step.article) for step in self._waiting])
        self._waiting = []
        taken = [self._checked(replace(step, article=article)) for step, article in folded.taken]
        latest = {article.id: article for _, article in taken if article is not None}
        if latest:
            self._state.claim([(step.key, article.id) for step, article in taken if article is not None])
        for changed in self._changes.put(latest.values()) if latest else ():
            self.tally.count(changed.outcome)
        for changed in self._changes.put(folded.renewed) if folded.renewed else ():
            self.tally.count(changed.outcome)
        if folded.gone:
            self._index.delete(folded.gone)
        digests = self._digests(latest)
        items = [self._item(step, article, digests) for step, article in taken]
        self._drop_former(items)
        if items or reached or self._stamps:
            cursor = reached.cursor if reached else None
            self._state.store(items, stamps=self._stamps, cursor=cursor)
        self._stamps = {}

    def _digests(self, article_ids: Iterable[str]) -> dict[str, bytes]:
        """Of the articles as the index holds them, which may know more than the source (their language)."""
        with self._index.snapshot(hidden=True) as view:
            rows = [row for one in article_ids if (row := view.row_of(one)) >= 0]
            return {one.id: digest_of(one) for one in view.articles(np.array(rows, np.int64))}

    def _item(self, step: Got, article: Article | None, digests: Mapping[str, bytes]) -> Item:
        if article is not None:
            return Item(step.key, article.id, step.stamp, digests.get(article.id, b""))
        if step.is_none:
            return Item(step.key, "", step.stamp)
        held = self._state.item(step.key)  # a version that cannot be taken leaves the one before
        return replace(held, stamp=step.stamp) if held else Item(step.key, "", step.stamp)

    def _drop_former(self, items: Sequence[Item]) -> None:
        """Delete what keys gave before under another id, unless another key gives it too."""
        now = {item.article_id for item in items}
        former = {
            held.article_id
            for item in items
            if (held := self._state.item(item.key))
            and held.article_id not in {"", *now}
            and not self._state.owns(held.article_id, beside=item.key)
        }
        if former:
            self._index.delete(sorted(former))

    def _checked(self, step: Got) -> tuple[Got, Article | None]:
        """The step and its article, None where another source gave an article of this id."""
        article = step.article
        if article is not None and any(other.owns(article.id) for other in self._others):
            error = ArticleInvalid(
                "another source gives an article of this id",
                place=article.url or step.key, field="id", value=article.id,
                hint='set id_prefix = "…" in the settings of one of the two sources',
            )  # fmt: skip
            self.report.reject(Rejected(error.place, error, ""))
            return step, None
        if article is not None:
            self.report.take()
        return step, article
