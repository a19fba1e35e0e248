"""Stories: articles about one event, grouped as they come, by meaning and time; pure.

The single-pass clustering of topic detection and tracking (Allan et al. 1998, "On-line New Event
Detection and Tracking"): an article joins the story whose mean vector is nearest, if it is near enough
and the story is still running; else it begins one. The order is that of publication, so a rebuild finds
the stories that live changes found, up to late arrivals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class StoryRule:
    """When an article belongs to a story; measured in benchmarks/README.md.

    ``nearness`` is the least inner product with the mean of the story's articles (unit vectors);
    ``days`` is how long after its latest article a story still takes new ones. Articles without a date
    are compared with all stories.
    """

    nearness: float = 0.7
    days: float = 7.0


@dataclass(slots=True)
class _Story:
    row: int
    total: npt.NDArray[np.float64]


def find_stories(vectors: Floats, published: npt.NDArray[np.float64], rule: StoryRule) -> Rows:
    """The story of each article: the row of its first article in order of publication.

    ``vectors`` are unit vectors, one an article; ``published`` are seconds since 1970, NaN for none.
    Undated articles come last. Deterministic: ties go to the older story.
    """
    count = len(vectors)
    stories = np.full(count, -1, np.int64)
    order = np.lexsort((np.arange(count), np.where(np.isnan(published), np.inf, published)))
    means = np.zeros((count, vectors.shape[1] if count else 1), np.float32)
    latest = np.full(count, np.nan)  # time of each story's latest article
    members: list[_Story] = []
    begin = 0  # stories before it have ended for every dated article still to come
    for row in order.tolist():
        time = published[row]
        if not np.isnan(time):
            while begin < len(members) and latest[begin] < time - rule.days * SECONDS_A_DAY:
                begin += 1
        running = slice(0 if np.isnan(time) else begin, len(members))
        place = nearest_running(means[running] @ vectors[row], latest[running], time, rule)
        place = place + running.start if place >= 0 else -1
        if place < 0:
            place = len(members)
            members.append(_Story(row, np.zeros(vectors.shape[1])))
        story = members[place]
        story.total += vectors[row]
        means[place] = story.total / max(float(np.linalg.norm(story.total)), 1e-9)
        latest[place] = np.fmax(latest[place], time)  # the one that is known, where one is not
        stories[row] = story.row
    return stories


def nearest_running(nearness: Floats, latest: npt.NDArray[np.float64], time: float, rule: StoryRule) -> int:
    """The place of the nearest that is near enough and, by its latest time, running; -1 for none."""
    for place in np.argsort(-nearness, kind="stable").tolist():
        if nearness[place] < rule.nearness:
            return -1
        if _is_running(float(latest[place]), time, rule):
            return int(place)
    return -1


def _is_running(last: float, time: float, rule: StoryRule) -> bool:
    """Whether a story whose latest article is of ``last`` takes an article of ``time``."""
    if np.isnan(last) or np.isnan(time):
        return True
    return abs(time - last) <= rule.days * SECONDS_A_DAY
