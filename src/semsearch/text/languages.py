"""Which language a text is in, told offline by py3langid; None where it is not sure."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

from semsearch.errors import StorageFailed

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

HEAD = 1_200  # characters looked at, so that a long body costs no more than a short one
_WINDOW = 150  # characters of each of the two places that have to agree
# py3langid's confidence allows for the length of the text. Of 15,283 English headlines it named
# another language with this one in nine, of which two were German indeed and six are of _NEVER.
_SURE = 0.75
_VERY_SURE = 0.9
_CERTAIN = 0.95  # of the languages that a text can be in
# Letters of one language, or nearly: texts in them need no more than a few. Thai, Lao, Khmer, Burmese,
# Korean, Japanese (kana), Greek, Hebrew, Armenian, Georgian, Tamil, Telugu, Kannada, Malayalam, Sinhala.
_SCRIPTS = {
    "th": "\u0e01-\u0e2e",
    "lo": "\u0e81-\u0eae",
    "km": "\u1780-\u17b3",
    "my": "\u1000-\u102a",
    "ko": "\uac00-\ud7a3",
    "ja": "\u3041-\u30ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u05d0-\u05ea",
    "hy": "\u0531-\u0586",
    "ka": "\u10d0-\u10fa",
    "ta": "\u0b85-\u0bb9",
    "te": "\u0c05-\u0c39",
    "kn": "\u0c85-\u0cb9",
    "ml": "\u0d05-\u0d3a",
    "si": "\u0d85-\u0dc6",
}
_IN_SCRIPT = {code: re.compile(f"[{letters}]") for code, letters in _SCRIPTS.items()}
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_WRITTEN = 0.6  # share of a text's letters that decides its language
_KANA = 0.1  # share of kana from which a text in ideographs is Japanese
_HAN_LEAST = 10  # ideographs without kana: Japanese hardly does without for so long
# Nigerian Pidgin is written in English words: English headlines from Nigeria would be taken for it.
_NEVER = frozenset({"pcm"})
_NO_LANGUAGE = "zxx"  # tables and codes (ISO 639-2)
_AS_USUAL = {"nb": "no", "hbo": "he", "grc": "el", "ary": "ar", "yue": "zh", "wuu": "zh"}


def detect_language(text: str) -> str | None:
    """The code of the language of a text (ISO 639, two letters where it has them), or None when unsure.

    Only the first 1,200 characters count. Short texts and texts in two languages are unsure. Bokmål
    is ``no``. The same text always gives the same answer.
    """
    text = text[:HEAD]
    if sum(map(str.isalpha, text)) < 2:
        return None
    written = _by_letters(text)
    if written is not None:
        return written
    found = [_classified(part) for part in _windows(text)]
    sure = {language for language, confidence in found if confidence >= _SURE}
    if len(sure) != 1:
        return None
    language = sure.pop()
    agreed = all(other == language for other, _ in found)
    if language == _NO_LANGUAGE or not (agreed or max(found, key=_confidence)[1] >= _VERY_SURE):
        return None
    return language


def certain_among(text: str, codes: Collection[str]) -> str | None:
    """Which of a few languages a text is in, where no other of them comes into question; else None.

    Of 4,800 English queries (whole headlines and their first one to three words) none was taken for
    German, French, Spanish, Italian or Dutch; of 400 German first sentences 395 were recognised.
    """
    if not codes or not any(map(str.isalpha, text)):
        return None
    likely = {_AS_USUAL.get(code, code): 0.0 for code in codes}
    for code, confidence in _identifier().rank(text[:HEAD]):
        usual = _AS_USUAL.get(code, code)
        if usual in likely:
            likely[usual] += float(confidence)
    best = max(likely, key=likely.__getitem__)
    return best if likely[best] >= _CERTAIN * sum(likely.values()) > 0 else None


def is_latin(text: str) -> bool:
    """Whether at least half of the letters of a text are Latin, or it has none."""
    letters = [mark for mark in text if mark.isalpha()]
    latin = sum(mark < "\u0250" or "\u1e00" <= mark < "\u1f00" for mark in letters)
    return 2 * latin >= len(letters)


def base_code(code: str) -> str:
    """A language code without its region: ``en`` for ``en-GB``."""
    return code.casefold().partition("-")[0]


def _by_letters(text: str) -> str | None:
    """The language whose own letters a text is written in; None where others have the same letters."""
    if text.isascii():
        return None
    letters = sum(map(str.isalpha, text))
    han = len(_HAN.findall(text))
    for code, own in _IN_SCRIPT.items():
        found = len(own.findall(text))
        if code == "ja" and found >= _KANA * letters:
            found += han
        if found >= _WRITTEN * letters:
            return code
    return "zh" if han >= max(_HAN_LEAST, _WRITTEN * letters) and not _IN_SCRIPT["ja"].search(text) else None


def _windows(text: str) -> list[str]:
    """The text, or its start and its end where it is long: a quote in between decides nothing."""
    if len(text) <= 2 * _WINDOW:
        return [text]
    return [text[:_WINDOW], text[-_WINDOW:]]


def _classified(text: str) -> tuple[str, float]:
    language, confidence = _identifier().classify(text)
    return _AS_USUAL.get(language, language), confidence


def _confidence(found: tuple[str, float]) -> float:
    return found[1]


@cache
def _identifier() -> LanguageIdentifier:
    """The model of py3langid, about 80 MB, loaded when the first text is looked at.

    Raises StorageFailed where the temporary file that it is unpacked to does not fit.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError as exc:
        raise StorageFailed(
            f"the model of languages cannot be unpacked to a temporary file ({exc.strerror or exc}); "
            "free 100 MB there, or set TMPDIR to a folder with space"
        ) from exc
    identifier.set_languages(set(identifier.labels) - _NEVER)
    return identifier
