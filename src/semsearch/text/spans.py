"""Where paragraphs and sentences start and end, in characters; spans are in order and never overlap."""

from __future__ import annotations

import re

Span = tuple[int, int]

_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*+(?:\n[^\S\n]*+)++")

# All patterns are possessive or bounded, so that no text makes them slower than linear.
_CLOSERS = "\"'”’»)\\]}›"
# Where a sentence may end: Latin marks before a blank, marks of scripts that need no blank, a new line.
# All begin with one of a few characters: to look for those first halves the time of splitting.
_CANDIDATE = re.compile(
    r"(?=[.!?…؟۔।॥。！？｡\n])(?:"
    rf"(?<![.!?…؟۔।॥])(?P<mark>[.!?…؟۔।॥]++)(?P<close>[{_CLOSERS}]*+)(?P<gap>\s++|(?=[“\"]?[A-Z][a-z])|\Z)"
    r"|(?P<wide>[。！？｡]++[」』”’）)\]]*+\s*+)"
    r"|(?P<line>\n\s*+))"
)
_NOT_A_WORD = " \t\n\"'“”‘’«»()[]{}—–*_"
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_NEXT_WORD = re.compile(r"[“\"'‘«(\[]{0,4}([^\W_][\w'’-]{0,40}\.?)")
_BACK = 40  # characters looked at before a mark: longer than any abbreviation


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    """
    mr mrs ms mx dr prof rep reps sen sens gov govs gen col lt sgt capt cmdr adm rev hon pres maj cpl
    pvt supt det insp atty amb sec messrs mme mlle st mt ft vs v fr sr.a msgr brig cdr ald asst treas
    dept univ approx est cf ed eds e.g i.e al lt.gov lt.col lt.gen maj.gen brig.gen
    """
)
_BEFORE_NUMBER = _words(
    """
    no nos p pp vol fig figs sec ch art jan feb mar apr jun jul aug sep sept oct nov dec ca c
    """
)
# These end a sentence only when a word follows that usually starts one.
_MAYBE_END = _words(
    """
    inc corp co cos ltd llc bros jr sr ph.d m.d b.a m.a u.s u.k u.n e.u u.s.a u.a.e d.c l.a n.y n.j n.c
    s.c n.h n.m n.d s.d r.i w.va a.m p.m etc esq ave blvd rd sq ala ariz ark calif colo conn del fla ga
    ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore pa tenn tex vt va wash wis wyo jan
    feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun plc pct mln
    bln assn natl intl
    """
)
_STARTERS = _words(
    """
    the a an in on at it its he she they we i you this that these those but and so yet or if when while
    after before as for from by with to there here his her their our my your what who why how where
    which not no many most some such since although though however meanwhile also one two three now then
    last both each all despite during under over between among until once still even just only more
    officials police critics according earlier later instead
    """
)


def split_paragraphs(body: str) -> list[Span]:
    """Spans of the paragraphs of a body, without the blanks around them; only blanks lie between spans."""
    spans: list[Span] = []
    start = 0
    for gap in _PARAGRAPH_BREAK.finditer(body):
        _append_trimmed(spans, body, start, gap.start())
        start = gap.end()
    _append_trimmed(spans, body, start, len(body))
    return spans


def split_sentences(text: str) -> list[Span]:
    """Spans of the sentences of a text, without the blanks around them; only blanks lie between spans.

    Made for English news (titles, states, companies, initials, quotes, decimals) and safe for others: the
    full stops of Chinese, Japanese, Hindi, Arabic and Urdu count. Sentences are never cut for their length.
    """
    spans: list[Span] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        if _ends(text, match):
            _append_trimmed(spans, text, start, match.end())
            start = match.end()
    _append_trimmed(spans, text, start, len(text))
    return spans


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends(text: str, match: re.Match[str]) -> bool:
    blanks = match["gap"] or match["line"] or ""
    if match["wide"] is not None or match.end() == len(text) or blanks.count("\n") > 1:
        return True
    if not blanks:
        return _is_glued(text, match)
    if match["line"] is not None or _starts_lower(text, match.end()):
        return not _starts_lower(text, match.end())
    return not match["mark"].endswith(".") or len(match["mark"]) > 1 or _full_stop_ends(text, match)


def _starts_lower(text: str, position: int) -> bool:
    word = _NEXT_WORD.match(text, position)
    return word is not None and word[1][0].islower()


def _is_glued(text: str, match: re.Match[str]) -> bool:
    """Whether ``end.The`` is two sentences that lost their blank, and no address or name like Amazon.Com."""
    if len(match["mark"]) > 1:
        return False
    before = text[max(0, match.start() - _BACK) : match.start()].rsplit(None, 1)
    word = before[-1] if before else ""
    if re.compile(r"(?:Com|Net|Org|Co|Gov|Edu)\b").match(text, match.end()):
        return False
    return len(word) >= 3 and word[-2:].isalpha() and word[-2:].islower() and not re.search(r"[./@:]", word)


def _full_stop_ends(text: str, match: re.Match[str]) -> bool:
    """Whether the full stop before a blank and a capital, digit or quote ends a sentence."""
    following = _NEXT_WORD.match(text, match.end())
    before = text[max(0, match.start() - _BACK) : match.start()].rsplit(None, 1)[-1:]
    if not before or following is None or match["close"] or text[match.start() - 1].isspace():
        return True
    written, next_word = before[0].strip(_NOT_A_WORD), following[1]
    word = written.lower()
    part = word.rpartition("-")[2]  # R-Ky., D-Calif.
    if word in _TITLES or part in _TITLES:
        return False
    if word in _BEFORE_NUMBER and next_word[0].isdigit():
        return False
    is_initial = _INITIALS.fullmatch(written) is not None
    if is_initial and next_word.endswith("."):
        return False
    if part in _MAYBE_END or (is_initial and written.isupper()):
        return next_word.lower().rstrip(".") in _STARTERS
    return True
