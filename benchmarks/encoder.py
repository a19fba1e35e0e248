"""How fast are the encoder's back ends, against sentence-transformers as it comes, and how near to it.

    python benchmarks/encoder.py [--passages 128] [--rounds 3] [--quality]

In one run, taking turns, so that other work on the machine hits all alike: passages a second on headlines,
on mixed short news and on long articles; milliseconds a query; time from nothing to the first query in a
fresh process; memory after texts of every length; cosine to the original; and the floor, which is what the
processor does in plain float32 matrix products. Both wall and processor time are kept: on a busy machine
believe the second. ``--quality`` also embeds fnc1 and cranfield with each (minutes) and gives nDCG@10 of the
best passage. Figures go to benchmarks/results/encoder.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file or as a module

from benchmarks.corpora import DATA, load, records
from semsearch.articles import Article
from semsearch.encoder.factory import load_encoder
from semsearch.encoder.protocol import Encoder, Vectors
from semsearch.evaluation import Run, evaluate
from semsearch.options import EncoderOptions, PassageOptions
from semsearch.passages import split_many

RESULTS = Path(__file__).resolve().parent / "results" / "encoder.json"
PLAIN = "sentence-transformers"
BACKENDS = ("torch", "onnx", "onnx-int8")
START = """
import sys, time
begun = time.perf_counter()
from semsearch.encoder.factory import load_encoder
from semsearch.options import EncoderOptions
load_encoder(EncoderOptions(backend=sys.argv[1])).encode_queries(["court rules on voting rights"])
print(time.perf_counter() - begun, time.process_time())
"""
Encode = Callable[[list[str]], Vectors]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, save; returns the exit code."""
    options = _options(arguments)
    if not DATA.is_dir():
        print(f"encoder: no collections in {DATA}", file=sys.stderr)
        return 1
    encoders = {name: _load(name) for name in BACKENDS}
    ways: dict[str, Encode] = {PLAIN: _plain()}
    ways |= {name: _passages_of(encoder) for name, encoder in encoders.items()}
    result: dict[str, Any] = {
        "machine": {"processor": processor(), "python": platform.python_version()},
        "floor": floor(),
        "passages": {},
    }
    for name, texts in _sets(encoders["onnx"], options.passages).items():
        result["passages"][name] = _race(ways, texts, encoders["onnx"], options.rounds)
        _save(result, name)
    result["queries"] = _queries(ways, encoders)
    result["start"] = {name: _start(name) for name in BACKENDS}
    result["memory"] = {name: _memory(encoders[name]) for name in ("onnx", "onnx-int8")}
    _save(result, "queries, start and memory")
    for name in ("fnc1", "cranfield") if options.quality else ():
        result.setdefault("quality", {})[name] = _quality(name, encoders)
        _save(result, name)
    print(_table(result))
    return 0


