"""What cheaper passages cost in quality: ``python -m benchmarks.ablations.passages``.

Builds each collection once for every way of cutting articles. "One pass" reads an article in windows twice as
long and pools its passages' vectors from the states of their tokens (late chunking, by torch). Prints nDCG@10
by meaning and of the default search, and how many tokens the encoder read. Vectors are kept in a cache for
the next run; ``--embeddings FOLDER`` begins with the caches of indexes that are there. With ``--groups``
related lists and stories are measured too, where a collection has them.
Figures go to benchmarks/results/passages.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ablations.search import Remembered
from benchmarks.corpora import WORK, Corpus, load
from benchmarks.related import HITS, MeanVectors, related
from semsearch.articles import Article, Filter, Mode, Passage
from semsearch.encoder.protocol import Encoder, EncoderInfo, Vectors
from semsearch.engine import Engine
from semsearch.evaluation import (
    Evaluation,
    compare,
    evaluate,
    evaluate_clusters,
    evaluate_related,
    run_queries,
)
from semsearch.options import PassageOptions
from semsearch.search.arrange import group_numbers
from semsearch.search.searcher import Searcher
from semsearch.search.types import SearchRequest
from semsearch.settings import load_settings

RESULTS = Path(__file__).resolve().parents[1] / "results" / "passages.json"
MEASURE = "nDCG@10"
MODES: tuple[Mode, ...] = ("semantic", "hybrid")
LISTS = ("related recall@10", "related nDCG@10")
ARTICLES = 400  # whose related lists are asked for
RIVAL = "at most 8"  # the default before this study: all other ways are held against it
EIGHT = replace(PassageOptions(), max_per_article=8)
WAYS: dict[str, PassageOptions] = {
    RIVAL: EIGHT,
    "at most 4": replace(EIGHT, max_per_article=4),
    "at most 2": replace(EIGHT, max_per_article=2),
    "the first alone": replace(EIGHT, max_per_article=1),
    "no overlap": replace(EIGHT, overlap_sentences=0),
    "192 tokens": replace(EIGHT, tokens=192),
    "128 tokens": replace(EIGHT, tokens=128),
    "128 tokens, no overlap": replace(EIGHT, tokens=128, overlap_sentences=0),
}
LATE = {"one pass": "no overlap", "one pass, 128 tokens": "128 tokens, no overlap"}  # cut as these
WINDOW = 510  # tokens of one pass, without the two special ones

Row = dict[str, Any]


def main() -> None:
    """Measure every way on every collection asked for; print a table and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", default="fnc1,cranfield")
    parser.add_argument("--embeddings", type=Path, help="folder of indexes whose caches to begin with")
    parser.add_argument("--ways", default="", help=f"those whose name holds this; '{RIVAL}' is always there")
    parser.add_argument("--groups", action="store_true", help="measure related lists and stories too")
    asked = parser.parse_args()
    rows: list[Row] = []
    for name in asked.collections.split(","):
        for row in measure(load(name), asked.embeddings, asked.ways, groups=asked.groups):
            rows.append(row)
            told = " | ".join(
                f"{one} {row[one]:.3f} ({row[f'{one} difference']:+.3f}, p {row[f'{one} p']:.3f})"
                for one in (*MODES, *LISTS)
                if one in row
            )
            told += f" | stories {row['stories']:.3f}" if "stories" in row else ""
            print(f"| {name} | {row['way']} | {row['passages']:,} | {row['tokens']:,} | {told} |", flush=True)
            _save(row)


def measure(corpus: Corpus, embeddings: Path | None, ways: str, *, groups: bool = False) -> Iterator[Row]:
    """One row a way: passages, tokens read, and quality with its difference from the rival's."""
    kept = WORK / f"passages-{corpus.name}.db"
    if embeddings is not None and not kept.exists():
        shutil.copy(embeddings / corpus.name / "embeddings.db", kept)
    first: dict[str, Evaluation] = {}
    encoder = Remembered(_engine(WORK, EIGHT).encoder)
    for way, options in WAYS.items():
        late = [name for name, cut in LATE.items() if cut == way and ways in name]
        if ways not in way and way != RIVAL and not late:
            continue
        with tempfile.TemporaryDirectory(prefix="semsearch-passages-") as folder:
            engine = _engine(Path(folder), options, encoder)
            engine.folder.create()
            if kept.exists():
                shutil.copy(kept, engine.folder.cache_file)
            engine.build([str(corpus.articles)])
            shutil.copy(engine.folder.cache_file, kept)
            grouped = _grouped(corpus, engine, first) if groups and corpus.groups else {}
            yield {"tokens": _tokens(engine)} | _row(corpus, way, engine, encoder, first) | grouped
            for name in late:
                states = Late(engine)
                pooled = _engine(Path(folder) / "late", options, states)
                pooled.build([str(corpus.articles)])
                yield {"tokens": states.tokens} | _row(corpus, name, pooled, Remembered(states), first)
                pooled.close()
            engine.close()


def _engine(folder: Path, options: PassageOptions, encoder: Encoder | None = None) -> Engine:
    settings = load_settings(environ={}, indexes=folder, index="study")
    settings = replace(settings, passages=options, encoder=replace(settings.encoder, threads=1))
    return Engine(settings, encoder=encoder)


