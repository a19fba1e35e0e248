"""Article -> passages: title-aware, sentence-aligned, measured in the encoder's own tokens; pure.

The encoder comes in as two things only: a function that gives the character span of each token,
and the number of tokens that a passage may hold.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import TypeAlias

from semsearch.articles import Article, Passage
from semsearch.options import PassageOptions
from semsearch.text import split_sentences
from semsearch.text.heads import cut_before, parts_of

Span = tuple[int, int]
TokenSpans = Callable[[Sequence[str]], list[list[Span]]]
Starts: TypeAlias = "array[int]"  # where each token of a text starts: four bytes a token

# The title may take this part of the room, so that an absurdly long one leaves room for the text.
_TITLE_SHARE = 3
# Repeated sentences may take this part of the room, so that overlap never doubles the work.
_OVERLAP_SHARE = 4
# A passage under this part of the room is the first to go when an article has too many.
_CRUMB_SHARE = 8
# Some tokenizers join or split tokens differently at the edges of a text than inside it: a passage
# this near to the window is counted again as it will be encoded.
_EDGE_TOKENS = 4
# Characters of the articles that are cut at a time.
_GROUP_CHARACTERS = 1_000_000
# Characters handed to the tokenizer in one call, which takes half a kilobyte a token meanwhile: many short
# texts share one, a longer text has several.
_CALL_CHARACTERS = 100_000
# A longer body is no article: where its passages are bounded in number, its beginning is cut into passages,
# and parts of the rest, from which the later passages are chosen. So no text is tokenised for nothing.
_LONGEST_READ = 100_000
_BEGINNING = 40_000
_PARTS, _PART_CHARACTERS = 12, 5_000


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one longer than the room: never cut further; body offsets."""

    start: int
    end: int
    tokens: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of the body without boilerplate, and where its tokens start (offsets into ``text``)."""

    start: int
    text: str
    tokens: Starts


@dataclass(frozen=True, slots=True)
class _Draft:
    """An article being cut: its title (with a line break), where the title's tokens start, its runs."""

    article: Article
    title: str
    title_tokens: Starts
    runs: list[_Run]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A passage to be: body offsets, tokens as counted inside the body, whether to count again."""

    start: int
    end: int
    tokens: int
    doubtful: bool


def split_passages(
    article: Article,
    kept_spans: Sequence[Span],
    token_spans: TokenSpans,
    options: PassageOptions,
    window: int,
) -> list[Passage]:
    """The passages of one article; see ``split_many``."""
    return split_many([(article, kept_spans)], token_spans, options, window)[0]


def split_many(
    articles: Iterable[tuple[Article, Sequence[Span]]],
    token_spans: TokenSpans,
    options: PassageOptions,
    window: int,
) -> list[list[Passage]]:
    """For each article its passages, in the order of the body, each at most ``window`` tokens.

    ``kept_spans`` are the parts of the body that may be used, in order (all but the site's
    boilerplate); a passage lies within one of them, where parts with only white space between them
    count as one. ``window`` is in tokens without special ones (``EncoderInfo.passage_tokens``);
    ``options.tokens`` may ask for less. A passage's text is the title, a line break, and
    ``body[start:end]``. An article without usable text is one passage of its title, 0..0, and
    without a title has none. Of an article with more than ``options.max_per_article`` passages
    the first half of that number is kept and the others are spread evenly over the rest of it; of one
    longer than ``_LONGEST_READ`` characters, over parts of the rest that lie evenly in it.
    """
    if options.max_per_article:
        articles = ((article, _sampled(article.body, kept)) for article, kept in articles)
    room = min(window, options.tokens) if options.tokens else window
    made: list[list[Passage]] = []
    for group in _groups(articles):
        drafts = _drafts(group, token_spans)
        rooms = [room] * len(drafts)
        passages = [_cut(draft, options, room) for draft in drafts]
        while over := _over(passages, token_spans, room):
            for row, excess in over.items():
                rooms[row] -= excess
                passages[row] = _cut(drafts[row], options, rooms[row])
                if rooms[row] <= 1:  # cannot be made smaller; the encoder will cut it
                    passages[row] = [(passage, False) for passage, _ in passages[row]]
        made.extend([passage for passage, _ in found] for found in passages)
    return made


def _sampled(body: str, kept: Sequence[Span]) -> Sequence[Span]:
    """The kept spans; of a huge body those in its beginning and in even parts of the rest."""
    if len(body) <= _LONGEST_READ:
        return kept
    beginning = cut_before(body, 0, _BEGINNING)
    samples = [(0, beginning)]
    for part in range(1, _PARTS + 1):
        end = beginning + part * (len(body) - beginning) // _PARTS
        start = cut_before(body, samples[-1][1], max(1, end - _PART_CHARACTERS - samples[-1][1]))
        samples.append((start, cut_before(body, start, max(1, end - start))))
    found: list[Span] = []
    for first, last in samples:
        at = bisect_right(kept, first, key=itemgetter(1))
        while at < len(kept) and kept[at][0] < last:
            found.append((max(kept[at][0], first), min(kept[at][1], last)))
            at += 1
    return found


def _groups(
    articles: Iterable[tuple[Article, Sequence[Span]]],
) -> Iterator[list[tuple[Article, Sequence[Span]]]]:
    group: list[tuple[Article, Sequence[Span]]] = []
    size = 0
    for article, kept in articles:
        group.append((article, kept))
        size += len(article.body)
        if size >= _GROUP_CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _drafts(group: Sequence[tuple[Article, Sequence[Span]]], token_spans: TokenSpans) -> list[_Draft]:
    """The articles with the tokens of their titles and runs."""
    runs = [_runs(article.body, kept) for article, kept in group]
    titles = [f"{title}\n" if (title := article.title.strip()) else "" for article, _ in group]
    texts = [*titles, *(text for found in runs for _, text in found)]
    tokens = iter(_starts(texts, token_spans))
    title_tokens = [next(tokens) for _ in titles]
    return [
        _Draft(article, title, of_title, [_Run(start, text, next(tokens)) for start, text in found])
        for (article, _), title, of_title, found in zip(group, titles, title_tokens, runs, strict=True)
    ]


def _starts(texts: Sequence[str], token_spans: TokenSpans) -> list[Starts]:
    """For each text where its tokens start, from calls to the tokenizer that are bounded."""
    found = [array("i") for _ in texts]
    call: list[tuple[int, int, str]] = []

    def ask() -> None:
        answers = token_spans([part for _, _, part in call])
        for (row, offset, _), spans in zip(call, answers, strict=True):
            found[row].extend(offset + start for start, _ in spans)
        call.clear()

    size = 0
    for row, text in enumerate(texts):
        for offset, part in parts_of(text, _CALL_CHARACTERS):
            call.append((row, offset, part))
            size += len(part)
            if size >= _CALL_CHARACTERS:
                ask()
                size = 0
    if call:
        ask()
    return found


def _runs(body: str, kept: Sequence[Span]) -> list[tuple[int, str]]:
    """Where each usable stretch starts, and its text; stretches parted by white space alone are one."""
    merged: list[Span] = []
    for start, end in kept:
        if merged and not body[merged[-1][1] : start].strip():
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(start, body[start:end]) for start, end in merged if body[start:end].strip()]


def _over(
    passages: Sequence[Sequence[tuple[Passage, bool]]], token_spans: TokenSpans, room: int
) -> dict[int, int]:
    """Articles with a passage over the window when counted as it will be encoded: row -> tokens too many."""
    doubtful = [(row, passage) for row, found in enumerate(passages) for passage, doubt in found if doubt]
    if not doubtful:
        return {}
    over: dict[int, int] = {}
    counted = _starts([passage.text for _, passage in doubtful], token_spans)
    for (row, _), tokens in zip(doubtful, counted, strict=True):
        if len(tokens) > room:
            over[row] = max(over.get(row, 0), len(tokens) - room)
    return over


def _cut(draft: _Draft, options: PassageOptions, room: int) -> list[tuple[Passage, bool]]:
    """The passages of one article, each with whether its tokens must be counted again."""
    room = max(room, 1)
    article_id = draft.article.id
    if not draft.runs:
        title, doubtful = _cut_title(draft, room)
        text = title.rstrip("\n")
        return [(Passage(article_id, 0, 0, 0, text), doubtful)] if text else []
    title, cut_title = _cut_title(draft, room // _TITLE_SHARE)
    title_tokens = min(len(draft.title_tokens), room // _TITLE_SHARE)
    free = max(1, room - title_tokens)
    pieces = [piece for run in draft.runs for piece in _pieces(run, free, options.overlap_sentences)]
    body = draft.article.body
    return [
        (
            Passage(article_id, ordinal, piece.start, piece.end, title + body[piece.start : piece.end]),
            cut_title or piece.doubtful or piece.tokens > free - _EDGE_TOKENS,
        )
        for ordinal, piece in enumerate(_choose(pieces, options.max_per_article, free))
    ]


def _cut_title(draft: _Draft, most: int) -> tuple[str, bool]:
    """The title within ``most`` tokens, cut at a word where there is one, and whether it was cut."""
    tokens = draft.title_tokens
    if len(tokens) <= most:
        return draft.title, False
    if most < 1:
        return "", True
    end = _break_before(draft.title, tokens, 0, most)
    return draft.title[: tokens[end]].rstrip() + "\n", True


def _pieces(run: _Run, free: int, overlap: int) -> Iterator[_Piece]:
    units = _units(run, free)
    sums = list(accumulate((unit.tokens for unit in units), initial=0))
    for first, last in _partition(sums, free, overlap):
        chosen = units[first:last]
        yield _Piece(
            chosen[0].start, chosen[-1].end, sums[last] - sums[first], any(unit.cut for unit in chosen)
        )


def _units(run: _Run, free: int) -> list[_Unit]:
    """The sentences of a run; one with more than ``free`` tokens is cut, at words where it can be."""
    units: list[_Unit] = []
    token = 0
    for start, end in split_sentences(run.text):
        first = token
        while token < len(run.tokens) and run.tokens[token] < end:
            token += 1
        if token - first <= free:
            units.append(_Unit(run.start + start, run.start + end, token - first))
        else:
            units.extend(_cut_sentence(run, (start, end), (first, token), free))
    return units


def _cut_sentence(run: _Run, span: Span, token_range: Span, free: int) -> Iterator[_Unit]:
    start, end = span
    token, last = token_range
    while last - token > free:
        after = _break_before(run.text, run.tokens, token, token + free)
        while after < last and run.tokens[after] <= start:  # several tokens of one character
            after += 1
        if after == last:
            break
        stop = run.tokens[after]
        piece = run.text[start:stop].rstrip()
        yield _Unit(run.start + start, run.start + start + len(piece), after - token, cut=True)
        # Byte tokenizers put the white space into the token: it stays out of the span.
        start, token = stop + len(run.text[stop]) - len(run.text[stop].lstrip()), after
    yield _Unit(run.start + start, run.start + end, last - token, cut=True)


def _break_before(text: str, tokens: Starts, first: int, most: int) -> int:
    """The last token in ``first+1..most`` that begins a word, else ``most``."""
    for token in range(most, first, -1):
        start = tokens[token]
        if text[start].isspace() or text[start - 1].isspace():
            return token
    return most


def _partition(sums: Sequence[int], free: int, overlap: int) -> list[Span]:
    """Units into as few passages as fit, then as even as can be: no last passage of a few words.

    ``sums`` are running totals of the units' tokens. The least bound that needs no more passages than
    the full one is found by bisection.
    """
    parts = _fill(sums, free, overlap)
    if len(parts) < 2:
        return parts
    low, high = -(-sums[-1] // len(parts)), free
    while low < high:
        middle = (low + high) // 2
        tried = _fill(sums, middle, overlap)
        widest = max(sums[last] - sums[first] for first, last in tried)
        if len(tried) <= len(parts) and widest <= middle:
            parts, high = tried, middle
        else:
            low = middle + 1
    return parts


def _fill(sums: Sequence[int], most: int, overlap: int) -> list[Span]:
    """Units put into passages of ``most`` tokens one after the other, with overlap where it is cheap."""
    parts: list[Span] = []
    new, count = 0, len(sums) - 1
    while new < count:
        first = new
        floor = parts[-1][0] + 1 if parts else new
        while new - first < overlap and first > floor:
            repeated = sums[new] - sums[first - 1]
            if repeated > most // _OVERLAP_SHARE or sums[new + 1] - sums[first - 1] > most:
                break
            first -= 1
        last = new + 1
        while last < count and sums[last + 1] - sums[first] <= most:
            last += 1
        parts.append((first, last))
        new = last
    return parts


def _choose(pieces: Sequence[_Piece], most: int, free: int) -> list[_Piece]:
    """At most ``most`` pieces (0: all): the first half of them, the others evenly from the rest."""
    if not most or len(pieces) <= most:
        return list(pieces)
    crumbs = [row for row, piece in enumerate(pieces) if row and piece.tokens < free // _CRUMB_SHARE]
    dropped = set(crumbs[::-1][: len(pieces) - most])
    left = [piece for row, piece in enumerate(pieces) if row not in dropped]
    lead = (most + 1) // 2
    spread = most - lead
    rest = len(left) - lead
    return left[:lead] + [left[lead + (place + 1) * rest // spread - 1] for place in range(spread)]
