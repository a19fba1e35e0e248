"""Rewrite the dates of other languages and scripts in the words and digits that English has for them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Whose names of months and days are known; Babel takes them from the Unicode CLDR.
_LOCALES = (
    "de", "de_AT", "fr", "fr_CA", "es", "es_MX", "ca", "it", "pt", "pt_PT", "nl", "sv", "da", "nb", "fi",
    "pl", "cs", "sk", "sl", "ro", "hu", "tr", "ru", "uk", "bg", "el", "id", "ar", "he",
)  # fmt: skip
_ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ALSO = {"sept": 9, "maerz": 3, "jaenner": 1, "feber": 2, "mrt": 3, "agt": 8}
_TUESDAY = "mar"  # in French, Spanish and Italian; March in these and others
# Words between the parts of a date that say nothing: of, the, at, o'clock.
_FILLERS = frozenset(
    (
        "de", "del", "di", "da", "do", "d", "le", "la", "las", "los", "el", "il", "al", "à", "a", "às",
        "alle", "ore", "kl", "klo", "um", "uhr", "om", "uur", "den", "der", "im", "at", "on", "o", "г",
        "года", "р", "року", "r", "в", "о", "u", "og", "och",
    )
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:er|ère|º|ª|°|e)(?=[\s.,])", re.I)
_LEADING_AM = re.compile(r"(?:^|(?<=[\s,]))am\s+(?=\d{1,2}\.)", re.I)  # German: on the 3rd
_HALF = re.compile(r"\b([ap])\.\s?m\.?(?!\w)", re.I)
_HOUR_WORD = re.compile(r"(?<![\d.:])(\d{1,2})\s*(?:h|hs|hrs?|uhr|uur)(?![^\W\d_])\s*(\d{2})?(?!\d)", re.I)
_SPACED = re.compile(r"(?<!\d)(\d{4})\s?[./]\s?(\d{1,2})\s?[./]\s?(\d{1,2})(?:\.(?!\d))?")

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民國": 1911, "民国": 1911}
_NUMERALS = {one: value for value, one in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_NUMERAL_RUN = re.compile(r"[〇零○一二三四五六七八九十]+(?=\s*[年月日号號时時点點分秒])")
_CJK_WEEKDAY = re.compile(
    r"[(（]\s*[月火水木金土日一二三四五六월화수목금토일](?:曜日?|요일)?\s*[)）]"
    r"|(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일"
)
_CJK_DAY = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|民國|民国)?\s*(?P<year>\d{1,4}|元)\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]"
    r"\s*(?P<day>\d{1,2})\s*(?:[日号號일]|(?=\s|$))"
)
_CJK_TIME = re.compile(
    r"(?P<half>上午|下午|午前|午後|오전|오후|凌晨|早上|中午|晚上|傍晚)?\s*(?P<hour>\d{1,2})\s*[时時点點시:]\s*"
    r"(?P<minute>\d{1,2})?\s*[分분:]?\s*(?P<second>\d{1,2})?\s*[秒초]?"
)
_MORNING = frozenset({"上午", "午前", "오전", "凌晨", "早上"})


def in_english(text: str) -> str:
    """The text with foreign months, digits and hours as English writes them, without weekdays and fillers.

    What is not known stays as it is, so that it is refused where the date is read.
    """
    text = unicodedata.normalize("NFKC", _ORDINAL.sub("", text))
    text = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    text = _from_cjk(text)
    text = _SPACED.sub(r"\1-\2-\3 ", text)
    text = _HALF.sub(r"\1m", _LEADING_AM.sub(" ", text))
    text = _HOUR_WORD.sub(lambda match: f"{match[1]}:{match[2] or '00'}", text)
    months, days = _names()
    named = {_plain(word) for word in _WORD.findall(text)} & months.keys()
    if named - {_TUESDAY}:  # beside another month it is the day
        named.discard(_TUESDAY)

    def translated(match: re.Match[str]) -> str:
        word = _plain(match[0])
        if word in named:
            return f" {_ENGLISH[months[word] - 1]} "
        return " " if word in _FILLERS or word in days else match[0]

    return " ".join(_WORD.sub(translated, text).replace(" ,", ",").strip(" ,").split())


def _plain(word: str) -> str:
    return word.rstrip(".").casefold()


@cache
def _names() -> tuple[dict[str, int], frozenset[str]]:
    """The month of each name that means one month wherever it is used, and all names of days."""
    from babel import Locale

    months: dict[str, set[int]] = {name: {number} for name, number in _ALSO.items()}
    days: set[str] = set()
    for code in _LOCALES:
        locale = Locale.parse(code)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    for form in _forms(name):
                        months.setdefault(form, set()).add(number)
                for name in locale.days[context][width].values():
                    days.update(_forms(name))
    months[_TUESDAY] = {3}
    known = {name: numbers.pop() for name, numbers in months.items() if len(numbers) == 1}
    return known, frozenset(days | {_TUESDAY})


def _forms(name: str) -> set[str]:
    """A name as it is compared, also without its accents; none for one of several words or with digits."""
    plain = name.rstrip(".").casefold()
    bare = "".join(one for one in unicodedata.normalize("NFD", plain) if not unicodedata.combining(one))
    return {form for form in (plain, bare) if form.isalpha()}


def _from_cjk(text: str) -> str:
    """Chinese, Japanese and Korean days and hours in the form 2024-10-09 15:05:00."""
    text = _NUMERAL_RUN.sub(_number, text)
    day = _CJK_DAY.search(text)
    if day is None and not re.search(r"[午時时点點시]|오[전후]", text):
        return _CJK_WEEKDAY.sub(" ", text)
    before, rest = ("", text) if day is None else (_day(day), text[: day.start()] + " " + text[day.end() :])
    rest = _CJK_WEEKDAY.sub(" ", rest)
    return f"{before} {_CJK_TIME.sub(_clock, rest, count=1)}".strip()


def _number(match: re.Match[str]) -> str:
    """Chinese numerals in digits: 二〇二四 is 2024, 二十九 is 29."""
    run = match[0]
    if "十" not in run:
        return "".join(str(_NUMERALS[one]) for one in run)
    tens, _, ones = run.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return run
    return str((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))


def _day(match: re.Match[str]) -> str:
    written = match["year"]
    if match["era"]:
        year = _ERAS[match["era"]] + (1 if written == "元" else int(written))
    elif len(written) == 4:  # a year of two digits may be one of several calendars
        year = int(written)
    else:
        return match[0]
    return f"{year:04d}-{match['month']}-{match['day']}"


def _clock(match: re.Match[str]) -> str:
    half, hour = match["half"], int(match["hour"])
    if half in _MORNING:
        if hour >= 12:  # noon to some, midnight to others
            return match[0]
    elif half == "中午":
        hour += 12 if hour < 3 else 0
    elif half is not None:
        if hour == 12 and half in {"晚上", "傍晚"}:  # midnight of this day or of the next
            return match[0]
        hour = hour % 12 + 12
    return f" {hour}:{int(match['minute'] or 0):02d}:{int(match['second'] or 0):02d} "
