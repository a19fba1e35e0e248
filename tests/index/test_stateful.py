"""Any sequence of changes, rebuilds, roll backs and reopenings answers as a plain dictionary does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from semsearch.articles import Filter
from semsearch.engine import Engine
from semsearch.errors import GenerationNotFound
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.crash.child import article
from tests.crash.harness import check_search, state_of
from tests.fakes import HashingEncoder

NUMBERS = st.integers(0, 8)


class IndexMachine(RuleBasedStateMachine):
    """``model`` maps article ids to versions; the index must say the same in every way it can be asked."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.model: dict[str, int] = {}
        self.version = 0
        self.engine = self._open()

    def _open(self) -> Engine:
        return Engine(Settings(indexes=Path(self._folder.name), index="news"), encoder=HashingEncoder())

    @initialize()
    def begin(self) -> None:
        self.engine.ensure()

    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=4, unique=True))
    def put(self, numbers: list[int]) -> None:
        self.version += 1
        results = self.engine.add_articles([article(number, self.version) for number in numbers])
        expected = ["updated" if f"a{number}" in self.model else "added" for number in numbers]
        assert expected == [one.outcome for one in results]
        self.model |= {f"a{number}": self.version for number in numbers}

    @rule(number=NUMBERS)
    def put_again(self, number: int) -> None:
        version = self.model.get(f"a{number}")
        if version is not None:
            results = self.engine.add_articles([article(number, version)])
            assert ["unchanged"] == [one.outcome for one in results]

    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=3, unique=True))
    def delete(self, numbers: list[int]) -> None:
        results = self.engine.delete([f"a{number}" for number in numbers])
        expected = ["deleted" if f"a{number}" in self.model else "missing" for number in numbers]
        assert expected == [one.outcome for one in results]
        for number in numbers:
            self.model.pop(f"a{number}", None)

    @rule()
    def rebuild(self) -> None:
        report = self.engine.build([])
        assert len(self.model) == report.articles

    @rule()
    def roll_back(self) -> None:
        try:
            self.engine.rollback()
        except GenerationNotFound:
            assert len(self.engine.generations()) == 1 or self.engine.generations()[0].live

    @rule()
    def prune(self) -> None:
        self.engine.prune(2)

    @rule()
    def reopen(self) -> None:
        self.engine.close()
        self.engine = self._open()

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert self.model == state_of(self.engine)
        check_search(self.engine)

    @invariant()
    def searches_as_an_exact_scan_does(self) -> None:
        articles = {one.id: one for one in self.engine.live_articles()}
        encoder = HashingEncoder()
        response = self.engine.searcher.search(SearchRequest(query="ferry storm", mode="semantic", limit=50))
        texts = {one: f"{held.title}\n{held.body}" for one, held in articles.items()}
        vector = encoder.encode_queries(["ferry storm"])[0]
        exact = {one: float(encoder.encode_passages([text])[0] @ vector) for one, text in texts.items()}
        floor = self.engine.settings.search.semantic_least
        found = [hit.article.id for hit in response.hits]
        assert {one for one, score in exact.items() if score > floor + 0.02} <= set(found)
        nearness = [exact[one] for one in found]
        assert np.all(np.diff(nearness) <= 0.02), nearness

    def teardown(self) -> None:
        self.engine.close()
        self._folder.cleanup()


TestIndex = IndexMachine.TestCase
TestIndex.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestIndex.pytestmark = [pytest.mark.slow]


def test_an_empty_index_answers_with_nothing(tmp_path):
    """No article, no hit, no error."""
    engine = Engine(Settings(indexes=tmp_path, index="news"), encoder=HashingEncoder())
    engine.ensure()
    for mode in ("hybrid", "semantic", "lexical"):
        response = engine.searcher.search(SearchRequest(query="ferry", mode=mode))
        assert ((), 0) == (response.hits, response.total)
    with engine.index.snapshot() as view:
        assert [] == view.matching(Filter()).tolist()
