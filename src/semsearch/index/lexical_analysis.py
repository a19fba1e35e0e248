"""Text -> index terms: the one analysis that base, delta, queries and highlights share.

A token is split by rules that news needs: possessives go (``Obama's``), dotted acronyms close up
(``U.S.`` is ``us``), numbers lose their marks (``1,200`` and ``1.200`` are ``1200``), hyphens split
(``Covid-19`` is ``covid 19``), ``AT&T`` stays whole, an inner apostrophe vanishes (``O'Neill`` is
``oneill``), and scripts without blanks become pairs of characters. Then letters and digits get one
spelling, case and accents are folded and the word is stemmed (Snowball, by tantivy; light stems for
Arabic and Persian). No stop word is dropped.

Version 1, which indexes of earlier releases are read by, knows no other spellings, keeps ``1.200`` apart
from ``1200``, and has no terms but these: no ``extras`` and no ``written`` ones.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from semsearch.errors import SettingsInvalid
from semsearch.index.lexical_extras import Piece, asked_extras, number_pieces, word_pieces
from semsearch.index.lexical_letters import LIGHT, light_stem, plain_number
from semsearch.text.letters import one_spelling

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

# Recorded in every index: an index is read only by the analysis that wrote it.
ANALYSIS_VERSION = 2
OLDEST_ANALYSIS = 1

# tantivy's stemmers (rust-stemmers) by ISO 639-1 code, and Persian, which version 1 stems not.
STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}

_LONGEST_TERM = 64  # longer ones are addresses and encoded data; cut, so that they still match themselves
_REMEMBERED = 150_000  # distinct words kept with their terms, a few ten megabytes
_CLITICS = frozenset({"s", "ll", "re", "ve", "d", "m"})  # Obama's, we'll, they're, I've, she'd, I'm
# Elided words before a vowel (l'équipe, dell'arte), after Lucene's ElisionFilter defaults.
_ELISIONS = {
    "french": frozenset(
        {"l", "m", "t", "qu", "n", "s", "j", "d", "c", "jusqu", "quoiqu", "lorsqu", "puisqu"}
    ),
    "italian": frozenset(
        {"c", "l", "m", "t", "s", "v", "d", "gl", "un", "all", "dall", "dell", "nell", "sull", "coll", "pell"}
        | {"agl", "dagl", "degl", "negl", "sugl"}
    ),
}
# Scripts written without blanks, and Hangul, whose particles stick to the noun: Thai, Lao, Myanmar,
# Khmer, kana, ideographs, syllables, their compatibility blocks, and the supplementary planes 2 and 3.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_APOSTROPHES = "'’‘＇"
_PIECE = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}_]+")
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"\d+\.\d+")
_NUMBER_MARKS = frozenset(".,٫٬")
_DIGITS = re.compile(r"\d+")
_PART = re.compile(f"[^{_APOSTROPHES}]+")
# Letters that only shape their neighbour: soft hyphen, ʻokina and its like (Hawaiʻi is hawaii).
_SILENT = {0x00AD: None, 0x02BB: None, 0x02BC: None}

Kept = TypeVar("Kept")


def stemmer_named(language: str) -> str:
    """The stemmer for a setting: a name (``german``), a code (``de``) or ``none`` -> "".

    Raises SettingsInvalid for a language that has none.
    """
    name = _known_stemmer(language)
    if name is None and primary_part(language) != "none":
        known = ", ".join(sorted(set(STEMMERS.values())))
        raise SettingsInvalid(f"lexical language is {language!r}; give one of: {known}, none")
    return name or ""


def stemmer_of(language: str | None, default: str, version: int = ANALYSIS_VERSION) -> str:
    """The stemmer for an article: its language's ("" where that has none), ``default`` if it names none."""
    if language is None or not language.strip():
        return default
    name = _known_stemmer(language) or ""
    return "" if version == 1 and name == "persian" else name


def primary_part(language: str) -> str:
    """The primary part of a language code or name, lower-cased: ``en-GB`` is ``en``."""
    return re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]


def _known_stemmer(language: str) -> str | None:
    primary = primary_part(language)
    return primary if primary in STEMMERS.values() else STEMMERS.get(primary)


@cache
def analyzer(stemmer: str, version: int = ANALYSIS_VERSION) -> Analyzer:
    """The shared analyzer of a stemmer ("" for none); safe to use from several threads."""
    return Analyzer(stemmer, version)


