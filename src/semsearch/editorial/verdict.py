"""Whether the news of a draft has run: a rule of a few lines over numbers that can be looked up; pure.

1. An article is *about the same news* as a draft where its best passage is near to one of the draft's and it
   holds the draft's rarest words: both numbers add up to ``SAME_NEWS``. It also is where it is a copy, or
   holds ``SHARED_NEWS`` of the draft's words word for word.
2. A sentence of the draft is *new* where less than ``SENTENCE_HELD`` of its names, figures and rare words,
   by weight, stand in these articles, and less than half of its words stand there word for word.
3. The draft is **new** where no article is about the same news, **covered** where at most ``MOST_NEW`` of
   its words lie in new sentences, and else **partly covered**.
4. Where the evidence is thin, in an archive of fewer than ``SMALL_ARCHIVE`` articles (in which hardly a word
   is rare) or for a draft under ``SHORT_DRAFT`` words, a sum from ``POSSIBLE_NEWS`` on is too high for new:
   the verdict is **unsure**.

The numbers were chosen on one half of a news archive and tried on the other and on a second collection:
benchmarks/README.md, with what the rule gets wrong. They hold for the default encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["new", "partly", "covered", "unsure"]

COMPARED = 10  # nearest articles that a verdict looks at
SAME_NEWS = 0.93  # nearness and share of the rarest words, added, of an article about the same news
SHARED_NEWS = 0.15  # part of the draft's words that such an article holds word for word
SENTENCE_HELD = 0.65  # part of a sentence's telling words, by weight, from which on it is not new
SHARED_HALF = 0.5  # part of the words of a sentence or passage that stand word for word where it is not new
PASSAGE_RUN = 0.65  # nearness of a passage to one that has run
MOST_NEW = 0.05  # part of a covered draft's words that lie in new sentences: a slip of the rule, or a phrase

POSSIBLE_NEWS = 0.78  # nearness and rarest words, added, under which a draft is new on thin evidence, too
SMALL_ARCHIVE = 1_000  # articles
SHORT_DRAFT = 80  # words

VERDICT_WORDS: dict[Verdict, str] = {
    "new": "New",
    "partly": "Partly covered",
    "covered": "Covered",
    "unsure": "Unsure",
}


@dataclass(frozen=True, slots=True)
class Signals:
    """What the verdict goes by.

    ``nearness`` (inner product) and ``words`` (share of the best score that the draft's rarest words could
    give) are of the article whose sum of both is the highest; ``same`` counts the articles about the same
    news. ``new`` is the part of the draft's words that lie in new sentences, 1 where no article is about the
    same news. The others tell more: ``telling`` is the part, by weight, of the draft's names, figures and
    rare words that these articles hold, ``shared`` the part of its words that stand in articles word for
    word, and ``run`` of ``passages`` have run. ``archive`` is the number of articles that the draft was
    compared with, ``length`` its words.
    """

    nearness: float
    words: float
    same: int
    new: float
    telling: float
    shared: float
    passages: int
    run: int
    archive: int = SMALL_ARCHIVE
    length: int = SHORT_DRAFT


def is_same_news(nearness: float, words: float, shared: float) -> bool:
    """Whether an article is about the same news as a draft."""
    return nearness + words >= SAME_NEWS or shared >= SHARED_NEWS


def is_new_sentence(telling: float, shared: float) -> bool:
    """Whether a sentence is new, by the parts of its telling words and of all its words that have run."""
    return telling < SENTENCE_HELD and shared < SHARED_HALF


def has_run(nearness: float, shared: float, new: float) -> bool:
    """Whether a passage has run, by its nearest one, the part that stands word for word and the new part."""
    return (nearness >= PASSAGE_RUN or shared >= SHARED_HALF) and new < SHARED_HALF


def is_thin(signals: Signals) -> bool:
    """Whether there is little to go by: few articles or few words."""
    return signals.archive < SMALL_ARCHIVE or signals.length < SHORT_DRAFT


def verdict_of(signals: Signals) -> Verdict:
    """The verdict that the signals give."""
    if not signals.same:
        possible = signals.nearness + signals.words >= POSSIBLE_NEWS
        return "unsure" if possible and is_thin(signals) else "new"
    return "covered" if signals.new <= MOST_NEW else "partly"
