"""Related lists: what to read after an article, a text or several articles."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, Fallback, Filter, Hit, Snippet, Window
from semsearch.encoder.languages import languages_read, reads
from semsearch.encoder.protocol import Encoder
from semsearch.index.protocol import Index, Rows, Snapshot
from semsearch.index.row_sets import union
from semsearch.options import RankingOptions
from semsearch.ranking import (
    Floats,
    Ranked,
    diversify,
    first_of_each,
    fuse,
    moved,
    order,
    stretch,
    with_recency,
)
from semsearch.search.arrange import SECONDS_A_DAY, likeness, newest_moment
from semsearch.search.reasons import Reasons
from semsearch.search.ruled import Ruling, Rulings
from semsearch.search.seeds import Seed, seed_of_rows, seed_of_text
from semsearch.search.types import FallbackNote, RelatedRequest, SearchResponse
from semsearch.search.vectors import unread_rows
from semsearch.text import base_code, same_page_key
from semsearch.text.languages import detect_language

ALIKE = 0.5  # articles less alike than this (inner product) do not take novelty from each other
FRESH_DAYS = 3.0  # an article is fresh for so long
MIXED_LEAST = 3  # places before the one that another section may take
MIXED_DEPTH = 4  # lists deep that it is looked for
MIXED_SHARE = 0.75  # of the score of the article that gives its place
LATEST_DAYS = 30  # "latest" looks this far back from the newest article
OWN = "own"  # as a language: that of the article whose list it is
TRANSLATIONS_READ = 50  # articles in other languages at the head of a list that are looked at
WORDS_LEAST = 0.25  # of the best score by words: what is near by words alone
_SAME_ADDRESS = 4  # articles that may have one address by mistake; more have that of a list
NEAR_WITH_WORDS = 0.85  # of the least nearness is enough for an article that has these words, too
PICKED = "Picked by the editors"
EMPTY: Rows = np.empty(0, np.int64)
NOTHING = Ranked(EMPTY, np.empty(0), np.empty(0), np.empty(0), EMPTY)


class RelatedLists:
    """Makes related lists over one index; never the article itself, never two copies of one text."""

    def __init__(
        self,
        index: Index,
        encoder: Encoder,
        options: RankingOptions,
        *,
        rulings: Rulings,
        now: Callable[[], float],
    ) -> None:
        self._index = index
        self._rulings = rulings
        self._encoder = encoder
        self._options = options
        least = [options.related_least, NEAR_WITH_WORDS * options.related_least]
        near, with_words = stretch(least, options.semantic_floor, options.semantic_ceiling)
        self._near, self._near_with_words = float(near), float(with_words)
        self._now = now

    def related(self, request: RelatedRequest) -> SearchResponse:
        """The list for a request; filled by the fallback where too little is related."""
        with self._index.snapshot() as whole:
            ruling = self._rulings.of_related(whole, request)
            snapshot = ruling.snapshot
            seed = self._seed(snapshot, request)
            request = _in_own_language(snapshot, request, seed)
            ruling = self._allowed(ruling, request, seed)
            ranked = self._list(ruling, request, seed) if seed else ruling.first(NOTHING)
            own = len(ruling.pins)
            head = ranked.take(slice(0, own + request.limit + _SAME_ADDRESS))
            page = _page_of(request, seed)
            hits = _elsewhere(self._hits(snapshot, request, seed, head, own), page)[: own + request.limit]
            shown = placed(ruling, hits)[: request.limit]
            note = None
            if len(shown) < request.limit:
                reason = "article_missing" if seed is None else "too_few"
                filled = self._fill(snapshot, request, seed, shown)
                if filled or seed is None:
                    kind = request.fallback
                    note = FallbackNote(kind, reason, len(filled))  # type: ignore[arg-type]
                shown = placed(ruling, hits + filled)
            return SearchResponse(
                hits=tuple(replace(hit, rank=place) for place, hit in enumerate(shown, 1)),
                total=len(shown) if seed is None else max(len(ranked), len(shown)),
                total_is_exact=False,
                generation=snapshot.generation,
                encoder=snapshot.encoder,
                limit=request.limit,
                fallback=note,
                shown_until=snapshot.shown_until,
            )

    def _allowed(self, ruling: Ruling, request: RelatedRequest, seed: Seed | None) -> Ruling:
        """The ruling with those pins that pass the filters and are no copies of each other or of the seed."""
        if not ruling.pins:
            return ruling
        snapshot = ruling.snapshot
        article = seed.article if seed else None
        where = self._windowed(snapshot, request.where, request.window, article)
        rows = ruling.pinned[np.isin(ruling.pinned, snapshot.matching(where))]
        rows = rows[first_of_each(snapshot.duplicate_groups(rows))]
        return ruling.only(self._without_copies(snapshot, rows, seed.rows) if seed else rows)

    def _seed(self, snapshot: Snapshot, request: RelatedRequest) -> Seed | None:
        if request.text is not None:
            return seed_of_text(snapshot, self._encoder, request.text) if request.text.strip() else None
        wanted = request.positive or (request.article_id or "",)
        positive = np.array([snapshot.row_of(one) for one in wanted], np.int64)
        negative = np.array([snapshot.row_of(one) for one in request.negative], np.int64)
        if request.article_id and (positive < 0).all() and _is_address(request.article_id):
            positive = np.array([snapshot.row_at(request.article_id)], np.int64)  # a page asks by its address
        positive, negative = positive[positive >= 0], negative[negative >= 0]
        return seed_of_rows(snapshot, positive, negative) if len(positive) else None

    def _list(self, ruling: Ruling, request: RelatedRequest, seed: Seed) -> Ranked:
        """The pins of the ruling, then the others, best first."""
        snapshot = ruling.snapshot
        where = self._windowed(snapshot, request.where, request.window, seed.article)
        depth = self._options.depth
        meaning = snapshot.vector_candidates(seed.vector, limit=depth, where=where)
        words = snapshot.lexical_candidates(seed.words, limit=depth, where=where)
        unread = self._unread(snapshot, meaning.rows, seed)
        rows = self._own_language(snapshot, union(meaning.rows[~unread], words.rows), request, seed)
        rows = union(self._without_copies(snapshot, rows, seed.rows), ruling.pinned)
        if not len(rows):
            return NOTHING
        near = snapshot.vector_scores(seed.vector, rows)
        options = self._options
        unread = self._unread(snapshot, rows, seed)
        semantic = stretch(near.scores, options.semantic_floor, options.semantic_ceiling)
        semantic = np.where(unread, 0.0, semantic)
        best = max(float(words.scores[0]) if len(words.scores) else 0.0, 1e-9)
        lexical = stretch(snapshot.lexical_scores(seed.words, rows), 0.0, best)
        scores = np.where(unread, lexical, fuse(semantic, lexical, options.related_semantic_ratio))
        ranked = Ranked(rows, scores, semantic, lexical, near.passages)
        if request.window == "any":
            ranked = ranked.rescored("time", self._near_in_time(snapshot, seed, rows, scores))
        if ruling.boosts:
            ranked = ranked.rescored("rules", ranked.scores * ruling.factors(rows))
        pins = ruling.first(ranked)
        ranked = ranked.take(order(ranked.scores, rows))
        ranked = ranked.take(np.flatnonzero(self._uncopied(snapshot, ranked.rows, ruling.pinned)))
        ranked = ranked.take(first_of_each(snapshot.duplicate_groups(ranked.rows)))
        if request.where.languages is None:
            ranked = _without_translations(snapshot, ranked, seed)
        unread = self._unread(snapshot, ranked.rows, seed)
        worded = ranked.lexical >= WORDS_LEAST
        close = (ranked.semantic >= self._near) | (worded & (ranked.semantic >= self._near_with_words))
        near_enough = np.where(unread, worded, close)
        ranked = self._spread(snapshot, request, ranked.take(np.flatnonzero(near_enough)))
        return pins.followed_by(self._mixed(snapshot, request, self._story_first(snapshot, seed, ranked)))

    def _unread(self, snapshot: Snapshot, rows: Rows, seed: Seed) -> npt.NDArray[np.bool_]:
        """Which rows are near by words alone: the encoder reads their language or the seed's not."""
        language = language_of(seed)
        if languages_read(snapshot.encoder) is not None and seed.article is None:
            language = detect_language(seed.text)
        if not reads(snapshot.encoder, language) or not seed.vector.any():
            return np.ones(len(rows), np.bool_)
        return unread_rows(snapshot, rows)

    def _own_language(self, snapshot: Snapshot, rows: Rows, request: RelatedRequest, seed: Seed) -> Rows:
        """The rows in the seed's language or in none that is known, where there are enough of these."""
        wanted = self._language_wanted(snapshot, request, seed)
        return rows if wanted is None else rows[~snapshot.in_other_languages(rows, {wanted})]

    def _language_wanted(self, snapshot: Snapshot, request: RelatedRequest, seed: Seed | None) -> str | None:
        """The language that a list keeps to: the seed's, unless the request names one or few have it.

        A reader of one language is not helped by a list in another, least of all by the same article in it.
        """
        language = language_of(seed)
        if language is None or request.where.languages is not None:
            return None
        own = sum(count for code, count in snapshot.counts().languages.items() if base_code(code) == language)
        return language if own > request.limit else None

    def _near_in_time(self, snapshot: Snapshot, seed: Seed, rows: Rows, scores: Floats) -> Floats:
        """Scores that fade with the days to the seed: news of one event comes together."""
        published = seed.article.published_at if seed.article else None
        if published is None or not self._options.related_date_weight:
            return scores
        days = np.abs(snapshot.published(rows) - published.timestamp()) / SECONDS_A_DAY
        options = self._options
        return with_recency(
            scores, days, half_life=options.related_date_half_life, weight=options.related_date_weight
        )

    def _windowed(self, snapshot: Snapshot, where: Filter, window: Window, article: Article | None) -> Filter:
        """``past``: before the article ran; ``latest``: the last days before the newest article or now."""
        now = datetime.fromtimestamp(newest_moment(snapshot, self._now()), UTC)
        if window == "past":
            limit = (article.published_at if article else None) or now
            before = limit if where.published_before is None else min(limit, where.published_before)
            return replace(where, published_before=before)
        if window == "latest":
            start = now - timedelta(days=LATEST_DAYS)
            after = start if where.published_after is None else max(start, where.published_after)
            return replace(where, published_after=after)
        return where

    def _without_copies(self, snapshot: Snapshot, rows: Rows, others: Rows) -> Rows:
        """Without the others and without further copies of their texts."""
        return rows[self._uncopied(snapshot, rows, others)]

    def _uncopied(self, snapshot: Snapshot, rows: Rows, others: Rows) -> npt.NDArray[np.bool_]:
        own = snapshot.duplicate_groups(others)
        return ~np.isin(rows, others) & ~np.isin(snapshot.duplicate_groups(rows), own)

    def _spread(self, snapshot: Snapshot, request: RelatedRequest, ranked: Ranked) -> Ranked:
        given = request.diversity
        weight = self._options.related_diversity if given is None else given
        head = min(len(ranked), max(3 * request.limit, 20))
        if not weight or head < 2:
            return ranked
        first = ranked.take(slice(0, head))
        similarity = stretch(likeness(snapshot, first.rows), ALIKE, 1.0)
        return first.take(diversify(first.scores, similarity, weight, head))

    def _story_first(self, snapshot: Snapshot, seed: Seed, ranked: Ranked) -> Ranked:
        """While an article is fresh, the best of its own story opens its list."""
        published = seed.article.published_at if seed.article else None
        if published is None or not len(ranked):
            return ranked
        if newest_moment(snapshot, self._now()) - published.timestamp() > FRESH_DAYS * SECONDS_A_DAY:
            return ranked
        own = snapshot.stories(seed.rows)
        same = np.flatnonzero(np.isin(snapshot.stories(ranked.rows), own[own >= 0]))
        return moved(ranked, int(same[0]), 0) if len(same) else ranked

    def _mixed(self, snapshot: Snapshot, request: RelatedRequest, ranked: Ranked) -> Ranked:
        """A list of one section alone ends with the best article of another, if one is nearly as good."""
        last = request.limit - 1
        if last < MIXED_LEAST or len(ranked) <= request.limit or request.where.sections is not None:
            return ranked
        own = {article.section for article in snapshot.articles(ranked.rows[: request.limit])}
        if None in own or len(own) > 1:
            return ranked
        good = ranked.scores >= MIXED_SHARE * float(ranked.scores[last])
        places = np.flatnonzero(good[: MIXED_DEPTH * request.limit])
        places = places[places > last]
        for place, article in zip(places.tolist(), snapshot.articles(ranked.rows[places]), strict=True):
            if article.section not in {None, *own}:
                return moved(ranked, place, last)
        return ranked

    def _hits(
        self, snapshot: Snapshot, request: RelatedRequest, seed: Seed | None, ranked: Ranked, pins: int
    ) -> list[Hit]:
        """The hits of a list, whose first ones are pins."""
        articles = snapshot.articles(ranked.rows)
        total = snapshot.counts().counted
        article, text = (seed.article, seed.text) if seed else (None, "")
        reasons = Reasons(article, text, request.window, snapshot.document_frequency, total)
        texts = snapshot.kept_texts(ranked.rows)
        own = snapshot.stories(seed.rows) if seed else EMPTY
        same = np.isin(snapshot.stories(ranked.rows), own[own >= 0])
        return [
            Hit(
                article=article,
                score=round(min(float(ranked.scores[place]), 1.0), 4),
                rank=place + 1,
                snippet=lead(article, texts[place], self._options.snippet_characters),
                reason=PICKED
                if place < pins
                else reasons.reason(article, texts[place], same_story=bool(same[place])),
                pinned=place < pins,
                explain=ranked.explanation(place) if request.explain else None,
            )
            for place, article in enumerate(articles)
        ]

    def _fill(
        self, snapshot: Snapshot, request: RelatedRequest, seed: Seed | None, hits: list[Hit]
    ) -> list[Hit]:
        """Articles of the same section, or the newest ones, that are not in the list yet."""
        missing = request.limit - len(hits)
        taken = EMPTY if seed is None else seed.rows
        listed = np.array([snapshot.row_of(hit.article.id) for hit in hits], np.int64)
        taken = union(taken, listed)
        rows = EMPTY
        section = seed.article.section if seed and seed.article and request.fallback == "section" else None
        wanted = self._language_wanted(snapshot, request, seed)
        own = request.where if wanted is None else replace(request.where, languages=(wanted,))
        for where in self._fallback_filters(request.fallback, own, seed):
            newest = snapshot.by_date(
                where, oldest_first=False, limit=4 * request.limit + len(taken), offset=0
            )
            rows = np.concatenate([rows, newest[~np.isin(newest, union(taken, rows))]])
            groups = snapshot.duplicate_groups(rows)
            places = first_of_each(groups)
            places = places[~np.isin(groups[places], snapshot.duplicate_groups(taken))]
            rows = rows[places]
        page = _page_of(request, seed)
        taken_rows = rows[: missing + _SAME_ADDRESS]
        pairs = zip(snapshot.articles(taken_rows), snapshot.kept_texts(taken_rows), strict=True)
        shown = [(one, text) for one, text in pairs if not page or same_page_key(one.url or "") != page]
        return [
            Hit(
                article=article,
                score=0.0,
                rank=len(hits) + place + 1,
                snippet=lead(article, text, self._options.snippet_characters),
                reason=f"Latest in {section}" if section and article.section == section else "Latest",
                filled=True,
            )
            for place, (article, text) in enumerate(shown[:missing])
        ]

    def _fallback_filters(self, kind: Fallback, where: Filter, seed: Seed | None) -> list[Filter]:
        if kind == "none":
            return []
        section = seed.article.section if seed and seed.article else None
        if kind == "section" and section and where.sections is None:
            return [replace(where, sections=(section,)), where]
        return [where]


