"""One story in the order of time: what ran when, copies folded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from semsearch.articles import Article, Filter
from semsearch.errors import ArticleNotFound
from semsearch.index.protocol import Snapshot
from semsearch.ranking import first_of_each
from semsearch.search.arrange import date_order


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event, oldest first, one of each text; ``copies`` counts those folded away.

    ``id`` is the id of the article that began the story: the same as long as readers may see that one.
    """

    id: str
    articles: tuple[Article, ...]
    copies: int

    @property
    def first(self) -> datetime | None:
        """When it began; None where no article has a date."""
        return min(self._dates, default=None)

    @property
    def latest(self) -> datetime | None:
        """When it last went on; None where no article has a date."""
        return max(self._dates, default=None)

    @property
    def _dates(self) -> list[datetime]:
        return [one.published_at for one in self.articles if one.published_at is not None]


def story_of(snapshot: Snapshot, article_id: str) -> Story:
    """The story of a live article; one that belongs to none is a story of its own.

    Raises ArticleNotFound where no live article has the id.
    """
    row = snapshot.row_of(article_id)
    if row < 0:
        raise ArticleNotFound(f"the index has no article '{article_id}', so no story of it; see its id again")
    number = int(snapshot.stories(np.array([row]))[0])
    rows = np.array([row]) if number < 0 else snapshot.story_members(number, where=Filter())
    began = number if number in rows else int(rows.min())  # the first of a story may be gone, or not be shown
    rows = rows[date_order(snapshot.published(rows), rows, oldest_first=True)]
    single = rows[first_of_each(snapshot.duplicate_groups(rows))]
    return Story(
        id=snapshot.ids(np.array([began]))[0],
        articles=tuple(snapshot.articles(single)),
        copies=len(rows) - len(single),
    )
