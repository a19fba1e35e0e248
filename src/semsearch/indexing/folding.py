"""One address, one article: what comes at an address that the index knows is folded into what it holds there.

Guids of feeds change, and a site may be read by its API, its feed and its sitemap at once. The ids of an API,
a database or a file count most, then those of sitemaps, then those of feeds: the text of the stronger source
stays, or takes the place of what the weaker one gave. Between versions of one source, and between sources of
one kind, the newer text counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import numpy as np

from semsearch.articles import Article, from_sync
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.source_state import SourceState
from semsearch.sources.protocol import Note
from semsearch.sources.remote.protocol import Got
from semsearch.sources.report import Report
from semsearch.text import same_page_key

Taken = tuple[Got, Article | None]

_RANKS = {"feed": 1, "sitemap": 2}
_OWN_IDS = 3  # sources that name their articles themselves: an API, a database, files
_VERSION = "another entry of the source at an address that it had before; taken as the newer version of it"
_OLDER = "an older entry of the source at an address that it has a newer version of; left out"
_FORMER = "the source had this address under several ids; they are one article now"
_HELD = "the index has an article of another source at this address; left out"
_RENEWED = "the index has an older text of another source at this address; the text was renewed"
_REPLACED = "the index had an article of a weaker source at this address; this one took its place"
_SYNC = from_sync("")
_NO_DATE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Folded:
    """What is to be written, ids whose place others took, and articles of other sources with a newer text."""

    taken: list[Taken]
    gone: list[str]
    renewed: list[Article]


class Folding:
    """Folds the articles of one run of a source; ``kind`` is the first word of its identity.

    ``name`` is that of the source; an article of a source that is not among ``sources`` is taken over
    (None: all that ever were are). Nothing is folded between a source of ``apart`` and others.
    """

    def __init__(
        self,
        index: EmbeddedIndex,
        state: SourceState,
        others: Sequence[SourceState],
        report: Report,
        *,
        kind: str,
        name: str,
        sources: Collection[str] | None,
        apart: Collection[str] = (),
    ) -> None:
        self._index = index
        self._state = state
        self._others = others
        self._report = report
        self._kind = kind
        self._origin = from_sync(name)
        self._is_apart = name in apart
        self._apart = frozenset(map(from_sync, apart))
        self._origins = None if sources is None else {from_sync(one) for one in sources}
        self._rank = _RANKS.get(kind, _OWN_IDS)
        self._known: dict[str, list[str]] | None = None  # the name in an address -> ids
        self._renewed: list[Article] = []

    def fold(self, taken: Sequence[Taken]) -> Folded:
        """What becomes of articles that are about to be written."""
        if self._rank == _OWN_IDS and not self._others:
            return Folded(list(taken), [], [])
        self._renewed = []
        done: list[Taken] = []
        gone: list[str] = []
        pending: dict[str, int] = {}  # page -> its place in ``done``
        for step, article in taken:
            if article is None or not (step.own_address and _has_page(article.url)):
                done.append((step, article))
                continue
            page = same_page_key(article.url or "")
            before = done[pending[page]][1] if self._kind == "feed" and page in pending else None
            if before is not None:
                newer = _newer(article, before)
                self._note(article, _VERSION if newer is article else _OLDER, before.id)
                done[pending[page]] = (done[pending[page]][0], replace(newer, id=before.id))
                done.append((step, replace(newer, id=before.id)))
                continue
            kept, former = self._folded(article, page)
            gone += former
            if kept is not None:
                pending[page] = len(done)
            done.append(
                (step, kept) if kept is not None else (replace(step, article=None, is_none=True), None)
            )
        return Folded(done, gone, self._renewed)

    def _folded(self, article: Article, page: str) -> tuple[Article | None, list[str]]:
        """The article as it is to be written, if at all, and the ids that go for it."""
        held = self._at(article, page)
        own = [one for one in held if self._is_own(one)]
        strange = [one for one in held if one not in own]
        if self._kind == "feed" and own:
            return self._version(article, own)
        strange = [] if self._is_apart else [one for one in strange if one.origin not in self._apart]
        if len(strange) != 1 or own:  # several articles at one address: it does not tell them apart
            return article, []
        return self._beside(article, strange[0])

    def _is_own(self, held: Article) -> bool:
        if self._state.owns(held.id):
            return True
        return held.origin == self._origin and not any(one.owns(held.id) for one in self._others)

    def _version(self, article: Article, own: Sequence[Article]) -> tuple[Article | None, list[str]]:
        """An entry of a feed at an address that the feed had before."""
        same = next((one for one in own if one.id == article.id), None)
        kept = same or max(own, key=_moment)
        former = [one.id for one in own if one.id != kept.id]
        for one in former:
            self._state.repoint(one, kept.id)
        if former:
            self._note(article, _FORMER, ", ".join(former))
        if same is not None:
            return article, former
        newer = _newer(article, kept)
        self._note(article, _VERSION if newer is article else _OLDER, kept.id)
        return replace(newer, id=kept.id), former

    def _beside(self, article: Article, held: Article) -> tuple[Article | None, list[str]]:
        """An article at the address of one that came another way."""
        owner = next((one for one in self._others if one.owns(held.id)), None)
        if owner is not None:
            rank = _RANKS.get(owner.fact("identity").split(" ")[0], _OWN_IDS)
        else:
            is_known = self._origins is None or held.origin in self._origins
            rank = _OWN_IDS if is_known or not held.origin.startswith(_SYNC) else 0
            if held.id == article.id or rank == self._rank:  # the same article, or one with an id of its own
                return article, []
        if self._rank > rank:
            if owner is not None:
                owner.disown(held.id)
            self._note(article, _REPLACED, held.id)
            return article, [held.id] if held.id != article.id else []
        is_renewed = _moment(article) > _moment(held) and 2 * len(article.body) >= len(held.body)
        if is_renewed and (owner is None or self._rank == rank):
            self._note(article, _RENEWED, held.id)
            changed = article.updated_at or article.published_at
            title = article.title or held.title
            self._renewed.append(replace(held, title=title, body=article.body, updated_at=changed))
            return None, []
        self._note(article, _HELD, held.id)
        return None, []

    def _at(self, article: Article, page: str) -> list[Article]:
        """The articles of the index at an address, the newest first."""
        if self._known is None:
            self._known = defaultdict(list)
            with self._index.snapshot(hidden=True) as view:
                for article_id, url in view.addresses():
                    self._known[_name_in(url)].append(article_id)
        ids = self._known[_name_in(article.url or "")]
        found: list[Article] = []
        if ids:
            with self._index.snapshot(hidden=True) as view:
                rows = sorted({row for one in ids if (row := view.row_of(one)) >= 0}, reverse=True)
                found = view.articles(np.array(rows, np.int64)) if rows else []
        if article.id not in ids:
            ids.append(article.id)
        return [one for one in found if one.url and same_page_key(one.url) == page]

    def _note(self, article: Article, problem: str, other: str) -> None:
        self._report.warn(Note(article.url or article.id, "url", problem, other[:80]))


def _newer(one: Article, other: Article) -> Article:
    """The later of two versions; ``one`` where they are of the same time or do not say."""
    return one if _moment(one) >= _moment(other) else other


def _moment(article: Article) -> datetime:
    return article.updated_at or article.published_at or _NO_DATE


def _has_page(url: str | None) -> bool:
    """Whether an address is more than that of a site."""
    if not url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.path.strip("/") or parts.query)


def _name_in(url: str) -> str:
    """What addresses of one page have in common at least, found without care: the end of the path."""
    address, _, query = url.partition("#")[0].partition("?")
    above, _, name = address.rstrip("/").rpartition("/")
    if name.lower().startswith(("index.", "default.")):
        name = above.rpartition("/")[2]
    return name + ("?" + "&".join(sorted(query.split("&"))) if query else "")
