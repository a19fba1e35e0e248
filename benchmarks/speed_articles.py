"""What every compared system reads: ids, and title and body as one text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Found = list[tuple[str, float]]  # ids with scores, best first


def read(articles: Path) -> tuple[list[str], list[str]]:
    """Ids and texts of a file of JSON Lines."""
    found = [json.loads(line) for line in articles.read_text("utf-8").split("\n") if line]
    return [one["id"] for one in found], [plain_text(one) for one in found]


def plain_text(article: dict[str, Any]) -> str:
    """What systems get that take one text."""
    return f"{article.get('title') or ''}\n{article.get('body') or ''}".strip()
