"""`semsearch eval`: measure searches against judgements, and compare two runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from semsearch.articles import Mode
from semsearch_cli.common import Format, IndexesFolder, IndexName, OutputFormat, chosen, open_engine
from semsearch_cli.output import pairs, plain, say, show, show_json, table, tell
from semsearch_cli.progress import ProgressReport

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.evaluation import Comparison, Evaluation, Run
    from semsearch.evaluation.judgements import Query

app = typer.Typer(no_args_is_help=True, help="Measure searches against judgements, and compare two runs.")

MEASURES = ("nDCG@10", "recall@100", "MRR")
DEPTH = 100  # hits asked for each query: what recall@100 needs
SHOWN = 10  # queries that a comparison names on each side

QrelsFile = Annotated[
    Path, typer.Option("--qrels", metavar="FILE", help="Judgements: query, article and grade between tabs.")
]


@app.command("run")
def run(
    queries: Annotated[
        Path, typer.Option("--queries", metavar="FILE", help='Queries: {"id": …, "text": …} a line.')
    ],
    qrels: QrelsFile,
    run_out: Annotated[
        Path | None, typer.Option("--run-out", metavar="FILE", help="Write the hits as a TREC run.")
    ] = None,
    mode: Annotated[
        list[str] | None, typer.Option("--mode", help="How to search; repeat for several. [default: hybrid]")
    ] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", help="As nDCG@10; repeat. [default: nDCG@10, recall@100, MRR]"),
    ] = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "json",
) -> None:
    """Search every query and print how good the hits are: nDCG@10, recall@100 and MRR.

    One JSON object for each mode, each on its line. With several modes, the name of the mode is put
    into the name of the run file.

    Example:
      semsearch eval run --queries queries.jsonl --qrels qrels.tsv --mode hybrid --mode lexical
    """
    from semsearch.evaluation import evaluate, load_qrels, load_queries, write_run

    asked, judged = load_queries(queries), load_qrels(qrels)
    names = tuple(measure or MEASURES)
    modes = chosen("--mode", mode, get_args(Mode)) or ["hybrid"]
    found = []
    with open_engine(index, indexes) as engine:
        for one in modes:
            made = _run_mode(engine, asked, one)
            if run_out is not None:
                write_run(made, _run_file(run_out, one, several=len(modes) > 1))
            evaluation = evaluate(made, judged, names)
            _warn(evaluation, one)
            found.append({"mode": one, **evaluation.means, **_facts(evaluation)})
            if output == "json":
                show_json(found[-1], one_line=True)
    if output == "table":
        columns = ("mode", *(f"#{name}" for name in names), "#queries", "#judged@10")
        show(table(columns, (_row(one, names) for one in found)))


def _run_mode(engine: Engine, queries: list[Query], mode: Mode) -> Run:
    from semsearch.evaluation import run_queries
    from semsearch.search.types import SearchRequest

    searcher = engine.searcher

    def ask(text: str) -> list[tuple[str, float]]:
        response = searcher.search(SearchRequest(query=text, mode=mode, limit=DEPTH))
        return [(hit.article.id, hit.score) for hit in response.hits]

    with ProgressReport() as progress:
        return run_queries(
            ask,
            queries,
            name=f"semsearch-{mode}",
            on_progress=lambda done, total: progress.advance(f"Searching ({mode})", "queries", done, total),
        )


def _run_file(path: Path, mode: Mode, *, several: bool) -> Path:
    return path.with_name(f"{path.stem}.{mode}{path.suffix}") if several else path


def _facts(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "queries": evaluation.queries,
        "unanswered": len(evaluation.unanswered),
        "judged_at_10": evaluation.judged_at_10,
    }


def _warn(evaluation: Evaluation, mode: Mode) -> None:
    if evaluation.unanswered:
        tell(f"Note: {len(evaluation.unanswered):,} judged queries have no hit ({mode}); they count 0.")
    if evaluation.unjudged:
        tell(f"Note: {len(evaluation.unjudged):,} queries have no judgement; they do not count.")


def _row(one: dict[str, Any], names: tuple[str, ...]) -> list[object]:
    return [
        one["mode"],
        *(f"{one[name]:.4f}" for name in names),
        one["queries"],
        f"{one['judged_at_10']:.2f}",
    ]


@app.command("related")
def related(
    stories: Annotated[
        Path,
        typer.Option(
            "--stories", metavar="FILE", help="What belongs together: article and story between tabs."
        ),
    ],
    limit: Annotated[int, typer.Option("--limit", help="Hits of each list.")] = 10,
    articles: Annotated[
        int | None, typer.Option("--articles", help="Ask only this many articles, spread over the file.")
    ] = None,
    diversity: Annotated[
        float | None, typer.Option("--diversity", help="As in semsearch related. [default: the settings']")
    ] = None,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "json",
) -> None:
    """Ask for the related list of every article and say how much of its story it holds.

    The file names a story for each article; two articles that an editor would put under each other are a
    story of two.

    Example:
      semsearch eval related --stories stories.tsv
    """
    from semsearch.evaluation import evaluate_related, load_groups
    from semsearch.search.types import RelatedRequest

    groups = load_groups(stories)
    with open_engine(index, indexes) as engine, ProgressReport() as progress:
        searcher = engine.searcher

        def ask(article_id: str) -> list[str]:
            request = RelatedRequest(article_id=article_id, limit=limit, fallback="none", diversity=diversity)
            return [hit.article.id for hit in searcher.related(request).hits]

        found = evaluate_related(
            ask,
            groups,
            k=limit,
            copies=_copies(engine, groups),
            limit=articles,
            on_progress=lambda done, total: progress.advance("Listing", "articles", done, total),
        )
    facts = {
        **found.evaluation.means,
        "articles": found.articles,
        "lists_with_copies": len(found.with_copies),
        "lists_with_the_article_itself": len(found.with_itself),
        "short_lists": len(found.short),
    }
    if output == "json":
        show_json(facts, one_line=True)
    else:
        show(pairs({name: round(value, 4) for name, value in facts.items()}))


def _copies(engine: Engine, ids: Iterable[str]) -> dict[str, int]:
    """The group of one text that each article belongs to."""
    import numpy as np

    with engine.index.snapshot() as view:
        rows = {one: view.row_of(one) for one in ids}
        live = [one for one, row in rows.items() if row >= 0]
        groups = view.duplicate_groups(np.array([rows[one] for one in live], np.int64))
        return dict(zip(live, groups.tolist(), strict=True))


@app.command("compare")
def compare_runs(
    first: Annotated[Path, typer.Argument(metavar="A", help="A TREC run file.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another, of the same queries.")],
    qrels: QrelsFile,
    measure: Annotated[str, typer.Option("--measure", help="What to compare by.")] = "nDCG@10",
    output: OutputFormat = "table",
    index: IndexName = None,
    indexes: IndexesFolder = None,
) -> None:
    """Say whether run B is better than run A, or whether it may be chance; no index is opened.

    Example:
      semsearch eval compare before.run after.run --qrels qrels.tsv
    """
    from semsearch.evaluation import compare, evaluate, load_qrels, read_run

    del index, indexes  # every command takes them; runs are files
    judged = load_qrels(qrels)
    a, b = (evaluate(read_run(path), judged, (measure,)) for path in (first, second))
    _show_comparison(compare(a, b, measure), output)


def _show_comparison(found: Comparison, output: Format) -> None:
    if output == "json":
        show_json({"significant": found.significant, **plain(found)})
        return
    say(str(found))
    for title, differences in (("B is better", found.wins), ("B is worse", found.losses)):
        if differences:
            rows = (
                (one.query, f"{one.a:.4f}", f"{one.b:.4f}", f"{one.difference:+.4f}")
                for one in differences[:SHOWN]
            )
            show(
                table(
                    ("query", "#A", "#B", "#difference"), rows, title=f"{title}: {len(differences):,} queries"
                )
            )
