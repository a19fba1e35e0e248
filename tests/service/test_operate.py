"""Health, readiness, version, metrics; load and slow calls."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from semsearch import __version__
from semsearch.errors import ArticleNotFound, IndexCorrupt, IndexNotFound
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service import state
from semsearch.service.app import create_app
from semsearch.service.pool import default_threads
from semsearch.service.schemas import ReadyAnswer
from semsearch.settings import Settings
from tests.service.conftest import Serve, wait_ready
from tests.service.fakes import FakeEngine, FakeReadiness, Gate, an_article


class TestHealth:
    def test_live_while_loading(self, serve: Serve) -> None:
        """The process answers at once; it is ready when the engine is warm, and says what it waits for."""
        gate = Gate()
        client = serve(FakeEngine(on_warm=gate), ready=False)
        gate.wait_for(1)

        assert 200 == client.get("/health/live").status_code
        ready = client.get("/health/ready")
        ReadyAnswer.model_validate(ready.json())
        assert (503, False) == (ready.status_code, ready.json()["ready"])
        assert "loading" in ready.json()["reason"]
        search = client.get("/v1/search?q=court")
        assert (503, "not_ready", "5") == (
            search.status_code,
            search.json()["code"],
            search.headers["Retry-After"],
        )
        related = client.get("/v1/articles/a-1/related")
        assert (200, "index_not_ready") == (related.status_code, related.json()["fallback"]["reason"])
        assert 503 == client.get("/").status_code

        gate.open()
        wait_ready(client)
        assert 200 == client.get("/v1/search?q=court").status_code

    @pytest.mark.parametrize(("workers", "status"), [(1, 503), (2, 200)])
    def test_one_of_several_listens_once_it_can_answer(self, serve: Serve, workers: int, status: int) -> None:
        """The others answer meanwhile; a service of one says from the first moment what it waits for."""
        several = Settings(service=ServiceOptions(workers=workers))
        client = serve(FakeEngine(on_warm=lambda: time.sleep(0.3)), ready=False, settings=several)
        assert status == client.get("/health/ready").status_code

    def test_one_of_several_that_cannot_open_or_loads_long_listens(self, serve: Serve, monkeypatch) -> None:
        """It says why."""
        monkeypatch.setattr(state, "RETRY_SECONDS", (30.0,))

        def missing() -> None:
            raise IndexNotFound("there is no index 'default'")

        several = Settings(service=ServiceOptions(workers=2))
        client = serve(FakeEngine(on_warm=missing), ready=False, settings=several)
        assert "there is no index" in client.get("/health/ready").json()["reason"]

        monkeypatch.setattr(state, "LOADING_SECONDS", 0.05)
        gate = Gate()
        client = serve(FakeEngine(on_warm=gate), ready=False, settings=several)
        assert "loading" in client.get("/health/ready").json()["reason"]
        gate.open()
        wait_ready(client)

    def test_broken_index_does_not_stop_the_start(self, serve: Serve, monkeypatch) -> None:
        """A broken index is told by readiness, kept from readers, tried again, and picked up when mended."""
        monkeypatch.setattr(state, "RETRY_SECONDS", (0.01,))
        faults = [
            IndexNotFound("there is no index 'default'"),
            IndexCorrupt("/srv/x is damaged"),
            ValueError("bug"),
        ]
        mended = threading.Event()

        def warm() -> None:
            if not mended.is_set():
                raise faults[min(len(seen), 2)]

        seen: set[str] = set()
        client = serve(FakeEngine(on_warm=warm), ready=False)
        deadline = time.monotonic() + 20
        while len(seen) < 3 and time.monotonic() < deadline:
            answer = client.get("/health/ready")
            assert 503 == answer.status_code
            reason = answer.json()["reason"]
            if "loading" not in reason:
                seen.add(reason)
            search = client.get("/v1/search")
            assert 503 == search.status_code
            assert "/srv/x" not in search.text
        assert {
            "there is no index 'default'",
            "/srv/x is damaged",
            "unexpected ValueError; see the log",
        } == seen
        mended.set()
        wait_ready(client)

    def test_last_good_generation(self, serve: Serve, engine: FakeEngine) -> None:
        """A service on its last good generation is ready, and says so."""
        engine.readiness = FakeReadiness(reason="generation 2 is damaged", serving_last_good=True)
        body = serve(engine).get("/health/ready").json()
        assert (True, True, "generation 2 is damaged") == (
            body["ready"],
            body["serving_last_good"],
            body["reason"],
        )

    def test_given_engine_is_not_closed(self, engine: FakeEngine) -> None:
        """An engine that was given is the caller's to close."""
        with TestClient(create_app(Settings(), engine=engine)) as client:  # type: ignore[arg-type]
            wait_ready(client)
        assert not engine.closed

    def test_not_started(self, engine: FakeEngine) -> None:
        """An app whose lifespan has not run opens nothing and answers 503."""
        client = TestClient(create_app(Settings(), engine=engine))  # type: ignore[arg-type]
        assert 503 == client.get("/v1/search").status_code


class TestVersion:
    def test_answer(self, client: TestClient) -> None:
        """The version is that of the package."""
        assert ("semsearch", __version__) == tuple(
            client.get("/version").json()[k] for k in ("name", "version")
        )


