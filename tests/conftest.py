"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of evaluation collections; skips where it is missing."""
    if not DATA.is_dir():
        pytest.skip(f"evaluation data not found at {DATA}")
    return DATA
