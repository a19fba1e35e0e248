"""Proper names of an article, found by their capitals: enough to say what two articles share."""

from __future__ import annotations

import re
from collections import Counter

from semsearch.text import split_sentences

_MOST_CHARACTERS = 20_000  # names that matter stand early
_WORD = r"[^\W\d_][\w'’-]*"
_TOKEN = re.compile(rf"(?P<word>{_WORD})|(?P<code>\d+[A-Z]\w*)|(?P<other>\S)")
_LINKS = frozenset({"of", "de", "da", "del", "van", "von", "der", "al", "bin"})
_NOT_NAMES = frozenset(
    """
    i a an the this that these those he it we they you his her its our their my your mr mrs ms
    dr sir monday tuesday wednesday thursday friday saturday sunday january february march
    april may june july august september october november december jan feb aug sept oct nov
    dec and but or nor so yet if in on at for to from by with without as of into over under
    after before since during until while when where what who why how which although though
    because despite no yes not there here then now today yesterday tomorrow also however
    meanwhile still even only just once again many some most several more all both each every
    other another such few one two three four five six seven eight nine ten hundreds thousands
    she
    """.split()  # noqa: SIM905 - a hundred words read better as text
)
MOST_WORDS = 4


def names_in(text: str) -> Counter[str]:
    """Names with how often each stands in the text: runs of capitalised words, in their own spelling.

    A single capitalised word at the start of a sentence counts only where it stands inside a
    sentence too, for there any word has a capital. Whole sentences in capitals name nothing.
    """
    text = text[:_MOST_CHARACTERS]
    inside: Counter[str] = Counter()
    at_start: Counter[str] = Counter()
    for start, end in split_sentences(text):
        if text[start:end].isupper() and len(text[start:end].split()) > MOST_WORDS:
            continue  # a headline in capitals: there any word has them
        for place, name in _runs(text[start:end]):
            (inside if place or " " in name else at_start)[name] += 1
    for name, count in at_start.items():
        if name in inside:
            inside[name] += count
    return inside


def _runs(sentence: str) -> list[tuple[int, str]]:
    """(number of words before it, name) of each run of capitalised words."""
    found: list[tuple[int, str]] = []
    run: list[str] = []
    begun = 0
    for number, match in enumerate([*_TOKEN.finditer(sentence), None]):
        word = match["word"] if match else None
        if word and _is_capitalised(word):
            if not run:
                begun = number
            run.append(_bare(word))
        elif word and run and word.lower() in _LINKS:
            run.append(word)
        elif match and match["code"] and run:  # Section 14B
            run.append(match["code"])
        else:
            _end(run, begun, found)
            run = []
    return found


def _end(run: list[str], begun: int, found: list[tuple[int, str]]) -> None:
    while run and run[-1].lower() in _LINKS:
        run.pop()
    while run and run[0].lower() in _NOT_NAMES:
        run.pop(0)
        begun += 1
    if run and len(run) <= MOST_WORDS and not (len(run) == 1 and run[0].lower() in _NOT_NAMES):
        found.append((begun, " ".join(run)))


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and len(_bare(word)) > 1


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
