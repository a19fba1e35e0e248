"""What a reader typed -> words, phrases and exclusions; pure, and never an error.

Quotes of any shape make a phrase; a quote that is never closed is taken as a blank. A minus before a
word or a quote excludes it, where a blank or nothing comes before: ``-trump``, ``-"white house"``, but
neither ``Covid-19`` nor a dash alone, nor two dashes, nor a number below zero (``-20``, ``-1.5°C``). A
number in groups of three (``1 200``) is one word. There are no other operators: AND, OR, brackets and
colons are words or nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = '"“”„‟«»＂'
_TOKEN = re.compile(
    rf"""(?P<minus>(?<!\S)[-−])?
         (?: [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]
           | (?P<word> (?<![^\s{_QUOTES}−-])[1-9]\d{{0,2}}(?:[ \u00a0\u2009\u202f]\d{{3}})+(?![^\s{_QUOTES}])
                     | [^\s{_QUOTES}]+) )""",
    re.VERBOSE,
)
# What stands behind the sign of a number below zero: digits and a unit of measure, if any.
_BELOW_ZERO = re.compile(r"\d[\d.,\s]*(?:[%‰]|[°º˚]?[CFK]?)", re.IGNORECASE)


# Words that ask for what is new, at an end of the query, in the languages of most readers; and what may
# stand beside them without a meaning of its own.
_LATEST = frozenset(
    {"latest", "newest", "breaking", "neueste", "neuesten", "aktuelle"}
    | {"dernières", "derniers", "últimas", "últimos", "ultime"}
)
_FILLERS = frozenset(
    {"news", "update", "updates", "headlines", "stories", "the", "on", "about", "of", "in"}
    | {"nachrichten", "zu", "über", "actualités", "sur", "de", "del", "la", "las", "los", "el"}
    | {"noticias", "sobre", "notizie", "su"}
)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query by its parts, all as they were typed, in their order.

    ``text`` is for the encoder: the words and phrases without marks, and without what is excluded.
    ``excluded`` holds words and phrases, of which those in ``excluded_quotes`` stood in quotes. A query of
    exclusions alone has an empty ``text``: it asks for everything but them. ``latest`` says that news is
    asked for first ("latest on the strike"); the words that say so are in none of the parts.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    latest: bool = False
    excluded_quotes: tuple[str, ...] = ()

    @property
    def quoted(self) -> frozenset[str]:
        """What stood in quotes and is meant as it is written: phrases and excluded ones."""
        return frozenset((*self.phrases, *self.excluded_quotes))

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing and excludes nothing."""
        return not (self.words or self.phrases or self.excluded)

    @property
    def only_excludes(self) -> bool:
        """Whether it excludes something and asks for nothing else."""
        return bool(self.excluded) and not (self.words or self.phrases)


def parse_query(text: str) -> ParsedQuery:
    """Read a query; any text will do, and what holds no letter or digit is left out of words and phrases."""
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    excluded_quotes: list[str] = []
    shown: list[str] = []
    clean, latest = _without_latest(_with_blanks(text))
    for match in _TOKEN.finditer(clean):
        phrase, word = match["phrase"], match["word"]
        said = " ".join((word if phrase is None else phrase).split())
        if match["minus"] and _excludes(phrase, said):
            excluded.append(said)
            if phrase is not None:
                excluded_quotes.append(said)
            continue
        if said:
            shown.append(said)
        if _says_something(said):
            (words if phrase is None else phrases).append(said)
    if not (words or phrases):
        shown = []  # punctuation alone means nothing to the encoder either
    return ParsedQuery(
        " ".join(shown),
        tuple(dict.fromkeys(words)),
        tuple(dict.fromkeys(phrases)),
        tuple(dict.fromkeys(excluded)),
        latest,
        tuple(dict.fromkeys(excluded_quotes)),
    )


def asked_spans(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The query in NFC, and (start, end) in it of each word and phrase that is asked for.

    What is excluded is in no span, nor are quotes and signs.
    """
    clean = _with_blanks(text)
    spans = []
    for match in _TOKEN.finditer(clean):
        phrase, word = match["phrase"], match["word"]
        if not (match["minus"] and _excludes(phrase, " ".join((word or phrase or "").split()))):
            spans.append(match.span("word" if phrase is None else "phrase"))
    return clean, spans


def _without_latest(text: str) -> tuple[str, bool]:
    """The query without the words that ask for news first, where its first or last word does.

    Nothing is taken from quotes, and never the last word that says what the news shall be of.
    """
    words = text.split()
    if not words or any(mark in text for mark in _QUOTES):
        return text, False
    if words[0].casefold() in _LATEST:
        rest = words[1:]
        while rest and rest[0].casefold() in _FILLERS:
            rest = rest[1:]
    elif words[-1].casefold() in _LATEST:
        rest = words[:-1]
    else:
        return text, False
    if rest and all(word.casefold() in _FILLERS for word in rest):
        rest = []
    return " ".join(rest), True


def _with_blanks(text: str) -> str:
    """The text in NFC without control characters and without a quote that is never closed."""
    clean = "".join(" " if unicodedata.category(mark) == "Cc" else mark for mark in text)
    clean = unicodedata.normalize("NFC", clean)
    places = [at for at, mark in enumerate(clean) if mark in _QUOTES]
    if len(places) % 2:
        clean = f"{clean[: places[-1]]} {clean[places[-1] + 1 :]}"
    return clean


def _excludes(phrase: str | None, said: str) -> bool:
    """Whether a minus before this excludes it: not before another dash, bare punctuation or a number."""
    if phrase is not None:
        return _says_something(said)
    return _says_something(said) and said[0] not in "-−–—" and not _BELOW_ZERO.fullmatch(said)


def _says_something(said: str) -> bool:
    return any(mark.isalnum() for mark in said)
