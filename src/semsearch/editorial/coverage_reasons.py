"""Why a verdict is what it is, in words for editors; only what was counted; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from semsearch.editorial.verdict import COMPARED, POSSIBLE_NEWS, SAME_NEWS, SMALL_ARCHIVE, Signals, Verdict
from semsearch.text import day_in_words

if TYPE_CHECKING:
    from semsearch.articles import Article
    from semsearch.editorial.coverage import Compared, PassageRun

MOST_TITLE = 100  # characters
COPIES_NAMED = 3
WORDS_NAMED = 6


def reasons_for(
    verdict: Verdict,
    signals: Signals,
    articles: Sequence[Compared],
    passages: Sequence[PassageRun],
    new_words: Sequence[str],
) -> tuple[str, ...]:
    """One sentence for each thing that counts, the weightiest first."""
    if verdict == "unsure":
        return (_unsure(signals, articles),)
    if verdict == "new":
        return (_nearest(signals, articles),)
    nearest = next(one.article for one in articles if one.same_news)
    run = _passages(signals, passages, nearest)
    return (*_copies(articles), run, _new(signals), *_words(signals, new_words))


def _nearest(signals: Signals, articles: Sequence[Compared]) -> str:
    if not articles:
        return "The archive has nothing that it could be compared with."
    best = max(articles, key=lambda one: one.score + one.words)
    return (
        f"No article is about the same news. The nearest is {named(best.article)}: nearness "
        f"{signals.nearness:.2f} and rarest words {signals.words:.2f} add up to "
        f"{signals.nearness + signals.words:.2f}, less than {SAME_NEWS}."
    )


def _unsure(signals: Signals, articles: Sequence[Compared]) -> str:
    best = max(articles, key=lambda one: one.score + one.words)
    small = signals.archive < SMALL_ARCHIVE
    thin = (
        f"the archive has {signals.archive:,} articles" if small else f"the draft has {signals.length} words"
    )
    total = signals.nearness + signals.words
    return (
        f"{_capital(named(best.article))} may be about the same news: nearness {signals.nearness:.2f} and "
        f"rarest words {signals.words:.2f} add up to {total:.3f}, between {POSSIBLE_NEWS} and {SAME_NEWS}, "
        f"and {thin}, too few to decide. Compare the passages."
    )


def _copies(articles: Sequence[Compared]) -> Iterator[str]:
    copies = [one for one in articles if one.copy != "none"]
    for one in copies[:COPIES_NAMED]:
        kind = "the same text" if one.copy == "exact" else "a near copy"
        yield f"{_capital(named(one.article))} is {kind}."
    if len(copies) > COPIES_NAMED:
        yield f"{len(copies) - COPIES_NAMED} more are copies of it."


def _passages(signals: Signals, passages: Sequence[PassageRun], nearest: Article) -> str:
    counted = Counter(one.article.id for one in passages if one.has_run and one.article)
    more = " or more" if signals.same == COMPARED else ""
    articles = "article is" if signals.same == 1 else "articles are"
    about = f"{signals.same}{more} {articles} about the same news"
    if not counted:
        which = named(nearest) if signals.same == 1 else f"the nearest {named(nearest)}"
        return f"{_capital(about)}, {which}, but no whole passage of the draft has run."
    first = max(counted, key=lambda one: counted[one])
    article = next(one.article for one in passages if one.article and one.article.id == first)
    if signals.passages == 1:
        return f"It has run, in {named(article)}; {about}."
    run = f"All {signals.run}" if signals.run == signals.passages else f"{signals.run} of {signals.passages}"
    most = "most of it in" if len(counted) > 1 else "in"
    have = "has" if signals.run == 1 else "have"
    return f"{run} passages {have} run, {most} {named(article)}; {about}."


def _new(signals: Signals) -> str:
    if not signals.new:
        return "No sentence of it is new."
    but = "But " if signals.run == signals.passages else ""
    return f"{but}{signals.new:.0%} of its words are in sentences that say what none of these articles says."


def _words(signals: Signals, new_words: Sequence[str]) -> Iterator[str]:
    if signals.shared >= 0.005:
        yield f"{signals.shared:.0%} of its words stand in an article word for word."
    new = ", ".join(new_words[:WORDS_NAMED])
    yield (
        f"{signals.telling:.0%} of its names, figures and rare words, by weight, stand in articles about the "
        f"same news{f'; not yet: {new}' if new else ''}."
    )


def named(article: Article) -> str:
    """An article by its title and the day that it ran, within a sentence."""
    title = article.title or " ".join(article.body[: 2 * MOST_TITLE].split()) or article.id
    short = title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1].rstrip()}…"
    return f"“{short}”" + (f" of {day_in_words(article.published_at)}" if article.published_at else "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
