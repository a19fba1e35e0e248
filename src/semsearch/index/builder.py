"""Builds one generation beside the live one: nobody sees it before it is complete and durable."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import numpy as np

from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import DimensionMismatch, IndexFault
from semsearch.index.columns import Columns, RowNumbers, timestamp
from semsearch.index.files import storage_errors, sync_tree
from semsearch.index.folder import IndexFolder
from semsearch.index.lexical import LexicalBuilder, LexicalDocument
from semsearch.index.manifest import Manifest, sum_files, write_manifest
from semsearch.index.protocol import PreparedArticle, Rows
from semsearch.index.store_writer import StoreBuilder
from semsearch.index.typing_help import TYPING, TypingBuilder
from semsearch.index.vectors import build_vectors
from semsearch.options import LexicalOptions, VectorOptions

STORE = "store.db"
LEXICAL = "lexical"
COLUMNS = "columns.npz"
_RAW = "raw.f32"  # vectors as they come; removed once the vector index is built


class GenerationBuilder:
    """One build: ``add`` articles, then ``finish`` or ``abandon``. The caller holds the build lock."""

    def __init__(
        self,
        folder: IndexFolder,
        encoder: EncoderInfo,
        *,
        change: int,
        lexical: LexicalOptions,
        vectors: VectorOptions,
        settings: Mapping[str, object],
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self._change = change
        self._vector_options = vectors
        self._settings = settings
        self._path = folder.begin()
        self._columns = Columns()
        self._typing = TypingBuilder()
        try:
            self._store = StoreBuilder(self._path / STORE, change)
            self._lexical = LexicalBuilder(self._path / LEXICAL, lexical)
            with storage_errors(self._path):
                self._raw: IO[bytes] = (self._path / _RAW).open("wb")
        except BaseException:
            shutil.rmtree(self._path, ignore_errors=True)
            raise

    @property
    def articles(self) -> int:
        """Articles added so far."""
        return self._store.rows

    @property
    def passages(self) -> int:
        """Passages added so far."""
        return self._store.passages

    def terms(self, text: str, language: str | None) -> list[str]:
        """The index terms of a text in a language (None: the index's own), repeats included."""
        return self._lexical.terms(text, language)

    def body_frequency(self, terms: Sequence[str]) -> list[int]:
        """In how many of the bodies added so far each index term stands."""
        return self._lexical.body_frequency(terms)

    def add(self, prepared: PreparedArticle) -> int:
        """Add one article; returns its row. Raises DimensionMismatch or StorageFailed."""
        expected = (len(prepared.passages), self._encoder.dimension)
        if prepared.vectors.shape != expected:
            raise DimensionMismatch(
                f"article '{prepared.article.id}' comes with vectors of shape {prepared.vectors.shape}, "
                f"the index needs {expected}"
            )
        first = self._store.passages
        row = self._store.add(prepared)
        numbers = RowNumbers(row, -1, first, len(prepared.passages))
        self._columns.append(prepared.article, numbers)
        self._lexical.add(row, lexical_document(prepared))
        self._typing.add(row, prepared)
        with storage_errors(self._path):
            self._raw.write(np.ascontiguousarray(prepared.vectors, "<f4").tobytes())
        return row

    def finish(
        self,
        *,
        groups: Rows | None = None,
        stories: Rows | None = None,
        boilerplate: Iterable[tuple[bytes, str]] = (),
        deleted: Mapping[str, int] | None = None,
        parent: str | None = None,
        made_of: Mapping[str, object] | None = None,
        on_vectors: Callable[[int, int], None] | None = None,
    ) -> str:
        """Write all parts, make them durable and give the generation its name; returns its id.

        ``made_of`` joins the settings in the manifest: what is known only when all articles were added.
        """
        rows = np.arange(self.articles, dtype=np.int64)
        groups = rows if groups is None else groups
        stories = np.full(len(rows), -1, np.int64) if stories is None else stories
        self._store.set_groups(zip(rows.tolist(), groups.tolist(), strict=True))
        self._store.set_stories(zip(rows.tolist(), stories.tolist(), strict=True))
        self._store.set_boilerplate(boilerplate)
        self._store.set_deleted(deleted or {})
        self._columns.set_groups(groups, stories)
        self._store.finish()
        self._lexical.finish()
        self._typing.save(self._path / TYPING)
        with storage_errors(self._path):
            self._raw.close()
            self._columns.save(self._path / COLUMNS)
            self._build_vectors(on_vectors)
            sync_tree(self._path)
            write_manifest(self._path, self._manifest(parent, made_of or {}))
            return self._folder.complete(self._path)

    def abandon(self) -> None:
        """Remove what was built; harmless after a failure at any point."""
        try:
            self._store.abandon()
            self._raw.close()
        except (OSError, IndexFault):
            pass  # the folder goes anyway
        shutil.rmtree(self._path, ignore_errors=True)

    def _build_vectors(self, on_vectors: Callable[[int, int], None] | None) -> None:
        raw = self._path / _RAW
        shape = (self.passages, self._encoder.dimension)
        vectors = np.memmap(raw, "<f4", "r", shape=shape) if shape[0] else np.zeros(shape, np.float32)
        build_vectors(
            self._path,
            vectors,
            passage_rows=self._columns.passage_row.view(),
            kind=self._vector_options.kind,
            on_progress=on_vectors,
        )
        del vectors
        raw.unlink()

    def _manifest(self, parent: str | None, made_of: Mapping[str, object]) -> Manifest:
        return Manifest(
            id=self._path.name.removesuffix(".building"),
            created_at=datetime.now(UTC),
            encoder=self._encoder,
            articles=self.articles,
            passages=self.passages,
            change=self._change,
            settings={**self._settings, **made_of},
            files=sum_files(self._path),
            parent=parent,
        )


def lexical_document(prepared: PreparedArticle) -> LexicalDocument:
    """What the lexical index keeps of an article."""
    article = prepared.article
    published = timestamp(article.published_at)
    return LexicalDocument(
        article_id=article.id,
        title=article.title,
        body=prepared.kept_text,
        authors=article.authors,
        section=article.section,
        tags=article.tags,
        language=article.language,
        source=article.source,
        published=None if np.isnan(published) else int(published),
    )


def parts_of(path: Path) -> tuple[Path, Path, Path]:
    """Where store, lexical index and columns of a generation lie."""
    return path / STORE, path / LEXICAL, path / COLUMNS
