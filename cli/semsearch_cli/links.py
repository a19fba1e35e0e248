"""`semsearch links`: phrases of a draft to link, and older articles that should link to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, open_engine
from semsearch_cli.drafts import DraftFile, DraftId, DraftUrl, draft_of
from semsearch_cli.output import day, say, show, show_json, table, tell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from semsearch.editorial.links import Link

LIMIT = 5  # as ``semsearch.editorial.links`` has it: a test holds the two together
MOST = 20
FLOOR = 0.5


def links(
    file: DraftFile = None,
    article_id: DraftId = None,
    url: DraftUrl = None,
    title: Annotated[
        str,
        typer.Option(
            "--title", metavar="TEXT", help="The headline of the file; older articles are found by it."
        ),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, max=MOST, help="Links at most.")] = LIMIT,
    older: Annotated[
        int,
        typer.Option("--older", min=0, max=MOST, help="Older articles at most that should link to it."),
    ] = LIMIT,
    min_confidence: Annotated[
        float,
        typer.Option("--min-confidence", min=0, max=1, help="Leave out suggestions with less."),
    ] = FLOOR,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Suggest links for a draft: which phrase to which article, and why.

    Examples:
      semsearch links draft.html --title "Bridge opens again"
      semsearch links --id 2026-118 --older 10
      pbpaste | semsearch links - --format json
    """
    draft = draft_of(file, article_id, url, title)
    with open_engine(index, indexes) as engine:
        found = engine.links(draft, limit=limit, older=older, least=min_confidence)
    if output == "json":
        from semsearch.service.links_convert import links_record

        show_json(links_record(found))
        return
    if not found.links and not found.older:
        say("Nothing in the archive fits well enough; a lower --min-confidence shows more.")
    if found.links:
        show(_table("Links to add", found.links))
    if found.older:
        show(_table("Older articles that should link to it", found.older))
    elif not found.draft.title and older:
        tell("Without a headline (--title) no older article can be suggested.")


def _table(title: str, found: Sequence[Link]) -> RenderableType:
    rows = [
        (
            one.phrase,
            f"{one.confidence:.2f}",
            day(one.article.published_at),
            one.article.title,
            one.article.id,
            one.reason,
        )
        for one in found
    ]
    return table(("phrase", "#confidence", "published", "article", "id", "reason"), rows, title=title)
