"""Sees that no id comes twice in one build: the first is kept, in the order of reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import record_from_article


def unique(articles: Iterable[Article], report: Reporter, place: Callable[[], str]) -> Iterator[Article]:
    """The articles whose id was not seen before; ``place`` tells where the last one stands.

    A later article with a known id is rejected with the place of the first, and one that is the same in
    every field is left out with a note. Which of two versions is right cannot be known here, so none
    is preferred by its date. Memory: two numbers an article (about 200 bytes).
    """
    names: dict[str, int] = {}
    seen: dict[int, int] = {}
    for article in articles:
        here = place()
        raw = json.dumps(record_from_article(article), ensure_ascii=False, sort_keys=True, default=str)
        content = _hash(raw)
        key = _hash(article.id)
        first = seen.get(key)
        if first is None:
            seen[key] = content << 96 | _pack(here, names)
            yield article
        elif first >> 96 == content:
            report.warn(Note(here, "id", "the same article again; left out", repr(article.id)[:80]))
        else:
            error = ArticleInvalid(
                "another article with this id was read before",
                place=here, field="id", value=article.id,
                hint=f"it stands at {_unpack(first & (1 << 96) - 1, names)}; give one of them another id",
            )  # fmt: skip
            report.reject(Rejected(here, error, raw))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest())


def _pack(place: str, names: dict[str, int]) -> int:
    """A place as one number: which file, and the line plus one (0: no line)."""
    name, colon, line = place.rpartition(":")
    if not (colon and line.isascii() and line.isdigit() and len(line) < 15):
        name, line = place, "-1"
    return names.setdefault(name, len(names)) << 56 | (int(line) + 1)


def _unpack(packed: int, names: dict[str, int]) -> str:
    number, line = packed >> 56, packed & (1 << 56) - 1
    name = next(name for name, at in names.items() if at == number)
    return name if line == 0 else f"{name}:{line - 1}"
