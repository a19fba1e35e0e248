"""`semsearch search` and `semsearch related`: ask the live index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from semsearch.articles import FACET_FIELDS, Collapse, Fallback, Filter, Mode, Sort, Window
from semsearch.errors import ArticleInvalid
from semsearch_cli.common import (
    IndexesFolder,
    IndexName,
    OutputFormat,
    chosen,
    open_engine,
    read_text,
    words_or_none,
)
from semsearch_cli.hits import print_response, response_json
from semsearch_cli.output import iso, show, show_json, table

Section = Annotated[
    list[str] | None,
    typer.Option(
        "--section", help="Only this section; repeat for any of several.", rich_help_panel="Filters"
    ),
]
Author = Annotated[
    list[str] | None,
    typer.Option("--author", metavar="TEXT", help="Only by this author.", rich_help_panel="Filters"),
]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TEXT", help="Only with this tag.", rich_help_panel="Filters"),
]
Language = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="TEXT", help="Only in this language (en, de, …).", rich_help_panel="Filters"
    ),
]
Source = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="TEXT", help="Only of this outlet.", rich_help_panel="Filters"),
]
After = Annotated[
    str | None,
    typer.Option(
        "--after",
        metavar="DATE",
        help="Published at or after: 2026-01-31, or with a time.",
        rich_help_panel="Filters",
    ),
]
Before = Annotated[
    str | None,
    typer.Option("--before", metavar="DATE", help="Published before this.", rich_help_panel="Filters"),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="ID", help="Never this article.", rich_help_panel="Filters"),
]
Explain = Annotated[bool, typer.Option("--explain", help="Show why each article is where it is.")]
Limit = Annotated[int, typer.Option("--limit", "-n", help="How many articles.")]


def search(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help='Words; "in quotes" for a phrase, -word to leave out.')
    ],
    mode: Annotated[
        Mode, typer.Option("--mode", help="By meaning and words, by meaning, or by words.")
    ] = "hybrid",
    semantic_ratio: Annotated[
        float | None,
        typer.Option(
            "--semantic-ratio", help="Weight of meaning in hybrid mode, 0 to 1.", rich_help_panel="Ranking"
        ),
    ] = None,
    limit: Limit = 10,
    offset: Annotated[int, typer.Option("--offset", help="How many articles to skip.")] = 0,
    section: Section = None,
    author: Author = None,
    tag: Tag = None,
    language: Language = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    exclude: Exclude = None,
    facets: Annotated[
        list[str] | None,
        typer.Option(
            "--facets",
            metavar="FIELD",
            help="Count articles by section, author, tag, language or source; repeat, or join with commas.",
        ),
    ] = None,
    sort: Annotated[Sort, typer.Option("--sort", help="The order of the articles.")] = "relevance",
    recency_half_life: Annotated[
        float | None,
        typer.Option(
            "--recency-half-life",
            metavar="DAYS",
            help="Age at which an article's freshness is half.",
            rich_help_panel="Ranking",
        ),
    ] = None,
    recency_weight: Annotated[
        float | None,
        typer.Option(
            "--recency-weight", help="How much freshness counts, 0 to 1.", rich_help_panel="Ranking"
        ),
    ] = None,
    diversity: Annotated[
        float,
        typer.Option(
            "--diversity",
            help="How much hits should differ from each other, 0 to 1.",
            rich_help_panel="Ranking",
        ),
    ] = 0.0,
    collapse: Annotated[
        Collapse,
        typer.Option(
            "--collapse", help="Show one article of each text or of each story.", rich_help_panel="Ranking"
        ),
    ] = "none",
    min_score: Annotated[
        float | None,
        typer.Option(
            "--min-score", help="Leave out hits with a lower score, 0 to 1.", rich_help_panel="Ranking"
        ),
    ] = None,
    explain: Explain = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Search by meaning and by words.

    With "" as the query, the newest articles that pass the filters are shown.

    Examples:
      semsearch search "protests against the pension reform"
      semsearch search '"prime minister" -football' --after 2026-01-01
      semsearch search "rate rise" --section Economy --facets author
    """
    from semsearch.search.types import SearchRequest

    request = SearchRequest(
        query=query,
        mode=mode,
        semantic_ratio=semantic_ratio,
        limit=limit,
        offset=offset,
        where=filter_of(section, author, tag, language, source, after, before, exclude),
        facets=tuple(chosen("--facets", facets, FACET_FIELDS)),
        sort=sort,
        recency_half_life=recency_half_life,
        recency_weight=recency_weight,
        diversity=diversity,
        collapse=collapse,
        min_score=min_score,
        explain=explain,
    )
    with open_engine(index, indexes) as engine:
        response = engine.searcher.search(request)
    if output == "json":
        show_json(response_json(response))
    else:
        print_response(response, offset=offset)


