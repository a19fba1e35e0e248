"""`semsearch articles sync`: the index follows the sources that semsearch.toml names."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from semsearch.errors import SemsearchError, SettingsInvalid
from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, interruptible, open_engine
from semsearch_cli.index import tell_notes, warn_rejects
from semsearch_cli.output import duration, number, say, show, show_json, table, tell
from semsearch_cli.progress import ProgressReport

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.indexing.sync import SyncReport

KEPT = "What was read is kept; the same command goes on from there."
MOST_WAIT = 3_600.0  # seconds between two tries, however often a source failed
COLUMNS = ("added", "changed", "unchanged", "deleted", "rejected")


def sync(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Sources of semsearch.toml; else all of them.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read the sources whole again, whatever is known of them.")
    ] = False,
    watch: Annotated[
        float | None,
        typer.Option(
            "--watch",
            metavar="SECONDS",
            min=1,
            help="Go on for ever, with so many seconds between two looks.",
        ),
    ] = None,
    allow_mass_delete: Annotated[
        bool,
        typer.Option("--allow-mass-delete", help="Let more than half of a source's articles go at once."),
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Take what is new, changed or deleted in WordPress, feeds, sitemaps or databases into the live index.

    A source is a table of semsearch.toml:

      [sources.site]
      kind = "wordpress"
      url = "https://news.example"

    Exit 1 if a source failed; the others are taken all the same, and the next run goes on where it was.

    Examples:
      semsearch articles sync
      semsearch articles sync site --watch 60
    """
    with open_engine(index, indexes) as engine, interruptible(KEPT):

        def look(*, again: bool) -> bool:
            reports = _read(engine, names or (), full=full and not again, allow_mass_delete=allow_mass_delete)
            if output == "json":
                show_json({"sources": reports}, one_line=watch is not None)
            elif not again:
                _print(reports)
            else:  # nobody wants a line a minute that says that nothing happened
                _print([report for report in reports if _has_news(report)])
            if output == "table" and not again and (advice := engine.status().advice):
                tell(advice)
            return not any(report.fault or report.kept for report in reports)

        if watch is not None:
            watched(look, watch)
        elif not look(again=False):
            raise typer.Exit(1)


class Look(Protocol):
    """One look at all sources, the first or a later one."""

    def __call__(self, *, again: bool) -> bool:
        """Whether all went well."""
        ...


def watched(look: Look, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look again and again; after a fault wait twice as long as before, an hour at most.

    Wrong settings end it; any other fault is told and tried again.
    """
    wait, again = seconds, False
    while True:
        try:
            good = look(again=again)
            again = True
        except SettingsInvalid:
            raise
        except SemsearchError as fault:
            tell(f"semsearch: {fault}")
            good = False
        wait = seconds if good else max(seconds, min(2 * wait, MOST_WAIT))
        if not good:
            tell(f"Trying again in {duration(wait)}.")
        sleep(wait)


def _read(engine: Engine, names: Sequence[str], *, full: bool, allow_mass_delete: bool) -> list[SyncReport]:
    """What became of each source; what went wrong is told on standard error."""
    with ProgressReport(goes_on=KEPT) as progress:
        reports = list(
            engine.sync(names, full=full, allow_mass_delete=allow_mass_delete, on_progress=progress)
        )
    for report in reports:
        warn_rejects(report.rejected, report.rejects_file)
        tell_notes([f"{report.source}: {note}" for note in report.notes])
        if report.fault:
            tell(f"semsearch: source '{report.source}': {report.fault}")
    return reports


def _has_news(report: SyncReport) -> bool:
    return bool(report.added or report.changed or report.deleted or report.rejected or report.fault)


def _print(reports: Sequence[SyncReport]) -> None:
    if not reports:
        return
    if len(reports) == 1:
        (report,) = reports
        counts = ", ".join(f"{number(getattr(report, name))} {name}" for name in COLUMNS)
        ended = "broke off after" if report.fault else "in"
        say(f"{report.source}: {counts}; {ended} {duration(report.seconds)}.")
        return
    rows = [
        (report.source, *(getattr(report, name) for name in COLUMNS), "failed" if report.fault else "")
        for report in reports
    ]
    show(table(("source", *(f"#{name}" for name in COLUMNS), ""), rows))
