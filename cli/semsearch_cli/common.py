"""Options that every command has, and the engine that they name."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from semsearch_cli.output import HALVES, tell

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.settings import Settings

INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended

Format = Literal["table", "json"]
Choice = TypeVar("Choice", bound=str)

IndexName = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="NAME",
        help="Name of the index; else SEMSEARCH_INDEX, else 'default'.",
        rich_help_panel="Every command",
    ),
]
IndexesFolder = Annotated[
    Path | None,
    typer.Option(
        "--indexes",
        metavar="DIR",
        help="Folder of the indexes; else SEMSEARCH_INDEXES, else 'indexes'.",
        rich_help_panel="Every command",
    ),
]
OutputFormat = Annotated[
    Format,
    typer.Option(
        "--format", help="A table for people or JSON for programs.", rich_help_panel="Every command"
    ),
]
SourceKind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="What the files are, where names and content do not tell: jsonl, json, csv, tsv, parquet, html, "
        "markdown, text or wxr.",
    ),
]


def find_settings(index: str | None, indexes: Path | None) -> Settings:
    """The settings of this folder and environment, with what the command line says on top."""
    from semsearch.errors import SettingsInvalid
    from semsearch.settings import load_settings
    from semsearch.text import shown

    settings = load_settings(index=index, indexes=indexes)
    if HALVES.search(str(settings.indexes)):
        raise SettingsInvalid(
            f"the folder of the indexes {shown(settings.indexes)} has a name that is not UTF-8, which the "
            "libraries of the index cannot open; give it another name"
        )
    return settings


def make_engine(settings: Settings) -> Engine:
    """The engine over these settings; the one place where commands get theirs."""
    from semsearch.engine import Engine

    return Engine(settings)


@contextmanager
def interruptible(kept: str = "") -> Iterator[None]:
    """Turn Ctrl-C into exit 130 and a word on what was kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        tell(f"Stopped. {kept}")
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def open_engine(index: str | None, indexes: Path | None) -> Iterator[Engine]:
    """The engine that a command's options name, closed at the end."""
    with interruptible():
        engine = make_engine(find_settings(index, indexes))
        try:
            yield engine
        finally:
            engine.close()


def words_or_none(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """The values of a repeatable option; None where it was not given."""
    return tuple(values) if values else None


def chosen(option: str, values: Sequence[str] | None, known: Sequence[Choice]) -> list[Choice]:
    """The values of an option that may be repeated or joined with commas, each once, in known's order.

    Raises BadParameter (wrong usage) for one that is not known; Typer itself has no lists of choices.
    """
    wanted = [name.strip() for value in values or () for name in value.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(known)}", param_hint=option)
    return [name for name in known if name in wanted]


def read_text(file: Path) -> str:
    """The text of a file, or of standard input for '-'; raises SourceUnreadable."""
    from semsearch.errors import SourceUnreadable

    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"{file} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{file} is not UTF-8 text (byte {error.start}); convert it first") from error
    if not text.strip():
        raise SourceUnreadable(f"{file} holds no text; give the text of an article")
    return text
