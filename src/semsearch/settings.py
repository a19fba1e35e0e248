"""Settings of an installation: one TOML file, then SEMSEARCH_* variables, then what the caller gives."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from semsearch.errors import SettingsInvalid
from semsearch.options import (
    EncoderOptions,
    LexicalOptions,
    PassageOptions,
    RankingOptions,
    ServiceOptions,
    SourceOptions,
    VectorOptions,
    VisibilityOptions,
)
from semsearch.text.dates import DateHabits, DateOrder, habits_from
from semsearch.text.zones import ZoneUnknown

FILE_NAME = "semsearch.toml"
PREFIX = "SEMSEARCH_"
MAX_NAME_BYTES = 100  # temporary files add to it, and file systems end at 255
# Of files that lie, or may come to lie, beside the folders of the indexes: keys.json, notes, archives.
FILE_ENDINGS = tuple(
    f".{ending}"
    for kinds in (
        "json jsonl toml md txt",
        "db db-wal db-shm db-journal",
        "tar tgz zip gz",
        "lock tmp bak log",
    )
    for ending in kinds.split()
)

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Settings:
    """All knobs of an installation; each table of the TOML file is one field."""

    indexes: Path = Path("indexes")  # folder of all indexes
    index: str = "default"  # which index a command or service uses
    date_order: DateOrder = ""  # of dates like 03/04/2024 where nothing else tells: dmy, mdy or ymd
    time_zone: str = ""  # of times that name none, as Europe/Berlin; "" is UTC
    encoder: EncoderOptions = field(default_factory=EncoderOptions)
    passages: PassageOptions = field(default_factory=PassageOptions)
    lexical: LexicalOptions = field(default_factory=LexicalOptions)
    vectors: VectorOptions = field(default_factory=VectorOptions)
    search: RankingOptions = field(default_factory=RankingOptions)
    visibility: VisibilityOptions = field(default_factory=VisibilityOptions)
    service: ServiceOptions = field(default_factory=ServiceOptions)
    fields: Mapping[str, str] = field(default_factory=dict)  # what files call FIELD: title = "Headline"
    sources: Mapping[str, SourceOptions] = field(default_factory=dict)  # by name: [sources.NAME]

    def __post_init__(self) -> None:
        check_index_name(self.index)
        self.dates()

    def dates(self) -> DateHabits:
        """How this site writes dates; raises SettingsInvalid for a time zone that is none."""
        try:
            return habits_from(date_order=self.date_order, time_zone=self.time_zone)
        except ZoneUnknown as exc:
            raise SettingsInvalid(
                f"setting 'time_zone' is {self.time_zone[:80]!r}: {exc}; give a name like Europe/Berlin"
            ) from exc

    def live_sources(self) -> Mapping[str, SourceOptions]:
        """The sources, each with the site's habits of writing dates where it names none of its own."""
        return {
            name: dataclasses.replace(
                options,
                date_order=options.date_order or self.date_order,
                time_zone=options.time_zone or self.time_zone,
            )
            for name, options in self.sources.items()
        }


def check_index_name(name: str) -> None:
    """Raise SettingsInvalid unless ``name`` can be that of an index: a folder of its own beside our files."""
    problem = ""
    if not name or name != name.strip():
        problem = "it is empty, or begins or ends with a blank"
    elif set(name) & set('/\\:*?"<>|') or name.endswith("."):
        problem = 'it holds one of / \\ : * ? " < > |, or ends with a dot, which mean something in paths'
    elif not name.isprintable() or not (name[0].isalnum() or name[0] == "_"):
        problem = "it holds control characters, or does not begin with a letter or digit"
    elif len(name.encode()) > MAX_NAME_BYTES:
        problem = f"it has {len(name.encode())} bytes; at most {MAX_NAME_BYTES} are allowed"
    elif name.lower().endswith(FILE_ENDINGS):
        problem = "names with this ending are those of files in the folder of the indexes"
    if problem:
        raise SettingsInvalid(
            f"index name {name[:80]!r} cannot be used: {problem}; give letters, digits, - or _"
        )


