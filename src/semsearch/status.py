"""How an index stands: whether it can answer, and its live generation in figures with what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semsearch.encoder.protocol import EncoderInfo
    from semsearch.index.embedded import EmbeddedIndex

DELTA_ADVISED = 0.1  # a delta of this share of all articles, or
DELTA_LEAST = 100  # changed articles; fewer are never worth a word
DELTA_MOST = 5_000  # of this many articles, is better folded in by a rebuild
OLD_WORDS = (
    "an earlier release read the words of this index: rebuild with 'semsearch index build' to find parts of "
    "German compounds, single Chinese characters, joined forms, and quotes as they are written"
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an engine can answer; ``reason`` says why not, or why an older generation answers."""

    ready: bool
    reason: str | None
    generation: str | None
    serving_last_good: bool
    encoder: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The live generation in figures; ``advice`` says what an operator should do, if anything."""

    name: str
    generation: str
    created_at: datetime
    encoder: EncoderInfo
    articles: int
    passages: int
    delta_articles: int
    deleted: int
    change: int
    bytes_on_disk: dict[str, int]
    advice: str | None
    published_from: datetime | None
    published_to: datetime | None
    hidden: int = 0  # of the articles: scheduled, expired or not published


def index_status(index: EmbeddedIndex, name: str) -> IndexStatus:
    """The live generation of an open index in figures."""
    from semsearch.index.files import tree_bytes

    with index.snapshot(hidden=True) as whole, index.snapshot() as shown:
        hidden = shown.counts().hidden
        counts, manifest, old_words = whole.counts(), whole.manifest, whole.has_old_words
    path = index.folder.generation_path(manifest.id)
    parts = {part.name: tree_bytes(part) for part in sorted(path.iterdir()) if not part.name.startswith(".")}
    return IndexStatus(
        name=name,
        generation=manifest.id,
        created_at=manifest.created_at,
        encoder=manifest.encoder,
        articles=counts.articles,
        passages=counts.passages,
        delta_articles=counts.delta_articles,
        deleted=counts.deleted,
        change=counts.change,
        bytes_on_disk=parts | {"embeddings.db": tree_bytes(index.folder.cache_file)},
        advice=index.fault
        or _advice(counts.articles, counts.delta_articles, counts.deleted)
        or (OLD_WORDS if old_words else None),
        published_from=counts.published_from,
        published_to=counts.published_to,
        hidden=hidden,
    )


def _advice(articles: int, delta: int, deleted: int) -> str | None:
    changed = delta + deleted
    if changed > DELTA_MOST or changed > max(DELTA_ADVISED * articles, DELTA_LEAST):
        return (
            f"{delta} articles live in the delta and {deleted} are deleted: "
            "rebuild with 'semsearch index build'"
        )
    return None