def _is_address(article_id: str) -> bool:
    return article_id.startswith(("https://", "http://"))


def _page_of(request: RelatedRequest, seed: Seed | None) -> str:
    """The page under which the list stands, as addresses are compared; "" where it is not known."""
    url = seed.article.url if seed and seed.article else None
    if url is None and request.article_id and _is_address(request.article_id):
        url = request.article_id
    page = same_page_key(url) if url else ""
    return page if "/" in page else ""  # the address of a site is that of no article


def _elsewhere(hits: list[Hit], page: str) -> list[Hit]:
    """Hits of other pages, where few are of this one; what an editor pinned stays."""
    if not page:
        return hits
    others = [hit for hit in hits if hit.pinned or same_page_key(hit.article.url or "") != page]
    return others if len(hits) - len(others) <= _SAME_ADDRESS else hits


def language_of(seed: Seed | None) -> str | None:
    """The language of the article that a list belongs to, without its region; None where it is not known."""
    article = seed.article if seed else None
    return base_code(article.language) if article and article.language else None


def _in_own_language(snapshot: Snapshot, request: RelatedRequest, seed: Seed | None) -> RelatedRequest:
    """The request with the codes of the seed's language in place of ``own``; any, if that is not known."""
    wanted = request.where.languages
    if wanted is None or OWN not in map(str.casefold, wanted):
        return request
    own, named = language_of(seed), [code for code in wanted if code.casefold() != OWN]
    if own is not None:
        codes = [code for code in snapshot.counts().languages if code and base_code(code) == own]
        named += codes or [own]
    return replace(request, where=replace(request.where, languages=tuple(named) or None))


