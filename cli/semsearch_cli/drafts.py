"""How commands take a draft: as a file, or as an article of the index by its id or address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch_cli.common import read_text

if TYPE_CHECKING:
    from semsearch.editorial.draft import DraftSource

DraftFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="The draft: text, HTML or Markdown in UTF-8; - for standard input."),
]
DraftId = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="An article of the index instead of a file.")
]
DraftUrl = Annotated[
    str | None, typer.Option("--url", metavar="URL", help="The same by its address; nothing is fetched.")
]


def draft_of(file: Path | None, article_id: str | None, url: str | None, title: str) -> DraftSource:
    """The draft that the options name; raises BadParameter where they name none or several."""
    from semsearch.editorial.draft import DraftSource

    if sum(one is not None for one in (file, article_id, url)) != 1:
        raise typer.BadParameter("give a FILE, --id or --url, one of the three")
    text = read_text(file) if file is not None else None
    return DraftSource(text=text, title=title, article_id=article_id, url=url)
