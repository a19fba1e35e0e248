"""Numbers as they are compared, and light stems for Arabic and Persian.

The stems are light ones after Larkey et al. 2002, "Improving Stemming for Arabic Information Retrieval",
and Lucene's PersianStemmer. A bare و stays: it is the first letter of too many words (وزير, وكالة). They
are taken of words in the one spelling of ``text.letters``.
"""

from __future__ import annotations

import re

from semsearch.text.letters import one_spelling

# 1,200 and 12,00,000 and 1.200, with decimals behind the other mark; a group never begins with 0.
_COMMAS = re.compile(r"[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
_DOTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_DECIMAL = re.compile(r"\d+[.,]\d+")
_MARKS = str.maketrans("٬٫", ",.")
# 1 200 000: groups of three with blanks of any width between them
BLANKS = " \u00a0\u2009\u202f"
GROUPED = re.compile(rf"(?<![\w.,])[1-9]\d{{0,2}}(?:[{BLANKS}]\d{{3}})+(?![\w]|[.,]\d)")

_ARTICLES = ("وال", "فال", "بال", "كال", "ال", "وبال", "ولل", "لل")  # the article, alone or after و ف ب ك ل
_POSSESSIVES = ("هما", "هم", "هن", "ها", "ه")  # ه stands for ة, too
_ARABIC_ENDINGS = ("ات", "ون", "ين", "ان", "يه", "ي")
_PERSIAN_ENDINGS = ("هايي", "هاي", "ها", "ات", "ان", "ترين", "تر", "ي")
LIGHT = ("arabic", "persian")


def plain_number(token: str) -> str | None:
    """A number without marks between thousands and with a dot before decimals; None where it is none.

    ``1,200``, ``1.200`` and ``١٬٢٠٠`` are ``1200``; ``3,5`` is ``3.5``; dates and lists are no numbers.
    """
    digits = one_spelling(token).translate(_MARKS)
    if _COMMAS.fullmatch(digits):
        return digits.replace(",", "")
    if _DOTS.fullmatch(digits):
        return digits.replace(".", "").replace(",", ".")
    if _DECIMAL.fullmatch(digits):
        return digits.replace(",", ".")
    return None


def joined_number(grouped: str) -> str:
    """A number in groups of three (``1 200``) as one."""
    return "".join(one_spelling(grouped).split())


def light_stem(word: str, language: str) -> str:
    """The stem of a word in one of the ``LIGHT`` languages."""
    return _arabic_stem(word) if language == "arabic" else _persian_stem(word)


def _arabic_stem(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= 2:
            word = word[len(article) :]
            break
    for ending in _POSSESSIVES:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if word.endswith("ت") and len(word) > 3:  # ة before a possessive: حكومته
                word = word[:-1]
            break
    for ending in _ARABIC_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
    return word


def _persian_stem(word: str) -> str:
    for ending in _PERSIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            return word[: -len(ending)]
    return word
