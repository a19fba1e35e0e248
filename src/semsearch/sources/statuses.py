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
    "anyone world default ok usable statusable current updated corrected modified 1 true yes on "
    "veröffentlicht öffentlich aktiv publié publiée enligne publicado publicada público pubblicato "
    "pubblicata gepubliceerd openbaar publicerad publisert udgivet julkaistu opublikowany опубликовано"
)
_SCHEDULED = _words("scheduled future timed planned queued upcoming publishlater geplant programado")
_HIDDEN = _SCHEDULED | _words(
    "draft drafts autodraft pending pendingreview needsreview review inreview underreview forreview private "
    "protected password passwordprotected trash trashed deleted removed archive archived unlisted hidden "
    "members paid tiers subscribers restricted internal embargo embargoed withheld withdrawn canceled "
    "cancelled killed spiked expired unpublished notpublished inactive disabled offline invisible inherit "
    "rejected blocked suspended wip workinprogress inprogress incomplete obsolete noindex sent spam preview "
    "idea pitch assigned submitted approved ready readytopublish 0 false no off entwurf privat archiviert "
    "brouillon borrador bozza rascunho concept utkast kladde luonnos szkic черновик"
)
_NAMES = ("name", "value", "label", "slug", "code", "key", "status", "title", "target_id", "id")
_NUMBER = re.compile(r"[0-9]{1,9}")
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
    if word in _PUBLISHED:
        return None, ""
    if _NUMBER.fullmatch(text.strip()) and 200 <= int(text) < 300:
        return None, "a number like the status of an HTTP answer; taken for published"
    written = clean_line(text).lower()[:_MOST].strip()
    return written or "unknown", "" if word in _HIDDEN else UNKNOWN


def _word(text: str) -> str:
    return re.sub(r"[\W_]+", "", text[:200].casefold())