class Analyzer:
    """Turns text into terms with one stemmer; remembers the terms of frequent words.

    No token holds a blank or looks past one, so a text is analysed word by word between its blanks; of
    numbers in groups (``1 200``) the whole is an extra term.
    """

    def __init__(self, stemmer: str, version: int = ANALYSIS_VERSION) -> None:
        self._version = version
        self._stemmer = stemmer
        self._elisions = _ELISIONS.get(stemmer, frozenset())
        self._stem = _Memo(_stemming(stemmer, version)).__getitem__
        self._unstemmed = _Memo(_stemming("", version)).__getitem__
        self._pattern = _token_pattern(version)
        self._memo = _Memo(lambda word: tuple(term for term, _, _ in self.spans(word)))
        self._written = _Memo(self._as_written)
        self._extras = _Memo(lambda word: tuple(term for term, _, _ in self._extra_pieces(word)))

    def terms(self, text: str) -> list[str]:
        """All terms of a text in their order, repeats included; none holds a blank."""
        words, memo = text.split(), self._memo
        here = {word: memo[word] for word in set(words)}  # a small table is faster to look up in
        return list(chain.from_iterable(map(here.__getitem__, words)))

    def spans(self, text: str) -> list[tuple[str, int, int]]:
        """The terms of a text, each with the (start, end) in characters that it came from."""
        return [
            (term, match.start() + left, match.start() + right)
            for match in self._pattern.finditer(text)
            for term, left, right in self._analyse(match[0])
        ]

    def written(self, text: str) -> list[str]:
        """The words of a text as they are written, but for case, accents and spelling, in their order."""
        return list(chain.from_iterable(map(self._written.__getitem__, text.split())))

    def extras(self, text: str) -> list[str]:
        """The other words that a text answers to, repeats included, without their mark; version 1 has none.

        What they are is told in ``lexical_extras``.
        """
        if self._version == 1:
            return []
        words = list(chain.from_iterable(map(self._extras.__getitem__, text.split())))
        return words + [number for number, _, _ in number_pieces(text)]

    def asked(self, word: str) -> list[str]:
        """The terms that a word of a query may stand as, beside those of ``terms``, without the mark."""
        if self._version == 1:
            return []
        return [term for piece in asked_extras(word) if (term := self._stem(piece))]

    def marked(self, text: str, wanted: Collection[str]) -> list[tuple[str, int, int]]:
        """The spans of the wanted terms alone: what ``spans`` gives, faster where few words give one."""
        wanted, memo = frozenset(wanted), self._memo
        found = [
            (term, start + left, start + right)
            for word in set(text.split())
            if not wanted.isdisjoint(memo[word])
            for start in _places(text, word)
            for term, left, right in self.spans(word)
            if term in wanted
        ]
        if self._version > 1:
            found += [piece for piece in self._extra_spans(text, wanted) if not _overlaps(piece, found)]
        return sorted(found, key=itemgetter(1))

    def _extra_spans(self, text: str, wanted: frozenset[str]) -> Iterator[Piece]:
        for word in set(text.split()):
            if not wanted.isdisjoint(self._extras[word]):
                pieces = [piece for piece in self._extra_pieces(word) if piece[0] in wanted]
                for start in _places(text, word):
                    yield from ((term, start + left, start + right) for term, left, right in pieces)
        yield from (piece for piece in number_pieces(text) if piece[0] in wanted)

    def _extra_pieces(self, word: str) -> list[Piece]:
        return [
            (term, left, right)
            for piece, left, right in word_pieces(word, self._stemmer)
            if (term := self._stem(piece))
        ]

    def _as_written(self, word: str) -> tuple[str, ...]:
        pieces = (
            piece[:_LONGEST_TERM]
            for match in self._pattern.finditer(word)
            for piece, _, _ in self._split(match[0])
        )
        lower = (piece.lower() if piece.isascii() else self._unstemmed(piece) for piece in pieces)
        return tuple(term for term in lower if term)

    def _analyse(self, token: str) -> list[Piece]:
        return [
            (term, left, right)
            for piece, left, right in self._split(token)
            if (term := self._stem(piece[:_LONGEST_TERM]))
        ]

    def _split(self, token: str) -> list[Piece]:
        """Cut a token into words, each with its place in the token."""
        whole = len(token)
        if token.isascii() and token.isalnum():
            return [(token, 0, whole)]
        if "&" in token:
            return [(token, 0, whole)]
        if not _NUMBER_MARKS.isdisjoint(token):
            if not token[0].isdigit():
                acronym = _PART.match(token)
                assert acronym is not None  # a letter comes first
                return [(acronym[0].replace(".", ""), 0, acronym.end())]
            number = self._number(token)
            if number is not None:
                return [(number, 0, whole)]
            return [(digits[0], *digits.span()) for digits in _DIGITS.finditer(token)]
        pieces: list[Piece] = []
        for match in _PIECE.finditer(token):
            if _UNSPACED_START.match(match[0]):
                pieces += _pairs(match[0], match.start())
            else:
                pieces += self._without_clitics(match[0], match.start())
        return pieces

    def _number(self, token: str) -> str | None:
        if self._version > 1:
            return plain_number(token)
        if _DECIMAL.fullmatch(token) or _THOUSANDS.fullmatch(token):
            return token.replace(",", "")
        return None

    def _without_clitics(self, word: str, start: int) -> list[Piece]:
        parts = list(_PART.finditer(word))
        while len(parts) > 1 and parts[-1][0].lower() in _CLITICS:
            parts.pop()
        if len(parts) > 1 and parts[0][0].lower() in self._elisions:
            parts.pop(0)
        if not parts:
            return []
        joined = "".join(part[0] for part in parts)
        return [(joined, start + parts[0].start(), start + parts[-1].end())]


