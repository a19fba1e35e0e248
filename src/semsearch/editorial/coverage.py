"""What of a draft has run: the nearest articles, what each shares word for word, and what none shares.

Nothing here is a judgement: shares count words that stand in both texts, scores are inner products.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from semsearch.articles import Article, Filter, Passage
from semsearch.duplicates import are_copies, signature
from semsearch.editorial.shared_text import SharedRun, shared_runs, word_count
from semsearch.encoder.protocol import Encoder
from semsearch.errors import InputError
from semsearch.index.protocol import Snapshot
from semsearch.options import PassageOptions
from semsearch.passages import split_passages
from semsearch.text import replace_surrogates

MAX_TEXT = 200_000  # characters of a draft
MOST_PASSAGES = 32  # of a draft that are looked up; words are compared over the whole draft
MAX_TITLE = 1_000  # characters of its title that are read
NEAREST = 10  # articles looked at for each passage

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """An article beside the draft.

    ``draft`` and ``passage`` are the nearest pair of passages (spans in the draft's text and in the
    article's body), ``score`` their inner product; ``shared`` are the runs of words in both texts.
    """

    article: Article
    score: float
    draft: Span
    passage: Span
    shared: tuple[SharedRun, ...]
    copy: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """The nearest articles, best first; ``shared`` is the part (0 to 1) of the draft's words that they hold.

    ``unshared`` are the draft's passages of which no word stands in a run that an article shares.
    """

    articles: tuple[Compared, ...]
    shared: float
    unshared: tuple[Span, ...]


def compare(
    snapshot: Snapshot,
    encoder: Encoder,
    text: str,
    *,
    title: str = "",
    where: Filter | None = None,
    exclude_ids: Sequence[str] = (),
    limit: int = 10,
) -> Coverage:
    """Lay a draft beside the articles of the archive that are nearest to it.

    Raises InputError for a draft that is empty or too long. Runs are looked for in the nearest articles
    alone; an empty archive gives no article and nothing shared.
    """
    if not text.strip() or len(text) > MAX_TEXT:
        raise InputError(f"text has {len(text):,} characters; give a draft of 1 to {MAX_TEXT:,} characters")
    text, title = replace_surrogates(text), replace_surrogates(title[:MAX_TITLE])
    draft = Article("draft", title=title, body=text)
    options = PassageOptions(max_per_article=MOST_PASSAGES)
    passages = split_passages(
        draft, [(0, len(text))], encoder.token_spans, options, encoder.info.passage_tokens
    )
    left = {snapshot.row_of(one) for one in exclude_ids}
    view = snapshot.without(np.array(sorted(left - {-1}), np.int64))
    nearest = _nearest(view, encoder, passages, where or Filter())[:limit]
    rows = np.array([row for row, *_ in nearest], np.int64)
    signed = signature(text, title=title)
    spans = view.passage_spans(np.array([number for *_, number in nearest], np.int64))
    articles = tuple(
        Compared(
            article,
            round(score, 4),
            (passages[ordinal].start, passages[ordinal].end),
            span,
            tuple(shared_runs(text, article.body)),
            are_copies(signed, signature(article.body, title=article.title)),
        )
        for article, span, (_, score, ordinal, _) in zip(view.articles(rows), spans, nearest, strict=True)
    )
    covered = _union((run.start, run.end) for one in articles for run in one.shared)
    words = sum(word_count(text[start:end]) for start, end in covered)
    unshared = tuple(
        (one.start, one.end)
        for one in passages
        if not any(start < one.end and one.start < end for start, end in covered)
    )
    return Coverage(articles, round(words / max(word_count(text), 1), 4), unshared)


def _nearest(
    view: Snapshot, encoder: Encoder, passages: Sequence[Passage], where: Filter
) -> list[tuple[int, float, int, int]]:
    """Row, score, place of the draft's passage and number of the article's; best first, each row once."""
    best: dict[int, tuple[int, float, int, int]] = {}
    vectors = encoder.encode_passages([one.text for one in passages])
    for ordinal, vector in enumerate(vectors):
        found = view.vector_candidates(vector, limit=NEAREST, where=where)
        lists = (found.rows.tolist(), found.scores.tolist(), found.passages.tolist())
        for row, score, number in zip(*lists, strict=True):
            if row not in best or score > best[row][1]:
                best[row] = (row, score, ordinal, number)
    return sorted(best.values(), key=lambda one: (-one[1], one[0]))


def _union(spans: Iterable[Span]) -> list[Span]:
    """The same characters in spans that never overlap, in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
