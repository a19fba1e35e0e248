"""What reaches the terminal: plain lines, tables and JSON, with every control character made harmless."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# Control characters of both sets, marks that turn the direction of text, and halves of surrogate
# pairs: each can hide or forge what a terminal shows, or cannot be written at all.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HALVES = re.compile("[\ud800-\udfff]")  # as Python keeps bytes that are not UTF-8
WHITE = re.compile(r"\s+")


def clean(text: str) -> str:
    """Text as one line without control characters; each of these becomes U+FFFD."""
    return WHITE.sub(" ", HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text)).strip()


def clean_lines(text: str) -> str:
    """Like clean, but line breaks stay."""
    return "\n".join(clean(line) for line in text.splitlines())


def console(*, error: bool = False) -> Console:
    """A rich console that takes text as it is: no markup, no emoji codes, no guessed colours."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> NoReturn:
            raise  # noqa: PLE0704  rich calls this while it handles the error; the program's end does the rest

    width = None if (sys.stderr if error else sys.stdout).isatty() else 120
    return Screen(stderr=error, markup=False, emoji=False, highlight=False, width=width, soft_wrap=False)


def show(*parts: RenderableType) -> None:
    """Print tables and styled text on standard output."""
    from rich.text import Text

    screen = console()
    for part in parts:
        screen.print(part, soft_wrap=isinstance(part, Text))  # a line is the terminal's own to wrap


def say(line: str) -> None:
    """Print one line on standard output."""
    print(clean(line))


def tell(line: str) -> None:
    """Print one line for the person at the terminal, on standard error."""
    print(clean(line), file=sys.stderr, flush=True)


def show_json(value: object, *, one_line: bool = False) -> None:
    """Print a value as JSON on standard output, and nothing else with it."""
    ascii_only = (sys.stdout.encoding or "ascii").lower().replace("-", "") not in {"utf8", "utf16", "utf32"}
    indent = None if one_line else 2
    text = json.dumps(plain(value), ensure_ascii=ascii_only, indent=indent, allow_nan=False)
    # JSON escapes some control characters itself; all harmful ones stand inside its texts, where \\u may.
    print("\n".join(HARMFUL.sub(_escaped, line) for line in text.split("\n")), flush=one_line)


def plain(value: object) -> Any:  # noqa: ANN401  what json.dumps takes
    """A value in JSON's own types: dataclasses as objects, paths as text, times in ISO 8601 with Z.

    Numbers of numpy become Python's; NaN, which JSON has not, becomes null.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        return iso(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def iso(moment: datetime | None) -> str | None:
    """A time as 2026-01-31T08:00:00Z."""
    if moment is None:
        return None
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")


def day(moment: datetime | None) -> str | None:
    """A date as 2026-01-31."""
    return moment.strftime("%Y-%m-%d") if moment else None


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> RenderableType:
    """A table; columns whose name starts with '#' hold numbers and are set right."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for name in columns:
        made.add_column(
            name.lstrip("#"), justify="right" if name.startswith("#") else "left", overflow="fold"
        )
    for row in rows:
        made.add_row(*(clean(value if isinstance(value, str) else number(value)) for value in row))
    return made


def pairs(values: Mapping[str, object]) -> RenderableType:
    """Names and values under each other."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2))
    for name, value in values.items():
        made.add_row(clean(name), clean(value if isinstance(value, str) else number(value)))
    return made


def number(value: object) -> str:
    """A value for a person: integers with thousands marks, times to the minute, nothing as '-'."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)


def duration(seconds: float) -> str:
    """Seconds for a person: 0.4 s, 12 s, 3 min, 2 h 5 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """Bytes for a person, in powers of 1000."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
