"""What editors' rules cost a search: none, a thousand that do not hold, and a thousand of which some do.

    python benchmarks/rules.py --indexes FOLDER --index allsides [--queries 100] [--rounds 4]

The same queries (titles of articles) are asked under each set of rules in turn, so that what else the
machine does strikes all alike; told are medians and their ratio to no rules. The sets are kept in files, as
a service has them. Figures go to benchmarks/results/rules-INDEX.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file or as a module

from semsearch.articles import Article, Mode
from semsearch.engine import Engine
from semsearch.index.rules_store import RuleStore
from semsearch.rules import Rule
from semsearch.search.searcher import Searcher
from semsearch.search.types import RelatedRequest, SearchRequest
from semsearch.settings import Settings

RESULTS = Path(__file__).resolve().parent / "results"
MODES: tuple[Mode, ...] = ("hybrid", "semantic", "lexical")
Request = SearchRequest | RelatedRequest


@dataclass(frozen=True)
class Arm:
    """One set of rules, in a file of its own, and the searcher under it."""

    name: str
    store: RuleStore
    searcher: Searcher

    def ask(self, request: Request) -> None:
        """One search or list."""
        if isinstance(request, SearchRequest):
            self.searcher.search(request)
        else:
            self.searcher.related(request)


def idle(articles: Sequence[Article], count: int) -> list[Rule]:
    """Rules for other queries and lists than are asked: half exact, a third by words, the rest lists."""
    made = []
    for number, article in enumerate(articles[:count]):
        name = f"idle-{number}"
        if number % 6 < 3:
            made.append(Rule(name, "pin", "query", (article.id,), query=f"{article.title[:200]} {number}"))
        elif number % 6 < 5:
            words = f"{' '.join(article.title.split()[:2])} w{number}"
            made.append(Rule(name, "hide", "query", (article.id,), query=words[:200], match="words"))
        else:
            made.append(Rule(name, "pin", "article", (article.id,), under=f"none-{number}"))
    return made


def sets(articles: Sequence[Article], asked: Sequence[Article]) -> dict[str, list[Rule]]:
    """No rules, and a thousand three times."""
    thousand = idle(articles, 1000)
    pins = tuple(one.id for one in articles[:3])
    holding = [Rule(f"q-{n}", "pin", "query", pins, query=one.title[:300]) for n, one in enumerate(asked)]
    holding += [Rule(f"u-{n}", "pin", "article", pins[:1], under=one.id) for n, one in enumerate(asked)]
    standing = [Rule(f"h-{n}", "hide", "everywhere", (one.id,)) for n, one in enumerate(articles[2000:2200])]
    for number in range(100):
        some = tuple(one.id for one in articles[3000 + number : 3010 + number])
        standing.append(Rule(f"b-{number}", "boost", "everywhere", some, factor=1.2))
    return {
        "no rules": [],
        "1,000 that do not hold": thousand,
        "1,000, a pin for each query": [*holding, *thousand[len(holding) :]],
        "1,000, of which 200 hide and 100 boost everywhere": [*standing, *thousand[len(standing) :]],
    }


def arm(engine: Engine, name: str, rules: Sequence[Rule], file: Path) -> Arm:
    """A set of rules in its file."""
    store = RuleStore(file)
    for rule in rules:
        store.put(rule, "benchmark")
    options = engine.settings.search
    return Arm(name, store, Searcher(engine.index, engine.encoder, options, rules=store.current))


def measured(arms: Sequence[Arm], requests: Sequence[Request], rounds: int) -> list[float]:
    """Median milliseconds a request under each set, asked in turn; the first round warms up."""
    times: list[list[float]] = [[] for _ in arms]
    for turn in range(rounds + 1):
        for request in requests:
            for place, one in enumerate(arms):
                begun = time.perf_counter()
                one.ask(request)
                if turn:
                    times[place].append((time.perf_counter() - begun) * 1000)
    return [median(one) for one in times]


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--indexes", type=Path, required=True)
    parser.add_argument("--index", default="allsides")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    engine = Engine(Settings(indexes=given.indexes, index=given.index))
    articles = [one for one in engine.live_articles() if len(one.title.split()) > 3]
    picked = np.random.default_rng(7).permutation(len(articles))[: given.queries]
    asked = [articles[place] for place in picked.tolist()]
    kinds: dict[str, list[Request]] = {
        mode: [SearchRequest(query=one.title[:300], mode=mode) for one in asked] for mode in MODES
    }
    kinds["related"] = [RelatedRequest(article_id=one.id) for one in asked]
    figures: dict[str, Any] = {"articles": len(articles), "queries": len(asked), "rounds": given.rounds}
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        arms = [
            arm(engine, name, rules, Path(folder) / f"{number}.db")
            for number, (name, rules) in enumerate(sets(articles, asked).items())
        ]
        for kind, requests in kinds.items():
            found = measured(arms, requests, given.rounds)
            figures[kind] = {
                one.name: {"ms": round(ms, 2), "ratio": round(ms / found[0], 3)}
                for one, ms in zip(arms, found, strict=True)
            }
            print(kind, json.dumps(figures[kind], indent=1), flush=True)
        for one in arms:
            one.store.close()
    engine.close()
    (RESULTS / f"rules-{given.index}.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
