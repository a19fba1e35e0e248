"""`semsearch doctor`: what is well on this machine, what is not, and what to do about it."""

from __future__ import annotations

import typer

from semsearch_cli.checks import Check, all_checks
from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, find_settings, interruptible
from semsearch_cli.output import clean, say, show, show_json

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table") -> None:
    """Check Python, packages, the model, the disk, the index and the port; exit 1 if one of them fails.

    Each line says ok, warn or fail, what was found and, where it is needed, what to do.
    """
    with interruptible():
        checks = all_checks(find_settings(index, indexes))
    failed = [check for check in checks if check.state == "fail"]
    if output == "json":
        show_json({"ok": not failed, "checks": checks})
    else:
        for check in checks:
            _show(check)
        warned = sum(check.state == "warn" for check in checks)
        say(f"{len(checks)} checks: {len(failed)} failed, {warned} with a warning.")
    if failed:
        raise typer.Exit(1)


def _show(check: Check) -> None:
    from rich.text import Text

    line = Text(f"{check.state:<5}", style=STYLES[check.state])
    line.append(f"{check.name}: {clean(check.found)}", style="default")
    show(line)
    if check.advice:
        show(Text(f"     {clean(check.advice)}", style="dim"))
