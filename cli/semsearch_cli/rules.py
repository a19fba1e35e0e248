"""`semsearch rules`: what editors pin, hide and boost."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semsearch_cli.common import Format, IndexesFolder, IndexName, OutputFormat, open_engine
from semsearch_cli.output import say, show, show_json, table, tell
from semsearch_cli.rule_options import (
    Articles,
    Authors,
    Expires,
    Note,
    Query,
    RuleId,
    Sections,
    Sources,
    Starts,
    Tags,
    Under,
    Whole,
    Words,
    filter_of,
    holds_for,
    times_of,
)

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.rules import KeptRule

app = typer.Typer(no_args_is_help=True, help="Pin, hide and boost articles; running services follow at once.")


@app.command("list")
def list_rules(
    index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table"
) -> None:
    """List all rules, those changed last first; as JSON, in the form that `put` takes.

    Example:
      semsearch rules list
    """
    from semsearch.rule_words import does, holds, times
    from semsearch.service.rules_convert import kept_answers

    with open_engine(index, indexes) as engine:
        kept = engine.rules.all()
        answers = kept_answers(engine, kept)
    if output == "json":
        show_json(answers)
    elif not answers:
        tell("There are no rules; make one with: semsearch rules pin ID ARTICLE --query TEXT")
    else:
        rows = [
            (one["id"], one["state"], does(rule), holds(rule), times(rule), _gone(one), one["changed_by"])
            for one, rule in zip(answers, (each.rule for each in kept), strict=True)
        ]
        show(table(["id", "state", "does", "holds for", "when", "missing", "changed by"], rows))


@app.command("pin")
def pin(
    rule_id: RuleId,
    articles: Articles = None,
    position: Annotated[
        int, typer.Option("--position", metavar="N", help="Place of the first of them, from 1.")
    ] = 1,
    query: Query = None,
    words: Words = None,
    under: Under = None,
    whole: Whole = None,
    starts: Starts = None,
    expires: Expires = None,
    note: Note = "",
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show articles at a place of a list, whether they were found or not; filters are kept to.

    Examples:
      semsearch rules pin school-closure a-17 a-21 --query "school closure" --expires 14d
      semsearch rules pin background a-3 --under a-17
    """
    made = {"action": "pin", "articles": articles, "position": position, "note": note}
    _put(
        rule_id,
        {**made, **holds_for(query, words, under, whole), **times_of(starts, expires)},
        index,
        indexes,
        output,
    )