def _overlaps(piece: Piece, others: Sequence[Piece]) -> bool:
    return any(piece[1] < end and start < piece[2] for _, start, end in others)


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word stands between blanks, or the ends of the text."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if (not start or text[start - 1].isspace()) and (end == len(text) or text[end].isspace()):
            yield start
        start = text.find(word, end)


class _Memo(dict[str, Kept]):
    """What was made of words, filled on demand and emptied when full (safe between threads: only a cache)."""

    def __init__(self, compute: Callable[[str], Kept]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, word: str) -> Kept:
        made = self._compute(word)
        if len(word) <= _LONGEST_TERM // 2:  # long ones are sentences without blanks: never seen again
            if len(self) >= _REMEMBERED:
                self.clear()
            self[word] = made
        return made


def _pairs(run: str, start: int) -> Sequence[Piece]:
    if len(run) == 1:
        return [(run, start, start + 1)]
    return [(run[at : at + 2], start + at, start + at + 2) for at in range(len(run) - 1)]


def _stemming(stemmer: str, version: int) -> Callable[[str], str]:
    """A function word -> term: compatibility forms, one spelling, case, accents, stem."""
    light = stemmer if version > 1 and stemmer in LIGHT else ""
    run = _tantivy_analyzer("" if light else stemmer).analyze
    lock = threading.Lock()  # tantivy's analyzer is one mutable object

    def stem(word: str) -> str:
        plain = unicodedata.normalize("NFKC", word.translate(_SILENT))
        if version > 1:
            plain = one_spelling(plain)
        with lock:
            term = "".join(run(plain))
        if not term.isascii():
            # The folding filter knows letters only, not combining accents (NFD queries, İ, Greek tonos).
            bare = (mark for mark in unicodedata.normalize("NFD", term) if not "\u0300" <= mark <= "\u036f")
            term = unicodedata.normalize("NFC", "".join(bare))
        return "".join((light_stem(term, light) if light else term).split())

    return stem


def _tantivy_analyzer(stemmer: str) -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.lowercase())
    if stemmer in {"", "english"}:
        # Folded first, so that naïve and naive get one stem; English endings carry no accents.
        builder = builder.filter(Filter.ascii_fold())
    if stemmer:
        builder = builder.filter(Filter.stemmer(stemmer))
    try:
        return builder.filter(Filter.ascii_fold()).build()
    except ValueError as exc:
        raise SettingsInvalid(f"lexical language is {stemmer!r}: {exc}") from exc


@cache
def _token_pattern(version: int) -> re.Pattern[str]:
    word = f"\\w{_marks()}\u00ad" + ("\u200c\u200d" if version > 1 else "")
    mark = ".,٫٬" if version > 1 else ".,"
    letter = f"[{word}]"
    return re.compile(
        f"[A-Za-z]{{4,}}+(?![{word}{_APOSTROPHES}])|"  # the plain word, first for speed
        rf"[^\W\d_](?:\.[^\W\d_])+(?!\w)\.?(?:[{_APOSTROPHES}]s(?!\w))?"  # U.S., U.N, a.m., U.S.'s
        rf"|\d+(?:[{mark}]\d+)+"  # 1,200 3.5 12.05.2020
        r"|\w{1,3}&\w{1,3}(?!\w)"  # AT&T, R&D
        f"|{letter}+(?:[{_APOSTROPHES}]{letter}+)*"
    )


def _marks() -> str:
    """Combining marks as ranges of a character class: part of words, though not to Python's patterns."""
    marks = [point for point in range(0x300, 0x1E00) if unicodedata.category(chr(point))[0] == "M"]
    ranges: list[list[int]] = []
    for point in marks:
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
