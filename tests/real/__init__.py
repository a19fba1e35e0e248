"""Real systems on loopback, started by the tests: ``make real``, or ``make real PARTS=wordpress``."""

from __future__ import annotations

import os

import pytest


def part(name: str) -> pytest.MarkDecorator:
    """Mark tests of a part: they run where SEMSEARCH_REAL names it, or "all"."""
    asked = os.environ.get("SEMSEARCH_REAL", "").replace(",", " ").split()
    return pytest.mark.skipif(not {name, "all"} & set(asked), reason=f"a real system: make real PARTS={name}")
