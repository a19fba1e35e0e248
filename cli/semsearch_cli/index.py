"""`semsearch index`: build, look at, check and switch the generations of an index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch_cli.common import (
    IndexesFolder,
    IndexName,
    OutputFormat,
    SourceKind,
    interruptible,
    open_engine,
)
from semsearch_cli.output import duration, number, pairs, say, show, show_json, size, table, tell
from semsearch_cli.progress import ProgressReport

if TYPE_CHECKING:
    from rich.console import RenderableType

    from semsearch.index.publishing import GenerationInfo
    from semsearch.indexing.progress import BuildReport
    from semsearch.status import IndexStatus

app = typer.Typer(no_args_is_help=True, help="Build, look at, check and switch the generations of an index.")

Sources = Annotated[
    list[str] | None,
    typer.Argument(metavar="SOURCE", help="Files or folders of articles. None: what the live index holds."),
]
Generation = Annotated[
    str, typer.Argument(metavar="GENERATION", help="Id of a generation, as `index list` says.")
]


@app.command("build")
def build(
    sources: Sources = None,
    kind: SourceKind = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Build every part anew, even where no article is new.")
    ] = False,
    if_new: Annotated[
        bool, typer.Option("--if-new", help="Leave the live generation where no article is new.")
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Build a new generation from articles and make it live.

    The live generation answers until the new one is verified. Texts that were encoded before are not
    encoded again, so a build that was stopped goes on where it was. Where nothing is new since the live
    generation was built, its files are copied.

    Examples:
      semsearch index build articles.jsonl.gz
      semsearch index build pages/ --kind text --index archive
      semsearch index build                 fold in all changes since the last
      semsearch index build articles.jsonl.gz --if-new      every hour, from cron
    """
    if fresh and if_new:
        raise typer.BadParameter("it is one or the other", param_hint="--fresh, --if-new")
    kept = "What was encoded is kept, and the live index is as it was; the same command goes on from here."
    with open_engine(index, indexes) as engine, interruptible(kept):
        with ProgressReport() as progress:
            report = engine.build(sources or [], kind=kind, fresh=fresh, if_new=if_new, on_progress=progress)
        name = engine.settings.index
    warn_rejects(report.rejected, report.rejects_file)
    tell_notes(report.notes)
    if output == "json":
        show_json(report)
    else:
        _say_built(report, name)


def _say_built(report: BuildReport, name: str) -> None:
    say(
        f"Index '{name}' is live with generation {report.generation}: {report.articles:,} articles, "
        f"{report.passages:,} passages, in {duration(report.seconds)}."
    )
    say(f"Encoded {report.embedded:,} passages; {report.reused:,} were known from before.")
    option = "" if name == "default" else f" --index {name}"
    say(f'Next: semsearch search "some words"{option}, or: semsearch serve{option}')


def tell_notes(notes: Iterable[str]) -> None:
    """Say on standard error what was repaired or left out."""
    for note in notes:
        tell(f"Note: {note}")


def warn_rejects(count: int, file: Path | None) -> None:
    """Say on standard error how many articles could not be taken, and where the reasons are."""
    if count:
        where = f"; each with its reason in {file}" if file else ""
        tell(f"Warning: {count:,} {'article was' if count == 1 else 'articles were'} rejected{where}.")


