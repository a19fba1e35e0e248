"""The options of `semsearch rules`, and what they say of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from semsearch_cli.output import iso

Everywhere = Literal["search", "related", "everywhere"]

RuleId = Annotated[str, typer.Argument(metavar="ID", help="Id of the rule; of a new one, of your choice.")]
Articles = Annotated[list[str] | None, typer.Argument(metavar="[ARTICLE…]", help="Ids of articles.")]
Query = Annotated[
    str | None,
    typer.Option("--query", metavar="TEXT", help="Holds for this query, whatever case and accents."),
]
Words = Annotated[
    str | None, typer.Option("--words", metavar="TEXT", help="Holds for queries that hold these words.")
]
Under = Annotated[
    str | None, typer.Option("--under", metavar="ARTICLE", help="Holds for the list under this article.")
]
Whole = Annotated[
    Everywhere | None, typer.Option("--in", help="Holds for all searches, all related lists, or both.")
]
Starts = Annotated[
    str | None, typer.Option("--starts", metavar="SPAN|DATE", help="When it begins: 12h, 2d or a date (UTC).")
]
Expires = Annotated[
    str | None, typer.Option("--expires", metavar="SPAN|DATE", help="When it ends: 12h, 90d or a date (UTC).")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for colleagues.")]
Sections = Annotated[
    list[str] | None, typer.Option("--section", metavar="NAME", help="All of this section; repeatable.")
]
Authors = Annotated[
    list[str] | None, typer.Option("--author", metavar="NAME", help="All by this author; repeatable.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="NAME", help="All with this tag; repeatable.")
]
Sources = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="All from this source; repeatable.")
]


def holds_for(query: str | None, words: str | None, under: str | None, whole: str | None) -> dict[str, Any]:
    """Where a rule holds; exactly one of the options says it."""
    given = {"--query": query, "--words": words, "--under": under, "--in": whole}
    if len([one for one in given.values() if one is not None]) != 1:
        raise typer.BadParameter("say where it holds: give one of these", param_hint=" / ".join(given))
    if whole is not None:
        return {"holds_for": whole}
    if under is not None:
        return {"holds_for": "article", "under": under}
    text = query if words is None else words
    return {"holds_for": "query", "query": text, "match": "exact" if words is None else "words"}


def times_of(starts: str | None, expires: str | None) -> dict[str, Any]:
    """When a rule begins and ends."""
    from semsearch.keys import parse_expiry

    given = {"starts_at": starts, "expires_at": expires}
    return {name: iso(parse_expiry(text)) for name, text in given.items() if text is not None}


def filter_of(
    section: Sequence[str] | None,
    author: Sequence[str] | None,
    tag: Sequence[str] | None,
    source: Sequence[str] | None,
) -> dict[str, Any]:
    """Which articles a rule is for, where it names none."""
    given = {"section": section, "author": author, "tag": tag, "source": source}
    found = {name: list(values) for name, values in given.items() if values}
    return {"filter": found} if found else {}
