"""`semsearch demo`: the sample articles, built and served at once."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch.errors import IndexFault, NotFound
from semsearch_cli import common
from semsearch_cli.common import IndexesFolder, OutputFormat, find_settings, interruptible
from semsearch_cli.output import duration, show_json, tell
from semsearch_cli.progress import ProgressReport
from semsearch_cli.serve import check_port, free_port, run_service, with_service

if TYPE_CHECKING:
    from semsearch.settings import Settings

DEMO = "demo"
HOST = "127.0.0.1"
FIRST_PORT = 8000
MARK = "built-from"  # file in the index's folder: the generation, and what it was built from


def demo(
    port: Annotated[
        int | None, typer.Option("--port", help="Port to listen on; else the first free one from 8000.")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve after the build.")] = True,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Build an index of sample articles and serve it on this machine.

    The index is named `demo`, so your own stay as they are. The second time it is there already.
    """
    if port is not None and serve:
        check_port(HOST, port)
    settings = find_settings(DEMO, indexes)
    with interruptible("What was encoded is kept; the same command goes on from here."):
        built = build_demo(settings)
    if serve:
        chosen = port if port is not None else free_port(HOST, FIRST_PORT)
        served = with_service(settings, {"host": HOST, "port": chosen, "workers": 1})
        run_service(served, output=output)
    elif output == "json":
        show_json({"index": DEMO, "indexes": settings.indexes, "built": built})
    else:
        tell('Next: semsearch search "a village without its school" --index demo, or: semsearch demo')


def build_demo(settings: Settings) -> bool:
    """Build the sample's index where it is missing, damaged or of another sample or model.

    Returns whether it was built. Raises what Engine.build raises.
    """
    folder = settings.indexes / settings.index
    with resources.as_file(resources.files("semsearch") / "sample" / "articles.jsonl") as sample:
        origin = _origin(sample, settings)
        mark = folder / MARK
        made_here = mark.is_file()
        with closing(common.make_engine(settings)) as engine:
            try:
                if made_here and mark.read_text("utf-8") == f"{engine.status().generation} {origin}\n":
                    return False
            except (IndexFault, NotFound):
                shutil.rmtree(folder)  # damaged; all that it holds was made from the sample
        with closing(common.make_engine(settings)) as engine, ProgressReport() as progress:
            report = engine.build([str(sample)], drop_others=True, on_progress=progress)
    mark.write_text(f"{report.generation} {origin}\n", "utf-8")
    tell(f"Built the index of {report.articles:,} sample articles in {duration(report.seconds)}.")
    return True


def _origin(sample: Path, settings: Settings) -> str:
    """A hash of all that the sample's index depends on."""
    from semsearch import __version__

    parts = (__version__, settings.encoder, settings.passages, settings.lexical, settings.vectors)
    return hashlib.sha256(sample.read_bytes() + repr(parts).encode()).hexdigest()
