"""Whether the news of a draft has run: a rule of a few lines over numbers that can be looked up; pure.

An article is about the same news as a draft where its best passage is near to one of the draft's and it
holds the draft's rarest words: the two numbers add up to ``SAME_NEWS``. It also is where it is a copy, or
holds ``SHARED_NEWS`` of the draft's words word for word. Then

- **new**: no article is about the same news;
- **covered**: some are, each passage of the draft is near to one of theirs (``PASSAGE_RUN``) or stands
  there, and together they hold ``COVERED`` of the draft word for word, or of its names, figures and rare
  words;
- **partly covered**: anything between.

The numbers were chosen on one half of a news archive and tried on the other and on a second collection:
benchmarks/README.md, with what the rule gets wrong. They hold for the default encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["new", "partly", "covered"]

SAME_NEWS = 0.95  # nearness and share of the rarest words, added, of an article about the same news
SHARED_NEWS = 0.15  # part of the draft's words that such an article holds word for word
PASSAGE_RUN = 0.65  # nearness of a passage to one that has run
PASSAGE_SHARED = 0.5  # or the part of its words that stand in articles word for word
COVERED = 0.8  # part of the draft's words, or of its telling words by weight, that have run

VERDICT_WORDS: dict[Verdict, str] = {"new": "New", "partly": "Partly covered", "covered": "Covered"}


@dataclass(frozen=True, slots=True)
class Signals:
    """What the verdict goes by.

    ``nearness`` (inner product) and ``words`` (share of the best score that the draft's rarest words could
    give) are of the article whose sum of both is the highest; ``same`` counts the articles about the same
    news. ``telling`` is the part, by weight, of the draft's names, figures and rare words that these hold,
    ``shared`` the part of its words that they hold word for word. ``run`` of ``passages`` have run.
    """

    nearness: float
    words: float
    same: int
    telling: float
    shared: float
    passages: int
    run: int


def is_same_news(nearness: float, words: float, shared: float) -> bool:
    """Whether an article is about the same news as a draft."""
    return nearness + words >= SAME_NEWS or shared >= SHARED_NEWS


def has_run(nearness: float, shared: float) -> bool:
    """Whether a passage of a draft has run, by its nearest passage and the part of its words that stand."""
    return nearness >= PASSAGE_RUN or shared >= PASSAGE_SHARED


def verdict_of(signals: Signals) -> Verdict:
    """The verdict that the signals give."""
    if not signals.same:
        return "new"
    whole = signals.run == signals.passages and max(signals.telling, signals.shared) >= COVERED
    return "covered" if whole else "partly"
