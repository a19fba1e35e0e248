"""All measurements with their defaults: ``python -m benchmarks``."""

from __future__ import annotations

from benchmarks.quality import main

if __name__ == "__main__":
    raise SystemExit(main([]))
