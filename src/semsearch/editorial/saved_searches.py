"""Saved searches at work: kept, tried on what is there, and matched with each article that arrives."""

from __future__ import annotations

import itertools
import json
import math
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from semsearch.articles import Article
from semsearch.editorial.checking import STRICTNESS, Strictness, check
from semsearch.editorial.draft import unread_rows
from semsearch.editorial.matching import Matcher, Nearness, by_words, has_words, in_a_row, to_scores
from semsearch.encoder.protocol import Encoder
from semsearch.errors import EncoderMismatch, IndexNotFound
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.protocol import Vectors
from semsearch.index.saved_store import KEPT_MATCHES, SavedStore
from semsearch.index.saved_types import Cursor, Found, Match, SavedSearch
from semsearch.index.view import View

BATCH = 64  # articles a transaction
PASSAGE_CHARACTERS = 400
MAX_TRIED = 2000  # candidates of a preview whose words are looked at, the nearest first


@dataclass(frozen=True, slots=True)
class Preview:
    """What a search would have found: how many, the best of them, and how many at each strictness."""

    total: int
    found: tuple[Found, ...]
    levels: Mapping[Strictness, int]


@dataclass(frozen=True, slots=True)
class MatchPage:
    """A page of what a search found, the newest first; ``total`` counts all pages."""

    matches: tuple[Match, ...]
    total: int


class SavedSearches:
    """The saved searches of one index. ``index`` and ``encoder`` are asked for when they are needed."""

    def __init__(
        self, store: SavedStore, index: Callable[[], EmbeddedIndex], encoder: Callable[[], Encoder]
    ) -> None:
        self.store = store
        self._index = index
        self._encoder = encoder
        self._matcher: tuple[int, str, Matcher] | None = None

    def put(self, search: SavedSearch) -> bool:
        """Keep a search, and say if it is new; raises InputError.

        Before the first one, all that is in the index is noted as looked at: it finds what comes later.
        """
        check(search)
        if self.store.cursor() is None:
            self._begin()
        return self.store.put(search)

    def _begin(self) -> None:
        try:
            with self._index().snapshot() as view:
                digests = {one: digest for _, one, digest in view.arrivals(-1)}
                self.store.record(digests, cursor=Cursor(view.generation, view.change, view.shown_since))
        except IndexNotFound:
            nothing_yet = Cursor("", -1, -math.inf)  # all that comes is new
            self.store.record({}, cursor=nothing_yet)

    def preview(self, search: SavedSearch, *, days: float, limit: int = 20) -> Preview:
        """What a search would have found among the articles published in the last ``days``, best first.

        Writes nothing and tells nobody. Raises InputError.
        """
        check(search)
        since = datetime.now(UTC) - timedelta(days=days)
        where = replace(search.where, published_after=since, published_before=None, exclude_ids=())
        with self._index().snapshot() as view:
            vector = self._embed([search.meaning], view)[0]
            near = view.vector_scores(vector, view.matching(where))
            scores = to_scores(near.scores)
            unread = unread_rows(view, near.rows)
            scores[unread] = by_words(view, search, near.rows[unread])
            order = np.lexsort((-near.rows, -scores))
            order = order[scores[order] >= min(search.threshold, *STRICTNESS.values())]
            if search.words:
                order = order[:MAX_TRIED]
                texts = (in_a_row(text) for text in view.kept_texts(near.rows[order]))
                order = order[[has_words(text, search.words) for text in texts]]
            levels = {one: int((scores[order] >= least).sum()) for one, least in STRICTNESS.items()}
            order = order[scores[order] >= search.threshold]
            head = order[:limit]
            spans = view.passage_spans(near.passages[head])
            articles = view.articles(near.rows[head])
        found = (
            _found(search, article, float(scores[place]), article.body[start:end])
            for place, article, (start, end) in zip(head.tolist(), articles, spans, strict=True)
        )
        return Preview(len(order), tuple(found), levels)

    def matches(self, search_id: str, *, limit: int, offset: int = 0) -> MatchPage:
        """What a search found, without articles that readers cannot see now: withdrawn, expired or deleted.

        Raises IndexCorrupt rather than list what it cannot check.
        """
        kept = self.store.matches(search_id, limit=KEPT_MATCHES)
        shown = self._shown({one.found.article_id for one in kept})
        found = [one for one in kept if one.found.article_id in shown]
        return MatchPage(tuple(found[offset : offset + limit]), len(found))

    def is_shown(self, article_id: str) -> bool:
        """Whether readers can see an article now."""
        return bool(self._shown({article_id}))

    def _shown(self, article_ids: Collection[str]) -> set[str]:
        try:
            with self._index().snapshot() as view:
                return {one for one in article_ids if view.row_of(one) >= 0}
        except IndexNotFound:
            return set()

    def match_new(self) -> int:
        """Match every article that arrived, changed or was due since the last time; returns the number found.

        What readers may not see yet is matched when its time comes.

        Safe to be killed at any instant: what was not noted as looked at is looked at again. The caller
        holds the lock ``matching``. Raises EncoderMismatch where the searches cannot be embedded.
        """
        cursor = self.store.cursor()
        if cursor is None:
            return 0
        new = 0
        with self._index().snapshot() as view:
            here = Cursor(view.generation, view.change, view.shown_since)
            if cursor == here:
                return 0
            # Change numbers tell what is new within a generation; another one may hold anything.
            after = cursor.change if cursor.generation == view.generation else -1
            for batch in _batches(view.arrivals(after, since=cursor.shown_since)):
                digests = {one: digest for _, one, digest in batch}
                unseen = self.store.unseen(digests)
                rows = {one: row for row, one, _ in batch if one in unseen}
                if rows:
                    new += self._match(view, rows, {one: digests[one] for one in rows})
            self.store.record({}, cursor=here)
        return new

    def _match(self, view: View, rows: dict[str, int], digests: dict[str, bytes]) -> int:
        while True:
            revision = self.store.revision()
            matcher = self._ready(view, revision)
            found: list[tuple[Found, str, bytes]] = []
            if len(matcher):
                order = np.array(list(rows.values()), np.int64)
                unread = order[unread_rows(view, order)]
                instead: dict[int, list[float]] = {int(row): [] for row in unread}
                for search in matcher.searches if len(unread) else ():
                    for row, score in zip(
                        unread.tolist(), by_words(view, search, unread).tolist(), strict=True
                    ):
                        instead[row].append(score)
                kept = zip(view.articles(order), view.kept_texts(order), order.tolist(), strict=True)
                for article, text, row in kept:
                    near = matcher.match(article, text, view.passage_vectors(row), instead.get(row))
                    found += [_message(one) for one in _all_found(view, row, article, near)]
            new = self.store.record(digests, found, revision=revision)
            if new is not None:  # else a search has changed meanwhile
                return new

    def _ready(self, view: View, revision: int) -> Matcher:
        """The searches as they are now, with vectors of the encoder of the index."""
        fingerprint = view.encoder.fingerprint
        if self._matcher is not None and self._matcher[:2] == (revision, fingerprint):
            return self._matcher[2]
        searches = [one for one in self.store.searches() if one.enabled]
        known = self.store.vectors(fingerprint)
        missing = [one for one in searches if one.id not in known]
        if missing:
            made = self._embed([one.meaning for one in missing], view)
            fresh = {one.id: (one.meaning, vector) for one, vector in zip(missing, made, strict=True)}
            self.store.set_vectors(fingerprint, fresh)
            known |= {one: vector for one, (_, vector) in fresh.items()}
        width = view.encoder.dimension
        rows = [known[one.id] for one in searches]
        matcher = Matcher(searches, np.stack(rows) if rows else np.zeros((0, width), np.float32))
        self._matcher = (revision, fingerprint, matcher)
        return matcher

    def _embed(self, texts: Sequence[str], view: View) -> Vectors:
        encoder = self._encoder()
        if encoder.info.fingerprint != view.encoder.fingerprint:
            raise EncoderMismatch(
                f"the index holds vectors of '{view.encoder.name}' ({view.encoder.fingerprint[:12]}), the "
                f"settings name '{encoder.info.name}' ({encoder.info.fingerprint[:12]}); saved searches wait "
                "until the two are the same"
            )
        return encoder.encode_queries(texts)


