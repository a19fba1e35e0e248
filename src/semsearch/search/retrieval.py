"""From a parsed query to one ranked list of rows: ask both retrievers, complete scores, fuse."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from semsearch.articles import Filter, Mode
from semsearch.index.protocol import Candidates, LexicalQuery, Rows, Snapshot
from semsearch.index.row_sets import union, without
from semsearch.options import RankingOptions
from semsearch.query import ParsedQuery
from semsearch.ranking import Floats, Ranked, fuse, interleave, lift, order, stretch
from semsearch.search.query_vector import QueryVector
from semsearch.search.vectors import article_vectors, by_words_alone, means_something
from semsearch.text.letters import one_spelling
from semsearch.text.words import fold, name_words

HEADLINE_WORDS = 3  # more words than this beside a quote: a headline, not a wish for a phrase
COMMON_SHARE = 0.3  # words in more than this share of all articles ("the", "said") tell nothing apart
COMMON_LEAST = 10  # but not in a corpus so small that any word is common
RARE_SHARE = 0.0005  # words in at most this share of all articles, or in
RARE_LEAST = 5  # this many, name what is wanted: a name, a number
RARE_SMALL = 0.005  # a word in more than this share is rare only if it is a name or a number: in a small
# archive most words are rare ("getting")
ANCHORS_MOST = 3  # rare words that are looked for in titles one by one, where no title holds them all
SHORT_TITLE = 6  # words of a query up to which its own title could be outdone by texts that repeat them
TITLES_MOST = 10  # articles whose titles hold all of it; of more, none is the one that is meant


NOBODY: Rows = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: ``ranked`` best first; ``total`` articles match in all.

    ``fused`` counts the places at the head whose scores are complete; those behind it follow by the
    better of their two ranks.
    """

    ranked: Ranked
    fused: int
    total: int
    exact: bool


