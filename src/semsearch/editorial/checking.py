"""What a saved search may be: every bound, and an error that names the field, the value and a way out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from semsearch.articles import Filter
from semsearch.editorial.matching import in_a_row
from semsearch.editorial.signing import key_of
from semsearch.errors import InputError
from semsearch.index.saved_types import LISTS, SavedSearch

Strictness = Literal["loose", "normal", "strict"]
# Three levels for those who do not want to choose a number; measured: benchmarks/README.md, saved searches.
STRICTNESS: Mapping[Strictness, float] = {"loose": 0.45, "normal": 0.55, "strict": 0.65}
DEFAULT_THRESHOLD = STRICTNESS["normal"]
MAX_NAME = 200
MAX_MEANING = 2000
MAX_WORDS = 20
MAX_WORD = 100
MAX_VALUES = 100
MAX_URL = 2000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def strictness_of(threshold: float) -> Strictness | None:
    """The level that a threshold is, None where it is a number of one's own."""
    return next((name for name, level in STRICTNESS.items() if level == threshold), None)


def check(search: SavedSearch) -> None:
    """Raise InputError for the first field that cannot be used."""
    if not _ID.fullmatch(search.id):
        raise _wrong("id", search.id, "give 1 to 100 letters, digits, dots, hyphens and underscores")
    for name, text, most in (("name", search.name, MAX_NAME), ("meaning", search.meaning, MAX_MEANING)):
        if not text.strip() or len(text) > most:
            raise _wrong(name, text, f"give 1 to {most:,} characters")
    if not 0 <= search.threshold <= 1:
        raise _wrong("threshold", search.threshold, "give a number from 0 to 1")
    if len(search.words) > MAX_WORDS:
        raise _wrong("words", len(search.words), f"give at most {MAX_WORDS}")
    for word in search.words:
        if len(word) > MAX_WORD or not in_a_row(word).strip():
            raise _wrong("words", word, f"give words or phrases of letters or digits, up to {MAX_WORD} long")
    _check_filter(search.where)
    if search.webhook is not None:
        check_url(search.webhook.url)
        if search.webhook.secret:
            key_of(search.webhook.secret)


def check_url(url: str) -> None:
    """Raise InputError for what is no address that a message can be sent to."""
    way_out = f"give an http or https address without a login, up to {MAX_URL:,} characters"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and _is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable or parts.username is not None or len(url) > MAX_URL or not url.isprintable() or " " in url:
        raise _wrong("webhook.url", url, way_out)


def _is_host(host: str) -> bool:
    """Whether a name server or a socket may know a host: an address, or labels that IDNA can write."""
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        pass
    try:
        written = host.encode("idna").decode("ascii").removesuffix(".")
        labels = [label.encode("ascii").decode("idna") for label in written.split(".")]
    except UnicodeError:
        return False
    # A last label of digits is an address in another writing: 127.1, 0x7f000001, or full-width digits.
    number = re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]*", written.rpartition(".")[2])
    return all(labels) and number is None and "xn--" not in written.split(".") and len(written) <= 253


def _check_filter(where: Filter) -> None:
    for name in LISTS:
        values = getattr(where, name)
        field = name.removesuffix("s")
        if values is None:
            continue
        if not 0 < len(values) <= MAX_VALUES:
            raise _wrong(field, len(values), f"give 1 to {MAX_VALUES} values, or leave it out")
        for value in values:
            if not value.strip() or len(value) > MAX_NAME:
                raise _wrong(field, value, f"give 1 to {MAX_NAME} characters")


def _wrong(field: str, value: object, way_out: str) -> InputError:
    shown = repr(value)
    return InputError(f"{field} is {shown if len(shown) <= 80 else shown[:79] + '…'}; {way_out}")
