"""Reads the optional fields of a record: what cannot be used is left out and noted, never an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from semsearch.errors import ArticleInvalid
from semsearch.sources.bylines import people
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fieldmap import usual_name
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Note
from semsearch.text import clean_line, clean_text, replace_surrogates
from semsearch.text.dates import read_date

_MOST_LINE = 500
_MOST_LIST = 200
_MOST_ADDRESS = 4_000
_MOST_EXTRA = 200_000  # characters as JSON
_MOST_DEPTH = 20

_DATES = ("value", "date", "datetime", "until", "at", "iso", "$date", "time")

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_LANGUAGE_NAMES = MappingProxyType(
    {
        "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es",
        "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt", "português": "pt",
        "dutch": "nl", "nederlands": "nl", "russian": "ru", "swedish": "sv", "danish": "da",
        "norwegian": "no", "finnish": "fi", "polish": "pl", "turkish": "tr", "arabic": "ar",
        "chinese": "zh", "japanese": "ja", "korean": "ko", "hindi": "hi", "ukrainian": "uk",
    }
)  # fmt: skip


class FieldReader:
    """Reads one record; ``notes`` collects what was repaired or left out."""

    def __init__(self, record: Mapping[str, object], place: str, dates: DateColumns | None = None) -> None:
        self._record = record
        self._place = place
        self._dates = dates or DateColumns()
        self.notes: list[Note] = []

    def note(self, field: str, problem: str, value: object) -> None:
        """Say that something of this field was repaired or left out."""
        shown = repr(value[:81] if isinstance(value, str) else value)
        self.notes.append(Note(self._place, field, problem, shown if len(shown) <= 80 else shown[:79] + "…"))

    def line(self, field: str) -> str | None:
        """One line of text; a list of one gives its text, of several the first, an object its name."""
        value = self._record.get(field)
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], (str, Mapping)):
            if len(value) > 1:
                self.note(field, "a list where one text is wanted; the first was taken", value)
            value = value[0]
        if isinstance(value, Mapping):
            value = value.get("name", value)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None or not self._is_text(field, value):
            return None
        return self._bounded(field, clean_line(str(value)[: _MOST_LINE * 20])) or None

    def lead(self) -> str:
        """The paragraph that stands before the body: ``lead``, or else ``summary``."""
        for field in ("lead", "summary"):
            value = self._record.get(field)
            if value is not None and self._is_text(field, value):
                text = str(value)
                if len(text) > MAX_BODY_CHARACTERS:
                    self.note(field, "too long; left out", text)
                elif lead := clean_text(text):
                    return lead
        return ""

    def moment(self, field: str) -> datetime | None:
        """A date in UTC."""
        value = date_within(self._record.get(field))
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return self.read_date(field, value)
        except ArticleInvalid as fault:
            self.note(field, f"{fault.problem}; left out ({fault.hint})", value)
            return None

    def read_date(self, field: str, value: object) -> datetime:
        """A date of this field in UTC, and a note of what was guessed; raises ArticleInvalid."""
        read = read_date(value, self._dates.habits(field, self._record.get("language")))
        if read.guess:
            self.note(field, read.guess, value)
        return read.moment

    def address(self, field: str) -> str | None:
        """A web address that is safe to link: http, https, or a path on the own site."""
        value = self._record.get(field)
        if isinstance(value, (list, tuple)) and len(value) == 1:
            value = value[0]
        if isinstance(value, Mapping):
            value = value.get("url", value)
        if value is None or not self._is_text(field, value):
            return None
        written = str(value)
        address = "".join(re.split(r"[\x00-\x1f\x7f]+", written[: _MOST_ADDRESS + 1].strip())).replace(
            " ", "%20"
        )
        address = replace_surrogates(address)
        if not address:
            return None
        if re.match(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)", address):
            self.note(field, "an address without https:// in front; it was put there", value)
            address = f"https://{address}"
        is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
        if len(address) > _MOST_ADDRESS or not (is_path or re.match(r"https?://[^\s/?#]", address, re.I)):
            self.note(field, "not an http or https address; left out", value)
            return None
        if address != written.strip():
            self.note(field, "blanks or control characters in an address were mended", value)
        return address

    def authors(self) -> tuple[str, ...]:
        """Names from ``author`` and ``authors``; a byline becomes its names."""
        names: list[str] = []
        for field in ("author", "authors"):
            for name in self._texts(field):
                names.extend(people(name))
        return _once(names)

    def tags(self) -> tuple[str, ...]:
        """Tags from a list, or from one text with commas or semicolons between them."""
        given = self._record.get("tags")
        texts = self._texts("tags")
        if isinstance(given, str):
            texts = [part.strip() for text in texts for part in re.split(r"[,;]", text)]
        return _once(texts)

    def language(self) -> str | None:
        """The code of the language without its region, in small letters: ``en`` for ``en_US``."""
        value = self._record.get("language")
        if value is None or not self._is_text("language", value) or not str(value).strip():
            return None
        written = str(value).strip()
        if name := _LANGUAGE_NAMES.get(written.lower()):
            return name
        if match := _LANGUAGE.fullmatch(written[:50]):
            return match[1].lower()
        self.note("language", "not a language code like en or en-GB; left out", value)
        return None

    def extra(self, known: Iterable[str], *, tell: bool = False) -> Mapping[str, object]:
        """``extra`` itself and all unknown fields, as plain JSON values; ``tell`` notes the unknown."""
        known = frozenset(known)
        given = self._record.get("extra")
        fields: dict[str, object] = {name: value for name, value in self._record.items() if name not in known}
        for name, value in fields.items() if tell else ():
            ours = usual_name(name)
            what = f"another name of '{ours}', which is read from elsewhere" if ours else "not a known name"
            self.note(name, f"{what}; kept in extra", value)
        if isinstance(given, Mapping):
            fields |= {str(name): value for name, value in given.items()}
        elif given is not None:
            self.note("extra", "not an object; left out", given)
        kept: dict[str, object] = {}
        for name, value in fields.items():
            if value is None:
                continue
            try:
                plain = _plain(value, _MOST_DEPTH)
                if len(json.dumps(plain)) > _MOST_EXTRA:
                    raise ValueError(f"longer than {_MOST_EXTRA:,} characters as JSON")
                kept[replace_surrogates(name)] = plain
            except ValueError as fault:
                self.note(name, f"{fault}; left out", type(value).__name__)
        return MappingProxyType(kept)

    def _is_text(self, field: str, value: object) -> bool:
        if isinstance(value, str):
            return True
        self.note(field, "not text; left out", value)
        return False

    def _bounded(self, field: str, text: str) -> str:
        if len(text) <= _MOST_LINE:
            return text
        self.note(field, f"longer than {_MOST_LINE} characters; the rest was cut off", text)
        return text[:_MOST_LINE].rstrip()

    def _texts(self, field: str) -> list[str]:
        """The texts of a field that is a text or a list; objects give their ``name``."""
        value = self._record.get(field)
        if value is None:
            return []
        if isinstance(value, (str, Mapping)):
            value = [value]
        if not isinstance(value, (list, tuple)):
            self.note(field, "neither text nor a list; left out", value)
            return []
        if len(value) > _MOST_LIST:
            self.note(field, f"more than {_MOST_LIST} values; the rest was left out", f"{len(value)} values")
        texts: list[str] = []
        for given in value[:_MOST_LIST]:
            item = given.get("name") if isinstance(given, Mapping) else given
            if isinstance(item, int) and not isinstance(item, bool):
                item = str(item)
            if isinstance(item, str):
                texts.append(self._bounded(field, clean_line(item[: _MOST_LINE * 20])))
            elif item is not None:
                self.note(field, "a value that is not text was left out", given)
        return texts


def date_within(value: object) -> object:
    """The date in a list with one, or in an object as systems export them: Drupal, PHP, MongoDB."""
    for _ in range(3):
        if isinstance(value, (list, tuple)) and value:
            value = value[0]
        elif isinstance(value, Mapping):
            value = next((value[name] for name in _DATES if value.get(name) is not None), value)
    return value


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts without empty ones and repetitions (case does not count), in their order."""
    first: dict[str, str] = {}
    for text in texts:
        if text:
            first.setdefault(text.casefold(), text)
    return tuple(first.values())


def _plain(value: object, depth: int) -> object:
    """The value as JSON knows it, without lone surrogates; raises ValueError with the reason."""
    if depth == 0:
        raise ValueError(f"nested deeper than {_MOST_DEPTH} levels")
    if isinstance(value, str):
        return replace_surrogates(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124
    if isinstance(value, Mapping):
        return {replace_surrogates(str(name)): _plain(part, depth - 1) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part, depth - 1) for part in value]
    raise ValueError(f"a value of type {type(value).__name__} has no JSON form")
