"""What a page of the reader's search needs from the engine, asked in one job."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from semsearch.search.suggest import MAX_TYPED_CHARACTERS, Kind, SuggestRequest
from semsearch.search.types import SearchRequest
from semsearch.service.asked import Asked, Choice
from semsearch.service.convert import related_request, search_request
from semsearch.service.views import Found, count

if TYPE_CHECKING:
    from collections.abc import Callable

    from semsearch.engine import Engine

TOPICS: tuple[Kind, ...] = ("section", "tag", "author")
NEAR_WORDS = 4  # words of a query for which near topics are looked up
NEAR_TOPICS = 8
_WORD = re.compile(r"\w{3,}")


def finder(asked: Asked) -> Callable[[Engine], Found]:
    """The job that finds what was asked; raises ValidationError or QueryInvalid for what cannot be."""
    if asked.like:
        relating = related_request(asked.similar(), asked.like)

        def similar(engine: Engine) -> Found:
            article = engine.show(asked.like)
            found = Found.of(asked, engine.searcher.related(relating))
            return dataclasses.replace(found, like=article)

        return similar
    wanted = search_request(asked.search())

    def search(engine: Engine) -> Found:
        found = Found.of(asked, engine.searcher.search(wanted))
        if found.answers or not asked.anything or asked.page > 1:
            return found
        return dataclasses.replace(
            found, near=near_topics(engine, asked.q), unfiltered=_unfiltered(engine, asked)
        )

    return search


def near_topics(engine: Engine, query: str) -> tuple[Choice, ...]:
    """Sections, tags and authors near the words of a query; the largest sections where none is."""
    words = sorted(set(_WORD.findall(query)), key=lambda word: (-len(word), word))[:NEAR_WORDS]
    found: dict[tuple[str, str], Choice] = {}
    for typed in [*words, ""]:
        if not typed and found:
            break
        request = SuggestRequest(typed[:MAX_TYPED_CHARACTERS], NEAR_TOPICS, TOPICS)
        for one in engine.searcher.suggest(request).suggestions:
            href = Asked(filters=((one.kind, one.text),)).href()
            found.setdefault((one.kind, one.text), Choice(one.text, href, count=one.count))
    return tuple(found.values())[:NEAR_TOPICS]


def _unfiltered(engine: Engine, asked: Asked) -> str | None:
    """How much there would be without the filters; None where there are none, or nothing either way."""
    if not (asked.q and asked.narrowed_down):
        return None
    response = engine.searcher.search(SearchRequest(query=asked.q, limit=1, collapse="duplicate"))
    return count(response.total, response.total_is_exact) if response.total else None
