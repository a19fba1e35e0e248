"""A lead that is stored apart from the body becomes its first paragraph, once."""

from __future__ import annotations

import re

_BETWEEN_WORDS = re.compile(r"\W+")
_CUT_OFF = re.compile(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.|\(more…\))\s*$")
_HEAD = 6  # the lead is looked for in so many times its own length at the start of the body


def with_lead(body: str, lead: str) -> str:
    """The body with the lead as its first paragraph, unless it stands there already.

    Compared by words: case, punctuation and blanks do not count. A lead that was cut off with an
    ellipsis is a teaser of the text and counts as there when its beginning is.
    """
    if not lead:
        return body
    if not body:
        return lead
    words = _words(_CUT_OFF.sub("", lead))
    if not words or f" {words} " in f" {_words(body[: 600 + _HEAD * len(lead)])} ":
        return body
    if _CUT_OFF.search(lead):  # the last word may be cut in half
        start = words.rpartition(" ")[0]
        if start and start in _words(body[: 600 + _HEAD * len(lead)]):
            return body
    return f"{lead}\n\n{body}"


def _words(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", text.casefold()).strip()
