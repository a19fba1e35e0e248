"""semsearch: a self-hosted semantic search engine for news articles.

The names below are the public ones; each is loaded when it is first used, so the import itself is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semsearch.articles import Article, Filter, Hit, Passage
    from semsearch.engine import Engine
    from semsearch.errors import SemsearchError
    from semsearch.search.types import RelatedRequest, SearchRequest, SearchResponse
    from semsearch.settings import Settings, load_settings

__version__ = "0.1.0"

__all__ = [
    "Article",
    "Engine",
    "Filter",
    "Hit",
    "Passage",
    "RelatedRequest",
    "SearchRequest",
    "SearchResponse",
    "SemsearchError",
    "Settings",
    "load_settings",
]

_HOMES = {
    "Article": "semsearch.articles",
    "Engine": "semsearch.engine",
    "Filter": "semsearch.articles",
    "Hit": "semsearch.articles",
    "Passage": "semsearch.articles",
    "RelatedRequest": "semsearch.search.types",
    "SearchRequest": "semsearch.search.types",
    "SearchResponse": "semsearch.search.types",
    "SemsearchError": "semsearch.errors",
    "Settings": "semsearch.settings",
    "load_settings": "semsearch.settings",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'semsearch' has no attribute '{name}'; it has {', '.join(__all__)}")
    return getattr(importlib.import_module(_HOMES[name]), name)