def load_settings(
    path: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: object
) -> Settings:
    """Read settings from ``path`` (or semsearch.toml here, where there is one), environment, overrides.

    Overrides that are None are left out. Raises SettingsInvalid, naming the file or variable, the
    key, the value and what is allowed.
    """
    settings = Settings()
    file = path or Path(FILE_NAME)
    if path is not None or file.is_file():
        settings = _merge(settings, _read_toml(file), str(file))
    settings = _merge(settings, _from_environment(os.environ if environ is None else environ), "environment")
    given = {key: value for key, value in overrides.items() if value is not None}
    return _merge(settings, given, "options")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as exc:
        raise SettingsInvalid(f"{path} does not exist; give the path of a TOML file") from exc
    except OSError as exc:
        raise SettingsInvalid(f"{path} cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsInvalid(f"{path} is not TOML: {exc}") from exc


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in get_type_hints(Settings).items():
        if dataclasses.is_dataclass(kind):
            table = {
                key.name: environ[variable]
                for key in dataclasses.fields(kind)
                if (variable := f"{PREFIX}{name}_{key.name}".upper()) in environ
            }
            if table:
                found[name] = table
        elif f"{PREFIX}{name}".upper() in environ:
            found[name] = environ[f"{PREFIX}{name}".upper()]
    return found


def _merge(base: Options, values: Mapping[str, Any], origin: str, table: str = "") -> Options:
    """A copy of the frozen dataclass ``base`` with ``values`` checked and put in."""
    kinds = get_type_hints(type(base))
    changes: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{table}.{key}" if table else key
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, 1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(kinds)}"
            raise SettingsInvalid(f"{origin}: unknown setting '{name}'{hint}")
        if dataclasses.is_dataclass(kinds[key]):
            if dataclasses.is_dataclass(value):
                changes[key] = value
                continue
            if not isinstance(value, Mapping):
                raise SettingsInvalid(f"{origin}: '{name}' is {value!r}; it must be a table")
            changes[key] = _merge(getattr(base, key), value, origin, name)
        elif get_origin(kinds[key]) is Mapping:
            changes[key] = _mapping(value, get_args(kinds[key])[1], origin, name)
        else:
            changes[key] = _convert(value, kinds[key], f"{origin}: setting '{name}'")
    return dataclasses.replace(base, **changes)  # type: ignore[type-var]


def _mapping(value: object, kind: type[Any], origin: str, name: str) -> dict[str, Any]:
    """A table of names that the user chose: of texts, or of tables that are one dataclass each."""
    if not isinstance(value, Mapping):
        raise SettingsInvalid(f"{origin}: '{name}' is {value!r}; it must be a table")
    if not dataclasses.is_dataclass(kind):
        return {key: _convert(one, kind, f"{origin}: setting '{name}.{key}'") for key, one in value.items()}
    tables: dict[str, Any] = {}
    for key, one in value.items():
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", key):
            raise SettingsInvalid(
                f"{origin}: the name {key!r} in '{name}' may have letters, digits, - and _ only"
            )
        if not isinstance(one, Mapping | kind):
            raise SettingsInvalid(f"{origin}: '{name}.{key}' is {one!r}; it must be a table [{name}.{key}]")
        made = _merge(kind(), one, origin, f"{name}.{key}") if isinstance(one, Mapping) else one
        tables[key] = made
    return tables


def _convert(value: object, kind: object, name: str) -> object:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise SettingsInvalid(f"{name} is {value!r}; give one of {', '.join(map(str, get_args(kind)))}")
        return value
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    if kind is bool:
        return _truth(value, name)
    if kind in {int, float} and not isinstance(value, bool):
        try:
            return int(value) if kind is int else float(value)  # type: ignore[call-overload, arg-type]
        except (TypeError, ValueError) as exc:
            raise SettingsInvalid(f"{name} is {value!r}; give a number") from exc
    if kind is str and isinstance(value, str):
        return value
    if get_origin(kind) is tuple:  # of texts: a list in TOML, joined by commas in a variable
        return _texts(value, name)
    raise SettingsInvalid(f"{name} is {value!r}; it must be {getattr(kind, '__name__', kind)}")


def _truth(value: object, name: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() in known:
        return known[str(value).lower()]
    raise SettingsInvalid(f"{name} is {value!r}; give true or false")


def _texts(value: object, name: str) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, list | tuple) and all(isinstance(one, str) for one in parts):
        return tuple(one.strip() for one in parts if one.strip())
    raise SettingsInvalid(f"{name} is {value!r}; give a list of texts")
