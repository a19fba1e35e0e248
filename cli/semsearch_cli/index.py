"""`semsearch index`: build, look at, check and switch the generations of an index."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch.errors import BuildRefused
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

    from semsearch.index.beside import BesideCounts
    from semsearch.index.publishing import Activated, Compared, GenerationInfo
    from semsearch.indexing.progress import BuildReport, ChangeReport
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
    allow_loss: Annotated[
        bool,
        typer.Option("--allow-loss", help="Publish even if many live articles are not in the sources."),
    ] = False,
    drop_others: Annotated[
        bool,
        typer.Option(
            "--drop-others", help="Drop what came over HTTP or by a sync: the index is the sources alone."
        ),
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Build a new generation from articles and make it live.

    The live generation answers until the new one is verified. Texts that were encoded before are not
    encoded again, so a build that was stopped goes on where it was. Where nothing is new since the live
    generation was built, its files are copied.

    A build from sources replaces what came from files. Articles that came over HTTP or by a sync stay, and
    what was deleted stays deleted. A build that would lose more than a tenth of the live articles is refused.

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
            try:
                report = engine.build(
                    sources or [],
                    kind=kind,
                    fresh=fresh,
                    if_new=if_new,
                    allow_loss=allow_loss,
                    drop_others=drop_others,
                    on_progress=progress,
                )
            except BuildRefused as refused:
                tell_notes(refused.notes)
                raise
        name = engine.settings.index
    warn_lost(report)
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


def warn_lost(report: BuildReport | ChangeReport) -> None:
    """Say on standard error how many records did not become articles, and which files gave none."""
    if report.lost_is_exact:
        warn_rejects(report.lost, report.rejects_file)
    elif report.lost:
        where = (
            f"; what is left of them, with the reasons, is in {report.rejects_file}"
            if report.rejects_file
            else ""
        )
        tell(f"Warning: at least {_many(report.lost, 'record')} could not be read{where}.")
    else:
        tell("Warning: a file ends too early; an unknown number of articles may be missing.")
    for name in report.unread:
        tell(f"Warning: {name}: no article could be taken from this file.")


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
        "articles": f"{found.articles:,}, of them hidden from readers: {found.hidden:,}"
        if found.hidden
        else found.articles,
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
    """Make a generation the live one; running services follow at once.

    Live changes made since it was built come along; the answer says how many, and what differs.
    """
    with open_engine(index, indexes) as engine:
        _show_live(engine.activate(generation), output)


@app.command("rollback")
def rollback(index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table") -> None:
    """Go back to the generation before the live one.

    Live changes made since it was built come along; what a build brought does not. The answer says how many
    of each. Rules, saved searches and sources stay as they are.
    """
    with open_engine(index, indexes) as engine:
        _show_live(engine.rollback(), output)


def _show_live(found: Activated, output: str) -> None:
    if output == "json":
        show_json(found)
        return
    before = found.previous
    if before is not None and before.id != found.id:
        say(f"Live before: {_built(before)}.")
    say(f"Live now: {_built(found)}; it holds {found.live_articles:,}.")
    carried = found.carried
    say(
        f"With the live changes made since it was built: {carried.added:,} added, "
        f"{carried.updated:,} updated, {carried.deleted:,} deleted."
    )
    if found.compared is not None:
        _say_compared(found.compared)
    elif before is not None and before.id != found.id:
        tell("Note: the two generations could not be compared, since one of them cannot be read.")
    tell_notes([found.note] if found.note else [])


def _built(one: GenerationInfo) -> str:
    return f"generation {one.id}, built {number(one.created_at)} with {one.articles:,} articles"


def _say_compared(compared: Compared) -> None:
    if not (compared.gone or compared.returned or compared.other):
        say("Both generations hold the same articles.")
        return
    ids = ", ".join(compared.gone_ids) + (", …" if compared.gone > len(compared.gone_ids) else "")
    say(
        f"Against the generation before: {compared.gone:,} articles are gone{f' ({ids})' if ids else ''}, "
        f"{compared.returned:,} came back, {compared.other:,} are in another version."
    )
    if compared.gone:
        say("What is gone came with a build; activate that generation to have it again.")


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
    with_events: Annotated[
        bool, typer.Option("--with-events", help="Also what readers looked for and clicked.")
    ] = False,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Also the keys of this installation: their hashes, never the keys."),
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Back an index up to one file, and read it back to verify it.

    The file holds the live generation with all its changes, the editors' rules with their history, saved
    searches with their matches and webhooks, and how far each source was synced. A running service may go
    on answering and writing. Bring it back with `semsearch index restore`, here or on another machine. The
    file holds the secrets of webhooks, so only you can read it. Settings (semsearch.toml) are not in it.

    Examples:
      semsearch index snapshot backup.tar
      semsearch index snapshot /backups/news-monday.tar.gz --index news --with-keys
    """
    with open_engine(index, indexes) as engine, interruptible("No snapshot was written."):
        made = engine.snapshot(file, generation, with_events=with_events, with_keys=with_keys)
    if output == "json":
        show_json(made)
    else:
        say(
            f"Snapshot of generation {made.generation}: {made.articles:,} articles, {made.passages:,} "
            f"passages, {size(made.bytes)} in {made.file}; written and read back."
        )
        say(f"With it: {_beside_words(made.beside)}.")


def _beside_words(held: BesideCounts, *, options: bool = True) -> str:
    events, keys = (" (--with-events)", " (--with-keys)") if options else ("", "")
    parts = [
        f"{_many(held.rules, 'rule')} ({_many(held.rule_changes, 'change')} in the history)",
        f"{_many(held.saved_searches, 'saved search', 'saved searches')} "
        f"({_many(held.matches, 'match', 'matches')})",
        f"sources: {', '.join(held.sources)}" if held.sources else "no sources",
        f"no events{events}" if held.events is None else _many(held.events, "event"),
        f"no keys{keys}" if held.keys is None else f"{_many(held.keys, 'key')}, as hashes",
    ]
    return ", ".join(parts)


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `index snapshot` wrote.")],
    any_encoder: Annotated[
        bool, typer.Option("--any-encoder", help="Take it even if its vectors are those of another encoder.")
    ] = False,
    only_articles: Annotated[
        bool,
        typer.Option("--only-articles", help="Leave rules, saved searches, sources, events and keys alone."),
    ] = False,
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Replace the keys of this installation by those of the snapshot."),
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Make a snapshot live as a new generation, once every checksum in it is right.

    The index then holds what the snapshot held, and running services follow. What was live before stays as
    the generation before. Rules, saved searches, sources and events of the snapshot replace those of the
    index, which are kept beside them as NAME.before-restore-TIME; what the snapshot does not hold stays.
    Keys come only where there are none yet.

    Examples:
      semsearch index restore backup.tar
      semsearch index restore /backups/news-monday.tar.gz --index news
    """
    with open_engine(index, indexes) as engine, interruptible("The live index is as it was."):
        made = engine.restore(
            file, any_encoder=any_encoder, only_articles=only_articles, replace_keys=with_keys
        )
    if output == "json":
        show_json(made)
        return
    say(
        f"Live now: generation {made.generation}, restored from the snapshot of {made.snapshot_of}: "
        f"{made.articles:,} articles, {made.passages:,} passages."
    )
    if made.beside is not None:
        say(f"With it: {_beside_words(made.beside, options=False)}.")
    if made.kept:
        say(f"Left as they were, not replaced by the snapshot: {', '.join(made.kept)}.")
    for path in made.set_aside:
        say(f"Kept as it was before: {path}")
    tell_notes(made.notes)