def _row(corpus: Corpus, way: str, engine: Engine, encoder: Encoder, first: dict[str, Evaluation]) -> Row:
    row: Row = {"collection": corpus.name, "way": way}
    row["passages"] = sum(len(passages) for _, passages in _cut(engine))
    searcher = Searcher(engine.index, encoder, engine.settings.search)
    for mode in MODES:
        run = run_queries(_asking(searcher, mode), corpus.queries)
        row |= _against(mode, evaluate(run, corpus.qrels, [MEASURE]), MEASURE, first)
    return row


def _grouped(corpus: Corpus, engine: Engine, first: dict[str, Evaluation]) -> Row:
    """Related lists as ``related.py`` asks for them, and stories."""
    engine.warm()
    found = evaluate_related(
        lambda article: related(engine, article),
        corpus.groups,
        k=HITS,
        copies=MeanVectors(engine).copies,
        limit=ARTICLES,
    )
    row: Row = {}
    for name in LISTS:
        row |= _against(name, found.evaluation, name.removeprefix("related "), first)
    with engine.index.snapshot() as snapshot:
        rows = snapshot.matching(Filter())
        stories = group_numbers(snapshot, rows, "story").tolist()
        placed = dict(zip(snapshot.ids(rows), stories, strict=True))
    truth = {article: group for article, group in corpus.groups.items() if article in placed}
    row["stories"] = round(evaluate_clusters({one: placed[one] for one in truth}, truth).f1, 4)
    return row


def _against(name: str, found: Evaluation, measure: str, first: dict[str, Evaluation]) -> Row:
    paired = compare(first.setdefault(name, found), found, measure)
    return {
        name: round(found.means[measure], 4),
        f"{name} difference": round(paired.difference, 4),
        f"{name} p": round(paired.p_value, 4),
    }


def _asking(searcher: Searcher, mode: Mode) -> Callable[[str], list[tuple[str, float]]]:
    def ask(text: str) -> list[tuple[str, float]]:
        hits = searcher.search(SearchRequest(query=text, mode=mode)).hits
        return [(hit.article.id, hit.score) for hit in hits]

    return ask


def _cut(engine: Engine) -> Iterator[tuple[Article, list[Passage]]]:
    """Every article with its passages, as they lie in the index."""
    with engine.index.snapshot() as snapshot:
        for row in snapshot.matching(Filter()):
            yield snapshot.articles(np.array([row]))[0], snapshot.passages(int(row))


def _text(article: Article, passage: Passage) -> str:
    """A passage as it is encoded."""
    return (
        f"{article.title}\n{passage.text}"
        if article.title and passage.text
        else article.title or passage.text
    )


def _tokens(engine: Engine) -> int:
    """How many tokens the encoder reads of all passages, special ones included."""
    texts = [_text(article, passage) for article, passages in _cut(engine) for passage in passages]
    reserved = engine.encoder.info.reserved_tokens
    return sum(len(spans) + reserved for spans in engine.encoder.token_spans(texts))


class Late:
    """An encoder that knows the passages of an index by their text, pooled from one pass over each article.

    A window holds the title and as much of the body as there is room for; a passage is the mean of the states
    of its own tokens, wherever they stand, and of the title's. ``tokens`` counts what was read.
    """

    def __init__(self, engine: Engine) -> None:
        from semsearch.encoder.torch_backend import SentenceTransformerEncoder

        reference = SentenceTransformerEncoder(engine.settings.encoder)
        self.info: EncoderInfo = replace(reference.info, name="one pass", fingerprint="one-pass")
        self._reference = reference
        self._model: Any = reference._model[0].auto_model
        self._tokenizer: Any = reference._tokenizer
        self.tokens = 0
        self._known: dict[str, Vectors] = {}
        for article, passages in _cut(engine):
            for passage, vector in zip(passages, self._pooled(article, passages), strict=True):
                self._known[_text(article, passage)] = vector

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, as without passes."""
        return self._reference.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The pooled vectors of passages that the index had; KeyError for another text."""
        return np.stack([self._known[text] for text in texts])

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Those of the model."""
        return self._reference.token_spans(texts)

    def _pooled(self, article: Article, passages: Sequence[Passage]) -> Vectors:
        title = self._ids(article.title)[0][: WINDOW // 3]
        start = min(passage.start for passage in passages)
        ids, spans = self._ids(article.body[start : max(passage.end for passage in passages)])
        begins = np.array([begin for begin, _ in spans], np.int64) + start
        room = WINDOW - len(title)
        totals = np.zeros((len(passages), self.info.dimension))
        for first in range(0, max(1, len(ids)), room):
            states = self._states([*title, *ids[first : first + room]])
            heads, body = states[: len(title)], states[len(title) :]
            own = begins[first : first + room]
            for number, passage in enumerate(passages):
                inside = (own >= passage.start) & (own < passage.end)
                if inside.any() or not len(ids):
                    totals[number] += body[inside].sum(axis=0) + heads.sum(axis=0)
        unit: Vectors = (totals / np.linalg.norm(totals, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _ids(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        found = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return found["input_ids"], found["offset_mapping"]

    def _states(self, ids: Sequence[int]) -> Vectors:
        import torch

        self.tokens += len(ids) + 2
        given = [self._tokenizer.cls_token_id, *ids, self._tokenizer.sep_token_id]
        with torch.inference_mode():
            states = self._model(torch.tensor([given])).last_hidden_state[0, 1:-1]
        return np.asarray(states, np.float32)


def _save(row: Row) -> None:
    """Put this row in the place of an older one of the same collection and way."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    kept = {(one["collection"], one["way"]): one for one in [*known, row]}
    RESULTS.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
