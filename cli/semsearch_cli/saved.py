"""`semsearch saved`: searches that are matched with each article as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, open_engine, words_or_none
from semsearch_cli.output import say, show, show_json, table, tell

if TYPE_CHECKING:
    from semsearch.editorial.saved_searches import SavedSearches
    from semsearch.index.saved_types import Counts, Found, SavedSearch

app = typer.Typer(
    no_args_is_help=True, help="Searches that are told of each article that arrives; a service matches them."
)

Level = Literal["loose", "normal", "strict"]
SearchId = Annotated[str, typer.Argument(metavar="ID", help="Id of a saved search, as the list shows it.")]


@app.command("list")
def list_searches(
    index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table"
) -> None:
    """List all saved searches with the number of their matches.

    Example:
      semsearch saved list
    """
    from semsearch.index.saved_types import Counts

    with _saved(index, indexes) as saved:
        counts = saved.store.counts()
        found = [(one, counts.get(one.id, Counts())) for one in saved.store.searches()]
    if output == "json":
        show_json([_shown(search, count) for search, count in found])
        return
    if not found:
        tell('There are no saved searches; make one with: semsearch saved put ID --meaning "…"')
        return
    rows = [
        (one.id, one.name, one.meaning, one.threshold, "on" if one.enabled else "off", count.matches)
        for one, count in found
    ]
    show(table(["id", "name", "meaning", "threshold", "state", "matches"], rows))


@app.command("put")
def put(
    search_id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, dots, hyphens.")],
    meaning: Annotated[str, typer.Option("--meaning", metavar="TEXT", help="What articles are to be about.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What it is called; else its id.")] = "",
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", metavar="0…1", help="How near the best passage must be."),
    ] = None,
    strictness: Annotated[
        Level | None,
        typer.Option("--strictness", help="The same in words: 0.45, 0.55 or 0.65; else normal."),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--word", metavar="WORD", help="Word or phrase that must stand in it; repeatable."),
    ] = None,
    section: Annotated[
        list[str] | None, typer.Option("--section", metavar="NAME", help="Only this section; repeatable.")
    ] = None,
    author: Annotated[
        list[str] | None, typer.Option("--author", metavar="NAME", help="Only by this author; repeatable.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="NAME", help="Only with this tag; repeatable.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help="Only this language; repeatable.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only from this source; repeatable.")
    ] = None,
    webhook: Annotated[
        str | None, typer.Option("--webhook", metavar="URL", help="Address that matches are sent to.")
    ] = None,
    secret: Annotated[
        str,
        typer.Option(
            "--secret",
            metavar="WHSEC",
            envvar="SEMSEARCH_WEBHOOK_SECRET",
            help="Signs the messages: whsec_ and base64; better in the variable than on the command line.",
        ),
    ] = "",
    off: Annotated[bool, typer.Option("--off", help="Keep it, but let it find nothing.")] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Save a search, or replace one: it finds what arrives or changes from now on.

    Examples:
      semsearch saved put schools --meaning "village schools that close" --section Local
      semsearch saved put court --meaning "voting rights" --word court --webhook https://news.example/hook
    """
    from semsearch.articles import Filter
    from semsearch.editorial.checking import STRICTNESS
    from semsearch.index.saved_types import Counts, SavedSearch, Webhook

    if threshold is not None and strictness is not None:
        raise typer.BadParameter("give --threshold or --strictness, not both")
    lists = [words_or_none(values) for values in (section, author, tag, language, source)]
    search = SavedSearch(
        search_id,
        name or search_id,
        meaning,
        STRICTNESS[strictness or "normal"] if threshold is None else threshold,
        tuple(words or ()),
        Filter(sections=lists[0], authors=lists[1], tags=lists[2], languages=lists[3], sources=lists[4]),
        Webhook(webhook, secret) if webhook is not None else None,
        not off,
        "command line",
    )
    with _saved(index, indexes) as saved:
        new = saved.put(search)
        kept = saved.store.search(search_id)
        counts = saved.store.counts().get(search_id, Counts())
    if output == "json":
        show_json(_shown(kept, counts))
    else:
        say(f"Saved search {search_id} is {'new' if new else 'replaced'}; a running service matches it.")


@app.command("delete")
def delete(
    search_id: SearchId,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Delete a saved search with its matches and the messages that wait.

    Example:
      semsearch saved delete schools
    """
    with _saved(index, indexes) as saved:
        saved.store.delete(search_id)
    if output == "json":
        show_json({"id": search_id, "deleted": True})
    else:
        say(f"Saved search {search_id} is deleted.")


@app.command("matches")
def matches(
    search_id: SearchId,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="The newest so many.")] = 20,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show what a saved search found, the newest first.

    Example:
      semsearch saved matches schools --limit 5
    """
    with _saved(index, indexes) as saved:
        saved.store.search(search_id)
        found = saved.matches(search_id, limit=limit).matches
    if output == "json":
        show_json([{**_found(one.found), "matched_at": one.at} for one in found])
        return
    rows = [(one.at, one.found.article_id, one.found.score, one.found.title) for one in found]
    show(table(["found", "id", "score", "title"], rows))


@app.command("test")
def try_out(
    search_id: SearchId,
    days: Annotated[float, typer.Option("--days", min=0.01, help="Look at so many days until now.")] = 30,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="The best so many.")] = 20,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show what a saved search would have found in the last days; nothing is kept and nobody is told.

    Example:
      semsearch saved test schools --days 365
    """
    with _saved(index, indexes) as saved:
        preview = saved.preview(saved.store.search(search_id), days=days, limit=limit)
    if output == "json":
        matches = [_found(one) for one in preview.found]
        show_json({"total": preview.total, "matches": matches, "levels": dict(preview.levels)})
        return
    rows = [(one.published_at, one.article_id, one.score, one.title) for one in preview.found]
    show(table(["published", "id", "score", "title"], rows))
    tell(f"{preview.total} articles of the last {days:g} days would have been found.")
    tell(
        "At each strictness: " + ", ".join(f"{name} {count}" for name, count in preview.levels.items()) + "."
    )


@contextmanager
def _saved(index: str | None, indexes: Path | None) -> Iterator[SavedSearches]:
    with open_engine(index, indexes) as engine:
        saved = engine.saved_searches()
        try:
            yield saved
        finally:
            saved.store.close()


def _found(found: Found) -> dict[str, object]:
    return {
        "id": found.article_id,
        "title": found.title,
        "url": found.url,
        "section": found.section,
        "author": found.author,
        "published_at": found.published_at,
        "score": found.score,
        "passage": found.passage,
    }


def _shown(search: SavedSearch, counts: Counts) -> dict[str, object]:
    from semsearch.editorial.checking import strictness_of

    where = search.where
    return {
        "id": search.id,
        "name": search.name,
        "meaning": search.meaning,
        "words": list(search.words),
        "threshold": search.threshold,
        "strictness": strictness_of(search.threshold),
        "section": where.sections,
        "author": where.authors,
        "tag": where.tags,
        "language": where.languages,
        "source": where.sources,
        "webhook": search.webhook.url if search.webhook else None,
        "enabled": search.enabled,
        "made_by": search.made_by,
        "created_at": search.created_at,
        "updated_at": search.updated_at,
        "matches": counts.matches,
        "matches_last_day": counts.last_day,
    }
