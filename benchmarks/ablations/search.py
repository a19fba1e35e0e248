"""Search with one part of the ranking changed at a time: ``python -m benchmarks.ablations.search``.

Uses the indexes that ``benchmarks/quality.py`` builds. Prints nDCG@10 of each setting by collection.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.corpora import opened
from semsearch.articles import Mode
from semsearch.encoder.protocol import Encoder, EncoderInfo, Vectors
from semsearch.evaluation import evaluate, load_qrels, load_queries, run_queries
from semsearch.options import RankingOptions
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WORK = Path(__file__).resolve().parents[1] / ".work" / "indexes"

DEFAULT = RankingOptions()
CHANGES: dict[str, tuple[Mode, RankingOptions]] = {
    "words alone": ("lexical", DEFAULT),
    "meaning alone": ("semantic", DEFAULT),
    "default": ("hybrid", DEFAULT),
    "no feedback": ("hybrid", replace(DEFAULT, feedback_weight=0.0)),
    "feedback 0.3": ("hybrid", replace(DEFAULT, feedback_weight=0.3)),
    "feedback 1.0": ("hybrid", replace(DEFAULT, feedback_weight=1.0)),
    "ratio 0.4": ("hybrid", replace(DEFAULT, semantic_ratio=0.4)),
    "ratio 0.6": ("hybrid", replace(DEFAULT, semantic_ratio=0.6)),
    "no title lift": ("hybrid", replace(DEFAULT, title_lift=0.0)),
    "title lift 0.5": ("hybrid", replace(DEFAULT, title_lift=0.5)),
    "title lift 1": ("hybrid", replace(DEFAULT, title_lift=1.0)),
    "scores cut at .85 and .6": (
        "hybrid",
        replace(DEFAULT, semantic_floor=0.15, semantic_ceiling=0.85, lexical_ceiling=0.6),
    ),
}


class Remembered:
    """An encoder that encodes each query once over all settings."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    @property
    def info(self) -> EncoderInfo:
        """The encoder's own."""
        return self._encoder.info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.encode_queries([text])[0]
        return np.stack([self._known[text] for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages."""
        return self._encoder.encode_passages(texts)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Token spans of texts."""
        return self._encoder.token_spans(texts)


def main() -> None:
    """Measure every change on every collection asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", default="fnc1,cranfield,allsides")
    parser.add_argument("--indexes", type=Path, default=WORK)
    parser.add_argument("--only", default="", help="changes whose name holds this")
    asked = parser.parse_args()
    for name in asked.collections.split(","):
        engine = opened(name, asked.indexes)
        encoder = Remembered(engine.encoder)
        queries = load_queries(DATA / name / "queries.jsonl")
        qrels = load_qrels(DATA / name / "qrels.tsv")
        for change, (mode, options) in CHANGES.items():
            if asked.only not in change:
                continue
            searcher = Searcher(engine.index, encoder, options)

            def search(
                text: str, searcher: Searcher = searcher, mode: Mode = mode
            ) -> list[tuple[str, float]]:
                response = searcher.search(SearchRequest(query=text, mode=mode, limit=10))
                return [(hit.article.id, hit.score) for hit in response.hits]

            found = evaluate(run_queries(search, queries), qrels, ["nDCG@10"])
            print(json.dumps({"collection": name, "change": change, "nDCG@10": found.means["nDCG@10"]}))


if __name__ == "__main__":
    main()
