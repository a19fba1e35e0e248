"""The collections that searches are measured on, and an index of each, built once and used again.

They lie outside the project (../shared/data) and are only read: their texts belong to their publishers.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semsearch.evaluation import Query, load_groups, load_qrels, load_queries

if TYPE_CHECKING:
    from semsearch.encoder.protocol import Encoder
    from semsearch.engine import Engine
    from semsearch.indexing.progress import OnProgress

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WORK = Path(__file__).resolve().parent / ".work"
GROUPS = ("stories.tsv", "clusters.tsv")  # the first that a collection has

# What decides the content of an index: while none of it has changed, a built index is used again.
_BUILDERS = ("articles.py", "options.py", "passages.py", "boilerplate.py", "duplicates.py")
_BUILDING = ("text", "sources", "encoder", "index", "indexing")


@dataclass(frozen=True, slots=True)
class Corpus:
    """A collection of articles with what was judged of it.

    ``qrels`` is query -> article -> grade; ``groups`` is article -> story or event. Empty where the
    collection has none.
    """

    name: str
    articles: Path
    queries: tuple[Query, ...] = ()
    qrels: dict[str, dict[str, int]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)


def load(name: str, limit: int | None = None) -> Corpus:
    """A collection by its folder's name, whole or as a slice of ``limit`` articles.

    A slice takes the articles of as many queries as half of it can hold, and fills up with others
    spread over the collection. Raises FileNotFoundError with a clear word where the data is missing.
    """
    folder = DATA / name
    articles = folder / "articles.jsonl.gz"
    if not articles.is_file():
        raise FileNotFoundError(f"no collection '{name}' in {DATA}")
    queries = load_queries(folder / "queries.jsonl") if (folder / "queries.jsonl").is_file() else []
    qrels = load_qrels(folder / "qrels.tsv") if (folder / "qrels.tsv").is_file() else {}
    groups = next((load_groups(folder / file) for file in GROUPS if (folder / file).is_file()), {})
    judged = tuple(query for query in queries if query.id in qrels)
    if limit is not None:
        return _slice(Corpus(name, articles, judged, qrels, groups), limit)
    return Corpus(name, articles, judged, qrels, groups)


def engine_for(
    corpus: Corpus,
    *,
    encoder: Encoder | None = None,
    threads: int = 0,
    on_progress: OnProgress | None = None,
) -> Engine:
    """An engine with the index of a collection; builds it unless one by the same code is there.

    ``threads`` are those of the encoder, 0 for all cores.
    """
    from semsearch.engine import Engine
    from semsearch.settings import load_settings

    settings = load_settings(environ={}, indexes=WORK / "indexes", index=corpus.name)
    settings = replace(settings, encoder=replace(settings.encoder, threads=threads))
    engine = Engine(settings, encoder=encoder)
    stamp_file = WORK / f"{corpus.name}.stamp"
    stamp = _stamp(corpus)
    if not stamp_file.is_file() or stamp_file.read_text() != stamp:
        engine.build([str(corpus.articles)], on_progress=on_progress)
        engine.prune(1)
        stamp_file.write_text(stamp)
    return engine


def opened(name: str, indexes: Path) -> Engine:
    """An engine with an index that is there already, in a folder of indexes, with the default settings."""
    from semsearch.engine import Engine
    from semsearch.settings import load_settings

    return Engine(load_settings(environ={}, indexes=indexes, index=name))


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The articles of a packed JSON Lines file as plain mappings."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _slice(corpus: Corpus, limit: int) -> Corpus:
    wanted: set[str] = set()
    kept: list[Query] = []
    for query in corpus.queries:
        more = wanted | corpus.qrels[query.id].keys()
        if len(more) <= limit // 2:
            wanted, kept = more, [*kept, query]
    everything = [record["id"] for record in records(corpus.articles)]
    others = [one for one in everything if one not in wanted]
    room = max(0, limit - len(wanted))
    wanted |= set(others[:: max(1, len(others) // room)][:room]) if room else set()
    path = WORK / "slices" / f"{corpus.name}-{limit}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for record in records(corpus.articles):
            if record["id"] in wanted:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return Corpus(
        f"{corpus.name}-{limit}",
        path,
        tuple(kept),
        {query.id: corpus.qrels[query.id] for query in kept},
        {article: group for article, group in corpus.groups.items() if article in wanted},
    )


def _stamp(corpus: Corpus) -> str:
    source = ROOT / "src" / "semsearch"
    files = [source / name for name in _BUILDERS]
    files += sorted(path for folder in _BUILDING for path in (source / folder).rglob("*.py"))
    digest = hashlib.sha256(f"{corpus.name} {corpus.articles.stat().st_size}".encode())
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()
