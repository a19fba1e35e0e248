"""Which language a text is in, told offline by py3langid; None where it is not sure."""

from __future__ import annotations

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
    found = [_classified(part) for part in _windows(text)]
    sure = {language for language, confidence in found if confidence >= _SURE}
    if len(sure) != 1:
        return None
    language = sure.pop()
    agreed = all(other == language for other, _ in found)
    if language == _NO_LANGUAGE or not (agreed or max(found, key=_confidence)[1] >= _VERY_SURE):
        return None
    return language


def base_code(code: str) -> str:
    """A language code without its region: ``en`` for ``en-GB``."""
    return code.casefold().partition("-")[0]


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
