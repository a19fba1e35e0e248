"""Why a phrase should lead to an article, in words for editors; only what is so, never invented."""

from __future__ import annotations

from datetime import datetime

from semsearch.text import day_in_words


def reason(phrase: str, *, named: bool, published: datetime | None, fitting: int, newest: bool) -> str:
    """``Both name Kyoto Protocol; ran 3 May 2016, the latest of 4 that fit``.

    ``fitting`` counts the articles that the phrase could lead to about as well, this one among them;
    ``newest`` says that none of them is later.
    """
    words = [f"Both name {phrase}" if named else f"Both speak of “{phrase}”"]
    ran = f"ran {day_in_words(published)}" if published else "without a date"
    if newest and fitting > 1:
        ran += f", the latest of {fitting} that fit"
    return "; ".join([*words, ran])