def _all_found(view: View, row: int, article: Article, near: Sequence[Nearness]) -> list[Found]:
    passages = view.passages(row) if near else []
    return [_found(one.search, article, one.score, passages[one.passage].text) for one in near]


def _found(search: SavedSearch, article: Article, score: float, passage: str) -> Found:
    cut = passage if len(passage) <= PASSAGE_CHARACTERS else passage[: PASSAGE_CHARACTERS - 1] + "…"
    return Found(
        search.id,
        article.id,
        score,
        article.title,
        cut,
        article.url,
        article.section,
        ", ".join(article.authors) or None,
        article.published_at,
    )


def _message(found: Found) -> tuple[Found, str, bytes]:
    article = {
        "id": found.article_id,
        "title": found.title,
        "url": found.url,
        "section": found.section,
        "author": found.author,
        "published_at": found.published_at.isoformat() if found.published_at else None,
    }
    data = {"search": found.search_id, "score": found.score, "passage": found.passage, "article": article}
    return (found, *message_of("saved_search.matched", data))


def message_of(kind: str, data: dict[str, object]) -> tuple[str, bytes]:
    """The id and the body of a message to a webhook, after Standard Webhooks."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = json.dumps({"type": kind, "timestamp": now, "data": data}, ensure_ascii=False)
    return f"msg_{secrets.token_hex(16)}", body.encode("utf-8", "replace")


def _batches(arrivals: Iterable[tuple[int, str, bytes]]) -> Iterable[list[tuple[int, str, bytes]]]:
    iterator = iter(arrivals)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield batch
