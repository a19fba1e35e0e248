"""The collections that searches are measured on, and an index of each, built once and used again.

They lie outside the project (../shared/data) and are only read: their texts belong to their publishers.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from semsearch.evaluation import Query, load_qrels, load_queries

if TYPE_CHECKING:
    from semsearch.engine import Engine
    from semsearch.indexing.progress import OnProgress

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WORK = Path(__file__).resolve().parent / ".work"

# What decides the content of an index: while none of it has changed, a built index is used again.
_BUILDERS = ("articles.py", "options.py", "passages.py", "boilerplate.py", "duplicates.py")
_BUILDING = ("text", "sources", "encoder", "index", "indexing")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A collection of articles with judged queries; ``qrels`` is query -> article -> grade."""

    name: str
    articles: Path
    queries: tuple[Query, ...]
    qrels: dict[str, dict[str, int]]


def load(name: str, limit: int | None = None) -> Corpus:
    """A collection by its folder's name, whole or as a slice of ``limit`` articles.

    A slice takes the articles of as many queries as half of it can hold, and fills up with others
    spread over the collection. Raises FileNotFoundError with a clear word where the data is missing.
    """
    folder = DATA / name
    articles = folder / "articles.jsonl.gz"
    if not articles.is_file() or not (folder / "qrels.tsv").is_file():
        raise FileNotFoundError(f"no collection '{name}' with judgements in {DATA}")
    queries, qrels = load_queries(folder / "queries.jsonl"), load_qrels(folder / "qrels.tsv")
    if limit is None:
        return Corpus(name, articles, tuple(query for query in queries if query.id in qrels), qrels)
    return _slice(name, articles, queries, qrels, limit)


def engine_for(corpus: Corpus, *, on_progress: OnProgress | None = None) -> Engine:
    """An engine with the index of a collection; builds it unless one by the same code is there."""
    from semsearch.engine import Engine
    from semsearch.settings import load_settings

    settings = load_settings(environ={}, indexes=WORK / "indexes", index=corpus.name)
    engine = Engine(settings)
    stamp_file = WORK / f"{corpus.name}.stamp"
    stamp = _stamp(corpus)
    if not stamp_file.is_file() or stamp_file.read_text() != stamp:
        engine.build([str(corpus.articles)], on_progress=on_progress)
        engine.prune(1)
        stamp_file.write_text(stamp)
    return engine


def records(path: Path) -> Iterator[dict[str, object]]:
    """The articles of a packed JSON Lines file as plain mappings."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _slice(
    name: str, articles: Path, queries: list[Query], qrels: dict[str, dict[str, int]], limit: int
) -> Corpus:
    wanted: set[str] = set()
    kept: list[Query] = []
    for query in queries:
        more = wanted | qrels.get(query.id, {}).keys()
        if query.id in qrels and len(more) <= limit // 2:
            wanted, kept = more, [*kept, query]
    everything = [str(record["id"]) for record in records(articles)]
    others = [one for one in everything if one not in wanted]
    room = max(0, limit - len(wanted))
    wanted |= set(others[:: max(1, len(others) // room)][:room]) if room else set()
    path = WORK / "slices" / f"{name}-{limit}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for record in records(articles):
            if record["id"] in wanted:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return Corpus(f"{name}-{limit}", path, tuple(kept), {query.id: qrels[query.id] for query in kept})


def _stamp(corpus: Corpus) -> str:
    source = ROOT / "src" / "semsearch"
    files = [source / name for name in _BUILDERS]
    files += sorted(path for folder in _BUILDING for path in (source / folder).rglob("*.py"))
    digest = hashlib.sha256(f"{corpus.name} {corpus.articles.stat().st_size}".encode())
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()