class Retrieval:
    """One query against one snapshot; made anew for each request."""

    def __init__(
        self,
        snapshot: Snapshot,
        vector: QueryVector,
        options: RankingOptions,
        query: ParsedQuery,
        where: Filter,
    ) -> None:
        self._snapshot = snapshot
        self._vector = vector
        self._options = options
        self._where = where
        self._lexical, self._anchors = lexical_query(snapshot, query)
        self._ideal: float | None = None
        self._text, self._title = query.text, title_words(query.text)
        self._heard: bool | None = None

    def run(self, mode: Mode, ratio: float, depth: int) -> Found:
        """At least the best ``depth`` places (fewer where fewer match)."""
        if mode == "lexical":
            return self._by_words(depth)
        if mode == "semantic":
            return self._by_meaning(depth)
        return self._by_both(ratio, depth)

    def lexical_rows(self) -> Rows:
        """All rows that match by words."""
        return self._snapshot.lexical_rows(self._lexical, where=self._where)

    def by_words_alone(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which rows are ranked by words alone: the encoder cannot read the query, or not their language."""
        if self._heard is None:
            self._heard = means_something(self._snapshot, self._text, self._vector.read())
        return by_words_alone(self._snapshot, rows, meant=self._heard)

    def matched(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of some rows, that pass the filter, match by words."""
        scores = self._snapshot.lexical_scores(self._lexical, rows) if len(rows) else np.empty(0)
        return scores > 0

    def _by_words(self, depth: int) -> Found:
        found = self._words(depth)
        lexical = self._scaled_lexical(found.scores)
        nothing = np.full(len(found.rows), np.nan)
        ranked = Ranked(found.rows, lexical, nothing, lexical, found.passages)
        return Found(self._named_first(ranked), len(ranked), found.total, True)

    def _by_meaning(self, depth: int) -> Found:
        found = self._meaning(depth)
        semantic = self._scaled_semantic(found.scores)
        nothing = np.full(len(found.rows), np.nan)
        ranked = Ranked(found.rows, semantic, semantic, nothing, found.passages)
        relevant = int(np.count_nonzero(found.scores >= self._options.semantic_least))
        exact = found.exact and relevant < depth
        return Found(ranked.take(slice(0, relevant)), relevant, relevant, exact)

    def _by_both(self, ratio: float, depth: int) -> Found:
        pool_depth = self._options.depth
        reach = pool_depth + depth if depth > pool_depth else pool_depth
        words, titled = self._words(reach), self._titled()  # first: the vector may still be in the making
        meaning = self._read(_relevant(self._meaning(reach), self._options.semantic_least))
        pool = self._fused(_head(words, pool_depth), _head(meaning, pool_depth), titled, ratio)
        deep = interleave(words.rows, meaning.rows, pool.rows) if reach > pool_depth else pool.rows[:0]
        ranked = _extend(pool, deep)
        if reach == pool_depth:  # every row of meaning is in the pool, with its words' score
            total = words.total + int(np.count_nonzero(pool.lexical == 0))
        else:
            total = len(union(self.lexical_rows(), meaning.rows))
        return Found(ranked, len(pool), total, len(meaning.rows) < reach and meaning.exact)

    def _fused(self, words: Candidates, meaning: Candidates, titled: Rows, ratio: float) -> Ranked:
        rows = union(words.rows, meaning.rows, titled)
        nearness = self._snapshot.vector_scores(self._vector.read(), rows)
        unread = self.by_words_alone(rows)
        semantic = np.where(unread, 0.0, self._scaled_semantic(nearness.scores))
        lexical = self._scaled_lexical(self._complete_lexical(words, rows))
        fused = np.where(unread, lexical, fuse(semantic, lexical, ratio))
        ranked = Ranked(rows, fused, semantic, lexical, nearness.passages)
        read = np.flatnonzero(~unread)
        fed = ranked.scores.copy()
        fed[read] = self._fed_back(rows[read], ranked.scores[read])
        ranked = ranked.rescored("feedback", fed)
        lifted = lift(ranked.scores, np.isin(rows, titled), self._options.title_lift)
        return self._named_first(ranked.rescored("title", lifted).take(order(lifted, rows)))

    def _read(self, found: Candidates) -> Candidates:
        """The candidates without those that the encoder cannot read."""
        keep = np.flatnonzero(~self.by_words_alone(found.rows))
        return replace(found, rows=found.rows[keep], scores=found.scores[keep], passages=found.passages[keep])

    def _named_first(self, ranked: Ranked) -> Ranked:
        """The list with those articles first whose title is the query, word for word; their order stays."""
        if not 0 < len(self._title) <= SHORT_TITLE:
            return ranked
        named = self._snapshot.title_rows(
            replace(self._lexical, optional=()), where=self._where, most=TITLES_MOST
        )
        named = named[[title_words(one.title) == self._title for one in self._snapshot.articles(named)]]
        first = np.isin(ranked.rows, named)
        if not first.any() or not len(ranked):
            return ranked
        raised = np.where(first, np.maximum(ranked.scores, float(ranked.scores.max())), ranked.scores)
        places = np.argsort(~first, kind="stable").astype(np.int64)
        return ranked.rescored("title", raised).take(places)

    def _titled(self) -> Rows:
        """The few rows whose title holds all that is rare in the query, or else all of it."""
        if not self._options.title_lift:
            return NOBODY
        for query in self._anchors:
            rows = self._snapshot.title_rows(query, where=self._where, most=TITLES_MOST)
            if len(rows):
                return rows
        return NOBODY

    def _fed_back(self, rows: Rows, scores: Floats) -> Floats:
        """Scores raised by nearness to the best articles: what is about the same thing moves up.

        Pseudo-relevance feedback (Rocchio 1971) within the pool. Its weight is that of the best score,
        so a query that finds nothing good is not helped by what it found.
        """
        weight = self._options.feedback_weight
        if not weight or len(rows) < 2:
            return scores
        best = order(scores, rows)[: self._options.feedback_articles]
        shares = scores[best] / max(float(scores[best].sum()), 1e-9)
        means = article_vectors(self._snapshot, rows[best])
        mean = shares @ means
        centre = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
        near = np.clip(self._snapshot.vector_scores(centre, rows).scores, 0.0, 1.0)
        raised = weight * float(scores[best[0]])
        blended: Floats = (scores + raised * near) / (1.0 + raised)
        return blended

    def _complete_lexical(self, words: Candidates, rows: Rows) -> Floats:
        """BM25 of every row: known for those that words found, asked for the others."""
        scores = np.zeros(len(rows))
        scores[np.searchsorted(rows, words.rows)] = words.scores
        if words.total > len(words.rows):
            unknown = ~np.isin(rows, words.rows)
            if unknown.any():
                scores[unknown] = self._snapshot.lexical_scores(self._lexical, rows[unknown])
        return scores

    def _words(self, limit: int) -> Candidates:
        return self._snapshot.lexical_candidates(self._lexical, limit=limit, where=self._where)

    def _meaning(self, limit: int) -> Candidates:
        return self._snapshot.vector_candidates(
            self._vector.read(), limit=limit, where=self._where, within=self._allowed()
        )

    def _allowed(self) -> Rows | None:
        """The rows that hold every phrase and no excluded word; None where the query has neither."""
        query = self._lexical
        if query.phrases:
            return self._snapshot.lexical_rows(replace(query, words=()), where=self._where)
        if query.excluded:
            return rows_without(self._snapshot, query, self._where)
        return None

    def _scaled_semantic(self, scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Floats:
        return stretch(scores, self._options.semantic_floor, self._options.semantic_ceiling)

    def _scaled_lexical(self, scores: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Floats:
        if self._ideal is None:
            self._ideal = max(self._snapshot.lexical_ideal(self._lexical), 1e-9)
        return stretch(scores, 0.0, self._ideal * self._options.lexical_ceiling)


def title_words(text: str) -> list[str]:
    """The words by which a title and a query are the same: without case, accents and signs."""
    return name_words(one_spelling(text))


def lexical_query(snapshot: Snapshot, query: ParsedQuery) -> tuple[LexicalQuery, tuple[LexicalQuery, ...]]:
    """The query by words, and what of it a title must hold to be the one that is meant, best first.

    Words that stand in a large part of all articles match nothing by themselves; they still add to
    scores. A query of such words alone matches by any of them. Quotes ask for their phrase; but in a
    long query they are those of a pasted headline, and their words are words.
    """
    if query.phrases and len(query.words) > HEADLINE_WORDS:
        words = [word for phrase in query.phrases for word in phrase.split()]
        query = replace(query, words=(*query.words, *words), phrases=())
    held = dict(zip(query.words, snapshot.document_frequency(query.words), strict=True))
    articles = snapshot.counts().counted
    most = max(COMMON_SHARE * articles, COMMON_LEAST)
    common = tuple(word for word in query.words if held[word] > most)
    telling = tuple(word for word in query.words if word not in common)
    rare = tuple(
        word
        for word in telling
        if 0 < held[word] <= max(RARE_SHARE * articles, RARE_LEAST)
        and (held[word] <= RARE_SMALL * articles or _is_name(snapshot, word))
    )
    if not telling:
        telling, common = query.words, ()
    whole = LexicalQuery(telling, query.phrases, query.excluded, common, query.quoted)
    rarest = sorted(rare, key=held.__getitem__)[:ANCHORS_MOST]
    named = [telling, rare, *((word,) for word in rarest)]
    anchors = [replace(whole, words=words, optional=()) for words in dict.fromkeys(named) if words]
    return whole, tuple(anchors)


def _is_name(snapshot: Snapshot, word: str) -> bool:
    """Whether a word holds a digit, or articles mostly write it with a capital."""
    if not word.isalpha():
        return True
    same = snapshot.complete_words(word, limit=1)
    return bool(same) and fold(same[0].text) == fold(word) and not same[0].text.islower()


def rows_without(snapshot: Snapshot, query: LexicalQuery, where: Filter) -> Rows:
    """The rows that pass a filter and hold none of the excluded words and phrases."""
    plain = tuple(text for text in query.excluded if text not in query.quoted)
    hit = snapshot.lexical_rows(LexicalQuery(phrases=plain, any_phrase=True), where=where)
    for text in dict.fromkeys(query.excluded):
        if text in query.quoted:
            one = LexicalQuery(phrases=(text,), quoted=frozenset({text}))
            hit = union(hit, snapshot.lexical_rows(one, where=where))
    return without(snapshot.matching(where), hit)


def _relevant(found: Candidates, least: float) -> Candidates:
    return _head(found, int(np.count_nonzero(found.scores >= least)))


def _head(found: Candidates, count: int) -> Candidates:
    return replace(
        found, rows=found.rows[:count], scores=found.scores[:count], passages=found.passages[:count]
    )


def _extend(pool: Ranked, rows: Rows) -> Ranked:
    """The pool, then rows whose scores were not fused; they keep the pool's last score as a bound."""
    if not len(rows):
        return pool
    last = pool.scores[-1] if len(pool) else 0.0
    bound = np.full(len(rows), last)
    unknown = np.full(len(rows), np.nan)
    return pool.followed_by(Ranked(rows, bound, unknown, unknown, np.full(len(rows), -1)))
