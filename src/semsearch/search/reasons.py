"""Why an article is in a related list, in words fit for readers; only what is so, never invented."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from semsearch.articles import Article, Window
from semsearch.text.names import names_in

OLDER_DAYS = 60  # of an article this much older than the seed its month is told
COMMON_SHARE = 0.05  # a name in more than this share of all articles says little
COMMON_LEAST = 12  # but in a small index a name in a dozen articles still says something
_DEMONYM = re.compile(r"(?:ese|ians?|ish)$")  # Chinese, Iranians, Turkish
IN_TITLE = 2.0  # a name in the hit's title is what it is about
MOST_NAMES = 12  # names of a pair that are looked up

Frequencies = Callable[[Sequence[str]], list[int]]


class Reasons:
    """Gives reasons for the hits of one seed; texts come without the site's boilerplate."""

    def __init__(
        self, seed: Article | None, text: str, window: Window, frequencies: Frequencies, articles: int
    ) -> None:
        self._seed = seed
        self._window = window
        self._frequencies = frequencies
        self._articles = max(articles, 1)
        self._names = names_in(text)

    def reason(self, hit: Article, text: str, *, same_story: bool) -> str | None:
        """``Same story``, ``Also about NAME``, ``From MONTH YEAR``, ``More from SECTION`` or None."""
        older = self._older(hit)
        if same_story:
            return "Same story"
        if self._window == "past" and older:
            return older
        name = self._shared_name(hit.title, text)
        if name:
            return f"Also about {name}"
        if older:
            return older
        if self._seed and hit.section and hit.section == self._seed.section:
            return f"More from {hit.section}"
        return None

    def _older(self, hit: Article) -> str | None:
        if hit.published_at is None or self._seed is None:
            return None
        then = self._seed.published_at or datetime.now(UTC)
        old = (then - hit.published_at).days >= OLDER_DAYS
        return f"From {hit.published_at:%B %Y}" if old else None

    def _shared_name(self, title: str, text: str) -> str | None:
        """The name in both texts that is rarest in the index and most frequent in them, or in the title."""
        own = names_in(text)
        shared = sorted(
            filter(_is_telling, self._names.keys() & own.keys()),
            key=lambda name: (-min(self._names[name], own[name]), name),
        )[:MOST_NAMES]
        best, best_weight = None, 0.0
        for name, held in zip(shared, self._frequencies(shared), strict=True):
            if held > max(COMMON_SHARE * self._articles, COMMON_LEAST):
                continue
            rarity = math.log(self._articles / max(held, 1) + 1)
            weight = math.log1p(min(self._names[name], own[name])) * rarity
            if name in title:
                weight *= IN_TITLE
            if weight > best_weight:
                best, best_weight = name, weight
        return best


def _is_telling(name: str) -> bool:
    """Whether a name says what an article is about: ``Also about Chinese`` or ``about St`` says nothing."""
    return " " in name or (len(name) > 2 and not _DEMONYM.search(name))
