"""Search and related lists over one index: the composition of retrieval, ranking and showing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from semsearch.articles import Duplicates, Filter, Hit
from semsearch.encoder.protocol import Encoder
from semsearch.errors import EncoderMismatch
from semsearch.index.protocol import Index, LexicalQuery, Rows, Snapshot
from semsearch.options import RankingOptions
from semsearch.query import ParsedQuery, parse_query
from semsearch.ranking import Floats, Ranked, diversify, first_of_each, order, with_recency
from semsearch.search.related import RelatedLists
from semsearch.search.retrieval import Found, Retrieval, rows_without
from semsearch.search.snippets import SnippetMaker
from semsearch.search.types import RelatedRequest, SearchRequest, SearchResponse

SECONDS_A_DAY = 86_400.0
DIVERSITY_DEPTH = 100  # places at the head that diversity may reorder


class Stopwatch:
    """Seconds spent in each named stage of one request."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


class Searcher:
    """Answers searches and related lists; safe for many threads; writes nothing.

    Raises EncoderMismatch when the index holds vectors of another encoder.
    """

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        options: RankingOptions | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._options = options or RankingOptions()
        self._now = now

    def search(self, request: SearchRequest) -> SearchResponse:
        """The page of hits that a request asks for, with totals and facets over all pages."""
        watch = Stopwatch()
        with self._index.snapshot() as snapshot:
            check_encoder(snapshot, self._encoder)
            query = parse_query(request.query)
            if query.words or query.phrases:
                found, rows = self._ranked(snapshot, request, query, watch)
            else:
                found, rows = self._newest(snapshot, request, query)
            with watch.stage("facets"):
                facets = snapshot.facets(rows(), request.facets) if request.facets else {}
            with watch.stage("show"):
                page = found.ranked.take(slice(request.offset, request.offset + request.limit))
                hits = self._hits(snapshot, request, query, page)
            return SearchResponse(
                hits=hits,
                total=found.total,
                total_is_exact=found.exact,
                generation=snapshot.generation,
                encoder=snapshot.encoder,
                facets=facets,
                limit=request.limit,
                offset=request.offset,
                seconds=watch.seconds,
            )

    def related(self, request: RelatedRequest) -> SearchResponse:
        """Articles to read next; a missing article gives the fallback and says so."""
        return RelatedLists(self._index, self._encoder, self._options, now=self._now).related(request)

    def _ranked(
        self, snapshot: Snapshot, request: SearchRequest, query: ParsedQuery, watch: Stopwatch
    ) -> tuple[Found, Callable[[], Rows]]:
        retrieval = Retrieval(snapshot, self._encoder, self._options, query, request.where)
        if request.mode != "lexical":
            with watch.stage("encode"):
                _ = retrieval.vector
        depth = request.offset + request.limit
        with watch.stage("retrieve"):
            found = retrieval.run(request.mode, self._ratio(request), depth)
        with watch.stage("rank"):
            found = self._cut(request, found)
            found = self._aged(snapshot, request, found)
            found = self._collapsed(snapshot, request, found)
            found = self._spread(snapshot, request, found)
            found = self._dated(snapshot, request, found)

        def rows() -> Rows:
            if request.mode == "semantic" or request.min_score is not None:
                return found.ranked.rows
            return np.union1d(found.ranked.rows, retrieval.lexical_rows())

        return found, rows

    def _ratio(self, request: SearchRequest) -> float:
        given = request.semantic_ratio
        return self._options.semantic_ratio if given is None else given

    def _newest(
        self, snapshot: Snapshot, request: SearchRequest, query: ParsedQuery
    ) -> tuple[Found, Callable[[], Rows]]:
        """An empty query: everything that passes the filter, newest first."""
        every = snapshot.matching(request.where)
        if query.excluded:
            every = rows_without(snapshot, LexicalQuery(excluded=query.excluded), request.where)
        rows = by_date(snapshot, every, oldest_first=request.sort == "oldest")
        ones = np.ones(len(rows))
        ranked = Ranked(rows, ones, ones * np.nan, ones * np.nan, np.full(len(rows), -1))
        found = self._collapsed(snapshot, request, Found(ranked, len(rows), len(rows), True))
        return found, lambda: every

    def _cut(self, request: SearchRequest, found: Found) -> Found:
        if request.min_score is None:
            return found
        kept = int(np.count_nonzero(found.ranked.scores[: found.fused] >= request.min_score))
        return Found(found.ranked.take(slice(0, kept)), kept, kept, kept < found.fused or found.exact)

    def _aged(self, snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
        weight = request.recency_weight
        if weight is None:  # a half-life alone asks for recency, at half its weight
            weight = self._options.recency_weight if request.recency_half_life is None else 0.5
        if not weight or not len(found.ranked):
            return found
        half_life = request.recency_half_life or self._options.recency_half_life
        head = found.ranked.take(slice(0, found.fused))
        age = (self._now() - snapshot.published(head.rows)) / SECONDS_A_DAY
        scores = with_recency(head.scores, age, half_life=half_life, weight=weight)
        aged = replace(head, scores=scores).take(order(scores, head.rows))
        return replace(found, ranked=joined(aged, found.ranked.take(slice(found.fused, None))))

    def _collapsed(self, snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
        if request.collapse == "none" or not len(found.ranked):
            return found
        groups = group_numbers(snapshot, found.ranked.rows, request.collapse)
        places = first_of_each(groups)
        dropped = len(found.ranked) - len(places)
        fused = int(np.count_nonzero(places < found.fused))
        return Found(found.ranked.take(places), fused, found.total - dropped, found.exact)

    def _spread(self, snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
        """Diversity reorders the head of the list; what is behind it stays."""
        head = min(found.fused, DIVERSITY_DEPTH)
        if not request.diversity or head < 2:
            return found
        first = found.ranked.take(slice(0, head))
        similarity = np.clip(nearness(snapshot, first.rows), 0.0, 1.0)
        spread = first.take(diversify(first.scores, similarity, request.diversity, head))
        return replace(found, ranked=joined(spread, found.ranked.take(slice(head, None))))

    def _dated(self, snapshot: Snapshot, request: SearchRequest, found: Found) -> Found:
        if request.sort == "relevance" or not len(found.ranked):
            return found
        published = snapshot.published(found.ranked.rows)
        places = date_order(published, found.ranked.rows, oldest_first=request.sort == "oldest")
        return replace(found, ranked=found.ranked.take(places))

    def _hits(
        self, snapshot: Snapshot, request: SearchRequest, query: ParsedQuery, page: Ranked
    ) -> tuple[Hit, ...]:
        maker = snippet_maker(snapshot, query, self._options.snippet_characters)
        articles = snapshot.articles(page.rows)
        passages = self._passages(snapshot, query, page)
        spans = snapshot.passage_spans(passages)
        hits = []
        for place, article in enumerate(articles):
            row = int(page.rows[place])
            hits.append(
                Hit(
                    article=article,
                    score=round(float(page.scores[place]), 4),
                    rank=request.offset + place + 1,
                    snippet=maker.make(article.title, article.body, spans[place]),
                    duplicates=copies(snapshot, row, request.where) if request.collapse != "none" else None,
                    explain=_explain(page, place) if request.explain else None,
                )
            )
        return tuple(hits)

    def _passages(self, snapshot: Snapshot, query: ParsedQuery, page: Ranked) -> Rows:
        """The passage to show of each hit: where words alone found it, the one nearest in meaning."""
        unknown = page.passages < 0
        if not unknown.any() or not query.text:
            return page.passages
        nearest = snapshot.vector_scores(self._encoder.encode_queries([query.text])[0], page.rows[unknown])
        passages = page.passages.copy()
        passages[unknown] = nearest.passages
        return passages


def check_encoder(snapshot: Snapshot, encoder: Encoder) -> None:
    """Raise EncoderMismatch unless the index was built with this encoder."""
    if snapshot.encoder.fingerprint != encoder.info.fingerprint:
        raise EncoderMismatch(
            f"generation {snapshot.generation} holds vectors of '{snapshot.encoder.name}' "
            f"({snapshot.encoder.fingerprint[:12]}), the encoder in use is '{encoder.info.name}' "
            f"({encoder.info.fingerprint[:12]}); set [encoder] as it was, or rebuild: semsearch index build"
        )


def snippet_maker(snapshot: Snapshot, query: ParsedQuery, characters: int) -> SnippetMaker:
    """A maker that marks the query's words, each weighted by its rarity (inverse document frequency)."""
    terms = list(dict.fromkeys(term for term, _, _ in snapshot.analyse(query.text)))
    frequencies = snapshot.document_frequency(terms)
    articles = max(snapshot.counts().articles, 1)
    weights = {
        term: math.log1p(articles / (frequency + 0.5)) for term, frequency in zip(terms, frequencies, strict=True)
    }
    return SnippetMaker(snapshot.analyse, weights, characters)


def by_date(snapshot: Snapshot, rows: Rows, *, oldest_first: bool = False) -> Rows:
    """Rows by publication date; undated last, ties by row."""
    return rows[date_order(snapshot.published(rows), rows, oldest_first=oldest_first)]


def date_order(published: Floats, rows: Rows, *, oldest_first: bool) -> Rows:
    """Places by date; undated last either way, ties by row."""
    undated = np.isnan(published)
    key = np.where(undated, 0.0, published if oldest_first else -published)
    return np.lexsort((rows, key, undated)).astype(np.int64)


def group_numbers(snapshot: Snapshot, rows: Rows, collapse: str) -> Rows:
    """A number a row, equal where rows fold into one; rows without a story stay alone."""
    if collapse == "duplicate":
        return snapshot.duplicate_groups(rows)
    stories = snapshot.stories(rows)
    return np.where(stories >= 0, stories, -1 - rows)


def copies(snapshot: Snapshot, row: int, where: Filter) -> Duplicates | None:
    """The other copies of a row's text that pass the filter."""
    group = int(snapshot.duplicate_groups(np.array([row]))[0])
    members = snapshot.group_members(group, where=where)
    others = members[members != row]
    return Duplicates(len(others), tuple(snapshot.ids(others))) if len(others) else None


def nearness(snapshot: Snapshot, rows: Rows) -> Floats:
    """Inner products of articles, each taken as the mean of its passages' vectors (unit length)."""
    means = np.stack([snapshot.passage_vectors(int(row)).mean(axis=0) for row in rows]).astype(np.float64)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    product: Floats = means @ means.T
    return product


def joined(first: Ranked, second: Ranked) -> Ranked:
    """One list after the other."""
    return Ranked(
        np.concatenate([first.rows, second.rows]),
        np.concatenate([first.scores, second.scores]),
        np.concatenate([first.semantic, second.semantic]),
        np.concatenate([first.lexical, second.lexical]),
        np.concatenate([first.passages, second.passages]),
    )


def _explain(page: Ranked, place: int) -> dict[str, object]:
    def shown(value: float) -> float | None:
        return None if math.isnan(value) else round(float(value), 4)

    return {
        "semantic": shown(page.semantic[place]),
        "lexical": shown(page.lexical[place]),
        "score": shown(page.scores[place]),
    }
