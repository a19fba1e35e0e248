"""`semsearch coverage`: what of a draft has run, with the articles that it ran in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, open_engine
from semsearch_cli.drafts import DraftFile, DraftId, DraftUrl, draft_of
from semsearch_cli.hits import heading
from semsearch_cli.output import say, show, show_json
from semsearch_cli.search import After, Author, Before, Exclude, Language, Section, Source, Tag, filter_of

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from semsearch.editorial.coverage import Compared, Coverage

LIMIT = 10  # as the engine has it: a test holds the two together
MOST = 50
COPIES = {"exact": "same text", "near": "near copy", "none": ""}


def coverage(
    file: DraftFile = None,
    article_id: DraftId = None,
    url: DraftUrl = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The headline of the file.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, help="How many articles.")] = LIMIT,
    section: Section = None,
    author: Author = None,
    tag: Tag = None,
    language: Language = None,
    source: Source = None,
    after: After = None,
    before: Before = None,
    exclude: Exclude = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Tell whether the news of a draft has run: new, partly covered or covered, and why.

    Examples:
      semsearch coverage draft.txt --title "Council closes village school"
      semsearch coverage --id 2026-118 --before 2026-01-30
      pbpaste | semsearch coverage - --format json
    """
    where = filter_of(section, author, tag, language, source, after, before, exclude)
    draft = draft_of(file, article_id, url, title)
    with open_engine(index, indexes) as engine:
        found = engine.coverage(draft, where=where, limit=limit)
    if output == "json":
        from semsearch.service.coverage_convert import coverage_record

        show_json(coverage_record(found))
    else:
        _print(found)


def _print(found: Coverage) -> None:
    from semsearch.editorial.verdict import VERDICT_WORDS

    say(f"{VERDICT_WORDS[found.verdict]}.")
    for reason in found.reasons:
        say(f"- {reason}")
    if found.articles:
        show("", _grid(found.articles))
    if found.verdict == "partly":
        say("What is new:")
        for start, end in found.new:
            say(f"- {found.draft.text[start:end]}")


def _grid(articles: tuple[Compared, ...]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(justify="right")
    grid.add_column(overflow="fold")
    for number, one in enumerate(articles, 1):
        grid.add_row(str(number), _article(one))
    return grid


def _article(one: Compared) -> Text:
    """Title; when and where it ran; what it has in common with the draft."""
    from rich.text import Text

    from semsearch.editorial.verdict import POSSIBLE_NEWS

    numbers = f"nearness {one.score:.2f}, rarest words {one.words:.2f}, {one.shared_words:.0%} word for word"
    perhaps = "perhaps the same news" if one.score + one.words >= POSSIBLE_NEWS else "other news"
    kind = COPIES[one.copy] or ("same news" if one.same_news else perhaps)
    told = Text(f"{kind}: {numbers}", style="cyan" if one.same_news else "dim")
    return Text("\n").join([*heading(one.article), told])
