"""Phrases of a text that could carry a link: what stands in it and in another article's headline; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from semsearch.editorial.wording import STANDING, Phrase, Span, Wording

MOST_TERMS = 8  # of a phrase: more is a sentence, not a link

_GAP = re.compile(r"(?:['’]s?)?\.?[ \u00a0\n\-‐‑–]{0,2}")
_HYPHENS = "-‐‑"
_INSIDE_NAME = re.compile(r"[\w,] [A-Z][a-z]+ (?:for|on|against|without)(?: the)? $")
_NOUNS_ED = frozenset(
    {"need", "seed", "weed", "speed", "feed", "deed", "greed", "breed", "disabled", "unemployed"}
)
_CAPITAL = r"\b[A-Z][\w’'-]+"
MOST_TAIL = 2  # words that a phrase may lack at its end
_PEOPLE = re.compile(
    r"(?:(?:North|South|Native|African|Asian|Latin|Saudi)[ -])?(?:\w+(?:ese|ians?|ish)|French|Dutch|Swiss|"
    r"(?:American|African|European|Korean|Mexican|German|Cuban|Roman|Greek|Afghan|Iraqi|Israeli|Saudi|"
    r"Pakistani|Arab|Czech|Muslim|Jew|Catholic|Republican|Democrat)s?)"
)
_BEFORE_SURNAME = frozenset(
    {"president", "sen", "senator", "rep", "gov", "governor", "mr", "mrs", "ms", "dr"}
)
# Words that no phrase begins or ends with, however rare the archive finds them.
_NO_EDGE = frozenset(
    """
    a an the this that these those his her its their our your my he she it they we you i who whom whose
    which what and or but nor so yet if than as of in on at to for from by with within without into onto
    over under up down out off about above across after again against ahead all along amid among around
    away back because before behind below between beyond both during each either every few how just like
    many may might more most much near no not now only other outside per should since some still such then
    there through throughout till too toward towards until upon very via was were is are be been being am
    will would can could do does did done has have had having when where while why new old first last next
    says said say tells told get gets got make makes made take takes took go goes went come comes came
    one two three four five six seven eight nine ten hundred thousand million billion mln bln pct percent
    january february march april may june july august september october november december jan feb mar apr
    jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday today yesterday
    week weeks month months year years day days
    """.split()  # noqa: SIM905
)


def shared_phrases(
    wording: Wording, headline: Sequence[str], whole: str, *, weak: Callable[[str], bool]
) -> list[Phrase]:
    """The phrases of a text that stand in a headline too, each where it stands first, in their order.

    ``headline`` are the terms of the other article's title, ``whole`` its text: a name is linked as a
    whole, where that holds it so, and not by a short form. ``weak`` tells terms that no phrase begins or
    ends with.
    """
    short = {wording.terms[last - 1][0] for first, last in wording.names if last - first > 1}
    seen: set[tuple[str, ...]] = set()
    places: dict[str, list[int]] = {}
    for at, term in enumerate(headline):
        places.setdefault(term, []).append(at)
    found: list[Phrase] = []
    done = 0
    for at in sorted(place for term in places for place in wording.places.get(term, ())):
        if at < done:
            continue
        done = last = _longest(wording, headline, places, at)
        if last - at == 1 and at not in wording.named:  # one small word, as most runs are
            continue
        if (phrase := _phrase(wording, at, last, whole, weak)) is not None:
            done = max(last, phrase.last)
            key = wording.key(phrase)
            if key not in seen and not (len(key) == 1 and key[0] in short):
                found.append(phrase)
            seen.add(key)
    return found


def with_tail(wording: Wording, phrase: Phrase, sticks: Callable[[str, str], bool]) -> Phrase:
    """The phrase with the words that it lacks: a nuclear program, where the headline had nuclear talks.

    ``sticks`` tells of a word and the next whether they belong together.
    """
    last = phrase.last
    while last < min(len(wording.terms), phrase.last + MOST_TAIL) and _joined(wording, last):
        word, following = wording.word(last - 1), wording.word(last)
        is_name = wording.text[wording.terms[last][1]].isupper()
        if phrase.named or is_name or following in _NO_EDGE or not sticks(word, following):
            break
        last += 1
    return replace(phrase, last=last, end=wording.terms[last - 1][2])


def _longest(wording: Wording, headline: Sequence[str], places: Mapping[str, Sequence[int]], at: int) -> int:
    """Behind the last term of the longest run from ``at`` that stands in the headline in a row."""
    terms, best = wording.terms, at
    for begin in places.get(terms[at][0], ()):
        last, other = at + 1, begin + 1
        while (
            last < min(len(terms), at + MOST_TERMS)
            and other < len(headline)
            and terms[last][0] == headline[other]
            and _joined(wording, last)
        ):
            last, other = last + 1, other + 1
        best = max(best, last)
    return best


def _joined(wording: Wording, place: int) -> bool:
    """Whether a term follows the one before it closely: a blank, a hyphen, a possessive, the dot of "v."."""
    (_, start, end), following = wording.terms[place - 1], wording.terms[place][1]
    gap = wording.text[end:following]
    if _GAP.fullmatch(gap) is None or "\n\n" in gap:
        return False
    return "." not in gap or (end - start <= 3 and wording.sentence(start) == wording.sentence(following))


def _phrase(
    wording: Wording, first: int, last: int, whole: str, weak: Callable[[str], bool]
) -> Phrase | None:
    """The run as a phrase with whole words and names, or None where it is none."""
    mended = _whole_names(wording, first, last, whole)
    if mended is None:
        return None
    first, last = _trimmed(wording, *mended, weak)
    telling = sum(not weak(term) for term, _, _ in wording.terms[first:last])
    inside = (first <= begin and end <= last for begin, end in wording.names_in(first, last))
    if telling < 2 and not any(inside):
        return None
    first, last = _whole_words(wording, *_name_alone(wording, first, last))
    named = wording.is_name(first, last)
    if named:
        first = _person(wording, first, last - 1, last)
    phrase = Phrase(wording.terms[first][1], wording.terms[last - 1][2], first, last, named)
    return None if _is_no_subject(wording, phrase, whole) or wording.is_barred(phrase) else phrase


def _is_no_subject(wording: Wording, phrase: Phrase, whole: str) -> bool:
    """Whether no reader would click for this: an office, a people, a month, a verb, a ticker, half a name."""
    first, last = phrase.first, phrase.last
    if all(wording.word(one) in _NO_EDGE for one in range(first, last)):
        return True
    if wording.is_standing(last - 1) or _PEOPLE.fullmatch(wording.written(first, last)):
        return True
    if not phrase.named and wording.word(last - 1).endswith("ed") and wording.word(last - 1) not in _NOUNS_ED:
        return True
    before = wording.text[max(0, phrase.start - 40) : phrase.start]
    if before.endswith("<"):
        return True
    # The Intercept is not what was intercepted, and the Organization for Marriage not any marriage.
    written = wording.written(first, last)
    return last - first == 1 and (
        re.search(_whole(written), whole) is None or _INSIDE_NAME.search(before) is not None
    )


def _trimmed(wording: Wording, first: int, last: int, weak: Callable[[str], bool]) -> Span:
    """The run without weak terms at its ends, but for those of a name that tells something."""
    kept = {
        place
        for begin, end in wording.names_in(first, last)
        if end <= last and not all(weak(one) for one, _, _ in wording.terms[begin:end])
        for place in range(max(begin, first), end)
    }

    def is_edge(place: int) -> bool:
        return place in kept or not (weak(wording.terms[place][0]) or wording.word(place) in _NO_EDGE)

    while first < last and not is_edge(first):
        first += 1
    while last > first and not is_edge(last - 1):
        last -= 1
    return first, last


def _name_alone(wording: Wording, first: int, last: int) -> Span:
    """The run without what stands before the full name that ends it: billionaire Tom Steyer, Gov. Ann Ode."""
    for begin, end in wording.names_in(first, last):
        if first < begin and end == last and end - begin > 1:
            before = range(first, begin)
            if all(
                wording.is_standing(one) or wording.word(one) == wording.written(one, one + 1)
                for one in before
            ):
                return begin, last
    return first, last


def _whole_words(wording: Wording, first: int, last: int) -> Span:
    """The run grown to the words with hyphens that it cuts: 3D-printed guns."""
    while 0 < first < last and wording.text[wording.terms[first][1] - 1] in _HYPHENS:
        if wording.terms[first - 1][2] != wording.terms[first][1] - 1:
            break
        first -= 1
    while first < last < len(wording.terms) and wording.text[wording.terms[last - 1][2]] in _HYPHENS:
        if wording.terms[last][1] != wording.terms[last - 1][2] + 1:
            break
        last += 1
    return first, last


def _whole_names(wording: Wording, first: int, last: int, whole: str) -> Span | None:
    """The run grown to the names that it cuts, where the other text holds them; None where it does not.

    A headline says "Obama" for a Barack Obama, but hardly "Bank" for the Bank of England: at the end of a
    name at most half of it may be missing.
    """
    for begin, end in wording.names_in(first, last):
        if first <= begin and end <= last:
            continue
        begins = _person(wording, begin, first, end)
        if end > last and 2 * (last - max(first, begins)) < end - begins:
            return None
        if begins < first or end > last:
            part = wording.written(max(first, begins), min(last, end))
            if not _means(whole, part, wording.written(begins, end)):
                return None
            first, last = min(first, begins), max(last, end)
    return first, last


def _person(wording: Wording, begin: int, first: int, end: int) -> int:
    """Where a name that ends at ``end`` begins for a run from ``first``: behind what stands before persons.

    What is left must be more than one word, since the Department of "Justice Department" is none; but
    before a single word "President" or "Sen." is taken off, too.
    """
    for place in range(first - 1, begin - 1, -1):
        if wording.is_standing(place) and (end - place > 2 or wording.word(place) in _BEFORE_SURNAME):
            return place + 1
    return begin


def _means(whole: str, part: str, name: str) -> bool:
    """Whether a text that says ``part`` means ``name`` by it: it holds that, and not more often another.

    Where it says Joe, an article about Joe Biden does not mean Uncle Joe, though he is in it.
    """
    if name not in whole and not re.search(_whole(name.lower()), whole.lower()):
        return False
    before, _, after = (piece.split() for piece in name.partition(part))
    count = 0
    for match in re.finditer(rf"(?:({_CAPITAL}) )?{_whole(part)}(?: ({_CAPITAL}))?", whole):
        left, right = match[1], match[2]
        if left and left.lower() not in STANDING and left.lower() not in _NO_EDGE:
            count += 1 if before[-1:] == [left] else -1
        elif right:
            count += 1 if after[:1] == [right] else -1
    return count >= 0


def _whole(words: str) -> str:
    """The pattern of words that stand by themselves."""
    return rf"(?<!\w){re.escape(words)}(?!\w)"
