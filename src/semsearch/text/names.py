"""Proper names of an article, found by their capitals: enough to say what two articles share."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from semsearch.text.spans import split_sentences

_MOST_CHARACTERS = 20_000  # names that matter stand early
_WORD = r"[^\W\d_][\w'’-]*"
_TOKEN = re.compile(
    rf"(?P<initial>[A-Z]\.(?=\s+[A-Z]))|(?P<word>{_WORD})|(?P<code>\d+[A-Z]\w*)|(?P<other>\S)"
)
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
    she unless whether perhaps maybe instead like amid throughout toward towards upon within among between
    about against across near below above per via what's that's it's let's
    """.split()  # noqa: SIM905 - a hundred words read better as text
)
MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A name where it stands: ``text[start:end]``, without a possessive ending.

    ``opens`` says that it is the first word of a sentence, where any word has a capital.
    """

    text: str
    start: int
    end: int
    opens: bool


def names_in(text: str) -> Counter[str]:
    """Names with how often each stands in the text: runs of capitalised words, in their own spelling.

    A single capitalised word at the start of a sentence counts only where it stands inside a
    sentence too, for there any word has a capital. Whole sentences in capitals name nothing.
    """
    return Counter(name.text for name in find_names(text[:_MOST_CHARACTERS]))


def find_names(text: str, *, words: int = MOST_WORDS) -> list[Name]:
    """The names of a text with their places, in their order; runs of more than ``words`` words are none."""
    found: list[Name] = []
    for start, end in split_sentences(text):
        if text[start:end].isupper() and len(text[start:end].split()) > MOST_WORDS:
            continue  # a headline in capitals: there any word has them
        found += (name for name in _runs(text[start:end], start) if name.text.count(" ") < words)
    sure = {name.text for name in found if not name.opens}
    return [name for name in found if not name.opens or name.text in sure]


def _runs(sentence: str, offset: int) -> list[Name]:
    """Each run of capitalised words of a sentence that begins at ``offset``."""
    found: list[Name] = []
    run: list[tuple[str, int]] = []
    begun = 0
    for number, match in enumerate([*_TOKEN.finditer(sentence), None]):
        word = match["word"] if match else None
        if match and word and _is_capitalised(word):
            if not run:
                begun = number
            run.append((_bare(word), offset + match.start()))
        elif match and word and run and word.lower() in _LINKS:
            run.append((word, offset + match.start()))
        elif match and run and (part := match["code"] or match["initial"]):  # Section 14B, Harry S. Truman
            run.append((part, offset + match.start()))
        else:
            _end(run, begun, found)
            run = []
    return found


def _end(run: list[tuple[str, int]], begun: int, found: list[Name]) -> None:
    while run and run[-1][0].lower() in _LINKS:
        run.pop()
    while run and run[0][0].lower() in _NOT_NAMES:
        run.pop(0)
        begun += 1
    if run and not (len(run) == 1 and run[0][0].lower() in _NOT_NAMES):
        last, start = run[-1]
        opens = begun == 0 and len(run) == 1
        found.append(Name(" ".join(word for word, _ in run), run[0][1], start + len(last), opens))


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() and len(_bare(word)) > 1


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