@app.command("status")
def status(index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table") -> None:
    """Show what the live generation holds, how large it is and whether a rebuild is advised."""
    with open_engine(index, indexes) as engine:
        found = engine.status()
    if output == "json":
        show_json(found)
        return
    show(pairs(_status_rows(found)))
    if found.advice:
        say(f"Advice: {found.advice}")


def _status_rows(found: IndexStatus) -> dict[str, object]:
    parts = ", ".join(f"{name} {size(count)}" for name, count in found.bytes_on_disk.items())
    encoder = found.encoder
    return {
        "index": found.name,
        "generation": found.generation,
        "created": found.created_at,
        "encoder": f"{encoder.name}, {encoder.dimension} dimensions, fingerprint {encoder.fingerprint}",
        "articles": found.articles,
        "passages": found.passages,
        "published": f"{number(found.published_from)} to {number(found.published_to)}",
        "since the build": f"{found.delta_articles:,} articles added or updated, {found.deleted:,} deleted",
        "last change": found.change,
        "on disk": f"{size(sum(found.bytes_on_disk.values()))} ({parts})" if parts else "-",
    }


@app.command("list")
def list_generations(
    index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table"
) -> None:
    """List the generations of an index; the live one is marked."""
    with open_engine(index, indexes) as engine:
        generations = engine.generations()
    if output == "json":
        show_json(generations)
    elif generations:
        show(_generation_table(generations))
    else:
        say("This index has no generation yet. Next: semsearch index build SOURCE")


def _generation_table(generations: list[GenerationInfo]) -> RenderableType:
    columns = ("generation", "live", "created", "#articles", "#passages", "encoder", "#size", "note")
    return table(
        columns,
        (
            (
                one.id,
                "live" if one.live else "",
                one.created_at,
                one.articles,
                one.passages,
                one.encoder,
                size(one.bytes),
                one.note,
            )
            for one in generations
        ),
    )


@app.command("verify")
def verify(
    generation: Annotated[
        str | None, typer.Argument(metavar="GENERATION", help="Id of a generation; the live one if left out.")
    ] = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Recompute every checksum of a generation and compare its parts; exit 1 on any problem."""
    with open_engine(index, indexes) as engine:
        report = engine.verify(generation)
    if output == "json":
        show_json(report)
    else:
        for problem in report.problems:
            say(f"Problem: {problem}")
        verdict = f"{len(report.problems)} problems" if report.problems else "all is well"
        say(
            f"Generation {report.generation}: {report.files:,} files, {report.articles:,} articles, "
            f"{report.passages:,} passages: {verdict}."
        )
    if report.problems:
        tell("Next: semsearch index rollback, or build again: semsearch index build SOURCE")
        raise typer.Exit(1)


@app.command("activate")
def activate(
    generation: Generation,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Make a generation the live one; running services follow at once."""
    with open_engine(index, indexes) as engine:
        _show_live(engine.activate(generation), output)


@app.command("rollback")
def rollback(index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table") -> None:
    """Go back to the generation that was live before this one."""
    with open_engine(index, indexes) as engine:
        _show_live(engine.rollback(), output)


def _show_live(found: GenerationInfo, output: str) -> None:
    if output == "json":
        show_json(found)
    else:
        say(f"Live now: generation {found.id} of {number(found.created_at)}, {found.articles:,} articles.")
        tell_notes([found.note] if found.note else [])


@app.command("prune")
def prune(
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="How many generations stay, the live one among them.")
    ] = 3,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Remove old generations; the live one is never removed."""
    with open_engine(index, indexes) as engine:
        removed = engine.prune(keep)
    if output == "json":
        show_json({"removed": removed})
    else:
        say(f"Removed {len(removed)}: {', '.join(removed)}." if removed else "Nothing to remove.")


@app.command("snapshot")
def snapshot(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .tar, or a .tar.gz to compress it; replaced at once.")
    ],
    generation: Annotated[
        str | None, typer.Option("--generation", metavar="ID", help="Another generation than the live one.")
    ] = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Write the live generation with all its changes to one file, and read it back to verify it.

    A running service may go on answering and writing. Bring it back with `semsearch index restore`,
    here or on another machine.

    Examples:
      semsearch index snapshot backup.tar
      semsearch index snapshot /backups/news-monday.tar.gz --index news
    """
    with open_engine(index, indexes) as engine, interruptible("No snapshot was written."):
        made = engine.snapshot(file, generation)
    if output == "json":
        show_json(made)
    else:
        say(
            f"Snapshot of generation {made.generation}: {made.articles:,} articles, {made.passages:,} "
            f"passages, {size(made.bytes)} in {made.file}; written and read back."
        )


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `index snapshot` wrote.")],
    any_encoder: Annotated[
        bool, typer.Option("--any-encoder", help="Take it even if its vectors are those of another encoder.")
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Make a snapshot live as a new generation, once every checksum in it is right.

    The index then holds what the snapshot held. What was live before stays as the generation before.

    Examples:
      semsearch index restore backup.tar
      semsearch index restore /backups/news-monday.tar.gz --index news
    """
    with open_engine(index, indexes) as engine, interruptible("The live index is as it was."):
        made = engine.restore(file, any_encoder=any_encoder)
    if output == "json":
        show_json(made)
    else:
        say(
            f"Live now: generation {made.generation}, restored from the snapshot of {made.snapshot_of}: "
            f"{made.articles:,} articles, {made.passages:,} passages."
        )
        tell_notes(made.notes)
