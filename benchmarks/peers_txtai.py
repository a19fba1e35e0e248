"""Runs txtai over texts and vectors made by ``benchmarks/peers.py``; needs an interpreter that has txtai.

    PYTHON peers_txtai.py FOLDER    # articles.jsonl, queries.jsonl, vectors.npz in; txtai-*.trec out

It imports nothing of semsearch, so that txtai can live in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

SETTINGS: dict[str, dict[str, bool]] = {"dense": {}, "bm25": {"keyword": True}, "hybrid": {"hybrid": True}}


def main(folder: Path) -> None:
    """Index once for each kind of search and write the first hundred hits of every query."""
    from txtai import Embeddings  # type: ignore[import-not-found]

    articles, queries = _read(folder / "articles.jsonl"), _read(folder / "queries.jsonl")
    stored = np.load(folder / "vectors.npz")
    texts = [text for _, text in (*articles, *queries)]
    vectors = np.concatenate([stored["articles"], stored["queries"]])
    known = dict(zip(texts, vectors, strict=True))

    def transform(asked: list[Any]) -> Any:  # noqa: ANN401 - numpy's array, untyped at the border to txtai
        return np.stack([known[text] for text in asked])

    for kind, settings in SETTINGS.items():
        given = settings if kind == "bm25" else {**settings, "method": "external", "transform": transform}
        embeddings = Embeddings(content=False, **given)
        embeddings.index([(name, text, None) for name, text in articles])
        with (folder / f"txtai-{kind}.trec").open("w", encoding="utf-8") as out:
            for query, text in queries:
                for rank, (name, score) in enumerate(embeddings.search(text, 100), 1):
                    out.write(f"{query} Q0 {name} {rank} {score:.6f} txtai-{kind}\n")


def _read(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text("utf-8").splitlines()
    return [(one["id"], one["text"]) for one in map(json.loads, lines)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
