"""`semsearch articles`: change the live index by single articles, and show what it holds."""

from __future__ import annotations

import math
import time
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
from semsearch_cli.index import tell_notes, warn_lost
from semsearch_cli.output import clean_lines, duration, iso, pairs, say, show, show_json, tell
from semsearch_cli.progress import ProgressReport
from semsearch_cli.sync import sync

if TYPE_CHECKING:
    from semsearch.articles import Article
    from semsearch.options import VisibilityOptions

app = typer.Typer(no_args_is_help=True, help="Add, sync, delete and show articles of the live index.")
app.command("sync")(sync)


@app.command("add")
def add(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE", help="Files or folders of articles.")],
    kind: SourceKind = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Add articles to the live index, or replace those with the same id; searches see them at once.

    An article that is older than the one in the index, by its updated_at, changes nothing.

    Example:
      semsearch articles add today.jsonl
    """
    kept = "Every article that was added is kept; the same command adds the rest."
    with open_engine(index, indexes) as engine, interruptible(kept), ProgressReport(goes_on=kept) as progress:
        report = engine.add(sources, kind=kind, on_progress=progress)
    warn_lost(report)
    tell_notes(report.notes)
    if output == "json":
        show_json(report)
        return
    say(
        f"{report.added:,} added, {report.updated:,} updated, {report.unchanged:,} unchanged, "
        f"{report.stale:,} older than what the index has; in {duration(report.seconds)}."
    )


@app.command("delete")
def delete(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of articles.")],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Delete articles from the live index; exit 1 if one of them was not there.

    Example:
      semsearch articles delete 2026-118 2026-119
    """
    with open_engine(index, indexes) as engine:
        results = engine.delete(ids)
    if output == "json":
        show_json(results)
    else:
        say(f"{sum(one.outcome == 'deleted' for one in results):,} deleted.")
    missing = [one.article_id for one in results if one.outcome == "missing"]
    if missing:
        tell(f"semsearch: not in the index: {', '.join(missing)}")
        raise typer.Exit(1)


@app.command("show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="Id of an article.")],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show an article as the index holds it, be it shown to readers or not."""
    with open_engine(index, indexes) as engine:
        article = engine.show(article_id, hidden=True)
    if output == "json":
        show_json(article)
    else:
        _print_article(article, engine.settings.visibility)


def _print_article(article: Article, visibility: VisibilityOptions) -> None:
    from rich.text import Text

    facts: dict[str, object] = {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "published": iso(article.published_at),
        "updated": iso(article.updated_at),
        "expires": iso(article.expires_at),
        "status": _status(article, visibility),
        "section": article.section,
        "authors": ", ".join(article.authors),
        "tags": ", ".join(article.tags),
        "language": article.language,
        "source": article.source,
        "image": article.image,
        **{f"extra.{key}": value for key, value in article.extra.items()},
    }
    show(pairs({name: value for name, value in facts.items() if value not in (None, "")}))
    if article.body:
        show(Text("\n" + clean_lines(article.body)))


def _status(article: Article, visibility: VisibilityOptions) -> str | None:
    """The status, and whether readers see the article now; None for what is simply published."""
    from semsearch.articles import visible_span

    starts, ends = visible_span(article, visibility)
    now = time.time()
    if starts <= now < ends:
        return article.status
    why = " any more" if starts <= now else " yet" if math.isfinite(starts) else ""
    return f"{article.status or 'published'} (not shown to readers{why})"
