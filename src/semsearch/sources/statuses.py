"""What a status means: one table of the words in which systems say that an article is published or not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal

from semsearch.text import clean_line

UNPUBLISHED = "unpublished"  # the status of an article that is only said not to be published
SCHEDULED = "scheduled"
UNKNOWN = (
    "not a usual word for a status; readers do not see the article, unless [visibility] published_statuses "
    "in semsearch.toml names it"
)
_MOST = 60  # characters of a status


def _words(text: str) -> frozenset[str]:
    """Words written as they are compared: letters and digits alone, small."""
    return frozenset(text.split())


_PUBLISHED = _words(
    "publish published public live active online final visible enabled released posted open everyone all "
    "anyone world default ok usable statusable current updated corrected modified free unrestricted "
    "externallypublished 1 true yes on "
    "veröffentlicht öffentlich aktiv publié publiée enligne publicado publicada público pubblicato "
    "pubblicata gepubliceerd openbaar publicerad publisert udgivet julkaistu opublikowany опубликовано"
)
_SCHEDULED = _words("scheduled future timed planned queued upcoming publishlater geplant programado")
DRAFTS = _words(  # words that mean this wherever they stand
    "draft drafts autodraft unpublished notpublished scheduled embargo embargoed spiked killed trash trashed "
    "deleted archived hidden private pendingreview needsreview inreview underreview forreview withheld "
    "unlisted entwurf brouillon borrador bozza rascunho utkast kladde luonnos szkic черновик"
)
ACCESS = _words(  # words for those who alone may see an article
    "private protected password passwordprotected member members memberonly membersonly paid paidonly "
    "onlypaid onlyfree paying premium subscriber subscribers subscriberonly subscribersonly subscription "
    "founding registered registeredonly restricted internal special unlisted hidden tiers loggedin "
    "authenticated privat"
)
WORKFLOW = (
    _SCHEDULED
    | DRAFTS
    | ACCESS
    | _words(
        "pending review removed archive withdrawn retracted recalled canceled cancelled expired inactive "
        "disabled offline invisible inherit rejected blocked suspended wip workinprogress inprogress "
        "incomplete obsolete sent spam preview idea pitch assigned submitted approved ready readytopublish "
        "ingested fetched routed onhold hold internallypublished archiviert concept"
    )
)
_HIDDEN = WORKFLOW | _words("noindex 0 false no off")
_NAMES = (
    "name", "value", "label", "slug", "code", "qcode", "@qcode", "key", "status", "state", "level", "title",
    "uri", "@id", "target_id", "id",
)  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,9}")
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,2}(?:\.0)?\s*")
# stat:usable, or the address of such a code
_CODED = re.compile(r"(?:https?://[^\s?]{1,200}[/#]|([\w.-]{1,50}):)([\w-]+)", re.I)
_TRUE = frozenset({"true", "yes", "1", "on", "y", "t", "1.0"})
_FALSE = frozenset({"false", "no", "0", "off", "n", "f", "0.0"})


def is_nothing(value: object) -> bool:
    """Whether a value says nothing: empty, null, NaN, a date of zeros."""
    if isinstance(value, str):
        text = value.strip().casefold()
        return text in {"", "null", "none", "nan", "~"} or text.startswith("0000-00-00")
    return value is None or (isinstance(value, float) and math.isnan(value)) or value in ([], {}, ())


def truth(value: object) -> bool | None:
    """The value as true or false, as files and databases write them; None where it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return bool(value) if value in {0, 1} else None
    text = value.strip().casefold() if isinstance(value, str) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def is_status(value: object) -> bool:
    """Whether a value is a known word for a status, or true or false, rather than a date or a text."""
    return truth(value) is not None or (isinstance(value, str) and _word(value) in _PUBLISHED | _HIDDEN)


def small_number(value: object) -> int | None:
    """A whole number of at most two digits, which is no date; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    return int(float(value)) if _WHOLE.fullmatch(str(value)[:20]) else None


def known_status(value: object, words: frozenset[str]) -> str | None:
    """The status of a value that is one of these words, or holds one; None for whatever else it means."""
    if isinstance(value, Mapping):
        return next((found for name in _NAMES if (found := known_status(value.get(name), words))), None)
    if isinstance(value, (list, tuple)):
        return next((found for one in value[:_MOST] if (found := known_status(one, words))), None)
    return _written(value) if isinstance(value, str) and _word(value) in words else None


def is_scheduled(value: object) -> bool:
    """Whether a status says that the article is published at its date."""
    return isinstance(value, str) and _word(value) in _SCHEDULED


def status_of(value: object) -> tuple[str | None, str]:
    """The status that a value means, None for published, and what is to be said of the value ("": nothing).

    Texts, true and false, numbers (1, and those of HTTP from 200 to 299, stand for published), objects
    that name one, and lists, where one value that hides the article is enough.
    """
    if is_nothing(value):
        return None, ""
    if (said := truth(value)) is not None:
        return (None if said else UNPUBLISHED), ""
    if isinstance(value, Mapping):
        named = next((value[name] for name in _NAMES if not is_nothing(value.get(name))), None)
        return status_of(named) if named is not None else ("unknown", UNKNOWN)
    if isinstance(value, (list, tuple)):
        found = [status_of(one) for one in value]
        return next((one for one in found if one[0] is not None), found[0])
    return _status_of_text(str(value)[: _MOST * 4])


def _status_of_text(text: str) -> tuple[str | None, str]:
    word = _word(text)
    coded = _CODED.fullmatch(text.strip())
    if coded and _word(coded[1] or "") not in _HIDDEN and _word(coded[2]) in _PUBLISHED | _HIDDEN:
        word, text = _word(coded[2]), coded[2]
    if word in _PUBLISHED:
        return None, ""
    if _NUMBER.fullmatch(text.strip()) and 200 <= int(text) < 300:
        return None, "a number like the status of an HTTP answer; taken for published"
    return _written(text) or "unknown", "" if word in _HIDDEN else UNKNOWN


def _written(text: str) -> str:
    """A status as it is kept."""
    return clean_line(text[: _MOST * 4]).lower()[:_MOST].strip()


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", text[:200].casefold())
