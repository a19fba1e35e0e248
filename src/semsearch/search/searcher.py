"""Search and related lists over one index: the composition of retrieval, arrangement and showing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import numpy as np

from semsearch.articles import Duplicates, Filter, Hit
from semsearch.encoder.cross_encoder import Reranker
from semsearch.encoder.protocol import Encoder
from semsearch.index.compatibility import check_encoder
from semsearch.index.protocol import Index, LexicalQuery, Rows, Snapshot
from semsearch.index.row_sets import distinct, union, without
from semsearch.options import RankingOptions
from semsearch.query import ParsedQuery, parse_query
from semsearch.ranking import Ranked
from semsearch.ruleset import NO_RULES, RuleSet
from semsearch.search.arrange import Arranger, first_passages, group_numbers
from semsearch.search.query_vector import QueryVector
from semsearch.search.related import RelatedLists
from semsearch.search.relevance import answered
from semsearch.search.rerank import Reranking
from semsearch.search.retrieval import Found, Retrieval, rows_without
from semsearch.search.ruled import Ruling, Rulings
from semsearch.search.snippets import snippet_maker
from semsearch.search.spelling import did_you_mean
from semsearch.search.suggest import SuggestRequest, SuggestResponse, suggest
from semsearch.search.timeline import Story, story_of
from semsearch.search.types import RelatedRequest, SearchRequest, SearchResponse


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
        reranker: Reranker | None = None,
        rules: Callable[[], RuleSet] = lambda: NO_RULES,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._index = index
        self._reranker = reranker
        self._encoder = encoder
        self._options = options or RankingOptions()
        self._rulings = Rulings(rules, now)
        self._now = now
        self._encoding = ThreadPoolExecutor(1, "semsearch-encoding")  # starts its thread at first use
        self._alone = threading.Lock()

    def under(self, rules: RuleSet) -> Searcher:
        """The same searcher under other rules: for a preview."""
        return Searcher(
            self._index,
            self._encoder,
            self._options,
            reranker=self._reranker,
            rules=lambda: rules,
            now=self._now,
        )

    def search(self, request: SearchRequest) -> SearchResponse:
        """The page of hits that a request asks for, with totals and facets over all pages."""
        watch = Stopwatch()
        with self._index.snapshot() as snapshot:
            check_encoder(snapshot, self._encoder.info)
            query = parse_query(request.query)
            ruling = self._rulings.of_search(snapshot, request, query)
            with watch.stage("spell"):
                better = did_you_mean(snapshot, request.query)
            if query.words or query.phrases:
                with self._thread_beside(request) as beside:
                    vector = QueryVector(self._encoder, query.text, beside)
                    found, every, raw = self._ranked(ruling, request, query, vector, watch)
                    with watch.stage("judge"):
                        meant = parse_query(better or request.query)
                        doubted = self._is_doubted(ruling, request, meant, vector, raw)
            else:
                vector = QueryVector(self._encoder, query.text)
                found, every = self._newest(ruling, request, query)
                doubted = False
            with watch.stage("facets"):
                facets = snapshot.facets(every(), request.facets) if request.facets else {}
            with watch.stage("show"):
                page = ruling.placed(found.ranked).take(slice(request.offset, request.offset + request.limit))
                hits = self._hits(ruling, request, query, vector, page)
            return SearchResponse(
                hits=hits,
                total=found.total,
                total_is_exact=found.exact,
                nothing_relevant=not ruling.meant
                and (doubted or bool(ruling.among(found.ranked.rows).all())),
                generation=snapshot.generation,
                encoder=snapshot.encoder,
                facets=facets,
                limit=request.limit,
                offset=request.offset,
                did_you_mean=None if request.offset else better,
                nothing_asked=query.is_empty and not query.latest,
                shown_until=snapshot.shown_until,
                seconds=watch.seconds,
            )

    def suggest(self, request: SuggestRequest) -> SuggestResponse:
        """What a reader may be about to type."""
        with self._index.snapshot() as snapshot:
            return suggest(self._rulings.of_typing(snapshot), request)

    def shown(self, snapshot: Snapshot) -> Snapshot:
        """A view without what the editors hide from all related lists."""
        return self._rulings.of_lists(snapshot)

    def story(self, article_id: str) -> Story:
        """The story that an article belongs to, in the order of time; raises ArticleNotFound."""
        with self._index.snapshot() as snapshot:
            return story_of(snapshot, article_id)

    def related(self, request: RelatedRequest) -> SearchResponse:
        """Articles to read next; a missing article gives the fallback and says so."""
        lists = RelatedLists(self._index, self._encoder, self._options, rulings=self._rulings, now=self._now)
        return lists.related(request)

    @contextmanager
    def _thread_beside(self, request: SearchRequest) -> Iterator[ThreadPoolExecutor | None]:
        """A thread that encodes the query while its words are looked up, for one search at a time.

        With more the cores are busy anyway: changing places would cost some seven in a hundred.
        """
        free = request.mode == "hybrid" and self._alone.acquire(blocking=False)
        try:
            yield self._encoding if free else None
        finally:
            if free:
                self._alone.release()

    def _ranked(
        self,
        ruling: Ruling,
        request: SearchRequest,
        query: ParsedQuery,
        vector: QueryVector,
        watch: Stopwatch,
    ) -> tuple[Found, Callable[[], Rows], Found]:
        """What is shown, a function for all that matched, and what was found before age and cuts."""
        snapshot = ruling.snapshot
        retrieval = Retrieval(snapshot, vector, self._options, query, request.where)
        given = request.semantic_ratio
        ratio = self._options.semantic_ratio if given is None else given
        arranger = Arranger(snapshot, request, self._options, self._now(), latest=query.latest, ruling=ruling)
        reranking = None
        if self._reranker is not None:
            reranking = Reranking(snapshot, self._reranker, query.text, self._options.reranker_depth)
        wanted = request.offset + request.limit + len(ruling.pinned)
        depth = max(wanted, arranger.least)
        if request.sort != "relevance":  # the whole matching list is sorted, whatever page is asked for
            depth = len(retrieval.lexical_rows()) + 1 if request.mode == "lexical" else self._options.depth
        while True:
            with watch.stage("retrieve"):
                raw = retrieval.run(request.mode, ratio, depth)
            if reranking is not None and request.sort == "relevance":
                with watch.stage("rerank"):
                    raw = reranking.apply(raw)
            with watch.stage("rank"):
                found = arranger.arrange(raw)
            if len(found.ranked) >= wanted or len(raw.ranked) < depth or request.sort != "relevance":
                break
            depth *= 2  # folding copies left the page short: look deeper
        if request.mode != "lexical":
            watch.seconds["encode"] = vector.waited
            watch.seconds["retrieve"] -= vector.waited

        @cache
        def every() -> Rows:
            if counts_listed(request):
                return found.ranked.rows
            return union(raw.ranked.rows, retrieval.lexical_rows(), ruling.pinned)

        if request.collapse != "none":
            total = len(distinct(group_numbers(snapshot, every(), request.collapse)))
        else:
            total = total_with_pins(ruling, request, retrieval, raw, found)
        found = replace(found, total=total)
        return found, every, raw

    def _is_doubted(
        self, ruling: Ruling, request: SearchRequest, query: ParsedQuery, vector: QueryVector, raw: Found
    ) -> bool:
        """Whether the best hits of a hybrid search, the one that was measured, hardly answer its query."""
        if request.mode != "hybrid" or not len(raw.ranked):
            return False
        chance = answered(ruling.snapshot, query, vector.read(), request.where, raw.ranked)
        return chance < self._options.relevant_least

    def _newest(
        self, ruling: Ruling, request: SearchRequest, query: ParsedQuery
    ) -> tuple[Found, Callable[[], Rows]]:
        """An empty query: everything that passes the filter, by date, newest first.

        Of signs alone, such as an emoji, and without a filter: nothing, for they ask for something.
        """
        snapshot = ruling.snapshot
        wanted = request.offset + request.limit
        every: Rows | None = None
        if query.excluded or request.collapse != "none":
            lexical = LexicalQuery(excluded=query.excluded, quoted=query.quoted)
            every = rows_without(snapshot, lexical, request.where)
        oldest_first = request.sort == "oldest"
        total = snapshot.counts().articles if every is None else len(every)
        rows = snapshot.by_date(request.where, oldest_first=oldest_first, limit=max(wanted, total), offset=0)
        if query.is_empty and not query.latest and request.query.strip() and request.where == Filter():
            rows = rows[:0]
        if every is not None:
            rows = rows[np.isin(rows, every)]
        ones, nothing = np.ones(len(rows)), np.full(len(rows), np.nan)
        ranked = Ranked(rows, ones, nothing, nothing, np.full(len(rows), -1))
        found = Found(ranked, len(rows), len(rows), True)
        arranger = Arranger(snapshot, request, self._options, self._now(), ruling=ruling)
        return arranger.collapse(arranger.pinned(found)), lambda: rows

    def _hits(
        self, ruling: Ruling, request: SearchRequest, query: ParsedQuery, vector: QueryVector, page: Ranked
    ) -> tuple[Hit, ...]:
        snapshot = ruling.snapshot
        pinned, factors = ruling.among(page.rows), ruling.factors(page.rows)
        maker = snippet_maker(snapshot, query.text, self._options.snippet_characters)
        articles = snapshot.articles(page.rows)
        spans = snapshot.passage_spans(shown_passages(snapshot, query, vector, page))
        return tuple(
            Hit(
                article=article,
                score=round(min(float(page.scores[place]), 1.0), 4),
                rank=request.offset + place + 1,
                snippet=maker.make(article.title, article.body, spans[place]),
                duplicates=copies(snapshot, int(page.rows[place]), request.where)
                if request.collapse == "duplicate"
                else None,
                pinned=bool(pinned[place]),
                explain=explained(page, place, float(factors[place])) if request.explain else None,
            )
            for place, article in enumerate(articles)
        )


def shown_passages(snapshot: Snapshot, query: ParsedQuery, vector: QueryVector, page: Ranked) -> Rows:
    """The passage to show of each hit: where words alone found it, the one nearest in meaning."""
    unknown = page.passages < 0
    if not unknown.any() or not query.text:
        return first_passages(snapshot, page)
    passages = page.passages.copy()
    passages[unknown] = snapshot.vector_scores(vector.read(), page.rows[unknown]).passages
    return passages


def counts_listed(request: SearchRequest) -> bool:
    """Whether totals and facets are of what is listed alone, not of all that match by words too."""
    return request.mode == "semantic" or request.min_score is not None or request.sort != "relevance"


def total_with_pins(
    ruling: Ruling, request: SearchRequest, retrieval: Retrieval, raw: Found, found: Found
) -> int:
    """How many articles match or are pinned: each once."""
    if not ruling.pins:
        return found.total
    if counts_listed(request):
        return len(found.ranked)
    pins = without(ruling.pinned, raw.ranked.rows)
    return found.total + int(np.count_nonzero(~retrieval.matched(pins)))


def copies(snapshot: Snapshot, row: int, where: Filter) -> Duplicates | None:
    """The other copies of a row's text that pass the filter."""
    group = int(snapshot.duplicate_groups(np.array([row]))[0])
    members = snapshot.group_members(group, where=where)
    others = members[members != row]
    return Duplicates(len(others), tuple(snapshot.ids(others))) if len(others) else None


def explained(page: Ranked, place: int, factor: float) -> dict[str, object]:
    """How a score was made, and the factor of the rules' boosts where there is one."""
    boost = {"boost": round(factor, 4)} if factor != 1 else {}
    return page.explanation(place) | boost
