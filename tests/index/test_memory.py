"""Memory over many generations."""

from __future__ import annotations

from pathlib import Path

import pytest

from semsearch.search.types import SearchRequest
from tests.index.making import engine_at, filled


def resident() -> int:
    """Megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 // 2**20


@pytest.mark.slow
def test_memory_does_not_grow_over_a_hundred_swaps(tmp_path):
    """A process that follows another one holds no more after a hundred generations than after ten."""
    operator = filled(tmp_path, 1, 2)
    two = operator.folder.generations()
    reader = engine_at(tmp_path)
    sizes = []
    for number in range(100):
        operator.activate(two[number % 2])
        reader.follow()
        assert two[number % 2] == reader.searcher.search(SearchRequest(query="ferry")).generation
        sizes.append(resident())
    assert max(sizes[90:]) <= max(sizes[:10]) + 4, sizes
    reader.close()
    operator.close()
