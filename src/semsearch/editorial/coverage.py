"""What of a draft has run: the nearest articles, what each shares word for word, what is new, a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from semsearch.articles import Article, Filter
from semsearch.editorial.coverage_reasons import reasons_for
from semsearch.editorial.draft import MAX_TEXT, Draft, copies_of, is_read, unread_rows
from semsearch.editorial.novelty import Novelty
from semsearch.editorial.shared_text import (
    SharedRun,
    Spelled,
    joined,
    share_within,
    shared_runs,
    spell,
)
from semsearch.editorial.verdict import COMPARED, Signals, Verdict, has_run, is_same_news, verdict_of
from semsearch.encoder.protocol import EncoderInfo
from semsearch.index.protocol import LexicalQuery, Rows, Scores, Snapshot, Vectors
from semsearch.index.salient import MOST_CHARACTERS, Term, telling_terms
from semsearch.text.heads import head_of

NEAREST = 10  # articles looked at for each passage, and for the rarest words
MOST_SEARCHES = 16  # passages that are looked up; more are spread over the draft
RAREST_WORDS = 20  # words of the draft that an article's words are measured by
MAX_SHOWN = 50
# Characters of an article that are compared with the draft word for word: of the nearest as many as a draft
# may have, less of those that follow. All of nearly every article, and a bounded time for any archive.
READ_NEAREST, READ_JUDGED, READ_SHOWN = MAX_TEXT, 50_000, 10_000
NEW_WORDS = 12  # words told to stand in no article about the same news

Span = tuple[int, int]
Copy = Literal["exact", "near", "none"]


@dataclass(frozen=True, slots=True)
class Compared:
    """An article beside the draft.

    ``draft`` and ``passage`` are the nearest pair of passages (spans in the draft's text and in the
    article's body), ``score`` their inner product; ``words`` is the share of the best score that the
    draft's rarest words could give. ``shared`` are the runs of words in both texts, ``shared_words`` the
    part of the draft's words in them. ``same_news`` and ``copy`` say how the two belong together.
    """

    article: Article
    score: float
    words: float
    draft: Span
    passage: Span
    shared: tuple[SharedRun, ...]
    shared_words: float
    same_news: bool
    copy: Copy


@dataclass(frozen=True, slots=True)
class PassageRun:
    """A passage of the draft, whether it has run, and the article about the same news that is nearest to it.

    ``score`` is the inner product with that article's best passage, 0 where there is no such article;
    ``shared`` is the part of its words that stand in an article word for word, ``new`` the part that lies
    in new sentences.
    """

    start: int
    end: int
    has_run: bool
    score: float
    shared: float
    new: float
    article: Article | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The verdict with its reasons, what it goes by, the articles, and what is new.

    ``articles`` are copies first, then the nearest. ``shared`` are the spans of the draft that stand in one
    of them word for word, ``new`` those of its new sentences, and ``new_words`` names, figures and rare words
    that no article about the same news holds.
    """

    draft: Draft
    generation: str
    encoder: EncoderInfo
    verdict: Verdict
    reasons: tuple[str, ...]
    signals: Signals
    articles: tuple[Compared, ...]
    passages: tuple[PassageRun, ...]
    shared: tuple[Span, ...]
    new: tuple[Span, ...]
    new_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Near:
    """One article's passages against the draft's: ``nearness`` has its best product for each of these.

    It is 0 where the encoder cannot ``read`` both; then the shared words stand for it, too.
    """

    row: int
    nearness: Scores
    best: int
    passage: int
    words: float
    copy: bool
    read: bool = True

    @property
    def score(self) -> float:
        return float(self.nearness[self.best]) if self.read else self.words


def check_coverage(
    view: Snapshot, draft: Draft, *, where: Filter | None = None, limit: int = COMPARED
) -> Coverage:
    """Lay a draft beside the articles of the archive that are nearest to it.

    An article that is itself the draft is left out. Runs of words are looked for in the nearest articles
    alone; the verdict is the same for any ``limit``.
    """
    where = where or Filter()
    if draft.article is not None:
        where = replace(where, exclude_ids=(*where.exclude_ids, draft.article.id))
    terms = telling_terms(view, _said(view, draft))
    near = _nearest(view, draft, terms, where)[: max(limit, COMPARED)]
    spelled = spell(head_of(draft.text, MAX_TEXT))
    articles = _compared(view, draft, near, spelled)
    judged = list(zip(near, articles, strict=True))[:COMPARED]
    weighed = [pair for pair in judged if pair[1].same_news]
    shared = joined((run.start, run.end) for _, one in judged for run in one.shared)
    held = _held(view, {one.term for one in terms}, [found.article for _, found in weighed])
    novelty = Novelty(view.analyse, draft.text, spelled, terms)
    new = novelty.new_sentences(held, shared) if weighed else [(0, len(draft.text))]
    passages = tuple(_passages(draft, weighed, spelled, shared, new))
    best = max((one for one, _ in judged), key=lambda one: one.score + one.words, default=None)
    signals = Signals(
        nearness=round(best.score, 4) if best else 0.0,
        words=round(best.words, 4) if best else 0.0,
        same=len(weighed),
        new=round(novelty.part_of(new), 4) if weighed else 1.0,
        telling=round(_part(terms, held), 4),
        shared=round(share_within(spelled, shared), 4),
        passages=len(passages),
        run=sum(one.has_run for one in passages),
        archive=view.counts().articles if where == Filter() else len(view.matching(where)),
        length=len(spelled.words),
    )
    verdict = verdict_of(signals)
    unheld = [one.word for one in terms if one.term not in held] if weighed else []
    return Coverage(
        draft,
        view.generation,
        view.encoder,
        verdict,
        reasons_for(verdict, signals, articles[:COMPARED], passages, unheld),
        signals,
        tuple(articles[:limit]),
        passages,
        tuple(shared),
        tuple(new),
        tuple(unheld[:NEW_WORDS]),
    )


def _said(view: Snapshot, draft: Draft) -> str:
    """What the draft says; of an article of the archive without the site's boilerplate, which is no news."""
    if draft.article is None:
        return f"{draft.title}\n{draft.text}"
    return view.kept_texts(np.array([view.row_of(draft.article.id)], np.int64))[0]


def _nearest(view: Snapshot, draft: Draft, terms: Sequence[Term], where: Filter) -> list[_Near]:
    """Articles near by a passage, by the rarest words or as copies; copies first, then the nearest."""
    words = tuple(one.word for one in terms if one.held > 1)[:RAREST_WORDS]
    query = LexicalQuery(words=words)
    copies = _copies(view, draft, where)
    found = [np.array(sorted(copies), np.int64)]
    draft_read = is_read(view, draft)
    for place in _spread(len(draft.vectors)) if draft_read else ():
        found.append(view.vector_candidates(draft.vectors[place], limit=NEAREST, where=where).rows)
    found.append(view.lexical_candidates(query, limit=NEAREST, where=where).rows)
    rows = np.unique(np.concatenate(found))
    unread = unread_rows(view, rows) if draft_read else np.ones(len(rows), np.bool_)
    ideal = max(view.lexical_ideal(query), 1e-9) if words else 1.0
    shares = np.clip(view.lexical_scores(query, rows) / ideal, 0.0, 1.0) if words else np.zeros(len(rows))
    near = [
        one
        for row, share, silent in zip(rows.tolist(), shares.tolist(), unread.tolist(), strict=True)
        if (one := _beside(view, draft.vectors, row, words=share, copy=row in copies, read=not silent))
        is not None
    ]
    return sorted(near, key=lambda one: (not one.copy, -(one.score + one.words), one.row))


def _copies(view: Snapshot, draft: Draft, where: Filter) -> set[int]:
    """The rows of copies: found by the signature of the draft, and those that the index knows already."""
    copies = set(copies_of(view, draft, where).tolist())
    if draft.article is not None:
        row = np.array([view.row_of(draft.article.id)], np.int64)
        copies.update(view.group_members(int(view.duplicate_groups(row)[0]), where=where).tolist())
    return copies


def _beside(
    view: Snapshot, vectors: Vectors, row: int, *, words: float, copy: bool, read: bool
) -> _Near | None:
    """One article beside the draft; None where one of them has no passage."""
    passages = view.passage_vectors(row)
    if not len(passages) or not len(vectors):
        return None
    products = (vectors @ passages.T) * (1.0 if read else 0.0)
    nearness: Scores = products.max(axis=1)
    best = int(nearness.argmax())
    return _Near(row, nearness, best, int(products[best].argmax()), words, copy, read)


def _compared(view: Snapshot, draft: Draft, near: Sequence[_Near], spelled: Spelled) -> list[Compared]:
    rows: Rows = np.array([one.row for one in near], np.int64)
    numbers = view.first_passages(rows) + np.array([one.passage for one in near], np.int64)
    made = []
    beside = zip(near, view.articles(rows), view.passage_spans(numbers), strict=True)
    for place, (one, article, span) in enumerate(beside):
        read = READ_NEAREST if not place else READ_JUDGED if place < COMPARED else READ_SHOWN
        other = spell(head_of(article.body, read))
        runs = shared_runs(spelled, other)
        part = share_within(spelled, [(run.start, run.end) for run in runs])
        same = article.body == draft.text
        if len(article.body) <= read:
            same = bool(spelled.words) and spelled.words == other.words
        copy: Copy = "exact" if same else "near" if one.copy else "none"
        passage = draft.passages[one.best]
        made.append(
            Compared(
                article,
                score=round(one.score, 4),
                words=round(one.words, 4),
                draft=(passage.start, passage.end),
                passage=span,
                shared=tuple(runs),
                shared_words=round(part, 4),
                same_news=copy != "none" or is_same_news(one.score, one.words, part),
                copy=copy,
            )
        )
    return made


def _passages(
    draft: Draft,
    weighed: Sequence[tuple[_Near, Compared]],
    spelled: Spelled,
    shared: Sequence[Span],
    new: Sequence[Span],
) -> list[PassageRun]:
    """Each passage of the draft with the nearest article about the same news."""
    made = []
    for place, passage in enumerate(draft.passages):
        span = (passage.start, passage.end)
        part, newer = share_within(spelled, shared, span), share_within(spelled, new, span)
        best = max(weighed, key=lambda pair: float(pair[0].nearness[place]), default=None)
        score = float(best[0].nearness[place]) if best else 0.0
        made.append(
            PassageRun(
                *span,
                has_run(score, part, newer),
                round(score, 4),
                round(part, 4),
                round(newer, 4),
                best[1].article if best else None,
            )
        )
    return made


def _held(view: Snapshot, wanted: set[str], articles: Sequence[Article]) -> set[str]:
    """The wanted index terms that articles hold: of each the title and the beginning of the text."""
    held: set[str] = set()
    for article in articles:
        text = f"{article.title}\n{article.body}"[:MOST_CHARACTERS]
        held.update(term for term, _, _ in view.analyse(text, wanted))
    return held


def _part(terms: Sequence[Term], held: set[str]) -> float:
    """The part of the telling words, by weight, that is held."""
    whole = sum(one.weight for one in terms)
    return sum(one.weight for one in terms if one.term in held) / whole if whole else 0.0


def _spread(count: int) -> list[int]:
    """The places of at most MOST_SEARCHES passages, spread evenly over all."""
    if count <= MOST_SEARCHES:
        return list(range(count))
    return [place * count // MOST_SEARCHES for place in range(MOST_SEARCHES)]
