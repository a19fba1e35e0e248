"""The program `semsearch`: its command groups, and one end for every error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from semsearch.errors import SemsearchError
from semsearch_cli import (
    articles,
    coverage,
    demo,
    doctor,
    evaluate,
    index,
    keys,
    links,
    rules,
    saved,
    search,
    serve,
)
from semsearch_cli.common import INTERRUPTED
from semsearch_cli.output import HALVES, say, tell

app = typer.Typer(
    name="semsearch",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(index.app, name="index")
app.add_typer(articles.app, name="articles")
app.command("search")(search.search)
app.command("related")(search.related)
app.command("story")(search.story)
app.command("coverage")(coverage.coverage)
app.command("links")(links.links)
app.command("serve")(serve.serve)
app.add_typer(rules.app, name="rules")
app.add_typer(keys.app, name="keys")
app.add_typer(saved.app, name="saved")
app.command("demo")(demo.demo)
app.add_typer(evaluate.app, name="eval")
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        from semsearch import __version__

        say(f"semsearch {__version__}")
        raise typer.Exit


@app.callback()
def semsearch(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Search news articles by meaning, and find what to read next.

    First steps:

      semsearch demo                          sample articles in your browser
      semsearch index build articles.jsonl    your own articles
      semsearch search "a ban on petrol cars"
      semsearch related ID
      semsearch serve
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 a clear error, 2 wrong usage, 130 stopped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still gets its line
    try:
        given = [_readable(argument) for argument in arguments]
        code = get_command(app).main(given, prog_name="semsearch", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as end:  # Typer ends the process where the reader of its output has gone
        code = _closed_pipe() if isinstance(end.__context__, BrokenPipeError) else end.code
    except BrokenPipeError:
        code = _closed_pipe()
    except SemsearchError as error:
        code = _fail(str(error))
    except OSError as error:
        code = _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except typer.TyperException as error:
        code = _misused(error)
    except typer.Abort:
        code = INTERRUPTED
    return code if isinstance(code, int) else 0


def _readable(argument: str) -> str:
    """An argument whose bytes are not UTF-8 as text; as it stands if it is the path of a file or folder."""
    if not HALVES.search(argument):
        return argument
    _, _, value = argument.partition("=")
    if os.path.lexists(argument) or (value and os.path.lexists(value)):
        return argument
    from semsearch.text import shown

    return shown(argument)


def main() -> None:
    """Run the command that the process was called with."""
    sys.exit(run(sys.argv[1:]))


def _fail(message: str) -> int:
    tell(f"semsearch: {message}")
    return 1


def _misused(error: typer.TyperException) -> int:
    from typer.rich_utils import rich_format_error

    rich_format_error(error)  # type: ignore[arg-type]  # all of Typer's own are what it takes
    return error.exit_code


def _closed_pipe() -> int:
    """Whoever read our output has had enough, as in `semsearch search … | head`: no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