def related(
    article_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="Id of an article of the index.")
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            "--text", metavar="FILE", help="A text file instead of an article; - for standard input."
        ),
    ] = None,
    window: Annotated[
        Window, typer.Option("--window", help="Any time, before the article, or the latest only.")
    ] = "any",
    fallback: Annotated[
        Fallback, typer.Option("--fallback", help="What fills a list that is too short.")
    ] = "recent",
    limit: Limit = 5,
    diversity: Annotated[
        float | None,
        typer.Option("--diversity", help="How much the articles should differ from each other, 0 to 1."),
    ] = None,
    section: Section = None,
    author: Author = None,
    tag: Tag = None,
    language: Language = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    exclude: Exclude = None,
    explain: Explain = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """List what to read after an article, or what is near to a text.

    Examples:
      semsearch related 2026-118
      semsearch related --text draft.txt --window past
    """
    from semsearch.search.types import RelatedRequest

    if (article_id is None) == (text is None):
        raise typer.BadParameter("give the id of an article or --text FILE, one of the two")
    request = RelatedRequest(
        article_id=article_id,
        text=None if text is None else read_text(text),
        limit=limit,
        window=window,
        where=filter_of(section, author, tag, language, source, after, before, exclude),
        fallback=fallback,
        diversity=diversity,
        explain=explain,
    )
    with open_engine(index, indexes) as engine:
        response = engine.searcher.related(request)
    if output == "json":
        show_json(response_json(response))
    else:
        print_response(response)


def story(
    article_id: Annotated[str, typer.Argument(metavar="ID", help="Id of any article of the story.")],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """List the articles about one event, oldest first.

    Example:
      semsearch story 2026-118
    """
    with open_engine(index, indexes) as engine:
        found = engine.searcher.story(article_id)
    if output == "json":
        articles = [
            {"id": one.id, "title": one.title, "published_at": iso(one.published_at), "section": one.section}
            for one in found.articles
        ]
        show_json({"id": found.id, "copies": found.copies, "articles": articles})
        return
    rows = ((iso(one.published_at) or "", one.title, one.id) for one in found.articles)
    show(
        table(("published", "title", "id"), rows, title=f"Story {found.id}: {len(found.articles):,} articles")
    )


def filter_of(
    section: list[str] | None,
    author: list[str] | None,
    tag: list[str] | None,
    language: list[str] | None,
    source: list[str] | None,
    after: str | None,
    before: str | None,
    exclude: list[str] | None,
) -> Filter:
    """The filter that these options make; raises BadParameter for what is no date."""
    return Filter(
        sections=words_or_none(section),
        authors=words_or_none(author),
        tags=words_or_none(tag),
        languages=words_or_none(language),
        sources=words_or_none(source),
        published_after=_moment("--after", after),
        published_before=_moment("--before", before),
        exclude_ids=tuple(exclude or ()),
    )


def _moment(option: str, value: str | None) -> datetime | None:
    """A date or time of the usual forms as UTC; one without a zone is taken as UTC."""
    if value is None:
        return None
    from semsearch.text.dates import parse_date

    try:
        return parse_date(value)
    except ArticleInvalid as error:
        words = f"{value!r} is not a date; write 2026-01-31 or 2026-01-31T18:00:00+01:00"
        raise typer.BadParameter(words, param_hint=option) from error
