"""Counts and times for Prometheus: requests by route and status, the index that serves, the queue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # set by serve() for several workers


@dataclass(frozen=True, slots=True)
class IndexFacts:
    """What the gauges show of the index."""

    ready: bool
    generation: str | None = None
    articles: int = 0
    passages: int = 0
    delta_articles: int = 0
    change: int = 0


class Metrics:
    """The counters of one app; with several workers their counts are added up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "semsearch_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "semsearch_request_seconds",
            "Seconds from request to answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, facts: IndexFacts, *, running: int, waiting: int) -> bytes:
        """Everything in the Prometheus text format."""
        counted = self._registry
        if os.environ.get(SHARED_FOLDER):
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        gauges = CollectorRegistry()
        gauges.register(_Gauges(facts, running, waiting))
        return generate_latest(counted) + generate_latest(gauges)


class _Gauges:
    """Values that are read when they are asked for, not counted."""

    def __init__(self, facts: IndexFacts, running: int, waiting: int) -> None:
        self._facts = facts
        self._values = {
            "semsearch_ready": ("1 where searches can be answered.", int(facts.ready)),
            "semsearch_index_articles": ("Articles that can be found.", facts.articles),
            "semsearch_index_passages": ("Passages that can be found.", facts.passages),
            "semsearch_index_delta_articles": (
                "Articles added since the last rebuild.",
                facts.delta_articles,
            ),
            "semsearch_index_change": ("Number of the last change that can be found.", facts.change),
            "semsearch_calls_running": ("Engine calls that run in this worker.", running),
            "semsearch_calls_waiting": ("Engine calls in line in this worker.", waiting),
        }

    def collect(self) -> Iterator[Any]:
        """All gauges."""
        for name, (words, value) in self._values.items():
            yield GaugeMetricFamily(name, words, value=value)
        yield InfoMetricFamily(
            "semsearch_index", "The index that serves.", value={"generation": self._facts.generation or ""}
        )
