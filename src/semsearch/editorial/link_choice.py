"""Which links a text gets: the likeliest, spread over it, each phrase and each article once; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from semsearch.articles import Article
from semsearch.editorial.link_evidence import Evidence
from semsearch.editorial.wording import Phrase, Wording

AS_GOOD = 0.06  # of confidence: within it the later article is preferred
LEAST_APART = 120  # characters between two links
LEAST_EVER = 0.01  # no evidence is no suggestion, whatever is asked for
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Option:
    """A phrase that could lead to an article; ``story`` is that of the article, -1 for none."""

    phrase: Phrase
    row: int
    article: Article
    story: int
    evidence: Evidence

    @property
    def published(self) -> datetime:
        """When the article ran; the beginning of time where that is unknown."""
        return self.article.published_at or NEVER


@dataclass(frozen=True, slots=True)
class Chosen:
    """An option that was taken, out of ``fitting`` about as good ones, of which it may be the ``newest``."""

    option: Option
    fitting: int
    newest: bool


def choose(wording: Wording, options: Iterable[Option], *, limit: int, least: float) -> list[Chosen]:
    """At most ``limit`` options with at least ``least`` confidence, in the order of the text."""
    groups: dict[tuple[str, ...], list[Option]] = {}
    for option in options:
        if option.evidence.confidence >= max(least, LEAST_EVER):
            groups.setdefault(wording.key(option.phrase), []).append(option)
    ordered = sorted(groups.items(), key=lambda one: (-_best(one[1]), one[1][0].phrase.start))
    taken: list[Chosen] = []
    for key, group in ordered:
        if len(taken) == limit:
            break
        if _crowded(wording, group[0].phrase, key, taken):
            continue
        free = [one for one in group if not _used(one, taken)]
        if free and _best(free) >= _best(group) - 2 * AS_GOOD:
            taken.append(_preferred(free))
    return sorted(taken, key=lambda one: one.option.phrase.start)


def _best(group: Sequence[Option]) -> float:
    return max(one.evidence.confidence for one in group)


def _preferred(group: Sequence[Option]) -> Chosen:
    """The latest of those that fit about as well as the best."""
    best = _best(group)
    fitting = [one for one in group if one.evidence.confidence >= best - AS_GOOD]
    latest = max(fitting, key=lambda one: (one.published, one.evidence.confidence, -one.row))
    return Chosen(latest, len(fitting), latest.published > NEVER)


def _used(option: Option, taken: Sequence[Chosen]) -> bool:
    """Whether a link leads to the article, or to its story, already."""
    return any(
        option.row == one.option.row or (option.story >= 0 and option.story == one.option.story)
        for one in taken
    )


def _crowded(wording: Wording, phrase: Phrase, key: tuple[str, ...], taken: Sequence[Chosen]) -> bool:
    """Whether a link is near, in the same sentence, or on words that hold these or stand in them."""
    for one in taken:
        other = one.option.phrase
        if wording.sentence(phrase.start) == wording.sentence(other.start):
            return True
        if phrase.start < other.end + LEAST_APART and other.start < phrase.end + LEAST_APART:
            return True
        shorter, longer = sorted((key, wording.key(other)), key=len)
        if any(longer[at : at + len(shorter)] == shorter for at in range(len(longer) - len(shorter) + 1)):
            return True
    return False
