"""Lists that were answered lately, by the ETag that says what they are an answer to."""

from __future__ import annotations

from dataclasses import replace

from semsearch.articles import Hit
from semsearch.index.remembered import Remembered
from semsearch.search.types import SearchResponse

HITS_MOST = 50  # a longer list is asked for by programs, page by page, and seldom twice


class AnswerMemory:
    """The last ``most`` lists, without the bodies of their articles, which no list shows.

    An ETag changes with the index, the rules, the hour and all that was asked, so what is remembered
    never outlives what it was made from.
    """

    def __init__(self, most: int) -> None:
        self._known: Remembered[str, SearchResponse] | None = Remembered(most) if most else None

    def known(self, tag: str) -> SearchResponse | None:
        """The list of a tag, None where it is not remembered; it took no time."""
        return None if self._known is None else self._known.known(tag)

    def keep(self, tag: str, made: SearchResponse) -> None:
        """Remember a list."""
        if self._known is not None and len(made.hits) <= HITS_MOST:
            self._known.keep(tag, replace(made, hits=tuple(map(_without_body, made.hits)), seconds={}))


def _without_body(hit: Hit) -> Hit:
    return replace(hit, article=replace(hit.article, body=""))
