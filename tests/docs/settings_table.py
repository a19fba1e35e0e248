"""The table of settings in README, made from the options themselves.

``python -m tests.docs.settings_table`` writes it; a test says where it has not been.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from semsearch import options, settings

README = Path(__file__).resolve().parents[2] / "README.md"
TABLE = re.compile(r"(\| table \| key \| default \| \|\n\| --- [^\n]*\n)((?:\|[^\n]*\n)*)")


def settings_table() -> str:
    """One row for each setting: table, key, default, and the comment behind its field."""
    words = _comments(options.__file__) | _comments(settings.__file__)
    rows = []
    defaults = settings.Settings()
    for field in dataclasses.fields(defaults):
        value = getattr(defaults, field.name)
        if dataclasses.is_dataclass(value):
            for knob in dataclasses.fields(value):
                word = words.get((type(value).__name__, knob.name), "")
                rows.append(_row(f"`[{field.name}]`", knob.name, getattr(value, knob.name), word))
        elif field.name == "sources":
            for knob in dataclasses.fields(options.SourceOptions):
                word = words.get(("SourceOptions", knob.name), "")
                default = knob.default if knob.default is not dataclasses.MISSING else "{}"
                rows.append(_row("`[sources.NAME]`", knob.name, default, word))
        elif field.name == "fields":
            rows.append(_row("`[fields]`", "FIELD", "", words["Settings", "fields"]))
        else:
            rows.append(_row("", field.name, value, words.get(("Settings", field.name), "")))
    return "".join(rows)


def _row(table: str, key: str, default: object, word: str) -> str:
    shown = (
        {"": '""', True: "true", False: "false"}.get(default, default) if not _number(default) else default
    )
    return f"| {table} | `{key}` | `{shown}` | {word.replace('|', '/')} |\n"


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _comments(path: str) -> dict[tuple[str, str], str]:
    """The comment of each field by (class, field)."""
    found, owner = {}, ""
    for line in Path(path).read_text("utf-8").splitlines():
        if match := re.match(r"class (\w+)", line):
            owner = match[1]
        elif match := re.match(r"    (\w+): .*?  # (.+)", line):
            found[owner, match[1]] = match[2]
    return found


def main() -> None:
    """Write the table into README."""
    text = README.read_text("utf-8")
    README.write_text(TABLE.sub(lambda match: match[1] + settings_table(), text), "utf-8")


if __name__ == "__main__":
    main()