def _save(result: dict[str, Any], done: str) -> None:
    """Saved at once: a long measurement that is stopped leaves what it found."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{done}: done", file=sys.stderr)


def _load(name: str) -> Encoder:
    return load_encoder(EncoderOptions(model="default", backend=name))  # type: ignore[arg-type, unused-ignore]


def _plain() -> Encode:
    """What a user would write: SentenceTransformer.encode in batches of 32."""
    from sentence_transformers import SentenceTransformer

    from semsearch.encoder.hashing import FileHashes
    from semsearch.encoder.model_files import find_model

    folder = find_model(EncoderOptions(), FileHashes(None)).folder
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> Vectors:
        found = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)

    return encode


def _passages_of(encoder: Encoder) -> Encode:
    return encoder.encode_passages


def _sets(encoder: Encoder, count: int) -> dict[str, list[str]]:
    """Real texts: headlines; passages of short news, half of it headlines; passages of long articles."""
    news = islice(records(DATA / "scale" / "articles.jsonl.gz"), 60_000, 60_000 + 4 * count)
    long = list(islice(records(DATA / "allsides" / "articles.jsonl.gz"), 500, 500 + count))
    return {
        "headlines": [record["title"] for record in long],
        "short news": _spread(_split(encoder, list(news)), count),
        "long articles": _spread(_split(encoder, long), count),
    }


def _split(encoder: Encoder, found: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    articles = [
        Article(id=record["id"], title=record.get("title", ""), body=record.get("body", ""))
        for record in found
    ]
    kept = [(article, [(0, len(article.body))]) for article in articles]
    made = split_many(kept, encoder.token_spans, PassageOptions(), encoder.info.passage_tokens)
    return [(passage.article_id, passage.text) for passages in made for passage in passages]


def _spread(passages: Sequence[tuple[str, str]], count: int) -> list[str]:
    return [text for _, text in passages[:: max(1, len(passages) // count)][:count]]


def _race(ways: dict[str, Encode], texts: list[str], encoder: Encoder, rounds: int) -> dict[str, Any]:
    """Passages a second of each way over the same texts, taking turns; medians over the rounds."""
    wall: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    vectors: dict[str, Vectors] = {}
    for name, encode in ways.items():
        encode(texts[:8])
        vectors[name] = encode(texts)
    for _ in range(rounds):
        for name, encode in ways.items():
            begun, used = time.perf_counter(), time.process_time()
            encode(texts)
            busy[name].append(time.process_time() - used)
            wall[name].append(time.perf_counter() - begun)
    limit = encoder.info.passage_tokens
    tokens = [min(len(spans), limit) + 2 for spans in encoder.token_spans(texts)]
    work = sum(count * 6 * (24 * 384**2 + 4 * 384 * count) for count in tokens)
    return {
        "texts": len(texts),
        "tokens": round(statistics.mean(tokens), 1),
        "ways": {
            name: {
                "passages_per_second": round(len(texts) / statistics.median(wall[name]), 2),
                "times_plain": round(statistics.median(wall[PLAIN]) / statistics.median(wall[name]), 2),
                "processor_ms_per_passage": round(1000 * statistics.median(busy[name]) / len(texts), 2),
                "times_plain_by_processor": round(
                    statistics.median(busy[PLAIN]) / statistics.median(busy[name]), 2
                ),
                "gflops_per_core": round(work / statistics.median(busy[name]) / 1e9, 1),
                "cosine_min_mean": _cosines(vectors[name], vectors[PLAIN]),
            }
            for name in ways
        },
    }


def _cosines(found: Vectors, exact: Vectors) -> list[float]:
    cosines = (found * exact).sum(axis=1)
    return [round(float(cosines.min()), 5), round(float(cosines.mean()), 5)]


def _queries(ways: dict[str, Encode], encoders: dict[str, Encoder]) -> dict[str, Any]:
    """Milliseconds of one new query, median and 95th percentile, taking turns."""
    asked = [query.text for query in load("fnc1").queries[:60]]
    ask: dict[str, Encode] = {PLAIN: ways[PLAIN]}
    ask |= {name: encoder.encode_queries for name, encoder in encoders.items()}
    took: dict[str, list[float]] = {name: [] for name in ask}
    for text in asked:
        for name, encode in ask.items():
            begun = time.perf_counter()
            encode([text])
            took[name].append(1000 * (time.perf_counter() - begun))
    return {
        name: {
            "median_ms": round(statistics.median(times), 2),
            "p95_ms": round(sorted(times)[int(0.95 * len(times))], 2),
        }
        for name, times in took.items()
    }


def _start(backend: str) -> dict[str, float]:
    """Seconds from nothing to the first query in a fresh process, best of three."""
    found = []
    for _ in range(3):
        command = [sys.executable, "-c", START, backend]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        wall, busy = (float(value) for value in done.stdout.split())
        found.append((wall, busy))
    return {"wall_seconds": round(min(found)[0], 2), "processor_seconds": round(min(found)[1], 2)}


def _memory(encoder: Encoder) -> dict[str, float]:
    """Megabytes that the process grows by over a second pass of texts of all lengths."""
    texts = [" ".join(["news"] * length) for length in range(1, 255, 3)]
    encoder.encode_passages(texts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for row in range(3):
        encoder.encode_passages(texts[row:] * (row + 1))
    return {"grown_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1)}


def floor() -> dict[str, float]:
    """What one core does in float32 matrix products of the model's shape, in GFLOP a second."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows, inner, outer = 2048, 384, 1536
    left, right = torch.randn(rows, inner), torch.randn(inner, outer)
    best = float("inf")
    for _ in range(20):
        used = time.process_time()
        left @ right
        best = min(best, time.process_time() - used)
    torch.set_num_threads(threads)
    return {"float32_gflops_per_core": round(2 * rows * inner * outer / best / 1e9, 1)}


def _quality(name: str, encoders: dict[str, Encoder]) -> dict[str, Any]:
    """nDCG@10 by the best passage of an article, by exact search; float32 against 8 bits."""
    corpus = load(name)
    passages = _split(encoders["onnx"], list(records(corpus.articles)))
    texts = [text for _, text in passages]
    found: dict[str, Any] = {"articles": len({article for article, _ in passages}), "passages": len(passages)}
    vectors = {}
    for form in ("onnx", "onnx-int8"):
        vectors[form] = encoders[form].encode_passages(texts)
        asked = encoders[form].encode_queries([query.text for query in corpus.queries])
        scores = asked @ vectors[form].T
        run = Run.from_scores(
            {query.id: _best(row, passages) for query, row in zip(corpus.queries, scores, strict=True)}
        )
        found[form] = round(evaluate(run, corpus.qrels, ("nDCG@10",)).means["nDCG@10"], 4)
        print(f"{name} {form}: nDCG@10 {found[form]}", file=sys.stderr)
    found["cosine_min_mean"] = _cosines(vectors["onnx-int8"], vectors["onnx"])
    return found


def _best(scores: Vectors, passages: Sequence[tuple[str, str]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for row in np.argsort(-scores, kind="stable")[:400].tolist():
        best.setdefault(passages[row][0], float(scores[row]))
    return best


def _table(result: dict[str, Any]) -> str:
    lines = ["| texts | tokens | back end | passages/s | times plain | by processor time | GFLOP/s a core |"]
    lines.append("| --- | --: | --- | --: | --: | --: | --: |")
    for name, race in result["passages"].items():
        for way, row in race["ways"].items():
            lines.append(
                f"| {name} | {race['tokens']} | {way} | {row['passages_per_second']} "
                f"| {row['times_plain']} | {row['times_plain_by_processor']} | {row['gflops_per_core']} |"
            )
    rest = {key: value for key, value in result.items() if key not in ("passages", "machine")}
    return "\n".join([*lines, "", json.dumps(rest, indent=1)])


def processor() -> str:
    """The name of this machine's processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=128, help="texts of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quality", action="store_true", help="also embed fnc1 and cranfield")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