def _without_translations(snapshot: Snapshot, ranked: Ranked, seed: Seed) -> Ranked:
    """The list without what seems to be the seed's article in another language.

    It has the same address but for the language, the same picture, or ran at the very same time.
    """
    language = language_of(seed)
    if language is None or seed.article is None:
        return ranked
    places = np.flatnonzero(snapshot.in_other_languages(ranked.rows, {language}))[:TRANSLATIONS_READ]
    articles = snapshot.articles(ranked.rows[places])
    gone = [place for place, one in zip(places, articles, strict=True) if _is_translation(seed.article, one)]
    return ranked.take(np.delete(np.arange(len(ranked)), gone)) if gone else ranked


def _is_translation(one: Article, other: Article) -> bool:
    same_time = one.published_at is not None and one.published_at == other.published_at
    same_image = one.image is not None and one.image == other.image
    same_page = bool(one.url and other.url) and _bare_address(one) == _bare_address(other)
    return same_time or same_image or same_page


def _bare_address(article: Article) -> list[str]:
    """The parts of an article's address without those that name its language."""
    code = base_code(article.language or "")
    parts = re.split(r"[/?&.=_-]+", (article.url or "").casefold())
    return [part for part in parts if part not in {code, "lang"}]


def placed(ruling: Ruling, hits: list[Hit]) -> list[Hit]:
    """Hits whose first ones are pinned, each of these in its place."""
    pins = len(ruling.pins)
    order = ruling.places(ruling.pinned.tolist(), len(hits) - pins) if pins else range(len(hits))
    return [hits[place] for place in order]


def lead(article: Article, kept: str, characters: int) -> Snippet:
    """The beginning of what is searched of an article, cut at a word; ``kept`` is its title and that text."""
    text = " ".join(kept.removeprefix(article.title)[: characters * 2].split()) or article.title
    if len(text) > characters:
        cut = text.rfind(" ", 0, characters)
        text = text[: cut if cut > 0 else characters] + "…"
    return Snippet(text, (), None)