@app.command("hide")
def hide(
    rule_id: RuleId,
    articles: Articles = None,
    section: Sections = None,
    author: Authors = None,
    tag: Tags = None,
    source: Sources = None,
    query: Query = None,
    words: Words = None,
    under: Under = None,
    whole: Whole = None,
    starts: Starts = None,
    expires: Expires = None,
    note: Note = "",
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show articles in no list; by their id they can still be read.

    Examples:
      semsearch rules hide retracted a-17 --in everywhere --note "retracted on Friday"
      semsearch rules hide no-sponsored --tag sponsored --in related
    """
    made = {"action": "hide", "articles": articles, "note": note, **filter_of(section, author, tag, source)}
    _put(
        rule_id,
        {**made, **holds_for(query, words, under, whole), **times_of(starts, expires)},
        index,
        indexes,
        output,
    )


@app.command("boost")
def boost(
    rule_id: RuleId,
    articles: Articles = None,
    factor: Annotated[
        float, typer.Option("--factor", metavar="F", help="Scores times this: above 1 lifts, below 1 buries.")
    ] = 1.5,
    section: Sections = None,
    author: Authors = None,
    tag: Tags = None,
    source: Sources = None,
    query: Query = None,
    words: Words = None,
    under: Under = None,
    whole: Whole = None,
    starts: Starts = None,
    expires: Expires = None,
    note: Note = "",
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Let articles stand higher than their score, or lower (a factor below 1).

    Examples:
      semsearch rules boost own-reports --source "Our newsroom" --factor 1.3 --in everywhere
      semsearch rules boost old-wire --tag wire --factor 0.5 --words "school"
    """
    made = {"action": "boost", "articles": articles, "factor": factor, "note": note}
    made |= filter_of(section, author, tag, source)
    _put(
        rule_id,
        {**made, **holds_for(query, words, under, whole), **times_of(starts, expires)},
        index,
        indexes,
        output,
    )


@app.command("put")
def put(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A JSON file with one rule or a list; - is input.")
    ],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Keep rules from JSON, each in the place of the one with its id: all of them, or none if one is wrong.

    Examples:
      semsearch rules list --format json > rules.json
      semsearch rules put rules.json --index other
    """
    from semsearch_cli.rule_files import rules_in

    with open_engine(index, indexes) as engine:
        kept = [engine.rules.put(rule, _who()) for rule in rules_in(file)]
    if output == "json":
        show_json([{"id": one.rule.id, "new": new, "change": one.change} for one, new in kept])
    else:
        say(f"{len(kept)} rules kept, {sum(new for _, new in kept)} of them new.")


@app.command("delete")
def delete(
    rule_ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of rules.")],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Delete rules; their history stays, and `restore` puts them back.

    Example:
      semsearch rules delete school-closure
    """
    with open_engine(index, indexes) as engine:
        changes = [engine.rules.delete(one, _who()) for one in rule_ids]
    if output == "json":
        show_json([{"id": one.id, "change": one.change} for one in changes])
    else:
        for one in changes:
            say(f"Rule {one.id} is deleted; put it back with: semsearch rules restore {one.id} {one.change}")


@app.command("history")
def history(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Id of a rule, deleted ones too; else all rules.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many changes.")] = 20,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Show who changed which rule, the last change first; ten thousand changes are kept.

    Example:
      semsearch rules history school-closure
    """
    from semsearch.rule_words import does, holds
    from semsearch.service.rules_convert import change_record

    with open_engine(index, indexes) as engine:
        changes = engine.rules.history(rule_id, limit=limit)
    if output == "json":
        show_json([change_record(one) for one in changes])
        return
    rows = [
        (str(one.change), one.at, one.by, one.kind, one.id, does(one.version), holds(one.version))
        for one in changes
    ]
    show(table(["change", "at", "by", "was", "id", "does", "holds for"], rows))


@app.command("restore")
def restore(
    rule_id: RuleId,
    change: Annotated[
        int, typer.Argument(metavar="CHANGE", help="Number of a change, as the history shows it.")
    ],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Put back what a change made of a rule, or what it deleted.

    Example:
      semsearch rules restore school-closure 117
    """
    with open_engine(index, indexes) as engine:
        _show(engine, engine.rules.restore(rule_id, change, _who()), output)


def _put(
    rule_id: str, record: Mapping[str, Any], index: str | None, indexes: Path | None, output: Format
) -> None:
    from semsearch.rules import rule_from

    rule = rule_from({**record, "id": rule_id, "articles": record["articles"] or []})
    with open_engine(index, indexes) as engine:
        _show(engine, engine.rules.put(rule, _who())[0], output)


def _show(engine: Engine, kept: KeptRule, output: Format) -> None:
    from semsearch.rule_words import does, holds, times
    from semsearch.service.rules_convert import kept_answers

    answer = kept_answers(engine, [kept])[0]
    if output == "json":
        show_json(answer)
        return
    where = " ".join(part for part in (holds(kept.rule), times(kept.rule)) if part)
    say(f"Rule {answer['id']} is {answer['state']}: {does(kept.rule)}; holds for {where}.")
    if answer["missing"]:
        tell(f"The index has not (yet): {_gone(answer)}")


def _gone(answer: Mapping[str, Any]) -> str:
    return "?" if answer["missing"] is None else ", ".join(answer["missing"])


def _who() -> str:
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):  # a container's user may have no name
        return "command line"
