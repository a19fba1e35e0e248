"""Bylines as names: without the word in front of them, one name a person."""

from __future__ import annotations

import re

_BY = re.compile(r"\s*(?:(?:written|words|text|story|reported)\s+)?by\s*:?\s+(?=\S)", re.I)
# These begin names, too: only a whole name behind them shows that they do not belong to it.
_BY_ELSEWHERE = re.compile(r"\s*(?i:(?:texte?\s+)?(?:von|por|par|di))\s*:?\s+(?=[^\W\d_a-z]\S*\s+\S)")
# "Jane Doe, John Roe and Ann Poe" is three people; "Marks and Spencer" and "Jane Doe, Berlin" are not.
_BETWEEN_NAMES = re.compile(r"\s*(?:,\s*and|,|;|\band\b|&)\s+", re.I)
_PERSON = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?:\s+(?:[^\W\d_a-z][\w.'’-]*|de|da|di|del|der|den|van|von|bin|al|el|la|le|of)){1,4}"
)
_NO_PERSON = re.compile(
    r"\b(?:correspondent|editor|reporter|writer|staff|columnist|commentator|analyst|producer|bureau|news|press|agency|times|post"
    r"|university|institute|department|of|jr|sr|phd|md|contributor|opinion)\b",
    re.I,
)


def without_by(name: str) -> str:
    """A byline without the words in front of the name: "By", "Von", "Par", "Por"."""
    return _BY_ELSEWHERE.sub("", _BY.sub("", name, count=1), count=1).strip()


def people(byline: str) -> list[str]:
    """The names of a byline: one a person where it is plainly a list of people, or else all of it."""
    name = without_by(byline)
    parts = _BETWEEN_NAMES.split(name)
    apart = all(_PERSON.fullmatch(part) and not _NO_PERSON.search(part) for part in parts)
    return parts if apart else [name]