class TestMetrics:
    def test_counts(self, client: TestClient) -> None:
        """Requests are counted by route and status, not by address, and the index's sizes are shown."""
        for path in ("/v1/search?q=a", "/v1/search?q=b", "/v1/articles/a-1", "/v1/articles/x", "/no/such/1"):
            client.get(path)
        client.head("/v1/search?q=c")
        text = client.get("/metrics").text

        assert 'semsearch_requests_total{method="GET",route="/v1/search",status="200"} 2.0' in text
        assert 'semsearch_requests_total{method="HEAD",route="/v1/search",status="200"} 1.0' in text
        assert 'route="/v1/articles/{article_id:path}",status="404"} 1.0' in text
        assert 'route="other",status="404"} 1.0' in text
        assert 'semsearch_request_seconds_count{route="/v1/search"} 3.0' in text
        assert "semsearch_index_articles 12.0" in text
        assert "semsearch_index_change 1.0" in text
        assert 'semsearch_index_info{generation="20260131T120000-1"} 1.0' in text

    def test_without_index(self, serve: Serve) -> None:
        """Metrics are shown while the index is loading."""
        gate = Gate()
        client = serve(FakeEngine(on_warm=gate), ready=False)
        assert "semsearch_ready 0.0" in client.get("/metrics").text
        gate.open()

    def test_broken_index(self, client: TestClient, engine: FakeEngine, monkeypatch) -> None:
        """A fault in reading the index's sizes does not take the other figures away."""
        monkeypatch.setattr(FakeEngine, "index", property(lambda self: 1 / 0))
        response = client.get("/metrics")
        assert 200 == response.status_code
        assert "semsearch_ready 0.0" in response.text


class TestLoad:
    def test_slow_search_stalls_nothing_else(self, serve: Serve) -> None:
        """While searches hang in every thread, health, readiness and metrics answer."""
        gate = Gate()
        engine = FakeEngine([an_article(1)])
        client = serve(engine)
        engine.before = gate
        with ThreadPoolExecutor(default_threads()) as threads:
            slow = [threads.submit(client.get, "/v1/search") for _ in range(default_threads())]
            gate.wait_for(default_threads())
            for path in ("/health/live", "/health/ready", "/metrics", "/version"):
                assert 200 == client.get(path).status_code
            gate.open()
            assert {200} == {future.result().status_code for future in slow}

    @pytest.mark.parametrize("first", ["readers", "editors"])
    def test_readers_and_editors_do_not_wait_for_each_other(
        self, serve: Serve, tmp_path: Path, monkeypatch, first: str
    ) -> None:
        """While what the first ask hangs in every thread that they have, the others are answered."""
        gate = Gate()
        headers = {"X-API-Key": KeyFile(tmp_path).create("write")[1]}
        engine = FakeEngine([an_article(1)])
        client = serve(engine, settings=Settings(indexes=tmp_path))
        asks = {
            "readers": ("/v1/search", 200, default_threads()),
            "editors": ("/v1/editor/stories/a-1", 404, state.EDITOR_THREADS),
        }
        slow_path, slow_status, many = asks.pop(first)
        ((path, status, _),) = asks.values()
        before = {"readers": lambda: None, "editors": lambda: None, first: gate}

        def story(_engine: FakeEngine, article_id: str) -> None:
            before["editors"]()
            raise ArticleNotFound(article_id)

        monkeypatch.setattr(FakeEngine, "story", story, raising=False)
        engine.before = before["readers"]
        with ThreadPoolExecutor(many) as threads:
            slow = [threads.submit(client.get, slow_path, headers=headers) for _ in range(many)]
            gate.wait_for(many)
            assert status == client.get(path, headers=headers).status_code
            gate.open()
            assert {slow_status} == {one.result().status_code for one in slow}

    def test_full_line(self, serve: Serve) -> None:
        """When the line is full, searches get 503 with Retry-After and related lists come empty."""
        gate = Gate()
        engine = FakeEngine([an_article(1)])
        client = serve(engine, settings=Settings(service=ServiceOptions(max_waiting=0)))
        engine.before = gate
        with ThreadPoolExecutor(default_threads()) as threads:
            slow = [threads.submit(client.get, "/v1/search") for _ in range(default_threads())]
            gate.wait_for(default_threads())
            refused = client.get("/v1/search")
            related = client.get("/v1/articles/a-1/related")
            gate.open()
            assert {200} == {future.result().status_code for future in slow}

        assert (503, "overloaded", "1") == (
            refused.status_code,
            refused.json()["code"],
            refused.headers["Retry-After"],
        )
        assert (200, "failed") == (related.status_code, related.json()["fallback"]["reason"])
        assert 200 == client.get("/v1/search").status_code

    def test_line(self, serve: Serve) -> None:
        """Requests that may wait do, and are answered when a thread is free."""
        gate = Gate()
        engine = FakeEngine([an_article(1)])
        client = serve(engine, settings=Settings(service=ServiceOptions(max_waiting=5)))
        engine.before = gate
        many = default_threads() + 5
        with ThreadPoolExecutor(many) as threads:
            asked = [threads.submit(client.get, "/v1/search") for _ in range(many)]
            gate.wait_for(default_threads())
            while "semsearch_calls_waiting 5.0" not in client.get("/metrics").text:
                time.sleep(0.01)
            gate.open()
            assert {200} == {future.result().status_code for future in asked}
