"""Fixtures that many tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of evaluation collections; skips where it is missing."""
    if not DATA.is_dir():
        pytest.skip(f"evaluation data not found at {DATA}")
    return DATA


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell a failure when it happens: so it is told, too, where a run is stopped before its end."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.nodeid}: {report.longreprtext[-2000:]}", file=sys.__stderr__, flush=True)
